"""Drafts of imported conversations: stable ids, size limits, and a report of what cannot be imported."""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from msgspec import structs

from desktop.attachments.attachment_limits import MOST_FILES
from desktop.domain.comparison import Comparison
from desktop.domain.conversation_types import (
    FIGURES_WORDS,
    LONGEST_SYSTEM,
    MOST_MESSAGE_BYTES,
    Conversation,
    Figures,
    Message,
    ModelRef,
    Role,
    Status,
    Value,
)
from desktop.domain.events import ReasoningDelta
from desktop.domain.imported_models import PREFIX
from desktop.domain.message_parts import (
    CitationPart,
    FilePart,
    ImagePart,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    words,
)
from desktop.providers.wire.finish_reasons import FAILED, REFUSAL, reason_of
from desktop.session.prompt_title import title_of
from desktop.session.think_tags import ThinkTags, closed_only
from desktop.text.phrases import LONGEST, Phrase, phrase
from desktop.transfer.archives.loose_json import Unreadable, table, text, when
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Grown, Node, Tree, grow
from desktop.voting.vote import Vote


class Lost(StrEnum):
    """Types of content that an import cannot preserve."""

    ATTACHMENT = "attachment"
    CANVAS = "canvas"
    CHART = "chart"
    CITATION = "citation"
    CONTENT = "content"
    EMPTY = "empty"
    IMAGE = "image"
    MESSAGE = "message"
    NOTE = "note"
    OPTION = "option"
    PARAMETER = "parameter"
    PROGRAM = "program"
    REPORT = "report"
    RING = "ring"
    SUMMARY = "summary"
    SYSTEM = "system"
    TOOL = "tool"


_LOST = {
    Lost.ATTACHMENT: phrase("Attachments: only their names are imported"),
    Lost.CANVAS: phrase("Changes to canvas documents and artifacts are left out"),
    Lost.CHART: phrase("Charts and maps in responses are left out"),
    Lost.IMAGE: phrase("Images in responses are left out"),
    Lost.PROGRAM: phrase("Programs in responses are left out"),
    Lost.CITATION: phrase("Citations whose source is not in the file are left out"),
    Lost.TOOL: phrase("Tool calls and their results are left out"),
    Lost.CONTENT: phrase("Content of an unknown type is left out"),
    Lost.SYSTEM: phrase("System messages in the middle of a conversation are left out"),
    Lost.EMPTY: phrase("Messages without visible content are left out"),
    Lost.MESSAGE: phrase("Unreadable messages are left out"),
    Lost.NOTE: phrase("Unknown note properties and lines above the messages are left out"),
    Lost.OPTION: phrase("Request options and schemas are left out"),
    Lost.PARAMETER: phrase("Unknown parameters are left out"),
    Lost.REPORT: phrase("Research reports are not in the file"),
    Lost.SUMMARY: phrase("Summaries created only for the model are left out"),
    Lost.RING: phrase("Messages that reply to each other in a loop, or share an ID, are left out"),
}


def losses(lost: Counter[Lost]) -> tuple[str, ...]:
    """Return a sentence with a count for each type of loss."""
    return tuple(with_count(_LOST[reason], count) for reason, count in sorted((+lost).items()))


def with_count(reason: str, count: int) -> Phrase:
    """Append a count to a sentence."""
    return phrase("{reason} ({count})", reason=reason, count=f"{count:,}")


MOST_MESSAGES = 100_000
"""Maximum number of messages in an imported conversation, on all branches."""

_LONGEST_ID = 200
_MOST_TAGS, _LONGEST_TAG = 100, 200
"""Limits of imported metadata: characters of an id, tags per conversation, and characters of a tag."""


def require_count(messages: Sequence[object]) -> None:
    """Raise Unreadable if a conversation has too many messages."""
    if len(messages) > MOST_MESSAGES:
        raise Unreadable(phrase("The conversation contains more than {most} messages.", most=f"{MOST_MESSAGES:,}"))


def require_size(conversation: Conversation) -> None:
    """Raise Unreadable if the system prompt, a message, an id or another field is too long."""
    require_ids(conversation.id, conversation.current)
    if len(conversation.system) > LONGEST_SYSTEM:
        raise Unreadable(phrase("The system prompt is larger than {most} MB.", most=LONGEST_SYSTEM >> 20))
    for message in conversation.messages:
        require_ids(message.id, message.parent)
        _require_fields(message)
        texts = _texts(message.parts)
        many = sum(map(len, texts))
        # UTF-8 has one to four bytes per character, so the number of characters usually decides.
        if many > MOST_MESSAGE_BYTES or (many * 4 > MOST_MESSAGE_BYTES and _bytes(texts) > MOST_MESSAGE_BYTES):
            raise Unreadable(phrase("A message is larger than {most} MB.", most=MOST_MESSAGE_BYTES >> 20))


