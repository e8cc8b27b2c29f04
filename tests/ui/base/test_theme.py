from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import combinations

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import ModelRef
from desktop.system.paths import resources
from ui.base.theme import ROLES, Theme, Themes, distinct_marks, mark_index, mixed, palette, style_sheet

NAMES = ("light", "dark", "high-contrast")

Vector = tuple[float, float, float]

# Machado, Oliveira and Fernandes 2009, severity 1: what protanopes and deuteranopes see.
SEEING = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}


def linear(colour: str) -> Vector:
    def one(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (one(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def luminance(light: Vector) -> float:
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(linear(one)), luminance(linear(other))))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, seeing: str) -> Vector:
    light = linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in SEEING[seeing]
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = luminance((red, green, blue))
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.fixture(params=NAMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    return Theme.load(request.param)


def test_body_text_has_a_contrast_of_seven(theme: Theme) -> None:
    for ground in (theme.canvas, theme.surface, theme.raised, theme.bubble, theme.tint, theme.selection):
        assert contrast(theme.text, ground) >= 7


def test_other_text_has_a_contrast_of_four_and_a_half(theme: Theme) -> None:
    for ground in (theme.canvas, theme.surface, theme.raised):
        for colour in (theme.muted, theme.accent, theme.good, theme.warn, theme.bad):
            assert contrast(colour, ground) >= 4.5, (colour, ground)
    assert min(contrast(colour, theme.tint) for colour in (theme.muted, theme.accent)) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.on_accent, mixed(theme.accent, theme.text, 0.18)) >= 4.5
    assert contrast(theme.muted, theme.bubble) >= 4.5


def test_lines_and_marks_that_carry_meaning_have_a_contrast_of_three(theme: Theme) -> None:
    for ground in (theme.canvas, theme.surface, theme.tint):
        for colour in (theme.edge, *theme.panes):
            assert contrast(colour, ground) >= 3, (colour, ground)


@pytest.mark.parametrize("seeing", SEEING)
def test_pane_colours_are_told_apart_by_the_colour_blind_too(theme: Theme, seeing: str) -> None:
    seen = [lab(colour, seeing) for colour in theme.panes]
    assert min(math.dist(one, other) for one, other in combinations(seen, 2)) >= 10


def test_a_pane_colour_has_the_same_hue_in_every_theme(theme: Theme) -> None:
    for colour, light in zip(theme.panes, Theme.load("light").panes, strict=True):
        turn = abs(QColor(colour).hslHue() - QColor(light).hslHue())
        assert min(turn, 360 - turn) <= 15, (colour, light)


def test_the_style_sheet_leaves_no_token_unfilled_and_names_no_colour() -> None:
    sheet = style_sheet((resources() / "themes" / "style.qss").read_text("utf-8"))
    assert "$" not in sheet
    assert not re.search(r"#[0-9A-Fa-f]{6}", sheet)
    assert "font-family" not in sheet


def test_the_great_families_have_colours_of_their_own() -> None:
    names = ("foundry/grok-3-mini", "foundry/gpt-4.1", "lab/Llama-3.3-70B", "embedded/smollm2")
    assert [mark_index(ModelRef.parse(name)) for name in names] == [0, 1, 2, 3]
    assert 4 <= mark_index(ModelRef.parse("lab/mistral-large")) < 8


def test_a_chosen_theme_is_put_on_the_application_and_said(qapp: QApplication) -> None:
    themes = Themes()
    themes.choose("light")
    themes.apply()
    seen: list[Theme] = []
    themes.changed.connect(seen.append)
    themes.choose("dark")
    assert seen == [themes.current]
    assert themes.current.dark
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == themes.current.canvas


def test_the_systems_colour_scheme_is_followed_while_it_is_on(qapp: QApplication) -> None:
    themes = Themes()
    hints = QGuiApplication.styleHints()
    try:
        hints.setColorScheme(Qt.ColorScheme.Dark)
        if hints.colorScheme() is Qt.ColorScheme.Dark:
            assert themes.current.dark
        themes.choose("light")
        hints.setColorScheme(Qt.ColorScheme.Light)
        hints.setColorScheme(Qt.ColorScheme.Dark)
        assert not themes.current.dark
    finally:
        hints.unsetColorScheme()


