"""Notice bars with a sentence or two and an optional action. They expire or can be dismissed."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.text.phrases import bounded
from ui.base.strings import tr
from ui.widgets.buttons import keep_arrows
from ui.widgets.labels import EdgedFrame, label
from ui.widgets.open_things import OpenThing

Tone = Literal["plain", "info", "warn", "bad"]

_AT_MOST = 3

UNDO_MS = 10_000
"""Time for which a bar offers to undo something."""

_READ_MS, _LETTER_MS, _LONGER = 8_000, 60, 3
"""Lifetime of a bar without an action: base, addition per character, and factor for errors."""

_AGAIN_MS = 2_000
"""Interval at which a bar checks whether it may expire. It stays while it is hovered, focused or not visible."""

_LATE_PRESS_MS = 700
"""Time after a notice expired during which a click may still be meant for its button."""


class Alike(NamedTuple):
    """Notice that several stacks share, except for a name.

    `topic` is the same in all; `say` is called with the names.
    """

    topic: object
    name: str
    say: Callable[[str], str]


class _Shield(QWidget):
    """Invisible widget where a notice was until a moment ago, so that a late click does not hit anything below."""

    def __init__(self, bar: QWidget) -> None:
        super().__init__(bar.window())
        self.setGeometry(QRect(bar.mapTo(bar.window(), QPoint()), bar.size()))
        self.show()
        self.raise_()
        QTimer.singleShot(_LATE_PRESS_MS, self, self._go)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Consume the click."""
        event.accept()

    @Slot()
    def _go(self) -> None:
        self.hide()
        self.deleteLater()


class NoticeBar(EdgedFrame):
    """Bar with one notice. `acted` and `dismissed` are emitted at most once.

    A bar with a lifetime dismisses itself, but not while it is hovered or focused, or while the window is inactive.
    """

    acted = Signal()
    dismissed = Signal()
    left = Signal()
    """Emitted when the bar is removed while it has the focus, so that the focus can move elsewhere."""

    def __init__(
        self,
        text: str,
        *,
        tone: Tone = "info",
        action: str = "",
        life_ms: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("notice", parent)
        self.setProperty("tone", tone)
        self.setAccessibleName(tr("Notice"))
        self.setAccessibleDescription(text)
        self.text, self.action, self.life_ms = text, action, life_ms
        self.tone: Tone = tone
        self.lent = self.told = False
        """Whether another bar stands for it where several would say the same; whether a screen reader was told."""
        self.alike: Alike | None = None
        self._over = False
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 6, 6, 6)
        row.setSpacing(8)
        row.addSpacing(6)  # margins do not turn with the direction, what lies between them does
        said = self._said = label(bounded(text))
        said.setWordWrap(True)
        said.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row.addWidget(said, 1)
        if action:
            button = QPushButton(action)
            button.setProperty("role", "tinted")
            button.setAccessibleName(action)
            button.clicked.connect(self.act)
            keep_arrows(button)
            row.addWidget(button)
        self._close = QToolButton()
        self._close.setText("×")
        self._close.setProperty("role", "quiet")
        self._close.setAccessibleName(tr("Dismiss"))
        self._close.clicked.connect(self.dismiss)
        keep_arrows(self._close)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        if life_ms:
            QTimer.singleShot(life_ms, self, self._end)

    def say(self, text: str) -> None:
        """Change the text to show progress, without announcing each step to screen readers."""
        self._said.setText(bounded(text))
        self.setAccessibleDescription(text)

    @property
    def holds_keyboard(self) -> bool:
        """Whether one of the bar's buttons has the focus."""
        focused = QApplication.focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    @Slot()
    def dismiss(self) -> None:
        """Remove the bar. If it has the focus, `left` is emitted before Qt can move the focus to another widget."""
        if not self._over:
            self._over = True
            if self.holds_keyboard:
                self.left.emit()
            self.hide()
            self.dismissed.emit()
            self.deleteLater()

    @Slot()
    def _end(self) -> None:
        if self.lent or self.underMouse() or self.holds_keyboard or not self.isActiveWindow():
            QTimer.singleShot(_AGAIN_MS, self, self._end)
        else:
            if self.action and self.property("afloat") and self.isVisible():
                _Shield(self)
            self.dismiss()

    @Slot()
    def act(self) -> None:
        """Run the action, just as the bar's button does."""
        if self.holds_keyboard:  # before another bar's button gets it: that may send to another model
            self.left.emit()
        self.acted.emit()
        self.dismiss()


