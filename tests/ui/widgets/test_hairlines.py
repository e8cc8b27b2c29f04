"""Hairlines are equally thick wherever they stand, at fractions of a pixel too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget

from tests.examples import alike
from ui.base.theme import Themes
from ui.widgets.labels import hairline

ROOT = Path(__file__).resolve().parents[3]


def thickness(image: QImage, colour: QColor, *, at: int, upright: bool) -> int:
    """How many pixels of a colour there are across a line."""
    length = image.width() if upright else image.height()
    places = ((step, at) if upright else (at, step) for step in range(length))
    return sum(image.pixelColor(*place) == colour for place in places)


def main() -> int:
    """Print how thick lines are in a process whose screen has a scale of its own."""
    app = QApplication([])
    themes = Themes()
    themes.choose("light")
    themes.apply()
    colour, found = QColor(themes.current.line), set[int]()
    for start in range(8):
        for upright in (False, True):
            window = QWidget()
            window.resize(60, 60)
            line = hairline(vertical=upright, parent=window)
            line.setGeometry(QRect(20 + start, 0, 1, 60) if upright else QRect(0, 20 + start, 60, 1))
            window.show()
            app.processEvents()
            found.add(thickness(window.grab().toImage(), colour, at=30, upright=upright))
            window.close()
    print(sorted(found))
    return 0


@pytest.mark.parametrize("scale", alike(2, ["1.25", "2", "1", "1.5"]))
def test_a_hairline_is_as_thick_wherever_it_stands(scale: str, tmp_path: Path) -> None:
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale, "HOME": str(tmp_path)}
    words = [sys.executable, "-m", "tests.ui.widgets.test_hairlines"]
    ended = subprocess.run(words, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=200, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, "[2]" if scale == "2" else "[1]"), ended.stderr


if __name__ == "__main__":
    sys.exit(main())
