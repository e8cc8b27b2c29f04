"""`models` in one process: what is served with what is known of it, and a connection that fails."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry, LifeCycle
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.providers.provider import ModelInfo
from desktop.settings.values import Settings
from desktop.system.paths import resources
from desktop.terminal.models_command import state_of
from tests.desktop.session.fakes import LOOPBACK
from tests.desktop.terminal.conftest import Desk

TODAY = date(2026, 11, 24)


async def test_each_model_is_listed_with_what_the_catalog_knows(desk: Desk) -> None:
    desk.services.catalog = Catalog.load(resources() / "catalog.toml")
    desk.provider.infos = (ModelInfo(name="mine", base="gpt-4o"), ModelInfo(name="unheard-of", context_window=1234))
    assert await desk.run("models", "--json") == 0
    rows = {row["ref"]: row for row in json.loads(desk.out)}
    assert rows["lab/mine"]["base"] == "gpt-4o"
    assert rows["lab/mine"]["price_in"] > 0
    assert (rows["lab/unheard-of"]["context_window"], rows["lab/unheard-of"]["price_in"]) == (1234, None)
    desk.look()
    assert await desk.run("models") == 0
    line = next(line for line in desk.out.splitlines() if line.startswith("lab/unheard-of"))
    assert line.split("\t")[1:] == ["", "1,234", "", "", "chat", "", ""]


async def test_a_connection_that_fails_is_named_and_the_others_are_listed(desk: Desk) -> None:
    keyless = Connection(name="keyless", kind=Kind.OPENAI_V1, url="http://127.0.0.1:1/v1", auth=Auth.KEY)
    desk.services.use(Settings(connections=(LOOPBACK, keyless)))
    desk.provider.infos = (ModelInfo(name="one"),)
    assert await desk.run("models") == 1
    assert "lab/one" in desk.out
    assert "keyless: The connection “keyless” has no key" in desk.err


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (Entry(id="a"), ""),
        (Entry(id="a", state=LifeCycle.LEGACY), "legacy"),
        (Entry(id="a", retires_on=date(2028, 1, 1)), "retires, until 2028-01-01"),
        (
            Entry(id="a", state=LifeCycle.DEPRECATED, retires_on=date(2028, 1, 1), successor="b"),
            "deprecated, until 2028-01-01; successor b",
        ),
        (Entry(id="a", retired_on=date(2026, 1, 1), successor="b"), "retired on Foundry 2026-01-01; successor b"),
        (Entry(id="a").retiring(TODAY + timedelta(days=9)), f"retires in 9 days, on {TODAY + timedelta(days=9)}"),
        (Entry(id="a").retiring(TODAY), f"retired {TODAY}"),
        (Entry(id="a", retires_on=TODAY), f"retired on Foundry {TODAY}"),
    ],
)
def test_a_models_life_is_told_with_what_comes_after_it(entry: Entry, state: str) -> None:
    assert state_of(entry, TODAY) == state
