"""Card in place of a failed response: the error, a hint and buttons that help."""

from __future__ import annotations

import math
import re
import time

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.domain.conversation_types import Figures, Problem
from desktop.domain.events import RetryWait
from desktop.errors import (
    AccessConditional,
    ApplicationWrong,
    AuthenticationFailed,
    ConnectionUnknown,
    ConsentMissing,
    ContextTooLong,
    DeploymentNotFound,
    KeyUnset,
    PicturesRejected,
    SignInFailed,
    SignInRequired,
    StoppedByQuitting,
    SystemPromptRejected,
    TenantWrong,
)
from desktop.text.phrases import bounded, phrase
from ui.base.strings import tr
from ui.widgets.labels import EdgedFrame, label, set_role
from ui.widgets.wrapping_layout import WrapLayout

_TICK_MS = 250
_LONG_S = 90
_STATUS = re.compile(r" \(\d{3}\)$")
_SIGN_IN = (SignInRequired, SignInFailed, ConsentMissing, TenantWrong, AccessConditional, ApplicationWrong)
_OTHER_MODEL = (ConnectionUnknown, ContextTooLong, DeploymentNotFound, PicturesRejected, SystemPromptRejected)
_CHOOSE_MODEL = phrase("Choose model")
_CURES = {
    **dict.fromkeys((each.code for each in _SIGN_IN), phrase("Sign in")),
    KeyUnset.code: phrase("Show connection"),
    AuthenticationFailed.code: phrase("Show connection"),
    **dict.fromkeys((each.code for each in _OTHER_MODEL), _CHOOSE_MODEL),
}
"""Label of the button that remedies an error, by error code. It opens the connection or the model picker."""


