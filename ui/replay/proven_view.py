"""Proven models: by kind of prompt, the cheapest model that replays or votes found not to be worse, and its export."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.settings.policy import EXPORT
from desktop.text.phrases import Phrase, phrase
from ui.base import strings
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.replay.card_table import CardTable, PaintedInterval
from ui.replay.preference_plot import points_of
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph

if TYPE_CHECKING:
    from desktop.replay.proven import ProvenModel

_FORMATS = {
    "csv": ("proven-models.csv", phrase("CSV (*.csv)")),
    "litellm": ("litellm.yaml", phrase("LiteLLM configuration (*.yaml)")),
}
"""File name and kind of each export."""

_ABOUT = phrase(
    "For each kind of prompt, the cheapest model that your replays or blind votes found not to be worse than the old"
    " one. This is a suggestion: Paragone never changes the model of a chat."
)
_NOTHING = phrase("No model has been found not to be worse yet. Review a replay, or vote in blind rounds.")


class ProvenView(QWidget):
    """Reads all replays and votes whenever it is shown."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services, self._tasks = services, tasks
        self.rows: Sequence[ProvenModel] = ()
        self.table = CardTable(tr("Proven models"), themes, self)
        self.about = Paragraph(tr(_ABOUT), "muted")
        self.csv = button(tr("Export CSV…"), by_enter=True)
        self.litellm = button(tr("Export LiteLLM configuration…"), by_enter=True)
        self.message = Paragraph("", "muted")
        actions = QHBoxLayout()
        actions.setSpacing(8)
        for each in (self.csv, self.litellm):
            actions.addWidget(each)
        actions.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(tr("Proven models"), "heading"))
        column.addWidget(self.about)
        column.addWidget(self.table)
        column.addLayout(actions)
        column.addWidget(self.message)
        column.addStretch(1)
        self.csv.clicked.connect(partial(self._ask_where, "csv"))
        self.litellm.clicked.connect(partial(self._ask_where, "litellm"))
        self._show(())

    def load(self) -> None:
        """Read the table."""
        self._tasks.start(self._load(), name="replays.proven", failed=self._fail)

    async def _load(self) -> None:
        from desktop.evals.execution.run_entries import entries
        from desktop.replay.proven import read_proven

        services = self._services
        self._show(await read_proven(await services.store(), entries(services.gateway, services.catalog)))

    def _show(self, rows: Sequence[ProvenModel]) -> None:
        from desktop.reports.replay_text import proven_cells, proven_columns

        self.rows = rows
        *columns, preference, saving, evidence = map(_translated, proven_columns())
        cells = [tuple(map(_translated, proven_cells(row))) for row in rows]
        intervals = [
            PaintedInterval(points_of(row.low), points_of(row.theta), points_of(row.high), "good") for row in rows
        ]
        head = (*columns, saving, evidence, preference)
        self.table.show_rows(
            head, [(*row[:4], row[5], row[6], row[4]) for row in cells], intervals=intervals if rows else ()
        )
        for each in (self.table, self.csv, self.litellm):
            each.setVisible(bool(rows))
        is_allowed = self._services.settings.policy.get(EXPORT)
        for each in (self.csv, self.litellm):
            each.setEnabled(is_allowed)
        self.message.setText("" if rows else tr(_NOTHING))

    def _ask_where(self, form: str, _checked: bool = False) -> None:  # noqa: FBT001, FBT002 - Qt's signal
        name, kind = _FORMATS[form]
        dialog = QFileDialog(self, tr("Proven models"), name, tr(kind))
        dialog.setDefaultSuffix(Path(name).suffix[1:])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(partial(self._named, form))
        dialog.open()

    @Slot(str)
    def _named(self, form: str, path: str) -> None:
        self._tasks.start(self.write(form, Path(path)), name="replays.proven.export", failed=self._fail)

    async def write(self, form: str, path: Path) -> None:
        """Write the table to a file.

        Raises:
            PolicyForbids: If policy does not allow exports.
            TransferError: If the file cannot be written.
        """
        from desktop.replay.proven import as_csv, as_litellm
        from desktop.transfer.export import export_writer

        settings = self._services.settings
        settings.policy.require(EXPORT)
        (await self._services.store()).safety.require_other(path)
        text = as_litellm(self.rows, settings.connection) if form == "litellm" else as_csv(self.rows)
        await asyncio.to_thread(export_writer.write, path, text)
        self.message.setText(tr("Saved: {file}", file=path))

    def _fail(self, error: ParagoneError) -> None:
        self.message.setText(strings.sentence(error))


def _translated(text: str) -> str:
    return tr(text) if isinstance(text, Phrase) else text
