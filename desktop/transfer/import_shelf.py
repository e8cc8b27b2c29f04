"""The files that an export carries, in its JSON or beside it in a zip: read once they are kept."""

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
"""Stands before the number of a zip's member in the place of a hash, until that is read."""

_DATA = re.compile(r"data:[^,;]{0,100}(?:;[^,;]{0,100}){0,5};base64,", re.IGNORECASE)
_OTHER = "application/octet-stream"


class CarriedFile(Struct, frozen=True):
    """A file in the list of an export of ours: a member of its zip, or with its bytes in the JSON."""

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
"""The files that an export of ours lists, by their hashes."""


def carried(held: list[object]) -> dict[str, CarriedFile]:
    """The files of a list whose items are not decoded yet; what is none of ours is passed over."""
    found: dict[str, CarriedFile] = {}
    for raw in held:
        try:
            if isinstance(raw, msgspec.Raw):
                listed = msgspec.json.decode(raw, type=_Listed)
                found.setdefault(listed.sha256, CarriedFile(listed.name, listed.file, raw))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return found


def none_carried() -> Mapping[str, CarriedFile]:
    """Of other programs' exports."""
    return {}


class Shelf:
    """Of one export, for one look or run."""

    def __init__(self, own: Carried = none_carried, archive: ZipFiles | None = None, *, takes_any: bool = True) -> None:
        self._takes_any = takes_any
        self._own = own
        self._archive = archive
        self._loads: dict[str, Callable[[], bytes | None]] = {}
        self._taken: dict[str, int] = {}
        self.weight = 0
        """Bytes of files that stand in the conversations that were read."""
        self.kept: set[str] = set()
        """Hashes of files that were kept by now."""

    def put(self, name: str, load: Callable[[], bytes | None]) -> ImagePart | FilePart | None:
        """The part for a file whose bytes stand in a conversation; None where there are none, or too many."""
        data = load() if self._takes_any else None
        if not data or len(data) > MOST_BYTES:
            return None
        part = part_of(data, name)
        self.weight += part.size
        self._loads[part.sha256] = load
        return part

    def put_address(self, name: str, address: str) -> ImagePart | FilePart | None:
        """The same for a data: address in base64; None for any other."""
        return self.put(name, lambda: bytes_in(address)) if _DATA.match(address) else None

    def put_text(self, name: str, said: str) -> ImagePart | FilePart | None:
        """The same for the text that was read from a file."""
        called = plain_name(name if name.strip() else _PASTED)
        kind = media_of(said[:HEAD].encode("utf-8", "replace"), called)
        # A text may begin like a picture or a PDF; in UTF-16 none does.
        encoding = "utf-16" if kind is not None and kind.kind is not MediaKind.TEXT else "utf-8"
        if kind is None or called.rpartition(".")[2] in _NO_TEXT:
            called += ".txt"
        return self.put(called, lambda: said.encode(encoding, "replace")) if said.strip() else None

    def text_of(self, part: ImagePart | FilePart) -> str:
        """The text of a file that stands in a conversation; nothing for any other."""
        load = self._loads.get(part.sha256)
        data = load() if load is not None and isinstance(part, FilePart) else None
        media = media_of(data[:HEAD], part.name) if data else None
        is_text = data is not None and media is not None and media.kind is MediaKind.TEXT
        encoding = "utf-16" if data is not None and data.startswith(codecs.BOM_UTF16) else "utf-8"
        return data.decode(encoding, "replace") if data is not None and is_text else ""

    def take(self, name: str, *ids: str) -> FilePart | None:
        """The part for a file beside the conversations, by an id with which its name begins; None without one."""
        return self._part(name, self._archive.find(ids) if self._archive is not None else None)

    def take_at(self, name: str, path: str) -> FilePart | None:
        """The same for a file by its way in the export's zip or folder."""
        return self._part(name, self._archive.at(path) if self._archive is not None else None)

    def _part(self, name: str, found: int | None) -> FilePart | None:
        if found is None or self._archive is None:
            return None
        called = plain_name(name or self._archive.name(found) or "image")
        self._taken[f"{_MEMBER}{found}"] = found
        return FilePart(sha256=f"{_MEMBER}{found}", media_type=_OTHER, name=called, size=self._archive.size(found))

    def holds(self, sha256: str) -> bool:
        """Whether a file is here, as far as can be told before it is read."""
        return sha256 in self._taken or sha256 in self._loads or sha256 in self._own()

    def carries(self, sha256: str) -> bool:
        """Whether an export of ours lists a file by its hash."""
        return sha256 in self._own()

    def resolved(self, conversation: Conversation) -> tuple[Conversation, int]:
        """A conversation with the hashes of files that lie beside it, which are read now; how many cannot be.

        In their place their names stand. Slow.
        """
        lost = 0
        messages: list[Message] = []
        for message in conversation.messages:
            parts: list[Part] = []
            named = False
            for part in message.parts:
                found: Part | None = part
                if isinstance(part, FilePart) and part.sha256 in self._taken:
                    found = self._read(part, self._taken[part.sha256])
                    lost += found is None
                if found is None and isinstance(part, FilePart):
                    found = TextPart(text=f"[Attachment: {part.name}]")
                    named = True
                if named and isinstance(found, TextPart) and parts and isinstance(parts[-1], TextPart):
                    parts[-1] = TextPart(text=f"{parts[-1].text}\n\n{found.text}")
                elif found is not None:
                    parts.append(found)
            messages.append(structs.replace(message, parts=tuple(parts)))
        return structs.replace(conversation, messages=tuple(messages)), lost

    def load(self, sha256: str) -> bytes | None:
        """A file's bytes, whatever they are; None where it is not here or too large. Slow."""
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
        """Let go of what was read: the conversations that it stands in are."""
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
"""Where files are named, and none is taken."""

_PASTED = "Pasted text.txt"
"""What a text is called that was pasted, and has no name."""

_NO_TEXT = ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "png", "jpg", "jpeg", "gif", "webp", "eml")
"""Endings of files that are no text themselves, or are read as more than that."""


def part_of(data: bytes, name: str) -> ImagePart | FilePart:
    """What stands in a message for a file."""
    called = plain_name(name)
    media = media_of(data[:HEAD], called) or Media(MediaKind.OTHER, _OTHER)
    kind = ImagePart if media.kind is MediaKind.PICTURE else FilePart
    if kind is ImagePart and "." not in called:
        called = f"{called}.{media.type.rpartition('/')[2]}"
    return kind(sha256=fingerprint(data), media_type=media.type, name=called, size=len(data))


def bytes_in(address: str) -> bytes | None:
    """The bytes of a data: address in base64."""
    found = _DATA.match(address)
    if found is None or len(address) > 2 * MOST_BYTES:
        return None
    try:
        return base64.b64decode(address[found.end() :])
    except (binascii.Error, ValueError):
        return None
