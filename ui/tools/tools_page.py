"""Settings page for tools: servers, their tools and the user's decisions, and the limits of calls."""

from __future__ import annotations

import asyncio
import time
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.credentials.keys import KeyPlace
from desktop.domain.tool_types import ToolServer
from desktop.errors import CredentialError, ParagoneError, PolicyForbids, ToolSignInRequired
from desktop.services import Services
from desktop.settings.option import SettingsPage
from desktop.settings.policy import TOOLS, TOOLS_ALWAYS_ASK
from desktop.tools.consent import Permission
from desktop.tools.host.server_log import log_file
from desktop.tools.server_changes import remove_server, set_rule
from desktop.tools.server_file import ToolSettings
from ui.base.link_opener import open_local
from ui.base.strings import holds_every, sentence, tr, trn
from ui.base.tasks import Tasks
from ui.settings.option_saver import OptionSaver
from ui.settings.options_page import Locked, OptionsPage
from ui.tools.browser_sign_in import sign_in, where_text
from ui.tools.paste_dialog import PasteDialog
from ui.tools.server_dialog import ServerDialog
from ui.tools.server_entry import ServerEntry
from ui.widgets.buttons import button
from ui.widgets.labels import hairline
from ui.widgets.paragraph import Paragraph


class ToolsPage(OptionsPage):
    """Page with the servers above the options."""

    def __init__(self, services: Services, tasks: Tasks, saving: OptionSaver, *, locked: Locked) -> None:
        self._tasks = tasks
        self.entries: dict[str, ServerEntry] = {}
        self._tests: dict[str, asyncio.Task[None]] = {}
        self._sign_ins: dict[str, asyncio.Task[None]] = {}
        self._signed_out: frozenset[str] = frozenset()
        self._servers = QWidget()
        self._server_rows = QVBoxLayout()
        self._server_rows.setContentsMargins(0, 0, 0, 0)
        self._server_rows.setSpacing(0)
        self.add = button(tr("Add server…"), "primary")
        self.paste = button(tr("Paste configuration…"))
        self._said = Paragraph("", "muted")
        self._said.hide()
        super().__init__(SettingsPage.TOOLS, services, saving, locked=locked)
        self._lay_out()
        self.add.clicked.connect(self._add)
        self.paste.clicked.connect(self._paste)
        self.refresh()

    @property
    def said(self) -> str:
        """The last confirmation, error or sentence of a policy."""
        return self._said.text()

    def seek(self, words: list[str]) -> bool:
        """Show everything if the page itself matches, otherwise only the matching rows."""
        whole = holds_every(
            words,
            tr("Tools server MCP add remove test allow deny ask paste configuration mcpServers sign-in OAuth header"),
        )
        found = super().seek([] if whole else words)
        self._servers.setVisible(whole)
        return whole or found

    def refresh(self) -> None:
        """Reload the options and the servers."""
        super().refresh()
        self._obey()
        self._tasks.start(self._load(), name="tools.list", failed=self._say_error)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._servers)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._server_rows)
        column.addSpacing(16)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.add)
        row.addWidget(self.paste)
        row.addStretch(1)
        column.addLayout(row)
        column.addSpacing(8)
        column.addWidget(self._said)
        column.addSpacing(12)
        column.addWidget(hairline())
        first = next(iter(self.rows.values()))
        self.column.insertWidget(self.column.indexOf(first), self._servers)

    def _obey(self) -> None:
        """Disable what adds servers, with the sentence of the policy."""
        try:
            self._services.settings.policy.require(TOOLS)
        except PolicyForbids as error:
            self._say(sentence(error))
            self.add.setEnabled(False)
            self.paste.setEnabled(False)

    async def _load(self) -> None:
        settings = await self._services.tools.load()
        await self._look_for_sign_ins(settings)
        self._show(settings)

    async def _look_for_sign_ins(self, settings: ToolSettings) -> None:
        """Note the servers at which the user must sign in. Only the keyring is asked."""
        missing: set[str] = set()
        for server in settings.servers:
            try:
                if await self._services.tools.needs_sign_in(server):
                    missing.add(server.name)
            except CredentialError as error:
                missing.add(server.name)
                self._say(sentence(error))
        self._signed_out = frozenset(missing)

    def _show(self, settings: ToolSettings) -> None:
        """Show the servers, keeping unchanged entries."""
        wanted = {server.name: server for server in settings.servers}
        for name, entry in [*self.entries.items()]:
            if wanted.get(name) != entry.server:
                self._stop(name)
                self._stop_sign_in(name)
                self._server_rows.removeWidget(entry)
                entry.hide()
                entry.deleteLater()
                del self.entries[name]
        for position, (name, server) in enumerate(wanted.items()):
            if name not in self.entries:
                self.entries[name] = self._entry(server)
                self._server_rows.insertWidget(position, self.entries[name])
            self._show_facts(self.entries[name], settings)

    def _show_facts(self, entry: ServerEntry, settings: ToolSettings) -> None:
        desk, policy = self._services.tools, self._services.settings.policy
        forbidden = ""
        try:
            desk.require(entry.server)
        except PolicyForbids as error:
            forbidden = sentence(error)
        seen = settings.seen.get(entry.server.name)
        denied = [info.tool for info in seen.tools if desk.policy_verdict(info) is Permission.DENY] if seen else []
        asks = tr("Your organization requires your approval before each call.")
        always_asks = f"{asks} {tr(policy.who_says(TOOLS_ALWAYS_ASK))}" if policy.get(TOOLS_ALWAYS_ASK) else ""
        entry.show_facts(
            settings,
            forbidden=forbidden,
            always_asks=always_asks,
            denied=denied,
            needs_sign_in=entry.server.name in self._signed_out,
            only_this_run=desk.secrets.only_this_run(entry.server.name),
        )

    def _entry(self, server: ToolServer) -> ServerEntry:
        entry = ServerEntry(server)
        entry.edit_wanted.connect(self._edit)
        entry.test_wanted.connect(self._test)
        entry.sign_in_wanted.connect(self._sign_in)
        entry.sign_out_wanted.connect(self._sign_out)
        entry.removed.connect(self._remove)
        entry.log_wanted.connect(self._show_log)
        entry.decided.connect(self._decide)
        return entry

    @Slot()
    def _add(self) -> None:
        self._open(None)

    @Slot(object)
    def _edit(self, server: ToolServer) -> None:
        self._open(server)

    def _open(self, server: ToolServer | None) -> None:
        dialog = ServerDialog(self._services, self._tasks, server, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.saved.connect(self._server_saved)
        dialog.open()

    @Slot()
    def _paste(self) -> None:
        dialog = PasteDialog(self._services, self._tasks, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.saved.connect(self.refresh)
        dialog.open()

    @Slot(str, object)
    def _server_saved(self, name: str, place: KeyPlace | None) -> None:
        said = tr("{name} was saved. Choose Test to start it and list its tools.", name=name)
        self._say(" ".join(filter(None, (said, where_text(place)))))
        self.refresh()

    @Slot(object)
    def _sign_in(self, server: ToolServer) -> None:
        name = server.name
        if self._stop_sign_in(name):
            self.entries[name].say(tr("The sign-in was canceled."))
            return
        self.entries[name].show_signing_in(on=True)
        failed = partial(self._test_failed, name)
        task = self._tasks.start(self._run_sign_in(name), name="tools.sign-in", failed=failed)
        task.add_done_callback(partial(self._sign_in_ended, name))
        self._sign_ins[name] = task

    def _stop_sign_in(self, name: str) -> bool:
        """Cancel the sign-in at a server. Returns whether there was one."""
        running = self._sign_ins.pop(name, None)
        if running is None:
            return False
        running.cancel()
        self.entries[name].show_signing_in(on=False)
        return True

    async def _run_sign_in(self, name: str) -> None:
        opened, place = await sign_in(self._services, name, partial(self._say_waiting, name))
        settings = await self._services.tools.load()
        self._signed_out -= {name}
        if name in self.entries:
            entry = self.entries[name]
            self._show_facts(entry, settings)
            said = trn("Signed in. The server has {n} tool.", "Signed in. The server has {n} tools.", len(opened.tools))
            entry.say(" ".join(filter(None, (said, where_text(place)))))

    def _say_waiting(self, name: str, text: str) -> None:
        if name in self.entries:
            self.entries[name].say(text)

    def _sign_in_ended(self, name: str, task: asyncio.Task[None]) -> None:
        if self._sign_ins.get(name) is task:
            del self._sign_ins[name]
            if name in self.entries:
                self.entries[name].show_signing_in(on=False)

    @Slot(object)
    def _sign_out(self, server: ToolServer) -> None:
        self._stop(server.name)
        self._tasks.start(self._run_sign_out(server.name), name="tools.sign-out", failed=self._say_error)

    async def _run_sign_out(self, name: str) -> None:
        await self._services.tools.sign_out(name)
        await self._load()
        if name in self.entries:
            self.entries[name].say(tr("Signed out."))

    @Slot(object)
    def _test(self, server: ToolServer) -> None:
        entry = self.entries[server.name]
        if self._stop(server.name):
            entry.stopped()
            return
        entry.show_testing(on=True)
        failed = partial(self._test_failed, server.name)
        task = self._tasks.start(self._run_test(server.name), name="tools.test", failed=failed)
        task.add_done_callback(partial(self._tested, server.name))
        self._tests[server.name] = task

    def _stop(self, name: str) -> bool:
        """Stop the test of a server. Returns whether there was one."""
        running = self._tests.pop(name, None)
        if running is None:
            return False
        running.cancel()
        self.entries[name].show_testing(on=False)
        return True

    async def _run_test(self, name: str) -> None:
        began = time.monotonic()
        opened = await self._services.tools.open(name)
        settings = await self._services.tools.load()
        if name in self.entries:
            self._show_facts(self.entries[name], settings)
            self.entries[name].show_result(len(opened.tools), time.monotonic() - began)

    def _test_failed(self, name: str, error: ParagoneError) -> None:
        if name in self.entries:
            self.entries[name].show_error(error)
        if isinstance(error, ToolSignInRequired):
            self._tasks.start(self._load(), name="tools.list", failed=self._say_error)

    def _tested(self, name: str, task: asyncio.Task[None]) -> None:
        if self._tests.get(name) is task:
            del self._tests[name]
            if name in self.entries:
                self.entries[name].show_testing(on=False)

    @Slot(str)
    def _show_log(self, name: str) -> None:
        log = log_file(self._services.paths.logs / "tools", name)
        if log.is_file():
            open_local(log)
        else:
            self._say(tr("{name} has written no log.", name=name))

    @Slot(str, str, object)
    def _decide(self, server: str, tool: str, verdict: Permission | None) -> None:
        self._tasks.start(self._keep_rule(server, tool, verdict), name="tools.rule", failed=self._say_error)

    async def _keep_rule(self, server: str, tool: str, verdict: Permission | None) -> None:
        await set_rule(self._services.tools, server, tool, verdict)

    @Slot(object)
    def _remove(self, server: ToolServer) -> None:
        self._tasks.start(self._forget(server.name), name="tools.remove", failed=self._forgotten)

    async def _forget(self, name: str) -> None:
        await remove_server(self._services.tools, name)
        self._say(tr("{name} was removed.", name=name))
        self.refresh()

    def _forgotten(self, error: ParagoneError) -> None:
        self._say(sentence(error))
        self.refresh()

    def _say_error(self, error: ParagoneError) -> None:
        self._say(sentence(error))

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.show()
