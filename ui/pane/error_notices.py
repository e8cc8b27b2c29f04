"""Notices above the composer about prompts that could not be sent or stored."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.events import Event, Notice
from desktop.errors import ConnectionUnknown, ParagoneError, PromptFlagged, StoreFull
from desktop.text.phrases import refilled
from ui.base.strings import sentence, tr
from ui.composer.composer import Composer
from ui.composer.prompt import Prompt
from ui.pane.chats import Chats
from ui.pane.disk_room import DiskRoom
from ui.widgets.notice_bar import Alike, NoticeBar, Tone

_ABOVE = ("store", StoreFull.code)
"""Prefixes of codes for errors that concern the conversation instead of a response."""


def is_said_above(code: str) -> bool:
    """Whether an error with this code is shown above the composer instead of in the response."""
    return code.startswith(_ABOVE)


_DESTINATION = "destination"
"""Name of the value in an error's sentence that is the model to which the prompt was not sent."""


class ErrorNotices(QObject):
    """Shows the errors of the visible chat as notices."""

    anyway = Signal(object, object)
    """Emitted to send a prompt that was held back.

    Carries the Prompt that was returned to the composer, if any, and the fingerprints of the findings.
    """
    model_wanted = Signal()
    """Emitted when the user wants another model, because the chat's model is unavailable."""

    def __init__(self, composer: Composer, chats: Chats, room: DiskRoom | None = None) -> None:
        super().__init__(composer)
        self._composer = composer
        self._notices = composer.notices
        self._chats = chats
        self._question: tuple[Prompt, NoticeBar] | None = None
        self._room = room
        chats.on_event(self._happened)
        chats.refused.connect(self.say_refusal)
        chats.failed.connect(self._failed)
        composer.changed.connect(self._withdraw)

    def _happened(self, event: Event) -> None:
        match event:
            case Notice(code=code, message=message) if is_said_above(code):
                self._say(tr(message), "warn", code)
            case _:
                pass

    @Slot(object, object)
    def say_refusal(self, prompt: Prompt, error: ParagoneError | None) -> None:
        """Explain why a prompt was not sent. If a guard held it back, offer to send it anyway."""
        if isinstance(error, PromptFlagged):
            self._ask(prompt, error)
        elif isinstance(error, ConnectionUnknown):
            wanted = self.model_wanted.emit
            self._notices.show_notice(sentence(error), tone="bad", action=tr("Choose model"), act=wanted)
        elif error is not None:
            self._say(sentence(error), "bad", error.code, _alike(error))

    def _ask(self, prompt: Prompt, error: PromptFlagged) -> None:
        """Ask whether to send a prompt anyway, replacing the last question: the chat stores only one held prompt."""
        if self._question is not None:
            self._question[1].dismiss()
        if not self._composer.prompt.begins_with(prompt):
            return  # it was edited since
        sending = partial(self.anyway.emit, prompt, error.found)
        bar = self._notices.show_notice(
            tr(error.message),
            tone="warn",
            action=tr("Send anyway"),
            act=sending,
            escapes=True,
            alike=_alike(error),
        )
        self._question = (prompt, bar)
        bar.dismissed.connect(self._answered)

    @Slot()
    def _answered(self) -> None:
        self._question = None

    @Slot()
    def _withdraw(self) -> None:
        """Remove the question once its prompt is edited."""
        if self._question is None or self._composer.prompt.begins_with(self._question[0]):
            return
        prompt, bar = self._question
        refusal = self._chats.shown.refusal
        if refusal is not None and refusal[0] == prompt:
            self._chats.shown.refusal = None
        bar.dismiss()

    @Slot(object)
    def _failed(self, error: ParagoneError) -> None:
        self._say(sentence(error), "bad", error.code)

    def _say(self, text: str, tone: Tone, code: str, alike: Alike | None = None) -> None:
        """Show a notice. A notice about a full disk stays until there is space."""
        full = code == StoreFull.code
        bar = self._notices.show_notice(text, tone=tone, life_ms=0 if full else None, alike=alike)
        if full and self._room is not None:
            self._room.say(bar)


def _alike(error: ParagoneError) -> Alike | None:
    """Return what lets panes whose models fail alike share one notice, or None.

    A notice with a question has no hint.
    """
    message = error.message
    if _DESTINATION not in message.values:
        return None

    def say(names: str) -> str:
        hint = "" if isinstance(error, PromptFlagged) else tr(error.hint)
        return f"{tr(refilled(message, **{_DESTINATION: names}))} {hint}".strip()

    return Alike((error.code, say("")), str(message.values[_DESTINATION]), say)
