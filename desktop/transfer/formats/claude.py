"""Claude's `conversations.json` and `design_chats/*.json`: messages in order, or in a tree linked by parents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import Part, ReasoningPart, TextPart, ToolCallPart
from desktop.transfer.archives.loose_json import as_json, items, table, tables, text, when
from desktop.transfer.formats.claude_cards import card_of
from desktop.transfer.formats.markdown_parts import CodeFinder, CodeRanges, Numbers
from desktop.transfer.import_drafts import (
    Draft,
    Fields,
    Format,
    Lost,
    attachment,
    ending,
    fenced,
    finished,
    has_text,
    joined,
    quoted,
    speaker,
)
from desktop.transfer.import_shelf import NO_FILES, Shelf
from desktop.transfer.message_trees import Node, last_id

_ARTIFACT, _THINKING = "<antArtifact ", "<antThinking>"
_ATTRIBUTE = re.compile(r'([a-z]{1,20})="([^"]{0,500})"')
_LONGEST_TAG, _LONGEST_TITLE = 4_000, 500
_LONGEST = 5_000_000
_MOST_SHOWN = 20_000_000
"""Maximum characters of all documents shown in a conversation, including all their versions."""

_MOST_HANDED = 100
_MARKDOWN = "text/markdown"
_WHOLE = ("create", "rewrite", None)
"""Commands that contain a whole document; an export may omit the command."""

_LANGUAGES = {
    "text/html": "html",
    "image/svg+xml": "svg",
    "application/vnd.ant.mermaid": "mermaid",
    "application/vnd.ant.react": "jsx",
}


def split(content: str) -> list[Part]:
    """Split text into plain text, titled artifacts and reasoning about artifacts, in order."""
    parts: list[Part] = []
    at = 0
    code = CodeFinder(content)
    places: dict[str, int] = {tag: content.find(tag) for tag in (_ARTIFACT, _THINKING)}
    while found := [(position, tag) for tag, position in places.items() if position >= 0]:
        begin, tag = min(found)
        if code.holds(begin):
            places[tag] = content.find(tag, begin + 1)
            continue
        inner = content.find(">", begin, begin + _LONGEST_TAG) + 1
        if not inner:
            break
        closing = f"</{tag.strip(' <>')}>"
        end = content.find(closing, inner)
        end, after = (end, end + len(closing)) if end >= 0 else (len(content), len(content))
        parts.append(TextPart(text=content[at:begin].strip("\n")))
        if tag == _THINKING:
            parts.append(ReasoningPart(text=content[inner:end].strip()))
        else:
            parts.append(TextPart(text=_artifact(content[begin:inner], content[inner:end].strip("\n"))))
        at = after
        code.restart(at)
        # Search for each tag only after its last match was passed, so that the time stays linear.
        places = {each: content.find(each, at) if 0 <= position < at else position for each, position in places.items()}
    parts.append(TextPart(text=content[at:].lstrip("\n") if at else content))
    return parts


class _Document(NamedTuple):
    """A document or source file with its type, title, language and text."""

    kind: str
    title: str
    language: str
    body: str

    def part(self) -> TextPart:
        """Return the document as part of a response."""
        return _document(self.kind, self.title, self.language, self.body)


class Documents:
    """Documents that a conversation creates and changes. Each is shown as it is at the end of a response."""

    def __init__(self) -> None:
        self._held: dict[str, _Document] = {}
        self._handed: set[str] = set()
        """Names of the files that the current answer presents."""
        self._made: set[str] = set()
        self._last: dict[str, int] = {}
        """Number of the last call in the current answer that changes a document, by its key."""
        self._left = _MOST_SHOWN

    def begin(self, calls: Iterable[tuple[str, Mapping[str, object]]]) -> None:
        """Apply all calls of a response before any of its documents is shown."""
        self._handed, self._made, self._last = set(), set(), {}
        for number, (name, arguments) in enumerate(calls):
            key = _key(name, arguments)
            self._handed |= {each.name for each in _handed(name, arguments)}
            if (written := _written(name, arguments)) is not None:
                self._held[key] = written
                self._made.add(key)
            elif key in self._held and (changed := _changed(self._held[key].body, name, arguments)) is not None:
                self._held[key] = self._held[key]._replace(body=changed)
                self._last[key] = number

    def of_call(self, name: str, arguments: Mapping[str, object], number: int = 0) -> TextPart | None:
        """Return the document to show for a call, or None; `number` is the index of the call in the response.

        A response shows a document once: where it is presented, otherwise where it is created, otherwise at its last
        change.
        """
        if paths := _handed(name, arguments):
            return self._handed_over(paths)
        key = _key(name, arguments)
        current = self._held.get(key)
        if current is None or not current.body or (name == "create_file" and not _is_shown(key)):
            return None
        path = PurePosixPath(key)
        if name == "Artifact":
            return self._shown(current)
        if name in ("Write", "Edit") or path.name in self._handed:
            return None
        if _written(name, arguments) is not None:
            changes = key in self._last
            return self._shown(current) if changes else _as_given(name, arguments)
        is_last = self._last.get(key) == number and key not in self._made
        return self._shown(current) if is_last and (name == "artifacts" or _is_shown(key)) else None

    def is_shown_elsewhere(self, name: str, given: Mapping[str, object]) -> bool:
        """Whether a call changes a document that is shown for another call of the response."""
        return name == "artifacts" and _key(name, given) in self._last

    def lacking(self, name: str, given: Mapping[str, object]) -> int:
        """Return the number of presented files that are missing in the export."""
        known = {PurePosixPath(key).name for key in self._held}
        return sum(each.name not in known for each in _handed(name, given))

    def _handed_over(self, paths: Sequence[PurePosixPath]) -> TextPart:
        """Return the presented files that the conversation wrote, and only the names of the others."""
        found: list[str] = []
        for path in paths:
            held = [each for key, each in self._held.items() if PurePosixPath(key).name == path.name]
            shown = self._shown(held[-1]) if held else None
            found.append(shown.text if shown is not None else attachment(path.name).text)
        return TextPart(text="\n\n".join(found))

    def _shown(self, document: _Document) -> TextPart | None:
        """Return the document, or None once all shown versions together exceed the limit."""
        self._left -= len(document.body)
        return document.part() if self._left >= 0 else None


def _key(name: str, given: Mapping[str, object]) -> str:
    """Return the key of a call's document."""
    if name == "artifacts":
        return f"artifact {text(given.get('id'))}"
    return text(given.get("file_path")) or text(given.get("path"))


