"""Reads, decodes and stores attachments, and finds stored ones for display and for requests."""

from __future__ import annotations

import asyncio
import os
import stat
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from sys import getsizeof
from typing import Protocol

from msgspec import structs

from desktop.attachments.attachment import Attachment, fingerprint, plain_name
from desktop.attachments.attachment_limits import AttachmentLimits
from desktop.attachments.decode_wire import Decoded, DecodeRefusal, DecodeRequest, PlainPicture, Reason
from desktop.attachments.decoder import FILE_S, Decoder, Tell
from desktop.attachments.media_kind import HEAD, Media, MediaKind, media_of
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import AttachmentRefused, StoreError, StoreFull, StoreReadOnly
from desktop.system import process_resources
from desktop.system.log import logger
from desktop.text.phrases import Phrase, phrase

_log = logger("attachments")

_MOST_HELD = 16 << 20
"""Maximum bytes of decoded contents in memory, where panes with the same attachment share them.

Larger contents are read from disk each time.
"""

_GREAT = 8 << 20
"""Size in bytes from which freed memory is returned to the system immediately."""

_MOST_PAGES = 8
"""Number of rendered pages that are cached in memory."""


class FileKeeper(Protocol):
    """Storage for attachments beyond the current run of the program."""

    async def keep(self, attachment: Attachment, data: bytes) -> None:
        """Store a file durably. Raises StoreError."""
        ...

    async def find(self, part: ImagePart | FilePart) -> Attachment | None:
        """Return the file that a message refers to, or None if it is missing or not decoded yet. Raises StoreError."""
        ...

    async def describe(self, attachment: Attachment) -> None:
        """Store the decoded contents of a file that is already stored. Raises StoreError."""
        ...

    async def data(self, sha256: str) -> bytes | None:
        """Return a file's bytes. Raises StoreError."""
        ...


_Key = tuple[str, str]
"""A file's hash and media type, because the same bytes may have another type under another name."""

Keepers = Callable[[], Awaitable[FileKeeper]]


class AttachmentDesk:
    """Attachments of one run of the program. Must be closed by its owner."""

    def __init__(
        self, decoder: Decoder, keeper: Keepers, limits: Callable[[], AttachmentLimits] = AttachmentLimits
    ) -> None:
        """Create the desk. `limits` returns the limits in effect."""
        self.limits = limits
        self._decoder = decoder
        self._keeper = keeper
        self._held: OrderedDict[_Key, Attachment] = OrderedDict()
        self._unkept: dict[_Key, tuple[Attachment, bytes]] = {}
        self._pages: OrderedDict[tuple[str, int], PlainPicture] = OrderedDict()
        self._looked_at: dict[_Key, asyncio.Lock] = {}

    async def read(self, path: Path, tell: Tell = lambda _done, _of: None, *, keep: bool = True) -> Attachment:
        """Attach a file from disk. Raises AttachmentRefused, PolicyForbids and StoreError.

        `tell` receives the progress in pages. Without `keep`, the file is only available during this run.
        """
        limits = self.limits()
        limits.require()
        return await self.take(await asyncio.to_thread(_whole, path, limits.file_bytes), path.name, tell, keep=keep)

    async def take(
        self, data: bytes, name: str, tell: Tell = lambda _done, _of: None, *, keep: bool = True
    ) -> Attachment:
        """Attach bytes under a file name. Otherwise like `read`."""
        limits, name = self.limits(), plain_name(name)
        limits.require()
        if len(data) > limits.file_bytes:
            raise _too_large(name, limits.file_bytes)
        if not data:
            raise AttachmentRefused(phrase("{name} is empty.", name=name))
        media = media_of(data[:HEAD], name)
        if media is None:
            raise AttachmentRefused(
                phrase("The file type of {name} is not supported.", name=name),
                hint=phrase("You can attach images, PDFs, documents, spreadsheets, presentations and text files."),
            )
        limits.require(media.kind)
        request = DecodeRequest(media.kind, media.type, name, data, limits.side)
        decoded = await self._decoder.decode(request, tell)
        if not isinstance(decoded, Decoded):
            _log.warning("a file of type %s was not decoded: %s %s", media.type, decoded.reason.value, decoded.error)
            raise AttachmentRefused(_REASONS[decoded.reason](name))
        sha256 = await asyncio.to_thread(fingerprint, data)
        attachment = Attachment(sha256=sha256, name=name, media=media, size=len(data), decoded=decoded)
        if keep:
            try:
                await (await self._keeper()).keep(attachment, data)
            except StoreReadOnly:
                keep = False  # prompts are not stored there either
            except StoreFull as error:
                raise AttachmentRefused(
                    phrase("There is not enough disk space to store {name}.", name=name), hint=error.hint
                ) from error
        if keep:
            self._hold(attachment, (sha256, media.type))
        else:
            self._unkept[sha256, media.type] = (attachment, data)
        if len(data) > _GREAT:
            await asyncio.to_thread(process_resources.free_memory)
        return attachment

    async def find(self, part: ImagePart | FilePart) -> Attachment | None:
        """Return the file that a message refers to, or None if it no longer exists. Raises StoreError.

        Imported files are decoded on first use.
        """
        key = (part.sha256, part.media_type)
        if key in self._unkept:
            return structs.replace(self._unkept[key][0], name=plain_name(part.name))
        attachment = self._held.get(key) or await (await self._keeper()).find(part)
        if attachment is None:
            attachment = await self._looked_into(part)
        if attachment is None:
            return None
        self._hold(attachment, key)
        return structs.replace(attachment, name=plain_name(part.name))

    async def _looked_into(self, part: ImagePart | FilePart) -> Attachment | None:
        """Decode an imported file on first use. Returns None if it cannot be decoded and is therefore of no use."""
        key = (part.sha256, part.media_type)
        async with self._looked_at.setdefault(key, asyncio.Lock()):
            if key in self._held:
                return self._held[key]
            keeper = await self._keeper()
            data = await keeper.data(part.sha256)
            if data is None:
                return None
            name = plain_name(part.name)
            media = media_of(data[:HEAD], name)
            decoded: Decoded | DecodeRefusal | None = None
            if media is not None:
                decoded = await self._decoder.decode(
                    DecodeRequest(media.kind, media.type, name, data, self.limits().side)
                )
            if media is None or not isinstance(decoded, Decoded):
                media, decoded = Media(MediaKind.OTHER, part.media_type), Decoded()
            attachment = Attachment(sha256=part.sha256, name=name, media=media, size=len(data), decoded=decoded)
            self._hold(attachment, key)
            if media.type == part.media_type and media.kind is not MediaKind.OTHER:
                with suppress(StoreError):  # decoded again the next time
                    await keeper.describe(attachment)
            return attachment

    async def data(self, sha256: str) -> bytes | None:
        """Return a file's original bytes, or None if the file no longer exists. Raises StoreError."""
        for (hashed, _), (_, data) in self._unkept.items():
            if hashed == sha256:
                return data
        return await (await self._keeper()).data(sha256)

    async def page(self, attachment: Attachment, number: int) -> PlainPicture | None:
        """Return a page of a PDF as an image for display, or None if it cannot be rendered. Raises StoreError."""
        if attachment.decoded.pictures:  # pages of a scan, as models receive them
            pictures = attachment.decoded.pictures
            return pictures[number] if number < len(pictures) else None
        key = (attachment.sha256, number)
        if (held := self._pages.get(key)) is not None:
            self._pages.move_to_end(key)
            return held
        data = await self.data(attachment.sha256)
        if data is None:
            return None
        media = attachment.media
        request = DecodeRequest(media.kind, media.type, attachment.name, data, self.limits().side, page=number)
        decoded = await self._decoder.decode(request)
        if not isinstance(decoded, Decoded) or not decoded.pictures:
            return None
        self._pages[key] = decoded.pictures[0]
        while len(self._pages) > _MOST_PAGES:
            self._pages.popitem(last=False)
        return decoded.pictures[0]

    async def aclose(self) -> None:
        """Terminate the child processes permanently. Safe to call more than once."""
        await self._decoder.aclose()

    def _hold(self, attachment: Attachment, key: _Key) -> None:
        self._held[key] = attachment
        self._held.move_to_end(key)
        while sum(map(_weight, self._held.values())) > _MOST_HELD:
            self._held.popitem(last=False)


