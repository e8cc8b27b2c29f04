"""Parts of a message: text, reasoning, images and files, tool calls and their results, citations."""

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
    """Plain text of a message."""

    text: str


class ReasoningPart(msgspec.Struct, frozen=True, kw_only=True, tag="reasoning", tag_field="type"):
    """Reasoning that precedes the response; never sent back to a server."""

    text: str


class _AttachedPart(msgspec.Struct, frozen=True, kw_only=True):
    """Metadata of an attachment. An import may contain any size; an impossible size becomes 0."""

    sha256: str
    media_type: str
    name: str = ""
    size: int = 0

    def __post_init__(self) -> None:
        """Replace an impossible size with 0."""
        if not 0 <= self.size <= _MOST_BYTES:
            msgspec.structs.force_setattr(self, "size", 0)


class ImagePart(_AttachedPart, frozen=True, kw_only=True, tag="image", tag_field="type"):
    """Attached image, identified by the SHA-256 (hex) of its `size` bytes."""


class FilePart(_AttachedPart, frozen=True, kw_only=True, tag="file", tag_field="type"):
    """Attachment other than an image, identified by the SHA-256 (hex) of its `size` bytes."""


class ToolCallPart(msgspec.Struct, frozen=True, kw_only=True, tag="tool_call", tag_field="type"):
    """Tool call of a model.

    Attributes:
        name: Name of the tool in the request.
        arguments: Arguments as JSON text, as they were used; the model's own if nobody edited them.
        server: Name of the server; empty for tools of the provider itself, such as its web search, and imported calls.
        tool: The server's own name of the tool; empty if it is `name`.
        edited: Whether the user edited the arguments.
    """

    id: str
    name: str
    arguments: str
    server: str = ""
    tool: str = ""
    edited: bool = False

    @property
    def shown_name(self) -> str:
        """Name of the tool for people."""
        return self.tool or self.name


class ToolStatus(StrEnum):
    """How a tool call ended."""

    OK = "ok"
    ERROR = "error"  # the tool failed, or the arguments were invalid; the model is told why
    DENIED = "denied"  # the user or a policy did not allow it
    CUT = "cut"  # the result was too long and is truncated
    UNANSWERED = "unanswered"  # Paragone or the response was ended before there was a result


class ToolResultPart(msgspec.Struct, frozen=True, kw_only=True, tag="tool_result", tag_field="type"):
    """Result of a tool call, which follows its call; images that the tool returned follow it as image parts.

    Attributes:
        call: ID of the call.
        text: Text that the model received.
        structured: JSON that the tool returned beside its text.
        duration_ms: Duration of the call; None if nothing was called.
        recorded: Whether another pane or an earlier response had made the same call, whose result was used.
        open_world: Whether the text may come from strangers (web, mail, files of others).
    """

    call: str
    status: ToolStatus
    text: str = ""
    structured: str = ""
    duration_ms: float | None = None
    recorded: bool = False
    open_world: bool = False


class CitationPart(msgspec.Struct, frozen=True, kw_only=True, tag="citation", tag_field="type"):
    """Web page that a response cites, with the title that the server reported."""

    url: str
    title: str = ""


class OpaquePart(msgspec.Struct, frozen=True, kw_only=True, tag="opaque", tag_field="type"):
    """Item that a server needs back unchanged during tool calls: encrypted reasoning, signatures.

    `data` is the JSON text of one item of an API format. It means nothing to another model, and is never shown,
    searched or exported.
    """

    wire: str
    model: str
    data: str


class PartKind(StrEnum):
    """Kind of part to which a delta belongs."""

    TEXT = "text"
    REASONING = "reasoning"
    PART = "part"  # JSON of a whole part, such as a tool call


Part = TextPart | ReasoningPart | ImagePart | FilePart | ToolCallPart | ToolResultPart | CitationPart | OpaquePart


def words(parts: Sequence[Part], kind: type[TextPart | ReasoningPart]) -> str:
    """Return the text of all parts of a kind, with a blank line where another part separates them.

    Without the blank line, a heading or closing fence after a tool call or reasoning would not be recognized.
    """
    if len(parts) == 1:  # fast path for most messages
        return parts[0].text if isinstance(parts[0], kind) else ""
    pieces: list[str] = []
    parted = False
    for part in parts:
        if not isinstance(part, kind):
            parted = parted or not isinstance(part, (CitationPart, OpaquePart))
            continue
        if not part.text:
            continue
        if parted and pieces:
            ends = len(pieces[-1]) - len(pieces[-1].rstrip("\n")) + len(part.text) - len(part.text.lstrip("\n"))
            pieces.append("\n" * (2 - ends))
        pieces.append(part.text)
        parted = False
    return "".join(pieces)


def sources(parts: Iterable[Part]) -> str:
    """Return the cited pages as a numbered list in Markdown, or an empty string."""
    cited: dict[str, str] = {}
    for part in parts:
        if isinstance(part, CitationPart):
            cited.setdefault(part.url, part.title)
    return "\n".join(f"{n}. {_link(url, title)}" for n, (url, title) in enumerate(cited.items(), 1))


def _link(url: str, title: str) -> str:
    """Return a Markdown link with its title and URL escaped."""
    target = _SPACED.sub(lambda found: quote(found[0]), url)
    said = _SIGN.sub(r"\\\g<0>", " ".join(title.split())) or _SIGN.sub(r"\\\g<0>", url)
    return f"[{said}](<{target}>)"


def whole_calls(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts with each result right after its call; a call without one is marked as not answered.

    Results of parallel calls arrive in any order, and Paragone may be terminated before there is one.
    """
    if not any(isinstance(part, ToolCallPart) for part in parts):
        return tuple(parts)
    results: dict[str, list[Part]] = {}
    rest: list[Part] = []
    held: list[Part] | None = None
    for part in parts:
        if isinstance(part, ToolResultPart):
            held = results.setdefault(part.call, [part])
        elif isinstance(part, ImagePart) and held is not None:
            held.append(part)
        else:
            held = None
            rest.append(part)
    whole: list[Part] = []
    for part in rest:
        whole.append(part)
        if isinstance(part, ToolCallPart):
            whole += results.pop(part.id, [ToolResultPart(call=part.id, status=ToolStatus.UNANSWERED)])
    return tuple(whole)


def called_words(parts: Iterable[Part]) -> str:
    """Return names, arguments and results of tool calls as text, for the search."""
    said: list[str] = []
    for part in parts:
        if isinstance(part, ToolCallPart):
            said.append(f"{part.shown_name} {part.arguments}")
        elif isinstance(part, ToolResultPart):
            said.append(part.text)
    return "\n\n".join(said)