def test_eight_panes_have_eight_colours_the_first_of_a_family_its_own() -> None:
    names = ["a/gpt-4o", "a/gpt-4o-mini", "a/grok-4", "a/grok-3", "a/llama-4", "a/gpt-4.1", "a/other", "a/gpt-4o"]
    marks = distinct_marks([ModelRef.parse(name) for name in names])
    assert (marks[0], marks[3] != marks[2], sorted(marks)) == (1, True, [*range(8)])
    assert distinct_marks([ModelRef.parse("a/grok-4")]) == [0]
    assert len(distinct_marks([ModelRef.parse("a/grok-4")] * 9)) == 9


def test_a_pane_keeps_its_colour_wherever_it_is_moved() -> None:
    first, second, third = (ModelRef.parse(name) for name in ("a/gpt-4.1", "a/gpt-4o", "a/grok-4"))
    one, two = distinct_marks([first, second])
    assert distinct_marks([second, first], [two, one]) == [two, one]
    assert distinct_marks([second, third, first], [two, None, one])[::2] == [two, one]
    assert distinct_marks([first, second], [one, one]) == [one, two]


class _Polished(QObject):
    """Counts how often a widget is given other colours."""

    times = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        self.times += event.type() == QEvent.Type.PaletteChange
        return False


def ground(control: QWidget) -> str:
    return control.grab().toImage().pixelColor(control.rect().center()).name().upper()


def test_another_theme_polishes_what_lies_deep_no_more_often_than_what_does_not(themes: Themes, qtbot: QtBot) -> None:
    """Qt does it once for each widget above where one style sheet takes another's place: half a second."""
    window = deepest = QWidget()
    qtbot.addWidget(window)
    for _ in range(12):
        deepest = QWidget(deepest)
    window.show()
    counted = _Polished()
    deepest.installEventFilter(counted)
    themes.choose("dark")
    assert 1 <= counted.times <= 4


@pytest.fixture
def hidden(qtbot: QtBot, themes: Themes) -> Iterator[QPushButton]:
    """A button that was seen and is hidden now."""
    window = QWidget()
    qtbot.addWidget(window)
    button = QPushButton(window)
    window.show()
    button.hide()
    yield button
    window.close()


def test_what_is_hidden_does_not_delay_another_theme(hidden: QPushButton, themes: Themes) -> None:
    themes.choose("dark")
    assert ground(hidden) == Theme.load("light").raised
    hidden.show()
    assert ground(hidden) == themes.current.raised


def test_what_is_hidden_has_the_colours_of_another_theme_soon(
    hidden: QPushButton, themes: Themes, qtbot: QtBot
) -> None:
    themes.choose("dark")
    qtbot.waitUntil(lambda: ground(hidden) == themes.current.raised)
    themes.choose("light")
    qtbot.waitUntil(lambda: ground(hidden) == themes.current.raised)


def test_each_colour_of_the_style_sheet_is_one_of_the_palettes(theme: Theme) -> None:
    colours = palette(theme)
    for token, role in ROLES.items():
        (meant,) = (each for each in QPalette.ColorRole if each.name.casefold() == role.replace("-", ""))
        wanted = {
            "hover": mixed(theme.raised, theme.text, 0.05),
            "pressed": mixed(theme.accent, theme.text, 0.18),
        }.get(token) or getattr(theme, token)
        assert colours.color(meant).name().upper() == wanted, token
    assert len({*ROLES.values()}) == len(ROLES)


def test_colours_that_are_hardly_told_apart_are_taken_last() -> None:
    refs = [ModelRef.parse(f"a/{name}") for name in ("smollm", "gpt-4", *(f"model-{n}" for n in range(2)))]
    marks = distinct_marks(refs)
    assert marks[:2] == [3, 1]
    assert not {*marks[2:]} & {4, 7, 6}
