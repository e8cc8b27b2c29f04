"""The line above the panes: the title, and what can be done with all of them."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from desktop.workspace import Arrangement, Comparison
from ui.sidebar.entries import UNTITLED
from ui.widgets.parts import ElidedLabel, set_role
from ui.workspace.rules import TEXTS

HEIGHT = 43
_ARRANGEMENTS = {Arrangement.ROW: "Side by side", Arrangement.COLUMN: "One below the other", Arrangement.GRID: "Grid"}


class TitleBar(QWidget):
    """Shows the title and the buttons; those of a comparison only where there is one."""

    add_pane_wanted = Signal()
    arrangement_chosen = Signal(object)
    rule_chosen = Signal(object)
    regenerate_wanted = Signal()
    retry_wanted = Signal()
    stop_wanted = Signal()
    step_wanted = Signal(bool)
    """Panes are to be read in step, or no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self._comparison: Comparison | None = None
        self._in_step = False
        self._title = ElidedLabel(UNTITLED, "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.rule = _button("History", "Context rule")
        self.add_pane = _button("+ Add pane", "Add pane")
        self.figures = _button("Figures", "Figures")
        self.differences = _button("Differences", "Differences")
        self.layout_button = _button("Layout", "Layout")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        row.addWidget(self._title, 1)
        for button in (self.figures, self.differences):
            button.setCheckable(True)
        for button in (self.rule, self.figures, self.differences, self.add_pane, self.layout_button):
            row.addWidget(button)
        self.add_pane.clicked.connect(self.add_pane_wanted)
        self.rule.clicked.connect(self._open_rules)
        self.layout_button.clicked.connect(self._open_layouts)
        self.show_comparison(None)

    @property
    def text(self) -> str:
        """The title that is shown."""
        return self._title.text()

    def show_title(self, title: str) -> None:
        """Say what is shown below."""
        self._title.setText(title or UNTITLED)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Offer what a comparison takes, or only what makes one of a chat."""
        self._comparison = comparison
        self.rule.setVisible(comparison is not None)
        for button in (self.figures, self.differences, self.layout_button):
            button.setVisible(comparison is not None)
        if comparison is not None:
            name, meaning = TEXTS[comparison.rule]
            self.rule.setText(f"History: {name}")
            self.rule.setAccessibleDescription(f"{name}. {meaning}")
            self.rule.setToolTip(meaning)

    def show_open(self, name: str) -> None:
        """Mark the button of the panel that is open; none without a name."""
        for button in (self.figures, self.differences):
            button.setChecked(button.text() == name)
            set_role(button, "role", "tinted" if button.isChecked() else "")

    @Slot(bool)
    def _set_in_step(self, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._in_step = on
        self.step_wanted.emit(on)

    @Slot()
    def _open_rules(self) -> None:
        if self._comparison is None:
            return
        menu = _menu(self, "Context rule")
        for rule, (name, meaning) in TEXTS.items():
            action = menu.addAction(f"{name}: {meaning}", lambda rule=rule: self.rule_chosen.emit(rule))
            action.setCheckable(True)
            action.setChecked(rule is self._comparison.rule)
        _open_below(menu, self.rule)

    @Slot()
    def _open_layouts(self) -> None:
        if self._comparison is None:
            return
        menu = _menu(self, "Layout")
        for arrangement, name in _ARRANGEMENTS.items():
            chosen = menu.addAction(name, lambda each=arrangement: self.arrangement_chosen.emit(each))
            chosen.setCheckable(True)
            chosen.setChecked(arrangement is self._comparison.arrangement)
        menu.addSeparator()
        step = menu.addAction("Read in step")
        step.setCheckable(True)
        step.setChecked(self._in_step)
        step.toggled.connect(self._set_in_step)
        menu.addSeparator()
        menu.addAction("Regenerate in all", self.regenerate_wanted.emit)
        menu.addAction("Retry failed", self.retry_wanted.emit)
        menu.addAction("Stop all", self.stop_wanted.emit)
        _open_below(menu, self.layout_button)


def _button(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(name)
    return button


def _menu(parent: QWidget, name: str) -> QMenu:
    menu = QMenu(parent)
    menu.setAccessibleName(name)
    return menu


def _open_below(menu: QMenu, button: QWidget) -> None:
    menu.aboutToHide.connect(menu.deleteLater)
    corner = button.mapToGlobal(button.rect().bottomRight())
    corner.setX(corner.x() - menu.sizeHint().width())
    menu.popup(corner)
