"""Popover for merging responses: turn, task, model and the resulting prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from desktop.domain.conversation_types import ModelRef
from desktop.metrics.alignment import AlignedTurn, aligned
from desktop.metrics.figures import turns
from desktop.metrics.merge_prompt import CRITERIA, MergeSource, MergeTask, instruction, merge, sources
from desktop.text.phrases import phrase
from ui.base.strings import tr, trn
from ui.compare.comparison_text import shortened_text
from ui.compare.pane_facts import ShownPane
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph
from ui.widgets.popover import Popover
from ui.widgets.text_field import TextField

WIDTH = 480
_PREVIEW, _PREVIEW_LEAST, _OWN, _PREVIEW_MS = 150, 48, 64, 120
_LONGEST = 60
_TASKS = {
    MergeTask.FUSE: phrase("Combine into one best response"),
    MergeTask.COMPARE: phrase("Compare by criteria"),
    MergeTask.DISAGREE: phrase("List disagreements"),
    MergeTask.OWN: phrase("Custom instruction"),
}


class MergePopover(Popover):
    """Popover that builds a prompt for merging responses and can show all of it before it is sent.

    `room_of` returns a model's prompt limit in tokens, if known.
    """

    wanted = Signal(str, object, str)
    """Emitted with the prompt, the ModelRef to send it to, and the question whose responses are merged."""

    def __init__(
        self, room_of: Callable[[ModelRef], int | None], without_keys: Callable[[str], str], parent: QWidget
    ) -> None:
        super().__init__(tr("Merge answers"), parent)
        self._room_of = room_of
        self._without_keys = without_keys
        self._panes: Sequence[ShownPane] = ()
        self._models: Sequence[ModelRef] = ()
        self._prompt = ""
        self.turn, self.task = ChoiceBox(tr("Turn")), ChoiceBox(tr("What to do"))
        self.model = ChoiceBox(tr("Model"))
        self.criteria = QLineEdit(", ".join(CRITERIA))
        self.own = TextField()
        self.preview = TextField()
        self.fold = button(tr("Show prompt"), "link")
        self.go = QPushButton(tr("Merge"))
        self._sources = Paragraph("", "muted")
        self._said = Paragraph("", "warn")
        self._soon = QTimer(self, singleShot=True, interval=_PREVIEW_MS)
        self.form = QFormLayout()
        self._build()
        self._connect()

    @property
    def said(self) -> str:
        """Notes on the responses and on what was cut to fit."""
        return "\n".join(each.text() for each in (self._sources, self._said) if not each.isHidden())

    def renew(self) -> None:
        """Rebuild the prompt after more keys to mask were loaded."""
        self._show()

    def choose(
        self, control: QWidget, panes: Sequence[ShownPane], models: Sequence[ModelRef], names: Sequence[str]
    ) -> None:
        """Open the popover below a control for these panes, with the newest turn selected."""
        self._panes, self._models = panes, models
        self.turn.clear()
        for number, asked in enumerate(aligned([pane.path for pane in panes]), 1):
            self.turn.addItem(tr("{number}: {prompt}", number=number, prompt=_question(panes, asked)))
        self.turn.setCurrentIndex(self._newest)
        before = self.model.currentText()
        self.model.clear()
        self.model.addItems(list(names))
        self.model.setCurrentIndex(max(self.model.findText(before), 0))
        self._show()
        self.open_at(control, right=control.isLeftToRight())
        self.task.setFocus()

    def _build(self) -> None:
        self.setFixedWidth(WIDTH)
        for text in _TASKS.values():
            self.task.addItem(tr(text))
        for box in (self.turn, self.model):
            box.setMinimumContentsLength(20)
            box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.criteria.setAccessibleName(tr("Criteria"))
        self.own.setAccessibleName(tr("Instruction"))
        self.own.setPlaceholderText(tr("What the model should do with the responses"))
        self.own.setFixedHeight(_OWN)
        self.preview.setAccessibleName(tr("Prompt preview"))
        self.preview.setReadOnly(True)
        self.preview.setMinimumHeight(_PREVIEW_LEAST)
        self.preview.setMaximumHeight(_PREVIEW)
        self.preview.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for editor in (self.own, self.preview):
            editor.setProperty("role", "prose")
            editor.setTabChangesFocus(True)
        self._fill_form()
        self.go.setProperty("role", "primary")
        self.go.setAccessibleName(tr("Merge"))
        low = QHBoxLayout()
        low.addWidget(self._said, 1)
        low.addWidget(self.go)
        self.column.addWidget(label(tr("Merge answers"), "title"))
        self.column.addWidget(self._sources)
        self.column.addLayout(self.form)
        self.column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.preview)
        self.preview.hide()
        self.column.addLayout(low)

    def _fill_form(self) -> None:
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setHorizontalSpacing(16)
        self.form.setVerticalSpacing(8)
        for caption, field in (
            (tr("Turn"), self.turn),
            (tr("Task"), self.task),
            (tr("Criteria"), self.criteria),
            (tr("Instruction"), self.own),
            (tr("Model"), self.model),
        ):
            said = label(caption)
            said.setMinimumHeight(self.turn.sizeHint().height())
            self.form.addRow(said, field)

    def _connect(self) -> None:
        for box in (self.turn, self.task, self.model):
            box.activated.connect(self._show)
        self.criteria.textChanged.connect(self._soon.start)
        self.own.textChanged.connect(self._soon.start)
        self._soon.timeout.connect(self._show)
        self.criteria.returnPressed.connect(self._take)
        self.go.clicked.connect(self._take)
        self.fold.clicked.connect(self._fold)

    @Slot()
    def _fold(self) -> None:
        """Show or hide the prompt, which is long."""
        self.preview.setVisible(self.preview.isHidden())
        self.fold.setText(tr("Show prompt") if self.preview.isHidden() else tr("Hide prompt"))
        self.fold.setAccessibleName(self.fold.text())
        self.fit()

    @property
    def _given(self) -> tuple[MergeSource, ...]:
        return sources([(pane.name, pane.path) for pane in self._panes], self.turn.currentIndex())

    @property
    def _newest(self) -> int:
        """Index of the newest turn with several responses, or else of the newest turn."""
        named = [(pane.name, pane.path) for pane in self._panes]
        numbers = range(self.turn.count() - 1, -1, -1)
        return next((number for number in numbers if len(sources(named, number)) > 1), self.turn.count() - 1)

    @property
    def _chosen(self) -> ModelRef | None:
        at = self.model.currentIndex()
        return self._models[at] if 0 <= at < len(self._models) else None

    def _told(self) -> str:
        """Return the instruction for the model, or an empty string if the user wrote none."""
        task = list(_TASKS)[max(self.task.currentIndex(), 0)]
        if task is MergeTask.OWN:
            return self.own.toPlainText().strip()
        criteria = [each.strip() for each in self.criteria.text().split(",") if each.strip()]
        return tr(instruction(task, criteria))

    @Slot()
    def _show(self) -> None:
        """Update the prompt from the selected options."""
        self._soon.stop()
        task, sources, chosen = list(_TASKS)[max(self.task.currentIndex(), 0)], self._given, self._chosen
        self.form.setRowVisible(self.criteria, task is MergeTask.COMPARE)
        self.form.setRowVisible(self.own, task is MergeTask.OWN)
        names = ", ".join(source.name for source in sources)
        answers = trn("{n} response: {models}", "{n} responses: {models}", len(sources), models=names)
        self._sources.setText(answers if sources else tr("No model has responded in this turn."))
        instruction = self._told()
        ready = len(sources) > 1 and chosen is not None
        made = merge(sources, instruction, self._room_of(chosen), say=tr) if ready and chosen is not None else None
        self._prompt = self._without_keys(made.prompt) if made is not None else ""
        self.preview.setPlainText(self._prompt)
        cut = shortened_text(made.shortened) if made is not None else ""
        self._said.setText(cut if ready else tr("Merging needs two responses."))
        self.go.setEnabled(ready and bool(instruction))
        self.fit()

    @Slot()
    def _take(self) -> None:
        self._show()
        if self.go.isEnabled() and self._chosen is not None:
            self.hide()
            self.wanted.emit(self._prompt, self._chosen, self._given[0].question)


def _question(panes: Sequence[ShownPane], turn: AlignedTurn) -> str:
    """Return the prompt of a turn as one line, shortened."""
    for pane, number in zip(panes, turn, strict=True):
        if number is not None:
            text = " ".join(turns(pane.path)[number][0].text.split())
            return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return ""
