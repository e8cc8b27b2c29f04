"""Attachments in an export, within its JSON or beside it in a ZIP, which are read when they are saved."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct, structs

from desktop.attachments.attachment import fingerprint, plain_name
from desktop.attachments.attachment_limits import MOST_BYTES
from desktop.attachments.media_kind import HEAD, Media, MediaKind, media_of
from desktop.domain.conversation_types import Conversation, Message
from desktop.domain.message_parts import FilePart, ImagePart, Part, TextPart
from desktop.transfer.archives.zip_archive import ZipFiles

_MEMBER = "member:"
"""Prefix of the index of a ZIP member, used instead of the hash until the member is read."""

_DATA = re.compile(r"data:[^,;]{0,100}(?:;[^,;]{0,100}){0,5};base64,", re.IGNORECASE)
_OTHER = "application/octet-stream"


class CarriedFile(Struct, frozen=True):
    """A file listed in one of Paragone's exports: a member of its ZIP, or bytes in the JSON."""

    name: str = ""
    file: str = ""
    raw: msgspec.Raw = msgspec.Raw(b"null")


class _Listed(Struct, frozen=True):
    sha256: str = ""
    name: str = ""
    file: str = ""


class _WithBytes(Struct, frozen=True):
    data: bytes = msgspec.field(default=b"", name="bytes")


Carried = Callable[[], Mapping[str, CarriedFile]]
"""Returns the files listed in one of Paragone's exports, by hash."""


def carried(held: list[object]) -> dict[str, CarriedFile]:
    """Return the files in an encoded list, by hash. Invalid entries are skipped."""
    by_hash: dict[str, CarriedFile] = {}
    for raw in held:
        try:
            if isinstance(raw, msgspec.Raw):
                listed = msgspec.json.decode(raw, type=_Listed)
                by_hash.setdefault(listed.sha256, CarriedFile(listed.name, listed.file, raw))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return by_hash


def none_carried() -> Mapping[str, CarriedFile]:
    """Return no files, for the exports of other programs."""
    return {}


