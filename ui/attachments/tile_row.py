"""The files that go with what is typed, in a row that scrolls where there are many; hidden without any."""

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
"""Pixels of the picture's sides, and of the name."""


class AttachmentTile(QFrame):
    """Takes the keyboard: Enter and Space open it, Delete and Backspace take it off, arrows go to its neighbours."""

    opened = Signal()
    removed = Signal()
    focused = Signal()
    """The keyboard came to it."""
    menu_wanted = Signal(QPoint)
    """At a point of the screen."""
    stepped = Signal(int)
    """The keyboard is to go so many tiles further, as far as there are so many: -1 to the one before."""

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
        """Show what is known of the file by now."""
        self._look = look
        facts = facts_text(self.part, look)
        self._facts.setText(facts)
        self.setAccessibleName(f"{self.part.name}, {facts}" if facts else self.part.name)
        self.setToolTip(plain_tip(self.part.name))
        self.setAccessibleDescription(tr("Sent with the prompt. Enter opens it, Delete removes it."))
        self._draw()

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
        self._theme = theme
        self._remove.setIcon(icon("x", theme.muted, 14))
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a thing in a row."""
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
        """Show that it has the keyboard."""
        super().focusInEvent(event)
        set_role(self, "focused", "true")
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """It has it no more."""
        super().focusOutEvent(event)
        set_role(self, "focused", "false")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """It is pressed, not what lies below."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens it."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for its menu, by mouse or key."""
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
"""Pixels that a scroll bar takes below the tiles."""


class TileRow(QScrollArea):
    """Shows parts, in order, each file once."""

    changed = Signal()
    asked = Signal(int, object)
    """The file at a place is to be seen, or its menu at a QPoint of the screen."""
    left = Signal()
    """The last tile that had the keyboard is gone: it goes back to what is typed."""

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
        """What is attached, in order."""
        return tuple(tile.part for tile in self._tiles)

    def put(self, files: Sequence[ImagePart | FilePart]) -> None:
        """Show these files alone."""
        for tile in self._tiles:
            self._drop(tile)
        self._tiles.clear()
        for part in files:
            self._add(part)
        self._fit()

    def add(self, part: ImagePart | FilePart) -> None:
        """One more at the end; one that is there already stays where it is."""
        if part.sha256 not in {each.sha256 for each in self.files}:
            self._add(part)
            self._fit()
            self._newest = True
            self._follow()
            self.changed.emit()

    def themed(self, theme: Theme) -> None:
        """Draw in a theme's colours."""
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
        """Take the file at a place off, as its own button does."""
        if 0 <= place < len(self._tiles):
            self._remove(self._tiles[place])

    def tile(self, place: int) -> QWidget | None:
        """The tile at a place, or the last one; None without any."""
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
        """Take a file off; the keyboard stays in the row as long as there is one."""
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
        """Wherever the keyboard came from: it is on a tile that is seen."""
        self._newest = False
        self.ensureWidgetVisible(tile)

    @Slot()
    def _follow(self) -> None:
        """The bar knows of a new tile only once that is laid out."""
        if self._newest:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().maximum())

    @Slot(str)
    def _arrived(self, sha256: str) -> None:
        for tile in self._tiles:
            if tile.part.sha256 == sha256:
                tile.show_look(self._looks.look(tile.part))
                self.changed.emit()
