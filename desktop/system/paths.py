"""Folders and files of an installation: in the platform's standard locations, or all in one folder."""

from __future__ import annotations

import errno
import os
import shlex
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from desktop.errors import StoreReadOnly, UsageError
from desktop.system.plain_files import read_plain
from desktop.system.private_files import (
    has_open_mode,
    keeps_modes,
    others_above,
    private_folder,
    take_rights,
    write_private,
)
from desktop.text.phrases import NOTHING, Phrase, phrase

APP_NAME = "Paragone"
HOME_VARIABLE = "PARAGONE_HOME"
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NOT_TO_WRITE = {errno.EROFS, errno.EACCES, errno.EPERM, *_NO_ROOM}

_PERMISSIONS = phrase("Check the folder's permissions, or choose another one with --data-dir.")

_MOST_OF_PATH = 1 << 20
"""Maximum bytes of the data pointer file; paths are far shorter on any system."""

_POINTER = "data-folder"

_TAKEN = {errno.EEXIST, errno.ELOOP, errno.ENOTDIR}
"""Errors if a file or a dangling link has the name of a folder."""

_DATA_GLOBS = ("*.db*", "backups", "exchange", "keys", "replaced-*", "broken-*")
"""A folder in which conversations were stored contains at least one of these."""


class _Pointed(NamedTuple):
    """Contents of the data pointer file, or why it has none; `closed` is whether access to it is denied."""

    text: str = ""
    why: str = ""
    closed: bool = False


