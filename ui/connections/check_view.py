"""A check of a connection as it is seen: its steps with their times, the models it found, and what to do next."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.credentials.accounts import account_of
from desktop.domain import Auth, Connection, Kind
from desktop.errors import ParagoneError, SignInFailed, SignInRequired
from desktop.events import RetryWait
from desktop.phrases import phrase
from desktop.providers.provider import ModelInfo
from desktop.services import Services
from desktop.session.connection_probe import Probe, ProbeStep, offered
from ui.connections.check_steps import CheckSteps
from ui.connections.connection_text import end_of_life
from ui.connections.model_chips import ModelChips
from ui.connections.sign_in_view import SignInView
from ui.strings import tr
from ui.theme import Themes
from ui.transcript.countdown import Countdown
from ui.widgets.announcement import announce
from ui.widgets.paragraph import Paragraph


class CheckView(QWidget):
    """Empty until `run`; a check is given up by cancelling the task that runs it."""

    grown = Signal()
    """What is shown takes another height."""
    listed = Signal()
    """What there is can be added, while a model is still being tried: the list is there, or a named one is busy."""

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
        """The models that were listed or that answered."""
        return tuple(dict.fromkeys((*self._models, *self._answered)))

    @property
    def unlisted(self) -> tuple[str, ...]:
        """The models that answered although no list has them."""
        return tuple(name for name in self._answered if name not in self._models)

    @property
    def said(self) -> str:
        """The sentence below the steps."""
        return self._said.text()

    def clear(self) -> None:
        """Show nothing."""
        self._models, self._answered, self.infos, self.tried = (), (), (), {}
        self._countdown.stop()
        self.steps.clear()
        self.chips.show_names(())
        self.say("")

    def say(self, text: str) -> None:
        """Say something below the steps; the seconds of a wait are not heard one by one."""
        if not self._countdown.is_counting and text != self._said.text():
            announce(self, text)
        self._said.setText(text)
        self._said.setVisible(bool(text))
        self.grown.emit()

    async def run(self, connection: Connection, key: str, named: Sequence[str] = ()) -> bool:
        """Check a connection with a key; whether it will do. Raises ParagoneError where it cannot even be tried.

        With Entra ID somebody is asked to sign in first, unless that was done before.
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
        """Have somebody signed in. Raises SignInFailed's tree, ProviderError, CredentialError."""
        entra = self._services.entra
        self._services.settings.policy.demand_connection(connection)
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
        """Say which model is being tried."""
        self._countdown.stop()
        self._trying = model
        if not self._embedded:
            self.say(tr("Trying {model}…", model=model))

    def _waits(self, wait: RetryWait) -> None:
        """A model is busy: it is there and the key is right. Those that were named need not be waited for."""
        self._countdown.start(wait)
        self.tried[self._trying] = False
        if self._trying in self._named:
            self._answered = tuple(dict.fromkeys((*self._answered, *self._named)))
            self.listed.emit()

    def stopped(self) -> None:
        """Whoever asked for the check wants no more of it."""
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
            self.say(tr("Models without a response are left out.") if self._answered else "")
        elif not self.models:
            self.say(tr("Deployments are not listed here. Name one to try it."))
        else:
            if self.unlisted:
                self._show_chips([ModelInfo(name=name) for name in self.models])
            self.say("")
