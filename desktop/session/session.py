"""A conversation in use: prompts go in, answers come out, and its tree grows by siblings, never overwritten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain import Conversation, Kind, Message, ModelRef, Parameters, Part, Role, Status, TextPart, new_id, now
from desktop.errors import ConnectionUnknown, ConversationUnknown, SettingsError, UsageError
from desktop.events import Event, Notice
from desktop.guards.gate import OutgoingTexts
from desktop.phrases import phrase
from desktop.providers.provider import ChatMessage, ChatRequest
from desktop.session import confirmation, context_window
from desktop.session.answer import Answer, AnswerTask, Journal
from desktop.session.gateway import Gateway
from desktop.session.history import fit, title_of

Listener = Callable[[Event], None]

_CONTINUE = "Continue your answer exactly where it broke off. Repeat nothing and say nothing about it."
_NO_PARAMETERS = Parameters()


def _silent(_event: Event) -> None:
    return None


class Session:
    """One conversation with its model. One answer at a time; `stop` ends it from the same loop."""

    def __init__(self, conversation: Conversation, *, gateway: Gateway, catalog: Catalog, journal: Journal) -> None:
        self.conversation = conversation
        self._gateway = gateway
        self._catalog = catalog
        self._journal = journal
        self._answer: Answer | None = None
        self._unkept: list[Message] = []
        self._allowed: frozenset[str] = frozenset()
        self.flagged_too = False
        """Whether what guards only flag is sent without being asked for again."""

    def allow(self, found: frozenset[str]) -> None:
        """Send, from now on, what was flagged with these fingerprints (those of PromptFlagged)."""
        self._allowed |= found

    @property
    def entry(self) -> Entry:
        """What the catalog knows of the model, by what the server says it is or by its name."""
        known = self._gateway.known(self.conversation.model)
        return self._catalog.entry(known.base, known.name)

    @property
    def is_answering(self) -> bool:
        """Whether an answer is being made."""
        return self._answer is not None

    @property
    def is_kept(self) -> bool:
        """Whether all that was answered is in the journal; a full disk may have refused an end."""
        return not self._unkept

    async def keep(self) -> None:
        """Write what a full disk refused. Raises StoreError, and may be tried again."""
        while self._unkept:
            await self._journal.finish(self._unkept[0])
            self._unkept.pop(0)

    def stop(self) -> None:
        """Stop the answer that is being made, if there is one."""
        if self._answer is not None:
            self._answer.stop()

    async def ask(
        self, text: str, listener: Listener = _silent, *, history: Sequence[Message] | None = None
    ) -> Message:
        """Send a prompt after the current leaf; the answer as it ended.

        Raises StoreError, PolicyForbids, PromptHeld's tree and SettingsError: then nothing was sent and nothing kept.

        `history` is what the model is told was said before, in the place of the conversation's own messages.
        """
        return await self._ask(text, self.conversation.current, listener, history)

    async def edit(self, prompt_id: str, text: str, listener: Listener = _silent) -> Message:
        """Ask again with another prompt beside the old one. Raises as `ask`, and ConversationUnknown."""
        return await self._ask(text, self._find(prompt_id).parent, listener)

    async def regenerate(self, listener: Listener = _silent) -> Message:
        """Another answer to the last prompt, beside the one there is. Raises as `ask`, and UsageError without one."""
        path = self.conversation.path()
        prompts = [message for message in path if message.role is Role.USER]
        if not prompts:
            raise UsageError(phrase("There is no prompt to answer again yet."))
        return await self._make(None, prompts[-1].id, listener)

    async def continue_(self, listener: Listener = _silent) -> Message:
        """Go on with an answer that broke off; the whole becomes its sibling. Raises as `ask`, and UsageError."""
        path = self.conversation.path()
        if not path or path[-1].role is not Role.ASSISTANT or path[-1].status in (Status.COMPLETE, Status.STREAMING):
            raise UsageError(phrase("The last answer did not break off."))
        broken = path[-1]
        if not broken.text:
            return await self.regenerate(listener)
        confirmation.demand_answer(broken, self._allowed)
        return await self._make(None, broken.parent, listener, prefix=broken.parts)

    async def _ask(
        self, text: str, parent: str | None, listener: Listener, history: Sequence[Message] | None = None
    ) -> Message:
        if not text.strip():
            raise UsageError(phrase("The prompt is empty."))
        prompt = Message(
            id=new_id(),
            parent=parent,
            role=Role.USER,
            parts=(TextPart(text=text),),
            status=Status.COMPLETE,
            created_at=now(),
        )
        if not self.conversation.title:
            self.conversation = msgspec.structs.replace(self.conversation, title=title_of(text))
        return await self._make(prompt, parent, listener, history=history)

    async def _make(
        self,
        prompt: Message | None,
        parent: str | None,
        listener: Listener,
        prefix: tuple[Part, ...] = (),
        history: Sequence[Message] | None = None,
    ) -> Message:
        if self._answer is not None:
            raise UsageError(
                phrase("An answer is being made in this conversation."), hint=phrase("Stop it first, or wait.")
            )
        await self.keep()
        task = self._task(prompt, parent, prefix, history)
        notices = await self._leave(task)
        if self._answer is not None:  # begun while the guards looked
            raise UsageError(phrase("An answer is being made in this conversation."))
        self._answer = Answer(task, self._journal, listener=listener, find_entry=self._catalog.find)
        for notice in notices:
            listener(notice)
        try:
            message = await self._answer.run()
            if not self._answer.kept:
                self._unkept.append(message)
        finally:
            self._answer = None
        await self._count(message, listener)
        added = (prompt, message) if prompt else (message,)
        self.conversation = msgspec.structs.replace(
            self.conversation,
            messages=(*self.conversation.messages, *added),
            current=message.id,
            updated_at=now(),
        )
        return message

    def _task(
        self,
        prompt: Message | None,
        parent: str | None,
        prefix: tuple[Part, ...],
        history: Sequence[Message] | None = None,
    ) -> AnswerTask:
        conversation = self.conversation
        path = tuple(history) if history is not None else conversation.path(parent) if parent else ()
        entry, known = self.entry, self._gateway.known(conversation.model)
        fitted = fit(
            (*path, prompt) if prompt else path,
            system=conversation.system,
            window=known.context_window or entry.context_window,
            reserve=context_window.reserve(conversation, entry),
        )
        return AnswerTask(
            conversation=conversation,
            prompt=prompt,
            parent=parent,
            model=conversation.model,
            request=ChatRequest(
                model=conversation.model.name,
                messages=fitted.messages + self._continuation(prefix),
                parameters=conversation.parameters,
            ),
            entry=entry,
            open=partial(self._gateway.provider, conversation.model.connection),
            prefix=prefix,
            left_out=fitted.left_out,
        )

    async def _leave(self, task: AnswerTask) -> tuple[Notice, ...]:
        """Ask whether the words of people in a request may leave; all of them, since the history goes with each."""
        confirmation.demand_parameters(task.conversation, self._allowed)
        try:
            connection = self._gateway.settings.connection(task.model.connection)
        except ConnectionUnknown:  # nothing can be sent: the answer says so
            return ()
        said = [message.text for message in task.request.messages if message.role is not Role.ASSISTANT]
        if task.prefix:
            said = [text for text in said if text != _CONTINUE]
        leaving = OutgoingTexts(
            conversation=task.conversation.id,
            model=task.model,
            connection=connection,
            entry=task.entry,
            texts=said,
            allowed=self._allowed,
            flagged_too=self.flagged_too,
        )
        return await self._gateway.leave(leaving)

    async def _count(self, message: Message, listener: Listener) -> None:
        """Count what an answer cost; that it could not be written is said, and the answer stays."""
        try:
            await self._gateway.cost(message.figures.cost if message.figures is not None else None)
        except SettingsError as error:
            listener(Notice(code=error.code, message=error.message))

    def _continuation(self, prefix: tuple[Part, ...]) -> tuple[ChatMessage, ...]:
        """Messages that make the model go on after `prefix`: engines of ours take the begun answer itself."""
        said = "".join(part.text for part in prefix if isinstance(part, TextPart))
        if not said:
            return ()
        begun = ChatMessage(role=Role.ASSISTANT, text=said)
        connection = self._gateway.settings.connection(self.conversation.model.connection)
        if connection.kind is Kind.EMBEDDED:
            return (begun,)
        return (begun, ChatMessage(role=Role.USER, text=_CONTINUE))

    def _find(self, message_id: str) -> Message:
        for message in self.conversation.messages:
            if message.id == message_id:
                return message
        raise ConversationUnknown(phrase("This conversation has no message {message}.", message=message_id))


def new_conversation(model: ModelRef, *, system: str = "", parameters: Parameters = _NO_PARAMETERS) -> Conversation:
    """A conversation without messages; its title comes from its first prompt."""
    at = now()
    return Conversation(
        id=new_id(), title="", model=model, created_at=at, updated_at=at, system=system, parameters=parameters
    )


def copied(conversation: Conversation, into: Conversation) -> Conversation:
    """A conversation with another one's title and messages, which get ids of their own."""
    ids = {message.id: new_id() for message in conversation.messages}
    messages = tuple(
        msgspec.structs.replace(message, id=ids[message.id], parent=ids.get(message.parent or ""))
        for message in conversation.messages
    )
    current = ids.get(conversation.current or "")
    return msgspec.structs.replace(into, title=conversation.title, messages=messages, current=current)
