"""Names that are free, and connections in words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.settings.values import EMBEDDED, Settings, check_connection_name
from ui.connections import connection_text

LAB = Connection(name="lab", kind=Kind.OPENAI_V1, url="https://lab.example:8443/v1")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("contoso.services.ai.azure.com", "contoso"),
        ("www.example.com", "example"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("[::1]:8000", "--1"),
        ("lab.example", "lab-2"),
    ],
)
def test_a_name_comes_from_the_host_and_is_numbered_where_taken(host: str, name: str) -> None:
    assert connection_text.free_name(Settings(connections=(LAB,)), host) == name


@pytest.mark.parametrize("stem", ["my model", "a/b", "x" * 200, "\u202eevil", " "])
def test_a_name_made_of_a_file_can_always_be_one(stem: str) -> None:
    name = connection_text.name_of_file(Settings(), Path("/models") / f"{stem}.gguf")
    assert check_connection_name(name) == name


def test_names_of_models_are_taken_once_each() -> None:
    assert connection_text.typed_models(" a, b ,,a") == ("a", "b")
    assert connection_text.typed_models("  ") == ()


@pytest.mark.parametrize("url", ["[::1", "https://[::1", "https://u:p@h.example", "a b", ""])
def test_any_address_has_a_place_and_an_origin_to_show(url: str) -> None:
    broken = msgspec.structs.replace(LAB, url=url)
    assert connection_text.place(broken) == url
    assert connection_text.shown_origin(url) == url
    assert connection_text.about(broken, 0)


def test_how_a_connection_signs_in() -> None:
    assert connection_text.signs_in(LAB) == "key"
    assert "until Paragone quits" in connection_text.signs_in(LAB, this_run=True)
    assert connection_text.signs_in(Connection(name="a", kind=Kind.OPENAI_V1, key_env="THE_KEY")) == "key from THE_KEY"
    assert connection_text.signs_in(Connection(name="a", kind=Kind.OPENAI_V1, auth=Auth.NONE)) == "no sign-in"


def test_a_connection_in_a_line() -> None:
    assert connection_text.about(LAB, 1) == "OpenAI-compatible · lab.example:8443 · key · 1 model"
    assert connection_text.about(EMBEDDED, 0) == "Embedded model · part of Paragone"
    own = Connection(name="own", kind=Kind.EMBEDDED, auth=Auth.NONE, file="/models/own.gguf")
    assert connection_text.about(own, 1) == "GGUF file · own.gguf · 1 model"


def test_the_end_of_a_model_is_said_once_it_is_there() -> None:
    catalog = Catalog([Entry(id="old", retires_on=date(2026, 5, 1))])
    assert connection_text.end_of_life(catalog, date(2026, 4, 30), ("old",)) == ""
    assert connection_text.end_of_life(catalog, date(2026, 5, 1), (None, "old")) == "retired 1 May 2026"
    assert connection_text.end_of_life(catalog, date(2026, 5, 1), ("new",)) == ""
