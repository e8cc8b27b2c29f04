"""Filters of the search as chips: a click adds one to the words that are typed, another takes it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from ui.sidebar import filter_words
from ui.strings import tr
from ui.widgets.labels import check_quietly, set_role
from ui.widgets.menu import Menu
from ui.widgets.tips import put_tip
from ui.widgets.wrapping_layout import WrapLayout

_LONGEST = 18

Choices = Sequence[tuple[str, str]]
"""What a menu offers: the words for it, and the filter's value."""


class FilterChips(QWidget):
    """A line of chips, wrapped where it is narrow. `wanted` carries the search as it is to be."""

    wanted = Signal(str)

    def __init__(self, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Filters"))
        self._clock = clock
        self._text = ""
        self._choices: dict[str, Choices] = {}
        layout = WrapLayout(self, gap=4)
        self.chips: dict[str, QPushButton] = {}
        for name, title in (
            ("model", tr("Model")),
            ("from", tr("Date")),
            ("role", tr("Author")),
            ("tag", tr("Tag")),
            ("pinned", tr("Pinned")),
            ("code", tr("Has code")),
        ):
            chip = QPushButton(title)
            chip.setProperty("role", "chip-off")
            chip.setCheckable(True)
            chip.setAccessibleName(tr("Filter: {name}", name=title))
            chip.toggled.connect(partial(self._toggled, name))
            layout.addWidget(chip)
            self.chips[name] = chip
        self._titles = {name: chip.text() for name, chip in self.chips.items()}

    def offer(self, models: Choices, tags: Sequence[str]) -> None:
        """Say which models and tags there are."""
        self._choices = {"model": models, "tag": [(tag, tag) for tag in tags]}
        self.chips["tag"].setVisible(bool(tags))
        self.chips["model"].setVisible(bool(models))

    def show_search(self, text: str) -> None:
        """Show which filters a search holds."""
        self._text = text
        held = filter_words.held(text, self._clock()) if text.strip() else {}
        for name, chip in self.chips.items():
            values = self._values(name, held)
            value = self._called(name, values[0]) if values else ""
            title = self._titles[name]
            shown = value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
            chip.setText(shown.replace("&", "&&") if shown else title)
            put_tip(chip, f"{title}: {value}" if value else "")
            check_quietly(chip, on=bool(values))
            set_role(chip, "role", "chip" if values else "chip-off")

    def choices(self, name: str) -> Choices:
        """What the menu of a chip offers."""
        if name == "from":
            today = self._clock().date()
            month, year = f"{today:%Y-%m}", f"{today:%Y}"
            week = str(today - timedelta(days=6))
            return (
                (tr("Today"), "today"),
                (tr("Last 7 days"), week),
                (tr("This month"), month),
                (tr("This year"), year),
            )
        if name == "role":
            return (tr("You"), "user"), (tr("Models"), "assistant")
        return self._choices.get(name, ())

    def _values(self, name: str, held: dict[str, list[str]]) -> list[str]:
        if name == "pinned":
            return [self._titles[name] for value in held.get("is", []) if value.casefold() == "pinned"]
        if name == "code":
            return [self._titles[name] for _ in held.get("has", [])]
        return held.get(name, []) or (held.get("to", []) if name == "from" else [])

    def _called(self, name: str, value: str) -> str:
        return next((title for title, each in self.choices(name) if each.casefold() == value.casefold()), value)

    def _toggled(self, name: str, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        del on
        self._pressed(name)

    def _pressed(self, name: str) -> None:
        chip = self.chips[name]
        on = chip.property("role") == "chip"
        check_quietly(chip, on=on)  # what is pressed shows what the words say
        now = self._clock()
        if name in ("pinned", "code"):
            key, value = ("is", "pinned") if name == "pinned" else ("has", "code")
            put = filter_words.put(self._text, now, key, value)
            self.wanted.emit(filter_words.taken_out(self._text, now, key, value) if on else put)
        elif on:
            text = filter_words.taken_out(self._text, now, name)
            self.wanted.emit(filter_words.taken_out(text, now, "to") if name == "from" else text)
        else:
            self._offer(name, chip)

    def _offer(self, name: str, chip: QPushButton) -> None:
        menu = Menu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for title, value in self.choices(name):
            menu.addAction(title.replace("&", "&&"), partial(self._chosen, name, value))
        menu.popup(chip.mapToGlobal(QPoint(0, chip.height() + 2)))

    def _chosen(self, name: str, value: str) -> None:
        self.wanted.emit(filter_words.put(self._text, self._clock(), name, value))
