"""Paragone's own Markdown pages: conversations (current branch) and comparisons, as far as a page contains them."""

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
from desktop.transfer.archives.loose_json import items, table, tables, text, when
from desktop.transfer.formats.markdown_turns import PageOutline, without_blank
from desktop.transfer.import_drafts import (
    ConversationOutline,
    Draft,
    Format,
    Lost,
    attachment,
    finished,
    identity,
    joined,
)
from desktop.transfer.message_trees import Node, last_id

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
    """Return the conversations in a page exported by Paragone; none for any other page."""
    starts = [at for at, level in page.headings.items() if level == 1 and _is_start(lines, at)]
    if not starts or any(line.strip() for line in lines[: starts[0]]):
        return ()
    ends = [*starts[1:], len(lines)]
    return [_conversation(lines, page, start, end) for start, end in zip(starts, ends, strict=True)]


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return one conversation in a page. Raises Unreadable."""
    entry = table(item)
    below = _BELOW.fullmatch(text(entry.get("below")))
    title = text(entry.get("title"))
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    system: list[str] = []
    for number, message in enumerate(map(table, items(entry.get("messages")))):
        said = [text(line) for line in items(message.get("lines"))]
        if text(message.get("who")) == _SYSTEM and not number:
            system = said
        else:
            node = _node(text(message.get("who")), said, lost)
            nodes.append(structs.replace(node, id=str(number), parent=last_id(nodes)))
    page_drafts = finished(
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
    return [_with_models(message) for message in page_drafts]


FORMAT = Format(name="Paragone (Markdown)", drafts=drafts)


def is_model(named: str) -> bool:
    """Whether a text names a model in the way Paragone's pages do."""
    try:
        model_of_text(named)
    except UsageError:
        return False
    return True


def reasoning_apart(lines: Sequence[str]) -> tuple[list[ReasoningPart], list[str]]:
    """Separate the quoted reasoning at the start of a response."""
    if [*lines[:2]] != _REASONING:
        return [], [*lines]
    end = next((at for at, line in enumerate(lines) if not line.startswith(">")), len(lines))
    thought = "\n".join(line[2:] if line.startswith("> ") else line[1:] for line in lines[2:end])
    return [ReasoningPart(text=thought)], without_blank(lines[end:])


def with_models(draft: Draft, named: Mapping[ModelRef, ModelRef]) -> Draft:
    """Return a draft with some models replaced."""
    conversation = draft.conversation

    def renamed(message: Message) -> Message:
        """Return a message with its model replaced."""
        return structs.replace(message, model=named.get(message.model, message.model)) if message.model else message

    changed = structs.replace(
        conversation,
        model=named.get(conversation.model, conversation.model),
        messages=tuple(map(renamed, conversation.messages)),
    )
    return structs.replace(draft, conversation=changed)


def _with_models(draft: Draft) -> Draft:
    """Return a draft with the models parsed as the page names them, with their connection or program."""
    met = {draft.conversation.model, *(each.model for each in draft.conversation.messages if each.model is not None)}
    return with_models(draft, {each: model_of_text(each.name) for each in met if is_model(each.name)})


def _is_start(lines: Sequence[str], at: int) -> bool:
    return len(lines) > at + 2 and not lines[at + 1] and _BELOW.fullmatch(lines[at + 2]) is not None


def _conversation(lines: Sequence[str], page: PageOutline, start: int, end: int) -> Mapping[str, object]:
    """Return a conversation's title, the line below it, and the lines of its messages."""
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
    """Separate a speaker's name and the status of an incomplete response."""
    for mark, status in _STATES.items():
        if who.endswith(mark):
            return who.removesuffix(mark), Status.INTERRUPTED if status is Status.STREAMING else status
    return who, Status.COMPLETE


def _node(who: str, lines: Sequence[str], lost: Counter[Lost]) -> Node:
    """Return a message without its id and parent."""
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
    """Return the error below a failed response, or None, and the lines without it."""
    failed = _PROBLEM.fullmatch(lines[-1]) if lines else None
    if failed is None:
        return None, [*lines]
    return Problem(code="imported", message=failed[1]), without_blank(lines[:-1])


