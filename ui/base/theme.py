"""Tokens to palette and style sheet: themes read from files, chosen by hand or by what the system asks for."""

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
"""The role of the palette that holds each token of the style sheet: each token has one of its own."""
_FAMILIES = ("grok", "gpt", "llama", "smollm")

_ALIKE = ({3, 4, 7}, {0, 5}, {1, 6})
"""Pane colours that are taken for one another in small squares: reds and purples, blues, browns."""


class Theme(Struct, frozen=True):
    """One theme's colours as #RRGGBB, by what they are for; resources/themes says of each."""

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
        """The theme of this name among the program's data files."""
        path = (folder or resources() / "themes") / f"{name}.toml"
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), cls)

    def mark(self, ref: ModelRef) -> str:
        """A model's own colour: the great families have theirs, others one by their name, the same at every start."""
        return self.panes[mark_index(ref)]


def distinct_marks(
    refs: Sequence[ModelRef], kept: Sequence[int | None] = (), others: Collection[int] = ()
) -> list[int]:
    """Which of the eight pane colours each of some panes has: what it has already, as far as no two have the same.

    Else its model's, where none has that or one that is hardly told from it, or the next one of which that holds;
    rather one that none of the `others` has, which are not shown now.
    """
    found: list[int | None] = []
    for mark in kept or [None] * len(refs):
        found.append(None if mark in found else mark)
    for place, ref in enumerate(refs):
        if found[place] is None:
            own = mark_index(ref)
            free = [each % 8 for each in range(own, own + 8) if each % 8 not in found]
            apart = [each for each in free if not any(each in alike and alike & {*found} for alike in _ALIKE)]
            new = [each for each in apart if each == own or each not in others]
            found[place] = (*new, *apart, *free, own)[0]
    return [mark for mark in found if mark is not None]


def mark_index(ref: ModelRef) -> int:
    """Which of the eight pane colours is a model's, from 0."""
    name = ref.name.casefold()
    for index, family in enumerate(_FAMILIES):
        if family in name:
            return index
    others = len(_FAMILIES)
    return others + zlib.crc32(name.encode("utf-8", "replace")) % (8 - others)


class Themes(QObject):
    """The theme in use. `apply` puts it on the application; a change of the system's is followed while it lasts."""

    changed = Signal(object)
    """The Theme that is in use now."""

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
        """The theme in use."""
        return self._current

    @property
    def choice(self) -> Choice:
        """What was chosen."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Use a theme, or the one the system asks for."""
        self._choice = choice
        self._update()

    def apply(self) -> None:
        """Put palette and style sheet on the application."""
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
    """The style sheet for whatever theme is in use: its tokens are roles of the application's palette."""
    return Template(sheet).substitute({token: f"palette({role})" for token, role in ROLES.items()})


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two, `share` of the second in it."""
    pairs = ((int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (other - one) * share):02X}" for one, other in pairs)


def palette(theme: Theme) -> QPalette:
    """The palette of a theme, for what no style sheet reaches."""
    made = QPalette()
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
        made.setColor(each, QColor(colour))
    for each in (role.Text, role.WindowText, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, each, QColor(theme.muted))
    return made
