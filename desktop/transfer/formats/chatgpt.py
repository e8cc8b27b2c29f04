"""ChatGPT's `conversations.json`: trees of nodes, some hidden, with separate nodes for reasoning, code and tools."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from msgspec import structs

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.transfer.archives.loose_json import Unreadable, decode, items, number, table, tables, text, when
from desktop.transfer.formats.chatgpt_components import ComponentAnswer, is_of_components
from desktop.transfer.formats.chatgpt_marks import ChatGptCitations, found_in, saved_writing, without_writing
from desktop.transfer.import_drafts import (
    Draft,
    Ending,
    Fields,
    Format,
    Lost,
    attachment,
    ending,
    fenced,
    finished,
    joined,
    quoted,
    speaker,
)
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node

_STATE = "The latest state of the widget is:"
_CONNECTOR = "connector_openai_deep_research"
_MOST_REPORT_STEPS = 500
"""Maximum nodes above a report that are searched for an earlier version of it."""

ASKS = "research_kickoff_tool.clarify_with_text"
"""Tool whose result is a question to the user by Deep Research, which is shown as a response."""


class _Snapshot(NamedTuple):
    id: str
    report: Mapping[str, object]
    at: float


class ResearchReports:
    """Deep Research reports of a conversation, stored in widget states.

    Each is shown once per branch, in its newest version.
    """

    def __init__(self, mapping: Mapping[str, object]) -> None:
        self._nodes = mapping
        self._snapshots: dict[str, _Snapshot] = {}
        self._newest: dict[str, _Snapshot] = {}
        begun = 0
        for id_, value in mapping.items():
            message = table(table(value).get("message"))
            if not (states := _states(message)):
                continue
            report = next((held for each in states if _said(held := table(each.get("report_message")))), None)
            begun += report is None and _is_research(message)
            if report is not None:
                known = text(report.get("id")) or _said(report)
                snapshot = _Snapshot(known, report, number(message.get("create_time")) or 0.0)
                self._snapshots[id_] = snapshot
                if known not in self._newest or self._newest[known].at <= snapshot.at:
                    self._newest[known] = snapshot
        self.missing_count = 0 if self._newest else min(begun, 1)
        """1 if there was research but the file has no report, otherwise 0."""

    def message(self, id_: str) -> Mapping[str, object] | None:
        """Return a node's report as an assistant message; empty if an earlier node has it, None if there is none."""
        snapshot = self._snapshots.get(id_)
        if snapshot is None:
            return None
        if self._is_above(id_, snapshot.id):
            return {}
        report = self._newest[snapshot.id].report
        hidden = ("is_visually_hidden_from_conversation",)
        return {
            **report,
            "author": {"role": "assistant"},
            "recipient": "all",
            "weight": 1,
            "create_time": report.get("create_time") or snapshot.at or None,
            "metadata": {name: held for name, held in table(report.get("metadata")).items() if name not in hidden},
        }

    def _is_above(self, id_: str, known: str) -> bool:
        for _ in range(_MOST_REPORT_STEPS):
            id_ = text(table(self._nodes.get(id_)).get("parent"))
            if not id_:
                break
            if id_ in self._snapshots and self._snapshots[id_].id == known:
                return True
        return False


