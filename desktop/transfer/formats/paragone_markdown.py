"""Our own export as Markdown: the branch that was shown of each conversation comes back, with the time of its first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote

from msgspec import structs

from desktop.domain.conversation_types import Message, ModelRef, Problem, Role, Status
from desktop.domain.imported_models import model_of_text
from desktop.domain.message_parts import Part, ReasoningPart, TextPart
from desktop.errors import UsageError
from desktop.pages.markdown_page import MARKS
from desktop.pages.written_prompts import as_meant
from desktop.transfer.archives.loose_json import items, table, text, when
from desktop.transfer.formats.page_outline import PageOutline, without_blank
from desktop.transfer.import_drafts import ConversationOutline, Draft, Format, attachment, finished, identity, joined
from desktop.transfer.import_losses import Lost
from desktop.transfer.message_trees import Node

_SOURCE = "paragone-markdown"
_BELOW = re.compile(r"(?P<model>.{1,600}) · (?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}) UTC")
_FILE = re.compile(
    r"\*Attached: (?P<named>.{1,600}?)(?: \(no longer there\))?\*"
    r"|!?\[(?P<shown>.{1,600})\]\(<(?P<link>[^<>\s]{1,2000})>\)"
)
_ESCAPED = re.compile(r"\\([\\\[\]`*_<>$~&!#|])")
_PROBLEM = re.compile(r"\*(.{1,2000})\*")
_STATES = {f" ({words})": status for status, words in MARKS.items()}
_UNTITLED = "Untitled"
_REASONING = ["> *Reasoning*", ">"]
_SYSTEM = "System"
_YOU = "You"
_ROLES = {role.value: role for role in Role}


def parted(lines: Sequence[str], page: PageOutline) -> Sequence[Mapping[str, object]]:
    """The conversations of a page of ours; none where it is no such page."""
    starts = [at for at, level in page.headings.items() if level == 1 and _is_start(lines, at)]
    if not starts or any(line.strip() for line in lines[: starts[0]]):
        return ()
    ends = [*starts[1:], len(lines)]
    return [_conversation(lines, page, start, end) for start, end in zip(starts, ends, strict=True)]


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """One conversation of a page. Raises Unreadable."""
    entry = table(item)
    below = _BELOW.fullmatch(text(entry.get("below")))
    title = text(entry.get("title"))
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    system: list[str] = []
    for place, each in enumerate(map(table, items(entry.get("messages")))):
        said = [text(line) for line in items(each.get("lines"))]
        if text(each.get("who")) == _SYSTEM and not place:
            system = said
        else:
            node = _node(text(each.get("who")), said, lost)
            nodes.append(structs.replace(node, id=str(place), parent=nodes[-1].id if nodes else None))
    made = finished(
        ConversationOutline(
            source=_SOURCE,
            id=identity(title, text(entry.get("below")), *map(str, items(entry.get("messages")))),
            title="" if title == _UNTITLED else title,
            model=below["model"] if below else "",
            nodes=nodes,
            created=when(f"{below['at']}+00:00") if below else None,
            system="\n".join(system).strip("\n"),
            lost=lost,
        ),
        now,
    )
    return [_with_models(each) for each in made]


FORMAT = Format(name="Paragone (Markdown)", drafts=drafts)


def is_model(named: str) -> bool:
    """Whether words are a model as our pages name one."""
    try:
        model_of_text(named)
    except UsageError:
        return False
    return True


def reasoning_apart(lines: Sequence[str]) -> tuple[list[ReasoningPart], list[str]]:
    """The thoughts at the beginning of an answer as our pages quote them, and the rest of its lines."""
    if [*lines[:2]] != _REASONING:
        return [], [*lines]
    end = next((at for at, line in enumerate(lines) if not line.startswith(">")), len(lines))
    thought = "\n".join(line[2:] if line.startswith("> ") else line[1:] for line in lines[2:end])
    return [ReasoningPart(text=thought)], without_blank(lines[end:])


def with_models(draft: Draft, named: Mapping[ModelRef, ModelRef]) -> Draft:
    """A draft in which models are replaced by others."""
    conversation = draft.conversation

    def renamed(message: Message) -> Message:
        """With its model as it is now."""
        return structs.replace(message, model=named.get(message.model, message.model)) if message.model else message

    changed = structs.replace(
        conversation,
        model=named.get(conversation.model, conversation.model),
        messages=tuple(map(renamed, conversation.messages)),
    )
    return structs.replace(draft, conversation=changed)


def _with_models(draft: Draft) -> Draft:
    """A draft whose models are what the page names: those of connections of that name, or of other programs."""
    met = {draft.conversation.model, *(each.model for each in draft.conversation.messages if each.model is not None)}
    return with_models(draft, {each: model_of_text(each.name) for each in met if is_model(each.name)})


def _is_start(lines: Sequence[str], at: int) -> bool:
    return len(lines) > at + 2 and not lines[at + 1] and _BELOW.fullmatch(lines[at + 2]) is not None


def _conversation(lines: Sequence[str], page: PageOutline, start: int, end: int) -> Mapping[str, object]:
    """The title of one, what stands below it, and who said what, in lines."""
    heads = [
        at for at in range(start + 3, end) if page.headings.get(at) == 2 and _speaks(lines[at].removeprefix("## "))
    ]
    messages: list[Mapping[str, object]] = []
    for at, after in zip(heads, [*heads[1:], end], strict=False):
        said = without_blank(lines[at + 1 : after])
        if after == end < len(lines) and said and said[-1] == "---":
            said = without_blank(said[:-1])
        messages.append({"who": lines[at].removeprefix("## "), "lines": said})
    return {"title": lines[start].removeprefix("# "), "below": lines[start + 2], "messages": messages}


def _speaks(who: str) -> bool:
    name, _ = _state(who)
    return name in (_YOU, _SYSTEM, *_ROLES) or is_model(name)


def _state(who: str) -> tuple[str, Status]:
    """A name, without the mark of an answer that is not complete, and what that mark means."""
    for mark, status in _STATES.items():
        if who.endswith(mark):
            return who.removesuffix(mark), Status.INTERRUPTED if status is Status.STREAMING else status
    return who, Status.COMPLETE


def _node(who: str, lines: Sequence[str], lost: Counter[Lost]) -> Node:
    """A message, whose place is not told yet."""
    name, status = _state(who)
    role = Role.USER if name == _YOU else _ROLES.get(name, Role.ASSISTANT)
    files, rest = files_apart(lines)
    lost[Lost.ATTACHMENT] += len(files)
    thought: list[ReasoningPart] = []
    if role is Role.ASSISTANT:
        thought, rest = reasoning_apart(rest)
    problem, rest = problem_apart(rest) if status is Status.FAILED else (None, rest)
    said = "\n".join(rest)
    parts: list[Part] = [*thought, TextPart(text=as_meant(said) if role is Role.USER else said)]
    return Node(
        id="",
        parent=None,
        role=role,
        parts=joined([*parts, *map(attachment, files)]),
        model=name if role is Role.ASSISTANT and name not in _ROLES else "",
        status=status,
        problem=problem,
    )


def problem_apart(lines: Sequence[str]) -> tuple[Problem | None, list[str]]:
    """What an answer failed with, as it stands below it, and the lines above."""
    failed = _PROBLEM.fullmatch(lines[-1]) if lines else None
    if failed is None:
        return None, [*lines]
    return Problem(code="imported", message=failed[1]), without_blank(lines[:-1])


def files_apart(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The names of the files that stand at the beginning of a message, and the rest of its lines."""
    names: list[str] = []
    at = 0
    while at < len(lines) and (found := _FILE.fullmatch(lines[at])) is not None:
        if found["link"] and "//" in unquote(found["link"]):
            break  # a picture of the web, which the message itself shows
        names.append(unmarked(found["named"] or found["shown"]))
        at += 2 if at + 1 < len(lines) and not lines[at + 1].strip() else 1
    return names, without_blank(lines[at:])


def unmarked(words: str) -> str:
    """Words of others as they were before our pages put a backslash before each sign of Markdown."""
    return _ESCAPED.sub(r"\1", words)
