"""Form of a new replay: old model, successors, conversations, and how they are judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.conversation_types import ModelRef
from desktop.domain.imported_models import model_text
from desktop.errors import UsageError
from desktop.replay.replay_limits import MOST_ITEMS, MOST_SUCCESSORS, USUAL_ITEMS, USUAL_MARGIN
from desktop.replay.turn_selection import WITH_JUDGE, ReplayChoice
from desktop.text.phrases import phrase
from ui.base.strings import tr, trn
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, NumberBox, TickBox, refused_text
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.tips import put_tip
from ui.widgets.wrapping_layout import WrapLayout

_WIDEST, _FIELD, _NUMBER, _MODEL, _ROW = 720, 160, 100, 160, 32
_PERIODS = (
    (None, phrase("Any time")),
    (30, phrase("Last 30 days")),
    (90, phrase("Last 90 days")),
    (365, phrase("Last 12 months")),
)
"""Numbers of days, and their names."""


class PastModel(Struct, frozen=True):
    """A model that answered in the history: its number of conversations, and whether it can still be asked.

    An empty connection stands for all connections.
    """

    ref: ModelRef
    conversations: int
    can_be_asked: bool

    @property
    def text(self) -> str:
        """Name, origin and number of conversations."""
        count = trn("{n} conversation", "{n} conversations", self.conversations)
        if self.ref.connection:
            return f"{model_text(self.ref)} · {count}"
        return tr("{model}, all connections", model=self.ref.name) + f" · {count}"


class SuccessorRow(QWidget):
    """One successor being chosen."""

    removed = Signal()

    def __init__(self, models: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChoiceBox("", self)
        self.model.setEditable(True)
        self.model.addItems(list(models))
        self.model.setMinimumWidth(_FIELD)
        self.remove = button(tr("Remove"), "quiet")
        self.remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.model, 1)
        row.addWidget(self.remove)


class SuccessorRows(QWidget):
    """One to three rows, with a button that adds another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[str, ...] = ()
        self._rows: list[SuccessorRow] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self._another = button(tr("+ Successor"))
        self._another.clicked.connect(self._add_another)
        line = QHBoxLayout()
        line.addWidget(self._another)
        line.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(self._column)
        whole.addLayout(line)

    def offer(self, models: Sequence[str]) -> None:
        """Set the available models; others can be typed."""
        self._models = tuple(models)
        if not self._rows:
            self._add("")
            return
        for row in self._rows:
            typed = row.model.currentText()
            row.model.clear()
            row.model.addItems(list(models))
            row.model.setEditText(typed)

    def show_models(self, models: Sequence[str]) -> None:
        """Choose successors; none leaves one empty row."""
        while self._rows:
            self._take(self._rows[0], refocus=False)
        for model in models or [""]:
            self._add(model)

    def models(self) -> tuple[ModelRef, ...]:
        """Return the chosen models.

        Raises:
            UsageError: If there is none, or one is no `connection/model`.
        """
        texts = [text for row in self._rows if (text := row.model.currentText().strip())]
        if not texts:
            raise UsageError(phrase("Choose a successor."))
        return tuple(dict.fromkeys(map(ModelRef.parse, texts)))

    def focus(self) -> None:
        """Focus the first successor."""
        self._rows[0].model.setFocus()

    @Slot()
    def _add_another(self) -> None:
        self._add("").model.setFocus()

    def _add(self, model: str) -> SuccessorRow:
        row = SuccessorRow(self._models, self)
        row.model.setEditText(model)
        row.removed.connect(lambda: self._take(row, refocus=True))
        self._rows.append(row)
        self._column.addWidget(row)
        self._count()
        return row

    def _take(self, row: SuccessorRow, *, refocus: bool) -> None:
        index = self._rows.index(row)
        self._column.removeWidget(row)
        del self._rows[index]
        row.hide()
        row.deleteLater()
        self._count()
        if refocus:
            self._rows[max(index - 1, 0)].model.setFocus()

    def _count(self) -> None:
        for number, row in enumerate(self._rows, 1):
            row.model.rename(tr("Successor {number}", number=number))
            row.remove.setAccessibleName(tr("Remove successor {number}", number=number))
            row.remove.setVisible(len(self._rows) > 1)
        self._another.setVisible(len(self._rows) < MOST_SUCCESSORS)


