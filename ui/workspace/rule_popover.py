"""Popover with the context rules and a description of each."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.domain.comparison import ContextRule
from ui.base.strings import tr
from ui.widgets.labels import check_quietly, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.popover import Popover
from ui.workspace.context_rules import TEXTS

_WIDTH, _EDGE = 400, 12


class RulePopover(Popover):
    """Popover to choose a context rule. `chosen` is emitted with the rule that was pressed."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Context rule"), parent)
        self.setFixedWidth(_WIDTH)
        self.column.addWidget(label(tr("History sent to the models, starting with the next prompt"), "muted"))
        self.rules: dict[ContextRule, RuleButton] = {}
        for rule, (name, meaning) in TEXTS.items():
            button = RuleButton(tr(name), tr(meaning))
            button.toggled.connect(partial(self._toggled, rule))
            button.clicked.connect(self.hide)
            self.column.addWidget(button)
            self.rules[rule] = button

    def open_for(self, control: QWidget, rule: ContextRule) -> None:
        """Open the popover below a control, with the focus on the current rule."""
        for own, button in self.rules.items():
            check_quietly(button, on=own is rule)
            margins = self.column.contentsMargins()
            button.fit(_WIDTH - margins.left() - margins.right())
        self.open_at(control, right=control.isLeftToRight())
        self.rules[rule].setFocus()

    @Slot(bool)
    def _toggled(self, rule: ContextRule, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        if on:
            self.hide()
            self.chosen.emit(rule)


class RuleButton(QPushButton):
    """Button with the name and the description of a rule. Arrow keys move the focus; Return and Space choose."""

    def __init__(self, name: str, meaning: str) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        self.setAccessibleDescription(meaning)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(_EDGE, 8, _EDGE, 8)
        column.setSpacing(2)
        self._meaning = Paragraph(meaning, "muted")
        for each in (label(name, "strong"), self._meaning):
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(each)

    def fit(self, width: int) -> None:
        """Set the height that the description needs at a width."""
        self._meaning.setMinimumHeight(self._meaning.heightForWidth(width - 2 * _EDGE))

    def sizeHint(self) -> QSize:
        """Return the size that fits both texts."""
        return self._inner().totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the minimum size for both texts."""
        return self._inner().totalMinimumSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the focus with arrow keys without choosing, and choose with Return."""
        match event.key():
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                self._go(onwards=event.key() == Qt.Key.Key_Down)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.click()
            case _:
                super().keyPressEvent(event)

    def _go(self, *, onwards: bool) -> None:
        if (parent := self.parentWidget()) is not None:
            rules = parent.findChildren(RuleButton)
            rules[(rules.index(self) + (1 if onwards else -1)) % len(rules)].setFocus()

    def _inner(self) -> QLayout:
        layout = self.layout()
        assert layout is not None
        return layout
