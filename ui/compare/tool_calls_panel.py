"""Tool calls panel: a table of calls by panes, with missing, different and reordered calls marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.domain.conversation_types import JsonValue, Message
from desktop.domain.message_parts import ToolStatus
from desktop.metrics.tool_divergence import MOST_CALLS, CallCell, CallState, CallTable, MadeCall, call_table, calls_of
from desktop.text.phrases import Phrase, phrase
from ui.base.figures_text import duration_text
from ui.base.strings import number_text, tr, trn
from ui.base.theme import Theme
from ui.compare.comparison_table import CellTone, TableCell, TableRow
from ui.compare.pane_facts import ShownPane
from ui.compare.table_panel import TableContent, TablePanel

_LONGEST_NAME, _LONGEST_LABEL, _LONGEST_ARGUMENTS = 60, 60, 2_000
_MOST_NAMED = 2
"""Maximum number of models whose difference the finding describes."""

_TONES = {
    CallState.SAME: CellTone.PLAIN,
    CallState.ARGUMENTS: CellTone.DIFFERENT,
    CallState.MOVED: CellTone.MOVED,
    CallState.ALONE: CellTone.ADDED,
    CallState.MISSING: CellTone.MISSING,
    CallState.NONE: CellTone.PLAIN,
}
_SAID: dict[CallState, Phrase] = {
    CallState.ARGUMENTS: phrase("other arguments"),
    CallState.MOVED: phrase("in another order"),
    CallState.ALONE: phrase("only this model"),
    CallState.MISSING: phrase("not called"),
}
_STATUSES: dict[ToolStatus, Phrase] = {
    ToolStatus.ERROR: phrase("failed"),
    ToolStatus.DENIED: phrase("denied"),
    ToolStatus.CUT: phrase("truncated"),
    ToolStatus.UNANSWERED: phrase("no result"),
}


_BY_WEIGHT = (CallState.MISSING, CallState.ARGUMENTS, CallState.ALONE, CallState.MOVED)
"""Differences by their weight: the finding names a model's first one."""


class ToolCallsPanel(TablePanel):
    """Panel that compares the tool calls of the panes."""

    call_wanted = Signal(int, str, str)
    """Emitted with the index of a pane, the ID of its message and that of the call that was chosen."""

    def __init__(self, theme: Theme, panes: Callable[[], Sequence[ShownPane]], parent: QWidget | None = None) -> None:
        names = (tr("Tool calls"), tr("Close tool calls"))
        super().__init__(names, tr("Only calls that differ"), "tool-calls.csv", theme, panes, parent)
        self._calls = CallTable((), ())
        self._messages: tuple[Message | None, ...] = ()

    def content(self, panes: Sequence[ShownPane], messages: Sequence[Message | None]) -> TableContent:
        """Return the calls of the responses."""
        self._messages = tuple(messages)
        self._calls = call_table([None if each is None else calls_of(each.parts) for each in messages])
        return calls_content(panes, self._calls)

    def choose(self, row: int, column: int) -> None:
        """Ask for a call to be shown in its pane."""
        call, message = self._calls.rows[row].cells[column].call, self._messages[column]
        if call is not None and message is not None:
            self.call_wanted.emit(column, message.id, call.id)


def calls_content(panes: Sequence[ShownPane], table: CallTable) -> TableContent:
    """Return the content of the panel."""
    names = tuple(pane.name for pane in panes)
    label = _label_of(table)
    rows = tuple(
        TableRow(label(row.first), tuple(map(_cell, row.cells)), differs=not row.is_same, tip=_tip(row.first))
        for row in table.rows
    )
    notes = [
        tr("{name}: {value}", name=name, value=tr("No response in this turn yet."))
        for name, count in zip(names, table.counts, strict=True)
        if count is None
    ]
    if table.is_cut:
        notes.append(tr("Only the first {n} calls of each response are compared.", n=number_text(MOST_CALLS)))
    plain = [(row.first.tool, row.first.arguments, *(_plain(cell) for cell in row.cells)) for row in table.rows]
    head = (tr("Tool"), tr("Arguments"), *names)
    return TableContent(finding_of(table, names), tuple(notes), names, rows, (head, *plain))


def finding_of(table: CallTable, names: Sequence[str]) -> str:
    """Return the result of the comparison as one sentence."""
    compared = table.compared
    if not table.rows:
        return tr("No model called a tool in this turn.")
    if len(compared) == 1:
        return trn("{n} tool call.", "{n} tool calls.", len(table.rows))
    if all(row.is_same for row in table.rows):
        return tr(
            "{models} made {calls}.",
            models=tr("Both models") if len(compared) == 2 else trn("{n} model", "All {n} models", len(compared)),
            calls=trn("the same call", "the same {n} calls", len(table.rows)),
        )
    complete = [place for place in compared if table.has_all(place)]
    others = [
        place
        for place in compared
        if place not in complete or any(cell.state is CallState.MOVED for _, cell in table.states(place))
    ]
    if not complete:
        shared = sum(row.is_same for row in table.rows)
        said = tr(
            "{models} made {calls}, {shared} of them in common",
            models=trn("{n} model", "{n} models", len(compared)),
            calls=trn("{n} different call", "{n} different calls", len(table.rows)),
            shared=number_text(shared) if shared else tr("none"),
        )
    elif len(complete) == len(compared):
        said = tr("All models made {calls}", calls=_all_calls(table))
    else:
        said = tr(
            "{some} of {n} models made {calls}",
            some=number_text(len(complete)),
            n=number_text(len(compared)),
            calls=_all_calls(table),
        )
    parts = [said, *(_difference(table, place, names[place]) for place in others[:_MOST_NAMED])]
    if (more := len(others) - _MOST_NAMED) > 0:
        parts.append(trn("{n} more model differs", "{n} more models differ", more))
    return tr("{sentence}.", sentence="; ".join(parts))


