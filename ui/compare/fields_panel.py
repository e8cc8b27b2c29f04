"""Fields panel: structured responses as a table of fields by models, with their agreement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from PySide6.QtWidgets import QWidget

from desktop.domain.conversation_types import JsonValue, Message, Status
from desktop.metrics.field_agreement import FieldCell, FieldRow, FieldState, FieldTable, field_table, schema_of
from desktop.metrics.json_fields import read_json, without_fence
from desktop.session.answer_content import last_text
from desktop.text.phrases import Phrase, phrase
from ui.base.strings import number_text, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme
from ui.compare.comparison_table import CellTone, TableCell, TableRow
from ui.compare.pane_facts import ShownPane
from ui.compare.table_panel import TableContent, TablePanel

Check = Callable[[JsonValue, Sequence[str]], Awaitable[Sequence[str]]]
"""Returns for each text why it violates a JSON Schema, or an empty string; never raises."""

_LONGEST_REASON = 240
_TONES = {
    FieldState.SAME: CellTone.PLAIN,
    FieldState.DIFFERENT: CellTone.DIFFERENT,
    FieldState.MISSING: CellTone.MISSING,
    FieldState.INVALID: CellTone.INVALID,
    FieldState.NONE: CellTone.PLAIN,
}
_SAID: dict[FieldState, Phrase] = {
    FieldState.DIFFERENT: phrase("differs"),
    FieldState.MISSING: phrase("missing"),
    FieldState.INVALID: phrase("not allowed by the schema"),
    FieldState.NONE: phrase("no JSON"),
}


class FieldsPanel(TablePanel):
    """Panel that compares responses in JSON field by field, and validates them against the schema of their pane."""

    def __init__(
        self,
        theme: Theme,
        panes: Callable[[], Sequence[ShownPane]],
        tasks: Tasks,
        check: Check,
        parent: QWidget | None = None,
    ) -> None:
        names = (tr("Fields"), tr("Close fields"))
        super().__init__(names, tr("Only fields that differ"), "fields.csv", theme, panes, parent)
        self._tasks = tasks
        self._check = check
        self._verdicts: dict[tuple[str, str], str] = {}
        """Why a text violates a schema, by schema and text; empty if it conforms."""
        self._checking: set[tuple[str, str]] = set()

    def content(self, panes: Sequence[ShownPane], messages: Sequence[Message | None]) -> TableContent:
        """Return the fields of the responses. Those that have not been validated yet are validated now."""
        texts = [None if each is None else json_of(each) for each in messages]
        known = {
            (pane.schema, text)
            for pane, text, message in zip(panes, texts, messages, strict=True)
            if pane.schema and text and message is not None and message.status is Status.COMPLETE
        }
        self._verdicts = {each: said for each, said in self._verdicts.items() if each in known}
        if new := known - self._verdicts.keys() - self._checking:
            self._checking |= new
            self._tasks.start(self._validate(sorted(new)), name="compare.fields")
        reasons = [
            self._verdicts.get((pane.schema, text or ""), "") if pane.schema else ""
            for pane, text in zip(panes, texts, strict=True)
        ]
        return fields_content(panes, messages, texts, reasons)

    async def _validate(self, wanted: Sequence[tuple[str, str]]) -> None:
        """Validate texts, and show the result."""
        try:
            for schema in dict.fromkeys(schema for schema, _ in wanted):
                texts = [text for of, text in wanted if of == schema]
                if (parsed := schema_of(schema)) is not None:
                    reasons = await self._check(dict(parsed), texts)
                    self._verdicts |= {(schema, text): said for text, said in zip(texts, reasons, strict=True)}
        finally:
            self._checking -= {*wanted}
        self._shown = None
        self.refresh()


def json_of(message: Message) -> str:
    """Return the JSON of a response without the code block around it; what follows its last tool call if only that is.

    A response without JSON is returned as it is.
    """
    text, end = message.text, last_text(message.parts)
    chosen = end if end and end != text and read_json(text).problem and not read_json(end).problem else text
    return without_fence(chosen)


def fields_content(
    panes: Sequence[ShownPane],
    messages: Sequence[Message | None],
    texts: Sequence[str | None],
    reasons: Sequence[str],
) -> TableContent:
    """Return the content of the panel.

    Args:
        reasons: For each response why it violates the schema; empty if it does not, or if that is not known.
    """
    schema = next((found for pane in panes if (found := schema_of(pane.schema)) is not None), None)
    table = field_table(texts, schema)
    names = tuple(pane.name for pane in panes)
    rows = tuple(_row(row, compared=table.compared) for row in table.rows)
    several = table.compared > 1
    head = (*names, tr("Agreement")) if several else names
    shares = [_percent(row.agreement) for row in table.rows]
    plain = [
        (row.path, *(cell.text for cell in row.cells), *([share] if several else []))
        for row, share in zip(table.rows, shares, strict=True)
    ]
    notes = [*_pane_notes(panes, messages, table, reasons)]
    if table.is_cut:
        notes.append(tr("Only the first {n} fields are compared.", n=number_text(len(table.rows))))
    summary = tr("{percent} agreement on average", percent=_percent(table.agreement)) if several and rows else ""
    finding = finding_of(table, names, reasons)
    return TableContent(finding, tuple(notes), head, rows, ((tr("Field"), *head), *plain), summary)


def finding_of(table: FieldTable, names: Sequence[str], reasons: Sequence[str] = ()) -> str:
    """Return the result of the comparison as one sentence."""
    if table.compared == 0:
        return tr("No response in this turn is JSON.")
    if table.compared == 1:
        name = next(name for name, problem in zip(names, table.problems, strict=True) if problem is None)
        return tr("Only {model} responded in JSON: agreement needs two responses.", model=name)
    invalid = sum(bool(reason) for reason in reasons)
    if not table.rows or table.same == len(table.rows):
        said = trn("{n} model agrees on all fields.", "{n} models agree on all fields.", table.compared)
    else:
        said = trn(
            "{n} model agrees on {same} of {all} fields.",
            "{n} models agree on {same} of {all} fields.",
            table.compared,
            same=number_text(table.same),
            all=number_text(len(table.rows)),
        )
    if not invalid:
        return said
    return tr(
        "{first} {second}",
        first=said,
        second=trn("{n} response violates the schema.", "{n} responses violate the schema.", invalid),
    )


def _row(row: FieldRow, *, compared: int) -> TableRow:
    cells = tuple(map(_cell, row.cells))
    share = (TableCell(_percent(row.agreement)),) if compared > 1 else ()
    return TableRow(row.path, (*cells, *share), differs=not row.is_same)


def _cell(cell: FieldCell) -> TableCell:
    said = tr(_SAID[cell.state]) if cell.state in _SAID else ""
    text = plain_value(cell.text) or (said if cell.state is FieldState.MISSING else "")
    return TableCell(text, _TONES[cell.state], "" if text == said else said)


def plain_value(json: str) -> str:
    """Return a JSON string without its quotes, unless it would read like another value, as `"12"` and `"true"` do."""
    if not json.startswith('"'):
        return json
    text = msgspec.json.decode(json, type=str)
    return json if not text.strip() or read_json(text).problem is None else text


def _percent(share: float | None) -> str:
    return "" if share is None else tr("{percent}%", percent=number_text(round(share * 100)))


def _pane_notes(
    panes: Sequence[ShownPane], messages: Sequence[Message | None], table: FieldTable, reasons: Sequence[str]
) -> list[str]:
    """Return why panes are not compared, or violate the schema."""
    notes: list[str] = []
    for pane, message, problem, reason in zip(panes, messages, table.problems, reasons, strict=True):
        if message is None:
            said = tr("No response in this turn yet.")
        elif problem is not None:
            said = tr(problem)
        elif reason:
            said = tr("The response violates the schema: {reason}", reason=reason[:_LONGEST_REASON])
        else:
            continue
        notes.append(tr("{name}: {value}", name=pane.name, value=said))
    return notes
