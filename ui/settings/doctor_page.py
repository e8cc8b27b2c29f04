"""Doctor page: checks of this computer and of each connection, which can be copied or saved."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from desktop.diagnosis import bundle
from desktop.diagnosis.check import Check
from desktop.diagnosis.diagnosis import run as diagnose
from desktop.errors import ParagoneError
from desktop.services import Services
from desktop.text.phrases import phrase
from ui.base.icons import icon
from ui.base.strings import sentence, tr, trn
from ui.base.tasks import Tasks
from ui.base.theme import Theme
from ui.widgets.labels import label
from ui.widgets.page import Page
from ui.widgets.paragraph import Paragraph

_MARK = 14
_STATES = {"ok": phrase("OK"), "warning": phrase("Warning"), "failed": phrase("Failed")}
_ICONS: Mapping[str, str] = {"ok": "check", "warning": "triangle-alert", "failed": "x"}


class DoctorPage(Page):
    """Page that runs the checks on demand, because they send a request to every connection."""

    def __init__(self, services: Services, tasks: Tasks) -> None:
        super().__init__(
            tr("Doctor"),
            tr(
                "Checks this computer, the configuration, and whether each connection responds. Each "
                "connection is asked for a response of a few tokens."
            ),
            keywords=tr("diagnosis check policy support bundle network certificate"),
        )
        self._services = services
        self._tasks = tasks
        self._theme: Theme | None = None
        self._marks: list[tuple[QLabel, str]] = []
        self.checks: list[Check] = []
        self.run_button = QPushButton(tr("Run"))
        self.copy_button = QPushButton(tr("Copy"))
        self.save_button = QPushButton(tr("Save bundle…"))
        self.said = Paragraph("", "muted")
        self._rows = QWidget()
        self._grid = QGridLayout(self._rows)
        self._build()
        self.run_button.clicked.connect(self._run)
        self.copy_button.clicked.connect(self._copy)
        self.save_button.clicked.connect(self._save)

    @property
    def is_running(self) -> bool:
        """Whether checks are in progress."""
        return not self.run_button.isEnabled()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        for mark, state in self._marks:
            self._draw(mark, state)

    def save_to(self, path: str) -> None:
        """Write the support bundle to a file."""
        self._tasks.start(self._write(Path(path)), name="settings.bundle", failed=self._failed)

    def _build(self) -> None:
        self.run_button.setProperty("role", "primary")
        self.run_button.setAccessibleName(tr("Run"))
        self.copy_button.setAccessibleName(tr("Copy"))
        self.save_button.setAccessibleName(tr("Save bundle…"))
        self.save_button.setToolTip(tr("Support file without keys, prompts or responses"))
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 8)
        row.setSpacing(8)
        for button in (self.run_button, self.copy_button, self.save_button):
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(self.said)
        self._grid.setContentsMargins(0, 8, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._rows.setAccessibleName(tr("Checks"))
        self.column.addWidget(self._rows)
        self.said.hide()
        self._offer()

    def _offer(self) -> None:
        for button in (self.copy_button, self.save_button):
            button.setEnabled(bool(self.checks) and not self.is_running)

    @Slot()
    def _run(self) -> None:
        self._clear()
        self.run_button.setEnabled(False)
        self._offer()
        self._say(tr("Checking…"))
        self._tasks.start(self._diagnose(), name="settings.doctor", failed=self._failed)

    async def _diagnose(self) -> None:
        try:
            async with aclosing(diagnose(self._services)) as found:
                async for check in found:
                    self._add(check)
        finally:
            self.run_button.setEnabled(True)
            self._offer()
        bad = sum(check.state == "failed" for check in self.checks)
        doubtful = sum(check.state == "warning" for check in self.checks)
        if bad:
            self._say(trn("{n} check failed.", "{n} checks failed.", bad))
        elif doubtful:
            self._say(trn("All checks passed, with {n} warning.", "All checks passed, with {n} warnings.", doubtful))
        else:
            self._say(tr("All checks passed."))

    def _clear(self) -> None:
        self.checks, self._marks = [], []
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, check: Check) -> None:
        """Show a check with its result and remedy."""
        row = self._grid.rowCount()
        self.checks.append(check)
        mark = label()
        mark.setAccessibleName(tr(_STATES[check.state]))
        self._marks.append((mark, check.state))
        self._draw(mark, check.state)
        self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(Paragraph(tr(check.name)), row, 1)
        said = Paragraph(tr(check.detail), "muted")
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(said, row + 1, 1)
        if check.hint:
            self._grid.addWidget(Paragraph(tr(check.hint), "problem" if check.state == "failed" else ""), row + 2, 1)
        self._grid.setRowMinimumHeight(row + 3, 8)

    def _draw(self, mark: QLabel, state: str) -> None:
        if self._theme is not None:
            colour = {"ok": self._theme.good, "warning": self._theme.warn, "failed": self._theme.bad}[state]
            mark.setPixmap(icon(_ICONS[state], colour, _MARK).pixmap(_MARK, _MARK))

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(bundle.as_lines(self.checks))
        self._say(tr("Copied."))

    @Slot()
    def _save(self) -> None:
        dialog = QFileDialog(self, tr("Save bundle"), str(Path.home() / "paragone-support.zip"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.setNameFilters([tr("Archives (*.zip)")])
        dialog.fileSelected.connect(self.save_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    async def _write(self, path: Path) -> None:
        await asyncio.to_thread(bundle.write, self._services, self.checks, path)
        self._say(tr("Saved to {path}. Check its contents before you share it.", path=path))

    def _failed(self, error: ParagoneError) -> None:
        self._say(sentence(error))

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self.said.setVisible(bool(text))
