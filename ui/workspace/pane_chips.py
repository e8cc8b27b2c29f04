"""Chips above the prompt: one for each pane, on where the pane takes part in what is sent to all."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from ui.strings import tr
from ui.theme import Theme, mixed
from ui.widgets.labels import check_quietly, isolated, set_role
from ui.widgets.tips import put_tip
from ui.widgets.wrapping_layout import WrapLayout

_SQUARE, _LONGEST = 8, 28


class PaneChip(Struct, frozen=True):
    """A pane's model, its colour, and whether it takes part."""

    name: str
    colour: str
    on: bool


class PaneChips(QWidget):
    """Pressing one turns it on or off: `toggled` carries its place."""

    toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: list[QPushButton] = []
        self._row = WrapLayout(self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_chips(self, chips: Sequence[PaneChip], theme: Theme) -> None:
        """Show these."""
        while len(self._buttons) > len(chips):
            button = self._buttons.pop()
            self._row.removeWidget(button)
            button.deleteLater()
        while len(self._buttons) < len(chips):
            self._buttons.append(self._made(len(self._buttons)))
        for number, (button, chip) in enumerate(zip(self._buttons, chips, strict=True), 1):
            shown = chip.name if len(chip.name) <= _LONGEST else f"{chip.name[: _LONGEST - 1]}…"
            button.setText(f" {isolated(shown.replace('&', '&&'))}")
            check_quietly(button, on=chip.on)
            set_role(button, "role", "chip" if chip.on else "chip-off")
            button.setIcon(_square(chip.colour if chip.on else mixed(theme.canvas, chip.colour, 0.6)))
            state = tr("on") if chip.on else tr("off")
            button.setAccessibleName(tr("Pane {number}: {model}", number=number, model=chip.name))
            on, off = tr("{model} is on", model=chip.name), tr("{model} is off", model=chip.name)
            put_tip(button, on if chip.on else off)
            button.setAccessibleDescription(state)

    def _made(self, place: int) -> QPushButton:
        button = QPushButton()
        button.setCheckable(True)
        button.setIconSize(QSize(_SQUARE, _SQUARE))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.toggled.connect(lambda: self.toggled.emit(place))
        self._row.addWidget(button)
        return button


def _square(colour: str) -> QIcon:
    picture = QPixmap(_SQUARE * 2, _SQUARE * 2)
    picture.setDevicePixelRatio(2)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(0, 0, _SQUARE, _SQUARE, 2, 2)
    painter.end()
    return QIcon(picture)
