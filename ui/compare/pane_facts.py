"""What panels are told of a comparison's panes: names, colours, what was said, how fast an answer comes; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from desktop.domain.conversation_types import Message
from desktop.metrics.alignment import AlignedTurn, aligned, numbers_of
from desktop.metrics.figures import FigureLine, of_live, of_turn, over_all, turns
from desktop.metrics.pace import Pace
from ui.base.strings import number_text, tr


class ShownPane(Struct, frozen=True):
    """A pane: its model's name and colour, its conversation's path, and the pace of an answer in the making."""

    name: str
    colour: str
    path: tuple[Message, ...]
    """With the prompt that is being answered."""
    pace: Pace | None = None
    begun: datetime | None = None
    """When its conversation was: what was said before came along as a copy."""
    contender: object = None
    """What makes its answers those of one contender: panes with the same are of one; None for one by itself."""


def distinct(panes: Sequence[ShownPane]) -> tuple[ShownPane, ...]:
    """The panes, those with a name that another has too numbered by their place."""
    counted = Counter(pane.name for pane in panes)
    return tuple(
        replace(pane, name=tr("{model} ({number})", model=pane.name, number=number)) if counted[pane.name] > 1 else pane
        for number, pane in enumerate(panes, 1)
    )


def contenders(panes: Sequence[ShownPane]) -> tuple[int, ...]:
    """For each pane a number, the same for panes of one contender: the place of its first one."""
    known = [(pane.contender,) if pane.contender is not None else () for pane in panes]
    return tuple(known.index(each) if each else place for place, each in enumerate(known))


def contender_names(panes: Sequence[ShownPane]) -> dict[int, str]:
    """What contenders are called, by their numbers: where two have one name, with the numbers of their panes."""
    of = contenders(panes)
    plain = {number: panes[number].name for number in of}
    counted = Counter(plain.values())
    places = {each: [at + 1 for at, number in enumerate(of) if number == each] for each in plain}
    return {
        number: tr("{model} ({number})", model=name, number=", ".join(map(number_text, places[number])))
        if counted[name] > 1
        else name
        for number, name in plain.items()
    }


def last_turn(panes: Sequence[ShownPane]) -> int:
    """The number of the newest turn of any pane, from 0; -1 where nothing was asked yet."""
    return len(aligned([pane.path for pane in panes])) - 1


def lines(panes: Sequence[ShownPane], at: float, *, all_turns: bool) -> tuple[FigureLine, ...]:
    """The panes' figures, of the newest turn or of all; of the newest also while it is being answered."""

    def line(pane: ShownPane, number: int | None) -> FigureLine:
        """One pane's figures."""
        if all_turns:
            return over_all(pane.name, pane.path, pane.begun)
        if pane.pace is not None and number is not None:
            return of_live(pane.name, pane.pace, at)
        return of_turn(pane.name, pane.path, number)

    return tuple(map(line, panes, _newest(panes)))


def last_answers(panes: Sequence[ShownPane]) -> tuple[str, ...]:
    """The text of each pane's answer in the newest turn, empty where there is none."""
    return tuple(answer.text if answer is not None else "" for answer in last_messages(panes))


def last_messages(panes: Sequence[ShownPane]) -> tuple[Message | None, ...]:
    """Each pane's answer in the newest turn, None where there is none."""

    def answer(pane: ShownPane, number: int | None) -> Message | None:
        """One pane's answer, None where the turn did not reach it."""
        return turns(pane.path)[number][1] if number is not None else None

    return tuple(map(answer, panes, _newest(panes)))


def _newest(panes: Sequence[ShownPane]) -> AlignedTurn:
    """Which prompt of each pane belongs to the newest turn."""
    found = aligned([pane.path for pane in panes])
    return numbers_of(found, len(found) - 1, len(panes))
