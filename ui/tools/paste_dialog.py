"""Dialog that adds tool servers from the configuration of another program, shown in full before it is saved."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QFrame, QVBoxLayout, QWidget

from desktop.errors import ParagoneError, UsageError
from desktop.services import Services
from desktop.tools.server_changes import keep_server
from desktop.tools.server_import import ImportedServer, imported_servers
from ui.base.strings import sentence, tr, trn
from ui.base.tasks import Tasks
from ui.tools.tool_text import one_line, source_text, visible
from ui.widgets.buttons import button
from ui.widgets.dialog_body import DialogBody
from ui.widgets.inputs import TickBox
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph
from ui.widgets.text_field import TextField

_WIDTH = 600
_SOON_MS = 250
_MOST_SHOWN = 50


class PasteDialog(QDialog):
    """Dialog with a text field and a preview; open it with `open()`. `saved` is emitted once servers were added."""

    saved = Signal()

    def __init__(self, services: Services, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._over = False
        title = tr("Paste configuration")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setFixedWidth(_WIDTH)
        self.body = DialogBody(self)
        self.text = TextField()
        self.text.setProperty("role", "prose")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(tr("Configuration"))
        self.text.setPlaceholderText('{"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}')
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(130)
        self._said = Paragraph("", "problem")
        self._said.hide()
        self._preview = QWidget()
        self._list = QVBoxLayout(self._preview)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(8)
        self.chosen: list[tuple[TickBox, ImportedServer]] = []
        self._cancel = button(tr("Cancel"))
        self.go = button(tr("Add"), "primary")
        self.go.setEnabled(False)
        column = self.body.column
        column.addWidget(label(title, "heading"))
        column.addSpacing(4)
        about = tr("Paste the “mcpServers” block from a server's documentation. Nothing is started.")
        column.addWidget(Paragraph(about, "muted"))
        column.addSpacing(14)
        column.addWidget(self.text)
        column.addSpacing(12)
        column.addWidget(self._said)
        column.addWidget(self._preview)
        column.addStretch(1)
        self.body.buttons.addStretch(1)
        self.body.buttons.addWidget(self._cancel)
        self.body.buttons.addWidget(self.go)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._read)
        self.text.textChanged.connect(self._soon.start)
        self._cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self._add)
        self.text.setFocus()
        self.body.fit_soon()

    @property
    def said(self) -> str:
        """Why the text cannot be read, or why servers were not added."""
        return self._said.text()

    def done(self, result: int) -> None:
        """Close the dialog."""
        self._over = True
        super().done(result)

    @Slot()
    def _read(self) -> None:
        text = self.text.toPlainText()
        found: tuple[ImportedServer, ...] = ()
        problem = ""
        try:
            found = imported_servers(text) if text.strip() else ()
        except UsageError as error:
            problem = sentence(error)
        self._say(problem)
        while self._list.count():
            item = self._list.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.chosen = []
        for each in found[:_MOST_SHOWN]:
            self._list.addWidget(self._card(each))
        self._count()
        self.body.fit_soon()

    def _card(self, each: ImportedServer) -> QWidget:
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        name = one_line(each.server.name)
        box = TickBox(name.replace("&", "&&"), name)
        box.setChecked(each.problem is None)
        box.setEnabled(each.problem is None)
        box.toggled.connect(self._count)
        self.chosen.append((box, each))
        column.addWidget(box)
        column.addWidget(Paragraph(source_text(each.server)))
        if each.server.folder:
            column.addWidget(Paragraph(tr("Working folder: {folder}", folder=visible(each.server.folder)), "muted"))
        for template, names in ((tr("Environment: {names}"), each.env), (tr("Headers: {names}"), each.headers)):
            if names:
                listed = template.format(names=", ".join(one_line(name) for name in names))
                column.addWidget(Paragraph(f"{listed}. {tr('Values are stored in the keyring.')}", "muted"))
        for notice in each.notices:
            column.addWidget(Paragraph(tr(notice), "warn"))
        if each.problem is not None:
            column.addWidget(Paragraph(tr(each.problem), "problem"))
        return card

    @property
    def _wanted(self) -> list[ImportedServer]:
        return [each for box, each in self.chosen if box.isChecked()]

    @Slot()
    def _count(self) -> None:
        number = len(self._wanted)
        self.go.setText(trn("Add {n} server", "Add {n} servers", number) if number else tr("Add"))
        self.go.setEnabled(number > 0)

    @Slot()
    def _add(self) -> None:
        self.go.setEnabled(False)
        self._tasks.start(self._keep(), name="tools.import", failed=self._say_error)

    async def _keep(self) -> None:
        """Save the chosen servers one after the other. Those that cannot be saved stay with the reason."""
        failed: list[str] = []
        for box, each in [pair for pair in self.chosen if pair[0].isChecked()]:
            try:
                await keep_server(self._services.tools, each.server, {**each.env, **each.headers})
            except ParagoneError as error:
                failed.append(sentence(error))
            else:
                box.setChecked(False)
                self.saved.emit()
        if self._over:
            return
        if failed:
            self._say("\n".join(dict.fromkeys(failed)))
            self._count()
            self.body.follow_soon()
        else:
            self.accept()

    def _say_error(self, error: ParagoneError) -> None:
        self._say(sentence(error))

    def _say(self, problem: str) -> None:
        self._said.setText(problem)
        self._said.setVisible(bool(problem))
