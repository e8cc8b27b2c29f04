"""Tools of a suite: the servers it uses, how they are called, and what is allowed before a run starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain.conversation_types import JsonValue, now
from desktop.domain.suite_cells import RunRecord
from ui.base import strings
from ui.base.strings import tr
from ui.widgets.inputs import ChoiceBox, TickBox
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph
from ui.widgets.wrapping_layout import WrapLayout

if TYPE_CHECKING:
    from desktop.evals.execution.tool_outlook import ToolOutlook

_LONGEST_NAME = 60


class SuiteTools(QWidget):
    """Check boxes of the tool servers that a suite can use. Hidden if there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered: tuple[str, ...] = ()
        self._boxes: dict[str, TickBox] = {}
        self.recorded = TickBox(tr("Call each tool once per case and reuse its results"))
        self._servers = QWidget(self)
        self._row = WrapLayout(self._servers)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label(tr("Tools"), "strong"))
        column.addWidget(self._servers)
        column.addWidget(self.recorded)
        self._update()

    def offer(self, servers: Sequence[str]) -> None:
        """Set the servers that exist."""
        self._offered = tuple(servers)
        self.show_data(self.data())

    def show_data(self, tools: JsonValue) -> None:
        """Show the field `tools` of a suite: a name, a list, or a table."""
        table = tools if isinstance(tools, dict) else {"servers": tools}
        servers = table.get("servers")
        chosen = [str(each) for each in servers] if isinstance(servers, list) else [str(servers)] if servers else []
        for box in self._boxes.values():
            self._row.removeWidget(box)
            box.hide()
            box.deleteLater()
        self._boxes = {name: self._box(name, on=name in chosen) for name in dict.fromkeys((*self._offered, *chosen))}
        self.recorded.setChecked(table.get("mode") == "recorded")
        self._update()

    def data(self) -> JsonValue:
        """Return the field `tools`; None if no server is chosen."""
        servers: list[JsonValue] = [name for name, box in self._boxes.items() if box.isChecked()]
        if not servers:
            return None
        return {"servers": servers, "mode": "recorded"} if self.recorded.isChecked() else servers

    def _box(self, name: str, *, on: bool) -> TickBox:
        shown = " ".join(name.split())[:_LONGEST_NAME]
        box = TickBox(tr("Paragone") if name == "paragone" else shown.replace("&", "&&"), shown, self._servers)
        box.setChecked(on)
        box.toggled.connect(self._update)
        self._row.addWidget(box)
        box.show()
        return box

    @Slot()
    def _update(self) -> None:
        self.setVisible(bool(self._boxes))
        self.recorded.setVisible(any(box.isChecked() for box in self._boxes.values()))


class ToolStart(QWidget):
    """What a run does with tools: which calls will be denied, a box that allows them, and whose results are used."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live: ToolOutlook | None = None
        self._closed: ToolOutlook | None = None
        self._runs: list[str] = []
        self._said = Paragraph("", "warn")
        self.allowing = TickBox(tr("Allow these tools during this run"))
        self._source_title = label(tr("Tool results"))
        self.source = ChoiceBox(tr("Tool results"), self)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._source_title)
        line.addWidget(self.source)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self._said)
        column.addWidget(self.allowing)
        self.source.currentIndexChanged.connect(self._update)
        self.hide()

    @property
    def tools_from(self) -> str:
        """ID of the run whose results are used; empty if tools are called."""
        at = self.source.currentIndex() - 1
        return self._runs[at] if 0 <= at < len(self._runs) else ""

    @property
    def allowed(self) -> frozenset[str]:
        """Tools and servers that the user allows for the run."""
        if self._live is None or self.tools_from or not self.allowing.isChecked():
            return frozenset()
        return frozenset((*self._live.denied, *self._live.unseen))

    @property
    def outlook(self) -> ToolOutlook | None:
        """What is known about the tools, with the chosen results."""
        return self._closed if self.tools_from else self._live

    def show_tools(self, live: ToolOutlook | None, closed: ToolOutlook | None, runs: Sequence[RunRecord]) -> None:
        """Show the tools of a suite; None hides everything. `runs` are earlier runs whose results can be used."""
        self._live, self._closed = live, closed
        self._runs = [each.id for each in runs]
        self.source.clear()
        self.source.addItem(tr("Call tools"))
        self.source.addItems(
            [
                tr("Results of the run from {date}", date=strings.when(each.created_at, now().astimezone()))
                for each in runs
            ]
        )
        self.source.fit()
        for each in (self._source_title, self.source):
            each.setVisible(bool(runs))
        self.allowing.setChecked(False)
        self.setVisible(live is not None)
        self._update()

    @Slot()
    def _update(self) -> None:
        if self.outlook is None or self._live is None:
            return
        from desktop.evals.execution.tool_outlook import outlook_sentences

        said = [tr(each) for each in outlook_sentences(self.outlook)]
        self._said.setText("\n".join(said))
        self._said.setVisible(bool(said))
        self.allowing.setVisible(not self.tools_from and bool(self._live.denied or self._live.unseen))