def require_ids(*ids: str | None) -> None:
    """Raise Unreadable if an id is too long, because every list and search result contains ids."""
    if any(len(each) > _LONGEST_ID for each in ids if each is not None):
        raise Unreadable(phrase("An ID is longer than {most} characters.", most=_LONGEST_ID))


def few_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Return tags limited in number and length to what the list displays quickly."""
    return tuple(tag[:_LONGEST_TAG] for tag in tags[:_MOST_TAGS])


def _require_fields(message: Message) -> None:
    """Raise Unreadable if a message has too many files, or names too long for the window."""
    if len(message.files) > MOST_FILES:
        raise Unreadable(phrase("A message has more than {most} files.", most=MOST_FILES))
    figures = message.figures
    fields = [getattr(figures, name) for name in FIGURES_WORDS] if figures else []
    for part in message.parts:
        if isinstance(part, ToolCallPart):
            fields += [part.id, part.name, part.server, part.tool]
        elif isinstance(part, ToolResultPart):
            fields.append(part.call)
        elif isinstance(part, CitationPart):
            fields += [part.url, part.title]
        elif not isinstance(part, (TextPart, ReasoningPart, OpaquePart)):
            fields += [part.sha256, part.media_type, part.name]
    if any(len(each) > LONGEST for each in fields if each):
        raise Unreadable(phrase("A message field is longer than {most} characters.", most=f"{LONGEST:,}"))


def _texts(parts: Sequence[Part]) -> list[str]:
    """Return the texts of a message that have no other limit."""
    fields = ("text", "arguments", "structured")
    return [text for part in parts for name in fields if isinstance(text := getattr(part, name, None), str)]


def _bytes(texts: Sequence[str]) -> int:
    return sum(len(each.encode(errors="replace")) for each in texts)


_STATUSES = {
    **dict.fromkeys(("interrupted", "client_abort", "abort", "aborted", "user_canceled"), Status.STOPPED),
    **dict.fromkeys(("canceled", "cancelled", "stopped"), Status.STOPPED),
    **dict.fromkeys(("in_progress", "finished_partial_completion", "incomplete"), Status.INTERRUPTED),
    **dict.fromkeys(("issue", FAILED), Status.FAILED),
}
_WORDS = ("length", "content_filter", REFUSAL)
_CUT = {"out_of_tokens": "length", "filter": "content_filter", **{word: word for word in _WORDS}}


class Ending(NamedTuple):
    """Status of an imported response, and the finish reason if the response is complete but was truncated."""

    status: Status = Status.COMPLETE
    reason: str = ""


_WHOLE = Ending()
_LONGEST = 200  # longest word that names an ending


def ending(*said: object) -> Ending:
    """Return the ending for the first of these values that means something other than a normal end."""
    for each in said:
        word = text(each)
        if word and len(word) <= _LONGEST and (found := _told_by(word)) is not None:
            return found
    return _WHOLE


@functools.lru_cache(maxsize=256)
def _told_by(said: str) -> Ending | None:
    """Return the ending for a word, or None. Cached, because an export uses few words for all its responses."""
    word = said.strip().casefold().replace("-", "_")
    status = _STATUSES.get(word) or _STATUSES.get(reason_of(word))
    reason = _CUT.get(word) or _CUT.get(reason_of(word))
    return Ending(status or Status.COMPLETE, reason or "") if status or reason else None


_TITLE_LENGTH = 300
_BACKTICKS = re.compile("`{3,}")
_ID_LENGTH = 32
_NAME_LENGTH = 200
_MOST_SAID = 1_000_000
"""Maximum characters of text from attachments, in addition to those allowed for a prompt."""


class Draft(Value, frozen=True, kw_only=True):
    """An imported conversation with its pin, archive mark and tags, and sentences about what could not be imported."""

    conversation: Conversation
    pinned: bool = False
    archived: bool = False
    tags: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    is_empty: bool = False
    """Whether the source has no message to save; such a draft is reported but not saved."""

    @property
    def has_files(self) -> bool:
        """Whether any message has an attachment."""
        return any(message.files for message in self.conversation.messages)

    @property
    def size(self) -> int:
        """Number of characters of text and reasoning."""
        return sum(characters(message.parts) for message in self.conversation.messages)


@dataclass(frozen=True, kw_only=True)
class Format:
    """Another program's format. `drafts` converts one decoded item, given the time of the import.

    An item without messages results in an empty draft, so that its losses are reported. Raises Unreadable. Only
    Paragone's own format has `comparison` and `vote`. `with_files` is like `drafts`, with attachments from a shelf.
    """

    name: str
    drafts: Callable[[object, datetime], Sequence[Draft]]
    comparison: Callable[[object], Comparison] | None = None
    vote: Callable[[object], Vote] | None = None
    with_files: Callable[[object, datetime, Shelf], Sequence[Draft]] | None = None


@dataclass(kw_only=True)
class ConversationOutline:
    """A conversation as its source stores it. `source` names the format; `model` applies to responses without one."""

    source: str
    id: str
    title: str
    model: str
    nodes: list[Node] = field(default_factory=list[Node])
    current: str | None = None
    created: datetime | None = None
    updated: datetime | None = None
    system: str = ""
    pinned: bool = False
    archived: bool = False
    tags: tuple[str, ...] = ()
    lost: Counter[Lost] = field(default_factory=Counter[Lost])
    shelf: Shelf = NO_FILES


@dataclass(frozen=True, kw_only=True)
class Fields:
    """Names of the fields in which a program stores what every conversation has.

    If several fields are named, the first one that is set counts. `a.b` is the field `b` of the object `a`.
    """

    source: str
    id: tuple[str, ...] = ("id",)
    title: tuple[str, ...] = ("title",)
    model: tuple[str, ...] = ()
    current: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    pinned: str = ""
    archived: str = ""

    def outline(
        self, entry: Mapping[str, object], nodes: list[Node], lost: Counter[Lost], shelf: Shelf = NO_FILES
    ) -> ConversationOutline:
        """Return the outline of a conversation; the importer adds what these fields cannot express."""
        return ConversationOutline(
            source=self.source,
            id=_first_text(entry, self.id),
            title=_first_text(entry, self.title),
            model=_first_text(entry, self.model),
            nodes=nodes,
            current=_first_text(entry, self.current) or None,
            system=_first_text(entry, self.system),
            created=_first_time(entry, self.created),
            updated=_first_time(entry, self.updated),
            pinned=_field(entry, self.pinned) is True,
            archived=_field(entry, self.archived) is True,
            lost=lost,
            shelf=shelf,
        )


def _field(entry: Mapping[str, object], path: str) -> object:
    *objects, name = path.split(".")
    for each in objects:
        entry = table(entry.get(each))
    return entry.get(name)


def _first_text(entry: Mapping[str, object], paths: tuple[str, ...]) -> str:
    return next(filter(None, (text(_field(entry, path)) for path in paths)), "")


def _first_time(entry: Mapping[str, object], paths: tuple[str, ...]) -> datetime | None:
    return next(filter(None, (when(_field(entry, path)) for path in paths)), None)


def finished(outline: ConversationOutline, now: datetime) -> tuple[Draft, ...]:
    """Return the draft for an outline; empty if it has no messages. `now` replaces missing times.

    Raises Unreadable if the conversation exceeds the size limits.
    """
    require_count(outline.nodes)
    times = [node.at for node in outline.nodes if node.at is not None]
    start = outline.created or min(times, default=outline.updated or now)
    outline = _without_system(outline)
    tree = grow(outline.nodes, outline.current, start)
    outline.lost[Lost.RING] += tree.lost
    outline.lost[Lost.EMPTY] += tree.empty
    ids = _Ids(outline)
    messages = tuple(_with_few_files(_message(outline, grown, ids), outline) for grown in tree.messages)
    conversation = Conversation(
        id=identity(outline.source, outline.id),
        title=_title(outline, messages),
        model=_model_of(outline, messages, tree),
        created_at=start,
        updated_at=max(outline.updated or max((grown.at for grown in tree.messages), default=start), start),
        current=ids[tree.current] if tree.current else None,
        system=outline.system,
        messages=messages,
    )
    require_size(conversation)
    draft = Draft(
        conversation=conversation,
        pinned=outline.pinned,
        archived=outline.archived,
        tags=few_tags(outline.tags),
        losses=losses(outline.lost),
        is_empty=not messages,
    )
    return (draft,)


def characters(parts: Sequence[Part]) -> int:
    """Return the number of characters of text and reasoning."""
    return sum(len(part.text) for part in parts if isinstance(part, (TextPart, ReasoningPart)))


def identity(*names: str) -> str:
    """Return an id that is always the same for the same names."""
    return _named(*names).hexdigest()[:_ID_LENGTH]


def _named(*names: str) -> hashlib._Hash:  # pyright: ignore[reportPrivateUsage]
    """Hash names one by one, because together they may be all texts of a conversation."""
    whole = hashlib.sha256()
    for place, name in enumerate(names):
        whole.update(b"\0" if place else b"")
        whole.update(name.encode("utf-8", "surrogatepass"))
    return whole


def attachment(name: str) -> TextPart:
    """Return the placeholder for a missing attachment."""
    return TextPart(text=f"[Attachment: {' '.join(name.split())[:_NAME_LENGTH] or 'unnamed'}]")


def fenced(text: str, language: str = "") -> str:
    """Return text as a code block, with a fence longer than any in the text."""
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    ended = "" if text.endswith("\n") else "\n"
    return f"{fence}{language}\n{text}{ended}{fence}"


def joined(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Drop empty parts, and join adjacent parts of a kind with a blank line."""
    said = [part for part in parts if not isinstance(part, (TextPart, ReasoningPart)) or part.text.strip()]
    merged: list[Part] = []
    for kind, run in itertools.groupby(said, key=type):
        if kind is TextPart or kind is ReasoningPart:
            texts = [part.text for part in run if isinstance(part, (TextPart, ReasoningPart))]
            merged.append(kind(text="\n\n".join(texts)))
        else:
            merged += run
    return tuple(merged)


