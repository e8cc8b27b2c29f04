"""Lucide icons, rendered from SVG at the requested size and resolution in a theme color."""

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
    """Return the named icon for a square of `size` device-independent pixels.

    Needs a QGuiApplication.

    Raises:
        KeyError: If there is no Lucide icon of this name.
    """
    svg = _svg(name).replace(b"currentColor", colour.encode()).replace(b'stroke-width="2"', _STROKE)
    renderer = QSvgRenderer(QByteArray(svg))
    picture = QIcon()
    for scale in _SCALES:
        pixmap = QPixmap(QSize(size, size) * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size * scale, size * scale))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        picture.addPixmap(pixmap)
    return picture


@cache
def _svg(name: str) -> bytes:
    """Return an icon's SVG.

    Icons of the first paint are also separate files, because opening the archive takes 20 ms.
    """
    copy = resources() / "icons" / f"{name}.svg"
    return copy.read_bytes() if copy.is_file() else _family().read(f"{name}.svg")


@cache
def _family() -> zipfile.ZipFile:
    """Open the icon package's archive and read its directory of 1,750 names once."""
    from importlib.resources import files  # most windows need none but the copies

    return zipfile.ZipFile(io.BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))
