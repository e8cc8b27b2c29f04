"""Files that people edit: whatever TOML can say stands in any place, and the rest of the file goes on being read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Connection
from desktop.presets.preset import Preset
from desktop.presets.presets import Presets
from desktop.settings import schema
from desktop.settings.settings_file import SettingsFile

VALUES = (
    *("true", "0", "-1", "9223372036854775807", "1e300", "nan", "inf", '""', '"x"', '"chat"', "1979-05-27", "07:32:00"),
    *("[]", "[1]", '["x"]', "[[[]]]", "[{}]", "[{a = 1}]", "{}", "{x = 1}", '{gpt-4.1 = "chat"}', "{x = []}"),
    *("{x = {}}", "{x = 1979-05-27}", "{x = [{}]}", '{"" = ""}'),
)


def odd(kind: type[msgspec.Struct], *besides: str) -> Iterator[tuple[str, str]]:
    """Each field of a kind with each value."""
    names = [*(field.encode_name for field in msgspec.structs.fields(kind)), *besides]
    assert len(names) > 3
    return ((name, value) for name in names for value in VALUES)


def test_one_connection_with_anything_in_it_leaves_the_others_their_place(tmp_path: Path) -> None:
    for number, (name, value) in enumerate(odd(Connection, "unknown")):
        file = tmp_path / str(number) / "settings.toml"
        file.parent.mkdir()
        fields = {"kind": '"openai-v1"', "url": '"http://127.0.0.1:1/v1"', name: value}
        table = "\n".join(f"{key} = {said}" for key, said in fields.items())
        sound = 'kind = "openai-v1"\nurl = "http://127.0.0.1:2/v1"'
        file.write_text(f"[connections.odd]\n{table}\n[connections.sound]\n{sound}\n")
        assert SettingsFile(file).load().settings.connection("sound").url, (name, value)


def test_an_option_with_anything_in_it_has_its_default(tmp_path: Path) -> None:
    for number, value in enumerate(VALUES):
        for place, option in enumerate(schema.OPTIONS):
            file = tmp_path / f"{number}-{place}" / "settings.toml"
            file.parent.mkdir()
            section, _, name = option.key.partition(".")
            file.write_text(f"[{section}]\n{name} = {value}\n")
            SettingsFile(file).load()


@pytest.mark.parametrize("whole", ["connections", "chat", "version"])
def test_a_table_may_be_anything(tmp_path: Path, whole: str) -> None:
    for number, value in enumerate(VALUES):
        file = tmp_path / str(number) / "settings.toml"
        file.parent.mkdir()
        file.write_text(f"{whole} = {value}\n")
        SettingsFile(file).load()


def test_presets_and_the_catalog_take_anything(tmp_path: Path) -> None:
    shipped = tmp_path / "shipped.toml"
    shipped.write_text('[[presets]]\nid = "a"\ntitle = "A"\nsystem = "Be."\n[[models]]\nid = "m"\n')
    for number, (name, value) in enumerate([*odd(Preset), *odd(Entry)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        fields = {"id": '"odd"', "title": '"Odd"', "system": '"Be."', name: value}
        text = "\n".join(f"{key} = {said}" for key, said in fields.items())
        for given in (f"[[presets]]\n{text}\n", f"presets = {value}\n"):
            (folder / "presets.toml").write_text(given)
            assert Presets.load(shipped, folder / "presets.toml", folder / "presets.toml").all
        for given in (f"[[models]]\n{text}\n", f"models = {value}\n"):
            (folder / "catalog.toml").write_text(given)
            assert Catalog.load(shipped, folder / "catalog.toml", folder / "catalog.toml").entries