class ReplayForm(QWidget):
    """`choice` returns its content; `preview_wanted` is emitted when the user continues."""

    preview_wanted = Signal()
    left = Signal()

    def __init__(self, today: Callable[[], date], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("New replay"))
        self._today = today
        self._past: tuple[PastModel, ...] = ()
        self._named: tuple[str, ...] = ()
        self._area, self._content = QScrollArea(self), QWidget()
        self._lay_out()
        self.old = ChoiceBox(tr("Old model"), self._content)
        self.successors = SuccessorRows(self._content)
        self.last = NumberBox(1, MOST_ITEMS)
        self.period = ChoiceBox(tr("Period"))
        self.since = QLineEdit()
        self.tags = QLineEdit()
        self.title = QLineEdit()
        self.margin = NumberBox(1, 100)
        self.judge = ChoiceBox(tr("Judge model"))
        self.partly = TickBox(tr("Review only"))
        self.review = NumberBox(0, MOST_ITEMS)
        self.control = TickBox(tr("A/A control"))
        self._control_said = Paragraph("", "muted")
        self._said = Paragraph("", "warn")
        self._said.hide()
        self._cancel = button(tr("Cancel"), "quiet")
        self._preview = button(tr("Preview"), "primary")
        self._name_fields()
        self._build()
        self._connect()
        self.clear()

    def offer(self, past: Sequence[PastModel], models: Sequence[str]) -> None:
        """Set the models of the history and those that can be asked; a choice that still exists stays."""
        chosen = self._old
        self._past, self._named = tuple(past), tuple(models)
        self.old.clear()
        for each in past:
            self.old.addItem(each.text)
        if chosen is not None:
            self.choose_old(chosen.ref)
        self.successors.offer(models)
        judge = self.judge.currentText() if self.judge.currentIndex() > 0 else ""
        self.judge.clear()
        self.judge.addItems([tr("None"), *models])
        self.judge.setCurrentIndex(max(self.judge.findText(judge), 0))
        self._show_control()
        self._preview.setEnabled(bool(past))

    def choose_old(self, ref: ModelRef) -> None:
        """Choose the old model if the history has responses of it."""
        place = next((place for place, each in enumerate(self._past) if each.ref == ref), -1)
        if place >= 0:
            self.old.setCurrentIndex(place)

    def clear(self) -> None:
        """Return every field to its default."""
        self.successors.show_models([])
        self.last.setValue(USUAL_ITEMS)
        self.period.setCurrentIndex(0)
        self.margin.setValue(USUAL_MARGIN)
        self.judge.setCurrentIndex(0)
        self.partly.setChecked(False)
        self.review.setValue(WITH_JUDGE)
        self.control.setChecked(False)
        for field in (self.since, self.tags, self.title):
            field.clear()
        self._show_period()
        self.say("")

    def choice(self) -> ReplayChoice:
        """Return what is chosen.

        Raises:
            UsageError: If something is missing or invalid.
        """
        old = self._old
        if old is None:
            raise UsageError(phrase("Your conversations contain no responses yet."))
        judge = self.judge.currentText() if self.judge.currentIndex() > 0 else ""
        return ReplayChoice(
            of=(old.ref,),
            models=self.successors.models(),
            last=round(self.last.value()),
            since=self._since(),
            title=self.title.text().strip(),
            tags=tuple(tag for each in self.tags.text().split(",") if (tag := each.strip())),
            margin=self.margin.value(),
            judge=judge,
            control=self.control.isChecked() and self.control.isEnabled(),
            review=round(self.review.value()) if self.partly.isChecked() else MOST_ITEMS,
        )

    def say(self, problem: str) -> None:
        """Show why there is no preview."""
        self._said.setText(problem)
        self._said.setVisible(bool(problem))

    def focus(self) -> None:
        """Focus the first field."""
        self.old.setFocus()

    @property
    def _old(self) -> PastModel | None:
        place = self.old.currentIndex()
        return self._past[place] if 0 <= place < len(self._past) else None

    def _since(self) -> datetime | None:
        """Return the first time of the period, in local time.

        Raises:
            UsageError: If the typed day is invalid.
        """
        place = self.period.currentIndex()
        if place < len(_PERIODS):
            days = _PERIODS[max(place, 0)][0]
            day = None if days is None else self._today() - timedelta(days=days)
        else:
            typed = self.since.text().strip()
            try:
                day = date.fromisoformat(typed)
            except ValueError:
                raise UsageError(phrase("The day “{typed}” must be written as YYYY-MM-DD.", typed=typed)) from None
        return None if day is None else datetime(day.year, day.month, day.day).astimezone()

    @Slot()
    def _show_period(self) -> None:
        self.since.setVisible(self.period.currentIndex() == len(_PERIODS))

    @Slot()
    def _show_control(self) -> None:
        """Enable the control if the old model can still be asked."""
        old = self._old
        can = old is not None and old.can_be_asked
        self.control.setEnabled(can)
        if not can:
            self.control.setChecked(False)
        said = (
            tr(
                "Asks the old model again for every tenth turn, to show whether the review favors fresh or old"
                " responses as such."
            )
            if can
            else tr("Not possible: the old model can no longer be asked.")
        )
        self._control_said.setText(said)
        put_tip(self.control, said)

    @Slot()
    def _judge_chosen(self) -> None:
        """With a judge model a part is enough; without one, everything is reviewed."""
        self.partly.setChecked(self.judge.currentIndex() > 0)

    @Slot(str)
    def _refuse(self, typed: str) -> None:
        field = self.sender()
        if isinstance(field, NumberBox):
            self.say(f"{field.accessibleName()}: {refused_text(field, typed)}")

    def _name_fields(self) -> None:
        for field, name in (
            (self.last, tr("Number of turns")),
            (self.since, tr("First day")),
            (self.tags, tr("Tags")),
            (self.title, tr("Text in the title")),
            (self.margin, tr("Margin in points")),
            (self.review, tr("Number of pairs to review")),
        ):
            field.setAccessibleName(name)
        self.period.addItems([*(tr(name) for _, name in _PERIODS), tr("Since a day")])
        self.period.fit()
        self.since.setPlaceholderText(tr("YYYY-MM-DD"))
        self.since.setFixedWidth(130)
        self.tags.setPlaceholderText(tr("work, legal"))
        self.title.setPlaceholderText(tr("invoice"))
        for number in (self.last, self.margin, self.review):
            number.setFixedWidth(_NUMBER)
        self.judge.setMinimumWidth(_MODEL)

    def _lay_out(self) -> None:
        """Create the page inside the scroll area, because moving widgets is slow."""
        inner = QWidget()
        inner.setProperty("role", "canvas")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inner)
        self._content.setMaximumWidth(_WIDEST)
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(24, 16, 24, 24)
        outer.addWidget(self._content)
        outer.addStretch(1)

    def _build(self) -> None:
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(tr("Would the successor have done as well?"), "heading"))
        column.addWidget(
            Paragraph(
                tr(
                    "The successor receives the requests that the old model answered in your conversations. You compare"
                    " both responses without knowing which is which. The old model's responses are those in your"
                    " history; nothing is sent before you have seen a preview."
                ),
                "muted",
            )
        )
        column.addSpacing(8)
        column.addWidget(label(tr("Old model"), "strong"))
        column.addWidget(self.old)
        column.addSpacing(8)
        column.addWidget(label(tr("Successors"), "strong"))
        column.addWidget(self.successors)
        column.addSpacing(8)
        column.addWidget(label(tr("Conversations"), "strong"))
        column.addLayout(self._sample())
        column.addSpacing(8)
        column.addWidget(label(tr("Verdict"), "strong"))
        column.addLayout(self._verdict())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._area, 1)
        whole.addWidget(hairline())
        whole.addLayout(self._bottom())

    def _sample(self) -> QGridLayout:
        grid = _grid()
        _add_row(grid, tr("Turns"), _line(self.last, label(tr("sampled evenly over conversations"), "muted")))
        _add_row(grid, tr("Period"), _line(self.period, self.since))
        _add_row(grid, tr("Tags"), self.tags)
        _add_row(grid, tr("Title contains"), self.title)
        return grid

    def _verdict(self) -> QGridLayout:
        grid = _grid()
        points = label(tr("points of net preference may be lost"), "muted")
        _add_row(grid, tr("Margin"), _line(self.margin, points))
        _add_row(grid, tr("Judge model"), self.judge)
        _add_row(grid, tr("Your review"), _line(self.partly, self.review, label(tr("pairs, drawn at random"), "muted")))
        control = QVBoxLayout()
        control.setSpacing(0)
        control.addWidget(_line(self.control))
        control.addWidget(self._control_said)
        _add_row(grid, tr("Control"), control)
        return grid

    def _bottom(self) -> QVBoxLayout:
        bottom = QVBoxLayout()
        bottom.setContentsMargins(24, 10, 24, 10)
        bottom.addWidget(self._said)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._cancel)
        line.addStretch(1)
        line.addWidget(self._preview)
        bottom.addLayout(line)
        return bottom

    def _connect(self) -> None:
        self._preview.clicked.connect(self.preview_wanted)
        self._cancel.clicked.connect(self.left)
        self.old.currentIndexChanged.connect(self._show_control)
        self.period.currentIndexChanged.connect(self._show_period)
        self.judge.activated.connect(self._judge_chosen)
        self.partly.toggled.connect(self.review.setEnabled)
        self.review.setEnabled(False)
        for number in (self.last, self.margin, self.review):
            number.refused.connect(self._refuse)


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, 110)
    grid.setColumnStretch(1, 1)
    return grid


def _add_row(grid: QGridLayout, name: str, field: QWidget | QVBoxLayout) -> None:
    row, named = grid.rowCount(), label(name)
    named.setFixedHeight(_ROW)
    grid.addWidget(named, row, 0, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)
    if isinstance(field, QWidget):
        grid.addWidget(field, row, 1)
    else:
        grid.addLayout(field, row, 1)


def _line(*fields: QWidget) -> QWidget:
    holder = QWidget()
    row = WrapLayout(holder, gap=8)
    for each in fields:
        if isinstance(each, (QLabel, TickBox)):
            each.setFixedHeight(_ROW)
        row.addWidget(each)
    return holder
