"""The list of commands with their keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.strings import tr
from ui.widgets.page import Page
from ui.widgets.parts import hairline, keycap, label

Shortcut = tuple[str, QKeySequence]
"""What is done, and by which keys."""


class ShortcutsPage(Page):
    """One line a command; some have none."""

    def __init__(self, shortcuts: Sequence[Shortcut]) -> None:
        super().__init__(tr("Shortcuts"), tr("Everything can be done by keyboard."))
        self.lines: dict[str, QWidget] = {}
        for name, keys in shortcuts:
            line = _line(name, keys)
            self.lines[name] = line
            self.column.addWidget(line)

    def seek(self, words: list[str]) -> bool:
        """Show only commands whose name holds every word; all of them where the page's own title does."""
        whole = super().seek(words)
        found = {name for name in self.lines if whole or all(word in name.casefold() for word in words)}
        for name, line in self.lines.items():
            line.setVisible(name in found)
        return bool(found)


def _line(name: str, keys: QKeySequence) -> QWidget:
    line = QWidget()
    native = keys.toString(QKeySequence.SequenceFormat.NativeText)
    line.setAccessibleName(tr("{command}: {keys}", command=name, keys=native or tr("no keys")))
    row = QHBoxLayout()
    row.setContentsMargins(0, 8, 0, 8)
    row.addWidget(label(name), 1)
    row.addWidget(keycap(keys) if not keys.isEmpty() else label(tr("no keys"), "muted"), 0, Qt.AlignmentFlag.AlignRight)
    column = QVBoxLayout(line)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addLayout(row)
    column.addWidget(hairline())
    return line
