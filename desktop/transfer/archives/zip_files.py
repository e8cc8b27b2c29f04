"""The files beside the conversations in an export's zip, read one at a time and within bounds."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from desktop.attachments.attachment_limits import MOST_BYTES
from desktop.transfer.archives.import_limits import Limits
from desktop.transfer.archives.zip_faults import BAD_ZIP
from desktop.transfer.archives.zip_places import Archive, ZipPlace

_ID = re.compile(r"file[-_][A-Za-z0-9]{1,100}")
_UNNAMED = re.compile(r"[0-9a-f]{4,32}(?:-[0-9a-f]{4,32}){1,8}\.([a-z0-9]{2,5})")
_SOUNDS = ("wav", "mp3", "m4a", "ogg", "aac", "flac")
_PARTS = 3
"""Of a name, by how many parts from its end a file is found."""
_GROWTH = 20
"""How many times a zip's own length all of its files may have unpacked, beyond what is free."""


class ZipFiles:
    """Of one zip, which is open from the first file that is read until `close`."""

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
        """The number of the member whose name begins with one of these ids."""
        return next((self._by_id[each] for each in ids if each in self._by_id), None)

    def at(self, name: str) -> int | None:
        """The number of the member of this name, also where the export that names it lies in a folder of the zip."""
        return self._by_name.get(name)

    def name(self, number: int) -> str:
        """What a member is called, without its id; nothing where it has no other name."""
        base = _ID.sub("", PurePosixPath(self._members[number].filename).name, count=1).lstrip("-_.")
        if unnamed := _UNNAMED.fullmatch(base):
            return f"audio.{unnamed[1]}" if unnamed[1] in _SOUNDS else ""
        return base if "." in base and not base.endswith(".dat") else ""

    def size(self, number: int) -> int:
        """Its bytes, as the zip tells them."""
        return self._members[number].file_size

    def read(self, number: int, *, counted: bool = True) -> bytes | None:
        """A member's bytes; None where it is damaged, locked, larger than a file may be, or packed like a trap.

        What is `counted` is taken from what all files of the zip together may have.
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
        """A member's bytes, one more than it says it has at most. Raises OSError and what a broken zip ends in.

        A zip within a zip may be in memory as a whole, and is let go at once.
        """
        try:
            return self._unpacked(member)
        finally:
            if self._place.inner:
                self.close()

    def close(self) -> None:
        """Let the zip go. May be called twice; it is opened again when it is asked for."""
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
