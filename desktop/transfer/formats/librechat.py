"""LibreChat's export of one conversation: messages in a flat list, or nested as children."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from msgspec import structs

from desktop.domain.conversation_types import Problem, Role, Status
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.text.phrases import LONGEST
from desktop.transfer.archives.loose_json import items, table, tables, text, when
from desktop.transfer.formats.chatgpt_marks import value_of
from desktop.transfer.formats.markdown_parts import CodeRanges, Numbers, titled_link
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
    ran,
)
from desktop.transfer.message_trees import Node

_LISTS = {
    "search": "organic",
    "news": "topStories",
    "ref": "references",
    "image": "images",
    "video": "videos",
}
"""Name of the result list to which each kind of mark refers."""

_NAME = r"turn[0-9]{1,9}[a-z]{1,20}[0-9]{1,9}"
_MARK = rf"(?:\\ue202|\ue202){_NAME}"
_CITED = re.compile(rf"[ ]?(?:\\ue200|\ue200)?{_MARK}(?:[ ,]{{0,2}}{_MARK}){{0,100}}(?:\\ue201|\ue201)?")
_REFERENCE = re.compile(_NAME)
_SPANS = (("\\ue203", "\\ue204"), ("\ue203", "\ue204"))
"""Marks before and after a cited passage, as escape sequences or as characters."""

_LEFT = re.compile(r"\\ue20[0-6]|[\ue200-\ue206]")


class LibreChatCitations:
    """Resolves the marks in one message, using its attachments."""

    def __init__(self, attachments: Sequence[Mapping[str, object]]) -> None:
        self._addresses: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for entry in attachments:
            found = table(entry.get("web_search"))
            turn = text(found.get("turn")) or "0"
            for kind, listed in _LISTS.items():
                for place, result in enumerate(tables(found.get(listed))):
                    address = text(result.get("link")) or text(result.get("url")) or text(result.get("imageUrl"))
                    self._addresses.setdefault(f"turn{turn}{kind}{place}", address)
            files = table(entry.get("file_search"))
            for place, source in enumerate(tables(files.get("sources"))):
                self._names.setdefault(f"turn{text(files.get('turn')) or '0'}file{place}", text(source.get("fileName")))
        self._numbers = Numbers()
        self.lost = 0
        """Number of removed marks whose source is not in the file."""

    def resolved(self, said: str) -> str:
        """Return the text with links in place of all marks, except escape sequences within code."""
        if not _CITED.search(said) and not any(begin in said and end in said for begin, end in _SPANS):
            return said
        said = _CITED.sub(partial(self._linked, CodeRanges(said)), said)
        return _LEFT.sub(partial(_left, CodeRanges(said)), said)

    def _linked(self, code: CodeRanges, mark: re.Match[str]) -> str:
        if code.holds(mark.end() - 1):
            if "\\ue202" in mark[0]:
                return mark[0]
            self.lost += 1
            return ""
        shown: dict[str, None] = {}
        for name in _REFERENCE.findall(mark[0]):
            file = titled_link(self._names.get(name, ""), "")
            link = self._numbers.link(self._addresses.get(name, "")) or (f"({file})" if file else "")
            self.lost += not link
            shown[link] = None
        links = "".join(shown)
        return f" {links}" if links else ""


def _left(code: CodeRanges, mark: re.Match[str]) -> str:
    """Remove a separator. Escape sequences within code are kept, because the code is about them."""
    return mark[0] if mark[0].startswith("\\") and code.holds(mark.start()) else ""


_FIELDS = Fields(
    source="librechat",
    id=("conversationId",),
    model=("options.model", "model", "endpoint"),
    created=("createdAt",),
    updated=("updatedAt",),
    system=("options.promptPrefix",),
)
_RESULTS = ("web_search", "file_search")
"""Types of attachments that are search results instead of files."""

_QUESTIONS = ("ask_user_question", "ask_user_questions")
_RUNS = ("execute_code", "code_interpreter")
_ADDED = re.compile(r"____[0-9]{1,3}\Z")
"""Suffix of the name of an agent that responds in parallel with another one."""

_THINKING, _THOUGHT = ":::thinking", ":::"

_ARTIFACT = re.compile(
    r"^[ ]{0,3}:::artifact\{((?:\"(?:[^\"\\\n]|\\.){0,400}\"|[^{}\"\n]){0,500})\}[ \t\r]*$", re.MULTILINE
)
_ARTIFACT_END = re.compile(r"^[ ]{0,3}:::[ \t\r]*(?:\n|\Z)", re.MULTILINE)
_TITLE = re.compile(r'\btitle="((?:[^"\\\n]|\\.){1,200})"')
_FENCED = re.compile(
    r"[ \t]{0,3}(?P<fence>`{3,}|~{3,})(?P<kind>[^\n`]{0,60})\n(?P<said>.*)\n[ \t]{0,3}(?P=fence)[ \t]*", re.DOTALL
)
_OPENS = re.compile(r"\A(?:(?![ ]{0,3}(?:```|~~~))[^\n]*\n)*[ ]{0,3}(?:```|~~~)[`~]*[^`~\s]")
"""Start of a fenced document. It may contain other fences, so the first fence with a language is its start."""

_MOST_ENDS = 20
"""Maximum number of possible document ends that are tried."""


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation in one file, in either form."""
    entry = table(item)
    lost: Counter[Lost] = Counter()
    beside = [_beside(message, parent, place, lost) for place, (parent, message) in enumerate(_flat(entry))]
    # Without branches, all messages are in order, whatever parents they name.
    if entry.get("branches") is False and tables(entry.get("messages")):
        beside = _in_a_row(beside)
    nodes = [node for each in beside for node in each]
    outline = _FIELDS.outline(entry, nodes, lost)
    outline.id = outline.id or f"{entry.get('title')} {entry.get('exportAt')}"
    if outline.created is None and not any(node.at for node in nodes):
        outline.created = when(entry.get("exportAt"))
    return finished(outline, now)


