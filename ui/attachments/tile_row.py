"""The files that go with what is typed, in a row that scrolls where there are many; hidden without any."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from desktop.message_parts import FilePart, ImagePart
from ui.attachments.attached_looks import AttachedLooks
from ui.attachments.attachment_tile import AttachmentTile
from ui.strings import tr
from ui.theme import Theme
from ui.widgets.viewport import put_viewport

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
