"""What another user put into a folder of ours is moved aside when others' rights are taken from it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.system.paths import Paths
from desktop.system.planted_files import ASIDE, clear_place, own_folder
from desktop.system.private_files import private_lock, take_rights

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")

SOMEBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of ours that everybody can write to, with a file and a folder of ours in it."""
    made = tmp_path / "data"
    (made / "runs").mkdir(parents=True)
    (made / "ours.json").touch()
    for each in (made, made / "runs"):
        each.chmod(0o777)
    return made


def give_away(path: Path) -> None:
    """Have a file or folder belong to somebody else."""
    if os.getuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(path, SOMEBODY, SOMEBODY, follow_symlinks=False)


def names(folder: Path) -> set[str]:
    """What lies there, what was moved aside without its date."""
    return {each.name.partition(ASIDE)[0] + "!" * (ASIDE in each.name) for each in folder.iterdir()}


def test_pipes_and_links_to_nothing_go_aside_and_what_is_ours_stays(folder: Path) -> None:
    os.mkfifo(folder / "drafts.json")
    os.mkfifo(folder / "runs" / "aaaa.lock")
    (folder / "presets.toml").symlink_to(folder / "nothing")
    (folder / "settings.toml").symlink_to(folder / "ours.json")
    assert len(own_folder(folder)) == 3
    assert names(folder) == {"drafts.json!", "presets.toml!", "settings.toml", "ours.json", "runs"}
    assert names(folder / "runs") == {"aaaa.lock!"}
    assert not {each.stat().st_mode & 0o77 for each in (folder, folder / "runs")} - {0}
    assert own_folder(folder) == ()


def test_another_users_files_go_aside_and_so_do_folders_that_hold_nothing_of_ours(folder: Path) -> None:
    (folder / "window.lock").touch()
    (folder / "exchange").mkdir(mode=0o700)
    (folder / "backups").mkdir()
    (folder / "backups" / "conversations-20260101.db").touch()
    (folder / "drafts.json").symlink_to(folder / "ours.json")
    for name in ("window.lock", "exchange", "backups", "drafts.json"):
        give_away(folder / name)
    own_folder(folder)
    assert names(folder) == {"window.lock!", "exchange!", "backups", "drafts.json!", "ours.json", "runs"}


def test_what_is_called_otherwise_is_nothing_to_the_program(folder: Path) -> None:
    """Somebody names a folder of theirs as its place, with pipes, links and others' files of their own in it."""
    (folder / "work").mkdir()
    (folder / "work").chmod(0o755)
    os.mkfifo(folder / "work" / "pipe")
    os.mkfifo(folder / "pipe")
    (folder / "to-a-disk").symlink_to(folder / "nothing")
    (folder / "theirs.txt").touch()
    give_away(folder / "theirs.txt")
    assert own_folder(folder) == ()
    assert {"work", "pipe", "to-a-disk", "theirs.txt"} <= names(folder)
    assert stat.S_IMODE((folder / "work").stat().st_mode) == 0o755
    assert names(folder / "work") == {"pipe"}


def test_a_folder_that_others_read_and_that_holds_other_things_stays_as_it_is(tmp_path: Path) -> None:
    """A project's own `data`, which a data folder was named beside."""
    project = tmp_path / "data"
    project.mkdir()
    (project / "table.csv").touch()
    (project / "conversations.db").touch()
    project.chmod(0o755)
    assert own_folder(project) == ()
    assert stat.S_IMODE(project.stat().st_mode) == 0o755
    (project / "table.csv").unlink()
    own_folder(project)
    assert stat.S_IMODE(project.stat().st_mode) == 0o700


def test_what_others_could_write_to_is_closed_whatever_they_put_there(folder: Path) -> None:
    (folder / "anything").touch()
    give_away(folder / "anything")
    own_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_in_which_everybody_has_their_own_stays_as_it_is(folder: Path) -> None:
    folder.chmod(0o1777)
    os.mkfifo(folder / "drafts.json")
    assert own_folder(folder) == ()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o1777
    assert "drafts.json" in names(folder)


def test_a_closed_folder_that_others_could_not_enter_is_not_looked_through(folder: Path) -> None:
    folder.chmod(0o700)
    os.mkfifo(folder / "pipe")
    assert own_folder(folder) == ()
    assert "pipe" in names(folder)


