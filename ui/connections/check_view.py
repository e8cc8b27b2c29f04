"""View of a connection check: timed steps, available models, and what to do next."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.credentials.accounts import account_of
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.domain.events import RetryWait
from desktop.errors import ParagoneError, SignInFailed, SignInRequired
from desktop.providers.provider import ModelInfo
from desktop.services import Services
from desktop.session.connection_probe import Probe, ProbeStep, offered
from desktop.signin.cache import Account
from desktop.signin.entra import Code
from desktop.text.phrases import phrase
from ui.base.icons import icon
from ui.base.link_opener import open_page
from ui.base.strings import decimal, tr, trn
from ui.base.theme import Themes
from ui.connections.connection_text import end_of_life
from ui.transcript.countdown import Countdown
from ui.widgets.announcement import announce
from ui.widgets.buttons import button
from ui.widgets.labels import label
from ui.widgets.paragraph import Paragraph
from ui.widgets.wrapping_layout import WrapLayout


class SignInView(QWidget):
    """View of a sign-in, empty until `run`, which returns the account. Canceling its task cancels the sign-in."""

    grown = Signal()
    """Emitted when the height of the view changes."""

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
        """The instruction for the user."""
        return self._said.text()

    async def run(self, connection: Connection) -> Account:
        """Sign in for a connection.

        Raises:
            SignInFailed: If the sign-in fails.
            ProviderError: If the sign-in server cannot be reached.
            CredentialError: If the account cannot be stored.
        """
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
            """Open the sign-in page and store its address for the button that opens it again."""
            self._page = page
            self._open()
            return True  # where none opens, the code is a press away

        done = tr("You are signed in to Paragone. You can close this page.")
        failed = tr("The sign-in failed. Paragone shows the reason. You can close this page.")
        return await self._services.entra.by_browser(connection, show, done=done, failed=failed)

    async def _with_code(self, connection: Connection) -> Account:
        return await self._services.entra.by_code(connection, self._show_code)

    def _show(self) -> None:
        """Ask the user to sign in in the browser, or to wait for a code."""
        self._page = ""
        self.code.hide()
        self.copy_code.hide()
        waiting = tr("Getting a code…") if self._by_code else tr("Sign in using the browser window that opens.")
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
        """Restart the sign-in with the other method: browser or code."""
        if self._running is not None:
            self._switching = True
            self._by_code = not self._by_code
            self._running.cancel()
            self._show()


_MARK = 14


class CheckSteps(QWidget):
    """List of the steps of a check; each step is added as a row once it is finished."""

    def __init__(self, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Check steps"))
        self._themes = themes
        self._rows = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    @property
    def count(self) -> int:
        """The number of rows."""
        return self._rows

    def clear(self) -> None:
        """Remove all rows."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = 0

    def add(self, step: ProbeStep) -> None:
        """Show and announce a step and its outcome."""
        theme = self._themes.current
        good = step.problem is None
        mark = label()
        mark.setPixmap(icon("check" if good else "x", theme.good if good else theme.bad, _MARK).pixmap(_MARK, _MARK))
        mark.setAccessibleName(tr("Done") if good else tr("Failed"))
        text = Paragraph(tr(step.text))
        took = label(took_text(step.took_ms), "muted")
        took.setAlignment(Qt.AlignmentFlag.AlignRight)
        for column, widget in enumerate((mark, text, took)):
            self._grid.addWidget(widget, self._rows, column, Qt.AlignmentFlag.AlignVCenter)
        self._rows += 1
        problem = step.problem
        heard = tr("Done") if good else tr("Failed")
        details = tr(step.note) if problem is None else f"{tr(problem.message)}\n{tr(problem.hint)}".strip()
        if details:
            why = label(details, "muted")
            why.setWordWrap(True)
            why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(why, self._rows, 1, 1, 2)
            self._rows += 1
        announce(self, f"{tr(step.text)}, {heard}. {details}")


def took_text(ms: float) -> str:
    """Format a duration, such as "84 ms" or "2.4 s"."""
    return tr("{ms} ms", ms=f"{ms:.0f}") if ms < 1000 else tr("{seconds} s", seconds=decimal(ms / 1000, 1))


_AT_MOST = 24


