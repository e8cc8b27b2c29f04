"""Form rows that edit the graders of a suite."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain.conversation_types import JsonValue
from desktop.text.phrases import phrase
from ui.base.strings import tr, trn
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, TickBox
from ui.widgets.labels import label

_EXPECTED = "{{expected}}"

_KINDS = (
    ("contains", phrase("contains"), "value"),
    ("icontains", phrase("contains, ignoring case"), "value"),
    ("equals", phrase("equals"), "value"),
    ("iequals", phrase("equals, ignoring case"), "value"),
    ("starts-with", phrase("starts with"), "value"),
    ("regex", phrase("matches the regular expression"), "value"),
    ("numeric", phrase("contains the number"), "value"),
    ("similarity", phrase("is similar to"), "value"),
    ("fields", phrase("has the JSON fields"), "value"),
    ("tool-call", phrase("calls the tool"), "value"),
    ("is-json", phrase("is valid JSON"), ""),
    ("latency", phrase("takes at most (ms)"), "threshold"),
    ("judge", phrase("meets the judge's rubric"), "rubric"),
)
"""Grader types that the window offers, each with its label and the suite field that stores its value."""

_EXAMPLES = {
    "fields": '{"name": "Ada", "total": {"number": 42, "tolerance": "1%"}}',
    "tool-call": '{"tool": "get_time", "arguments": {"zone": "UTC"}}',
}
"""Values that show the form of a grader's JSON; they are not translated."""


class GraderRow(QWidget):
    """Form row that edits one grader."""

    removed = Signal()

    def __init__(self, models: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = ChoiceBox("", self)
        self.kind.addItems([tr(name) for _, name, _ in _KINDS])
        self.negated = TickBox(tr("not"))
        self.value = QLineEdit()
        self.model = ChoiceBox("", self)
        self.model.setEditable(True)
        self.model.addItems(list(models))
        self._remove = button(tr("Remove"), "quiet")
        self._remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.negated)
        row.addWidget(self.kind)
        row.addWidget(self.value, 1)
        row.addWidget(self.model, 1)
        row.addWidget(self._remove)
        self.kind.currentIndexChanged.connect(self.fit)
        self.fit()

    def count(self, number: int) -> None:
        """Set the grader's number, starting at 1, which its accessible names contain."""
        self.kind.rename(tr("Grader {number}", number=number))
        self.negated.setAccessibleName(tr("Negate grader {number}", number=number))
        self.value.setAccessibleName(tr("Value for grader {number}", number=number))
        self.model.rename(tr("Judge for grader {number}", number=number))
        self._remove.setAccessibleName(tr("Remove grader {number}", number=number))

    @property
    def field(self) -> str:
        """Name of the suite field that stores the value; empty if the grader has none."""
        return _KINDS[max(self.kind.currentIndex(), 0)][2]

    @Slot()
    def fit(self) -> None:
        """Show only the inputs that the selected type needs."""
        self.value.setVisible(bool(self.field))
        self.model.setVisible(self.field == "rubric")
        kind = _KINDS[max(self.kind.currentIndex(), 0)][0]
        says = tr("Polite, correct, no promises.") if self.field == "rubric" else tr("{{expected}} or text")
        says = _EXAMPLES.get(kind, says)
        self.value.setPlaceholderText("" if self.field == "threshold" else says)


class GraderRows(QWidget):
    """Rows for any number of graders. Graders that the form cannot edit are preserved, and their number is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[str, ...] = ()
        self._rows: list[GraderRow] = []
        self._unshown: list[JsonValue] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self.add_button = button(tr("+ Grader"))
        self.add_button.clicked.connect(self._add_another)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(self._column)
        line = QHBoxLayout()
        self._more = label("", "muted")
        line.addWidget(self.add_button)
        line.addWidget(self._more)
        line.addStretch(1)
        whole.addLayout(line)

    def offer(self, models: Sequence[str]) -> None:
        """Set the models that are offered as judges; other models can be typed."""
        self._models = tuple(models)

    def show_graders(self, graders: Sequence[JsonValue]) -> None:
        """Show a suite's graders."""
        while self._rows:
            self._take(self._rows[0])
        self._unshown = []
        kinds = [kind for kind, _, _ in _KINDS]
        for each in graders:
            name = str(each.get("type", "")) if isinstance(each, dict) else ""
            kind = name.removeprefix("not-")
            if not isinstance(each, dict) or kind not in kinds or set(each) - {"type", "model", _field(kind)}:
                self._unshown.append(each)
                continue
            row = self._add()
            row.kind.setCurrentIndex(kinds.index(kind))
            row.negated.setChecked(name != kind)
            row.value.setText(_text(each.get(_field(kind))))
            row.model.setEditText(str(each.get("model", "") or ""))
        number = len(self._unshown)
        self._more.setText(
            trn(
                "{n} more grader is only shown in “Edit as text…”.",
                "{n} more graders are only shown in “Edit as text…”.",
                number,
            )
            if number
            else ""
        )

    def expect(self) -> None:
        """Add a check for the expected answer if there is no grader yet."""
        if not self._rows and not self._unshown:
            self._add().value.setText(_EXPECTED)

    def graders(self, *, expected: bool) -> list[JsonValue]:
        """Return the graders as suite fields. Checks for expected answers are included only if `expected`."""
        rows = (row for row in self._rows if expected or row.value.text().strip() != _EXPECTED)
        return [*self._unshown, *(_spec(row) for row in rows)]

    @Slot()
    def _add_another(self) -> None:
        self._add().kind.setFocus()

    def _add(self) -> GraderRow:
        row = GraderRow(self._models, self)
        row.removed.connect(lambda: self._take(row))
        self._rows.append(row)
        self._column.addWidget(row)
        self._count()
        return row

    def _count(self) -> None:
        for number, row in enumerate(self._rows, 1):
            row.count(number)

    def _take(self, row: GraderRow) -> None:
        index = self._rows.index(row)
        self._column.removeWidget(row)
        del self._rows[index]
        row.hide()
        row.deleteLater()
        self._count()
        (self._rows[index - 1].kind if self._rows else self.add_button).setFocus()


def _field(kind: str) -> str:
    return next((field for name, _, field in _KINDS if name == kind), "")


def _text(value: JsonValue) -> str:
    """Return a value as text; tables, which `fields` and `tool-call` take, as JSON on one line."""
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else str(value or "")


def _spec(row: GraderRow) -> JsonValue:
    kind, typed = _KINDS[max(row.kind.currentIndex(), 0)][0], row.value.text().strip()
    spec: dict[str, JsonValue] = {"type": f"not-{kind}" if row.negated.isChecked() else kind}
    if row.field == "threshold":
        spec["threshold"] = _number(typed)
    elif row.field:
        spec[row.field] = typed
    if row.field == "rubric":
        spec["model"] = row.model.currentText().strip()
    return spec


def _number(typed: str) -> JsonValue:
    """Return the typed number. Other text is returned unchanged, so that the suite's validation rejects it."""
    try:
        return float(typed)
    except ValueError:
        return typed