FORMAT = Format(name="LibreChat", drafts=drafts)


def _flat(entry: Mapping[str, object]) -> Iterable[tuple[str | None, Mapping[str, object]]]:
    """Yield each message with its parent's id, parents first. Not recursive, because trees may be deep."""
    nested = tables(entry.get("messagesTree")) or tables(entry.get("messages"))
    waiting: list[tuple[str | None, Mapping[str, object]]] = [(None, each) for each in reversed(nested)]
    while waiting:
        above, message = waiting.pop()
        yield above or text(message.get("parentMessageId")) or None, message
        id_ = text(message.get("messageId")) or None
        waiting += [(id_, each) for each in reversed(tables(message.get("children")))]


def _in_a_row(beside: Sequence[Sequence[Node]]) -> list[list[Node]]:
    found: list[list[Node]] = []
    for nodes in beside:
        above = found[-1][-1].id if found else None
        found.append([structs.replace(node, parent=above) for node in nodes])
    return found


def _beside(message: Mapping[str, object], parent: str | None, number: int, lost: Counter[Lost]) -> list[Node]:
    """Return the node of a message, or one node for each model if it combines the responses of several models.

    The conversation continues after the last of them.
    """
    content = tables(message.get("content"))
    agents = dict.fromkeys(text(piece.get("agentId")) for piece in content if "groupId" in piece)
    if len(agents) < 2:
        return [_node(message, parent, number, lost)]
    if not any(map(_ADDED.search, agents)):  # agents that worked on one answer
        return [_node({**message, "content": _named(content), "text": ""}, parent, number, lost)]
    sources = [piece for piece in tables(message.get("attachments")) if piece.get("type") in _RESULTS]
    agent_nodes: list[Node] = []
    for agent in sorted(agents, key=lambda id_: not _ADDED.search(id_)):
        is_first = not _ADDED.search(agent)
        own_pieces = [
            piece for piece in content if piece.get("agentId") == agent or (is_first and "groupId" not in piece)
        ]
        own_message = {**message, "content": own_pieces, "model": _model_of(agent), "text": ""}
        node = _node(
            own_message if is_first else {**own_message, "files": [], "attachments": sources}, parent, number, lost
        )
        agent_nodes.append(node if is_first else structs.replace(node, id=f"{node.id}/{len(agent_nodes)}"))
    return agent_nodes