class ErrorCard(EdgedFrame):
    """Card that shows one error, or a failed request that will be retried automatically.

    If the server requested a delay, pressing Retry starts a countdown, after which the request is sent.
    """

    retry = Signal()
    hurried = Signal()
    """Emitted when the user wants to retry without waiting."""
    continue_ = Signal()
    connection_wanted = Signal()
    """Emitted when the user wants to open the connection, to sign in or to enter a key."""
    model_wanted = Signal()
    """Emitted when the user wants to choose another model."""
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("error-card", parent)
        self._until: float | None = None
        self._armed = self._waits = False
        self._message = label("", "title")
        self._words = label("", "muted")
        self._hint = label("", "muted")
        self._details = label("", "muted")
        for each in (self._message, self._words, self._hint, self._details):
            each.setWordWrap(True)
            each.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            each.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._retry = QPushButton(tr("Retry"))
        self._retry.setAccessibleName(tr("Retry"))
        self._retry.setProperty("role", "tinted")
        self._retry.clicked.connect(self._retry_pressed)
        self._continue = QPushButton(tr("Continue"))
        self._continue.setAccessibleName(tr("Continue"))
        self._continue.clicked.connect(self.continue_)
        self._cure = QPushButton(tr("Show connection"))
        self._cure.setAccessibleName(tr("Show connection"))
        self._cure.hide()
        self._cure.setProperty("role", "tinted")
        self._cure.clicked.connect(self._cure_pressed)
        self._cure_of = ""
        self._more = QPushButton(tr("Details"))
        self._more.setAccessibleName(tr("Details"))
        self._more.setCheckable(True)
        self._more.toggled.connect(self._toggle_details)
        buttons = QWidget()
        row = WrapLayout(buttons, gap=8)
        for button in (self._cure, self._continue, self._retry, self._more):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(4)
        column.addWidget(self._message)
        column.addWidget(self._words)
        column.addWidget(self._hint)
        column.addSpacing(4)
        column.addWidget(buttons)
        column.addWidget(self._details)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def show_problem(
        self, problem: Problem, figures: Figures | None, *, may_continue: bool, elapsed_s: float = 0.0
    ) -> None:
        """Show an error that occurred `elapsed_s` ago, which is when a delay requested by the server began."""
        self._waits = False
        self._show(tr(problem.message), tr(problem.hint), details(problem, figures))
        self._continue.setVisible(may_continue)
        set_role(self, "role", "card" if problem.code == StoppedByQuitting.code else "error-card")  # no alarm
        self._cure_of = problem.code
        cure = _CURES.get(problem.code, "")
        self._cure.setText(tr(cure))
        self._cure.setAccessibleName(tr(cure))
        self._cure.setVisible(bool(cure))
        self._armed = False
        self._count((problem.retry_after_s or 0.0) - elapsed_s)

    def show_wait(self, wait: RetryWait) -> None:
        """Show why a request is waiting, with a countdown to the retry."""
        self._waits = True
        self._show(tr(wait.reason), tr("Nothing is lost. Paragone retries automatically."), tr(wait.reason))
        self._continue.hide()
        self._cure.hide()
        set_role(self, "role", "error-card")
        self._armed = False
        self._count(wait.wait_s)

    def needed(self, width: int) -> int:
        """Return the height in pixels that the card needs at a width."""
        # Fonts from the style sheet take effect only after polishing.
        for each in (self, self._message, self._words, self._hint, self._details, self._retry, self._more):
            each.ensurePolished()
        layout = self.layout()
        assert layout is not None
        layout.invalidate()
        return layout.totalHeightForWidth(width)

    @Slot()
    def _cure_pressed(self) -> None:
        if _CURES.get(self._cure_of) == _CHOOSE_MODEL:
            self.model_wanted.emit()
        else:
            self.connection_wanted.emit()

    def _show(self, message: str, hint: str, all_of_it: str) -> None:
        title, words = divided(message)
        self._message.setText(title)
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._details.setText(all_of_it)
        self._more.setChecked(False)
        self._details.hide()

    def _count(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds if seconds > 0 else None
        self._timer.stop()
        if self._until is not None:
            self._timer.start()
        self._say()

    @Slot()
    def _retry_pressed(self) -> None:
        if self._waits:
            self._until = None
            self._say()
            self.hurried.emit()
        elif self._left() > 0:
            self._armed = not self._armed
            self._say()
        else:
            self.retry.emit()

    @Slot()
    def _tick(self) -> None:
        if self._left() > 0:
            self._say()
            return
        self._timer.stop()
        self._until = None
        self._say()
        if self._armed:
            self._armed = False
            self.retry.emit()

    @Slot(bool)
    def _toggle_details(self, shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._details.setVisible(shown)
        self.resized.emit()

    def _left(self) -> float:
        return max(self._until - time.monotonic(), 0.0) if self._until is not None else 0.0

    def _say(self) -> None:
        left = self._left()
        words = countdown(left, armed=self._armed) if left else tr("Trying again.") if self._waits else tr("Retry")
        if self._retry.text() != words:
            self._retry.setText(words)
            self._retry.setAccessibleName(words)
        self._retry.setEnabled(bool(left) or not self._waits)
        # The remedy comes first, then Continue, which keeps the text
        set_role(self._continue, "role", "tinted" if self._cure.isHidden() else "")
        plain = "tinted" if self._cure.isHidden() and self._continue.isHidden() else ""
        set_role(self._retry, "role", "primary" if self._armed else plain)


def countdown(left: float, *, armed: bool) -> str:
    """Return the label of the Retry button, with the remaining time in seconds, minutes or hours."""
    if left > _LONG_S * 60:
        hours = math.ceil(left / 3600)
        return tr("Retrying in {left} h", left=hours) if armed else tr("Retry in {left} h", left=hours)
    if left > _LONG_S:
        minutes = math.ceil(left / 60)
        return tr("Retrying in {left} min", left=minutes) if armed else tr("Retry in {left} min", left=minutes)
    seconds = math.ceil(left)
    return tr("Retrying in {left} s", left=seconds) if armed else tr("Retry in {left} s", left=seconds)


def divided(message: str) -> tuple[str, str]:
    """Split an error message into a title without status code and the server's own words."""
    first, _, rest = message.partition(": ")
    if not first or "\n" in first:
        first, rest = message, ""
    word = rest.partition(" ")[0]
    if word.isalpha() and word.islower():  # not so where it is the name of something, such as gpt-4o
        rest = rest[:1].upper() + rest[1:]
    return _STATUS.sub("", first.removesuffix(".")) or first, rest


def details(problem: Problem, figures: Figures | None) -> str:
    """Return details for support: the complete message, the error code and request IDs."""
    facts = [tr(problem.message), tr("Code: {code}", code=problem.code)]
    if figures is not None:
        named = (
            (tr("Request"), figures.request_id),
            (tr("Model"), figures.server_model),
            (tr("Region"), figures.region),
        )
        facts += [f"{name}: {value}" for name, value in named if value]
    return "\n".join(map(bounded, facts))