def test_another_users_link_in_the_place_of_a_folder_goes_aside(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "logs").symlink_to(tmp_path / "elsewhere")
    give_away(tmp_path / "logs")
    [aside] = own_folder(tmp_path / "logs")
    assert aside.is_symlink()
    assert not (tmp_path / "logs").is_symlink()


def test_it_is_said_once_and_the_pointer_to_the_data_stays(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path, {})
    assert paths.make() == ()
    (tmp_path / "disk").mkdir()
    paths.data_pointer.write_text(str(tmp_path / "disk"))
    give_away(paths.data_pointer)
    os.mkfifo(paths.logs / "paragone.log")
    paths.logs.chmod(0o777)
    paths.config.chmod(0o777)
    own_folder(paths.config, keep=(paths.data_pointer.name,))
    os.chown(paths.data_pointer, 0, 0)
    [said] = paths.make()
    assert str(paths.logs / "paragone.log") in said
    assert paths.make() == ()
    assert paths.data_pointer.exists()


def test_what_is_no_file_goes_out_of_the_place_of_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    assert clear_place(tmp_path / "file") is None
    assert clear_place(tmp_path / "nothing") is None
    assert clear_place(tmp_path / "pipe") is not None
    assert names(tmp_path) >= {"file", "pipe!"}


def test_a_start_that_is_ended_while_it_clears_leaves_that_to_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("audit.log", "settings.toml", "presets.toml"):
        (folder / name).touch()
        give_away(folder / name)
    with monkeypatch.context() as ending:
        rename, moves = Path.rename, list[Path]()

        def ended(self: Path, to: Path) -> Path:
            if moves:
                raise KeyboardInterrupt
            moves.append(self)
            return rename(self, to)

        ending.setattr(Path, "rename", ended)
        with pytest.raises(KeyboardInterrupt):
            own_folder(folder)
    assert "audit.log" in names(folder)
    own_folder(folder)
    assert names(folder) >= {"audit.log!", "settings.toml!", "presets.toml!", "ours.json"}
    assert {"audit.log", "settings.toml", "presets.toml", ".clearing"}.isdisjoint(names(folder))


def test_long_names_go_aside_and_what_is_held_in_its_place_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(folder / f"window.{'é' * 124}")
    assert own_folder(folder)[0].name.startswith("window.é")
    paths = Paths.find(folder.parent, {})
    folder.chmod(0o777)
    os.mkfifo(folder / "window.lock")

    def held(self: Path, to: Path) -> Path:
        raise PermissionError(1, "held", str(self), None, str(to))

    with monkeypatch.context() as holding:
        holding.setattr(Path, "rename", held)
        [said] = paths.make()
        assert f"could not be moved aside: {folder / 'window.lock'}." in said
    [said] = paths.make()
    assert "were moved aside" in said
    assert paths.make() == ()


def test_a_name_of_what_was_moved_aside_protects_nothing_that_another_user_put_there(folder: Path) -> None:
    (folder / "backups").mkdir()
    planted = [
        folder / "backups" / f"conversations-20271127{ASIDE}1.db",
        folder / "backups" / f"conversations.db{ASIDE}20271127-101010",
        folder / f"settings.toml{ASIDE}x",
    ]
    moved = folder / f"presets.toml{ASIDE}20271127-101010"
    for each in (*planted, moved):
        each.touch()
        give_away(each)
    assert len(own_folder(folder)) == len(planted)
    assert not any(each.exists() for each in planted)
    assert moved.exists()


def test_places_of_ours_that_others_could_write_to_are_looked_through_below_a_folder_that_they_could_not(
    folder: Path,
) -> None:
    folder.chmod(0o755)
    (folder / "ours.json").unlink()
    (folder / "runs" / "aaaa.lock").touch()
    give_away(folder / "runs" / "aaaa.lock")
    [aside] = own_folder(folder)
    assert aside.parent == folder / "runs"
    assert stat.S_IMODE((folder / "runs").stat().st_mode) == 0o700
    assert own_folder(folder) == ()