def files_apart(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate the names of the files at the start of a message."""
    names: list[str] = []
    at = 0
    while at < len(lines) and (found := _FILE.fullmatch(lines[at])) is not None:
        if found["link"] and "//" in unquote(found["link"]):
            break  # an image from the web, which the message itself shows
        names.append(unmarked(found["named"] or found["shown"]))
        at += 2 if at + 1 < len(lines) and not lines[at + 1].strip() else 1
    return names, without_blank(lines[at:])


def unmarked(words: str) -> str:
    """Remove the backslashes with which Paragone's pages escape Markdown characters."""
    return _ESCAPED.sub(r"\1", words)


_PANE = re.compile(r"### (?P<number>[0-9]{1,4}) · (?P<name>.{1,600})")
_TIME = re.compile(r"\*([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}) ([+-][0-9]{4})\*")
_REMARK = re.compile(r"\*[^*\s](?:.{0,2000}[^*\s])?\*")
_NUMBERED = re.compile(r" \([0-9]{1,4}\)\Z")
_VOTE = "- ✓ "
_MOST_PANES = 64

# In the languages of the interface, then as earlier versions wrote them.
ATTACHED = ("Attached: ", "Angehängt: ", "مرفق: ")
NOT_ASKED = (
    *("Not sent in this turn.", "In dieser Runde nicht gefragt.", "لم يُسأل في هذا الدور."),
    "Not asked in this turn.",
)
ASKED_OTHERWISE = (
    *("The prompt was different:", "Anders gefragt:", "سُئل سؤالًا آخر:"),
    "It was asked otherwise:",
)
NO_ANSWER = (
    *("No response.", "Es kam keine Antwort.", "لم تصل إجابة."),
    *("No answer.", "Keine Antwort.", "لا إجابة."),
)
REASONING = ("Reasoning", "Denkprozess", "التفكير")
STATES = {
    **dict.fromkeys(("stopped", "gestoppt", "أُوقف"), Status.STOPPED),
    **dict.fromkeys(("failed", "fehlgeschlagen", "فشل"), Status.FAILED),
    **dict.fromkeys(("interrupted", "abgebrochen", "انقطع"), Status.INTERRUPTED),
}


def comparison_panes(lines: Sequence[str], page: PageOutline) -> Sequence[Mapping[str, object]]:
    """Return the panes in the page of a comparison, each with its turns; none for any other page."""
    tops = [at for at, level in page.headings.items() if level == 1]
    sections = [at for at, level in page.headings.items() if level == 2]
    if len(tops) != 1 or len(sections) < 2 or any(line.strip() for line in lines[: tops[0]]):
        return ()
    ends = [*sections[1:], len(lines)]
    settings = _heads(lines, page, sections[1], ends[1])
    if not 0 < len(settings) <= _MOST_PANES or any(_PANE.fullmatch(lines[at]) is None for at in settings):
        return ()
    names = [lines[at].partition(" · ")[2] for at in settings]
    systems = _systems(lines, names, [*settings, ends[1]])
    turns = [_turn(lines, page, start, end, names) for start, end in zip(sections[2:], ends[2:], strict=True)]
    title = unmarked(lines[tops[0]].removeprefix("# "))
    return [
        {"title": title, "pane": unmarked(name), "place": place, "system": systems[place], "turns": turns}
        for place, name in enumerate(names)
    ]


def pane_drafts(item: object, now: datetime) -> Sequence[Draft]:
    """Return the conversation in one pane."""
    entry = table(item)
    pane, turns = text(entry.get("place")), tables(entry.get("turns"))
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for number, turn in enumerate(turns):
        at = when(turn.get("at"))
        for kind, node in enumerate(_spoken(turn, pane, lost)):
            before = last_id(nodes)
            nodes.append(structs.replace(node, id=f"{number}/{kind}", parent=before, at=at))
    system = text(entry.get("system"))
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=identity(text(entry.get("title")), pane, system, *map(str, turns)),
            title=text(entry.get("title")),
            model=_NUMBERED.sub("", text(entry.get("pane"))),
            nodes=nodes,
            system=system,
            lost=lost,
        ),
        now,
    )


COMPARISON_FORMAT = Format(name="Paragone (Markdown)", drafts=pane_drafts)


def _heads(lines: Sequence[str], page: PageOutline, start: int, end: int) -> list[int]:
    """Return the lines of the third-level headings in a section."""
    return [at for at in range(start + 1, end) if page.headings.get(at) == 3 and lines[at].startswith("### ")]