def model_ref(source: str, name: str) -> ModelRef:
    """Return a reference to a model of another program. Its connection is a placeholder that is not in the settings."""
    return ModelRef(connection=f"{PREFIX}{source}", name=" ".join(name.split())[:_NAME_LENGTH] or source)


def text_node(id_: str, parent: str | None, role: Role | None, text: str, at: datetime | None = None) -> Node:
    """Return a node of plain text."""
    return Node(id=id_, parent=parent, role=role, parts=joined([TextPart(text=text)]), at=at)


def role_of(name: object, names: Mapping[str, Role] | None = None) -> Role | None:
    """Return the role with this name in APIs, or in `names` if given; None for an unknown name."""
    if not isinstance(name, str):
        return None
    if names is not None:
        return names.get(name)
    return Role(name) if name in set(Role) else None


def speaker(name: object, lost: Counter[Lost], names: Mapping[str, Role] | None = None) -> Role | None:
    """Return the role with this name, or None. Messages of tools and unknown roles are counted as lost."""
    role = role_of(name, names)
    if role is None:
        lost[Lost.TOOL if name in ("tool", "function") else Lost.MESSAGE] += 1
    return role


def has_text(parts: Sequence[Part]) -> bool:
    """Whether any part contains visible text."""
    return any(isinstance(part, TextPart) and part.text.strip() for part in parts)


