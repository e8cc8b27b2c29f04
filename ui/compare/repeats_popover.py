"""Popover that asks one model the same prompt several times: model, history, count and cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QPushButton, QWidget

from ui.base.strings import tr, trn
from ui.widgets.inputs import ChoiceBox, NumberBox, refused_text
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph
from ui.widgets.popover import Popover

WIDTH = 440
FEWEST, _USUAL = 2, 4


class RepeatsPopover(Popover):
    """Popover to choose a model and the number of responses.

    `told` describes what the model at an index receives; `cost` estimates the cost of the responses.
    """

    wanted = Signal(int, int)
    """Emitted with the index of the chosen model and the number of responses."""

    def __init__(self, told: Callable[[int], str], cost: Callable[[int, int], str], parent: QWidget) -> None:
        super().__init__(tr("Ask several times"), parent)
        self._told_of, self._cost_of = told, cost
        self.model = ChoiceBox(tr("Model"))
        self.times = NumberBox(FEWEST, FEWEST)
        self.go = QPushButton()
        self._refused = Paragraph("", "warn")
        self._is_refused = False
        self._told = Paragraph("", "muted")
        self._cost = label("", "muted")
        self._build()
        self.model.activated.connect(self._show)
        self.times.valueChanged.connect(self._show)
        self.times.refused.connect(self._refuse)
        self.times.lineEdit().returnPressed.connect(self._take)
        self.go.clicked.connect(self._take)

    @property
    def said(self) -> str:
        """Notes on the prompt and its cost."""
        return "\n".join(each.text() for each in (self._told, self._cost) if each.text())

    def choose(self, control: QWidget, names: Sequence[str], chosen: int, most: int) -> None:
        """Open the popover below a control, with these models and a maximum number of responses."""
        self.model.clear()
        self.model.addItems(list(names))
        self.model.setCurrentIndex(chosen)
        self.model.setEnabled(len(names) > 1)
        before = self.times.value() if self.times.maximum() > FEWEST else _USUAL
        self.times.setRange(FEWEST, most)
        self.times.setValue(min(before, most))
        self._show()
        self.open_at(control, right=control.isLeftToRight())
        self.times.setFocus()
        self.times.selectAll()

    def _build(self) -> None:
        self.setFixedWidth(WIDTH)
        self.model.setMinimumContentsLength(20)
        self.model.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.times.setAccessibleName(tr("Responses"))
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        for caption, field in ((tr("Model"), self.model), (tr("Responses"), self.times)):
            said = label(caption)
            said.setMinimumHeight(self.model.sizeHint().height())
            form.addRow(said, field)
        self.go.setProperty("role", "primary")
        low = QHBoxLayout()
        low.addWidget(self._cost, 1)
        low.addWidget(self.go)
        self.column.addWidget(label(tr("Ask several times"), "title"))
        self.column.addWidget(self._told)
        self.column.addLayout(form)
        self.column.addWidget(self._refused)
        self.column.addLayout(low)

    @Slot()
    def _show(self) -> None:
        at, times = max(self.model.currentIndex(), 0), round(self.times.value())
        self._put(self._told, self._told_of(at))
        self._cost.setText(self._cost_of(at, times))
        self._refused.hide()
        self.go.setText(trn("Ask {n} time", "Ask {n} times", times))
        self.go.setAccessibleName(self.go.text())
        self.fit()

    @Slot(str)
    def _refuse(self, typed: str) -> None:
        self._put(self._refused, refused_text(self.times, typed))
        self._is_refused = True  # until the press that showed it is over: it asks nothing
        QTimer.singleShot(0, self, self._forget_refusal)
        self._refused.show()
        self.fit()

    def _put(self, paragraph: Paragraph, text: str) -> None:
        """Set a text and the height that its lines need."""
        paragraph.setText(text)
        margins = self.column.contentsMargins()
        paragraph.setMinimumHeight(paragraph.heightForWidth(WIDTH - margins.left() - margins.right()))

    @Slot()
    def _forget_refusal(self) -> None:
        self._is_refused = False

    @Slot()
    def _take(self) -> None:
        self.times.interpretText()
        if self._is_refused:
            return
        self.hide()
        self.wanted.emit(max(self.model.currentIndex(), 0), round(self.times.value()))