def _states(message: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return the widget states in a tool's message, from any of the fields that may contain them."""
    if table(message.get("author")).get("role") != "tool":
        return []
    metadata = table(message.get("metadata"))
    widget = table(metadata.get("chatgpt_sdk"))
    pieces = [text(value) for value in items(table(message.get("content")).get("parts"))[:1]]
    candidates = [
        widget.get("widget_state"),
        table(widget.get("tool_response_metadata")).get("venus_widget_state"),
        table(metadata.get("tool_response_metadata")).get("venus_widget_state"),
        metadata.get("venus_widget_state"),
        *(value.partition(_STATE)[2].strip() for value in pieces if value.lstrip().startswith(_STATE)),
    ]
    return [state for value in candidates if (state := _decoded(value))]


def _decoded(value: object) -> Mapping[str, object]:
    try:
        state = table(decode(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) and value else value)
    except Unreadable:
        return {}
    return state if "report_message" in state else table(state.get("widget_state")) or state


def _said(report: Mapping[str, object]) -> str:
    """Return the text of a report."""
    return "\n".join(map(text, items(table(report.get("content")).get("parts")))).strip()


def _is_research(message: Mapping[str, object]) -> bool:
    metadata = table(message.get("metadata"))
    attribution = text(table(metadata.get("chatgpt_sdk")).get("attribution_id"))
    return attribution == _CONNECTOR or "Deep Research" in text(metadata.get("exclusive_key"))


_LANGUAGES = {"": "python", "all": "python", "python": "python", "python_user_visible": "python"}
_SHELL = "container.exec"
_RUNS = {"python", "python_user_visible", _SHELL}


def is_thought(metadata: Mapping[str, object]) -> bool:
    """Whether a node is a step of reasoning, which ChatGPT shows collapsed."""
    return metadata.get("reasoning_status") == "is_reasoning"


def printed(said: str, metadata: Mapping[str, object]) -> list[Part]:
    """Return the output of code as a code block."""
    return [_block(said, "", metadata)] if said.strip() else []


def code_parts(message: Mapping[str, object], content: Mapping[str, object]) -> list[Part] | None:
    """Return the code that a node sends to an interpreter; None for other content or another tool."""
    recipient = text(message.get("recipient"))
    if content.get("content_type") == "code" and (recipient in _LANGUAGES or recipient == _SHELL):
        code = text(content.get("text"))
    elif recipient in _RUNS and message.get("channel") != "final":
        code = text(content.get("text")) or "".join(text(each) for each in items(content.get("parts")))
    else:
        return None
    if not code.strip():
        return []
    named = text(content.get("language"))
    known = named if named.isalnum() and named != "unknown" else ""
    language = known or _LANGUAGES.get(recipient, "sh")
    return [_block(_command(code) if recipient == _SHELL else code, language, table(message.get("metadata")))]


def _command(said: str) -> str:
    """Return the shell command in a call's arguments, or the arguments themselves if they have another form."""
    try:
        words = items(table(json.loads(said)).get("cmd"))
    except (ValueError, RecursionError):
        return said
    return text(words[-1]) or said if words else said


def _block(said: str, language: str, metadata: Mapping[str, object]) -> Part:
    block = fenced(said.replace("\r\n", "\n"), language)
    return ReasoningPart(text=block) if is_thought(metadata) else TextPart(text=block)


_LONGEST_NAME = 200


class CanvasDocuments:
    """Canvas documents of one conversation, as far as their changes can be reconstructed."""

    def __init__(self) -> None:
        self._name = ""
        self._kind = ""

    def parts(self, recipient: str, said: str, lost: Counter[Lost]) -> list[Part]:
        """Return a call as parts of the response: a new or rewritten document."""
        try:
            call = table(decode(said.encode("utf-8", "surrogatepass")))
        except Unreadable:
            call = table(None)
        match recipient:
            case "canmore.create_textdoc" if text(call.get("content")):
                self._name, self._kind = text(call.get("name")), text(call.get("type"))
                return self._shown([text(call.get("content"))])
            case "canmore.update_textdoc":
                updates = tables(call.get("updates"))
                # Other patterns are regular expressions, which are not evaluated; this one matches the whole document.
                anew = [text(each.get("replacement")) for each in updates if each.get("pattern") == ".*"]
                lost[Lost.CANVAS] += max(len(updates), 1) - len(anew)
                return self._shown(anew)
            case "canmore.comment_textdoc":
                lost[Lost.TOOL] += 1
            case _:
                lost[Lost.CANVAS] += 1
        return []

    def _shown(self, documents: Sequence[str]) -> list[Part]:
        name = " ".join(self._name.replace("*", "").split())[:_LONGEST_NAME]
        language = self._kind.removeprefix("code").removeprefix("/")
        found: list[Part] = []
        for document in documents:
            is_code = self._kind.startswith("code")
            body = fenced(document, language if language.isalnum() else "") if is_code else document
            found.append(TextPart(text=f"**{name}**\n\n{body}" if name else body))
        return found


class ChatGptFiles:
    """Attachments of one conversation."""

    def __init__(self, shelf: Shelf, lost: Counter[Lost]) -> None:
        self._shelf = shelf
        self._lost = lost
        self._none = MessageFiles(shelf, [], lost)

    def of(self, metadata: Mapping[str, object]) -> MessageFiles:
        """Return the attachments of one message."""
        if "attachments" not in metadata:  # most messages have none
            return self._none
        named = [(text(each.get("id")), text(each.get("name"))) for each in tables(metadata.get("attachments"))]
        return MessageFiles(self._shelf, named, self._lost)


class MessageFiles:
    """Attachments of one message. Those shown in its text are not listed again."""

    def __init__(self, shelf: Shelf, attached: list[tuple[str, str]], lost: Counter[Lost]) -> None:
        self._shelf = shelf
        self._attached = attached
        self._lost = lost
        self._shown: set[str] = set()

    def pointed(self, pointer: str, kind: str) -> Part:
        """Return the file behind a pointer such as file-service://file-…, or a placeholder that names its kind."""
        id_ = pointer.rpartition("/")[2]
        name = next((name for each, name in self._attached if each == id_), "")
        part = self._shelf.take(name, id_) if id_ else None
        if part is None:
            self._lost[Lost.ATTACHMENT] += 1
            return attachment(kind)
        self._shown.add(id_)
        return part

    def rest(self) -> list[Part]:
        """Return the attachments that are not shown in the text."""
        parts: list[Part] = []
        for id_, name in self._attached:
            if id_ and id_ in self._shown:
                continue
            part = self._shelf.take(name, id_) if id_ else None
            self._lost[Lost.ATTACHMENT] += part is None
            parts.append(part or attachment(name))
        return parts


_FIELDS = Fields(
    source="chatgpt",
    id=("conversation_id", "id"),
    model=("default_model_slug",),
    current=("current_node",),
    created=("create_time",),
    updated=("update_time",),
    archived="is_archived",
)
_WHOLE = Ending()
_MOST_STEPS = 200
"""Maximum nodes between a response and its prompt that are searched for citations."""

_MARKS = re.compile("[\ue200-\ue207†]|:::|oaicite:")
_SHOWN_TO_NOBODY = ("model_editable_context", "user_editable_context", "reasoning_recap", "system_error")


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """Return the conversation of one entry of the list."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    mapping, canvas = table(entry.get("mapping")), CanvasDocuments()
    around, research = _Neighbours(mapping), ResearchReports(mapping)
    lost[Lost.REPORT] += research.missing_count
    files = ChatGptFiles(shelf, lost)
    nodes = [
        _node(id_, table(value), research.message(id_), around, canvas, files, lost) for id_, value in mapping.items()
    ]
    above = {text(child): id_ for id_, value in mapping.items() for child in items(table(value).get("children"))}
    nodes = [
        each if each.parent in mapping else structs.replace(each, parent=above.get(each.id, each.parent))
        for each in nodes
    ]
    outline = _FIELDS.outline(entry, nodes, lost)
    outline.id = outline.id or _fallback(entry)
    outline.pinned = bool(entry.get("is_starred")) or bool(entry.get("pinned_time"))
    return finished(outline, now)


FORMAT = Format(name="ChatGPT", drafts=drafts, with_files=drafts)


def _fallback(entry: Mapping[str, object]) -> str:
    return f"{text(entry.get('title'))} {entry.get('create_time')} {','.join(sorted(table(entry.get('mapping'))))}"


def _node(
    id_: str,
    value: Mapping[str, object],
    report: Mapping[str, object] | None,
    around: _Neighbours,
    canvas: CanvasDocuments,
    files: ChatGptFiles,
    lost: Counter[Lost],
) -> Node:
    message = table(value.get("message")) if report is None else report
    parent = text(value.get("parent")) or None
    metadata = table(message.get("metadata"))
    blank = Node(id=id_, parent=parent, at=when(message.get("create_time")))
    if not message or _is_hidden(message):
        return blank
    author = table(message.get("author"))
    role = speaker(author.get("role"), lost, _ROLES)
    content = table(message.get("content"))
    if role is None or content.get("content_type") in _SHOWN_TO_NOBODY:
        return blank
    from_tool = author.get("role") == "tool" and author.get("name") != ASKS
    attached = files.of(metadata)
    if from_tool:
        parts = _tool_parts(content, metadata, attached, lost)
        if not parts:
            return blank
    else:
        parts = _parts(message, content, canvas, attached, lost)
    if role is Role.ASSISTANT:
        parts = _with_sources(parts, metadata, lambda name: around.before(value, name), lost)
    elif role is Role.USER:
        parts = [*_meant(metadata), *parts, *attached.rest()]
    ended = ending(table(metadata.get("finish_details")).get("type"), message.get("status"))
    is_step = from_tool or content.get("content_type") == "thoughts"
    if ended != _WHOLE and (is_step or (ended.reason != "length" and around.is_answered(value, message))):
        ended = _WHOLE
    return Node(
        id=id_,
        parent=parent,
        role=role,
        parts=joined(parts),
        at=blank.at,
        model=text(metadata.get("model_slug")),
        status=ended.status,
        reason=ended.reason,
        goes_on=ended.reason == "length" and message.get("end_turn") is not True,
    )


def _is_hidden(message: Mapping[str, object]) -> bool:
    if table(message.get("metadata")).get("is_visually_hidden_from_conversation") is True:
        return True
    return message.get("weight") == 0 and not _is_drawn(message)


def _is_drawn(message: Mapping[str, object]) -> bool:
    """Whether a tool generated an image, which is shown although the node's weight is 0."""
    pieces = tables(table(message.get("content")).get("parts"))
    return table(message.get("author")).get("role") == "tool" and any("asset_pointer" in each for each in pieces)


_ROLES = {"system": Role.SYSTEM, "user": Role.USER, "assistant": Role.ASSISTANT, "tool": Role.ASSISTANT}


def _meant(metadata: Mapping[str, object]) -> list[Part]:
    """Return the passage of a response to which a prompt replies, as a quotation."""
    marked = text(metadata.get("targeted_reply"))
    return [quoted(marked)] if marked.strip("\n") else []


def _with_sources(
    parts: list[Part], metadata: Mapping[str, object], before: Callable[[str], str], lost: Counter[Lost]
) -> list[Part]:
    """Replace the marks and components in a response with links and text."""
    if not _has_marks(parts, metadata):
        return parts
    cited = ChatGptCitations(metadata, before)
    resolved = [_resolved(part, cited, metadata, lost) for part in parts]
    lost[Lost.CITATION] += cited.lost
    lost[Lost.CONTENT] += cited.unknown
    return resolved


def _has_marks(parts: Sequence[Part], metadata: Mapping[str, object]) -> bool:
    said = [each.text for each in parts if isinstance(each, (TextPart, ReasoningPart))]
    return any(_is_marked(each) or is_of_components(each, metadata) for each in said)


def _is_marked(said: str) -> bool:
    if said.isascii():  # most texts are ASCII, and searching for the pattern takes ten times as long
        return ":::" in said or "oaicite:" in said
    return _MARKS.search(said) is not None


def _resolved(part: Part, cited: ChatGptCitations, metadata: Mapping[str, object], lost: Counter[Lost]) -> Part:
    if isinstance(part, TextPart):
        said = part.text
        if is_of_components(said, metadata):
            answer = ComponentAnswer(said, metadata, cited)
            said = answer.markdown()
            lost.update(answer.lost)
        return TextPart(text=without_writing(cited.resolved(said), saved_writing(metadata)))
    return ReasoningPart(text=cited.resolved(part.text)) if isinstance(part, ReasoningPart) else part


class _Neighbours:
    """Nodes before and after a node, with a cache of search results shared by all responses that cite them."""

    def __init__(self, mapping: Mapping[str, object]) -> None:
        self._nodes = mapping
        self._found: dict[str, Mapping[str, str]] = {}

    def is_answered(self, value: Mapping[str, object], message: Mapping[str, object]) -> bool:
        """Whether a model's message follows a node that is not marked as the end of a turn."""
        if message.get("end_turn") is True:
            return False
        return text(value.get("id")) in self._gone_on or any(
            _role_of(self._nodes.get(text(each))) in _MODELS for each in items(value.get("children"))
        )

    @cached_property
    def _gone_on(self) -> frozenset[str]:
        """Ids of the nodes that a model's message follows, since some files list parents but not children."""
        found = (each for each in self._nodes.values() if _role_of(each) in _MODELS)
        return frozenset(text(table(each).get("parent")) for each in found)

    def before(self, value: Mapping[str, object], name: str) -> str:
        """Return the latest address with this name between the prompt and a response; empty if there is none."""
        for _ in range(_MOST_STEPS):
            id_ = text(value.get("parent"))
            value = table(self._nodes.get(id_))
            message = table(value.get("message"))
            if not value or table(message.get("author")).get("role") == "user":
                break
            if id_ not in self._found:
                self._found[id_] = found_in(table(message.get("metadata")))
            if address := self._found[id_].get(name):
                return address
        return ""


_MODELS = ("assistant", "tool")


def _role_of(node: object) -> str:
    return text(table(table(table(node).get("message")).get("author")).get("role"))


def _tool_parts(
    content: Mapping[str, object], metadata: Mapping[str, object], files: MessageFiles, lost: Counter[Lost]
) -> list[Part]:
    """Return the output of code, and images, as parts of the response; results of other tools are counted as lost."""
    drawn = [piece for piece in tables(content.get("parts")) if "asset_pointer" in piece]
    drawn += [
        piece
        for piece in tables(table(metadata.get("aggregate_result")).get("messages"))
        if piece.get("message_type") == "image"
    ]
    pointers = (text(piece.get("asset_pointer")) or text(piece.get("image_url")) for piece in drawn)
    pictures = [files.pointed(piece, "image") for piece in pointers]
    if content.get("content_type") == "execution_output":
        return [*printed(text(content.get("text")), metadata), *pictures]
    lost[Lost.TOOL] += not pictures
    return pictures


def _parts(
    message: Mapping[str, object],
    content: Mapping[str, object],
    canvas: CanvasDocuments,
    files: MessageFiles,
    lost: Counter[Lost],
) -> list[Part]:
    kind = content.get("content_type")
    recipient = text(message.get("recipient"))
    if recipient.startswith("canmore."):
        pieces = (text(piece) for piece in items(content.get("parts")))
        return canvas.parts(recipient, text(content.get("text")) or "".join(pieces), lost)
    if kind == "thoughts":
        return list(_thoughts(content))
    if (code := code_parts(message, content)) is not None:
        return code
    if kind == "code":
        lost[Lost.TOOL] += bool(text(content.get("text")).strip())
        return []
    if message.get("recipient") not in (None, "all") and message.get("channel") != "final":
        lost[Lost.TOOL] += 1
        return []
    parts: list[Part] = [part for piece in items(content.get("parts")) for part in _part(piece, files, lost)]
    if not parts and (said := text(content.get("text")) or text(content.get("result"))):
        parts = [TextPart(text=said)]
    if not parts and kind not in ("text", "multimodal_text", "code", "execution_output", None):
        lost[Lost.CONTENT] += 1
    return parts


def _thoughts(content: Mapping[str, object]) -> Iterable[Part]:
    for held in items(content.get("thoughts")) or [content.get("thoughts")]:
        each = {"content": held} if isinstance(held, str) else table(held)
        whole = "\n".join(filter(None, (text(each.get("summary")), text(each.get("content")))))
        if whole:
            yield ReasoningPart(text=whole)


def _part(value: object, files: MessageFiles, lost: Counter[Lost]) -> Iterable[Part]:
    if value is None:
        return
    if isinstance(value, str):
        yield TextPart(text=value)
        return
    piece = table(value)
    kind = text(piece.get("content_type"))
    if kind in ("audio_transcription", "text") or (not kind and text(piece.get("text"))):
        yield TextPart(text=text(piece.get("text")))
    elif "asset_pointer" in kind or "asset_pointer" in piece:
        name = "audio" if "audio" in kind else kind.partition("_")[0] or "image"
        within = table(piece.get("audio_asset_pointer"))  # of speech during a video call
        yield files.pointed(text(piece.get("asset_pointer")) or text(within.get("asset_pointer")), name)
    else:
        lost[Lost.CONTENT] += 1
