"""Differences and agreement as styled stretches of text. Pure functions."""

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
"""Pattern for two words that would run together."""


def in_one(left: str, right: str, found: Difference) -> list[Stretch]:
    """Return both texts merged, with deletions followed by insertions."""
    stretches: list[Stretch] = []
    number = 0
    for change in found.changes:
        if change.same:
            stretches.append(Stretch(change.right.of(right)))
            continue
        gone, came = change.left.of(left), change.right.of(right)
        if came:
            gone = gone.rstrip()  # the space that follows comes with what was inserted
        for stretch in (*_marked(gone, StretchStyle.DELETED, number), *_marked(came, StretchStyle.INSERTED, number)):
            if stretches and _RUN_ON.match(stretches[-1].text[-1] + stretch.text[0]):
                stretches.append(Stretch(" "))
            stretches.append(stretch)
        number += 1
    return stretches


def beside(left: str, right: str, found: Difference) -> tuple[list[Stretch], list[Stretch]]:
    """Return each text with its own differences marked."""
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
    """Return all responses in sequence, with shared sentences marked."""
    stretches: list[Stretch] = []
    number = 0
    saying = [index for index, text in enumerate(texts) if text]
    for index in saying:
        text = texts[index]
        space = "\n\n" if stretches else ""
        stretches.append(Stretch(f"{space}{panes[index].name}\n", StretchStyle.NAME, panes[index].colour))
        at = 0
        for each in found[index]:
            stretches.append(Stretch(text[at : each.span.start]))
            by_all = len(each.others) == len(saying) - 1
            stretches.append(
                Stretch(each.span.of(text), StretchStyle.SHARED if by_all else StretchStyle.PARTLY, number=number)
            )
            number += 1
            at = each.span.end
        stretches.append(Stretch(text[at:].rstrip()))
    return [stretch for stretch in stretches if stretch.text]


def listed(lines: Sequence[str], number: int = 0) -> list[Stretch]:
    """Return sentences on separate lines, numbered from `number` for stepping through them."""
    stretches: list[Stretch] = []
    for at, line in enumerate(lines):
        stretches += [*([Stretch("\n")] if stretches else []), Stretch(" ".join(line.split()), number=number + at)]
    return stretches


def under(pane: ShownPane, shown: Sequence[Stretch], *, first: bool) -> list[Stretch]:
    """Return a pane's name followed by its stretches; all but the `first` pane start after a blank line."""
    space = "" if first else "\n\n"
    return [Stretch(f"{space}{pane.name}\n", StretchStyle.NAME, pane.colour), *shown]


def _marked(text: str, look: StretchStyle, number: int) -> list[Stretch]:
    """Style the words of a change, but not the whitespace between its lines."""
    parts = [part for part in _BETWEEN.split(text) if part]
    return [Stretch(part) if part.isspace() else Stretch(part, look, number=number) for part in parts]


def within(found: Sequence[Stretch], most: int) -> list[Stretch]:
    """Return at most `most` characters and a tenth as many lines, followed by a note on how much is omitted."""
    shown: list[Stretch] = []
    room, lines = most, most // 10
    for each in found:
        text = "".join(islice(each.text.splitlines(keepends=True), lines))[:room]
        shown.append(replace(each, text=text))
        room, lines = room - len(text), lines - text.count("\n")
        if len(text) < len(each.text):
            break
    rest = sum(len(each.text) for each in found) - sum(len(each.text) for each in shown)
    if rest:
        shown.append(Stretch("\n\n" + trn("… and {n} more character", "… and {n} more characters", rest)))
    return shown
