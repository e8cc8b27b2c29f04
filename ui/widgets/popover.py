"""Small frame that opens at a control. It closes on Esc or a click elsewhere, and gives the focus back.

A popover is a child of the window, because popup windows are black without a compositor and not visible to screen
readers.
"""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from ui.widgets.shadow import Shadow

_BELOW = 4
_EDGE = 8


class Popover(QFrame):
    """Frame that opens at a control. Its content is added to `column`."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._before: QWidget | None = None
        self._room = 0
        self.tall = 0
        """Pixels high where the window has room for it; 0 for as high as what it holds."""
        self.setProperty("role", "popover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 12, 12, 12)
        self.column.setSpacing(8)
        Shadow(self)
        # Hidden at first, so that the popover does not appear together with its window.
        self.setAttribute(Qt.WidgetAttribute.WA_WState_Hidden)
        self.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)

    def open_at(self, control: QWidget, *, right: bool = False) -> None:
        """Open below a control, inside its window, and take the focus. If `right`, the right edges are aligned."""
        window = control.window()
        if self.parentWidget() is not window:
            self.setParent(window)
        room = window.height() - 2 * _EDGE
        if self.tall:
            self.setFixedHeight(min(self.tall, room))
        else:
            self._room = room
        self.fit()
        corner = control.rect().bottomRight() if right else control.rect().bottomLeft()
        at = control.mapTo(window, corner) + QPoint(-self.width() if right else 0, _BELOW)
        at.setX(max(min(at.x(), window.width() - self.width() - _EDGE), _EDGE))
        at.setY(max(min(at.y(), window.height() - self.height() - _EDGE), _EDGE))
        self.move(at)
        self._before = QApplication.focusWidget()
        self.show()
        self.raise_()
        self._watch(on=True)
        for child in self.findChildren(QWidget):
            if _takes_tab(child):
                child.setFocus(Qt.FocusReason.PopupFocusReason)
                break

    def fit(self) -> None:
        """Resize the popover to its content within the window, but not so small that its widgets would overlap."""
        if self._room:
            width = max(min(self.sizeHint().width(), self.maximumWidth()), self.minimumWidth())
            wraps = self.column.hasHeightForWidth()
            least = self.column.totalMinimumHeightForWidth(width) if wraps else self.minimumSizeHint().height()
            self.setMaximumHeight(max(self._room, least))
        self.adjustSize()
        if self.isVisible():  # what has grown stays within the window
            self.move(self.x(), max(min(self.y(), self.window().height() - self.height() - _EDGE), _EDGE))

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001 - Qt's own
        """Keep Tab inside the popover."""
        own = [each for each in self.findChildren(QWidget) if _takes_tab(each)]
        focused = QApplication.focusWidget()
        if not own or focused not in own:
            return super().focusNextPrevChild(next)
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        own[(own.index(focused) + (1 if next else -1)) % len(own)].setFocus(reason)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close the popover on a click outside."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget) and not self._holds(watched):
            self.hide()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Handle Esc before the window does, where it would stop a response."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.hide()
                return True
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the focus back to the widget that had it before."""
        super().hideEvent(event)
        self._watch(on=False)
        before, self._before = self._before, None
        focused = QApplication.focusWidget()
        if before is not None and before.isVisible() and (focused is None or self._holds(focused)):
            before.setFocus(Qt.FocusReason.PopupFocusReason)

    def _watch(self, *, on: bool) -> None:
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        app.removeEventFilter(self)
        if on:
            app.installEventFilter(self)
            app.focusChanged.connect(self._focus_changed, Qt.ConnectionType.UniqueConnection)

    @Slot(QWidget, QWidget)
    def _focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Close the popover if the focus moves elsewhere in this window."""
        del old
        if self.isVisible() and new is not None and not self._holds(new) and new.window() is self.window():
            self._before = None
            self.hide()

    def _holds(self, widget: QWidget) -> bool:
        """Whether a widget is part of this popover. Its drop-down lists are included."""
        at: QWidget | None = widget
        while at is not None:
            if at is self:
                return True
            at = at.parentWidget()
        return False


def _takes_tab(widget: QWidget) -> bool:
    """Whether Tab stops at a widget. It stops at an editable box instead of the text field inside the box."""
    by_itself = not widget.objectName().startswith("qt_") and widget.focusProxy() is None
    usable = widget.isVisible() and widget.isEnabled()
    return by_itself and usable and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