def quoted(said: str) -> TextPart:
    """Return text as a Markdown quotation."""
    return TextPart(text="\n".join(f"> {line}".rstrip() for line in said.strip("\n").split("\n")))


def ran(code: str, language: str, printed: str) -> list[TextPart]:
    """Return code that a response executed, and its output, as code blocks."""
    shown = fenced(code, language if language.isalnum() else "")
    return [TextPart(text=shown), *([TextPart(text=fenced(printed))] if printed.strip() else [])]


def _without_system(outline: ConversationOutline) -> ConversationOutline:
    """Move system messages before the first turn into the system prompt; later ones are counted as lost."""
    spoken_ids: set[str] = set()
    nodes: list[Node] = []
    first: dict[str, None] = {outline.system: None} if outline.system else {}
    for node in outline.nodes:
        if node.role is not Role.SYSTEM:
            nodes.append(node)
            if node.is_kept:
                spoken_ids.add(node.id)
            continue
        text = words(node.parts, TextPart).strip()
        if text and not spoken_ids and text not in first:
            first[text] = None
        elif text and text not in first:
            outline.lost[Lost.SYSTEM] += 1
        nodes.append(Node(id=node.id, parent=node.parent, at=node.at))
    outline.nodes = nodes
    outline.system = "\n\n".join(first)
    return outline


