"""Strip above the prompt field with queued prompts and prompts that were returned unsent."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.base.icons import icon
from ui.base.strings import tr, trn
from ui.base.theme import Theme
from ui.composer.prompt import Prompt
from ui.widgets.labels import ElidedLabel
from ui.widgets.tips import plain_tip
from ui.widgets.viewport import put_viewport

_SHOWN, _HIGHEST = 3, 6
"""Number of prompts shown before "Show more", and of rows shown before the strip scrolls."""
_NAMED = 60
"""Maximum number of characters of a prompt read by screen readers."""
_YIELDS = 4
"""The prefix before a prompt is hidden if it would take more than one part in this many of the width."""


def called(prompt: Prompt) -> str:
    """Return a prompt as one line: its text and the names of its files."""
    words, names = " ".join(prompt.text.split()), ", ".join(each.name for each in prompt.files)
    return tr("{prompt} (with {files})", prompt=words, files=names) if words and names else words or names


def called_shortly(prompt: Prompt) -> str:
    """Return a prompt as one line, cut to a length that is short enough to be read aloud."""
    text = called(prompt)
    return text if len(text) <= _NAMED else f"{text[:_NAMED]}…"


class _RowLabel(ElidedLabel):
    """Label with the status and text of a prompt. If space is short, it shows only the text, so that prompts differ."""

    def __init__(self, whole: str, prompt: str) -> None:
        super().__init__(whole, "muted")
        self.setAccessibleName(whole)
        self._whole, self._prompt = whole, prompt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop the status if the label is narrow."""
        super().resizeEvent(event)
        wide, own = (self.fontMetrics().horizontalAdvance(each) for each in (self._whole, self._prompt))
        room = self.width()
        self.setText(self._whole if wide <= room or (wide - own) * _YIELDS <= room else self._prompt)


class BackStrip(QScrollArea):
    """List of queued and returned prompts, queued ones first. Each can be moved back into the field or discarded."""

    changed = Signal()
    """Emitted when a returned prompt was added or removed."""
    taken = Signal(int)
    """Emitted with the index of the returned prompt that the user wants to edit."""
    recalled = Signal(str)
    """Emitted with the turn ID of the queued prompt that the user wants to edit."""
    withdrawn = Signal(str)
    """Emitted with the turn ID of the queued prompt that the user discards."""
    dropped = Signal(object, int)
    """Emitted with a returned prompt that was discarded, and its index."""
    left = Signal()
    """Emitted when the button that has the focus is removed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        put_viewport(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self._theme = theme
        self._unfolded = False
        self._waiting: tuple[tuple[str, Prompt], ...] = ()
        self.prompts: tuple[Prompt, ...] = ()
        """Those that were given back."""
        self._rows: list[QWidget] = []
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self.setWidget(inner)
        inner.setAutoFillBackground(False)  # where a scroll area takes it in, it fills itself from then on
        self.hide()

    def put(self, prompts: Sequence[Prompt]) -> None:
        """Show these prompts as returned."""
        if tuple(prompts) != self.prompts:
            self.prompts = tuple(prompts)
            self._draw()
            self.changed.emit()

    def say_waiting(self, waiting: Sequence[tuple[str, Prompt]]) -> None:
        """Show these prompts as queued, each with the ID of its turn."""
        if tuple(waiting) != self._waiting:
            self._waiting = tuple(waiting)
            self._draw()

    def exchange(self, number: int, typed: Prompt) -> Prompt:
        """Remove and return a prompt. If the user has typed text, it replaces the prompt in the list."""
        taken = self.prompts[number]
        self.put((*self.prompts[:number], *((typed,) if typed else ()), *self.prompts[number + 1 :]))
        return taken

    def restore(self, prompt: Prompt, number: int) -> None:
        """Show a discarded prompt again at its former index."""
        self.put((*self.prompts[:number], prompt, *self.prompts[number:]))

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        self._draw()

    def _draw(self) -> None:
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self.left.emit()  # first: the row that has the keyboard goes, and Qt would pass that to a neighbour
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        total = len(self.prompts) + len(self._waiting)
        self._unfolded = self._unfolded and total > _SHOWN
        most = total if self._unfolded else _SHOWN
        waiting = [self._row(prompt, 0, turn) for turn, prompt in self._waiting[:most]]
        back = [self._row(prompt, number, "") for number, prompt in enumerate(self.prompts[: most - len(waiting)])]
        self._rows = [*waiting, *back]
        if total > _SHOWN:  # where all are shown it stands first: below them it would be out of sight
            self._rows.insert(0 if self._unfolded else _SHOWN, self._fold(total - _SHOWN))
        for row in self._rows:
            self._column.addWidget(row)
            row.show()
        self.setVisible(bool(self._rows))
        self._fit()

    def _fold(self, more: int) -> QPushButton:
        """Return the button that expands or collapses the list."""
        said = tr("Show fewer") if self._unfolded else trn("and {n} more", "and {n} more", more)
        made = QPushButton(said)
        made.setProperty("role", "quiet")
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.clicked.connect(self._turn)
        return made

    @Slot()
    def _turn(self) -> None:
        focused = QApplication.focusWidget()
        stays = focused is not None and self.isAncestorOf(focused)
        self._unfolded = not self._unfolded
        self._draw()
        if stays:
            self._rows[0 if self._unfolded else -1].setFocus()

    def _fit(self) -> None:
        """Set the height to the rows, up to a limit beyond which the strip scrolls."""
        for each in self.findChildren(QWidget):
            each.ensurePolished()  # before, buttons are lower or higher than they are drawn, and a row would be cut
        heights = [row.sizeHint().height() for row in self._rows]
        shown = heights[:_HIGHEST]
        self.setFixedHeight(sum(shown) + self._column.spacing() * max(len(shown) - 1, 0))

    def _drop(self, number: int) -> None:
        self.left.emit()  # first: its button goes, and Qt would pass the keyboard to a neighbour
        dropped = self.exchange(number, Prompt())
        self.dropped.emit(dropped, number)

    def _row(self, prompt: Prompt, number: int, turn: str) -> QWidget:
        widget = QWidget()
        text, short = called(prompt), called_shortly(prompt)
        whole = tr("Queued: {prompt}", prompt=text) if turn else tr("Not sent: {prompt}", prompt=text)
        row_label = _RowLabel(whole, text)
        row_label.setToolTip(plain_tip(text))
        take = QPushButton(tr("Edit"))
        take.setProperty("role", "quiet")
        take.setAccessibleName(tr("Edit “{prompt}”", prompt=short))
        take.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        take.clicked.connect(partial(self.recalled.emit, turn) if turn else partial(self.taken.emit, number))
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(row_label, 1)
        row.addWidget(take)
        drop = QToolButton()
        drop.setProperty("role", "quiet")
        drop.setIcon(icon("x", self._theme.muted, 14))
        drop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        drop.setAccessibleName(tr("Discard “{prompt}”", prompt=short))
        drop.setToolTip(tr("Discard"))
        drop.clicked.connect(partial(self.withdrawn.emit, turn) if turn else partial(self._drop, number))
        row.addWidget(drop)
        return widget
