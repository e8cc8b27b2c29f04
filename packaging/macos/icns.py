"""Paragone's icon for macOS: images in several sizes, rendered by Qt, in an .icns container."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

# Sizes in pixels that may be PNG. The small ones for high-density displays are also used on others.
SIZES = {b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic13": 256, b"ic08": 256, b"ic14": 512, b"ic09": 512, b"ic10": 1024}
DRAW = (
    "import sys; from PySide6.QtCore import QSize; from PySide6.QtGui import QGuiApplication, QIcon\n"
    "app = QGuiApplication([]); icon = QIcon(sys.argv[1])\n"
    "for size in map(int, sys.argv[3:]): icon.pixmap(QSize(size, size)).save(f'{sys.argv[2]}/{size}.png')"
)


def draw(svg: Path) -> bytes:
    """Return the container with the icon in all sizes."""
    sides = sorted(set(SIZES.values()))
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        words = [sys.executable, "-c", DRAW, str(svg), folder, *map(str, sides)]
        subprocess.run(words, env=environ, check=True, stdin=subprocess.DEVNULL)
        return pack({side: (Path(folder) / f"{side}.png").read_bytes() for side in sides})


def pack(pictures: Mapping[int, bytes]) -> bytes:
    """Return the container for images by size."""
    chunks = [chunk(name, pictures[side]) for name, side in SIZES.items()]
    return chunk(b"icns", b"".join(chunks))


def chunk(name: bytes, content: bytes) -> bytes:
    """Return a chunk of the container. Its length includes the eight-byte header."""
    return struct.pack(">4sI", name, len(content) + 8) + content
