"""One connection on the page: what it is in a line, and the buttons that edit, test and remove it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.domain import Auth, Connection, Kind
from desktop.services import Services
from desktop.settings.values import EMBEDDED
from ui.connections.check_view import CheckView
from ui.connections.connection_text import about
from ui.strings import tr
from ui.theme import Themes
from ui.widgets.buttons import button
from ui.widgets.labels import ElidedLabel, hairline
from ui.widgets.paragraph import Paragraph


class ConnectionEntry(QWidget):
    """Asks before it removes, in its own place."""

    edit_wanted = Signal(object)
    test_wanted = Signal(object)
    sign_out_wanted = Signal(object)
    removed = Signal(object)
    """The user wants this Connection removed and said so twice."""

    def __init__(self, connection: Connection, services: Services, themes: Themes) -> None:
        super().__init__()
        self.connection = connection
        self._account: str | None = None
        self._testing = False
        self._services = services
        self.check = CheckView(services, themes)
        self._about = Paragraph("", "muted")
        self._buttons = QWidget()
        self._question = QWidget()
        name = connection.name
        self.test = button(tr("Test"), name=tr("Test {name}", name=name))
        self.edit = button(tr("Edit…"), name=tr("Edit {name}", name=name))
        self.sign_out = button(tr("Sign out"), name=tr("Sign out of {name}", name=name))
        self.remove = button(tr("Remove"), name=tr("Remove {name}", name=name))
        self.really = button(tr("Remove"), "danger", tr("Remove {name} and its key", name=name))
        self.keep = button(tr("Keep"), name=tr("Keep {name}", name=name))
        self._lay_out()
        self._connect()
        self.show_facts()

    @property
    def about(self) -> str:
        """What is said of the connection."""
        return self._about.text()

    def show_account(self, account: str) -> None:
        """Say who is signed in with Entra ID; empty for nobody, whose test begins with a sign-in and is called so."""
        self._account = account
        self.show_facts()

    def show_facts(self) -> None:
        """Say what is known of it now."""
        models = len(self._services.gateway.known_of(self.connection.name))
        this_run = self._services.keys.only_this_run(self.connection)
        self._about.setText(about(self.connection, models, this_run=this_run, account=self._account))
        self.sign_out.setVisible(bool(self._account))
        self._name_test()

    def show_testing(self, *, on: bool) -> None:
        """While it is tested the button stops that."""
        self._testing = on
        self._name_test()

    def _name_test(self) -> None:
        name = self.connection.name
        shown, called = tr("Test"), tr("Test {name}", name=name)
        if self._testing:
            shown, called = tr("Stop"), tr("Stop the test of {name}", name=name)
        elif self._account == "":
            shown, called = tr("Sign in"), tr("Sign in to {name}", name=name)
        self.test.setText(shown)
        self.test.setAccessibleName(called)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(ElidedLabel(self.connection.name, "strong"))
        words.addWidget(self._about)
        row.addLayout(words, 1)
        shown = QHBoxLayout(self._buttons)
        shown.setContentsMargins(0, 0, 0, 0)
        shown.setSpacing(6)
        own = self.connection != EMBEDDED
        takes_key = self.connection.auth is Auth.KEY and not self.connection.key_env
        given = self._services.settings.policy.is_predefined(self.connection)
        for each, wanted in (
            (self.test, True),
            (self.edit, own and self.connection.kind is not Kind.EMBEDDED and (not given or takes_key)),
            (self.sign_out, False),
            (self.remove, own and not given),
        ):
            shown.addWidget(each)
            each.setVisible(wanted)
        row.addWidget(self._buttons)
        column.addLayout(row)
        asked = QHBoxLayout(self._question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(6)
        keyless = tr("Remove the connection? Its conversations are kept.")
        keyed = tr("Remove the connection and its key? Its conversations are kept.")
        said = Paragraph(keyless if self.connection.file else keyed)
        asked.addWidget(said, 1)
        asked.addWidget(self.keep)
        asked.addWidget(self.really)
        self._question.hide()
        self.check.hide()
        column.addWidget(self._question)
        column.addWidget(self.check)
        column.addSpacing(4)
        column.addWidget(hairline())

    def _connect(self) -> None:
        self.edit.clicked.connect(lambda: self.edit_wanted.emit(self.connection))
        self.test.clicked.connect(lambda: self.test_wanted.emit(self.connection))
        self.sign_out.clicked.connect(lambda: self.sign_out_wanted.emit(self.connection))
        self.remove.clicked.connect(self._ask)
        self.keep.clicked.connect(self._stay)
        self.really.clicked.connect(lambda: self.removed.emit(self.connection))

    @Slot()
    def _ask(self) -> None:
        self._buttons.hide()
        self._question.show()
        self.keep.setFocus()

    @Slot()
    def _stay(self) -> None:
        self._question.hide()
        self._buttons.show()
        self.remove.setFocus()
