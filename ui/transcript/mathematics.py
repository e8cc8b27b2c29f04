"""Formulas as pictures: LaTeX to SVG without LaTeX, drawn once for a size, a colour and a screen's sharpness."""

from __future__ import annotations

import logging
import math
import re
import warnings
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

_log = logging.getLogger(__name__)

LONGEST = 1_000
"""Characters of a formula that is drawn; of a longer one the source is shown."""

_KEPT = 256
_MOST_PIXELS = 4_000
_HREF = re.compile(rb"(?:xlink:)?href=\"(?!#)[^\"]*\"")


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A formula's picture. Pixels are device-independent: above and below the line that text stands on."""

    image: QImage
    width: float
    ascent: float
    descent: float


class Mathematics:
    """Draws formulas and keeps the last ones. Without the library at hand it draws none, and notes that it should."""

    def __init__(self, ratio: float = 1.0, *, ready: bool = True) -> None:
        self._ratio = ratio
        self._ready = ready
        self.missed = False
        """Whether a formula was asked for that cannot be drawn before the library is loaded."""
        self._kept: OrderedDict[tuple[str, int, str, bool], Formula | None] = OrderedDict()

    def formula(self, source: str, size: int, colour: str, *, display: bool = False) -> Formula | None:
        """The picture of a formula in a font's size, in pixels; None where it cannot be drawn."""
        if not self._ready:
            self.missed = True
            return None
        key = (source, size, colour, display)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._draw(_svg(source, size, colour, display=display)) if len(source) <= LONGEST else None
        self._kept[key] = made
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return made

    def _draw(self, svg: bytes) -> Formula | None:
        renderer = QSvgRenderer(QByteArray(_HREF.sub(b"", svg)))
        box = renderer.viewBoxF()
        if not svg or not renderer.isValid() or not 0 < max(box.width(), box.height()) < _MOST_PIXELS:
            return None
        width, height = (math.ceil(side * self._ratio) for side in (box.width(), box.height()))
        image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(self._ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter, QRectF(0, 0, box.width(), box.height()))
        painter.end()
        return Formula(image, box.width(), -box.top(), box.bottom())


def is_loaded() -> bool:
    """Whether the library is at hand."""
    return load.cache_info().currsize > 0


@cache
def load() -> ModuleType:
    """The library, loaded once: in about 0.2 s, so better on a thread of its own."""
    with warnings.catch_warnings():  # of its own, when it is loaded
        warnings.simplefilter("ignore", DeprecationWarning)
        from ziamath import zmath
        from ziamath.config import config

    config.svg2 = False  # Qt draws no symbols that are used from elsewhere
    return zmath


def _svg(source: str, size: int, colour: str, *, display: bool) -> bytes:
    """A formula's SVG and how far it reaches below the line; nothing where the library cannot make it."""
    library = load()
    try:
        return library.Latex(source, size=size, color=colour, inline=not display).svg().encode()
    except Exception as error:  # noqa: BLE001 - whatever a library makes of a formula that it does not know
        _log.debug("A formula cannot be drawn: %s", type(error).__name__)
        return b""
