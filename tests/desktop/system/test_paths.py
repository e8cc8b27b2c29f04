"""Folders and files of an installation, and their modes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from desktop.errors import StoreReadOnly, UsageError
from desktop.system.paths import Paths, at_home, is_file, make_private_folder, resources
from desktop.system.private_files import others_above, private_folder, write_private


def test_a_data_dir_covers_everything(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path / "here", {"PARAGONE_HOME": str(tmp_path / "there")})
    for folder in (paths.config, paths.data, paths.cache, paths.logs, paths.settings_file, paths.catalog_file):
        assert folder.is_relative_to(tmp_path / "here")


def test_the_variable_stands_in_for_a_data_dir(tmp_path: Path) -> None:
    paths = Paths.find(None, {"PARAGONE_HOME": str(tmp_path)})
    assert paths.portable
    assert paths.data.is_relative_to(tmp_path)


def test_without_either_the_platform_decides() -> None:
    paths = Paths.find(None, {})
    assert not paths.portable
    assert "paragone" in str(paths.data).lower()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_folders_are_the_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        paths = Paths.find(tmp_path / "open", {})
        paths.make()
    finally:
        os.umask(before)
    for folder in (tmp_path / "open", paths.config, paths.data, paths.cache, paths.logs):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreReadOnly, match="file"):
        make_private_folder(tmp_path / "file" / "below")


def test_data_are_found_where_they_were_moved_to_and_not_made_anew_there(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path / "home", {})
    paths.make()
    paths.data_pointer.write_text(f"{tmp_path / 'disk'}\n")
    moved = Paths.find(tmp_path / "home", {})
    assert (moved.data, moved.config, moved.moved) == (tmp_path / "disk", paths.config, True)
    with pytest.raises(StoreReadOnly, match="does not exist"):
        moved.make()
    assert not moved.data.exists()
    moved.data.mkdir()
    moved.make()
    (moved.data / "conversations.db").touch()
    moved.make()
    (moved.data / "conversations.db").unlink()  # its disk is mounted no more
    with pytest.raises(StoreReadOnly, match="are missing"):
        moved.make()
    paths.data_pointer.unlink()
    Paths.find(tmp_path / "home", {}).make()
    paths.data_pointer.write_text(f"{moved.data}\n")
    moved.make()


def pointed(tmp_path: Path, said: bytes) -> Paths:
    """Paths whose data pointer has these contents."""
    paths = Paths.find(tmp_path / "home", {})
    paths.make()
    paths.data_pointer.write_bytes(said)
    return Paths.find(tmp_path / "home", {})


@pytest.mark.parametrize(
    "said",
    [b"\xff", b"", b" \n\n", "/disk".encode("utf-16"), b"a pipe", b"a folder", b"a link"],
    ids=["bytes", "empty", "blank", "utf-16", "pipe", "folder", "link"],
)
def test_a_pointer_that_says_no_place_has_nothing_begun_anew(tmp_path: Path, said: bytes) -> None:
    paths = pointed(tmp_path, said)
    if said.startswith(b"a "):
        paths.data_pointer.unlink()
    if said == b"a pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("no pipes in folders here")
        os.mkfifo(paths.data_pointer)
    elif said == b"a folder":
        paths.data_pointer.mkdir()
    elif said == b"a link":
        paths.data_pointer.symlink_to(tmp_path / "nothing")
    with pytest.raises(
        StoreReadOnly, match="may specify where your conversations are stored, could not be read"
    ) as caught:
        Paths.find(tmp_path / "home", {}).make()
    assert str(paths.data_pointer) in str(caught.value)
    assert "remove the file" in str(caught.value.hint)


@pytest.mark.parametrize("form", ["{}", "{}\n", "{}\r\n", " {} \n\n", "\ufeff{}\r\n"])
def test_line_ends_and_blanks_round_a_place_are_none_of_it(tmp_path: Path, form: str) -> None:
    (tmp_path / "disk").mkdir()
    paths = pointed(tmp_path, form.format(tmp_path / "disk").encode())
    assert (paths.data, paths.moved) == (tmp_path / "disk", True)


@pytest.mark.skipif(os.name == "nt", reason="no name ends with a blank there")
def test_a_folder_whose_name_ends_with_blanks_is_found(tmp_path: Path) -> None:
    (tmp_path / "disk ").mkdir()
    assert pointed(tmp_path, f"{tmp_path / 'disk '}\n".encode()).data == tmp_path / "disk "


@pytest.mark.parametrize("place", ["/a\0b", f"/{'x' * 300}", "x" * 5000], ids=["NUL", "name", "path"])
def test_a_place_that_can_be_no_folders_is_named_with_the_file_that_says_it(tmp_path: Path, place: str) -> None:
    paths = Paths.find(tmp_path, {})
    paths.make()
    paths.data_pointer.write_text(place)
    with pytest.raises(
        StoreReadOnly, match="folder .* (could not be used|does not exist)|path .* is not absolute"
    ) as caught:
        Paths.find(tmp_path, {}).make()
    assert str(paths.data_pointer) in str(caught.value.hint)


@pytest.mark.parametrize(("given", "variable"), [("~nobody-here/x", ""), (None, "~nobody-here/x")])
def test_the_home_of_nobody_is_a_wrong_word(given: str | None, variable: str) -> None:
    with pytest.raises(UsageError, match="~nobody-here/x refers to the home folder of an unknown user"):
        Paths.find(Path(given) if given else None, {"PARAGONE_HOME": variable})
    assert at_home(Path("~nobody-here/x")) == Path("~nobody-here/x")


def test_a_name_that_no_file_can_have_is_none_of_a_file() -> None:
    assert not is_file(Path(f"{'x' * 300}.json"))


def test_the_catalog_ships_with_the_program() -> None:
    assert (resources() / "catalog.toml").is_file()


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_folders_that_another_user_has_in_hand_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "mine"
    root.mkdir(mode=0o700)
    paths = Paths.find(root, {})
    paths.make()
    assert paths.not_ours() == ()
    root.chmod(0o777)
    (notice,) = paths.not_ours()
    assert f"{root}," in notice
    root.chmod(0o1777)
    assert paths.not_ours() == ()
    (root / "config").chmod(0o702)
    (notice,) = paths.not_ours()
    assert f"{root / 'config'}," in notice
    (root / "config").chmod(0o700)
    here = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: here + 7)
    if here:  # a folder of root's is as safe as the system
        assert len(paths.not_ours()) == 4
    else:
        os.chown(root / "logs", 12345, -1)
        (notice,) = paths.not_ours()
        assert f"{root / 'logs'}," in notice


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o755, 0o702, 0o777])
def test_an_existing_folder_is_closed_and_refused_if_others_could_have_put_files_there(
    tmp_path: Path, mode: int
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(mode)
    make_private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "conversations.db").touch()
    folder.chmod(mode)
    if mode & 0o002:
        with pytest.raises(StoreReadOnly, match="Other users can write to the folder") as refused:
            make_private_folder(folder)
        assert f"chmod 700 {folder}" in str(refused.value.hint)
        assert folder.stat().st_mode & 0o777 == mode
        folder.chmod(mode | 0o1000)  # everybody has only their own there, as in /tmp
        make_private_folder(folder)
    else:
        make_private_folder(folder)
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_disk_without_modes_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A FAT stick shows all files as open to everybody and rejects chmod."""

    def reject(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    def stat_of_folder(_: int) -> os.stat_result:
        return tmp_path.stat()

    (tmp_path / "settings.toml").touch()
    tmp_path.chmod(0o777)
    monkeypatch.setattr(os, "fstat", stat_of_folder)
    monkeypatch.setattr(Path, "chmod", reject)
    make_private_folder(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("umask", [0, 0o777])
def test_a_folder_is_private_from_its_first_moment_and_ours_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    begun: list[int] = []
    chmod = Path.chmod

    def seen(path: Path, mode: int) -> None:
        begun.append(path.stat().st_mode & 0o777)
        chmod(path, mode)

    monkeypatch.setattr(Path, "chmod", seen)
    before = os.umask(umask)
    try:
        private_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert [mode & 0o077 for mode in begun] == [0, 0]
    assert [(tmp_path / each).stat().st_mode & 0o777 for each in ("a", "a/b")] == [0o700, 0o700]


def test_where_nothing_can_be_made_what_is_there_can_be_read(small_disk: Path) -> None:
    """On a read-only disk, folders may be missing or readable for others."""
    paths = Paths.find(small_disk / "root", {})
    paths.make()
    for folder in (paths.config, paths.cache, paths.logs):
        folder.rmdir()
    paths.data.chmod(0o755)
    remount(small_disk, "ro")
    try:
        paths.make()
        with pytest.raises(StoreReadOnly):
            Paths.find(small_disk / "another", {}).make()
    finally:
        remount(small_disk, "rw")


def test_on_a_full_disk_without_a_cache_what_is_there_can_be_read(small_disk: Path) -> None:
    """Somebody may empty the cache to free space, which others then use."""
    paths = Paths.find(small_disk / "root", {})
    paths.make()
    paths.cache.rmdir()
    fill(small_disk)
    paths.make()
    assert not paths.cache.exists()
    with pytest.raises(StoreReadOnly) as caught:
        Paths.find(small_disk / "another", {}).make()
    assert "Free some disk space" in str(caught.value.hint)


def fill(disk: Path) -> None:
    """Fill a disk so that no file or folder can be created."""
    remount(disk, "nr_inodes=32")
    with pytest.raises(OSError, match="space"):  # noqa: PT012 - one of them is the first that has no room
        for number in range(100):
            (disk / str(number)).mkdir()


def remount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


@pytest.mark.skipif(os.name != "posix", reason="the links and groups of POSIX")
@pytest.mark.parametrize("name", ["cache", "logs"])
@pytest.mark.parametrize("target", ["nowhere", "itself", ""])
def test_what_lies_in_the_place_of_cache_or_logs_keeps_nothing_from_being_read(
    tmp_path: Path, name: str, target: str
) -> None:
    paths = Paths.find(tmp_path / "home", {})
    paths.make()
    place = tmp_path / "home" / name
    place.rmdir()
    if target:
        place.symlink_to(place if target == "itself" else target)
    else:
        place.write_text("mine")
    paths.make()
    assert paths.not_ours() == ()


@pytest.mark.skipif(os.name != "posix", reason="the links and groups of POSIX")
def test_a_folder_that_a_group_of_others_may_write_to_is_told(tmp_path: Path) -> None:
    """The user's own group has no other members."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o770)
    assert others_above(folder, os.getuid()) is None
    if os.getuid() == 0:
        os.chown(folder, 0, 54_321)
        assert others_above(folder, 0) == folder
        folder.chmod(0o1770)
        assert others_above(folder, 0) is None


def test_what_is_written_is_on_the_disk_before_it_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sync, synced = tmp_path / "kept", os.fsync, list[tuple[int, bool]]()

    def fsync(descriptor: int) -> None:
        sync(descriptor)
        synced.append((os.fstat(descriptor).st_size, path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    write_private(path, "words")
    assert synced == [(5, False)]
