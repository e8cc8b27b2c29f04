"""A suite as text: a plain editor, and below it each problem with its line, to be gone to."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontDatabase, QTextCursor, QTextFormat
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from desktop.errors import ParagoneError
from ui.strings import tr
from ui.theme import Theme, Themes, mixed
from ui.widgets.buttons import button
from ui.widgets.labels import hairline

_LINE = re.compile(r"line (\d+)")
_TINT = 0.16


class SuiteEditor(QWidget):
    """`text` is what stands in it. Problems come from whoever reads it."""

    go_on = Signal()
    left = Signal()
    save_wanted = Signal()

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Suite as text"))
        self._themes = themes
        self._shown = self._plain = self._kept = ""
        self.field = QPlainTextEdit(self)
        self.field.setAccessibleName(tr("Suite as text"))
        self.field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.field.setTabStopDistance(4 * self.field.fontMetrics().horizontalAdvance(" "))
        self.problems = QListWidget(self)
        self.problems.setAccessibleName(tr("Problems of the suite"))
        self.problems.setMaximumHeight(140)
        self.problems.hide()
        back, save = button(tr("Back"), "quiet"), button(tr("Save as…"))
        onwards = button(tr("Next"), "primary")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.field, 1)
        whole.addWidget(self.problems)
        whole.addWidget(hairline())
        line = QHBoxLayout()
        line.setContentsMargins(24, 10, 24, 10)
        line.setSpacing(8)
        line.addWidget(back)
        line.addStretch(1)
        line.addWidget(save)
        line.addWidget(onwards)
        whole.addLayout(line)
        back.clicked.connect(self.left)
        save.clicked.connect(self.save_wanted)
        onwards.clicked.connect(self.go_on)
        self.problems.itemActivated.connect(self._go_to)
        self.problems.itemClicked.connect(self._go_to)
        themes.changed.connect(self._mark)

    @property
    def text(self) -> str:
        """What stands in it; what nobody changed as it was given, since an editor makes blanks of some signs."""
        if self.field.toPlainText() == self._plain:
            return self._shown
        return self.field.document().toRawText().replace("\u2029", "\n")

    @property
    def is_changed(self) -> bool:
        """Whether it is another text than was shown or kept last."""
        return self.text != self._kept

    def keep(self, text: str) -> None:
        """It stands in a file by now."""
        self._kept = text

    def show_text(self, text: str) -> None:
        """Show another suite."""
        self._shown = self._kept = text
        self.field.setPlainText(text)
        self._plain = self.field.toPlainText()
        self._show([])

    def clear(self) -> None:
        """Nothing is wrong any more."""
        self._show([])

    def fail(self, error: ParagoneError) -> None:
        """Show what its reader found, a line a problem, and go to the first."""
        self._show([each for each in tr(error.message).splitlines() if each.strip()])
        if self.problems.count():
            self._go_to(self.problems.item(0))

    def _show(self, problems: list[str]) -> None:
        self.problems.clear()
        for said in problems:
            item = QListWidgetItem(said)
            found = _LINE.search(said)
            item.setData(Qt.ItemDataRole.UserRole, int(found[1]) if found else 0)
            self.problems.addItem(item)
        self.problems.setVisible(bool(problems))
        self._mark()

    @Slot()
    def _mark(self) -> None:
        """The lines of problems in the colour of what is wrong."""
        theme: Theme = self._themes.current
        marked: list[QTextEdit.ExtraSelection] = []
        for row in range(self.problems.count()):
            line = self.problems.item(row).data(Qt.ItemDataRole.UserRole)
            block = self.field.document().findBlockByNumber(line - 1)
            if line and block.isValid():
                selection = QTextEdit.ExtraSelection()
                selection.cursor = QTextCursor(block)  # pyright: ignore[reportAttributeAccessIssue]
                selection.format.setBackground(mixed_colour(theme))  # pyright: ignore[reportAttributeAccessIssue]
                selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)  # pyright: ignore[reportAttributeAccessIssue]  # noqa: FBT003
                marked.append(selection)
        self.field.setExtraSelections(marked)

    @Slot(QListWidgetItem)
    def _go_to(self, item: QListWidgetItem | None) -> None:
        line = item.data(Qt.ItemDataRole.UserRole) if item is not None else 0
        block = self.field.document().findBlockByNumber(line - 1)
        if line and block.isValid():
            self.field.setTextCursor(QTextCursor(block))
            self.field.centerCursor()
        self.field.setFocus()


def mixed_colour(theme: Theme) -> QColor:
    """What lies behind a line with a problem."""
    return QColor(mixed(theme.canvas, theme.bad, _TINT))
