"""Popover to choose the tools that models are offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.domain.tool_types import BUILT_IN
from ui.base.strings import tr
from ui.tools.tool_text import GROUNDING, one_line
from ui.widgets.buttons import button
from ui.widgets.inline_question import InlineQuestion
from ui.widgets.inputs import TickBox
from ui.widgets.labels import check_quietly, hairline, label
from ui.widgets.paragraph import Paragraph
from ui.widgets.popover import Popover
from ui.widgets.viewport import put_viewport

WEB_SEARCH = ""
"""Name of the provider's web search, which belongs to no server."""

_WIDTH, _TALLEST, _INDENT, _GAP = 400, 300, 24, 6


class OfferedTool(Struct, frozen=True):
    """A row of the popover: a server's name, a note about it, whether it is in use, and why it cannot be."""

    name: str
    note: str
    on: bool
    forbidden: str = ""


class ToolsPopover(Popover):
    """Popover with a check box per server. `toggled` is emitted with the name of a server and its new state."""

    toggled = Signal(str, bool)
    consented = Signal()
    """Emitted when the user accepts what a web search with Bing means."""
    manage_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Tools"), parent)
        self.setFixedWidth(_WIDTH)
        self.boxes: dict[str, TickBox] = {}
        self._control: QWidget | None = None
        self._about = Paragraph("", "muted")
        self._lacks = Paragraph("", "warn")
        self._rows = QScrollArea()
        put_viewport(self._rows)
        self._rows.setFrameShape(QFrame.Shape.NoFrame)
        self._rows.setWidgetResizable(True)
        self._rows.viewport().setAutoFillBackground(False)  # the popover's own colour shows
        self.question = InlineQuestion(tr("Web search"))
        self.manage = button(tr("Manage tools…"), "link")
        self.manage.clicked.connect(self._manage)
        self.column.addWidget(label(tr("Tools"), "title"))
        for each in (self._about, self._lacks, self._rows, self.question, hairline()):
            self.column.addWidget(each)
        line = QHBoxLayout()
        line.addWidget(self.manage)
        line.addStretch(1)
        self.column.addLayout(line)

    def show_tools(self, offered: Sequence[OfferedTool], *, forbidden: str, lacks: str) -> None:
        """Show a row per server. `lacks` is a sentence about models that do not support what is chosen."""
        self.question.clear()
        self._about.setText(forbidden or tr("Offered to the models, starting with the next prompt."))
        self._lacks.setText(lacks)
        self._lacks.setVisible(bool(lacks))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(10)
        self.boxes = {each.name: self._row(column, each, usable=not forbidden) for each in offered}
        column.addStretch(1)
        self._rows.setWidget(content)
        content.setAutoFillBackground(False)  # which being put there has set
        self._fit_rows()

    def open_above(self, control: QWidget) -> None:
        """Open above a control, so that the control and the prompt below it stay visible."""
        self._control = control
        self.open_at(control)
        self.fit()

    def fit(self) -> None:
        """Resize the popover to its content, with its lower edge above the control."""
        self._fit_rows()
        super().fit()
        if self._control is not None and self.isVisible():
            top = self._control.mapTo(self.window(), QPoint()).y()
            self.move(self.x(), max(top - self.height() - _GAP, _GAP))

    def _fit_rows(self) -> None:
        """Give the rows the height they need, which is known only once their style is: when they are visible."""
        content = self._rows.widget()
        column = content.layout() if content is not None else None
        if column is None:
            return
        margins = self.column.contentsMargins()
        tall = column.totalHeightForWidth(_WIDTH - margins.left() - margins.right())
        self._rows.setFixedHeight(min(max(tall, column.totalMinimumSize().height()), _TALLEST))

    def say_lacks(self, lacks: str) -> None:
        """Update the sentence about models that do not support what is chosen."""
        self._lacks.setText(lacks)
        self._lacks.setVisible(bool(lacks))
        self.fit()

    def show_state(self, on: Mapping[str, bool]) -> None:
        """Check the boxes of what is in use."""
        for name, box in self.boxes.items():
            check_quietly(box, on=on.get(name, False))

    def ask_consent(self, connection: str) -> None:
        """Ask whether a web search with Bing may be used on a connection."""
        self.question.ask(
            tr("Search the web on {connection}?", connection=one_line(connection)),
            [tr(GROUNDING)],
            [
                (tr("Cancel"), "", self._refuse),
                (tr("Allow web search"), "primary", self._consent),
            ],
            no=self._refuse,
        )
        self.fit()

    def _row(self, column: QVBoxLayout, each: OfferedTool, *, usable: bool) -> TickBox:
        names = {BUILT_IN: tr("Paragone"), WEB_SEARCH: tr("Web search by the provider")}
        box = TickBox(names.get(each.name) or one_line(each.name).replace("&", "&&"), names.get(each.name, each.name))
        check_quietly(box, on=each.on)
        box.setEnabled(usable and (not each.forbidden or each.on))
        box.toggled.connect(partial(self.toggled.emit, each.name))
        note = Paragraph(each.forbidden or each.note, "muted")
        note.setContentsMargins(_INDENT, 0, 0, 0)
        box.setAccessibleDescription(note.text())
        pair = QVBoxLayout()
        pair.setSpacing(1)
        pair.addWidget(box)
        pair.addWidget(note)
        column.addLayout(pair)
        return box

    @Slot()
    def _manage(self) -> None:
        self.hide()
        self.manage_wanted.emit()

    def _consent(self) -> None:
        self.question.clear()
        self.fit()
        self.consented.emit()

    def _refuse(self) -> None:
        self.question.clear()
        self.fit()
        self.boxes[WEB_SEARCH].setFocus()
