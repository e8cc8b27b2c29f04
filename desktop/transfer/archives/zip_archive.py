"""ZIP archives and folders as sources of imports, with limits on the number and size of their members."""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from io import BufferedReader
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Literal, Self

from msgspec import Struct

from desktop.attachments.attachment_limits import MOST_BYTES
from desktop.system.plain_files import open_plain
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import MOST_LISTED, Unreadable


class Limits(Struct, frozen=True):
    """Limits of an import: bytes per file, bytes in total when decompressed, members of a ZIP, and compression ratio.

    `items` is the maximum number of conversations in all exports within one file.
    """

    size: int = 1 << 30
    members: int = 200_000
    exports: int = 5_000
    items: int = MOST_LISTED
    ratio: int = 400
    free_size: int = 16 << 20
    """Decompressed bytes, per file or in total, up to which any compression ratio is accepted."""


LIMITS = Limits()


class TooManyMembers(zipfile.BadZipFile):
    """The ZIP has more members than an import accepts."""


BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""Exceptions that zipfile raises for damaged or encrypted archives and unknown compression methods."""


_FLAGS = getattr(os, "O_NOFOLLOW", 0)
_DEEPEST = 12
"""Maximum nesting of folders."""


class FolderArchive:
    """A folder with the interface of `zipfile.ZipFile`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def infolist(self) -> list[zipfile.ZipInfo]:
        """Return the files in the folder and its subfolders by relative path, stopping one above the limit.

        Raises OSError if the folder itself cannot be read.
        """
        return _members(self._path)

    def open(self, member: zipfile.ZipInfo) -> BufferedReader:
        """Open a member. Raises OSError, also if a link or a device has replaced the member."""
        return open_plain(self._path / member.filename, _FLAGS)

    def close(self) -> None:
        """Do nothing, because a folder holds no resources."""


