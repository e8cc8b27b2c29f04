"""Prompts above the field that were sent and went to nobody yet: those that wait, and those that were given back."""

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
"""Prompts that are seen before all are asked for, and lines beyond which they scroll then."""
_NAMED = 60
"""Letters of one that a screen reader hears."""
_YIELDS = 4
"""Where the words before a prompt would take more than this part of the room, the prompt stands alone."""


def called(prompt: Prompt) -> str:
    """A prompt on one line: what was typed, and the names of its files."""
    words, names = " ".join(prompt.text.split()), ", ".join(each.name for each in prompt.files)
    return tr("{prompt} (with {files})", prompt=words, files=names) if words and names else words or names


def called_shortly(prompt: Prompt) -> str:
    """As much of it as one listens to."""
    text = called(prompt)
    return text if len(text) <= _NAMED else f"{text[:_NAMED]}…"


class _RowLabel(ElidedLabel):
    """What becomes of a prompt, then the prompt; in a narrow field the prompt alone, which tells one from another."""

    def __init__(self, whole: str, prompt: str) -> None:
        super().__init__(whole, "muted")
        self.setAccessibleName(whole)
        self._whole, self._prompt = whole, prompt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The words before it yield first."""
        super().resizeEvent(event)
        wide, own = (self.fontMetrics().horizontalAdvance(each) for each in (self._whole, self._prompt))
        room = self.width()
        self.setText(self._whole if wide <= room or (wide - own) * _YIELDS <= room else self._prompt)


class BackStrip(QScrollArea):
    """A line for each, those that wait before those given back; each goes back into the field alone, or is dropped."""

    changed = Signal()
    """One that was given back came or went."""
    taken = Signal(int)
    """The one of this number that was given back is wanted in the field."""
    recalled = Signal(str)
    """The one that waits under this turn is wanted in the field."""
    dropped = Signal(object, int)
    """This one, of this number, that was given back is wanted no more."""
    left = Signal()
    """The button that had the keyboard is gone."""

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

    def restore(self, prompt: Prompt, number: int) -> None:
        """Show one again that was dropped from this place."""
        self.put((*self.prompts[:number], prompt, *self.prompts[number:]))

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
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
        """The button that shows all, or the first ones again."""
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
        """As high as what it shows, up to some rows; what is more is scrolled to."""
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
        made = QWidget()
        text, short = called(prompt), called_shortly(prompt)
        whole = tr("Queued: {prompt}", prompt=text) if turn else tr("Not sent: {prompt}", prompt=text)
        said = _RowLabel(whole, text)
        said.setToolTip(plain_tip(text))
        take = QPushButton(tr("Edit"))
        take.setProperty("role", "quiet")
        take.setAccessibleName(tr("Edit “{prompt}”", prompt=short))
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
            drop.setAccessibleName(tr("Discard “{prompt}”", prompt=short))
            drop.setToolTip(tr("Discard"))
            drop.clicked.connect(partial(self._drop, number))
            row.addWidget(drop)
        return made