class ModelChips(QWidget):
    """Model names as chips, as many as a reader can take in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Models found"))
        self._layout = WrapLayout(self)
        self._texts: list[str] = []
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the chips."""
        return tuple(self._texts)

    def show_names(self, names: Sequence[tuple[str, str]]) -> None:
        """Show model names, each with a note or an empty string."""
        while (item := self._layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._texts = []
        for name, warning in names[:_AT_MOST]:
            self._add(f"{name} · {warning}" if warning else name, warned=bool(warning))
        if len(names) > _AT_MOST:
            self._add(trn("and {n} more", "and {n} more", len(names) - _AT_MOST), warned=False)
        self.setVisible(bool(names))
        self.updateGeometry()

    def _add(self, text: str, *, warned: bool) -> None:
        chip = label(text, "chip")
        chip.setProperty("tone", "warn" if warned else "plain")
        self._texts.append(text)
        self._layout.addWidget(chip)


class CheckView(QWidget):
    """View of a check, empty until `run`. Canceling its task cancels the check."""

    grown = Signal()
    """Emitted when the height of the view changes."""
    listed = Signal()
    """Emitted when the models can already be added while one of them is still being tried."""

    def __init__(self, services: Services, themes: Themes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._models: tuple[str, ...] = ()
        self._answered: tuple[str, ...] = ()
        self.infos: tuple[ModelInfo, ...] = ()
        """What was listed, as the server said it."""
        self.tried: dict[str, bool] = {}
        """Of the models that were tried by name whether they gave an answer; one that is busy gives none."""
        self._trying, self._embedded = "", False
        self._named: tuple[str, ...] = ()
        self._countdown = Countdown(self)
        self._countdown.said.connect(self._say_wait)
        self.signed_in: dict[str, Connection] = {}
        """For what somebody signed in here, by its place; whoever does not keep that has it forgotten."""
        self.steps = CheckSteps(themes)
        self.chips = ModelChips()
        self.signing = SignInView(services)
        self.signing.grown.connect(self.grown)
        self._said = Paragraph("", "muted")
        self._said.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for widget in (self.signing, self.steps, self.chips, self._said):
            column.addWidget(widget)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that the server listed or that answered."""
        return tuple(dict.fromkeys((*self._models, *self._answered)))

    @property
    def unlisted(self) -> tuple[str, ...]:
        """The models that answered although the server does not list them."""
        return tuple(name for name in self._answered if name not in self._models)

    @property
    def said(self) -> str:
        """The sentence below the steps."""
        return self._said.text()

    def clear(self) -> None:
        """Remove all results."""
        self._models, self._answered, self.infos, self.tried = (), (), (), {}
        self._countdown.stop()
        self.steps.clear()
        self.chips.show_names(())
        self.say("")

    def say(self, text: str) -> None:
        """Show a sentence below the steps. The seconds of a countdown are not announced."""
        if not self._countdown.is_counting and text != self._said.text():
            announce(self, text)
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self.grown.emit()

    async def run(self, connection: Connection, key: str, named: Sequence[str] = ()) -> bool:
        """Check a connection with a key and return whether it works. With Entra ID, the user signs in first.

        Raises:
            ParagoneError: If the check cannot be started.
        """
        self.clear()
        if connection.auth is Auth.ENTRA:
            self._show(await self._signed_in(connection))
        embedded = self._embedded = connection.kind is Kind.EMBEDDED
        self.say(tr("Loading the model…") if embedded else tr("Checking…"))
        provider = await self._services.gateway.trial(connection, key)
        probe = Probe(
            provider=provider,
            named=named,
            reach=None if embedded else partial(self._services.gateway.reach, connection),
            with_key=connection.auth is Auth.KEY,
            listing=not embedded,
            connection=connection,
            catalog=self._services.catalog,
            trying=self._try,
            waiting=self._waits,
        )
        self._named = tuple(named)
        failed: list[str] = []
        try:
            async with aclosing(probe.steps()) as steps:
                async for step in steps:
                    self._show(step)
                    if step.problem is not None:
                        failed.append(step.text)
                        self._named = tuple(name for name in self._named if name != self._trying)
        except ParagoneError:
            self.say("")
            raise
        finally:
            await provider.aclose()
            self._countdown.stop()
        self._conclude(failed)
        return not failed or bool(self._answered)

    async def _signed_in(self, connection: Connection) -> ProbeStep:
        """Sign in and return this as a step.

        Raises:
            SignInFailed: If the sign-in fails.
            ProviderError: If the sign-in server cannot be reached.
            CredentialError: If the account cannot be stored.
        """
        entra = self._services.entra
        self._services.settings.policy.require_connection(connection)
        started = time.monotonic()
        try:
            await entra.token(connection)
        except (SignInRequired, SignInFailed):  # a rule may refuse to renew what it lets a person do
            started = time.monotonic()
            await self.signing.run(connection)
            self.signed_in[account_of(connection)] = connection
        account = await entra.account(connection)
        name = account.name if account is not None else ""
        took_ms = (time.monotonic() - started) * 1000
        return ProbeStep(text=phrase("Signed in as {name}", name=name), took_ms=took_ms)

    def _try(self, model: str) -> None:
        """Show which model is being tried."""
        self._countdown.stop()
        self._trying = model
        if not self._embedded:
            self.say(tr("Trying {model}…", model=model))

    def _waits(self, wait: RetryWait) -> None:
        """Count down to the next try. A busy model exists and its key is valid, so it counts as answered."""
        self._countdown.start(wait)
        self.tried[self._trying] = False
        if self._trying in self._named:
            self._answered = tuple(dict.fromkeys((*self._answered, *self._named)))
            self.listed.emit()

    def stopped(self) -> None:
        """Show that the check was stopped."""
        self._countdown.stop()
        self.say(tr("Stopped."))

    @Slot(str)
    def _say_wait(self, sentence: str) -> None:
        self.say(f"{tr('Trying {model}…', model=self._trying)} {sentence}")

    def _show(self, step: ProbeStep) -> None:
        self._countdown.stop()
        self.steps.add(step)
        if step.asked:
            self.tried[step.asked] = bool(step.answered)
        if step.answered:
            self._answered = (*self._answered, step.answered)
        if step.models:
            self._models, self.infos = offered(step.models), step.models
            self._show_chips(step.models)
            self.listed.emit()
        self.grown.emit()

    def _show_chips(self, infos: Sequence[ModelInfo]) -> None:
        today = date.today()  # noqa: DTZ011 - the user's own day
        catalog = self._services.catalog
        sure = [info for info in infos if not info.suggested]
        self.chips.show_names([(info.name, end_of_life(catalog, today, (info.base, info.name))) for info in sure])

    def _conclude(self, failed: Sequence[str]) -> None:
        if failed:
            self.say(tr("Models that did not respond are left out.") if self._answered else "")
        elif not self.models:
            self.say(tr("This server does not list its deployments. Enter a deployment name to try it."))
        else:
            if self.unlisted:
                self._show_chips([ModelInfo(name=name) for name in self.models])
            self.say("")