def _systems(lines: Sequence[str], names: Sequence[str], bounds: Sequence[int]) -> list[str]:
    """Return the system prompt of each pane, which is quoted or refers to an earlier pane by name."""
    systems: list[str] = []
    for place in range(len(names)):
        own = without_blank(lines[bounds[place] + 1 : bounds[place + 1]])
        quoted = [line[2:] if line.startswith("> ") else line[1:] for line in own if line.startswith(">")]
        told = next((line for line in reversed(own) if line.startswith("- ")), "")
        same = next((before for before in range(place) if systems[before] and told.endswith(names[before])), None)
        systems.append("\n".join(quoted) or (systems[same] if same is not None else ""))
    return systems


def _turn(lines: Sequence[str], page: PageOutline, start: int, end: int, names: Sequence[str]) -> Mapping[str, object]:
    """Return a turn's time and prompt, and the lines below each pane's name."""
    heads = _heads(lines, page, start, end)
    time = next((found for line in lines[start + 1 : start + 3] if (found := _TIME.fullmatch(line))), None)
    answers: dict[str, object] = {}
    prompt: list[str] = []
    for at, after in zip(heads, [*heads[1:], end], strict=False):
        own = without_blank(lines[at + 1 : after])
        pane = _PANE.fullmatch(lines[at])
        number = int(pane["number"]) if pane is not None else 0
        if 0 < number <= len(names) and pane is not None and pane["name"] == names[number - 1]:
            answers[str(number - 1)] = own
        else:
            prompt = _without_votes(own)
    return {"at": f"{time[1]}{time[2]}" if time is not None else "", "prompt": prompt, "answers": answers}


def _without_votes(lines: Sequence[str]) -> list[str]:
    kept = [*lines]
    while kept and kept[-1].startswith(_VOTE):
        kept.pop()
    return without_blank(kept)


def _spoken(turn: Mapping[str, object], place: str, lost: Counter[Lost]) -> Sequence[Node]:
    """Return a pane's prompt and response in one turn, without ids and parents."""
    answers = table(turn.get("answers"))
    prompt = [text(line) for line in items(turn.get("prompt"))]
    answer = [text(line) for line in items(answers.get(place))]
    if place not in answers or _remark(answer) in NOT_ASKED:
        return ()
    if _remark(answer) in ASKED_OTHERWISE:
        rest = without_blank(answer[1:])
        told = next((at for at, line in enumerate(rest) if at and not rest[at - 1] and _REMARK.fullmatch(line)), None)
        if told is not None:
            prompt, answer = without_blank(rest[:told]), rest[told:]
    asked = _asked(prompt, lost)
    return (asked,) if _remark(answer) in NO_ANSWER else (asked, _answered(answer, lost))


def _remark(lines: Sequence[str]) -> str:
    """Return the text of the italic line at the start of a section; empty if there is none."""
    found = _REMARK.fullmatch(lines[0]) if lines else None
    return unmarked(found[0][1:-1]) if found is not None else ""


def _asked(lines: Sequence[str], lost: Counter[Lost]) -> Node:
    names, rest = _attached(lines, lost)
    parts: list[Part] = [TextPart(text=as_meant("\n".join(rest))), *map(attachment, names)]
    return Node(id="", parent=None, role=Role.USER, parts=joined(parts))


def _answered(lines: Sequence[str], lost: Counter[Lost]) -> Node:
    status = Status.COMPLETE
    figures = _remark(lines)
    if any(sign.isdigit() for sign in figures) or figures in STATES:
        status = next((STATES[each] for each in figures.split(" · ") if each in STATES), status)
        lines = without_blank(lines[1:])
    if _remark([lines[0].removeprefix("> ")] if lines else []) in REASONING:
        lines = ["> *Reasoning*", *lines[1:]]
    thought, rest = reasoning_apart(lines)
    names, rest = _attached(rest, lost)
    problem, rest = problem_apart(rest) if status is Status.FAILED else (None, rest)
    parts: list[Part] = [*thought, TextPart(text="\n".join(rest)), *map(attachment, names)]
    return Node(id="", parent=None, role=Role.ASSISTANT, parts=joined(parts), status=status, problem=problem)


def _attached(lines: Sequence[str], lost: Counter[Lost]) -> tuple[list[str], list[str]]:
    """Separate the names of the files at the start of a message."""
    names: list[str] = []
    rest = [*lines]
    while (told := _remark(rest)) and (sign := next((each for each in ATTACHED if told.startswith(each)), "")):
        names.append(told.removeprefix(sign))
        rest = without_blank(rest[1:])
    lost[Lost.ATTACHMENT] += len(names)
    return names, rest
