"""Alignment of the turns in several conversations, by turn ID or by text. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from desktop.domain.conversation_types import Message, Role

AlignedTurn = tuple[int | None, ...]
"""Index of the prompt in each conversation for this turn, or None for conversations without one."""

_MOST_COMPARED = 1 << 20
"""Maximum number of prompt pairs compared by text. Above this, only positions are used."""


class _Entry(NamedTuple):
    """A turn under construction: one of its prompts, and the prompt's index in each conversation."""

    prompt: Message
    numbers: dict[int, int]


class Alignment:
    """Paths of several conversations and the turns they share, computed once."""

    def __init__(self, paths: Sequence[Sequence[Message]]) -> None:
        self.paths = tuple(paths)
        self._prompts = [[at for at, message in enumerate(path) if message.role is Role.USER] for path in self.paths]
        """Where the prompts of each path stand in it."""
        self.turns = _aligned(self._asked())

    @property
    def last(self) -> int:
        """Index of the last turn, or -1 if there are none."""
        return len(self.turns) - 1

    def numbers(self, turn: int) -> AlignedTurn:
        """Return the index of the prompt in each path for a turn, all None if there is no such turn."""
        return numbers_of(self.turns, turn, len(self.paths))

    def last_asked(self, place: int) -> int | None:
        """Return the index of the last turn in which a path has a prompt, or None."""
        return next((turn for turn in range(self.last, -1, -1) if self.turns[turn][place] is not None), None)

    def answered(self, place: int, number: int) -> tuple[Message, Message] | None:
        """Return the prompt with this index and its response, or None if it has no response."""
        path, at = self.paths[place], self._prompts[place][number]
        answer = path[at + 1] if at + 1 < len(path) else None
        return (path[at], answer) if answer is not None and answer.role is Role.ASSISTANT else None

    @cached_property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Return the keys of all turns by path: the prompt's turn ID or else message ID, empty without a prompt."""
        known = [[prompt.turn or prompt.id for prompt in prompts] for prompts in self._asked()]
        return tuple(
            tuple("" if number is None else of[number] for of, number in zip(known, numbers, strict=True))
            for numbers in self.turns
        )

    def _asked(self) -> list[list[Message]]:
        return [[path[at] for at in ats] for path, ats in zip(self.paths, self._prompts, strict=True)]


def aligned(paths: Sequence[Sequence[Message]]) -> tuple[AlignedTurn, ...]:
    """Return the turns of conversations in chronological order.

    Prompts sent together share a turn ID. Prompts without one, from older versions and imports, belong together if
    their texts are equal, or if equally many prompts lie between the same neighbors.
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
    """Return the index of the prompt in each conversation for a turn, all None if there is no such turn."""
    return turns[turn] if 0 <= turn < len(turns) else (None,) * panes


def _same(one: Sequence[Message], other: Sequence[Message]) -> bool:
    """Whether all prompts correspond: those with a turn ID were sent together, the others are equal."""
    if len(one) != len(other):
        return False
    return all(
        a.turn == b.turn if a.turn or b.turn else a.parts == b.parts or a.text == b.text
        for a, b in zip(one, other, strict=True)
    )


def _joined(turns: list[_Entry], prompts: list[Message], place: int) -> Iterator[_Entry]:
    """Yield the turns after merging the prompts of another conversation."""
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
    """Yield the turns between two certain ones. Equal texts share a turn; other prompts are ordered by time."""
    at = number = 0
    for theirs, mine in _same_texts(turns, prompts):
        yield from _by_time(turns[at:theirs], prompts[number:mine], place, first + number)
        yield _with(turns[theirs], place, first + mine)
        at, number = theirs + 1, mine + 1
    yield from _by_time(turns[at:], prompts[number:], place, first + number)


def _same_texts(turns: list[_Entry], prompts: list[Message]) -> list[tuple[int, int]]:
    """Return index pairs of turns and prompts with equal texts. The end is matched first, for panes added later."""
    if not turns or not prompts:
        return []
    theirs, mine = [turn.prompt.text for turn in turns], [prompt.text for prompt in prompts]
    end = _alike(theirs[::-1], mine[::-1])
    theirs_end, mine_end = len(theirs) - end, len(mine) - end
    start = _alike(theirs[:theirs_end], mine[:mine_end])
    pairs = [(at, at) for at in range(start)]
    if (theirs_end - start) * (mine_end - start) <= _MOST_COMPARED:
        from difflib import SequenceMatcher  # not needed for the first paint

        matcher = SequenceMatcher(None, theirs[start:theirs_end], mine[start:mine_end], autojunk=False)
        for block in matcher.get_matching_blocks():
            pairs += [(start + block.a + step, start + block.b + step) for step in range(block.size)]
    return [*pairs, *((theirs_end + step, mine_end + step) for step in range(end))]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the common prefix."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _by_time(turns: list[_Entry], prompts: list[Message], place: int, first: int) -> Iterator[_Entry]:
    """Yield turns and prompts with different texts, ordered by time.

    If they are equally many and have no turn IDs, the prompts count as edits of the turns.
    """
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