def _members(path: Path) -> list[zipfile.ZipInfo]:
    members: list[zipfile.ZipInfo] = []
    os.scandir(path).close()  # os.walk would ignore its OSError
    for folder, below, names in os.walk(path):
        is_deep = len(Path(folder).relative_to(path).parts) >= _DEEPEST
        below[:] = [] if is_deep else sorted(name for name in below if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            file = Path(folder, name)
            try:
                status = file.lstat()
            except OSError:
                continue
            if file.is_symlink() or not file.is_file():
                continue
            member = zipfile.ZipInfo(PurePath(file.relative_to(path)).as_posix())
            member.file_size = member.compress_size = status.st_size
            members.append(member)
            if len(members) > LIMITS.members:
                return members
    return members


_HEAD = 30
"""Bytes of a local file header before the name; see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT."""

_MOST = 100
_MOST_PACKED = 256 << 20
"""Maximum bytes of a compressed ZIP within another ZIP, which is read into memory."""

_ENTRY = b"PK\1\2"
"""Signature of each entry in the central directory."""

_MOST_OF_LIST = 64 << 20
"""Maximum bytes of the central directory."""

_UNPACKED_IN_PIECES = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Compression methods that Python decompresses in bounded pieces. With others, a few kilobytes can become gigabytes in
memory, whatever size the header states."""


Archive = zipfile.ZipFile | FolderArchive
"""A ZIP, or a folder with the same interface."""


class ZipPlace(Struct, frozen=True):
    """Location of a ZIP or folder; with `inner`, of a ZIP within that ZIP."""

    path: Path
    inner: str = ""

    @property
    def name(self) -> str:
        """Display name of the file, followed by that of the inner ZIP if any."""
        return f"{self.path.name}: {PurePosixPath(self.inner).name}" if self.inner else self.path.name

    def size(self) -> int:
        """Return the size of the file on disk, or of all files in a folder. Raises OSError."""
        if self.path.is_dir():
            return sum(member.file_size for member in FolderArchive(self.path).infolist())
        return self.path.stat().st_size

    def stamp(self) -> tuple[int, int]:
        """Return the file's inode and modification time, which change if another file replaces it. Raises OSError."""
        status = self.path.stat()
        return status.st_ino, status.st_mtime_ns

    def opened(self, most: int = LIMITS.members) -> Archive:
        """Open the ZIP or folder; the caller closes it. Raises OSError and the exceptions in BAD_ZIP.

        Raises TooManyMembers before reading more than `most` members.
        """
        if self.path.is_dir():
            return FolderArchive(self.path)
        whole = _Zip(lambda: io.FileIO(self.path), LIMITS.members if self.inner else most)
        if not self.inner:
            return whole
        try:
            return _Inner(whole, whole.getinfo(self.inner), most)
        except KeyError as error:
            whole.close()
            raise zipfile.BadZipFile(str(error)) from error
        except BaseException:
            whole.close()
            raise

    def within(self, members: list[zipfile.ZipInfo], limits: Limits) -> list[ZipPlace]:
        """Return the inner ZIPs that are named like exports of conversations and can be opened."""
        named = [
            member
            for member in members
            if PurePosixPath(member.filename).name.lower().startswith("conversations")
            and member.filename.lower().endswith(".zip")
            and (member.compress_type == zipfile.ZIP_STORED or member.file_size <= min(limits.size, _MOST_PACKED))
            and not member.flag_bits & 1
        ]
        return (
            []
            if self.inner or self.path.is_dir()
            else [ZipPlace(self.path, member.filename) for member in named[:_MOST]]
        )


class _Zip(zipfile.ZipFile):
    """A ZIP whose limits on members and compression methods apply before anything is decompressed."""

    def __init__(self, opened: Callable[[], io.RawIOBase | io.BytesIO], most: int) -> None:
        self._listed = _Listed(opened(), most)
        try:
            super().__init__(self._listed)
        except BaseException:
            self._listed.close()
            raise

    def open(
        self,
        name: str | zipfile.ZipInfo,
        mode: Literal["r", "w"] = "r",
        pwd: bytes | None = None,
        *,
        force_zip64: bool = False,
    ) -> IO[bytes]:
        member = self.getinfo(name) if isinstance(name, str) else name
        if member.compress_type not in _UNPACKED_IN_PIECES:
            raise NotImplementedError("That compression method is not supported")
        return super().open(name, mode, pwd, force_zip64=force_zip64)

    def close(self) -> None:
        super().close()
        self._listed.close()


class _Listed(io.BufferedReader):
    """File of a ZIP that rejects a long central directory, because zipfile uses half a kilobyte of memory per entry."""

    def __init__(self, file: io.RawIOBase | io.BytesIO, most: int) -> None:
        super().__init__(file)
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MOST_OF_LIST and self.peek(len(_ENTRY)).startswith(_ENTRY):
            raise TooManyMembers
        data = super().read(size)
        if data.startswith(_ENTRY) and data.count(_ENTRY) > self._most:
            raise TooManyMembers
        return data


class _Inner(_Zip):
    """A ZIP within another ZIP; closing it closes both."""

    def __init__(self, whole: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> None:
        self._whole = whole
        super().__init__(lambda: _as_file(whole, member), most)

    def close(self) -> None:
        super().close()
        self._whole.close()


def _as_file(whole: zipfile.ZipFile, member: zipfile.ZipInfo) -> io.RawIOBase | io.BytesIO:
    """Return a member as a seekable file: a range of the archive if uncompressed, otherwise its decompressed bytes."""
    if member.compress_type != zipfile.ZIP_STORED:
        with whole.open(member) as packed:
            return io.BytesIO(packed.read(member.file_size + 1))
    file = whole.fp
    if file is None:
        raise zipfile.BadZipFile
    file.seek(member.header_offset)
    head = file.read(_HEAD)
    if len(head) < _HEAD or not head.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile
    start = member.header_offset + _HEAD + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    return _Part(file, start, member.file_size)


class _Part(io.RawIOBase):
    """A range of bytes of a file, as a file."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size = file, start, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence], 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._file.seek(self._start + self._at)
        data = self._file.read(max(min(len(buffer), self._size - self._at), 0))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


_ID = re.compile(r"file[-_][A-Za-z0-9]{1,100}")
_UNNAMED = re.compile(r"[0-9a-f]{4,32}(?:-[0-9a-f]{4,32}){1,8}\.([a-z0-9]{2,5})")
_SOUNDS = ("wav", "mp3", "m4a", "ogg", "aac", "flac")
_PARTS = 3
"""Maximum trailing path components by which a member is found."""
_GROWTH = 20
"""Maximum size of all attachments when decompressed, beyond the free size, as a multiple of the archive's own size."""


class ZipFiles:
    """Attachments beside the conversations in one ZIP.

    The ZIP is opened at the first read and stays open until `close`.
    """

    def __init__(self, place: ZipPlace, members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
        self._place = place
        self._members = members
        self._limits = limits
        self._archive: Archive | None = None
        self._stamp: tuple[int, int] | None = None
        self._left = limits.size + _GROWTH * place.size()
        self._by_name = {each.filename: number for number, each in enumerate(members)}
        for number, each in enumerate(members):
            self._by_name.setdefault("/".join(each.filename.rsplit("/", _PARTS)[-_PARTS:]), number)
        self._by_id: dict[str, int] = {}
        for number, each in enumerate(members):
            if (found := _ID.match(each.filename.rpartition("/")[2])) is not None and not each.is_dir():
                self._by_id.setdefault(found[0], number)

    def find(self, ids: Iterable[str]) -> int | None:
        """Return the index of the member whose name begins with one of these ids, or None."""
        return next((self._by_id[each] for each in ids if each in self._by_id), None)

    def at(self, name: str) -> int | None:
        """Return the index of the member with this name, even if the export is in a subfolder of the ZIP, or None."""
        return self._by_name.get(name)

    def name(self, number: int) -> str:
        """Return a member's file name without its id; empty if nothing else is left."""
        base = _ID.sub("", PurePosixPath(self._members[number].filename).name, count=1).lstrip("-_.")
        if unnamed := _UNNAMED.fullmatch(base):
            return f"audio.{unnamed[1]}" if unnamed[1] in _SOUNDS else ""
        return base if "." in base and not base.endswith(".dat") else ""

    def size(self, number: int) -> int:
        """Return the decompressed size that the ZIP states."""
        return self._members[number].file_size

    def read(self, number: int, *, counted: bool = True) -> bytes | None:
        """Return a member's bytes, or None if it is damaged, encrypted, too large or compressed too strongly.

        If `counted`, its size counts toward the limit for all attachments of the ZIP.
        """
        member = self._members[number]
        dense = member.file_size > self._limits.free_size
        dense = dense and member.file_size > self._limits.ratio * max(member.compress_size, 1)
        if member.flag_bits & 1 or dense or member.file_size > min(MOST_BYTES, self._left):
            return None
        if counted:
            self._left -= member.file_size
        try:
            data = self._unpacked(member)
        except (OSError, *BAD_ZIP):
            return None
        return data if len(data) == member.file_size else None

    def unpacked(self, member: zipfile.ZipInfo) -> bytes:
        """Return a member's bytes, at most one more than the stated size. Raises OSError and the exceptions in BAD_ZIP.

        An inner ZIP is closed afterwards, because it may be in memory as a whole.
        """
        try:
            return self._unpacked(member)
        finally:
            if self._place.inner:
                self.close()

    def close(self) -> None:
        """Close the ZIP; the next read opens it again. Safe to call more than once."""
        if self._archive is not None:
            self._archive.close()
            self._archive = None

    def _unpacked(self, member: zipfile.ZipInfo) -> bytes:
        now = self._place.stamp()
        if self._stamp != now:
            self.close()
        if self._archive is None:
            self._archive, self._stamp = self._place.opened(), now
        with self._archive.open(member) as file:
            return file.read(member.file_size + 1)


class ZipReader:
    """Reader of individual members of a ZIP or folder."""

    def __init__(self, place: ZipPlace) -> None:
        self._place = place
        self._archive: Archive | None = None

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """Return a member's bytes, at most one more than the stated size. Raises Unreadable."""
        try:
            if self._archive is None:
                self._archive = self._place.opened()
            with self._archive.open(member) as file:
                return file.read(member.file_size + 1)
        except (OSError, *BAD_ZIP) as error:
            raise Unreadable(
                phrase("{name} is damaged, or was changed during the import.", name=self._place.name)
            ) from error

    def rest(self) -> None:
        """Close the ZIP; the next read opens it again."""
        if self._archive is not None:
            self._archive.close()
            self._archive = None
