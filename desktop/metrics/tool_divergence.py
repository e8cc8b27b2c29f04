"""Alignment of the tool calls of several responses: missing, different and reordered calls. Pure functions."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import cast

import msgspec
from msgspec import Struct

from desktop.domain.conversation_types import JsonValue
from desktop.domain.message_parts import Part, TextPart, ToolCallPart, ToolResultPart, ToolStatus
from desktop.metrics.json_fields import canonical

MOST_CALLS = 200
"""Maximum number of calls of a response that are compared."""

Key = tuple[str, str, str]
"""Server, tool and canonical arguments."""


class MadeCall(Struct, frozen=True):
    """A tool call of a response.

    Attributes:
        key: Server, tool and canonical arguments, by which calls are compared.
        arguments: Arguments as they were used.
        status: How the call ended; None while it is in progress and for calls of the provider itself.
    """

    id: str
    key: Key
    arguments: str
    status: ToolStatus | None = None
    duration_ms: float | None = None
    recorded: bool = False

    @property
    def tool(self) -> str:
        """Name of the tool."""
        return self.key[1]


class CallState(Enum):
    """How a call relates to those of the other responses."""

    SAME = auto()  # the same tool and arguments as most others
    ARGUMENTS = auto()  # the same tool with other arguments
    MOVED = auto()  # the same call at another point of the order
    ALONE = auto()  # nobody else made it
    MISSING = auto()  # others made a call that this response lacks
    NONE = auto()  # the pane has no response to compare


class CallCell(Struct, frozen=True):
    """A call in one response with its position, starting at 1; None if the response lacks it."""

    state: CallState
    call: MadeCall | None = None
    number: int = 0


class CallRow(Struct, frozen=True):
    """Corresponding calls of all responses."""

    cells: tuple[CallCell, ...]

    @property
    def first(self) -> MadeCall:
        """The call of the first response that made it; the most frequent one if arguments differ."""
        found = [cell.call for cell in self.cells if cell.call is not None]
        same = [cell.call for cell in self.cells if cell.call is not None and cell.state is not CallState.ARGUMENTS]
        return (same or found)[0]

    @property
    def is_same(self) -> bool:
        """Whether all responses made this call, in the same order."""
        return all(cell.state in (CallState.SAME, CallState.NONE) for cell in self.cells)


class CallTable(Struct, frozen=True):
    """Calls of several responses.

    Attributes:
        counts: Number of calls of each response; None for a pane without a response.
        is_cut: Whether a response has more calls than are compared.
    """

    rows: tuple[CallRow, ...]
    counts: tuple[int | None, ...]
    is_cut: bool = False

    @property
    def compared(self) -> tuple[int, ...]:
        """Indexes of the panes that have a response."""
        return tuple(place for place, count in enumerate(self.counts) if count is not None)

    def has_all(self, place: int) -> bool:
        """Whether a response has every call of the table with the arguments that most responses used.

        Of two responses, one may have calls that the other lacks.
        """
        good = {CallState.SAME, CallState.MOVED, *([CallState.ALONE] if len(self.compared) == 2 else [])}
        return all(row.cells[place].state in good for row in self.rows)

    def states(self, place: int) -> list[tuple[CallRow, CallCell]]:
        """Return the rows in which a response differs from the others."""
        return [(row, row.cells[place]) for row in self.rows if row.cells[place].state is not CallState.SAME]


def calls_of(parts: Sequence[Part]) -> tuple[MadeCall, ...]:
    """Return the tool calls of a response in order, with their results."""
    results = defaultdict[str, deque[ToolResultPart]](deque)  # some servers give several calls the same ID
    for part in parts:
        if isinstance(part, ToolResultPart):
            results[part.call].append(part)
    found: list[MadeCall] = []
    for part in parts:
        if isinstance(part, ToolCallPart):
            result = results[part.id].popleft() if results[part.id] else None
            found.append(
                MadeCall(
                    part.id,
                    (part.server, part.shown_name, _canonical(part.arguments)),
                    part.arguments,
                    result.status if result is not None else None,
                    result.duration_ms if result is not None else None,
                    result is not None and result.recorded,
                )
            )
    return tuple(found)


def _canonical(arguments: str) -> str:
    try:
        return canonical(cast("JsonValue", msgspec.json.decode(arguments or "{}")))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return " ".join(arguments.split())


def text_with_calls(parts: Sequence[Part]) -> str:
    """Return the text of a response with its tool calls and their results as lines of text, in order."""
    found: list[str] = []
    for part in parts:
        match part:
            case TextPart():
                found.append(part.text)
            case ToolCallPart():
                found.append(f"\n\n{part.shown_name} {_canonical(part.arguments)}\n\n")
            case ToolResultPart():
                found.append(f"{part.text or part.structured or part.status}\n\n")
            case _:
                pass
    return "".join(found).strip()


class _Row(Struct):
    """A row under construction: the index of the call in each response, and the responses with another order."""

    calls: dict[int, int]
    moved: set[int]


def call_table(responses: Sequence[Sequence[MadeCall] | None]) -> CallTable:
    """Align the calls of responses: in order if they are equal, then equal calls in another order, then by tool.

    Args:
        responses: The calls of each pane; None for a pane without a response.
    """
    calls = [tuple(each or ())[:MOST_CALLS] for each in responses]
    rows: list[_Row] = []
    places = [place for place, each in enumerate(responses) if each is not None]
    for place in sorted(places, key=lambda place: -len(calls[place])):
        rows = _with_response(rows, calls, place)
    counts = tuple(None if each is None else len(each) for each in responses)
    is_cut = any(len(each or ()) > MOST_CALLS for each in responses)
    return CallTable(tuple(_finished(row, calls, counts) for row in rows), counts, is_cut)


def _with_response(rows: list[_Row], calls: Sequence[Sequence[MadeCall]], place: int) -> list[_Row]:
    """Return the rows after adding the calls of another response."""
    mine = [call.key for call in calls[place]]
    theirs = [_main_key(row, calls) for row in rows]
    pairs = common_subsequence(theirs, mine)
    olds, news = {old for old, _ in pairs}, {new for _, new in pairs}
    moved: dict[int, int] = {}
    free = defaultdict[Key, deque[int]](deque)
    for old, key in enumerate(theirs):
        if old not in olds:
            free[key].append(old)
    for new, key in enumerate(mine):
        if new not in news and free[key]:
            moved[free[key].popleft()] = new
    left_new = {*range(len(mine))} - news - {*moved.values()}
    pairs = [*_with_tools(pairs, theirs, mine, left_new, {*range(len(rows))} - olds - {*moved})]
    found: list[_Row] = []
    at_old = at_new = 0
    for old, new in (*pairs, (len(rows), len(mine))):
        found += [
            _joined(rows[each], place, moved[each], moved=True) if each in moved else rows[each]
            for each in range(at_old, old)
        ]
        found += [_Row({place: each}, set()) for each in range(at_new, new) if each in left_new]
        if old < len(rows):
            found.append(_joined(rows[old], place, new))
        at_old, at_new = old + 1, new + 1
    return found


def _with_tools(
    pairs: Sequence[tuple[int, int]], theirs: Sequence[Key], mine: Sequence[Key], news: set[int], olds: set[int]
) -> Iterator[tuple[int, int]]:
    """Yield the pairs of equal calls and, between them, pairs of calls of one tool with different arguments."""
    at_old = at_new = 0
    for old, new in (*pairs, (len(theirs), len(mine))):
        left = [each for each in range(at_old, old) if each in olds]
        right = [each for each in range(at_new, new) if each in news]
        for one, other in common_subsequence([theirs[each][:2] for each in left], [mine[each][:2] for each in right]):
            yield left[one], right[other]
        if old < len(theirs):
            yield old, new
        at_old, at_new = old + 1, new + 1


def common_subsequence(one: Sequence[object], other: Sequence[object]) -> list[tuple[int, int]]:
    """Return the index pairs of a longest common subsequence, the earliest one if there are several."""
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for first in range(len(one) - 1, -1, -1):
        row, below = lengths[first], lengths[first + 1]
        for second in range(len(other) - 1, -1, -1):
            if one[first] == other[second]:
                row[second] = below[second + 1] + 1
            else:
                row[second] = max(below[second], row[second + 1])
    pairs: list[tuple[int, int]] = []
    first = second = 0
    while first < len(one) and second < len(other):
        if one[first] == other[second]:
            pairs.append((first, second))
            first, second = first + 1, second + 1
        elif lengths[first + 1][second] >= lengths[first][second + 1]:
            first += 1
        else:
            second += 1
    return pairs


def _joined(row: _Row, place: int, at: int, *, moved: bool = False) -> _Row:
    return _Row({**row.calls, place: at}, row.moved | ({place} if moved else set()))


def _main_key(row: _Row, calls: Sequence[Sequence[MadeCall]]) -> Key:
    """Return the most frequent call of a row, the first one if several are equally frequent."""
    return Counter(calls[place][at].key for place, at in row.calls.items()).most_common(1)[0][0]


def _finished(row: _Row, calls: Sequence[Sequence[MadeCall]], counts: Sequence[int | None]) -> CallRow:
    counted = Counter(calls[place][at].key for place, at in row.calls.items()).most_common(2)
    leads = counted[0][0] if len(counted) == 1 or counted[0][1] > counted[1][1] else None
    several = sum(count is not None for count in counts) > 1
    cells: list[CallCell] = []
    for place, count in enumerate(counts):
        if count is None:
            cells.append(CallCell(CallState.NONE))
        elif place not in row.calls:
            cells.append(CallCell(CallState.MISSING))
        else:
            at = row.calls[place]
            call = calls[place][at]
            cells.append(CallCell(_state(call, leads, row, place, several=several), call, at + 1))
    return CallRow(tuple(cells))


def _state(call: MadeCall, leads: Key | None, row: _Row, place: int, *, several: bool) -> CallState:
    if several and len(row.calls) == 1:
        return CallState.ALONE
    if call.key != leads:
        return CallState.ARGUMENTS
    return CallState.MOVED if place in row.moved else CallState.SAME
