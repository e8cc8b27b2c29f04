"""What a message is made of, part by part: text, thoughts, pictures and files, calls of tools, citations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from urllib.parse import quote

import msgspec

_SIGN = re.compile(r"[\\\[\]`*_<>$~&]")
_SPACED = re.compile(r"[\s<>\\]")
_MOST_BYTES = 1 << 53


class TextPart(msgspec.Struct, frozen=True, kw_only=True, tag="text", tag_field="type"):
    """Text that is said or shown."""

    text: str


class ReasoningPart(msgspec.Struct, frozen=True, kw_only=True, tag="reasoning", tag_field="type"):
    """What a model thought before it answered; never sent back."""

    text: str


class _AttachedPart(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an attached file, in an import by whoever wrote it: a size that no file has counts as none."""

    sha256: str
    media_type: str
    name: str = ""
    size: int = 0

    def __post_init__(self) -> None:
        """Leave out a size that cannot be."""
        if not 0 <= self.size <= _MOST_BYTES:
            msgspec.structs.force_setattr(self, "size", 0)


class ImagePart(_AttachedPart, frozen=True, kw_only=True, tag="image", tag_field="type"):
    """A picture by the SHA-256 (hex) of its bytes, of which there are `size`, among the attached files."""


class FilePart(_AttachedPart, frozen=True, kw_only=True, tag="file", tag_field="type"):
    """Another file by the SHA-256 (hex) of its bytes, of which there are `size`, among the attached files."""


class ToolCallPart(msgspec.Struct, frozen=True, kw_only=True, tag="tool_call", tag_field="type"):
    """A call that a model asked for: the tool's name and its arguments as JSON text."""

    id: str
    name: str
    arguments: str


class CitationPart(msgspec.Struct, frozen=True, kw_only=True, tag="citation", tag_field="type"):
    """A page of the web that an answer cites, as its server named it."""

    url: str
    title: str = ""


class OpaquePart(msgspec.Struct, frozen=True, kw_only=True, tag="opaque", tag_field="type"):
    """What a server wants back unchanged while its tools are worked off: sealed thoughts, signatures.

    `data` is the JSON text of one item of a wire. It means nothing to another model, and is never shown, searched or
    exported.
    """

    wire: str
    model: str
    data: str


class PartKind(StrEnum):
    """What of an answer a delta belongs to."""

    TEXT = "text"
    REASONING = "reasoning"


Part = TextPart | ReasoningPart | ImagePart | FilePart | ToolCallPart | CitationPart | OpaquePart


def words(parts: Sequence[Part], kind: type[TextPart | ReasoningPart]) -> str:
    """The text of all parts of a kind. What a part of another kind parted is parted by a blank line.

    A call of a tool, or a thought, stands between paragraphs: without a break a heading after it would be none, and
    the end of a fence no end.
    """
    if len(parts) == 1:  # most messages
        return parts[0].text if isinstance(parts[0], kind) else ""
    found: list[str] = []
    parted = False
    for part in parts:
        if not isinstance(part, kind):
            parted = parted or not isinstance(part, (CitationPart, OpaquePart))
            continue
        if not part.text:
            continue
        if parted and found:
            ends = len(found[-1]) - len(found[-1].rstrip("\n")) + len(part.text) - len(part.text.lstrip("\n"))
            found.append("\n" * (2 - ends))
        found.append(part.text)
        parted = False
    return "".join(found)


def sources(parts: Iterable[Part]) -> str:
    """The pages that are cited, as a numbered list in Markdown; empty without any."""
    cited: dict[str, str] = {}
    for part in parts:
        if isinstance(part, CitationPart):
            cited.setdefault(part.url, part.title)
    return "\n".join(f"{n}. {_link(url, title)}" for n, (url, title) in enumerate(cited.items(), 1))


def _link(url: str, title: str) -> str:
    """A link of which neither half can end the other."""
    target = _SPACED.sub(lambda found: quote(found[0]), url)
    said = _SIGN.sub(r"\\\g<0>", " ".join(title.split())) or _SIGN.sub(r"\\\g<0>", url)
    return f"[{said}](<{target}>)"
