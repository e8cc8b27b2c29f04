"""Scrolling row of attachment tiles below the prompt field; hidden while empty."""

# ruff: noqa: N802 - Qt's names

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from desktop.domain.message_parts import FilePart, ImagePart
from ui.attachments.attached_looks import AttachedLook, AttachedLooks
from ui.attachments.attachment_text import facts_text, icon_name
from ui.base.icons import icon
from ui.base.strings import tr
from ui.base.theme import Theme
from ui.widgets.labels import label, set_role
from ui.widgets.tips import plain_tip, put_tip
from ui.widgets.viewport import put_viewport

_ALL = 1_000
_SIDE, _NAME = 36, 150
"""Size of the preview image and width of the name, in pixels."""


class AttachmentTile(QFrame):
    """Tile of one attachment. Enter and Space open it, Delete and Backspace remove it, arrows move the focus."""

    opened = Signal()
    removed = Signal()
    focused = Signal()
    """Emitted when the tile receives the focus."""
    menu_wanted = Signal(QPoint)
    """Emitted with a screen position for the menu."""
    stepped = Signal(int)
    """Emitted with the number of tiles to move the focus by."""

    def __init__(self, part: ImagePart | FilePart, theme: Theme) -> None:
        super().__init__()
        self.part = part
        self._theme = theme
        self._look: AttachedLook | None = None
        self.setProperty("role", "field")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._picture = label("")
        self._picture.setFixedSize(_SIDE, _SIDE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = label("", "strong")
        self._name.setText(self._name.fontMetrics().elidedText(part.name, Qt.TextElideMode.ElideMiddle, _NAME))
        self._facts = label("", "muted")
        self._remove = QToolButton()
        self._remove.setProperty("role", "quiet")
        self._remove.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the tile's own keys do the same
        self._remove.setAccessibleName(tr("Remove {name}", name=part.name))
        self._remove.setCursor(Qt.CursorShape.ArrowCursor)
        put_tip(self._remove, tr("Remove"))
        self._remove.clicked.connect(self.removed)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._facts)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 5, 4, 5)
        row.setSpacing(8)
        row.addWidget(self._picture)
        row.addLayout(words)
        row.addWidget(self._remove)
        self.show_look(None)
        self.themed(theme)

    def show_look(self, look: AttachedLook | None) -> None:
        """Show the loaded preview."""
        self._look = look
        facts = facts_text(self.part, look)
        self._facts.setText(facts)
        self.setAccessibleName(f"{self.part.name}, {facts}" if facts else self.part.name)
        self.setToolTip(plain_tip(self.part.name))
        self.setAccessibleDescription(tr("Sent with the prompt. Press Enter to open the file, Delete to remove it."))
        self._draw()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        self._remove.setIcon(icon("x", theme.muted, 14))
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Handle the keys that open, remove and move."""
        forward = Qt.Key.Key_Right if self.layoutDirection() is Qt.LayoutDirection.LeftToRight else Qt.Key.Key_Left
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stepped.emit(1 if event.key() == forward else -1)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.stepped.emit(-_ALL if event.key() == Qt.Key.Key_Home else _ALL)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Highlight the focused tile."""
        super().focusInEvent(event)
        set_role(self, "focused", "true")
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Remove the highlight."""
        super().focusOutEvent(event)
        set_role(self, "focused", "false")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Accept the click so that it does not reach the widget below."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open on a click."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Request the menu, by mouse or key."""
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        self.menu_wanted.emit(event.globalPos() if by_mouse else self.mapToGlobal(self.rect().center()))

    @Slot()
    def _draw(self) -> None:
        if self._look is None or self._look.picture.isNull():
            self._picture.setPixmap(icon(icon_name(self.part), self._theme.muted, 20).pixmap(QSize(20, 20)))
            return
        ratio = self.devicePixelRatioF()
        shown = self._look.picture.scaled(
            QSize(_SIDE, _SIDE) * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter = QPainter(shown)
        painter.setPen(QColor(self._theme.line))
        painter.drawRect(shown.rect().adjusted(0, 0, -1, -1))  # of white pages nothing else is seen on white
        painter.end()
        shown.setDevicePixelRatio(ratio)
        self._picture.setPixmap(shown)


_BAR = 14
"""Height of the scroll bar below the tiles in pixels."""


class TileRow(QScrollArea):
    """Row of attachment tiles, each file once, in the order in which they were attached."""

    changed = Signal()
    asked = Signal(int, object)
    """Emitted with the index of a file to open, and with a QPoint if its menu is requested instead."""
    left = Signal()
    """Emitted when the focused tile was removed and no tile is left to take the focus."""

    def __init__(self, looks: AttachedLooks, theme: Theme) -> None:
        super().__init__()
        put_viewport(self)
        self._looks = looks
        self._theme = theme
        self._tiles: list[AttachmentTile] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(tr("Attachments"))
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        self.viewport().setAutoFillBackground(False)
        self._row = QHBoxLayout(inner)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addStretch(1)
        self.setWidget(inner)
        self._newest = False
        """Whether the last file is to be seen once there is room for it."""
        self.horizontalScrollBar().rangeChanged.connect(self._follow)
        inner.setAutoFillBackground(False)  # where a scroll area takes it in, it fills itself from then on
        looks.arrived.connect(self._arrived)
        self.hide()

    @property
    def files(self) -> tuple[ImagePart | FilePart, ...]:
        """The attachments, in order."""
        return tuple(tile.part for tile in self._tiles)

    def put(self, files: Sequence[ImagePart | FilePart]) -> None:
        """Replace the files shown in the row."""
        for tile in self._tiles:
            self._drop(tile)
        self._tiles.clear()
        for part in files:
            self._add(part)
        self._fit()

    def add(self, part: ImagePart | FilePart) -> None:
        """Append a file unless it is already attached."""
        if part.sha256 not in {each.sha256 for each in self.files}:
            self._add(part)
            self._fit()
            self._newest = True
            self._follow()
            self.changed.emit()

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        self._theme = theme
        for tile in self._tiles:
            tile.themed(theme)

    def _add(self, part: ImagePart | FilePart) -> None:
        tile = AttachmentTile(part, self._theme)
        tile.show_look(self._looks.look(part))
        tile.opened.connect(partial(self._ask, tile, None))
        tile.menu_wanted.connect(partial(self._ask, tile))
        tile.removed.connect(partial(self._remove, tile))
        tile.stepped.connect(partial(self._step, tile))
        tile.focused.connect(partial(self._show, tile))
        self._tiles.append(tile)
        self._row.insertWidget(len(self._tiles) - 1, tile)
        tile.show()

    def take_off(self, place: int) -> None:
        """Remove the file at an index."""
        if 0 <= place < len(self._tiles):
            self._remove(self._tiles[place])

    def tile(self, place: int) -> QWidget | None:
        """Return the tile at an index, the last tile if the index is too high, or None if there are none."""
        return self._tiles[min(place, len(self._tiles) - 1)] if self._tiles else None

    def _ask(self, tile: AttachmentTile, place: QPoint | None) -> None:
        self.asked.emit(self._tiles.index(tile), place)

    def _fit(self) -> None:
        self.setVisible(bool(self._tiles))
        if self._tiles:
            self.setFixedHeight(self._tiles[0].sizeHint().height() + _BAR)

    def _drop(self, tile: AttachmentTile) -> None:
        self._row.removeWidget(tile)
        tile.hide()
        tile.deleteLater()

    def _remove(self, tile: AttachmentTile) -> None:
        """Remove a file, keeping the focus in the row."""
        focused = tile.hasFocus()
        place = self._tiles.index(tile)
        self._tiles.remove(tile)
        if focused and self._tiles:
            self._tiles[min(place, len(self._tiles) - 1)].setFocus()
        elif focused:
            self.left.emit()
        self._drop(tile)
        self._fit()
        self.changed.emit()

    def _step(self, tile: AttachmentTile, by: int) -> None:
        place = self._tiles.index(tile) + by
        self._tiles[min(max(place, 0), len(self._tiles) - 1)].setFocus()

    def _show(self, tile: AttachmentTile) -> None:
        """Scroll to a focused tile."""
        self._newest = False
        self.ensureWidgetVisible(tile)

    @Slot()
    def _follow(self) -> None:
        """Scroll to a newly added tile once it is laid out."""
        if self._newest:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().maximum())

    @Slot(str)
    def _arrived(self, sha256: str) -> None:
        for tile in self._tiles:
            if tile.part.sha256 == sha256:
                tile.show_look(self._looks.look(tile.part))
                self.changed.emit()
