"""Form that creates a suite without YAML: prompts, cases, contenders, graders, repeats and cost cap."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.domain.conversation_types import JsonValue
from desktop.errors import ParagoneError, UsageError
from desktop.evals.suites.templates import names_in
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.strings import tr, trn
from ui.base.tasks import Tasks
from ui.evals.case_grid import EXPECTED, TAGS, CaseGrid
from ui.evals.grader_rows import GraderRows
from ui.evals.suite_tools import SuiteTools
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, NumberBox, TickBox
from ui.widgets.labels import hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.text_field import TextField

_NARROWEST = 160


class ContenderRow(QWidget):
    """Form row that edits one contender."""

    removed = Signal()

    def __init__(self, models: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChoiceBox("", self)
        self.model.setEditable(True)
        self.model.addItems(list(models))
        self.model.setMinimumWidth(_NARROWEST)
        self.parameters = QLineEdit()
        self.parameters.setPlaceholderText(tr("Parameters, such as temperature=0.2"))
        self._remove = button(tr("Remove"), "quiet")
        self._remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.model, 1)
        row.addWidget(self.parameters, 1)
        row.addWidget(self._remove)

    def count(self, number: int) -> None:
        """Set the contender's number, starting at 1, which its accessible names contain."""
        self.model.rename(tr("Model for contender {number}", number=number))
        self.parameters.setAccessibleName(tr("Parameters for contender {number}", number=number))
        self._remove.setAccessibleName(tr("Remove contender {number}", number=number))


class ContenderRows(QWidget):
    """Rows for contenders, at least one, and a button that adds another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[str, ...] = ()
        self._rows: list[ContenderRow] = []
        self._others: list[dict[str, JsonValue]] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        self.add_button = button(tr("+ Contender"))
        self.add_button.clicked.connect(self._add_another)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(self._column)
        line = QHBoxLayout()
        line.addWidget(self.add_button)
        line.addStretch(1)
        whole.addLayout(line)

    def offer(self, models: Sequence[str]) -> None:
        """Set the models that are offered; other models can be typed."""
        self._models = tuple(models)

    def show_contenders(self, contenders: Sequence[Mapping[str, JsonValue]]) -> None:
        """Show the model and parameters of contenders; their other fields are preserved."""
        while self._rows:
            self._take(self._rows[0])
        for each in contenders or [{}]:
            parameters = each.get("parameters")
            row = self._add(str(each.get("model") or ""), {k: v for k, v in each.items() if k not in _SHOWN})
            row.parameters.setText(_written(parameters if isinstance(parameters, dict) else {}))

    def contenders(self) -> list[JsonValue]:
        """Return the contenders as suite fields.

        Raises:
            UsageError: If a parameter is invalid.
        """
        from desktop.catalog.catalog_entry import parse_parameter

        specs: list[JsonValue] = []
        for row, others in zip(self._rows, self._others, strict=True):
            if not (model := row.model.currentText().strip()):
                continue
            parameters: dict[str, JsonValue] = dict(map(parse_parameter, typed_parameters(row.parameters.text())))
            specs.append({**others, "model": model, **({"parameters": parameters} if parameters else {})})
        return specs

    @Slot()
    def _add_another(self) -> None:
        self._add("", {}).model.setFocus()

    def _add(self, model: str, others: dict[str, JsonValue]) -> ContenderRow:
        row = ContenderRow(self._models, self)
        row.model.setEditText(model or (self._models[len(self._rows)] if len(self._rows) < len(self._models) else ""))
        row.removed.connect(lambda: self._take(row))
        self._rows.append(row)
        self._others.append(others)
        self._column.addWidget(row)
        self._count()
        return row

    def _count(self) -> None:
        for number, row in enumerate(self._rows, 1):
            row.count(number)

    def _take(self, row: ContenderRow) -> None:
        index = self._rows.index(row)
        self._column.removeWidget(row)
        del self._rows[index], self._others[index]
        row.hide()
        row.deleteLater()
        self._count()
        (self._rows[index - 1].model if self._rows else self.add_button).setFocus()


_SHOWN = ("model", "parameters")


def _written(parameters: Mapping[str, JsonValue]) -> str:
    """Format parameters so that `typed_parameters` can parse them."""
    return ", ".join(f"{name}={_value(value)}" for name, value in parameters.items())


def _value(value: JsonValue) -> str:
    is_plain = isinstance(value, str) and not _SIGNS.intersection(value)
    return str(value) if is_plain else msgspec.json.encode(value).decode()


_SIGNS = frozenset(',"[]{}')


def typed_parameters(text: str) -> list[str]:
    """Split a text into parameters at commas that are not inside strings or lists."""
    parts, depth, is_quoted, is_escaped = [""], 0, False, False
    for sign in text:
        if sign == '"' and not is_escaped:
            is_quoted = not is_quoted
        elif not is_quoted:
            depth += (sign in "[{") - (sign in "]}")
        is_escaped = sign == "\\" and not is_escaped
        if sign == "," and not is_quoted and depth <= 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [each.strip() for each in parts if each.strip()]


_HEIGHT = 84


class PromptEditors(QWidget):
    """Text fields for prompts, at least one; empty ones are ignored."""

    changed = Signal()
    """Emitted when a prompt changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields: list[TextField] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(6)
        more = button(tr("+ Prompt"))
        more.clicked.connect(self._add_another)
        line = QHBoxLayout()
        line.addWidget(more)
        line.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(self._column)
        whole.addLayout(line)
        self._add("")

    def prompts(self) -> list[str]:
        """Return the typed prompts in order of the fields."""
        return [text for each in self._fields if (text := each.toPlainText()).strip()]

    def show_prompts(self, prompts: Sequence[str]) -> None:
        """Replace the fields by one for each prompt."""
        while self._fields:
            gone = self._fields.pop()
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for each in prompts or [""]:
            self._add(each)
        self.changed.emit()

    @Slot()
    def _add_another(self) -> None:
        self._add("").setFocus()

    def _add(self, text: str) -> TextField:
        field = TextField(text, self)
        field.setAccessibleName(tr("Prompt {number}", number=len(self._fields) + 1))
        field.setPlaceholderText(tr("Reply to this customer: {{mail}}"))
        field.setProperty("role", "prose")
        field.setTabChangesFocus(True)
        field.setFixedHeight(_HEIGHT)
        field.textChanged.connect(self.changed)
        self._fields.append(field)
        self._column.addWidget(field)
        return field