def _named(content: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """Return the pieces of a response by several agents, each agent's pieces below its name."""
    pieces: list[Mapping[str, object]] = []
    last = ""
    for each in content:
        agent = text(each.get("agentId"))
        if agent and agent != last:
            pieces.append({"type": "text", "text": f"**{_model_of(agent)}**"})
            last = agent
        pieces.append(each)
    return pieces


def _model_of(agent: str) -> str:
    """Return the model in an agent's id, `endpoint__model___sender____number`, or the id itself."""
    _, parted, rest = _ADDED.sub("", agent).partition("__")
    return rest.partition("___")[0] if parted else agent


def _asked(piece: Mapping[str, object]) -> list[Part]:
    """Return the questions in a response, with their options and the user's replies."""
    call = table(piece.get("tool_call"))
    given = value_of(text(call.get("args"))) if isinstance(call.get("args"), str) else call.get("args")
    questions = tables(table(given).get("questions")) or [table(given)]
    lines: list[str] = []
    for each in questions:
        lines += [text(each.get("question")).strip(), text(each.get("description")).strip()]
        lines.append("\n".join(f"- {text(option.get('label'))}" for option in tables(each.get("options"))))
    said = "\n\n".join(filter(None, lines))
    labels = {
        text(option.get("value")): text(option.get("label")) for q in questions for option in tables(q.get("options"))
    }
    answered = text(call.get("output")).strip()
    return [TextPart(text=said), *([quoted(labels.get(answered, answered))] if answered else [])] if said else []


def _run_code(call: Mapping[str, object]) -> list[Part]:
    """Return code that a response executed, and the output."""
    if text(call.get("name")) not in _RUNS:
        return []
    given = table(value_of(text(call.get("args")))) or table(call.get("args"))
    code = text(given.get("code"))
    return [*ran(code, text(given.get("lang")), text(call.get("output")))] if code.strip() else []


def _node(message: Mapping[str, object], parent: str | None, place: int, lost: Counter[Lost]) -> Node:
    by_user = message.get("isCreatedByUser")
    role = Role.USER if by_user is True or message.get("sender") == "User" else Role.ASSISTANT
    parts = [part for entry in tables(message.get("content")) for part in _part(entry, lost)]
    if not has_text(parts):
        parts.append(TextPart(text=text(message.get("text"))))
    parts = [
        *(quoted(said) for entry in items(message.get("quotes")) if (said := text(entry)).strip()),
        *parts,
    ]
    attached = tables(message.get("attachments"))
    if role is Role.ASSISTANT:
        cited = LibreChatCitations(attached)
        parts = [_resolved(piece, cited) for part in parts for piece in _told_apart(part)]
        lost[Lost.CITATION] += cited.lost
    for entry in (
        *tables(message.get("files")),
        *(entry for entry in attached if entry.get("type") not in _RESULTS),
    ):
        lost[Lost.ATTACHMENT] += 1
        parts.append(attachment(text(entry.get("filename")) or text(entry.get("name"))))
    ended = ending("incomplete" if message.get("unfinished") is True else "", message.get("finish_reason"))
    errors = [_error(entry) for entry in tables(message.get("content")) if entry.get("type") == "error"]
    failed = message.get("error") is True or bool(errors)
    problem = "\n".join(filter(None, errors))[:LONGEST]
    return Node(
        id=text(message.get("messageId")) or f"#{place}",
        parent=parent,
        role=role,
        parts=joined(parts),
        at=when(message.get("createdAt")),
        model=text(message.get("model")) if role is Role.ASSISTANT else "",
        status=Status.FAILED if failed else ended.status,
        problem=Problem(code="imported", message=problem) if problem else None,
        reason=ended.reason,
    )


def _error(piece: Mapping[str, object]) -> str:
    return text(piece.get("error")) or _words(piece)


def _words(piece: Mapping[str, object]) -> str:
    """Return the text of a piece, which may be nested in an object."""
    value = piece.get("text")
    return text(value) or text(table(value).get("value"))


def _resolved(part: Part, cited: LibreChatCitations) -> Part:
    if isinstance(part, TextPart):
        return TextPart(text=cited.resolved(_without_directives(part.text)))
    return ReasoningPart(text=cited.resolved(part.text)) if isinstance(part, ReasoningPart) else part


def _without_directives(words: str) -> str:
    """Return text with each document below its title, without the document's directive lines."""
    if ":::artifact{" not in words:
        return words
    words = words.replace("\r\n", "\n")
    code = CodeRanges(words)
    pieces: list[str] = []
    at = 0
    for begun in _ARTIFACT.finditer(words):
        if begun.start() < at or code.holds(begun.start()):
            continue
        end, after, body = _document(words, begun.end(), code)
        title = _TITLE.search(begun[1])
        shown = re.sub(r"\\(.)", r"\1", title[1]).replace("*", "") if title else ""
        before = words[at : begun.start()]
        apart = "\n" if shown and before.rpartition("\n")[0].rpartition("\n")[2].lstrip().startswith("|") else ""
        pieces += [before, apart, f"**{shown}**\n" if shown else "", body or words[begun.end() : end]]
        at = after
    return "".join((*pieces, words[at:]))


def _document(said: str, start: int, code: CodeRanges) -> tuple[int, int, str]:
    """Return the end of a document, the end of its directive, and the text if it needs a longer fence."""
    following = _ARTIFACT.search(said, start)
    until = following.start() if following else len(said)
    ends = list(_ARTIFACT_END.finditer(said, start, until))
    for ended in reversed(ends[-_MOST_ENDS:]):
        whole = _FENCED.fullmatch(said[start : ended.start()].strip("\n"))
        if whole is not None and _OPENS.search(whole["said"]):
            return ended.start(), ended.end(), f"\n{fenced(whole['said'], whole['kind'].strip())}\n"
    ended = next((each for each in ends if not code.holds(each.start())), None)
    return (ended.start(), ended.end(), "") if ended else (until, until, "")


def _told_apart(part: Part) -> list[Part]:
    """Separate the reasoning that older versions put at the start of a response."""
    if not isinstance(part, TextPart) or not part.text.lstrip().startswith(_THINKING):
        return [part]
    thought, closing, said = part.text.lstrip().removeprefix(_THINKING).partition(f"\n{_THOUGHT}")
    if not closing:
        thought, closing, said = thought.partition(_THOUGHT)
    return [ReasoningPart(text=thought.strip()), TextPart(text=said.lstrip("\n"))] if closing else [part]


def _part(piece: Mapping[str, object], lost: Counter[Lost]) -> list[Part]:
    kind = piece.get("type")
    if kind == "text":
        return [TextPart(text=_words(piece))]
    if kind == "text_delta":
        return [TextPart(text=text(piece.get("text_delta")) or _words(piece))]
    if kind == "steer" and (meant := text(piece.get("steer"))).strip("\n"):
        return [quoted(meant)]  # said by the user while the answer ran
    if (
        kind == "tool_call"
        and text(table(piece.get("tool_call")).get("name")) in _QUESTIONS
        and (asked := _asked(piece))
    ):
        return asked
    if kind == "think":
        return [ReasoningPart(text=text(piece.get("think")) or text(table(piece.get("think")).get("value")))]
    if kind == "image_file":
        lost[Lost.ATTACHMENT] += 1
        return [attachment(text(table(piece.get("image_file")).get("filename")) or "image")]
    if kind in ("error", "agent_update"):
        return []  # how the answer ended, and which agent continues
    if kind == "tool_call" and (run := _run_code(table(piece.get("tool_call")))):
        return run
    lost[Lost.TOOL if kind == "tool_call" else Lost.CONTENT] += 1
    return []
