"""A user's presets: kept at once, passed on, never lost."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from desktop.errors import SettingsError, TransferError, UsageError
from desktop.presets import presets as module
from desktop.presets.preset import Preset
from desktop.presets.preset_files import to_json, to_toml
from desktop.presets.presets import Presets
from desktop.text import toml_text

SHIPPED = Preset(id="general", title="General", system="Help.")
MINE = Preset(id="", title="Mine", system="Be mine.")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "presets.toml"


@pytest.fixture
def presets(file: Path) -> Presets:
    return Presets(lambda: [SHIPPED], file, clock=lambda: datetime(2026, 11, 24, 12, 0, 0))


def loaded(tmp_path: Path, file: Path) -> Presets:
    shipped = tmp_path / "shipped.toml"
    shipped.write_text(to_toml([SHIPPED]))
    return Presets.load(shipped, file)


def test_without_a_file_there_are_the_shipped_ones(tmp_path: Path, file: Path) -> None:
    made = loaded(tmp_path, file)
    assert made.all == (SHIPPED,)
    assert made.notices == ()
    assert not file.exists()


def test_what_is_added_changed_and_removed_is_so_in_the_next_run(presets: Presets, tmp_path: Path, file: Path) -> None:
    one, two = presets.add_all([MINE, MINE])
    assert [each.title for each in presets.own] == ["Mine", "Mine (2)"]
    renamed = msgspec.structs.replace(one, title="Renamed")
    presets.put(renamed)
    presets.remove(two)
    assert loaded(tmp_path, file).all == (SHIPPED, renamed)
    assert presets.is_own(renamed)
    assert not presets.is_own(SHIPPED)
    presets.put(two)
    assert presets.own == (renamed, two)


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_the_file_is_for_its_owner_alone(presets: Presets, file: Path) -> None:
    presets.add(MINE)
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_own_preset_stands_in_the_place_of_a_shipped_one(presets: Presets) -> None:
    other = msgspec.structs.replace(SHIPPED, system="Help me.")
    presets.put(other)
    assert presets.all == (other,)
    presets.remove(other)
    assert presets.all == (SHIPPED,)


def test_a_broken_file_is_set_aside_whole(tmp_path: Path, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("[[presets]\nmine")
    file.chmod(0o666)
    made = loaded(tmp_path, file)
    assert made.all == (SHIPPED,)
    aside = next(file.parent.glob("presets.toml.broken-*"))
    assert str(aside) in made.notices[0]
    assert aside.read_text() == "[[presets]\nmine"
    if os.name == "posix":  # Windows has other rights
        assert aside.stat().st_mode & 0o777 == 0o600
    made.add(MINE)
    assert aside.exists()


def test_a_file_beyond_all_measure_is_set_aside_unread(tmp_path: Path, file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    os.truncate(file, 1 << 40)
    assert "larger than" in loaded(tmp_path, file).notices[0]
    assert not file.exists()


def test_files_set_aside_do_not_overwrite_one_another(tmp_path: Path, file: Path) -> None:
    for text in ("a", "b"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        loaded(tmp_path, file).add(MINE)
    assert sorted(each.read_text() for each in file.parent.glob("*.broken-*")) == ["a", "b"]


def test_a_file_that_somebody_is_at_work_on_is_neither_set_aside_nor_written_over(presets: Presets, file: Path) -> None:
    mine = presets.add(MINE)
    file.write_text("[[presets]\nmine")
    for change in (lambda: presets.add(MINE), lambda: presets.put(mine), lambda: presets.remove(mine)):
        with pytest.raises(SettingsError, match="is invalid"):
            change()
    assert file.read_text() == "[[presets]\nmine"
    assert presets.own == (mine,)
    assert [*file.parent.glob("*.broken*")] == []


def test_one_that_cannot_be_used_is_named_and_stays(tmp_path: Path, file: Path) -> None:
    file.parent.mkdir()
    file.write_text('[[presets]]\ntitle = "Odd"\nsystem = 3\n\n[[presets]]\ntitle = "Fine"\nsystem = "s"\n')
    made = loaded(tmp_path, file)
    assert [each.title for each in made.own] == ["Fine"]
    assert "(“Odd”) could not be used" in made.notices[0]
    made.add(MINE)
    assert 'title = "Odd"\nsystem = 3' in file.read_text()


def test_a_file_that_cannot_be_read_is_said_and_nothing_is_written_over_it(tmp_path: Path, file: Path) -> None:
    file.mkdir(parents=True)
    made = loaded(tmp_path, file)
    assert "could not be read" in made.notices[0]
    with pytest.raises(SettingsError):
        made.add(MINE)
    assert file.is_dir()


def test_programs_at_the_same_time_lose_nothing(file: Path) -> None:
    programs = [Presets(tuple, file) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(each.add, MINE) for each in programs]:
            done.result()
    programs[0].add(MINE)
    assert [each.title for each in programs[0].own] == ["Mine", "Mine (2)", "Mine (3)", "Mine (4)", "Mine (5)"]


def test_a_held_file_is_said(presets: Presets, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    monkeypatch.setattr(module, "_LOCK_TIMEOUT_S", 0.01)
    file.parent.mkdir()
    with FileLock(file.with_suffix(".lock")), pytest.raises(SettingsError, match="Another program is using"):
        presets.add(MINE)
    assert presets.own == ()


def test_nothing_is_kept_where_one_of_several_does_not_fit(presets: Presets, file: Path) -> None:
    with pytest.raises(UsageError):
        presets.add_all([MINE, Preset(id="", title="", system="x")])
    assert presets.own == ()
    assert not file.exists()


def test_there_are_so_many_presets_at_most(presets: Presets, tmp_path: Path) -> None:
    """All are read at each start; equal titles are numbered without a look at all of them for each."""
    many = [msgspec.structs.replace(MINE, id=f"p{n}") for n in range(module.MOST_PRESETS)]
    file = tmp_path / "many.json"
    file.write_text(to_json(many[1:]), "utf-8")
    added, _notices = presets.import_file(file)
    assert [each.title for each in added[:3]] == ["Mine", "Mine (2)", "Mine (3)"]
    assert len({each.title for each in presets.add_all([MINE]) + added}) == module.MOST_PRESETS
    with pytest.raises(UsageError, match="at most 1,000 presets"):
        presets.add(MINE)
    assert len(presets.own) == module.MOST_PRESETS


@pytest.mark.parametrize("name", ["out.toml", "out.json"])
def test_what_is_exported_can_be_imported_elsewhere(presets: Presets, tmp_path: Path, name: str) -> None:
    mine = presets.add(MINE)
    presets.export_file(tmp_path / name, [mine, SHIPPED])
    other = Presets(lambda: [SHIPPED])
    added, notices = other.import_file(tmp_path / name)
    assert [(each.title, each.system) for each in added] == [("Mine", "Be mine."), ("General (2)", "Help.")]
    assert {each.id for each in added}.isdisjoint({mine.id, SHIPPED.id})
    assert notices == ()
    assert other.own == added


def test_files_of_something_else_are_refused_in_words(presets: Presets, tmp_path: Path) -> None:
    file = tmp_path / "in"
    with pytest.raises(TransferError, match="could not be read"):
        presets.import_file(file)
    for data in (b"\xff\xfe", b"hello", b"", b'{"presets": []}', b'[{"title": "x"}]', b"[" * 100_000):
        file.write_bytes(data)
        with pytest.raises(TransferError, match="contains no (usable )?presets"):
            presets.import_file(file)
    file.write_bytes(b" " * (module.MOST_BYTES + 1))
    with pytest.raises(TransferError, match="too large"):
        presets.import_file(file)
    with pytest.raises(TransferError, match="could not be written"):
        presets.export_file(tmp_path / "nowhere" / "x.toml", [SHIPPED])


def test_a_prompt_tells_its_preset_and_an_empty_one_none(presets: Presets) -> None:
    found = presets.applied("Help.")
    assert found is not None
    assert found.preset == SHIPPED
    assert presets.applied(" ") is None


def test_presets_of_the_organisation_stand_beside_those_that_ship(tmp_path: Path, file: Path) -> None:
    shipped, given = tmp_path / "shipped.toml", tmp_path / "given.toml"
    shipped.write_text(to_toml([SHIPPED]))
    given.write_text(to_toml([Preset(id="house", title="House style", system="Be brief.")]))
    made = Presets.load(shipped, file, given)
    assert [preset.title for preset in made.all] == ["General", "House style"]
    assert not made.is_own(made.all[1])
    assert made.notices == ()


@pytest.mark.parametrize("text", [None, "[[", "\xff", "presets = 1", "a = " + "[" * 5_000])
def test_a_file_of_the_organisation_that_cannot_be_used_is_named(tmp_path: Path, file: Path, text: str | None) -> None:
    shipped, given = tmp_path / "shipped.toml", tmp_path / "given.toml"
    shipped.write_text(to_toml([SHIPPED]))
    if text is not None:
        given.write_text(text, "latin-1")
    Presets(tuple, file).add(MINE)  # that there are own ones hides no slip
    made = Presets.load(shipped, file, given)
    assert [preset.title for preset in made.all] == ["General", "Mine"]
    assert str(given) in made.notices[0]


def test_what_would_not_be_read_again_is_not_saved(
    presets: Presets, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    presets.add(MINE)
    before = file.read_bytes()
    monkeypatch.setattr(toml_text, "MOST_CHARACTERS", len(before) + 100)
    with pytest.raises(SettingsError, match="larger than"):
        presets.add(msgspec.structs.replace(MINE, system="x" * 200))
    assert file.read_bytes() == before
