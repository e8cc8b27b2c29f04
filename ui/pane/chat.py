"""A conversation in use by the window. Its response continues while another conversation is shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast
from weakref import WeakMethod

import msgspec
from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from desktop.domain.conversation_types import (
    Conversation,
    Kind,
    Message,
    ModelRef,
    Parameters,
    Role,
    ToolChoice,
)
from desktop.domain.events import (
    Begun,
    Event,
    Kept,
    Notice,
    Progress,
    ReasoningDelta,
    RetryWait,
    Sent,
    Started,
    TextDelta,
    ToolAnswered,
    ToolCalled,
    ToolWaiting,
)
from desktop.domain.imported_models import program_of
from desktop.errors import ConnectionUnknown, ParagoneError, PromptFlagged
from desktop.metrics.pace import Pace
from desktop.services import Services
from desktop.session.journal import Journal, LateJournal, NoJournal
from desktop.session.session import Answering, Listener, Session
from ui.base.strings import number_text, tr
from ui.base.tasks import Tasks
from ui.composer.prompt import Prompt

if TYPE_CHECKING:
    from types import MethodType


_STALLED_S = 10
"""Seconds without data after which the user is informed."""

Operation = Callable[[Session, Listener, Prompt], Answering]
"""A call of the session with a prompt. Operations that need no prompt receive an empty one."""
Hearer = Callable[["Chat", Event], None]


@dataclass
class Live:
    """State of a response in progress, from the moment it is requested."""

    since: float
    begun: Begun | None = None
    """Prompt and response once the session has created them."""
    base: Sequence[Message] = ()
    """The messages before the prompt and the response."""
    kept: bool = False
    """Whether prompt and response are stored."""
    heard: bool = False
    said: bool = False
    read: float | None = None
    wait: RetryWait | None = None
    """The pending retry and its reason, or None."""
    calls: dict[str, bool] = field(default_factory=dict[str, bool])
    """IDs of the tool calls without a result, in order, and whether each waits for approval."""
    pace: Pace = field(init=False)
    data_at: float = field(init=False)
    """Time of the monotonic clock at which data last arrived."""

    def __post_init__(self) -> None:
        self.pace = Pace(self.since)
        self.data_at = self.since

    def take(self, event: Event) -> None:
        """Record an event of the stream."""
        if not isinstance(event, Notice):
            self.wait = None
            self.data_at = time.monotonic()
        match event:
            case TextDelta(text=text):
                self.pace.add(time.monotonic(), len(text))
                self.heard = self.said = True
            case ReasoningDelta(text=text):
                self.pace.add(time.monotonic(), len(text), reasoning=True)
                self.heard = self.said = True
            case Started():
                self.heard = True
            case Sent():
                self.pace.sent = time.monotonic()
            case RetryWait(wait_s=wait_s):
                self.wait = event
                self.pace.sent = time.monotonic() + wait_s
            case Progress(fraction=fraction):
                self.heard, self.read = True, fraction
            case ToolCalled(call=call):
                self.calls[call.id] = False
                self.heard = self.said = True
            case ToolWaiting(call=call, waiting=waiting):
                self.calls[call] = waiting
            case ToolAnswered(call=call):
                self.calls.pop(call.id, None)
            case _:
                pass

    def wait_left(self) -> RetryWait | None:
        """Return the pending retry with its remaining time, or None."""
        left_s = self.pace.sent - time.monotonic()
        return msgspec.structs.replace(self.wait, wait_s=left_s) if self.wait is not None and left_s > 0 else None

    def stall(self, at: float, silences: tuple[float, float]) -> str:
        """Return how long no data has arrived and when the request times out; empty if data arrived recently.

        `silences` are the time-outs in seconds before and within a response.
        """
        quiet = at - max(self.data_at, self.pace.sent)
        if quiet < _STALLED_S or self.calls:
            return ""  # during a call, the server waits for its result
        first, idle = silences
        limit = idle if self.said and quiet <= idle else first
        said = tr(
            "No data for {s} s. Waiting up to {limit} s.", s=number_text(int(quiet)), limit=number_text(round(limit))
        )
        return said if quiet <= limit else ""

    def state(self, at: float, *, embedded: bool) -> str:
        """Describe what the response is waiting for at a time of the monotonic clock."""
        if any(self.calls.values()):
            return tr("waiting for approval")
        if self.said:
            return tr("responding · {s} s", s=number_text(round(at - self.since)))
        if self.read is not None and self.read < 1:
            return tr("reading prompt · {percent}%", percent=number_text(round(self.read * 100)))
        if embedded and not self.heard:
            return tr("loading model")
        return tr("waiting · {s} s", s=number_text(round(max(at - self.since, 0))))


class Chat(QObject):
    """A conversation with its session and its response in progress, if any. Every signal carries the Chat."""

    began = Signal(object)
    kept = Signal(object)
    ended = Signal(object, object)
    """Emitted with the final Message."""
    refused = Signal(object, object, object)
    """Emitted with a Prompt that was not sent, and with the error, or None if the user stopped it."""
    failed = Signal(object, object)
    """Emitted with the ParagoneError if anything other than a response could not be stored."""

    def __init__(
        self,
        conversation: Conversation,
        services: Services,
        tasks: Tasks,
        *,
        stored: bool,
        journal: Journal | None = None,
        temporary: bool = False,
    ) -> None:
        super().__init__()
        self._temporary = temporary
        self._services = services
        self._tasks = tasks
        self.session = Session(
            conversation,
            gateway=services.gateway,
            catalog=services.catalog,
            journal=NoJournal() if temporary else journal or LateJournal(services.journal),
            files=services.prompt_files,
            tools=services.toolbox,
            is_stored=not temporary,
        )
        self._task: asyncio.Task[Message] | None = None
        self._held: Operation | None = None
        self._stored = stored
        self._path: tuple[Conversation, tuple[Message, ...]] | None = None
        self._hearers: list[WeakMethod[Hearer]] = []
        self.live: Live | None = None
        self.refusal: tuple[Prompt, ParagoneError] | None = None
        """The prompt that was not sent last, and why; None once another one was."""
        self.paces: dict[str, Pace] = {}
        """By an answer's id: how fast it came, of those that came here."""

    def on_event(self, hear: Hearer) -> None:
        """Call a method of a QObject with each stream event for as long as the object lives.

        This is not a signal, because hundreds arrive per second and a signal costs as much as handling one.
        """
        self._hearers.append(WeakMethod(hear))

    @property
    def conversation(self) -> Conversation:
        """The current state of the conversation."""
        return self.session.conversation

    @property
    def path(self) -> tuple[Message, ...]:
        """Messages from the first to the current one. Computed once for each state of the conversation."""
        conversation = self.conversation
        if self._path is None or self._path[0] is not conversation:
            self._path = (conversation, conversation.path())
        return self._path[1]

    @property
    def asked(self) -> tuple[Message, ...]:
        """The path, including the prompt that is being answered."""
        begun = self.live.begun if self.live is not None else None
        if self.live is None or begun is None:
            return self.path
        return (*self.live.base, begun.prompt) if begun.prompt is not None else tuple(self.live.base)

    @property
    def id(self) -> str:
        """The conversation's ID."""
        return self.conversation.id

    @property
    def is_answering(self) -> bool:
        """Whether a response is in progress."""
        return self.live is not None

    @property
    def is_kept(self) -> bool:
        """Whether everything is stored. A full disk may prevent that."""
        return self.session.is_kept

    async def keep(self) -> None:
        """Write what could not be written because the disk was full.

        Raises:
            StoreError: If writing fails again.
        """
        if not self.is_answering:
            await self.session.keep()

    @property
    def is_temporary(self) -> bool:
        """Whether the conversation is stored nowhere."""
        return self._temporary

    def keep_from_now_on(self) -> None:
        """Store what follows. What was said so far must be stored by now."""
        self._temporary = False
        self._stored = bool(self.conversation.messages)
        self.session.use_journal(LateJournal(self._services.journal))
        self.session.is_stored = True

    @property
    def asked_model(self) -> ModelRef:
        """Model of the response in progress, otherwise the conversation's."""
        begun = self.live.begun if self.live is not None else None
        return (begun.answer.model if begun is not None else None) or self.conversation.model

    @property
    def is_stored(self) -> bool:
        """Whether the conversation is in the store."""
        return self._stored

    @property
    def is_embedded(self) -> bool:
        """Whether the embedded engine answers this conversation."""
        try:
            return self._services.settings.connection(self.conversation.model.connection).kind is Kind.EMBEDDED
        except ConnectionUnknown:
            return False

    def ask(self, prompt: Prompt, history: Sequence[Message] | None = None, turn: str = "") -> None:
        """Send a prompt. `history` replaces the conversation's own messages before the prompt.

        `turn` is the same ID for all conversations that receive the prompt.
        """

        def ask(session: Session, listener: Listener, said: Prompt) -> Answering:
            return session.ask(said.text, listener, history=history, turn=turn, files=said.files)

        self._run(prompt, ask)

    def edit(self, prompt_id: str, prompt: Prompt) -> None:
        """Send a changed prompt as a new version of an earlier one."""

        def edit(session: Session, listener: Listener, said: Prompt) -> Answering:
            return session.edit(prompt_id, said.text, listener, files=said.files)

        self._run(prompt, edit)

    def regenerate(self, model: ModelRef | None = None, *, recorded: bool = False) -> None:
        """Request another response to the last prompt, from another model if one is given.

        With `recorded`, tools are not called: the results of the current response's calls are used.
        """
        if any(message.role is Role.USER for message in self.path):
            self._run(Prompt(), lambda session, listener, _: session.regenerate(listener, model, recorded=recorded))

    def continue_(self) -> None:
        """Continue the interrupted response."""
        broken = self.path[-1] if self.path else None
        if broken is not None and broken.role is Role.ASSISTANT:
            own = broken.model is None or program_of(broken.model.connection)
            model = None if own else broken.model  # the one that began it
            self._run(Prompt(), lambda session, listener, _: session.continue_(listener, model))

    def send_anyway(self, prompt: Prompt, found: frozenset[str]) -> None:
        """Send a prompt that a guard held back, ignoring the findings that have these fingerprints."""
        held, self._held = self._held, None
        if held is not None:
            self.session.allow(found)
            self._run(prompt, held)

    def stop(self, *, interrupts: bool = False) -> None:
        """Stop the response and keep its text. If nothing was stored yet, the prompt is returned.

        With `interrupts`, the response counts as interrupted, so that it can be continued.
        """
        if self.session.is_answering:
            self.session.stop(interrupts=interrupts)
        elif self._task is not None:
            self._task.cancel()

    def hurry(self) -> None:
        """Skip the wait before a retry."""
        self.session.hurry()
        if self.live is not None:
            self.live.pace.sent = time.monotonic()

    def change(self, **fields: object) -> None:
        """Replace fields of the conversation, such as `model`, `system`, `parameters` or `current`."""
        self.session.conversation = msgspec.structs.replace(self.conversation, **fields)

    def set_prompting(self, system: str, parameters: Parameters) -> None:
        """Set the system prompt and the parameters, and store them."""
        self.change(system=system, parameters=parameters)
        if self._stored:
            self._start(self._keep_prompting(system, parameters), "keep-prompting")

    def set_tools(self, tools: ToolChoice) -> None:
        """Set the tools that the model is offered, and store them."""
        self.change(tools=tools)
        if self._stored:
            conversation = self.conversation
            self._start(self._keep_prompting(conversation.system, conversation.parameters), "keep-prompting")

    def show_leaf(self, leaf: str) -> None:
        """Make another version current and store that choice."""
        self.change(current=leaf)
        if self._stored:
            self._start(self._keep_leaf(leaf), "keep-branch")

    @property
    def so_far(self) -> Message | None:
        """The response in progress with the text received so far."""
        return self.session.so_far

    def _run(self, prompt: Prompt, operation: Operation) -> None:
        """Run an operation of the session. The prompt is returned if nothing could be stored."""
        if self.is_answering:
            return
        self.live = Live(since=time.monotonic())
        self.refusal = None
        self._held = operation
        try:
            answering = operation(self.session, self._heard, prompt)
        except ParagoneError as error:
            self.live = self._held = None
            self.refusal = (prompt, error)
            self.refused.emit(self, prompt, error)
            return
        self._task = self._tasks.start(answering, name="answer", failed=_told_elsewhere)
        self._task.add_done_callback(partial(self._settle, prompt))

    def _settle(self, prompt: Prompt, task: asyncio.Task[Message]) -> None:
        """Handle the end of a response, even if its task was canceled before it started."""
        live, self.live, self._task = self.live, None, None
        error = None if task.cancelled() else task.exception()
        if not isinstance(error, PromptFlagged):
            self._held = None
        if not task.cancelled() and error is None:
            if live is not None and not (live.begun and live.begun.answer.parts):  # else it is the pace of a part
                self.paces[task.result().id] = live.pace
            self.ended.emit(self, task.result())
        else:
            back = Prompt() if live is not None and live.kept else prompt
            self.refusal = (back, error) if back and isinstance(error, ParagoneError) else None
            self.refused.emit(self, back, error if isinstance(error, ParagoneError) else None)

    def _heard(self, event: Event) -> None:
        if self.live is None:
            return
        self.live.take(event)
        match event:
            case Begun(prompt=prompt, answer=answer):
                before = prompt.parent if prompt is not None else answer.parent
                self.live.begun = event
                self.live.base = self.conversation.path(before) if before else ()
                self.began.emit(self)
            case Kept():
                self.live.kept = True
                self._stored = not self._temporary
                self.kept.emit(self)
            case _:
                for held in self._hearers:
                    hear = held()
                    if hear is not None and isValid(cast("MethodType", hear).__self__):
                        hear(self, event)

    def _start(self, coroutine: Awaitable[None], name: str) -> None:
        async def run() -> None:
            await coroutine
            self.kept.emit(self)

        self._tasks.start(run(), name=name, failed=lambda error: self.failed.emit(self, error))

    async def _keep_prompting(self, system: str, parameters: Parameters) -> None:
        conversations = (await self._services.store()).conversations
        await conversations.set_prompting(self.id, system, parameters, self.conversation.tools)

    async def _keep_leaf(self, leaf: str) -> None:
        await (await self._services.store()).conversations.set_current(self.id, leaf)


def _told_elsewhere(_error: ParagoneError) -> None:
    return None
