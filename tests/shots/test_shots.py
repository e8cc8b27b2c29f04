"""The pictures can be drawn: one of the plain window, one of what opens above it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.examples import alike
from tests.shots import __main__ as shots
from tests.shots.gallery import PICTURES
from tests.shots.stored import KEY, KEY_VARIABLE

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", alike(1, ["first-start", "model-picker"]))
def test_a_picture_is_drawn_in_its_size(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shots, "SHOTS", tmp_path)
    assert shots.draw(name, tmp_path / "data", {KEY_VARIABLE: KEY}) == 0
    drawn = QImage(str(tmp_path / f"{name}.png"))
    assert (drawn.width(), drawn.height()) == PICTURES[name].size
    assert drawn.pixelColor(20, 500) != drawn.pixelColor(800, 500)  # sidebar and transcript


def test_a_name_that_no_picture_has_is_said_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert shots.main(["nothing"]) == 2
    said = capsys.readouterr().err
    assert "nothing" in said
    assert "first-start" in said