class Paths(Struct, frozen=True):
    """Folders of one user's installation, or of a portable one. `make` creates them.

    Attributes:
        portable: Whether all folders are in one that the user chose.
        moved: Whether the data folder was moved to the path in `data_pointer`.
    """

    config: Path
    data: Path
    cache: Path
    logs: Path
    portable: bool = False
    moved: bool = False

    @classmethod
    def find(cls, data_dir: Path | None, environ: Mapping[str, str]) -> Paths:
        """Return the folders in `data_dir`, otherwise in PARAGONE_HOME, otherwise in the platform's locations.

        Follows a moved data folder. Raises UsageError for the home folder of an unknown user.
        """
        return cls._usual(data_dir, environ).followed()

    @classmethod
    def _usual(cls, data_dir: Path | None, environ: Mapping[str, str]) -> Paths:
        below = data_dir or (Path(environ[HOME_VARIABLE]) if environ.get(HOME_VARIABLE) else None)
        if below is not None:
            root = expanded(below).absolute()
            return cls(root / "config", root / "data", root / "cache", root / "logs", portable=True)
        from platformdirs import PlatformDirs

        name = APP_NAME.lower() if sys.platform.startswith("linux") else APP_NAME
        dirs = PlatformDirs(name, appauthor=False, roaming=False)
        return cls(
            Path(dirs.user_config_dir), Path(dirs.user_data_dir), Path(dirs.user_cache_dir), Path(dirs.user_log_dir)
        )

    def followed(self) -> Paths:
        """Return these paths with the current data folder, since another run may have moved it."""
        text = self._pointed().text
        if not text:
            return self
        # A folder name can end with spaces, but in a manually edited file they are accidental.
        written = [Path(text.removesuffix(end)) for end in ("\n", "\r\n")]
        return replace(self, data=next(filter(is_folder, written), Path(text.strip())), moved=True)

    def _pointed(self) -> _Pointed:
        file = self.data_pointer
        try:
            text = read_plain(file, _MOST_OF_PATH).decode("utf-8-sig")
        except PermissionError as error:
            return _Pointed(why=error.strerror or str(error), closed=True)
        except UnicodeDecodeError:
            return _Pointed(why=phrase("the file is not encoded in UTF-8"))
        except OSError as error:
            absent = error.errno in (errno.ENOENT, errno.ENOTDIR) and not os.path.lexists(file)
            return _Pointed() if absent else _Pointed(why=error.strerror or str(error))
        return _Pointed(text) if text.strip() else _Pointed(why=phrase("the file is empty"))

    @property
    def data_pointer(self) -> Path:
        """File with the path of the data folder if it was moved."""
        return self.config / _POINTER

    @property
    def settings_file(self) -> Path:
        """File with settings and connections, but without keys."""
        return self.config / "settings.toml"

    @property
    def catalog_file(self) -> Path:
        """File with the user's own catalog entries."""
        return self.config / "catalog.toml"

    @property
    def tools_file(self) -> Path:
        """File with the servers of tools and the user's consent to them, without secrets."""
        return self.config / "tools.json"

    @property
    def spending_file(self) -> Path:
        """File with this month's cost of responses."""
        return self.data / "spending.json"

    @property
    def presets_file(self) -> Path:
        """File with the user's own presets."""
        return self.data / "presets.toml"

    @property
    def words_file(self) -> Path:
        """File with words that the user added to the dictionary, one a line."""
        return self.data / "words.txt"

    @property
    def dictionaries(self) -> Path:
        """Folder for the user's own Hunspell dictionaries."""
        return self.data / "dictionaries"

    @property
    def drafts_file(self) -> Path:
        """File with prompts that were typed in the window but not sent."""
        return self.data / "drafts.json"

    @property
    def prompt_history_file(self) -> Path:
        """File with prompts typed in the terminal chat, for the arrow keys."""
        return self.data / "prompts.history"

    def not_ours(self) -> tuple[Phrase, ...]:
        """Return a warning for each folder whose contents another user could replace; none on Windows."""
        if os.name != "posix":
            return ()
        asked = (resolved(self.config), resolved(self.data), resolved(self.cache), resolved(self.logs))
        folders = dict.fromkeys(others_above(folder, os.getuid()) for folder in asked)
        return tuple(
            phrase(
                "Another user can change the folder {folder}, and could read your conversations or have "
                "your keys sent elsewhere. Use a folder that only you can change.",
                folder=folder,
            )
            for folder in folders
            if folder is not None
        )

    def make(self) -> None:
        """Create the folders with mode 0700.

        A moved data folder is not created, because its disk may not be mounted now. On a full or read-only disk, where
        folders cannot be created, existing conversations can still be read.

        Raises:
            StoreReadOnly: If a folder is missing, cannot be used, or is writable by other users.
        """
        self._require_pointer()
        self._require_whole()
        hint = phrase(
            "Connect the disk that contains the folder. To start with an empty history, remove the file {file}.",
            file=self.data_pointer,
        )
        if self.moved and not _is_there(self.data, hint):
            raise StoreReadOnly(
                phrase("The folder {folder} that your conversations were moved to does not exist.", folder=self.data),
                hint=hint,
            )
        if self.moved and _are_moved_data_away(self.data_pointer, self.data):
            raise StoreReadOnly(
                phrase("The conversations that were moved to the folder {folder} are missing.", folder=self.data),
                hint=hint,
            )
        for folder in (self.config, self.data, self.cache, self.logs):
            if not is_utf8(folder):
                raise StoreReadOnly(
                    not_utf8(folder),
                    hint=phrase("Rename the file, or choose another folder with --data-dir."),
                )
        for folder in (self.config, self.data, self.cache, self.logs):
            try:
                if folder == self.data and self.moved and not _is_kept_in(folder):
                    private_folder(folder)
                else:
                    _own_folder(folder)
            except OSError as error:
                taken = error.errno in _TAKEN and folder in (self.cache, self.logs)  # nothing is read from these
                if not (taken or error.errno in _NOT_TO_WRITE) or not is_folder(self.data):
                    raise _cannot_be_used(folder, error) from error
        if (said := self.unread()) is not None and not any(self.data.glob("*.db")):
            raise StoreReadOnly(said, hint=_PERMISSIONS)  # else a new history would start elsewhere
        _follow_moved_data(self.data_pointer, self.data if self.moved else None)

    def notices(self) -> tuple[Phrase, ...]:
        """Return warnings about the folders, shown at each start."""
        return (*self.not_ours(), *filter(None, [self.unread()]))

    def unread(self) -> Phrase | None:
        """Return a warning if the data pointer file exists but could not be read."""
        if not (why := self._pointed().why):
            return None
        return phrase(
            "The file {file}, which may specify where your conversations are stored, could not be read: {reason}.",
            file=self.data_pointer,
            reason=why,
        )

    def _require_pointer(self) -> None:
        """Raise StoreReadOnly if the data pointer file exists but contains no path.

        Otherwise a new, empty history would be created although the old one still exists elsewhere.
        """
        if not self._pointed().closed and (said := self.unread()) is not None:
            hint = phrase(
                "Enter the folder's absolute path in {file}. To start with an empty history, remove the file.",
                file=self.data_pointer,
            )
            raise StoreReadOnly(said, hint=hint)

    def _require_whole(self) -> None:
        """Raise StoreReadOnly if the moved data folder's path is relative and so depends on the working directory."""
        if self.moved and not self.data.is_absolute():
            place, file = self.data, self.data_pointer
            said = phrase("The path {folder} in the file {file} is not absolute.", folder=place, file=file)
            hint = phrase(
                "Enter the folder's absolute path in {file}. To start with an empty history, remove the file.",
                file=file,
            )
            raise StoreReadOnly(said, hint=hint)


def _is_kept_in(folder: Path) -> bool:
    """Whether a moved data folder contains conversations and is not shared, so that its mode may be changed."""
    found = folder.stat()
    return not found.st_mode & stat.S_ISVTX and any(folder.glob("*.db"))


