"""Card of a tool server's question: a form with the fields of its schema, or an address that it wants to be opened."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.domain.conversation_types import JsonValue
from desktop.text.phrases import bounded
from desktop.tools.approvals import Question
from desktop.tools.host.host_wire import ElicitAction, ElicitationAnswer
from ui.base.link_opener import LinkTarget, breaking, open_target, target_of
from ui.base.strings import tr, trn
from ui.tools.approval_card import WaitingCard
from ui.tools.tool_text import description, one_line, visible
from ui.transcript.link_question import FORBIDDEN
from ui.widgets.buttons import button
from ui.widgets.inputs import ChoiceBox, TickBox
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph

_MOST_FIELDS, _MOST_CHOICES = 30, 200
_LONGEST_ANSWER = 10_000

Reader = Callable[[], JsonValue]
"""Returns the value of a field; None if it is empty. Raises ValueError with a sentence if it is invalid."""


class QuestionCard(WaitingCard):
    """Card of a question. `answered` carries the ElicitationAnswer."""

    answered = Signal(object)

    def __init__(self, question: Question) -> None:
        asked = question.elicitation
        self._server = one_line(asked.server)
        super().__init__(tr("Question from {server}", server=self._server))
        self.question = question
        self._readers: dict[str, Reader] = {}
        self._required: set[str] = set()
        self._problem = label("", "problem")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._target: LinkTarget | None = target_of(asked.url) if asked.url else None
        self.accept = button(tr("&Accept"), "primary", tr("Accept"), by_enter=True)
        self.decline = button(tr("&Decline"), "danger", tr("Decline"), by_enter=True)
        self._first: QWidget = self.decline
        self.column.addWidget(label(tr("{server} asks:", server=self._server), "strong"))
        self.column.addWidget(Paragraph(description(asked.message)))
        if asked.url:
            self._lay_out_address(asked.url)
        else:
            self._lay_out_form(asked.schema)
        self.column.addWidget(self._problem)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.accept)
        row.addWidget(self.decline)
        row.addStretch(1)
        self.column.addLayout(row)
        self.accept.clicked.connect(self._accept)
        self.decline.clicked.connect(self._decline)

    @property
    def first(self) -> QWidget:
        """The first field, or the button that declines."""
        return self._first

    @property
    def problem(self) -> str:
        """Why the answer cannot be sent."""
        return self._problem.text()

    def _lay_out_address(self, url: str) -> None:
        target = self._target
        shown = target.url if target is not None else visible(url)
        address = Paragraph(breaking(bounded(shown)), "muted")
        if target is None:
            self.column.addWidget(address)
            self.column.addWidget(Paragraph(tr("Paragone does not open addresses of this kind."), "warn"))
            self.accept.hide()
            return
        said = tr("The server wants you to open {host} in the browser.", host=target.host)
        self.column.addWidget(Paragraph(breaking(said)))
        self.column.addWidget(address)
        for doubt in target.doubts:
            self.column.addWidget(Paragraph(breaking(doubt), "warn"))
        self.accept.setText(tr("&Open in browser"))
        self.accept.setAccessibleName(tr("Open {host} in the browser", host=target.host))

    def _lay_out_form(self, schema: str) -> None:
        said = tr("The answer is sent to this server. Do not enter passwords or keys.")
        self.column.addWidget(Paragraph(said, "muted"))
        fields, self._required = _fields(schema)
        for place, (name, each) in enumerate(fields.items()):
            control, self._readers[name] = _control(name, each)
            if place == 0:
                self._first = control
            caption = _title(name, each)
            if not isinstance(control, TickBox):
                shown = label(tr("{field} (required)", field=caption) if name in self._required else caption, "caption")
                shown.setBuddy(control)
                self.column.addWidget(shown)
            self.column.addWidget(control)
            if told := description(str(each.get("description") or ""))[:300]:
                self.column.addWidget(Paragraph(told, "muted"))

    def _accept(self) -> None:
        if not self.is_ready:
            return
        if self._target is not None:
            if forbidden := self.window().property(FORBIDDEN):
                self._say(str(forbidden))
                return
            open_target(self._target)
            self.answered.emit(ElicitationAnswer(action=ElicitAction.ACCEPT))
            return
        values: dict[str, JsonValue] = {}
        for name, read in self._readers.items():
            try:
                value = read()
            except ValueError as error:
                self._say(str(error))
                return
            if value is not None:
                values[name] = value
            elif name in self._required:
                self._say(tr("Enter a value for {field}.", field=one_line(name)))
                return
        self.answered.emit(ElicitationAnswer(action=ElicitAction.ACCEPT, content=json.dumps(values)))

    def _decline(self) -> None:
        if self.is_ready:
            self.answered.emit(ElicitationAnswer(action=ElicitAction.DECLINE))

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))


def _fields(schema: str) -> tuple[dict[str, Mapping[str, object]], set[str]]:
    """Return the properties of an untrusted schema, and the names of those that are required."""
    try:
        value: object = json.loads(schema or "{}")
    except (ValueError, RecursionError):
        value = {}
    whole = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    listed = whole.get("properties")
    properties = cast("dict[str, object]", listed) if isinstance(listed, dict) else {}
    fields: dict[str, Mapping[str, object]] = {}
    for name, each in [*properties.items()][:_MOST_FIELDS]:
        fields[name] = cast("dict[str, object]", each) if isinstance(each, dict) else {}
    required = whole.get("required")
    named = cast("list[object]", required) if isinstance(required, list) else []
    return fields, {str(each) for each in named} & fields.keys()


def _title(name: str, field: Mapping[str, object]) -> str:
    return one_line(str(field.get("title") or name))


def _control(name: str, field: Mapping[str, object]) -> tuple[QWidget, Reader]:
    """Return the control for a field of a schema, and the function that reads it."""
    title, default, kind = _title(name, field), field.get("default"), field.get("type")
    if kind == "boolean":
        box = TickBox(title.replace("&", "&&"), title)
        box.setChecked(default is True)
        return box, box.isChecked
    items = field.get("items")
    if kind == "array" and isinstance(items, dict) and (several := _choices(cast("dict[str, object]", items))):
        return _choice_boxes(title, several, field)
    choices = _choices(field)
    if choices:
        return _choice_box(title, choices, default)
    line = QLineEdit(str(default) if isinstance(default, (str, int, float)) else "")
    line.setAccessibleName(title)
    line.setMaxLength(_LONGEST_ANSWER)
    if kind in ("number", "integer"):
        return line, lambda: _number(line.text().strip(), title, whole=kind == "integer")
    return line, lambda: line.text() or None


def _choices(field: Mapping[str, object]) -> dict[str, str]:
    """Return the values of an enumeration with their titles."""
    listed, named = field.get("enum"), field.get("enumNames")
    if isinstance(listed, list):
        values = [str(each) for each in cast("list[object]", listed)][:_MOST_CHOICES]
        titles = [str(each) for each in cast("list[object]", named)] if isinstance(named, list) else values
        return dict(zip(values, titles if len(titles) >= len(values) else values, strict=False))
    found: dict[str, str] = {}
    options = field.get("oneOf", field.get("anyOf"))
    for each in cast("list[object]", options)[:_MOST_CHOICES] if isinstance(options, list) else []:
        if isinstance(each, dict):
            option = cast("dict[str, object]", each)
            found[str(option.get("const"))] = str(option.get("title") or option.get("const"))
    return found


def _choice_box(title: str, choices: Mapping[str, str], default: object) -> tuple[QWidget, Reader]:
    box: QComboBox = ChoiceBox(title)
    values = [*choices]
    box.addItems([one_line(choices[each]) for each in values])
    box.setCurrentIndex(values.index(default) if isinstance(default, str) and default in values else -1)
    return box, lambda: values[box.currentIndex()] if box.currentIndex() >= 0 else None


def _choice_boxes(title: str, choices: Mapping[str, str], field: Mapping[str, object]) -> tuple[QWidget, Reader]:
    """Return a check box for each value of which several can be chosen."""
    default = field.get("default")
    chosen = cast("list[object]", default) if isinstance(default, list) else []
    group = QWidget()
    group.setAccessibleName(title)
    column = QVBoxLayout(group)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    boxes: dict[str, TickBox] = {}
    for value, shown in choices.items():
        box = boxes[value] = TickBox(
            one_line(shown).replace("&", "&&"), tr("{field}: {choice}", field=title, choice=one_line(shown))
        )
        box.setChecked(value in chosen)
        column.addWidget(box)
    if boxes:
        group.setFocusProxy(next(iter(boxes.values())))
    return group, lambda: _several([value for value, box in boxes.items() if box.isChecked()], title, field)


def _several(values: list[str], title: str, field: Mapping[str, object]) -> JsonValue:
    """Return the chosen values, or None if there are none. Raises ValueError if there are too few or too many."""
    least, most = field.get("minItems"), field.get("maxItems")
    if values and isinstance(least, int) and len(values) < least:
        raise ValueError(trn("{field}: choose at least {n}.", "{field}: choose at least {n}.", least, field=title))
    if isinstance(most, int) and len(values) > most:
        raise ValueError(trn("{field}: choose at most {n}.", "{field}: choose at most {n}.", most, field=title))
    return [*values] or None


def _number(text: str, title: str, *, whole: bool) -> JsonValue:
    """Return the number in a text, or None if it is empty. Raises ValueError with a sentence for the user."""
    if not text:
        return None
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        raise ValueError(tr("{field} must be a number.", field=title)) from None
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(tr("{field} must be a number.", field=title))
    return value