SCHEMA = "paragone-suite/1"
_MOST_REPEATS, _MOST_CAP, _MOST_CSV = 100, 10_000.0, 32 << 20
_WIDEST = 860


class SuiteForm(QWidget):
    """Form for a suite. `data` returns the suite; `go_on` is emitted when the user continues."""

    go_on = Signal()
    text_wanted = Signal()
    """Emitted when the user wants to edit the suite as text."""
    left = Signal()

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("New run"))
        self._tasks = tasks
        self._others: dict[str, JsonValue] = {}
        self._limits: dict[str, JsonValue] = {}
        self.is_begun = False
        """Whether something stands here that no run was made of yet."""
        self._area, self._content = QScrollArea(self), QWidget()
        self._lay_out()
        self.name = QLineEdit()
        self.system = TextField(parent=self._content)
        self.prompts = PromptEditors(self._content)
        self.cases = CaseGrid(self._content)
        self.contenders = ContenderRows(self._content)
        self.graders = GraderRows(self._content)
        self.tools = SuiteTools(self._content)
        self.repeats = NumberBox(1, _MOST_REPEATS)
        self.capped = TickBox(tr("Cost cap"))
        self.cap = NumberBox(0, _MOST_CAP, decimals=2, unit="USD")
        self._said = Paragraph("", "warn")
        self._csv = button(tr("Import CSV…"))
        self._text = button(tr("Edit as text…"))
        self._go_on = button(tr("Next"), "primary")
        self._close = button(tr("Cancel"), "quiet")
        self._clear = button(tr("Clear"), "quiet")
        self._build()
        self._connect()

    def offer(self, models: Sequence[str]) -> None:
        """Set the models that are offered as contenders and judges."""
        self.contenders.offer(models)
        self.graders.offer(models)

    def show_data(self, data: Mapping[str, JsonValue]) -> None:
        """Show a suite. Parts that have no field are preserved."""
        self._said.hide()
        self.is_begun = True
        self._others = {name: value for name, value in data.items() if name not in _FIELDS}
        self.name.setText(str(data.get("name") or ""))
        self.system.setPlainText(str(data.get("system") or ""))
        prompts = data.get("prompts")
        self.prompts.show_prompts([str(each) for each in prompts] if isinstance(prompts, list) else [""])
        cases = data.get("cases")
        case_fields = [each for each in cases if isinstance(each, dict)] if isinstance(cases, list) else []
        self.cases.show_rows(
            [_row(each) for each in case_fields], self._variables(), [_unshown(each) for each in case_fields]
        )
        contenders = data.get("contenders")
        self.contenders.show_contenders(
            [_contender(each) for each in contenders] if isinstance(contenders, list) else []
        )
        graders = data.get("graders")
        self.graders.show_graders(graders if isinstance(graders, list) else [])
        if not data:
            self.graders.expect()  # what stands in the column of what is expected is looked for
        self.tools.show_data(data.get("tools"))
        repeats = data.get("repeats")
        self.repeats.setValue(repeats if isinstance(repeats, int) else 1)
        limits = data.get("limits")
        self._limits = dict(limits) if isinstance(limits, dict) else {}
        cap = self._limits.pop("cost_usd", None)
        self.capped.setChecked(isinstance(cap, (int, float)))
        self.cap.setValue(cap if isinstance(cap, (int, float)) else 1.0)
        self.cap.setEnabled(self.capped.isChecked())

    def data(self) -> dict[str, JsonValue]:
        """Return the suite in the structure of a suite file.

        Raises:
            UsageError: If prompts or contenders are missing, or a parameter is invalid.
        """
        prompts = self.prompts.prompts()
        if not prompts:
            raise UsageError(phrase("There are no prompts yet."))
        rows = zip(self.cases.rows(), self.cases.unshown(), strict=True)
        cases: list[JsonValue] = [_case(row, unshown) for row, unshown in rows] or [{}]
        contenders = self.contenders.contenders()
        if not contenders:
            raise UsageError(phrase("There are no contenders yet."))
        suite: dict[str, JsonValue] = {
            "schema": SCHEMA,
            "name": self.name.text().strip() or tr("Suite"),
            **self._others,
            "prompts": list[JsonValue](prompts),
            "contenders": contenders,
            "cases": cases,
            "repeats": round(self.repeats.value()),
        }
        if system := self.system.toPlainText().strip():
            suite["system"] = system
        if graders := self.graders.graders(expected=any(row.get(EXPECTED) for row in self.cases.rows())):
            suite["graders"] = graders
        if tools := self.tools.data():
            suite["tools"] = tools
        capped: dict[str, JsonValue] = {"cost_usd": self.cap.value()} if self.capped.isChecked() else {}
        if limits := {**capped, **self._limits}:
            suite["limits"] = limits
        return suite

    def focus(self) -> None:
        """Focus the first field."""
        self.name.setFocus()

    @Slot(str)
    def say(self, problem: str) -> None:
        """Show an error above the form."""
        self._said.setText(problem)
        self._said.setVisible(bool(problem))

    def fail(self, error: ParagoneError) -> None:
        """Show the message and the hint of an error."""
        self.say(strings.sentence(error))

    def _variables(self) -> list[str]:
        names = [name for each in self.prompts.prompts() for name in names_in(each)]
        return [*dict.fromkeys(names)]

    @Slot()
    def _columns(self) -> None:
        """Update the columns of the cases to the variables in the prompts."""
        wanted = [*self._variables(), EXPECTED, TAGS]
        if wanted != list(self.cases.columns):
            self.cases.want(wanted)

    @Slot()
    def _ask_for_csv(self) -> None:
        dialog = QFileDialog(self, tr("Import cases from CSV"), "", tr("Tables (*.csv *.tsv *.txt)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.bring)
        dialog.open()

    @Slot(str)
    def bring(self, file: str) -> None:
        """Append the cases of a CSV file."""
        self._tasks.start(self._bring(Path(file)), name="runs.csv", failed=self.fail)

    async def _bring(self, file: Path) -> None:
        rows, unshown = await asyncio.to_thread(_table_of, file)
        self.cases.bring(rows, unshown)
        self.say("")
        if any(row.get(EXPECTED, "").strip() for row in rows):
            self.graders.expect()
        self._cases_said.setText(trn("{n} case added.", "{n} cases added.", len(rows)))

    def _build(self) -> None:
        self._said.hide()
        self._cases_said = label("", "muted")
        self.name.setAccessibleName(tr("Suite name"))
        self.name.setPlaceholderText(tr("Support replies"))
        self.system.setAccessibleName(tr("System prompt"))
        self.system.setProperty("role", "prose")
        self.system.setTabChangesFocus(True)
        self.system.setFixedHeight(64)
        self.repeats.setAccessibleName(tr("Number of repeats per case"))
        self.repeats.setFixedWidth(90)
        self.cap.setAccessibleName(tr("Cap"))
        self.cap.setFixedWidth(140)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._fill(column)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._area, 1)
        whole.addWidget(hairline())
        whole.addLayout(self._bottom())

    def _lay_out(self) -> None:
        """Create the widgets inside the scroll area, because moving them there later is slow."""
        inner = QWidget()
        inner.setProperty("role", "canvas")
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(inner)
        self._content.setMaximumWidth(_WIDEST)
        outer = QVBoxLayout(inner)
        outer.setContentsMargins(24, 16, 24, 24)
        outer.addWidget(self._content)
        outer.addStretch(1)

    def _fill(self, column: QVBoxLayout) -> None:
        about = Paragraph(
            tr(
                "A prompt can contain variables such as {{mail}}; each case provides their values. Every "
                "contender receives every prompt for every case."
            ),
            "muted",
        )
        for title, field in (
            (tr("Name"), self.name),
            (tr("Prompts"), self.prompts),
            ("", about),
            (tr("System prompt"), self.system),
        ):
            if title:
                column.addWidget(label(title, "strong"))
            column.addWidget(field)
        line = QHBoxLayout()
        line.addWidget(label(tr("Cases"), "strong"))
        line.addWidget(self._cases_said)
        line.addStretch(1)
        line.addWidget(self._csv)
        column.addLayout(line)
        column.addWidget(self.cases)
        column.addWidget(label(tr("Contenders"), "strong"))
        column.addWidget(self.contenders)
        column.addWidget(label(tr("A response passes if it"), "strong"))
        column.addWidget(self.graders)
        column.addWidget(self.tools)
        ends = QHBoxLayout()
        ends.setSpacing(8)
        ends.addWidget(label(tr("Run each case")))
        ends.addWidget(self.repeats)
        ends.addWidget(label(tr("times")))
        ends.addStretch(1)
        column.addSpacing(4)
        column.addLayout(ends)
        caps = QHBoxLayout()
        caps.setSpacing(8)
        caps.addWidget(self.capped)
        caps.addWidget(self.cap)
        caps.addStretch(1)
        column.addLayout(caps)

    def _bottom(self) -> QVBoxLayout:
        bottom = QVBoxLayout()
        bottom.setContentsMargins(24, 10, 24, 10)
        bottom.addWidget(self._said)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._close)
        line.addWidget(self._clear)
        line.addStretch(1)
        line.addWidget(self._text)
        line.addWidget(self._go_on)
        bottom.addLayout(line)
        return bottom

    def _connect(self) -> None:
        self.prompts.changed.connect(self._columns)
        self._csv.clicked.connect(self._ask_for_csv)
        self._go_on.clicked.connect(self.go_on)
        self._text.clicked.connect(self.text_wanted)
        self._close.clicked.connect(self.left)
        self._clear.clicked.connect(lambda: self.show_data({}))
        self.capped.toggled.connect(self.cap.setEnabled)


