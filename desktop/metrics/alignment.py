"""Which turns of conversations side by side belong together: by the id that their prompts have, else by text; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from desktop.domain.conversation_types import Message, Role

AlignedTurn = tuple[int | None, ...]
"""For each conversation which of its prompts, from 0, belongs to the turn; None where it was not asked."""

_MOST_COMPARED = 1 << 20
"""So many pairs of prompts are held against each other by their texts; beyond, by their places alone."""


class _Entry(NamedTuple):
    """A turn in the making: one of its prompts, and by the place of a conversation the number of its own."""

    prompt: Message
    numbers: dict[int, int]


class Alignment:
    """Paths of conversations side by side, and the turns that they share: worked out once for all who ask."""

    def __init__(self, paths: Sequence[Sequence[Message]]) -> None:
        self.paths = tuple(paths)
        self._prompts = [[at for at, message in enumerate(path) if message.role is Role.USER] for path in self.paths]
        """Where the prompts of each path stand in it."""
        self.turns = _aligned(self._asked())

    @property
    def last(self) -> int:
        """The number of the last turn, from 0; -1 where nothing was asked."""
        return len(self.turns) - 1

    def numbers(self, turn: int) -> AlignedTurn:
        """Which prompt of each path a turn has; none where there is no such turn."""
        return numbers_of(self.turns, turn, len(self.paths))

    def last_asked(self, place: int) -> int | None:
        """The last turn in which the path at a place was asked; None where it never was."""
        return next((turn for turn in range(self.last, -1, -1) if self.turns[turn][place] is not None), None)

    def answered(self, place: int, number: int) -> tuple[Message, Message] | None:
        """A prompt of a path, by its number among its prompts, with its answer; None where it has none."""
        path, at = self.paths[place], self._prompts[place][number]
        answer = path[at + 1] if at + 1 < len(path) else None
        return (path[at], answer) if answer is not None and answer.role is Role.ASSISTANT else None

    @cached_property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """What the prompts of each turn are known by, path by path: the turn's id, else their own; empty for none."""
        known = [[prompt.turn or prompt.id for prompt in prompts] for prompts in self._asked()]
        return tuple(
            tuple("" if number is None else of[number] for of, number in zip(known, numbers, strict=True))
            for numbers in self.turns
        )

    def _asked(self) -> list[list[Message]]:
        return [[path[at] for at in ats] for path, ats in zip(self.paths, self._prompts, strict=True)]


def aligned(paths: Sequence[Sequence[Message]]) -> tuple[AlignedTurn, ...]:
    """The turns of conversations, in the order in which they were asked.

    Prompts that were sent together have one id. Those without one, of older versions and other programs, belong
    together where their texts are the same, or where as many others stand between the same neighbours.
    """
    return Alignment(paths).turns


def _aligned(asked: Sequence[list[Message]]) -> tuple[AlignedTurn, ...]:
    if all(_same(prompts, asked[0]) for prompts in asked[1:]):
        return tuple((number,) * len(asked) for number in range(len(asked[0]) if asked else 0))
    order = sorted(range(len(asked)), key=lambda place: -len(asked[place]))
    turns: list[_Entry] = []
    for place in order:
        turns = list(_joined(turns, asked[place], place))
    return tuple(tuple(turn.numbers.get(place) for place in range(len(asked))) for turn in turns)


def numbers_of(turns: Sequence[AlignedTurn], turn: int, panes: int) -> AlignedTurn:
    """Which prompt of each of so many conversations a turn has; none where there is no such turn."""
    return turns[turn] if 0 <= turn < len(turns) else (None,) * panes


def _same(one: Sequence[Message], other: Sequence[Message]) -> bool:
    """Whether all prompts were sent together, or are the same."""
    if len(one) != len(other):
        return False
    return all(
        a.turn == b.turn if a.turn or b.turn else a.parts == b.parts or a.text == b.text
        for a, b in zip(one, other, strict=True)
    )


def _joined(turns: list[_Entry], prompts: list[Message], place: int) -> Iterator[_Entry]:
    """The turns with a further conversation's prompts among them."""
    known = {turn.prompt.turn: at for at, turn in enumerate(turns) if turn.prompt.turn}
    at = number = 0
    for mine, prompt in enumerate(prompts):
        theirs = known.get(prompt.turn) if prompt.turn else None
        if theirs is not None and theirs >= at:
            yield from _between(turns[at:theirs], prompts[number:mine], place, number)
            yield _with(turns[theirs], place, mine)
            at, number = theirs + 1, mine + 1
    yield from _between(turns[at:], prompts[number:], place, number)


def _between(turns: list[_Entry], prompts: list[Message], place: int, first: int) -> Iterator[_Entry]:
    """What stands between two turns that are sure: the same texts are the same turn, the rest goes by time."""
    at = number = 0
    for theirs, mine in _same_texts(turns, prompts):
        yield from _by_time(turns[at:theirs], prompts[number:mine], place, first + number)
        yield _with(turns[theirs], place, first + mine)
        at, number = theirs + 1, mine + 1
    yield from _by_time(turns[at:], prompts[number:], place, first + number)


def _same_texts(turns: list[_Entry], prompts: list[Message]) -> list[tuple[int, int]]:
    """Pairs of numbers of turns and prompts with the same texts; a pane that came late has the last ones."""
    if not turns or not prompts:
        return []
    theirs, mine = [turn.prompt.text for turn in turns], [prompt.text for prompt in prompts]
    end = _alike(theirs[::-1], mine[::-1])
    left, right = len(theirs) - end, len(mine) - end
    start = _alike(theirs[:left], mine[:right])
    pairs = [(at, at) for at in range(start)]
    if (left - start) * (right - start) <= _MOST_COMPARED:
        from difflib import SequenceMatcher  # the window is painted without it

        matcher = SequenceMatcher(None, theirs[start:left], mine[start:right], autojunk=False)
        for block in matcher.get_matching_blocks():
            pairs += [(start + block.a + step, start + block.b + step) for step in range(block.size)]
    return [*pairs, *((left + step, right + step) for step in range(end))]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many texts are the same from the beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _by_time(turns: list[_Entry], prompts: list[Message], place: int, first: int) -> Iterator[_Entry]:
    """Prompts among turns with other texts; without ids and as many they are these turns, asked otherwise."""
    if len(turns) == len(prompts) and not any(each.turn for each in (*prompts, *(turn.prompt for turn in turns))):
        yield from (_with(turn, place, first + step) for step, turn in enumerate(turns))
        return
    waiting = list(turns)
    for step, prompt in enumerate(prompts):
        while waiting and waiting[0].prompt.created_at <= prompt.created_at:
            yield waiting.pop(0)
        yield _Entry(prompt, {place: first + step})
    yield from waiting


def _with(turn: _Entry, place: int, number: int) -> _Entry:
    return _Entry(turn.prompt, {**turn.numbers, place: number})
