"""Dialog that adds or changes a tool server: a command or an address, in full before anything starts."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from desktop.domain.tool_types import ToolAuth, ToolServer
from desktop.errors import ParagoneError, UsageError
from desktop.services import Services
from desktop.text.phrases import phrase
from desktop.tools.server_changes import keep_server
from desktop.tools.server_file import header_problem, require_server
from desktop.tools.server_secrets import KEY
from ui.base.strings import sentence, tr
from ui.base.tasks import Tasks
from ui.tools.command_line import joined_command, split_command
from ui.tools.tool_text import visible
from ui.tools.variable_rows import VariableRows, header_words, variable_words
from ui.widgets.buttons import button
from ui.widgets.dialog_body import DialogBody
from ui.widgets.inputs import Segments
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph

_WIDTH = 560
_ADDRESS = 1
_AUTHS = (ToolAuth.NONE, ToolAuth.KEY, ToolAuth.OAUTH)


class ServerDialog(QDialog):
    """Dialog for one server; open it with `open()`. It is emitted as `saved` once it is stored."""

    saved = Signal(str, object)
    """Emitted with the server's name and the KeyPlace of its secrets, or None if there are none."""

    def __init__(
        self, services: Services, tasks: Tasks, existing: ToolServer | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._existing = existing
        self._over = False
        title = tr("Edit tool server") if existing else tr("Add tool server")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setFixedWidth(_WIDTH)
        self.body = DialogBody(self)
        self.kind = Segments([tr("Program"), tr("Address")], tr("Server type"))
        self.name = _line(tr("Name"), "time")
        self.command = _line(tr("Command"), "uvx mcp-server-time")
        self.url = _line(tr("Address"), "https://example.com/mcp")
        self.auth = Segments([tr("None"), tr("Key"), tr("Sign-in (OAuth)")], tr("Authentication"))
        self.key = _line(tr("Key"), "")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.folder = _line(tr("Working folder"), tr("Home folder"))
        self.variables = VariableRows(variable_words())
        self.headers = VariableRows(header_words())
        self._how = Paragraph(
            tr("After you save the server, choose Sign in… in the list to open the browser."), "muted"
        )
        self._runs = Paragraph("", "muted")
        self._problem = Paragraph("", "problem")
        self._problem.hide()
        self._key_part = _captioned(tr("Key"), self.key)
        self._program = QWidget()
        self._address = QWidget()
        self._cancel = button(tr("Cancel"))
        self.go = button(tr("Save") if existing else tr("Add server"), "primary")
        self.go.setDefault(True)
        self._lay_out(title)
        if existing is not None:
            self._show(existing)
        self._connect()
        self._edited()
        self.name.setFocus()

    @property
    def problem(self) -> str:
        """Why the server cannot be saved."""
        return self._problem.text()

    @property
    def preview(self) -> str:
        """The complete list of the program and its arguments."""
        return self._runs.text()

    def done(self, result: int) -> None:
        """Close the dialog."""
        self._over = True
        super().done(result)

    def _lay_out(self, title: str) -> None:
        program = QVBoxLayout(self._program)
        program.setContentsMargins(0, 0, 0, 0)
        program.setSpacing(14)
        program.addWidget(_captioned(tr("Command"), self.command, self._runs))
        program.addWidget(_captioned(tr("Environment variables"), self.variables))
        program.addWidget(_captioned(tr("Working folder"), self.folder))
        address = QVBoxLayout(self._address)
        address.setContentsMargins(0, 0, 0, 0)
        address.setSpacing(14)
        address.addWidget(_captioned(tr("Address"), self.url))
        address.addWidget(_captioned(tr("Authentication"), self.auth, self._how))
        address.addWidget(self._key_part)
        address.addWidget(_captioned(tr("HTTP headers"), self.headers))
        column = self.body.column
        column.addWidget(label(title, "heading"))
        column.addSpacing(4)
        said = tr("Nothing starts before you use the server. Secrets go to this computer's keyring, never into a file.")
        column.addWidget(Paragraph(said, "muted"))
        column.addSpacing(16)
        column.addWidget(self.kind)
        column.addSpacing(14)
        column.addWidget(_captioned(tr("Name"), self.name))
        column.addSpacing(14)
        column.addWidget(self._program)
        column.addWidget(self._address)
        column.addSpacing(8)
        column.addWidget(self._problem)
        column.addStretch(1)
        self.body.buttons.addStretch(1)
        self.body.buttons.addWidget(self._cancel)
        self.body.buttons.addWidget(self.go)

    def _show(self, server: ToolServer) -> None:
        self.kind.choose(_ADDRESS if server.url else 0)
        self.name.setText(server.name)
        self.command.setText(joined_command(server.command))
        self.url.setText(server.url)
        self.auth.choose(_AUTHS.index(server.auth))
        if server.auth is ToolAuth.KEY:
            self.key.setPlaceholderText(tr("Leave empty to keep the current value"))
        self.folder.setText(server.folder)
        self.variables.show_variables(server.env, server.secret_env)
        self.headers.show_variables(server.headers, server.secret_headers)

    def _connect(self) -> None:
        for line in (self.name, self.command, self.url, self.key, self.folder):
            line.textEdited.connect(self._edited)
        self.kind.chosen.connect(self._edited)
        self.auth.chosen.connect(self._edited)
        for rows in (self.variables, self.headers):
            rows.edited.connect(self._edited)
            rows.grown.connect(self.body.fit_soon)
        self._cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self._save)

    @Slot()
    def _edited(self) -> None:
        """Show the fields of the chosen type, and the command as it will run."""
        is_address = self.kind.current == _ADDRESS
        self._program.setVisible(not is_address)
        self._address.setVisible(is_address)
        self._key_part.setVisible(self._auth is ToolAuth.KEY)
        self._how.setVisible(self._auth is ToolAuth.OAUTH)
        self._say("")
        try:
            words = split_command(self.command.text())
        except ValueError:
            self._runs.setText(tr("A quotation mark is not closed."))
        else:
            shown = "\n".join(f"{number}. {visible(word)}" for number, word in enumerate(words, 1))
            self._runs.setText(tr("Runs this program with these arguments, without a shell:") + f"\n{shown}")
            self._runs.setVisible(bool(words))
        self.body.fit_soon()

    @property
    def _auth(self) -> ToolAuth:
        return _AUTHS[self.auth.current]

    def _server(self) -> ToolServer:
        """Return the server as typed. Raises UsageError if it is invalid."""
        base = self._existing or ToolServer(name="")
        name = self.name.text().strip()
        if self.kind.current == _ADDRESS:
            secret = (*self.headers.kept_secrets, *self.headers.typed_secrets)
            made = replace(
                base,
                name=name,
                url=self.url.text().strip(),
                auth=self._auth,
                headers=self.headers.plain,
                secret_headers=tuple(sorted(secret)),
                command=(),
                env={},
                secret_env=(),
                folder="",
            )
        else:
            try:
                command = split_command(self.command.text())
            except ValueError:
                raise UsageError(phrase("A quotation mark is not closed.")) from None
            secret = (*self.variables.kept_secrets, *self.variables.typed_secrets)
            made = replace(
                base,
                name=name,
                command=command,
                env=self.variables.plain,
                secret_env=tuple(sorted(secret)),
                folder=self.folder.text().strip(),
                url="",
                auth=ToolAuth.NONE,
                headers={},
                secret_headers=(),
            )
        require_server(made)
        return made

    @Slot()
    def _save(self) -> None:
        try:
            server = self._server()
            typed = self._typed(server)
        except UsageError as error:
            self._say(sentence(error))
            return
        if server.auth is ToolAuth.KEY and self.key.text():
            typed[KEY] = self.key.text().strip()
        self.go.setEnabled(False)
        task = self._tasks.start(self._keep(server, typed), name="tools.save", failed=self._failed)
        task.add_done_callback(lambda _: self._over or self.go.setEnabled(True))

    def _typed(self, server: ToolServer) -> dict[str, str]:
        """Return the typed environment variables or headers that are secret. Raises UsageError if one is invalid."""
        typed = dict(self.variables.typed_secrets if server.command else self.headers.typed_secrets)
        for name, value in typed.items() if server.url else ():
            if (problem := header_problem(name, value)) is not None:
                raise UsageError(problem)
        return typed

    async def _keep(self, server: ToolServer, typed: Mapping[str, str]) -> None:
        desk = self._services.tools
        before = await desk.secrets.values(self._existing) if self._existing is not None else {}
        wanted = (*server.secret_env, *server.secret_headers, *((KEY,) if server.auth is ToolAuth.KEY else ()))
        secrets = {name: typed.get(name, before.get(name, "")) for name in wanted if name in typed or name in before}
        replaced = self._existing.name if self._existing is not None else ""
        place = await keep_server(desk, server, secrets, replaces=replaced)
        self.saved.emit(server.name, place)
        self.accept()

    def _failed(self, error: ParagoneError) -> None:
        if not self._over:
            self._say(sentence(error))

    def _say(self, problem: str) -> None:
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        if problem:
            self.body.follow_soon()


def _line(name: str, placeholder: str) -> QLineEdit:
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setPlaceholderText(placeholder)
    return made


def _captioned(caption: str, *controls: QWidget) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    said = label(caption, "caption")
    said.setBuddy(controls[0])
    said.setAlignment(Qt.AlignmentFlag.AlignLeading)
    column.addWidget(said)
    for each in controls:
        column.addWidget(each)
    return part
