"""Words of code can be read on what they stand on."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from tests.ui.base.test_theme import NAMES, contrast
from ui.base.theme import Theme
from ui.transcript.text.formats import inks
from ui.transcript.text.look import Look


@pytest.mark.parametrize("name", NAMES)
def test_words_of_code_have_a_contrast_of_four_and_a_half(name: str, qapp: QApplication) -> None:
    theme = Theme.load(name)
    colours = inks(Look.of(theme, QFont(qapp.font())))
    for ground in (theme.surface, theme.bubble):
        weak = {word: contrast(colour, ground) for word, colour in colours.items() if contrast(colour, ground) < 4.5}
        assert weak == {}
