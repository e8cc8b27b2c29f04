"""Markdown to import from: pages of ours and those of other programs, told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import structs

from desktop.domain.conversation_types import Role, Status
from desktop.domain.message_parts import Part, TextPart
from desktop.errors import TransferError
from desktop.pages.written_prompts import as_meant
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import items, table, tables, text, when
from desktop.transfer.formats import markdown_notes, paragone_markdown
from desktop.transfer.formats.page_names import is_markdown
from desktop.transfer.formats.page_outline import PageOutline, outline, page_lines, without_blank
from desktop.transfer.formats.paragone_markdown import problem_apart, reasoning_apart, unmarked
from desktop.transfer.import_drafts import ConversationOutline, Draft, Format, attachment, finished, identity, joined
from desktop.transfer.import_losses import Lost
from desktop.transfer.message_trees import Node
from desktop.transfer.source import Source

_SOURCE = "paragone-markdown"
_PANE = re.compile(r"### (?P<number>[0-9]{1,4}) · (?P<name>.{1,600})")
_TIME = re.compile(r"\*([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}) ([+-][0-9]{4})\*")
_REMARK = re.compile(r"\*[^*\s](?:.{0,2000}[^*\s])?\*")
_NUMBERED = re.compile(r" \([0-9]{1,4}\)\Z")
_VOTE = "- ✓ "
_MOST_PANES = 64

# In the languages that the window writes pages in; then as earlier versions wrote them.
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


def parted(lines: Sequence[str], page: PageOutline) -> Sequence[Mapping[str, object]]:
    """The panes of a page of a comparison, each with its turns; none where it is no such page."""
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


def drafts(item: object, now: datetime) -> Sequence[Draft]:
    """The conversation of one pane."""
    entry = table(item)
    place, turns = text(entry.get("place")), tables(entry.get("turns"))
    lost: Counter[Lost] = Counter()
    nodes: list[Node] = []
    for number, turn in enumerate(turns):
        at = when(turn.get("at"))
        for kind, node in enumerate(_spoken(turn, place, lost)):
            before = nodes[-1].id if nodes else None
            nodes.append(structs.replace(node, id=f"{number}/{kind}", parent=before, at=at))
    system = text(entry.get("system"))
    return finished(
        ConversationOutline(
            source=_SOURCE,
            id=identity(text(entry.get("title")), place, system, *map(str, turns)),
            title=text(entry.get("title")),
            model=_NUMBERED.sub("", text(entry.get("pane"))),
            nodes=nodes,
            system=system,
            lost=lost,
        ),
        now,
    )


FORMAT = Format(name="Paragone (Markdown)", drafts=drafts)


def _heads(lines: Sequence[str], page: PageOutline, start: int, end: int) -> list[int]:
    """The headings of the third level in a section."""
    return [at for at in range(start + 1, end) if page.headings.get(at) == 3 and lines[at].startswith("### ")]


def _systems(lines: Sequence[str], names: Sequence[str], bounds: Sequence[int]) -> list[str]:
    """The system prompt of each pane: as it is quoted, or as that of a pane before it that is named."""
    found: list[str] = []
    for place in range(len(names)):
        own = without_blank(lines[bounds[place] + 1 : bounds[place + 1]])
        quoted = [line[2:] if line.startswith("> ") else line[1:] for line in own if line.startswith(">")]
        told = next((line for line in reversed(own) if line.startswith("- ")), "")
        same = next((before for before in range(place) if found[before] and told.endswith(names[before])), None)
        found.append("\n".join(quoted) or (found[same] if same is not None else ""))
    return found


def _turn(lines: Sequence[str], page: PageOutline, start: int, end: int, names: Sequence[str]) -> Mapping[str, object]:
    """When a turn was, its prompt, and what stands under each pane's name, in lines."""
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
    """The prompt and the answer of a pane in one turn, whose places are not told yet."""
    answers = table(turn.get("answers"))
    prompt = [text(line) for line in items(turn.get("prompt"))]
    said = [text(line) for line in items(answers.get(place))]
    if place not in answers or _remark(said) in NOT_ASKED:
        return ()
    if _remark(said) in ASKED_OTHERWISE:
        rest = without_blank(said[1:])
        told = next((at for at, line in enumerate(rest) if at and not rest[at - 1] and _REMARK.fullmatch(line)), None)
        if told is not None:
            prompt, said = without_blank(rest[:told]), rest[told:]
    asked = _asked(prompt, lost)
    return (asked,) if _remark(said) in NO_ANSWER else (asked, _answered(said, lost))


def _remark(lines: Sequence[str]) -> str:
    """The words of a line in italics that a section begins with."""
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
    """The names of the files that a message begins with, and the rest of its lines."""
    names: list[str] = []
    rest = [*lines]
    while (told := _remark(rest)) and (sign := next((each for each in ATTACHED if told.startswith(each)), "")):
        names.append(told.removeprefix(sign))
        rest = without_blank(rest[1:])
    lost[Lost.ATTACHMENT] += len(names)
    return names, rest


MOST_BYTES = 8 << 20
"""Of one file, which is read whole."""

MOST_LINES = 500_000
"""Of one file: so many take some seconds, and as much memory as other exports of its size."""

NO_CONVERSATION = phrase(
    "This Markdown file has no headings such as “## User” or “## Assistant” that say who is speaking."
)

_OF_BRANCH = phrase("Markdown contains only the branch that was shown, without message times and parameters.")
_OF_COMPARISON = phrase(
    "From a comparison in Markdown, only the conversations are imported, without votes and settings."
)


def markdown_source(name: str, data: bytes, stem: str) -> Source | None:
    """The conversations that a page holds; None where it is none. Raises TransferError where it is too large.

    One without a title is called by the `stem` of its file's name.
    """
    if len(data) > MOST_BYTES:
        if not is_markdown(name):
            return None
        raise TransferError(
            phrase("{name} is larger than {most} MB, the maximum for Markdown.", name=name, most=MOST_BYTES >> 20),
            hint=phrase("Export fewer conversations at once."),
        )
    if b"\0" in data:
        return None
    lines = page_lines(data.decode("utf-8", "replace"))
    if len(lines) > MOST_LINES:
        raise TransferError(
            phrase("{name} has more than {most} lines, the maximum for Markdown.", name=name, most=f"{MOST_LINES:,}"),
            hint=phrase("Export fewer conversations at once."),
        )
    page = outline(lines)
    if found := paragone_markdown.parted(lines, page):
        return _held(name, paragone_markdown.FORMAT, found, _OF_BRANCH)
    if found := parted(lines, page):
        return _held(name, FORMAT, found, _OF_COMPARISON)
    found = markdown_notes.parted(lines, page, stem)
    return _held(name, markdown_notes.FORMAT, found) if found else None


def _held(name: str, form: Format, found: Sequence[Mapping[str, object]], notice: str = "") -> Source:
    return Source(name=name, format=form, count=len(found), read=lambda place: found[place], notice=notice)
