"""An order of more than two answers, as a vote: letters that are moved, a box for the rank of each, both saying one."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.voting.blind_round import letter
from desktop.voting.vote import order
from ui.strings import number_text, tr
from ui.voting.order_strip import OrderStrip
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import label
from ui.widgets.wrapping_layout import WrapLayout

_ROOM = 4
"""Letters that a box has room for, of the widest."""


class OrderPicker(QWidget):
    """Begins with all of them equal."""

    chosen = Signal(object)
    """The Outcome that is to be the vote."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: list[ChoiceBox] = []
        self._row = WrapLayout(self)
        self._strip = OrderStrip(self)
        self._vote = button(tr("Vote for this order"), by_enter=True)
        before = label(tr("Or rank them:"), "muted", self)
        for each in (before, self._strip):
            each.setMinimumHeight(self._vote.sizeHint().height())  # on one line with the boxes
            self._row.addWidget(each)
        self._row.addWidget(self._vote)
        self._strip.changed.connect(self._show_boxes)
        self._vote.clicked.connect(lambda: self.chosen.emit(order(self._values)))

    @property
    def _values(self) -> list[int]:
        return [each.currentIndex() for each in self._boxes]

    def begin(self, answers: int) -> None:
        """Ask about so many answers."""
        if answers != len(self._boxes):
            self._fill(answers)
        self._strip.show_ranks([0] * answers)
        self._show_boxes()

    def _fill(self, answers: int) -> None:
        for each in self._boxes:
            each.hide()
            each.deleteLater()
        self._row.removeWidget(self._vote)
        self._boxes = [ChoiceBox(tr("Rank of {letter}", letter=letter(place)), self) for place in range(answers)]
        for place, box in enumerate(self._boxes):
            box.addItems([f"{letter(place)}: {number_text(rank + 1)}" for rank in range(answers)])
            box.setMinimumContentsLength(_ROOM)
            box.currentIndexChanged.connect(self._show_strip)
            self._row.addWidget(box)
        self._row.addWidget(self._vote)
        before: QWidget = self._strip
        for each in (*self._boxes, self._vote):
            self.setTabOrder(before, each)
            before = each

    @Slot()
    def _show_strip(self) -> None:
        self._strip.show_ranks(order(self._values).ranks)

    @Slot()
    def _show_boxes(self) -> None:
        for box, rank in zip(self._boxes, self._strip.ranks, strict=True):
            box.blockSignals(True)  # noqa: FBT003 - Qt's own
            box.setCurrentIndex(rank)
            box.blockSignals(False)  # noqa: FBT003 - Qt's own
