"""Facts about a comparison's panes for the panels: name, color, messages and speed. Pure functions."""

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
    """A pane's model name and color, its messages, and the speed of a response in progress."""

    name: str
    colour: str
    path: tuple[Message, ...]
    """Messages, including the prompt that is being answered."""
    pace: Pace | None = None
    begun: datetime | None = None
    """Start time of the conversation; messages from before it were copied."""
    contender: object = None
    """Key shared by panes of the same contender; None if the pane stands alone."""
    schema: str = ""
    """JSON Schema that responses must match; empty if there is none."""


def distinct(panes: Sequence[ShownPane]) -> tuple[ShownPane, ...]:
    """Return the panes, adding numbers to names that occur more than once."""
    counted = Counter(pane.name for pane in panes)
    return tuple(
        replace(pane, name=tr("{model} ({number})", model=pane.name, number=number)) if counted[pane.name] > 1 else pane
        for number, pane in enumerate(panes, 1)
    )


def contenders(panes: Sequence[ShownPane]) -> tuple[int, ...]:
    """Return for each pane the index of the first pane that belongs to the same contender."""
    known = [(pane.contender,) if pane.contender is not None else () for pane in panes]
    return tuple(known.index(each) if each else place for place, each in enumerate(known))


def contender_names(panes: Sequence[ShownPane]) -> dict[int, str]:
    """Return the contenders' names by their index, adding pane numbers to equal names."""
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
    """Return the index of the newest turn in any pane, or -1 if there is none."""
    return len(aligned([pane.path for pane in panes])) - 1


def lines(panes: Sequence[ShownPane], at: float, *, all_turns: bool) -> tuple[FigureLine, ...]:
    """Return each pane's figures for the newest turn, estimated while it is in progress, or for all turns."""

    def line(pane: ShownPane, number: int | None) -> FigureLine:
        if all_turns:
            return over_all(pane.name, pane.path, pane.begun)
        if pane.pace is not None and number is not None:
            return of_live(pane.name, pane.pace, at)
        return of_turn(pane.name, pane.path, number)

    return tuple(map(line, panes, _newest(panes)))


def last_answers(panes: Sequence[ShownPane]) -> tuple[str, ...]:
    """Return the text of each pane's response in the newest turn, or an empty string."""
    return tuple(answer.text if answer is not None else "" for answer in last_messages(panes))


def last_messages(panes: Sequence[ShownPane]) -> tuple[Message | None, ...]:
    """Return each pane's response in the newest turn, or None."""
    return tuple(map(_answer, panes, _newest(panes)))


def messages_of(panes: Sequence[ShownPane], turn: int) -> tuple[Message | None, ...]:
    """Return each pane's response in a turn, starting at 0, or None."""
    return tuple(map(_answer, panes, numbers_of(aligned([pane.path for pane in panes]), turn, len(panes))))


def _answer(pane: ShownPane, number: int | None) -> Message | None:
    return turns(pane.path)[number][1] if number is not None else None


def _newest(panes: Sequence[ShownPane]) -> AlignedTurn:
    """Return for each pane the index of its prompt in the newest turn."""
    found = aligned([pane.path for pane in panes])
    return numbers_of(found, len(found) - 1, len(panes))