def _all_calls(table: CallTable) -> str:
    tools = {row.first.tool for row in table.rows}
    count = len(table.rows)
    if len(tools) == 1:
        tool = _short(next(iter(tools)), _LONGEST_NAME)
        return trn("the call of {tool}", "all {n} calls of {tool}", count, tool=tool)
    return trn("the call", "all {n} calls", count)


def _difference(table: CallTable, place: int, name: str) -> str:
    """Describe the first kind of difference of a model: left out, other arguments, an additional call, or order."""
    states = table.states(place)
    state = next(each for each in _BY_WEIGHT if any(cell.state is each for _, cell in states))
    label = _label_of(table)
    found = [label(row.first) for row, cell in states if cell.state is state]
    calls = _short(", ".join(found[:_MOST_NAMED]), 2 * _LONGEST_LABEL)
    if len(found) > _MOST_NAMED:
        calls = trn("{calls} and {n} more", "{calls} and {n} more", len(found) - _MOST_NAMED, calls=calls)
    match state:
        case CallState.MISSING:
            return tr("{model} left out {calls}", model=name, calls=calls)
        case CallState.ARGUMENTS:
            return tr("{model} used other arguments for {calls}", model=name, calls=calls)
        case CallState.ALONE:
            return tr("only {model} called {calls}", model=name, calls=calls)
        case _:
            return tr("{model} called {calls} in another order", model=name, calls=calls)


def _label_of(table: CallTable) -> Callable[[MadeCall], str]:
    """Return the function that names calls: by their values alone if all are calls of one tool and differ in them."""
    values = [_short(_values(row.first.arguments), _LONGEST_LABEL) for row in table.rows]
    alone = len({row.first.key[:2] for row in table.rows}) == 1 and all(values) and len({*values}) == len(values) > 1
    return (lambda call: _short(_values(call.arguments), _LONGEST_LABEL)) if alone else call_label


def call_label(call: MadeCall) -> str:
    """Return a call's tool and its values, such as `get_current_time (Asia/Tokyo)`."""
    name = _short(call.tool, _LONGEST_NAME)
    values = _values(call.arguments)
    return tr("{name} ({values})", name=name, values=_short(values, _LONGEST_LABEL)) if values else name


def _values(arguments: str) -> str:
    """Return the values of arguments on one line, without their names."""
    try:
        given = cast("JsonValue", msgspec.json.decode(arguments or "{}"))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return arguments[:_LONGEST_ARGUMENTS]
    if not isinstance(given, dict):
        return arguments[:_LONGEST_ARGUMENTS]
    return ", ".join(
        each if isinstance(each, str) else msgspec.json.encode(each).decode() for each in given.values() if each != ""
    )[:_LONGEST_ARGUMENTS]


def _short(text: str, longest: int) -> str:
    line = " ".join(text[: 4 * longest].split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _tip(call: MadeCall) -> str:
    server = f"{call.key[0]} · " if call.key[0] else ""
    return f"{server}{call.tool}\n{call.arguments[:_LONGEST_ARGUMENTS]}"


def _facts(cell: CallCell) -> list[str]:
    """Return the number of a call, how it ended, its duration and whether its result was shared."""
    call = cell.call
    if call is None:
        return []
    facts = [tr("{n}.", n=number_text(cell.number))]
    if cell.state is CallState.ARGUMENTS:
        facts.append(_short(_values(call.arguments), _LONGEST_LABEL))
    if call.status is not None and call.status in _STATUSES:
        facts.append(tr(_STATUSES[call.status]))
    if call.recorded:
        facts.append(tr("shared"))
    elif call.duration_ms is not None:
        facts.append(duration_text(call.duration_ms))
    return facts


def _cell(cell: CallCell) -> TableCell:
    said = tr(_SAID[cell.state]) if cell.state in _SAID else ""
    if cell.call is None:
        return TableCell(said, _TONES[cell.state])
    number, *facts = _facts(cell)
    return TableCell(" ".join((number, " · ".join(facts))), _TONES[cell.state], said, _tip(cell.call))


def _plain(cell: CallCell) -> str:
    said = tr(_SAID[cell.state]) if cell.state in _SAID else ""
    return " · ".join(each for each in (*_facts(cell), said) if each)