class QuestionBar(NoticeBar, OpenThing):
    """Notice that asks a question. Esc dismisses it, which means no."""

    def close_by_key(self) -> None:
        """Dismiss the question without an action."""
        self.dismiss()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Dismiss the question when Esc is pressed."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)


class NoticeStack(QWidget):
    """Stack of bars, the newest at the bottom. Hidden while it is empty.

    If the stack is `afloat`, its bars are cards over the page, which does not move.
    """

    left = Signal()
    """Emitted when a bar is removed while it has the focus, so that the focus can move elsewhere."""
    changed = Signal()
    """Emitted after a bar was added or removed."""

    def __init__(self, parent: QWidget | None = None, *, afloat: bool = False) -> None:
        super().__init__(parent)
        self._afloat = afloat
        self.called = ""
        """Whose notices they are, told before each to a screen reader; empty where there is nobody else."""
        self.waits = False
        """Whether what is new is told only once somebody knows who else says it."""
        self._bars: list[NoticeBar] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8 if afloat else 0)
        self.hide()

    @property
    def bars(self) -> tuple[NoticeBar, ...]:
        """The current bars, the oldest first, including lent ones."""
        return tuple(self._bars)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the current bars, the oldest first."""
        return tuple(bar.text for bar in self._bars)

    def show_notice(
        self,
        text: str,
        *,
        tone: Tone = "info",
        action: str = "",
        act: Callable[[], None] | None = None,
        life_ms: int | None = None,
        escapes: bool = False,
        alike: Alike | None = None,
    ) -> NoticeBar:
        """Show a notice, unless it is already shown. If there are too many, the oldest one is removed."""
        for bar in self._bars:
            if bar.text == text and not action:
                return bar
        if len(self._bars) >= _AT_MOST:
            self._bars[0].dismiss()
        if life_ms is None:
            read_ms = _READ_MS + _LETTER_MS * len(text)
            life_ms = 0 if action else read_ms * _LONGER if tone == "bad" else read_ms
        bar = (QuestionBar if escapes else NoticeBar)(text, tone=tone, action=action, life_ms=life_ms)
        bar.alike = alike
        bar.setProperty("afloat", self._afloat)
        bar.dismissed.connect(lambda: self._forget(bar))
        bar.left.connect(self.left)
        if act is not None:
            bar.acted.connect(act)
        self._bars.append(bar)
        self._column.addWidget(bar)
        bar.show()  # the layout would do it later, and what is hidden still cannot be dismissed
        self.show()
        self.changed.emit()
        if not self.waits:
            self.announce(bar)
        return bar

    def announce(self, bar: NoticeBar) -> None:
        """Announce a bar to screen readers. Bars that several stacks share are announced only together."""
        bar.told = True
        said = f"{self.called}: {bar.text}" if self.called else bar.text
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(bar, said))

    def lend(self, bar: NoticeBar, *, lent: bool) -> None:
        """Hide a notice because another stack shows it, or show it here again. It is announced only once."""
        bar.lent = lent
        if not lent and not bar.told:
            self.announce(bar)
        bar.setVisible(not lent)
        self.setVisible(any(not each.lent for each in self._bars))

    def _forget(self, bar: NoticeBar) -> None:
        if bar in self._bars:
            self._bars.remove(bar)
            self._column.removeWidget(bar)
        if not self._bars:
            self.hide()
        self.changed.emit()
