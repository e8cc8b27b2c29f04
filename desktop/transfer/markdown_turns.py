"""A Markdown file of another program parted into what each one said: below headings, behind bold names, in callouts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from desktop.domain import Role
from desktop.transfer.markdown_speakers import Speaker, speaker_of
from desktop.transfer.page_outline import PageOutline, without_blank

_BOLD = re.compile(
    r"(?P<before>[^\w*]{0,8})(?:_?\*\*|__)(?P<name>[^*\n]{1,60}?)(?P<colon>:?)(?:\*\*_?|__)(?P<after> ?:)?(?P<rest>.*)"
)
_CALLOUT = re.compile(r" {0,3}> ?\[!(?P<kind>[\w-]{1,40})\][+-]?(?P<rest>.*)")
_CALLED = {"agent": "assistant", "question": "", "quote": ""}
_QUOTED = re.compile(r" {0,3}> ?(.*)")
_THREAD = re.compile(r"## [0-9]{1,4}\. .*")
_FIRST_THREAD = re.compile(r"## 1\. .*")
_SEPARATOR = re.compile(r" {0,3}(?:(?:-[ ]?){3,}|(?:\*[ ]?){3,}|(?:_[ ]?){3,}|<hr[^<>]{0,80}>)[ ]*")
_ANCHOR = re.compile(r"###### (?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4,12}){4})")
_LINKS = re.compile(r"(?:\[(?:parent|child)[^\]\n]{0,20}\]\(#(?P<id>[0-9A-Za-z-]{1,64})\)[ |]{0,4}){1,99}")
_BRANCH = re.compile(r"\([^()\n]{1,80} ⎇\)")
_PARENT, _MAIN = "[parent", "(main branch"
_SIGN = "role::"


class WrittenTurn(NamedTuple):
    """What one said, in lines. Few programs name `id` and `parent`, or that it is on the shown branch, `main`."""

    speaker: Speaker
    lines: list[str]
    id: str = ""
    parent: str = ""
    main: bool = False


class WrittenTurns(NamedTuple):
    """What stands above the first turn, and the turns."""

    above: list[str]
    turns: list[WrittenTurn]


class _Mark(NamedTuple):
    line: int
    speaker: Speaker
    rest: str = ""
    """What is said in the line itself."""
    lines: int = 1
    """How many lines say it."""


def written_turns(lines: Sequence[str], page: PageOutline, start: int) -> list[WrittenTurns]:
    """The conversations in the lines from one on; none where nothing says who speaks, or only one does."""
    styles = ((_headings(lines, page, start), _plain), (_callouts(lines, page, start), _dequoted))
    marks, read = min((*styles, (_bolds(lines, page, start), _plain)), key=_first)
    if not marks:
        return []
    threads = [at for at, level in page.headings.items() if level == 2 and _THREAD.fullmatch(lines[at])]
    if marks[0].line not in page.headings and threads and _FIRST_THREAD.fullmatch(lines[threads[0]]):
        bounds = [threads[0], *(at for at in threads[1:] if at > marks[0].line), len(lines)]
    else:
        bounds = [start, len(lines)]
    found: list[WrittenTurns] = []
    places = [mark.line for mark in marks]
    for begin, end in pairwise(bounds):
        own = marks[bisect_left(places, begin) : bisect_left(places, end)]
        if own:
            found.append(_parted(lines, start if not found else begin, end, own, read))
    return found


def _first(style: tuple[Sequence[_Mark], object]) -> float:
    """Where a style begins by which two speak: what stands above it counts, and what is in a message does not."""
    marks, _ = style
    return marks[0].line if marks else float("inf")


def _both(marks: list[_Mark], *, alone: bool = False) -> list[_Mark]:
    """The marks, none of them where only one speaks."""
    roles = {mark.speaker.role for mark in marks}
    return marks if Role.ASSISTANT in roles and (alone or Role.USER in roles) else []


def _headings(lines: Sequence[str], page: PageOutline, start: int) -> list[_Mark]:
    """Headings that say who speaks: on the level of the first person, and on that of the first answer."""
    marks = [
        _Mark(at, speaker, lines=1 if lines[at].lstrip().startswith("#") else 2)
        for at in page.headings
        if at >= start and (speaker := speaker_of(lines[at].lstrip("# ").rstrip("# "))) is not None
    ]
    people = [mark.line for mark in marks if mark.speaker.role is Role.USER]
    answers = [mark.line for mark in marks if mark.speaker.role is Role.ASSISTANT]
    level = page.headings[people[0]] if people else 0
    beside = next((at for at in answers if page.headings[at] == level), None)
    after = next((at for at in answers if not people or at > people[0]), None)
    answered = page.headings[beside] if beside is not None else page.headings[after] if after is not None else 0
    levels = {Role.USER: {level}, Role.ASSISTANT: {answered}}
    kept = [m for m in marks if page.headings[m.line] in levels.get(m.speaker.role or Role.SYSTEM, {level, answered})]
    return _both(kept, alone=any(_SIGN in lines[mark.line] for mark in kept))


def _bolds(lines: Sequence[str], page: PageOutline, start: int) -> list[_Mark]:
    """Bold names at the beginning of paragraphs."""
    marks: list[_Mark] = []
    shapes: list[tuple[bool, bool]] = []
    for at in sorted(page.paragraphs):
        found = _BOLD.fullmatch(lines[at]) if at >= start else None
        speaker = speaker_of(f"{found['before']}{found['name']}") if found is not None else None
        if found is None or speaker is None:
            continue
        rest = found["rest"].strip()
        if found["colon"] or found["after"]:
            marks.append(_Mark(at, speaker, rest))
        else:
            told = speaker_of(f"{found['before']}{found['name']} {rest}")
            if told is None:
                continue
            marks.append(_Mark(at, told))
        shapes.append((bool(found["colon"]), bool(found["after"])))
    return _both([mark for mark, shape in zip(marks, shapes, strict=True) if shape == shapes[0]])


def _callouts(lines: Sequence[str], page: PageOutline, start: int) -> list[_Mark]:
    """Callouts of a kind, or with a title, that says who speaks."""
    marks: list[_Mark] = []
    for at in sorted(page.quotes):
        found = _CALLOUT.fullmatch(lines[at]) if at >= start else None
        if found is None:
            continue
        kind = found["kind"].casefold().removeprefix("nexus_")
        by_kind = speaker_of(_CALLED.get(kind, kind))
        titled = speaker_of(found["rest"].replace("*", ""))
        if by_kind is not None and titled is not None:
            by_kind = by_kind._replace(model=titled.model, time=titled.time)
        if (speaker := by_kind or titled) is not None:
            marks.append(_Mark(at, speaker))
    return _both(marks)


def _plain(lines: Sequence[str]) -> list[str]:
    return [*lines]


def _dequoted(lines: Sequence[str]) -> list[str]:
    """Lines of a callout without the sign that each begins with; what follows it stays as it is."""
    return [found[1] if (found := _QUOTED.fullmatch(line)) is not None else line for line in lines]


def _parted(
    lines: Sequence[str], start: int, end: int, marks: Sequence[_Mark], read: Callable[[Sequence[str]], list[str]]
) -> WrittenTurns:
    """The turns between two lines. What links one to others stands above the line that says who speaks."""
    above = [*lines[start : marks[0].line]]
    tail = _tail(above)
    turns: list[WrittenTurn] = []
    if any(_SIGN in lines[mark.line] for mark in marks) and without_blank(above):
        turns.append(WrittenTurn(Speaker(Role.USER), without_blank(above)))
        above = []
    for mark, after in zip(marks, [*(mark.line for mark in marks[1:]), end], strict=True):
        own = [*lines[mark.line + mark.lines : after]]
        own_tail = _tail(own)
        own = [line for place, line in enumerate(own) if place or not _LINKS.fullmatch(line)]
        anchors = [found["id"] for line in tail if (found := _ANCHOR.fullmatch(line)) is not None]
        links = [found["id"] for line in tail if line.startswith(_PARENT) and (found := _LINKS.fullmatch(line))]
        said = without_blank([*([mark.rest] if mark.rest else []), *read(own)])
        main = any(line.startswith(_MAIN) for line in tail)
        turns.append(WrittenTurn(mark.speaker, said, anchors[0] if anchors else "", links[0] if links else "", main))
        tail = own_tail
    return WrittenTurns(without_blank(above), turns)


def _tail(lines: list[str]) -> list[str]:
    """Take the rules and links from the end of some lines; what was taken."""
    taken: list[str] = []
    while lines and (not lines[-1].strip() or _is_between(lines[-1])):
        taken.append(lines.pop().strip())
    return taken


def _is_between(line: str) -> bool:
    return any(each.fullmatch(line.rstrip()) for each in (_SEPARATOR, _ANCHOR, _LINKS, _BRANCH))