_FIELDS = ("schema", "name", "system", "prompts", "cases", "contenders", "graders", "repeats", "limits", "tools")


def _case(row: Mapping[str, str], unshown: Mapping[str, JsonValue]) -> JsonValue:
    tags = [each.strip() for each in row.get(TAGS, "").split(",") if each.strip()]
    variables: dict[str, JsonValue] = {
        name: value for name, value in row.items() if name != TAGS and (value or name != EXPECTED)
    }
    return {"vars": variables, **({"tags": list[JsonValue](tags)} if tags else {}), **unshown}


def _unshown(case: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the fields of a case that have no column."""
    return {name: value for name, value in case.items() if name not in ("vars", "tags")}


def _contender(told: JsonValue) -> dict[str, JsonValue]:
    return told if isinstance(told, dict) else {"model": told}


def _row(case: Mapping[str, JsonValue]) -> dict[str, str]:
    variables, tags = case.get("vars"), case.get("tags")
    row = {name: str(value) for name, value in variables.items()} if isinstance(variables, dict) else {}
    if isinstance(tags, list) and tags:
        row[TAGS] = ", ".join(map(str, tags))
    return row


def _text_of(file: Path) -> str:
    """Return the text of a CSV file.

    Raises:
        UsageError: If the file is too large or cannot be read as text.
    """
    try:
        with file.open("rb") as opened:
            data = opened.read(_MOST_CSV + 1)
    except OSError as error:
        raise UsageError(
            phrase("{file} could not be read: {reason}.", file=file.name, reason=error.strerror)
        ) from error
    if len(data) > _MOST_CSV:
        raise UsageError(phrase("{file} is larger than {n} MB.", file=file.name, n=_MOST_CSV >> 20))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _table_of(file: Path) -> tuple[list[dict[str, str]], list[dict[str, JsonValue]]]:
    """Return the cases of a CSV file, and for each case the fields that have no column.

    Raises:
        UsageError: If the file cannot be read or its table is invalid.
    """
    from desktop.evals.suites.cases_csv import lines_of_table
    from desktop.evals.suites.suite_yaml import grader_json

    lines = lines_of_table(_text_of(file), file.name)
    rows = [{**line.vars, **({TAGS: ", ".join(line.tags)} if line.tags else {})} for line in lines]
    unshown: list[dict[str, JsonValue]] = []
    for line in lines:
        fields: dict[str, JsonValue] = {
            "graders": [grader_json(each) for each in line.graders],
            "cluster": line.cluster,
            "description": line.description,
            "threshold": line.threshold,
        }
        unshown.append({name: value for name, value in fields.items() if value not in ([], "", None)})
    return rows, unshown
