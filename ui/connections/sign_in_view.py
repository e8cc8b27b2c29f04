"""A sign-in with Entra ID as it is seen: the browser is waited for, or a code is shown; either can be given up."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain import Connection
from desktop.services import Services
from desktop.signin.cache import Account
from desktop.signin.entra import Code
from ui.link_opener import open_page
from ui.strings import tr
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph


class SignInView(QWidget):
    """Empty until `run`, which ends with the account; cancelling the task that runs it gives the sign-in up."""

    grown = Signal()
    """What is shown takes another height."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._by_code = False
        self._switching = False
        self._running: asyncio.Task[Account] | None = None
        self._page = ""
        self._said = Paragraph("")
        self.code = label("", "heading")
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.open_page = button(tr("Open page"))
        self.copy_code = button(tr("Copy code"))
        self.other_way = button(tr("Use a code instead"), "link")
        self._lay_out()
        self.open_page.clicked.connect(self._open)
        self.copy_code.clicked.connect(self._copy)
        self.other_way.clicked.connect(self._switch)
        self.hide()

    @property
    def said(self) -> str:
        """What is asked of the user."""
        return self._said.text()

    async def run(self, connection: Connection) -> Account:
        """Have somebody sign in for a connection. Raises SignInFailed's tree, ProviderError, CredentialError."""
        self._by_code = False
        self._show()
        try:
            while True:
                way = self._with_code if self._by_code else self._with_browser
                self._running = asyncio.ensure_future(way(connection))
                try:
                    return await self._running
                except asyncio.CancelledError:
                    if not self._switching:
                        raise
                    self._switching = False
        finally:
            self._running = None
            self.hide()
            self.grown.emit()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._said)
        column.addWidget(self.code, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setSpacing(8)
        for each in (self.open_page, self.copy_code, self.other_way):
            row.addWidget(each)
        row.addStretch(1)
        column.addLayout(row)

    async def _with_browser(self, connection: Connection) -> Account:
        async def show(page: str) -> bool:
            """Open the page, and keep its address for the button that opens it again."""
            self._page = page
            self._open()
            return True  # where none opens, the code is a press away

        done = tr("You are signed in to Paragone. You can close this page.")
        failed = tr("The sign-in failed. Paragone shows the reason. You can close this page.")
        return await self._services.entra.by_browser(connection, show, done=done, failed=failed)

    async def _with_code(self, connection: Connection) -> Account:
        return await self._services.entra.by_code(connection, self._show_code)

    def _show(self) -> None:
        """Ask for the browser, or say that a code is on its way."""
        self._page = ""
        self.code.hide()
        self.copy_code.hide()
        waiting = tr("Getting a code…") if self._by_code else tr("Sign in in the browser window that opens.")
        self._said.setText(waiting)
        self.other_way.setText(tr("Use the browser instead") if self._by_code else tr("Use a code instead"))
        self.other_way.setAccessibleName(self.other_way.text())
        self.show()
        self.grown.emit()

    def _show_code(self, code: Code) -> None:
        self._page = code.page
        self._said.setText(tr("On any device, open {page} and enter this code:", page=code.page))
        self.code.setText(code.code)
        self.code.setAccessibleName(tr("Code: {code}", code=code.code))
        self.code.show()
        self.copy_code.show()
        self.copy_code.setFocus()
        self.grown.emit()

    @Slot()
    def _open(self) -> None:
        if self._page:
            open_page(self._page)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text())

    @Slot()
    def _switch(self) -> None:
        """Begin anew the other way."""
        if self._running is not None:
            self._switching = True
            self._by_code = not self._by_code
            self._running.cancel()
            self._show()
