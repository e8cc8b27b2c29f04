"""Scrolling content of a dialog. The dialog is as tall as its content if there is enough space."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.widgets.viewport import put_viewport
from ui.widgets.window_size import within_screen

_MARGIN = 24
_SHARE = 0.8
"""Maximum height of the dialog as a share of the parent window's height."""

_LEAST = 440
"""Height in pixels that is always allowed if the screen is tall enough, even over a lower parent window."""


class DialogBody(QScrollArea):
    """Scroll area that fills a dialog without a layout. `column` scrolls; `buttons` are always visible."""

    def __init__(self, dialog: QDialog) -> None:
        super().__init__(dialog)
        put_viewport(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget()
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, 0)
        self.column.setSpacing(0)
        self.setWidget(content)
        self.buttons = QHBoxLayout()
        self.buttons.setContentsMargins(_MARGIN, 20, _MARGIN, _MARGIN)
        self.buttons.setSpacing(8)
        outer = QVBoxLayout(dialog)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self, 1)
        outer.addLayout(self.buttons)

    @Slot()
    def fit_soon(self) -> None:
        """Adjust the dialog's height once the layout has processed a change."""
        QTimer.singleShot(0, self, self.fit)

    @Slot()
    def follow_soon(self) -> None:
        """Adjust the dialog's height, and scroll to the end of content that has just been shown."""
        self.fit_soon()
        QTimer.singleShot(0, self, self._follow)

    @Slot()
    def _follow(self) -> None:
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    @Slot()
    def fit(self) -> None:
        """Make the dialog as tall as its content, within the available space."""
        self.column.activate()
        dialog = self.window()  # an attribute would keep the dialog alive
        width = dialog.width()
        needed = self.column.totalHeightForWidth(width) if self.column.hasHeightForWidth() else -1
        if needed < 0:
            needed = self.column.totalSizeHint().height()
        needed += self.buttons.totalSizeHint().height()
        parent = dialog.parentWidget()
        room = needed if parent is None else max(int(parent.window().height() * _SHARE), _LEAST)
        size = dialog.size()
        size.setHeight(min(needed, room))
        dialog.resize(within_screen(dialog, size))