class Shelf:
    """Attachments of one export, during one preview or import."""

    def __init__(self, own: Carried = none_carried, archive: ZipFiles | None = None, *, takes_any: bool = True) -> None:
        self._takes_any = takes_any
        self._own = own
        self._archive = archive
        self._loads: dict[str, Callable[[], bytes | None]] = {}
        self._taken: dict[str, int] = {}
        self.weight = 0
        """Bytes of the attachments inside the conversations read so far."""
        self.kept: set[str] = set()
        """Hashes of the files saved so far."""

    def put(self, name: str, load: Callable[[], bytes | None]) -> ImagePart | FilePart | None:
        """Return the message part for a file inside a conversation, or None if it is empty or too large."""
        data = load() if self._takes_any else None
        if not data or len(data) > MOST_BYTES:
            return None
        part = part_of(data, name)
        self.weight += part.size
        self._loads[part.sha256] = load
        return part

    def put_address(self, name: str, address: str) -> ImagePart | FilePart | None:
        """Return the message part for a base64 data: URL, or None for any other address."""
        return self.put(name, lambda: bytes_in(address)) if _DATA.match(address) else None

    def put_text(self, name: str, said: str) -> ImagePart | FilePart | None:
        """Return the message part for a file whose extracted text is all that the export contains, or None."""
        called = plain_name(name if name.strip() else _PASTED)
        kind = media_of(said[:HEAD].encode("utf-8", "replace"), called)
        # Text may begin like an image or a PDF; in UTF-16 it cannot.
        encoding = "utf-16" if kind is not None and kind.kind is not MediaKind.TEXT else "utf-8"
        if kind is None or called.rpartition(".")[2] in _NO_TEXT:
            called += ".txt"
        return self.put(called, lambda: said.encode(encoding, "replace")) if said.strip() else None

    def text_of(self, part: ImagePart | FilePart) -> str:
        """Return the text of a file inside a conversation; empty for any other file."""
        load = self._loads.get(part.sha256)
        data = load() if load is not None and isinstance(part, FilePart) else None
        media = media_of(data[:HEAD], part.name) if data else None
        is_text = data is not None and media is not None and media.kind is MediaKind.TEXT
        encoding = "utf-16" if data is not None and data.startswith(codecs.BOM_UTF16) else "utf-8"
        return data.decode(encoding, "replace") if data is not None and is_text else ""

    def take(self, name: str, *ids: str) -> FilePart | None:
        """Return the message part for a file beside the conversations whose name begins with one of `ids`, or None."""
        return self._part(name, self._archive.find(ids) if self._archive is not None else None)

    def take_at(self, name: str, path: str) -> FilePart | None:
        """Return the message part for the file with this path in the export's ZIP or folder, or None."""
        return self._part(name, self._archive.at(path) if self._archive is not None else None)

    def _part(self, name: str, found: int | None) -> FilePart | None:
        if found is None or self._archive is None:
            return None
        called = plain_name(name or self._archive.name(found) or "image")
        self._taken[f"{_MEMBER}{found}"] = found
        return FilePart(sha256=f"{_MEMBER}{found}", media_type=_OTHER, name=called, size=self._archive.size(found))

    def holds(self, sha256: str) -> bool:
        """Whether a file seems to be available; it is not read for that."""
        return sha256 in self._taken or sha256 in self._loads or sha256 in self._own()

    def carries(self, sha256: str) -> bool:
        """Whether one of Paragone's exports lists a file by its hash."""
        return sha256 in self._own()

    def resolved(self, conversation: Conversation) -> tuple[Conversation, int]:
        """Read a conversation's files beside the JSON. Return it with their hashes, and the number of unreadable files.

        Unreadable files are replaced by their names. Slow.
        """
        lost = 0
        messages: list[Message] = []
        for message in conversation.messages:
            parts: list[Part] = []
            named = False
            for part in message.parts:
                resolved_part: Part | None = part
                if isinstance(part, FilePart) and part.sha256 in self._taken:
                    resolved_part = self._read(part, self._taken[part.sha256])
                    lost += resolved_part is None
                if resolved_part is None and isinstance(part, FilePart):
                    resolved_part = TextPart(text=f"[Attachment: {part.name}]")
                    named = True
                if named and isinstance(resolved_part, TextPart) and parts and isinstance(parts[-1], TextPart):
                    parts[-1] = TextPart(text=f"{parts[-1].text}\n\n{resolved_part.text}")
                elif resolved_part is not None:
                    parts.append(resolved_part)
            messages.append(structs.replace(message, parts=tuple(parts)))
        return structs.replace(conversation, messages=tuple(messages)), lost

    def load(self, sha256: str) -> bytes | None:
        """Return a file's bytes, or None if it is missing or too large. Slow."""
        if sha256 in self._loads:
            return self._loads[sha256]()
        listed = self._own().get(sha256)
        if listed is None:
            return None
        if listed.file:
            found = self._archive.at(listed.file) if self._archive is not None else None
            return self._archive.read(found) if found is not None and self._archive is not None else None
        try:
            data = msgspec.json.decode(listed.raw, type=_WithBytes).data
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return data if 0 < len(data) <= MOST_BYTES else None

    def forget(self) -> None:
        """Release the files inside conversations, once these are no longer in memory."""
        self._loads.clear()
        self.weight = 0

    def _read(self, part: FilePart, number: int) -> ImagePart | FilePart | None:
        archive = self._archive
        data = archive.read(number) if archive is not None else None
        if not data:
            return None
        made = part_of(data, part.name)
        self._loads[made.sha256] = lambda: archive.read(number, counted=False) if archive is not None else None
        return made


NO_FILES = Shelf(takes_any=False)
"""Shelf for callers that only need the names of attachments."""

_PASTED = "Pasted text.txt"
"""Name for pasted text that has none."""

_NO_TEXT = ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "png", "jpg", "jpeg", "gif", "webp", "eml")
"""Extensions of files that are not plain text, or whose type is recognized differently."""


def part_of(data: bytes, name: str) -> ImagePart | FilePart:
    """Return the part of a message for a file."""
    called = plain_name(name)
    media = media_of(data[:HEAD], called) or Media(MediaKind.OTHER, _OTHER)
    kind = ImagePart if media.kind is MediaKind.PICTURE else FilePart
    if kind is ImagePart and "." not in called:
        called = f"{called}.{media.type.rpartition('/')[2]}"
    return kind(sha256=fingerprint(data), media_type=media.type, name=called, size=len(data))


def bytes_in(address: str) -> bytes | None:
    """Return the bytes in a base64 data: URL, or None if it is invalid or too large."""
    found = _DATA.match(address)
    if found is None or len(address) > 2 * MOST_BYTES:
        return None
    try:
        return base64.b64decode(address[found.end() :])
    except (binascii.Error, ValueError):
        return None
