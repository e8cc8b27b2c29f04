from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from desktop.system.paths import resources
from ui.base.icons import _family, icon


def test_an_icon_has_the_colour_asked_for_and_is_sharp_at_twice_the_size(qapp: QApplication) -> None:
    made = icon("plus", "#FF0000", 16)
    image = made.pixmap(QSize(16, 16), 2.0).toImage()
    assert image.width() == 32
    assert QColor(image.pixelColor(16, 16)).name() == "#ff0000"
    assert icon("plus", "#FF0000", 16) is made


def test_an_icon_that_the_family_lacks_is_a_mistake(qapp: QApplication) -> None:
    with pytest.raises(KeyError):
        icon("no-such-icon", "#000000")


def test_copies_for_a_quick_start_are_the_familys_own() -> None:
    copies = sorted((resources() / "icons").glob("*.svg"))
    assert copies
    assert [each.name for each in copies if each.read_bytes() != _family().read(each.name)] == []