def _handed(name: str, given: Mapping[str, object]) -> list[PurePosixPath]:
    paths = items(given.get("filepaths"))[:_MOST_HANDED] if name == "present_files" else ()
    return [PurePosixPath(each) for each in map(text, paths) if PurePosixPath(each).name]


def _is_shown(path: str) -> bool:
    """Whether a file is in a folder that is shown to the user."""
    return "outputs" in PurePosixPath(path).parts


def _as_given(name: str, given: Mapping[str, object]) -> TextPart | None:
    written = _written(name, given)
    return written.part() if written is not None else None


def _written(name: str, given: Mapping[str, object]) -> _Document | None:
    """Return the document that a call writes as a whole, or None."""
    if name == "artifacts":
        if given.get("command") not in _WHOLE or not (content := text(given.get("content"))):
            return None
        return _Document(text(given.get("type")), text(given.get("title")), text(given.get("language")), content)
    path = PurePosixPath(_key(name, given))
    body = text(given.get("content")) if name == "Write" else text(given.get("file_text"))
    if name not in ("Write", "create_file") or not path.name or not body:
        return None
    return _Document(_MARKDOWN if path.suffix == ".md" else "", path.name, path.suffix.removeprefix("."), body)


def _changed(held: str, name: str, given: Mapping[str, object]) -> str | None:
    """Return a document's text after a change, within the maximum length; None if the call changes nothing."""
    old = text(given.get("old_str")) or text(given.get("old_string"))
    if name not in ("Edit", "str_replace", "artifacts") or not old:
        return None
    new = text(given.get("new_str")) or text(given.get("new_string"))
    times = held.count(old) if given.get("replace_all") is True else 1
    most = max((_LONGEST - len(held)) // max(len(new) - len(old), 1), 1)
    return held.replace(old, new, min(times, most))[:_LONGEST]


def is_change(name: str, given: Mapping[str, object]) -> bool:
    """Whether a call changes or shows a document that is missing in the file."""
    return name == "Artifact" or (name == "artifacts" and "old_str" in given)


def _artifact(tag: str, body: str) -> str:
    named = dict(_ATTRIBUTE.findall(tag))
    return _document(named.get("type", ""), named.get("title", ""), named.get("language", ""), body).text


def _document(kind: str, title: str, language: str, body: str) -> TextPart:
    title = " ".join(title.replace("*", "").split())[:_LONGEST_TITLE]
    if kind != _MARKDOWN:
        language = language or _LANGUAGES.get(kind, "")
        body = fenced(body, language if language.isalnum() else "")
    return TextPart(text=f"**{title}**\n\n{body}" if title else body)


_FIELDS = Fields(
    source="claude",
    id=("uuid",),
    title=("name",),
    model=("model",),
    current=("current_leaf_message_uuid",),
    created=("created_at",),
    updated=("updated_at",),
    pinned="is_starred",
)
_EXCERPT = "excerpt_from_previous_claude_message.txt"
"""Attachment in which claude.ai stores the passage of a response to which a prompt replies."""

_SEAM = 40
"""Number of characters on each side by which two adjacent pieces of text are recognized."""

_UNSHOWN = re.compile(
    r"(?:```\n)?(?:This block is not supported on your current device yet\."
    r"|Viewing artifacts created via the Analysis Tool web feature preview isn['\u2019]t yet supported on mobile\.)"
    r"(?:\n```)?"
)
"""Placeholder of claude.ai for content that a client cannot show."""

_WORDLESS = re.compile(r"[ \t]{0,40}(?:[0-9]{1,9}[.)])?[^\w\n]*")
_FENCE = re.compile(r"[ \t>]{0,40}(?:`{3,}|~{3,})")

_ROLES = {"human": Role.USER, "user": Role.USER, "assistant": Role.ASSISTANT}


def drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """Return the conversation of one entry of the list."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    documents = Documents()
    for place, message in enumerate(tables(entry.get("chat_messages"))):
        before = last_id(nodes)
        nodes.append(_node(message, place, before, documents, shelf, lost))
    outline = _FIELDS.outline(entry, nodes, lost, shelf)
    outline.id = outline.id or f"{entry.get('created_at')} {entry.get('name')}"
    return finished(outline, now)


FORMAT = Format(name="Claude", drafts=drafts, with_files=drafts)


def _node(
    message: Mapping[str, object],
    place: int,
    before: str | None,
    documents: Documents,
    shelf: Shelf,
    lost: Counter[Lost],
) -> Node:
    role = speaker(message.get("sender"), lost, _ROLES)
    told: set[str] = set()
    numbers = Numbers()
    pieces = tables(message.get("content"))
    uses = [each for each in pieces if each.get("type") == "tool_use"]
    documents.begin((text(each.get("name")), table(each.get("input"))) for each in uses)
    calls = _Calls(told, numbers, documents, iter(range(len(uses))))
    content = _passages(pieces, text(message.get("text")), numbers, lost)
    parts = [part for each in content for part in _part(each, role, calls, lost)]
    if not has_text(parts):
        parts += _said(_UNSHOWN.sub("", text(message.get("text"))), role)
    attached = tables(message.get("attachments"))
    named = {text(each.get("file_name")) for each in attached}
    files = [each for each in tables(message.get("files")) if text(each.get("file_name")) not in named]
    marked = [text(each.get("extracted_content")) for each in attached if text(each.get("file_name")) == _EXCERPT]
    parts = [*(quoted(each) for each in marked if each.strip("\n")), *parts]
    for each in attached:
        if text(each.get("file_name")) == _EXCERPT and text(each.get("extracted_content")).strip("\n"):
            continue
        parts += _attached(each, shelf, lost)
    for each in files:
        parts.append(attachment(text(each.get("file_name"))))
        lost[Lost.ATTACHMENT] += 1
    parent = message.get("parent_message_uuid")
    ended = ending(message.get("stop_reason"))
    return Node(
        id=text(message.get("uuid")) or str(place),
        parent=(text(parent) or None) if "parent_message_uuid" in message else before,
        role=role,
        parts=joined(parts),
        at=when(message.get("created_at")),
        model=text(message.get("model")),
        status=ended.status,
        reason=ended.reason,
    )


def _attached(each: Mapping[str, object], shelf: Shelf, lost: Counter[Lost]) -> list[Part]:
    """Return an attachment with its extracted text, because the export contains nothing else of it."""
    name, extracted = text(each.get("file_name")), text(each.get("extracted_content"))
    if extracted and not name.strip():  # pasted text without a name is usually the prompt itself
        return [TextPart(text=extracted)]
    if not extracted:
        lost[Lost.ATTACHMENT] += 1
        return [attachment(name)]
    part = shelf.put_text(name, extracted)
    return [part] if part is not None else [attachment(name), TextPart(text=fenced(extracted))]


def _passages(
    pieces: Sequence[Mapping[str, object]], whole: str, numbers: Numbers, lost: Counter[Lost]
) -> list[Mapping[str, object]]:
    """Return content blocks with citations as links.

    Texts that were split only by citations are joined as in `whole`.
    """
    passages: list[Mapping[str, object]] = []
    last = ""
    for piece in pieces:
        passage = text(piece.get("text")) if piece.get("type") == "text" else ""
        cited = _linked(passage, tables(piece.get("citations")), numbers, lost) if passage else ""
        if passage and last and (not whole or f"{last[-_SEAM:]}{passage[:_SEAM]}" in whole):
            passages[-1] = {**passages[-1], "text": f"{passages[-1]['text']}{cited}"}
        else:
            passages.append({**piece, "text": cited} if passage else piece)
        last = passage
    return passages


def _linked(words: str, cited: Sequence[Mapping[str, object]], numbers: Numbers, lost: Counter[Lost]) -> str:
    """Insert numbered links after each passage that cites an address."""
    links: dict[int, dict[str, None]] = {}
    code = CodeRanges(words)
    for end, _, each in sorted((_end(each, words, code), place, each) for place, each in enumerate(cited)):
        link = numbers.link(text(table(each.get("details")).get("url")) or text(each.get("url")))
        lost[Lost.CITATION] += not link
        if link:
            links.setdefault(end, {})[link] = None
    for end, found in reversed(links.items()):
        words = f"{words[:end]}{_set_apart(''.join(found), words, end)}{words[end:]}"
    return words


def _end(citation: Mapping[str, object], words: str, code: CodeRanges) -> int:
    """Return the end of the cited words, or of the text if that is unknown; never a position within code."""
    end = citation.get("end_index")
    end = len(words[: max(end, 0)].rstrip()) if isinstance(end, int) else len(words.rstrip())
    if (behind := code.behind(end)) != end:
        return behind
    while end and _WORDLESS.fullmatch(words, start := words.rfind("\n", 0, end) + 1, end):
        end = len(words[:start].rstrip())  # the beginning of a table row or list item
    if words[:end].endswith("|") and words[words.rfind("\n", 0, end) + 1 :].lstrip().startswith("|"):
        end = len(words[: end - 1].rstrip())
    return code.behind(end)


def _set_apart(links: str, said: str, end: int) -> str:
    """Return links with the whitespace that appends them to a line of text or separates them from a code block."""
    if said[:end].endswith("\n"):
        return f"{links}\n\n"
    return f"\n{links}" if _FENCE.fullmatch(said, said.rfind("\n", 0, end) + 1, end) else f" {links}"


def _said(said: str, role: Role | None) -> list[Part]:
    return split(said) if role is Role.ASSISTANT else [TextPart(text=said)]


class _Calls(NamedTuple):
    """State while calls are read. `told` has the ids of calls that were already reported or shown.

    `places` yields each call's index in the response.
    """

    told: set[str]
    numbers: Numbers
    documents: Documents
    places: Iterator[int]


def _part(piece: Mapping[str, object], role: Role | None, calls: _Calls, lost: Counter[Lost]) -> list[Part]:
    """Return the parts of a content block. Results of calls that were already reported add nothing."""
    match piece.get("type"):
        case "text":
            words = text(piece.get("text"))
            return _said(_UNSHOWN.sub("", words) if role is Role.ASSISTANT else words, role)
        case "voice_note":
            lost[Lost.ATTACHMENT] += 1
            heard = (text(piece.get("title")) or "voice note", text(piece.get("text")))
            return [attachment(heard[0]), TextPart(text=heard[1])]
        case "thinking":
            told_in_short = (text(entry.get("summary")) for entry in tables(piece.get("summaries")))
            return [ReasoningPart(text=text(piece.get("thinking")) or "\n\n".join(filter(None, told_in_short)))]
        case "tool_use":
            calls.told.add(text(piece.get("id")))
            return [_call(piece, calls, lost)]
        case "tool_result":
            lost[Lost.TOOL] += text(piece.get("tool_use_id")) not in calls.told
        case "flag" if helpline := table(piece.get("helpline")):
            words = (text(helpline.get(entry)) for entry in ("name", "text", "phone_number", "phone", "sms", "url"))
            return [TextPart(text=" · ".join(filter(None, words)))]
        case "token_budget" | "flag":
            pass
        case _:
            lost[Lost.CONTENT] += 1
    return []


def _call(piece: Mapping[str, object], calls: _Calls, lost: Counter[Lost]) -> Part:
    """Return the document of a call with its citations, or the call itself."""
    called, input_values = text(piece.get("name")), table(piece.get("input"))
    if cited := tables(input_values.get("md_citations")):
        input_values = {
            **input_values,
            "content": _linked(text(input_values.get("content")), cited, calls.numbers, lost),
        }
    if (document := calls.documents.of_call(called, input_values, next(calls.places))) is not None:
        lost[Lost.ATTACHMENT] += calls.documents.lacking(called, input_values)
        return document
    if card := card_of(called, input_values):
        return TextPart(text=card)
    if not calls.documents.is_shown_elsewhere(called, input_values):
        lost[Lost.CANVAS if is_change(called, input_values) else Lost.TOOL] += 1
    arguments = as_json(piece.get("input") or {})
    return ToolCallPart(id=text(piece.get("id")) or called, name=called, arguments=arguments)


_DESIGN_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}


def is_design(entry: Mapping[str, object]) -> bool:
    """Whether an object is a conversation of Claude Design."""
    messages = tables(entry.get("messages"))
    return "uuid" in entry and bool(messages) and all(isinstance(each.get("content"), dict) for each in messages)


_DESIGN_FIELDS = Fields(
    source="claude", id=("uuid",), title=("title", "project.name"), created=("created_at",), updated=("updated_at",)
)


def design_drafts(item: object, now: datetime, shelf: Shelf = NO_FILES) -> Sequence[Draft]:
    """Return the conversation of one file."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for place, message in enumerate(tables(entry.get("messages"))):
        nodes.append(_design_node(message, place, last_id(nodes), shelf, lost))
    outline = _DESIGN_FIELDS.outline(entry, nodes, lost, shelf)
    outline.id = outline.id or f"{entry.get('created_at')} {entry.get('title')}"
    return finished(outline, now)


DESIGN_FORMAT = Format(name="Claude Design", drafts=design_drafts, with_files=design_drafts)


def _design_node(
    message: Mapping[str, object], place: int, before: str | None, shelf: Shelf, lost: Counter[Lost]
) -> Node:
    content = table(message.get("content"))
    role = speaker(message.get("role") or content.get("role"), lost, _DESIGN_ROLES)
    parts = [part for block in tables(content.get("contentBlocks")) for part in _block(block, lost)]
    if not has_text(parts):  # otherwise the text is a copy
        parts.append(TextPart(text=text(content.get("content"))))
    for each in tables(content.get("attachments")):
        name, said = text(each.get("name")), text(each.get("content"))
        part = shelf.put_text(name, said) if said else None
        lost[Lost.ATTACHMENT] += part is None
        parts.append(part or attachment(name))
    return Node(
        id=text(message.get("uuid")) or str(place),
        parent=before,
        role=role,
        parts=joined(parts),
        at=when(message.get("created_at")) or when(content.get("timestamp")),
    )


def _block(block: Mapping[str, object], lost: Counter[Lost]) -> list[Part]:
    match block.get("type"):
        case "text":
            return [TextPart(text=text(block.get("text")))]
        case "thinking":
            return [ReasoningPart(text=text(block.get("text")) or text(block.get("thinking")))]
        case "tool_call" | "tool_result":
            lost[Lost.TOOL] += 1
        case "user_interjection":
            meant = text(block.get("message")) or text(table(block.get("message")).get("content"))
            return [quoted(meant)] if meant.strip() else []  # said by the user while the answer ran
        case "error":
            return [TextPart(text=text(block.get("message")))]
        case _:
            lost[Lost.CONTENT] += 1
    return []
