"""Differences and agreement as stretches of text to be shown; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from msgspec.structs import replace

from desktop.metrics.agreement import Agreed
from desktop.metrics.differences import Difference
from ui.base.strings import trn
from ui.compare.marked_text import Stretch, StretchStyle
from ui.compare.pane_facts import ShownPane

_BETWEEN = re.compile(r"((?<!\s)\s*\n\s*|(?<!\s)\s+$)")
_RUN_ON = re.compile(r"[\w)]\w")
"""Two words, of which one would be taken for the other's end."""


def in_one(left: str, right: str, found: Difference) -> list[Stretch]:
    """Both texts in one: what only the first has is deleted, what only the second has inserted after it."""
    made: list[Stretch] = []
    number = 0
    for change in found.changes:
        if change.same:
            made.append(Stretch(change.right.of(right)))
            continue
        gone, came = change.left.of(left), change.right.of(right)
        if came:
            gone = gone.rstrip()  # the space that follows comes with what was inserted
        for stretch in (*_marked(gone, StretchStyle.DELETED, number), *_marked(came, StretchStyle.INSERTED, number)):
            if made and _RUN_ON.match(made[-1].text[-1] + stretch.text[0]):
                made.append(Stretch(" "))
            made.append(stretch)
        number += 1
    return made


def beside(left: str, right: str, found: Difference) -> tuple[list[Stretch], list[Stretch]]:
    """Each text with what the other one has not."""
    lefts: list[Stretch] = []
    rights: list[Stretch] = []
    number = 0
    for change in found.changes:
        if change.same:
            lefts.append(Stretch(change.left.of(left)))
            rights.append(Stretch(change.right.of(right)))
            continue
        lefts += _marked(change.left.of(left), StretchStyle.DELETED, number)
        rights += _marked(change.right.of(right), StretchStyle.INSERTED, number)
        number += 1
    return lefts, rights


def agreed(panes: Sequence[ShownPane], texts: Sequence[str], found: Sequence[Sequence[Agreed]]) -> list[Stretch]:
    """All answers one below the other, with the sentences that others say too."""
    made: list[Stretch] = []
    number = 0
    saying = [place for place, text in enumerate(texts) if text]
    for place in saying:
        text = texts[place]
        space = "\n\n" if made else ""
        made.append(Stretch(f"{space}{panes[place].name}\n", StretchStyle.NAME, panes[place].colour))
        at = 0
        for each in found[place]:
            made.append(Stretch(text[at : each.span.start]))
            by_all = len(each.others) == len(saying) - 1
            made.append(
                Stretch(each.span.of(text), StretchStyle.SHARED if by_all else StretchStyle.PARTLY, number=number)
            )
            number += 1
            at = each.span.end
        made.append(Stretch(text[at:].rstrip()))
    return [stretch for stretch in made if stretch.text]


def listed(lines: Sequence[str], number: int = 0) -> list[Stretch]:
    """Sentences on a line each, which can be gone through from a number on; within one no line is broken."""
    made: list[Stretch] = []
    for at, line in enumerate(lines):
        made += [*([Stretch("\n")] if made else []), Stretch(" ".join(line.split()), number=number + at)]
    return made


def under(pane: ShownPane, shown: Sequence[Stretch], *, first: bool) -> list[Stretch]:
    """What a pane says, below its name."""
    space = "" if first else "\n\n"
    return [Stretch(f"{space}{pane.name}\n", StretchStyle.NAME, pane.colour), *shown]


def _marked(text: str, look: StretchStyle, number: int) -> list[Stretch]:
    """The words of a change marked; the space between its lines and at its end is left as it is."""
    parts = [part for part in _BETWEEN.split(text) if part]
    return [Stretch(part) if part.isspace() else Stretch(part, look, number=number) for part in parts]


def within(found: Sequence[Stretch], most: int) -> list[Stretch]:
    """As many as have so many characters together and a tenth as many lines; and of the rest how much it is."""
    shown: list[Stretch] = []
    left, lines = most, most // 10
    for each in found:
        text = "".join(islice(each.text.splitlines(keepends=True), lines))[:left]
        shown.append(replace(each, text=text))
        left, lines = left - len(text), lines - text.count("\n")
        if len(text) < len(each.text):
            break
    rest = sum(len(each.text) for each in found) - sum(len(each.text) for each in shown)
    if rest:
        shown.append(Stretch("\n\n" + trn("… and {n} more character", "… and {n} more characters", rest)))
    return shown
