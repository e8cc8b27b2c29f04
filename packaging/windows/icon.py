"""Paragone's icon for Windows: an .ico file with all sizes, rendered from the SVG by Qt.

python packaging/windows/icon.py FILE.ico
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SVG = Path(__file__).resolve().parents[2] / "resources" / "icons" / "app" / "paragone.svg"
SIDES = (16, 20, 24, 32, 40, 48, 64, 256)


def draw(target: Path, svg: Path = SVG) -> None:
    """Write the icon, with each size as a separate PNG."""
    pictures = [_png(QSvgRenderer(str(svg)), side) for side in SIDES]
    head = struct.pack("<HHH", 0, 1, len(SIDES))
    offset = len(head) + 16 * len(SIDES)
    for side, picture in zip(SIDES, pictures, strict=True):
        # Sizes are single bytes, in which 0 means 256
        head += struct.pack("<BBBBHHII", side % 256, side % 256, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    target.write_bytes(head + b"".join(pictures))


def _png(renderer: QSvgRenderer, side: int) -> bytes:
    image = QImage(side, side, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):  # pyright: ignore[reportArgumentType, reportCallIssue]
        raise OSError("Qt could not write a PNG")
    return bytes(buffer.data().data())


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
