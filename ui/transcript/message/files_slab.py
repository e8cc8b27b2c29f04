"""Slab of attachment tiles between the author and the text."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from desktop.domain.message_parts import FilePart, ImagePart
from ui.attachments.attached_looks import AttachedLook
from ui.attachments.attachment_text import facts_text, icon_name
from ui.base.icons import icon
from ui.transcript.message.shown import Shown
from ui.transcript.message.slabs import LABEL_GAP, MarksOf, Pen, Slab, paint_bubble

_WIDE, _PADDING, _GAP, _RADIUS = 220, 6, 8, 6
"""Tile width, inner margin, spacing and corner radius in pixels."""

_PICTURE = 64
"""Side length in pixels of the square into which an image is fitted."""


class PlacedTile(Struct):
    """An attachment's tile with its rectangle in the slab."""

    part: ImagePart | FilePart
    box: QRect


class FilesSlab(Slab):
    """Slab with the tiles of a message's attachments, in as many columns as fit."""

    def __init__(self, shown: Shown, files: Sequence[ImagePart | FilePart]) -> None:
        super().__init__(shown)
        self._files = files

    def tiles(self, width: int) -> list[PlacedTile]:
        """Return the positions of all tiles at a width."""
        room = max(width - 2 * self.inset(), 80)
        wide = min(_WIDE, room)
        columns = max((room + _GAP) // (wide + _GAP), 1)
        tall = self._tall
        return [
            PlacedTile(
                part,
                QRect(self.inset() + number % columns * (wide + _GAP), number // columns * (tall + _GAP), wide, tall),
            )
            for number, part in enumerate(self._files)
        ]

    def tile_at(self, point: QPoint, width: int) -> int | None:
        """Return the index of the tile at a point in the slab, or None."""
        return next((number for number, each in enumerate(self.tiles(width)) if each.box.contains(point)), None)

    def tip_of(self, number: int) -> str:
        """Return the full name of an attachment and the facts about it."""
        part = self._files[number]
        return "\n".join(filter(None, (part.name, facts_text(part, self.shown.builder.file_look(part)))))

    def paint(self, pen: Pen, marks: MarksOf) -> None:
        """Paint the tiles; in a prompt, on its bubble."""
        del marks
        if self.shown.is_prompt:
            paint_bubble(pen, self.height(pen.width), self.shown.look)
        for tile in self.tiles(pen.width):
            box = tile.box.translated(pen.left, pen.top)
            if QRectF(box).intersects(pen.clip):
                self._paint_tile(pen.painter, box, tile.part)

    @property
    def _tall(self) -> int:
        lines = QFontMetrics(self.shown.look.fonts.label).height() + QFontMetrics(self.shown.look.fonts.small).height()
        return max(lines, _PICTURE) + 2 * _PADDING

    def _paint_tile(self, painter: QPainter, box: QRect, part: ImagePart | FilePart) -> None:
        look = self.shown.builder.file_look(part)
        theme, fonts = self.shown.look.theme, self.shown.look.fonts
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.canvas))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        square = QRect(box.left() + _PADDING, box.top() + (box.height() - _PICTURE) // 2, _PICTURE, _PICTURE)
        self._paint_picture(painter, square, part, look)
        words = box.adjusted(_PICTURE + 3 * _PADDING, _PADDING, -_PADDING, -_PADDING)
        name, facts = QFontMetrics(fonts.label), QFontMetrics(fonts.small)
        top = words.top() + (words.height() - name.height() - facts.height()) // 2
        painter.setFont(fonts.label)
        painter.setPen(QColor(theme.text))
        shown = name.elidedText(part.name, Qt.TextElideMode.ElideMiddle, words.width())
        painter.drawText(QRect(words.left(), top, words.width(), name.height()), Qt.TextFlag.TextSingleLine, shown)
        painter.setFont(fonts.small)
        painter.setPen(QColor(theme.muted))
        said = facts_text(part, look)
        below = QRect(words.left(), top + name.height(), words.width(), facts.height())
        painter.drawText(
            below, Qt.TextFlag.TextSingleLine, facts.elidedText(said, Qt.TextElideMode.ElideRight, words.width())
        )
        painter.restore()

    def _paint_picture(
        self, painter: QPainter, square: QRect, part: ImagePart | FilePart, look: AttachedLook | None
    ) -> None:
        if look is None or look.picture.isNull():
            drawn = icon(icon_name(part), self.shown.look.theme.muted, 24).pixmap(QSize(24, 24))
            painter.drawPixmap(square.center() - QPoint(12, 12), drawn)
            return
        size = look.picture.size().scaled(square.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(square.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, look.picture)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)  # of white pages nothing else is seen on white

    def _lay_out(self, width: int) -> int:
        return self.tiles(width)[-1].box.bottom() + 1 + LABEL_GAP
