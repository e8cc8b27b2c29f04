"""Jan's data folder, or a zip of it: a folder a thread, with a file for what it is and one for its messages."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from desktop.transfer.archives.zip_places import ZipPlace
from desktop.transfer.archives.zip_reader import ZipReader
from desktop.transfer.formats import jan
from desktop.transfer.source import Source


@dataclass
class JanFolder:
    """Its threads: the file of messages of each, and its other one. Open while they are read, let go when they rest."""

    place: ZipPlace
    threads: Sequence[tuple[zipfile.ZipInfo, zipfile.ZipInfo | None]]

    def __post_init__(self) -> None:
        self._zip = ZipReader(self.place)

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        """All of their files."""
        return [member for pair in self.threads for member in pair if member is not None]

    def source(self) -> Source:
        """The export that it is."""
        return Source(
            name=self.place.name,
            format=jan.FORMAT,
            count=len(self.threads),
            read=self._read,
            rest=self._zip.rest,
            close=self._zip.rest,
        )

    def _read(self, place: int) -> object:
        """One thread. Raises Unreadable."""
        messages, thread = self.threads[place]
        return jan.from_files(self._zip.read(messages), self._zip.read(thread) if thread is not None else b"")


def found_in(place: ZipPlace, members: Sequence[zipfile.ZipInfo]) -> JanFolder | None:
    """The threads that these files are; None where none of them has both files. Names are never used as paths."""
    own = (member for member in members if member.filename.endswith((jan.MESSAGES, jan.THREAD)))
    by_path = {PurePosixPath(member.filename): member for member in own}
    threads = [
        (member, by_path.get(path.with_name(jan.THREAD)))
        for path, member in by_path.items()
        if path.name == jan.MESSAGES
    ]
    return JanFolder(place, threads) if any(thread is not None for _, thread in threads) else None
