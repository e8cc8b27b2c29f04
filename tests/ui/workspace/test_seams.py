"""Between panes there is a line and nothing else, at fractions of a pixel too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from desktop.domain.comparison import Arrangement
from tests.examples import alike
from ui.base.theme import Themes
from ui.workspace.area import PaneArea

ROOT = Path(__file__).resolve().parents[3]
PANE = "#ff00ff"


def main() -> int:
    """Print the colours that are seen across panes, in a process whose screen has a scale of its own."""
    app = QApplication([])
    themes = Themes()
    themes.choose("light")
    themes.apply()
    found = set[str]()
    for width in range(1301, 1309):
        for arrangement in (Arrangement.ROW, Arrangement.GRID):
            area = PaneArea()
            area.resize(width, 703)
            panes = [QWidget() for _ in range(4)]
            for pane in panes:
                pane.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
                pane.setStyleSheet(f"background: {PANE}")
            area.arrange(panes, arrangement)
            area.show()
            app.processEvents()
            image = area.grab().toImage()
            found |= {image.pixelColor(x, 100).name() for x in range(image.width())}
            found |= {image.pixelColor(100, y).name() for y in range(image.height())}
    print(" ".join(sorted(found - {themes.current.line.lower()})))
    return 0


@pytest.mark.parametrize("scale", alike(1, ["1.25", "1", "1.5", "2"]))
def test_panes_and_lines_between_them_are_all_that_is_seen(scale: str, tmp_path: Path) -> None:
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale, "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "tests.ui.workspace.test_seams"]
    ran = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=200, check=True)
    assert ran.stdout.strip() == PANE


if __name__ == "__main__":
    sys.exit(main())
