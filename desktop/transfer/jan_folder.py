"""Jan's data folder, or a zip of it: a folder a thread, with a file for what it is and one for its messages."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from desktop.phrases import phrase
from desktop.transfer.importers import jan
from desktop.transfer.loose_json import Unreadable
from desktop.transfer.source import Source
from desktop.transfer.zip_faults import BAD_ZIP
from desktop.transfer.zip_places import Archive, ZipPlace


@dataclass
class JanFolder:
    """Its threads: the file of messages of each, and its other one. Open while they are read, let go when they rest."""

    place: ZipPlace
    threads: Sequence[tuple[zipfile.ZipInfo, zipfile.ZipInfo | None]]
    _archive: Archive | None = None

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
            rest=self._rest,
            close=self._rest,
        )

    def _read(self, place: int) -> object:
        """One thread. Raises Unreadable."""
        messages, thread = self.threads[place]
        return jan.from_files(self._unpacked(messages), self._unpacked(thread) if thread is not None else b"")

    def _unpacked(self, member: zipfile.ZipInfo) -> bytes:
        try:
            if self._archive is None:
                self._archive = self.place.opened()
            with self._archive.open(member) as file:
                return file.read(member.file_size + 1)
        except (OSError, *BAD_ZIP) as error:
            raise Unreadable(phrase("{name} is damaged or was changed meanwhile.", name=self.place.name)) from error

    def _rest(self) -> None:
        """Let the zip go."""
        if self._archive is not None:
            self._archive.close()
            self._archive = None


def found_in(place: ZipPlace, members: Sequence[zipfile.ZipInfo]) -> JanFolder | None:
    """The threads that these files are; None where none of them has both files. Names are never used as paths."""
    by_path = {PurePosixPath(member.filename): member for member in members if not member.is_dir()}
    threads = [
        (member, by_path.get(path.with_name(jan.THREAD)))
        for path, member in by_path.items()
        if path.name == jan.MESSAGES
    ]
    return JanFolder(place, threads) if any(thread is not None for _, thread in threads) else None
