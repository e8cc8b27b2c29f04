"""Paints pictures of formulas from the outlines sent by the render process."""

from __future__ import annotations

import math
import struct
from collections import OrderedDict

from msgspec import Struct
from PySide6.QtCore import QBuffer, QIODevice, QPointF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QTextCharFormat,
    QTextLayout,
)

from desktop.renderer.render_wire import FormulaReply, FormulaRequest, GlyphOutline, TextRun

_KEPT = 256
_MOST_SIDE, _MOST_AREA = 4_000, 4_000_000
"""Maximum side length of a picture in pixels, and maximum area in square pixels."""

_MOST_POINTS, _FURTHEST = 60_000, 10_000.0
"""Maximum number of points in an outline, and maximum coordinate."""

_DEEP = 3
"""Maximum depth of an inline formula below the baseline, as a multiple of the font's descent."""

_LEAST_CONTRAST, _MIDDLE, _STEP = 3.5, 0.18, 0.03
"""Minimum contrast (red on white has 4), luminance that separates dark from light, and search step."""

_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 0}


class Formula(Struct, frozen=True, eq=False):
    """Picture of a formula, with its heights above and below the baseline in device-independent pixels."""

    image: QImage
    width: float
    ascent: float
    descent: float


class FormulaPictures:
    """Paints formulas and caches the pictures used most recently."""

    def __init__(self, colour: str, ground: str, ratio: float = 1.0) -> None:
        self._colour, self._ground = QColor(colour), QColor(ground)
        self._ratio = ratio
        self._kept: OrderedDict[FormulaRequest, Formula | None] = OrderedDict()

    def formula(self, request: FormulaRequest, reply: FormulaReply) -> Formula | None:
        """Return the picture for a reply, or None if its size or its outlines are not sensible."""
        if request in self._kept:
            self._kept.move_to_end(request)
            return self._kept[request]
        made = self._paint(reply) if _is_sensible(reply) else None
        self._kept[request] = made
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return made

    def _paint(self, reply: FormulaReply) -> Formula | None:
        """Paint a formula on whole pixels, so that the baseline lies between two of them."""
        ratio = self._ratio
        width, above = math.ceil(reply.width * ratio), math.ceil(-reply.top * ratio)
        height = max(above + math.ceil((reply.top + reply.height) * ratio), 1)
        if width * height > _MOST_AREA:
            return None
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(self._ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(QPointF(-reply.left, above / ratio))
        try:
            for outline in reply.outlines:
                colour = self._ink(outline)
                path = _path(outline)
                if outline.line:
                    painter.strokePath(path, QPen(colour, outline.line))
                else:
                    painter.fillPath(path, colour)
            for run in reply.texts:
                _write(painter, run, self._ink(run))
        except (ValueError, KeyError, struct.error):  # what a child sends may be anything
            return None
        finally:
            painter.end()
        return Formula(image, width / ratio, above / ratio, (height - above) / ratio)

    def _ink(self, part: GlyphOutline | TextRun) -> QColor:
        """Return the color of a part of a formula, adjusted so that it is readable; black means the text color."""
        colour = QColor(part.colour) if QColor.isValidColorName(part.colour) else self._colour
        if part.exact:
            return colour
        return self._colour if colour == QColor("black") else readable(colour, self._ground)


def readable(colour: QColor, ground: QColor) -> QColor:
    """Return the color of the same hue that is closest to a color and readable on a background."""
    step = _STEP if _luminance(ground) < _MIDDLE else -_STEP
    hue, saturation, lightness = colour.hslHueF(), colour.hslSaturationF(), colour.lightnessF()
    while _contrast(colour, ground) < _LEAST_CONTRAST and 0 < lightness + step < 1:
        lightness += step
        colour = QColor.fromHslF(max(hue, 0), saturation, lightness)
    return colour


def _contrast(one: QColor, other: QColor) -> float:
    """Return the WCAG contrast ratio, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _is_sensible(reply: FormulaReply) -> bool:
    """Whether the size and the outlines of a reply are within limits."""
    sides = (reply.width, reply.height)
    if not all(map(math.isfinite, (*sides, reply.left, reply.top))) or not 0 < min(sides) <= max(sides) < _MOST_SIDE:
        return False
    if max(abs(reply.left), abs(reply.top)) > _MOST_SIDE:
        return False
    drawn = sum(len(each.points) // 8 + len(each.steps) for each in reply.outlines)
    return drawn + sum(len(each.text) + 1 for each in reply.texts) <= _MOST_POINTS


def _path(outline: GlyphOutline) -> QPainterPath:
    """Return an outline as a QPainterPath.

    Raises:
        ValueError: If a coordinate is out of bounds, or the points do not match the steps.
        KeyError: If a step is unknown.
        struct.error: If the points are incomplete.
    """
    numbers = struct.unpack(f"<{len(outline.points) // 4}f", outline.points)
    if not all(-_FURTHEST < number < _FURTHEST for number in numbers):
        raise ValueError("a point far out")
    if len(numbers) != 2 * sum(_POINTS[step] for step in outline.steps) or not 0 <= outline.line < _MOST_SIDE:
        raise ValueError("points that belong to no step")
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    at = 0
    for step in outline.steps:
        here = numbers[at : at + 2 * _POINTS[step]]
        at += len(here)
        match step:
            case "M":
                path.moveTo(*here)
            case "L":
                path.lineTo(*here)
            case "Q":
                path.quadTo(*here)
            case "C":
                path.cubicTo(*here)
            case _:
                path.closeSubpath()
    return path


def _write(painter: QPainter, run: TextRun, colour: QColor) -> None:
    """Paint text in a system font.

    Raises:
        ValueError: If the text is out of bounds or no font contains its characters.
    """
    if (
        not all(-_FURTHEST < number < _FURTHEST for number in (run.x, run.y, run.width))
        or not 1 <= run.size < _MOST_SIDE
    ):
        raise ValueError("text far out")
    font = QFont()
    font.setStyleHint(_HINTS.get(run.family, QFont.StyleHint.Serif))
    font.setFamily(font.defaultFamily())
    font.setPixelSize(round(run.size))
    font.setBold(run.bold)
    font.setItalic(run.italic)
    layout = QTextLayout(run.text, font)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    if not line.isValid() or any(0 in glyphs.glyphIndexes() for glyphs in layout.glyphRuns()):
        raise ValueError("characters that no font has")
    painter.setPen(colour)
    painter.save()
    painter.translate(run.x, run.y)
    if line.naturalTextWidth() > run.width:
        painter.scale(run.width / line.naturalTextWidth(), 1)
    layout.draw(painter, QPointF(0, -line.ascent()))
    painter.restore()


_HINTS = {"monospace": QFont.StyleHint.Monospace, "sans-serif": QFont.StyleHint.SansSerif}


class InLine(Struct, frozen=True, eq=False):
    """Picture with the font that makes Qt align the picture with the text.

    The picture is never scaled, because Qt would drop rows and columns of pixels.
    """

    image: QImage
    font: QFont
    alignment: QTextCharFormat.VerticalAlignment

    @property
    def size(self) -> QSizeF:
        """Size in device-independent pixels."""
        return self.image.deviceIndependentSize()


def on_the_line(formula: Formula, font: QFont) -> InLine:
    """Return a formula aligned with text in a font, without extra space.

    Qt aligns pictures by the descent of a font, so a font with the right descent is chosen.
    """
    metrics = QFontMetricsF(font)
    if formula.descent > _DEEP * metrics.descent():
        half = metrics.xHeight() / 2
        height = max(2 * formula.ascent - half, 2 * formula.descent + half)
        image = _taller(formula, (height + half) / 2 - formula.ascent, height)
        return InLine(image, font, QTextCharFormat.VerticalAlignment.AlignMiddle)
    deep = QFont(font)
    while (depth := round(metrics.descent())) < formula.descent:
        deep.setPixelSize(deep.pixelSize() + 1)
        metrics = QFontMetricsF(deep)
    image = _taller(formula, 0, formula.ascent + depth)
    return InLine(image, deep, QTextCharFormat.VerticalAlignment.AlignBaseline)


def around_middle(formula: Formula, half: float) -> QImage:
    """Return a picture whose vertical center is the middle of the x-height, half of which is `half`.

    Other programs and Qt's rich text align inline pictures in this way.
    """
    above = max(formula.ascent, formula.descent + 2 * half)
    return _taller(formula, above - formula.ascent, 2 * (above - half))


def png(image: QImage) -> bytes:
    """Return an image encoded as PNG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType] - as Qt's documents have it
    return bytes(buffer.data().data())


def _taller(formula: Formula, above: float, height: float) -> QImage:
    """Return a picture with another height and more space above, both in device-independent pixels."""
    ratio = formula.image.devicePixelRatio()
    image = QImage(formula.image.width(), round(height * ratio), formula.image.format())
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    painter.drawImage(QPointF(0, round(above * ratio) / ratio), formula.image)
    painter.end()
    return image
