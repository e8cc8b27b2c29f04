"""Chatbox's backup: a zip with a manifest and a file a session; its settings, which may hold keys, are never opened."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import Unreadable, decode, table, tables, text
from desktop.transfer.archives.zip_places import ZipPlace
from desktop.transfer.archives.zip_reader import ZipReader
from desktop.transfer.formats import chatbox
from desktop.transfer.source import Source

_LARGEST_MANIFEST = 64 << 20
_MANIFEST, _SESSION = "manifest.json", "session.json"


@dataclass
class ChatboxBackup:
    """The sessions of a backup. The zip is open while they are read, and let go when they rest."""

    place: ZipPlace
    manifest: zipfile.ZipInfo
    sessions: Sequence[zipfile.ZipInfo]
    _entries: Mapping[str, object] = field(default_factory=dict[str, object])

    def __post_init__(self) -> None:
        self._zip = ZipReader(self.place)

    @property
    def folder(self) -> str:
        """The folder that it is, in its zip; nothing where it is the whole of it."""
        return self.manifest.filename.rpartition("/")[0]

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        """All of its files that are read."""
        return [self.manifest, *self.sessions]

    def source(self) -> Source:
        """The export that it is."""
        return Source(
            name=self.place.name,
            format=chatbox.FORMAT,
            count=len(self.sessions),
            read=self._read,
            notice=self._notice(),
            rest=self._zip.rest,
            close=self._zip.rest,
        )

    def _notice(self) -> str:
        """What Chatbox itself could not put into the backup; fills in what the manifest says of the sessions."""
        try:
            small = self.manifest.file_size < _LARGEST_MANIFEST
            held = table(decode(self._zip.read(self.manifest)) if small else None)
        except Unreadable:
            held = table(None)
        self._entries = {text(each.get("path")): each.get("meta") for each in tables(held.get("sessions"))}
        missing = sum(each.get("code") == "session-read-failed" for each in tables(held.get("warnings")))
        self._zip.rest()
        if not missing:
            return ""
        return phrase("Conversations that Chatbox could not export are missing ({count}).", count=f"{missing:,}")

    def _read(self, place: int) -> object:
        """One session, with what the manifest says of it. Raises Unreadable."""
        member = self.sessions[place]
        path = PurePosixPath(member.filename)
        # A backup may have been packed again with its folder around it.
        entry = self._entries.get("/".join(path.parts[-3:]))
        return {"entry": entry, "session": decode(self._zip.read(member))}


def found_in(place: ZipPlace, members: Sequence[zipfile.ZipInfo]) -> ChatboxBackup | None:
    """The backup that these files of a zip are. Names are looked at and never used as paths."""
    own = (each for each in members if each.filename.endswith((_SESSION, _MANIFEST)))  # of very many files, few paths
    paths = [(PurePosixPath(each.filename), each) for each in own]
    sessions = [
        (path, each)
        for path, each in paths
        if path.name == _SESSION and len(path.parts) > 2 and path.parts[-3] == "sessions"
    ]
    folders = {path.parents[2] for path, _ in sessions}
    manifest = next((each for path, each in paths if path.name == _MANIFEST and path.parent in folders), None)
    return ChatboxBackup(place, manifest, [each for _, each in sessions]) if manifest is not None else None