_REASONS: dict[Reason, Callable[[str], Phrase]] = {
    Reason.DAMAGED: lambda name: phrase(
        "{name} cannot be read: the file is damaged or in an unexpected format.", name=name
    ),
    Reason.LOCKED: lambda name: phrase("{name} is password-protected.", name=name),
    Reason.TOO_LARGE: lambda name: phrase("{name} is too large when unpacked.", name=name),
    Reason.NO_TEXT: lambda name: phrase("{name} contains no text that a model can read.", name=name),
    Reason.LATE: lambda name: phrase(
        "{name} could not be read within {seconds} seconds. Attach a smaller part of the file.",
        name=name,
        seconds=round(FILE_S),
    ),
    Reason.FAILED: lambda name: phrase(
        "{name} could not be read: the process that reads attachments failed. Attach the file in another format.",
        name=name,
    ),
}


def _weight(attachment: Attachment) -> int:
    decoded = attachment.decoded
    return getsizeof(decoded.text) + sum(len(each.data) for each in decoded.pictures) + len(decoded.thumbnail)


def _too_large(name: str, most: int) -> AttachmentRefused:
    return AttachmentRefused(
        phrase("{name} is larger than {most} MB.", name=name, most=most >> 20),
        hint=phrase("Attach part of the file, or a smaller image."),
    )


def _whole(path: Path, most: int) -> bytes:
    """Return a regular file's bytes. If the file changes while it is read, they may be inconsistent.

    Raises AttachmentRefused.
    """
    name = plain_name(path.name)
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise AttachmentRefused(
                    phrase("{name} is not a file.", name=name),
                    hint=phrase("Attach the files in the folder individually."),
                )
            data = file.read(most + 1)
    except FileNotFoundError:
        raise AttachmentRefused(phrase("The file {name} no longer exists.", name=name)) from None
    except IsADirectoryError:
        raise AttachmentRefused(
            phrase("{name} is a folder.", name=name), hint=phrase("Attach the files in the folder individually.")
        ) from None
    except PermissionError:
        raise AttachmentRefused(phrase("You do not have permission to read {name}.", name=name)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AttachmentRefused(phrase("{name} cannot be read: {reason}.", name=name, reason=reason)) from error
    if len(data) > most:
        raise _too_large(name, most)
    return data


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
