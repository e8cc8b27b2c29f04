"""Themes: color tokens from data files, turned into a palette and a style sheet; chosen by the user or the system."""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path
from string import Template
from typing import Literal, get_args

import msgspec
from msgspec import Struct
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from desktop.domain.conversation_types import ModelRef
from desktop.system.paths import resources
from ui.base.polisher import Polisher

Choice = Literal["system", "light", "dark", "high-contrast"]
CHOICES: tuple[Choice, ...] = get_args(Choice)

_STYLED = "styled"
ROLES = {
    "canvas": "window",
    "surface": "alternate-base",
    "raised": "button",
    "hover": "light",
    "bubble": "midlight",
    "line": "mid",
    "edge": "dark",
    "text": "window-text",
    "muted": "placeholder-text",
    "accent": "highlight",
    "pressed": "link-visited",
    "on_accent": "highlighted-text",
    "tint": "shadow",
    "selection": "tooltip-base",
    "warn": "tooltip-text",
    "bad": "bright-text",
}
"""Palette role of each style sheet token. No two tokens share a role."""
_FAMILIES = ("grok", "gpt", "llama", "smollm")

_ALIKE = ({3, 4, 7}, {0, 5}, {1, 6})
"""Groups of pane colors that look alike in small squares: reds and purples, blues, browns."""


class Theme(Struct, frozen=True):
    """Colors of one theme as #RRGGBB, named after their use; resources/themes documents each."""

    canvas: str
    surface: str
    raised: str
    bubble: str
    line: str
    edge: str
    text: str
    muted: str
    accent: str
    on_accent: str
    tint: str
    selection: str
    good: str
    warn: str
    bad: str
    panes: tuple[str, str, str, str, str, str, str, str]
    dark: bool

    @classmethod
    def load(cls, name: str, folder: Path | None = None) -> Theme:
        """Load the named theme from the program's data files."""
        path = (folder or resources() / "themes") / f"{name}.toml"
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), cls)

    def mark(self, ref: ModelRef) -> str:
        """Return a model's default color, chosen by family for well-known models and by name for others.

        The color is the same at every start.
        """
        return self.panes[mark_index(ref)]


def distinct_marks(
    refs: Sequence[ModelRef], kept: Sequence[int | None] = (), others: Collection[int] = ()
) -> list[int]:
    """Return a color index for each pane. Existing colors are kept as long as they are distinct.

    Other panes get their model's default color, or the next free one that is easy to tell apart, preferably one
    that is not among `others`, the colors of models that are not visible now.
    """
    marks: list[int | None] = []
    for mark in kept or [None] * len(refs):
        marks.append(None if mark in marks else mark)
    for index, ref in enumerate(refs):
        if marks[index] is None:
            own = mark_index(ref)
            free = [each % 8 for each in range(own, own + 8) if each % 8 not in marks]
            apart = [each for each in free if not any(each in alike and alike & {*marks} for alike in _ALIKE)]
            new = [each for each in apart if each == own or each not in others]
            marks[index] = (*new, *apart, *free, own)[0]
    return [mark for mark in marks if mark is not None]


def mark_index(ref: ModelRef) -> int:
    """Return the default color index of a model, starting at 0."""
    name = ref.name.casefold()
    for index, family in enumerate(_FAMILIES):
        if family in name:
            return index
    others = len(_FAMILIES)
    return others + zlib.crc32(name.encode("utf-8", "replace")) % (8 - others)


class Themes(QObject):
    """Holder of the current theme. `apply` installs it in the application and follows changes of the system's theme."""

    changed = Signal(object)
    """Emitted with the new Theme."""

    def __init__(self, parent: QObject | None = None, *, folder: Path | None = None) -> None:
        super().__init__(parent)
        self._folder = folder or resources() / "themes"
        self._sheet = style_sheet((self._folder / "style.qss").read_text("utf-8"))
        self._polisher = Polisher(self)
        self._choice: Choice = "system"
        self._name = self._wanted()
        self._current = Theme.load(self._name, self._folder)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow)
        hints.accessibility().contrastPreferenceChanged.connect(self._follow)

    @property
    def current(self) -> Theme:
        """The theme currently in use."""
        return self._current

    @property
    def choice(self) -> Choice:
        """The user's choice of theme."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Switch to a theme, or follow the system's theme."""
        self._choice = choice
        self._update()

    def apply(self) -> None:
        """Install the palette and the style sheet in the application."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        if app.property(_STYLED) is None:  # under a style sheet the style's own name is not told
            app.setStyle(QStyleFactory.create("Fusion"))
            app.setProperty(_STYLED, "fusion")
        app.setPalette(palette(self._current))
        if app.styleSheet() == self._sheet:
            self._polisher.polish()
        else:
            app.setStyleSheet(self._sheet)

    @Slot()
    def _follow(self) -> None:
        if self._choice == "system":
            self._update()

    def _update(self) -> None:
        name = self._wanted()
        if name == self._name:
            return
        self._name = name
        self._current = Theme.load(name, self._folder)
        self.apply()
        self.changed.emit(self._current)

    def _wanted(self) -> str:
        if self._choice != "system":
            return self._choice
        hints = QGuiApplication.styleHints()
        if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
            return "high-contrast"
        return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


def style_sheet(sheet: str) -> str:
    """Return a style sheet that works for all themes, with tokens replaced by palette roles."""
    return Template(sheet).substitute({token: f"palette({role})" for token, role in ROLES.items()})


def mixed(first: str, second: str, share: float) -> str:
    """Blend two colors; `share` is the weight of the second."""
    pairs = ((int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (other - one) * share):02X}" for one, other in pairs)


def palette(theme: Theme) -> QPalette:
    """Return a theme's palette, which colors everything that style sheets cannot reach."""
    result = QPalette()
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.canvas,
        role.WindowText: theme.text,
        role.Base: theme.canvas,
        role.AlternateBase: theme.surface,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.bad,
        role.ToolTipBase: theme.selection,
        role.ToolTipText: theme.warn,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: mixed(theme.accent, theme.text, 0.18),
        role.Light: mixed(theme.raised, theme.text, 0.05),
        role.Midlight: theme.bubble,
        role.Mid: theme.line,
        role.Dark: theme.edge,
        role.Shadow: theme.tint,
    }
    for each, colour in colours.items():
        result.setColor(each, QColor(colour))
    for each in (role.Text, role.WindowText, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, each, QColor(theme.muted))
    return result