def note_moved_data(pointer: Path, folder: Path) -> None:
    """Record a folder that contains conversations in a file next to the data pointer file. Raises OSError."""
    write_private(_moved_note(pointer), f"{folder}\n")


def _follow_moved_data(pointer: Path, folder: Path | None) -> None:
    """Record the folder in which moved conversations were found, or remove the record. Ignores write errors."""
    with suppress(OSError):
        if folder is None:
            _moved_note(pointer).unlink(missing_ok=True)
        elif any(folder.glob("*.db")) and _noted_folder(pointer) != str(folder):
            note_moved_data(pointer, folder)


def _are_moved_data_away(pointer: Path, folder: Path) -> bool:
    """Whether a folder that had conversations is empty now, probably because its disk is not mounted."""
    return _noted_folder(pointer) == str(folder) and not any(next(folder.glob(each), None) for each in _DATA_GLOBS)


def _noted_folder(pointer: Path) -> str:
    try:
        return read_plain(_moved_note(pointer)).decode("utf-8", "replace").removesuffix("\n")
    except OSError:
        return ""


def _moved_note(pointer: Path) -> Path:
    return pointer.with_name(f"{pointer.name}.kept")


def resolved(path: Path) -> Path:
    """Resolve symbolic links in a path; a path with circular links is only made absolute."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def at_home(path: Path) -> Path:
    """Expand `~` in a path; the home folder of an unknown user remains unexpanded."""
    with suppress(RuntimeError):
        return path.expanduser()
    return path


def expanded(path: Path) -> Path:
    """Expand `~` in the path of a folder to be created. Raises UsageError for an unknown user."""
    folder = at_home(path)
    if str(folder).startswith("~"):
        raise UsageError(
            phrase("{path} refers to the home folder of an unknown user.", path=path),
            hint=phrase("Enter the absolute path."),
        )
    return folder


def is_file(path: Path) -> bool:
    """Whether a file exists; False for a path that the system rejects."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder exists; False for a path that the system rejects."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _is_there(folder: Path, hint: Phrase) -> bool:
    """Whether a folder exists.

    Raises StoreReadOnly for a path that the system rejects, for example one that is too long.
    """
    try:
        return folder.is_dir()
    except OSError as error:
        raise _cannot_be_used(folder, error, hint) from error


def is_utf8(path: Path) -> bool:
    """Whether a path is valid UTF-8; Python decodes other bytes as lone surrogates."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def not_utf8(path: Path) -> Phrase:
    """Return the error for a path that is not UTF-8, which SQLite cannot open."""
    return phrase("The name of {path} is not encoded in UTF-8.", path=path)


def make_private_folder(folder: Path) -> None:
    """Create a folder and its missing parents with mode 0700, or revoke other users' access to an existing one.

    Raises StoreReadOnly.
    """
    try:
        _own_folder(folder)
    except OSError as error:
        raise _cannot_be_used(folder, error) from error


def _own_folder(folder: Path) -> None:
    """Create a folder, or revoke other users' access; see `make_private_folder`. Raises OSError too.

    Shared folders, in which users can change only their own files, are not changed. A folder in which other users could
    have placed files is rejected; on a disk without modes (FAT) nothing can be changed.
    """
    private_folder(folder)
    if os.name != "posix" or (found := folder.stat()).st_uid != os.getuid() or found.st_mode & stat.S_ISVTX:
        return
    if has_open_mode(found, os.getuid()) and any(folder.iterdir()) and keeps_modes(folder):
        raise StoreReadOnly(
            phrase("Other users can write to the folder {folder}.", folder=folder),
            hint=phrase(
                "Check the folder's contents, run “{command}”, then start Paragone again.",
                command=f"chmod 700 {shlex.quote(str(folder))}",
            ),
        )
    with suppress(PermissionError):
        take_rights(folder)


def _cannot_be_used(folder: Path, error: OSError, hint: Phrase = NOTHING) -> StoreReadOnly:
    said = phrase("The folder {folder} could not be used: {value}.", folder=folder, value=error.strerror or error)
    if not hint and error.errno in (errno.EACCES, errno.EPERM):
        hint = _PERMISSIONS
    if not hint and error.errno in _NO_ROOM:
        hint = phrase("Free some disk space, then start Paragone again.")
    return StoreReadOnly(said, hint=hint)


def resources() -> Path:
    """Return the folder of the data files shipped with the program, whether frozen or run from source."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen) / "resources" if frozen else Path(__file__).resolve().parents[2] / "resources"


def notices() -> Path:
    """Return the path of the license notices of all components; they do not exist in a checkout."""
    return Path(sys.executable).parent / "NOTICES.txt"
