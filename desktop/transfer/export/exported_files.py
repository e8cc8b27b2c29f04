"""Attachments of an export, each written once and in pieces, and a list of missing ones."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Coroutine, Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from msgspec import structs

from desktop.attachments.attachment import Attachment, plain_name
from desktop.attachments.media_kind import MediaKind
from desktop.domain.conversation_types import Conversation
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import StoreError, TransferError
from desktop.pages.page_files import PageFile
from desktop.store.files.attached_files import AttachedFiles
from desktop.text.phrases import phrase
from desktop.transfer.export import export_writer
from desktop.transfer.export.paragone_json import ExportedFile

MOST_IN_JSON = 512 << 20
"""Maximum bytes of all attachments in one JSON file, because a larger file could not be imported again."""

_LONGEST_NAME = 100
"""Maximum bytes of a file's own name within its exported name."""

_T = TypeVar("_T")
_WAIT_S = 300.0
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\s]+')
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}


class FileFinder(Protocol):
    """Source of attachments and of the contents extracted from them."""

    async def find(self, part: ImagePart | FilePart) -> Attachment | None:
        """Return the attachment of a message part, or None if it is missing. Raises StoreError."""
        ...


class ExportedFiles:
    """Attachments of one export. If `wanted` is False, messages contain only their names."""

    def __init__(self, files: AttachedFiles, finder: FileFinder, *, wanted: bool = True) -> None:
        self._files = files
        self._finder = finder
        self._named: dict[str, ImagePart | FilePart] = {}
        self._gone: dict[str, str] = {}
        self._written: set[str] = set()
        self._loop = asyncio.get_running_loop()
        self.wanted = wanted

    @property
    def written(self) -> int:
        """Number of files in the export."""
        return len(self._written)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of missing or damaged files."""
        return tuple(self._gone.values())

    def note(self, conversation: Conversation) -> None:
        """Add the attachments of a conversation that is being written."""
        if self.wanted:
            for message in conversation.messages:
                for part in message.files:
                    self._named.setdefault(part.sha256, part)

    async def listed(self, *, members: bool) -> list[ExportedFile]:
        """Return the attachments of all written conversations, missing ones without a size. Raises StoreError.

        If `members`, they have the names they get in a ZIP; otherwise raises TransferError if their total size is too
        large.
        """
        try:
            sizes = await self._files.sizes(self._named)
        except StoreError:
            sizes = dict[str, int]()  # the conversation is exported all the same
        if not members and sum(sizes.values()) > MOST_IN_JSON:
            raise TransferError(
                phrase("The attached files are larger than {most} MB in total.", most=MOST_IN_JSON >> 20),
                hint=phrase("Export a zip archive, or leave out the attached files."),
            )
        entries: list[ExportedFile] = []
        for sha256, part in self._named.items():
            name = plain_name(part.name)
            entry = ExportedFile(sha256=sha256, media_type=part.media_type, name=name)
            if sha256 in sizes:
                file = f"files/{sha256}-{safe_name(name)}" if members else ""
                entry = structs.replace(entry, size=sizes[sha256], file=file)
            else:
                self._gone[sha256] = name
            entries.append(entry)
        return entries

    async def pour(self, file: ExportedFile, into: export_writer.Into) -> bool:
        """Pass a file's bytes to `into`, on a thread, and return whether the file is intact. Raises StoreError."""
        if file.size and await self._poured(file.sha256, into):
            self._written.add(file.sha256)
            return True
        self._gone[file.sha256] = file.name
        return False

    async def _poured(self, sha256: str, into: export_writer.Into) -> bool:
        """Implement `pour`. A damaged file counts as missing unless `into` has already been called."""
        began = False

        def seen(pieces: Iterator[bytes]) -> None:
            nonlocal began
            began = True
            into(pieces)

        try:
            return await self._files.pour(sha256, seen)
        except StoreError:
            if began:
                raise
            return False

    def drawn(self, part: ImagePart | FilePart) -> PageFile:
        """Return a file for embedding in a web page; an image is re-encoded.

        Call it on a thread while the event loop is running.
        """
        name = plain_name(part.name)
        if not self.wanted:
            return PageFile(name)
        stored = self._found(part)
        if stored is None:
            return PageFile(name, gone=True)
        if stored.media.kind is not MediaKind.PICTURE or not stored.decoded.pictures:
            return PageFile(name)
        self._written.add(part.sha256)
        picture = stored.decoded.pictures[0]
        return PageFile(name, f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode()}")

    def beside(self, part: ImagePart | FilePart, folder: export_writer.SideFolder | None) -> PageFile:
        """Return a file for the folder next to a page; an image is re-encoded, other files are unchanged.

        Call it on a thread while the event loop is running.
        """
        name = plain_name(part.name)
        if not self.wanted or folder is None:
            return PageFile(name)
        found = self._found(part)
        if found is None:
            return PageFile(name, gone=True)
        is_picture = found.media.kind is MediaKind.PICTURE and bool(found.decoded.pictures)
        picture = found.decoded.pictures[0] if is_picture else None
        given = Path(name).stem + _SUFFIXES.get(picture.media_type, "") if picture is not None else name
        member_name = f"{part.sha256[:16]}-{safe_name(given)}"
        if picture is not None:
            folder.put(member_name, [picture.data])
        elif not self._waited(self._poured(part.sha256, lambda pieces: folder.put(member_name, pieces))):
            self._gone[part.sha256] = name
            return PageFile(name, gone=True)
        self._written.add(part.sha256)
        return PageFile(name, link=f"{folder.name}/{member_name}", drawn=picture is not None)

    def _found(self, part: ImagePart | FilePart) -> Attachment | None:
        try:
            found = self._waited(self._finder.find(part))
        except StoreError:
            found = None
        if found is None:
            self._gone[part.sha256] = plain_name(part.name)
        return found

    def _waited(self, work: Coroutine[object, object, _T]) -> _T:
        """Run a coroutine on the event loop, and wait for it on this thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_WAIT_S)


def in_base64(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the base64 encoding of pieces. Their lengths, except the last, must be divisible by 3."""
    return (base64.b64encode(piece).decode() for piece in pieces)


def safe_name(name: str) -> str:
    """Return a file name that is valid on every system after a prefix: without special characters, and short."""
    plain = _UNFIT.sub("_", name).strip("._") or "file"
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix.encode()) > 10:
        return _cut(plain, _LONGEST_NAME)
    return f"{_cut(stem, _LONGEST_NAME - len(suffix.encode()) - 1)}.{suffix}"


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore")