def test_what_lies_in_the_places_of_attached_files_goes_aside(folder: Path) -> None:
    elsewhere = folder.parent / "theirs"
    elsewhere.touch()
    give_away(elsewhere)
    (folder / "attachments.files").symlink_to(elsewhere)
    os.mkfifo(folder / "attachments.files-journal")
    (folder / ".moving").mkdir()
    give_away(folder / ".moving")
    own_folder(folder)
    assert names(folder) == {"attachments.files!", "attachments.files-journal!", ".moving!", "ours.json", "runs"}


def test_a_copied_data_folder_with_other_things_in_it_keeps_its_conversations_closed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "backups").mkdir(parents=True)
    (data / "replaced-20260101-000000").mkdir()
    held = ("conversations.db", "attachments.files", "backups/a.db", "replaced-20260101-000000/b.db", "drafts.json")
    for name in (*held, "notes.txt"):
        (data / name).touch()
        (data / name).chmod(0o644)
    for each in (data, data / "backups"):
        each.chmod(0o755)
    own_folder(data)
    assert {each.name for each in (data, *data.rglob("*")) if each.stat().st_mode & 0o77} == {"data", "notes.txt"}


@pytest.mark.parametrize(
    "held",
    [
        *("backups/conversations-20260101.db", "backups/attachments.files"),
        *("broken-20260101-000000/conversations.db", "replaced-20260101-000000/conversations.db"),
    ],
)
def test_what_was_brought_without_the_conversations_is_closed_at_once(tmp_path: Path, held: str) -> None:
    data = tmp_path / "data"
    (data / held).parent.mkdir(parents=True)
    for name in (held, "notes.txt"):
        (data / name).touch()
        (data / name).chmod(0o644)
    for each in (data, (data / held).parent):
        each.chmod(0o755)
    own_folder(data)
    assert {each.name for each in (data, *data.rglob("*")) if each.stat().st_mode & 0o77} == {"data", "notes.txt"}


def test_settings_that_are_kept_with_other_things_are_closed_and_a_projects_folders_are_not(tmp_path: Path) -> None:
    """A folder of settings that came out of version control, and has its own folder in it."""
    config = tmp_path / "config"
    (config / ".git").mkdir(parents=True)
    (config / "models").mkdir()
    for name in ("settings.toml", "settings.toml.broken-20260101-000000", "presets.toml", "audit.jsonl", "README"):
        (config / name).touch()
        (config / name).chmod(0o644)
    for each in (config, config / "models"):
        each.chmod(0o755)
    own_folder(config)
    opened = {each.name for each in (config, *config.glob("[!.]*")) if each.stat().st_mode & 0o77}
    assert opened == {"config", "models", "README"}


def test_what_was_planted_below_a_copied_data_folder_goes_aside_though_other_things_lie_beside_it(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for name in ("backups", "runs"):
        (data / name).mkdir(parents=True)
        (data / name).chmod(0o777)
    data.chmod(0o755)
    for name in (".DS_Store", "conversations.db", "runs/ours.lock", "runs/theirs.lock", "backups/theirs.db"):
        (data / name).touch()
    os.mkfifo(data / "backups" / "attachments.files")
    give_away(data / "runs" / "theirs.lock")
    give_away(data / "backups" / "theirs.db")
    assert len(own_folder(data)) == 3
    assert names(data / "runs") == {"ours.lock", "theirs.lock!"}
    assert names(data / "backups") == {"attachments.files!", "theirs.db!"}
    assert own_folder(data) == ()
    assert names(data) == {".DS_Store", "conversations.db", "backups", "runs"}


def test_a_device_that_a_file_of_ours_is_linked_to_stays_open_to_others(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    try:
        device = Path(os.ttyname(theirs))
        before = device.stat().st_mode
        device.chmod(0o666)
        linked = tmp_path / "settings.lock"
        linked.symlink_to(device)
        assert not take_rights(linked)
        private_lock(linked)
        assert stat.S_IMODE(device.stat().st_mode) == 0o666
        device.chmod(stat.S_IMODE(before))
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_a_lock_is_linked_to_and_is_no_file_keeps_its_rights(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    theirs, linked = tmp_path / "theirs", tmp_path / "opening.lock"
    make(theirs)
    theirs.chmod(0o755)
    linked.symlink_to(theirs)
    private_lock(linked)
    assert stat.S_IMODE(theirs.stat().st_mode) == 0o755
