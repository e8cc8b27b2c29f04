"""Prompts above the field that were sent and went to nobody yet: those that wait, and those that were given back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from ui.icons import icon
from ui.pane.prompt import Prompt
from ui.strings import tr, trn
from ui.theme import Theme
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.tips import plain_tip

_SHOWN = 3
_NAMED = 60
"""Prompts that are seen at once, and letters of one that a screen reader hears."""


class BackStrip(QWidget):
    """A line for each, in the order in which they were sent; each goes back into the field alone, or is dropped."""

    changed = Signal()
    """One that was given back came or went."""
    taken = Signal(int)
    """The one of this number that was given back is wanted in the field."""
    recalled = Signal(str)
    """The one that waits under this turn is wanted in the field."""
    left = Signal()
    """The button that had the keyboard is gone."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._waiting: tuple[tuple[str, Prompt], ...] = ()
        self.prompts: tuple[Prompt, ...] = ()
        """Those that were given back."""
        self._rows: list[QWidget] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self.hide()

    def put(self, prompts: Sequence[Prompt]) -> None:
        """Show these as given back."""
        if tuple(prompts) != self.prompts:
            self.prompts = tuple(prompts)
            self._draw()
            self.changed.emit()

    def say_waiting(self, waiting: Sequence[tuple[str, Prompt]]) -> None:
        """Show these as waiting, each with the id of its turn."""
        if tuple(waiting) != self._waiting:
            self._waiting = tuple(waiting)
            self._draw()

    def exchange(self, number: int, typed: Prompt) -> Prompt:
        """Give one out; what was typed, if anything, stands in its place."""
        taken = self.prompts[number]
        self.put((*self.prompts[:number], *((typed,) if typed else ()), *self.prompts[number + 1 :]))
        return taken

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
        self._theme = theme
        self._draw()

    def _draw(self) -> None:
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows.clear()
        back = [self._row(prompt, number, "") for number, prompt in enumerate(self.prompts)][:_SHOWN]
        waiting = [self._row(prompt, 0, turn) for turn, prompt in self._waiting][: _SHOWN - len(back)]
        self._rows = [*back, *waiting]
        more = len(self.prompts) + len(self._waiting) - len(self._rows)
        if more:
            self._rows.append(label(trn("and {n} more", "and {n} more", more), "muted"))
        for row in self._rows:
            self._column.addWidget(row)
            row.show()
        self.setVisible(bool(self._rows))

    def _drop(self, number: int) -> None:
        self.exchange(number, Prompt())
        self.left.emit()

    def _row(self, prompt: Prompt, number: int, turn: str) -> QWidget:
        made = QWidget()
        text = " ".join(prompt.text.split()) or ", ".join(each.name for each in prompt.files)
        short = text if len(text) <= _NAMED else f"{text[:_NAMED]}…"
        said = ElidedLabel(tr("Waiting: {prompt}", prompt=text) if turn else tr("Not sent: {prompt}", prompt=text))
        said.setProperty("role", "muted")
        said.setToolTip(plain_tip(text))
        take = QPushButton(tr("Take back"))
        take.setProperty("role", "quiet")
        take.setAccessibleName(tr("Take back “{prompt}”", prompt=short))
        take.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        take.clicked.connect(partial(self.recalled.emit, turn) if turn else partial(self.taken.emit, number))
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(said, 1)
        row.addWidget(take)
        if not turn:
            drop = QToolButton()
            drop.setProperty("role", "quiet")
            drop.setIcon(icon("x", self._theme.muted, 14))
            drop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            drop.setAccessibleName(tr("Drop “{prompt}”", prompt=short))
            drop.setToolTip(tr("Drop it"))
            drop.clicked.connect(partial(self._drop, number))
            row.addWidget(drop)
        return made