class _Ids(dict[str, str]):
    """Cache of new message ids by the source's ids."""

    def __init__(self, outline: ConversationOutline) -> None:
        super().__init__()
        self._before = _named(outline.source, outline.id, "")

    def __missing__(self, node: str) -> str:
        whole = self._before.copy()
        whole.update(node.encode("utf-8", "surrogatepass"))
        found = self[node] = whole.hexdigest()[:_ID_LENGTH]
        return found


def _message(outline: ConversationOutline, grown: Grown, ids: _Ids) -> Message:
    node = grown.node
    assert node.role is not None
    answered = node.role is Role.ASSISTANT
    return Message(
        id=ids[node.id],
        parent=ids[grown.parent] if grown.parent else None,
        role=node.role,
        parts=_compact(_told_apart(grown.pieces) if answered else grown.pieces),
        status=node.status if answered else Status.COMPLETE,
        created_at=grown.at,
        model=model_ref(outline.source, node.model or outline.model) if answered else None,
        usage=node.usage,
        figures=_figures(node) if answered else node.figures,
        problem=node.problem,
        imported=True,
    )


def _with_few_files(message: Message, outline: ConversationOutline) -> Message:
    """Limit the number of files in a message. Excess files become text, or only their names if they are not text."""
    over = {id(part) for part in message.files[MOST_FILES:]}
    if not over:
        return message
    parts: list[Part] = []
    characters_left = _MOST_SAID
    for part in message.parts:
        if not isinstance(part, (ImagePart, FilePart)) or id(part) not in over:
            parts.append(part)
            continue
        parts.append(attachment(part.name))
        said = outline.shelf.text_of(part) if part.size <= characters_left else ""
        characters_left -= len(said)
        outline.lost[Lost.ATTACHMENT] += not said
        parts += [TextPart(text=fenced(said))] if said else []
    return structs.replace(message, parts=joined(parts))


def _figures(node: Node) -> Figures | None:
    """Return the source's figures for a response, with the finish reason if it was truncated."""
    return structs.replace(node.figures or Figures(), finish_reason=node.reason) if node.reason else node.figures


def _told_apart(pieces: Sequence[Part]) -> list[Part]:
    """Separate reasoning in tags from a response's text, as for a streamed response."""
    split_parts: list[Part] = []
    for part in pieces:
        if not isinstance(part, TextPart):
            split_parts.append(part)
            continue
        tags = ThinkTags()
        thought, said = ("", part.text) if split_parts else closed_only(part.text)
        leading: list[Part] = [ReasoningPart(text=thought)] if thought else []
        leading += [
            ReasoningPart(text=each.text) if isinstance(each, ReasoningDelta) else TextPart(text=each.text)
            for each in (*tags.feed(said), *tags.finish())
        ]
        if (
            split_parts
            and leading
            and isinstance(split_parts[-1], ReasoningPart)
            and isinstance(leading[0], ReasoningPart)
        ):
            split_parts.append(ReasoningPart(text="\n\n"))  # separate reasoning, not the end of the previous one
        split_parts += leading
    return split_parts


def _compact(pieces: Sequence[Part]) -> tuple[Part, ...]:
    """Join adjacent parts of a kind."""
    compact: list[Part] = []
    run: list[str] = []
    kind: type[TextPart | ReasoningPart] | None = None
    for part in (*pieces, None):
        own = type(part) if isinstance(part, (TextPart, ReasoningPart)) else None
        if kind is not None and own is not kind:
            compact.append(kind(text="".join(run)))
            run = []
        kind = own
        if isinstance(part, (TextPart, ReasoningPart)):
            run.append(part.text)
        elif part is not None:
            compact.append(part)
    return tuple(compact)


def _title(outline: ConversationOutline, messages: Sequence[Message]) -> str:
    title = " ".join(outline.title.split())[:_TITLE_LENGTH]
    if title:
        return title
    return title_of(next((each.text for each in messages if each.role is Role.USER), ""))


def _model_of(outline: ConversationOutline, messages: Sequence[Message], tree: Tree) -> ModelRef:
    """Return the model of the last response on the current branch, otherwise of any response or of the outline."""
    by_id = {grown.node.id: message for grown, message in zip(tree.messages, messages, strict=True)}
    parents = {grown.node.id: grown.parent for grown in tree.messages}
    at = tree.current
    while at is not None:
        if (model := by_id[at].model) is not None:
            return model
        at = parents[at]
    found = next((grown.model for grown in reversed(messages) if grown.model is not None), None)
    return found or model_ref(outline.source, outline.model)
