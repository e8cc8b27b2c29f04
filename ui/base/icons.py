"""Icons of one family, Lucide, drawn from their SVG at the size and sharpness asked for, tinted by a token."""

from __future__ import annotations

import io
import zipfile
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop.system.paths import resources

_SCALES = (1, 2, 3)
_STROKE = b'stroke-width="1.75"'


@cache
def icon(name: str, colour: str, size: int = 16) -> QIcon:
    """The icon of this name in the family, for a square of `size` device-independent pixels.

    Raises KeyError where the family has none of that name. Needs a QGuiApplication.
    """
    svg = _svg(name).replace(b"currentColor", colour.encode()).replace(b'stroke-width="2"', _STROKE)
    renderer = QSvgRenderer(QByteArray(svg))
    made = QIcon()
    for scale in _SCALES:
        pixmap = QPixmap(QSize(size, size) * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size * scale, size * scale))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        made.addPixmap(pixmap)
    return made


@cache
def _svg(name: str) -> bytes:
    """From the copies of those that the first paint needs; the archive takes 20 ms to open."""
    copy = resources() / "icons" / f"{name}.svg"
    return copy.read_bytes() if copy.is_file() else _family().read(f"{name}.svg")


@cache
def _family() -> zipfile.ZipFile:
    """The package's archive, its directory of 1,750 names read once."""
    from importlib.resources import files  # most windows need none but the copies

    return zipfile.ZipFile(io.BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))
