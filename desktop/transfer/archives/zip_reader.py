"""A zip of which one file after another is read: open from the first one until it rests."""

from __future__ import annotations

import zipfile

from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import Unreadable
from desktop.transfer.archives.zip_faults import BAD_ZIP
from desktop.transfer.archives.zip_places import Archive, ZipPlace


class ZipReader:
    """Of one zip, or of a folder that is taken for one."""

    def __init__(self, place: ZipPlace) -> None:
        self._place = place
        self._archive: Archive | None = None

    def read(self, member: zipfile.ZipInfo) -> bytes:
        """A member's bytes, one more than it says it has at most. Raises Unreadable."""
        try:
            if self._archive is None:
                self._archive = self._place.opened()
            with self._archive.open(member) as file:
                return file.read(member.file_size + 1)
        except (OSError, *BAD_ZIP) as error:
            raise Unreadable(
                phrase("{name} is damaged or was changed in the meantime.", name=self._place.name)
            ) from error

    def rest(self) -> None:
        """Let the zip go; it is opened again when more is read."""
        if self._archive is not None:
            self._archive.close()
            self._archive = None
