"""A conversation in use: prompts go in, answers come out, and its tree grows by siblings, never overwritten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

import msgspec

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import (
    Conversation,
    Kind,
    Message,
    ModelRef,
    Parameters,
    Role,
    Status,
    bounded_left_out,
    new_id,
    now,
)
from desktop.domain.events import Begun, Event, Notice
from desktop.domain.imported_models import program_of
from desktop.domain.message_parts import FilePart, ImagePart, TextPart
from desktop.errors import AttachmentRefused, ConversationUnknown, PicturesRejected, PromptUnconfirmed, UsageError
from desktop.providers.provider import ChatMessage, ChatRequest
from desktop.receipts.receipt import Receipt
from desktop.session import context_window
from desktop.session.answer import Answer, AnswerTask
from desktop.session.answer_bounds import require_prompt
from desktop.session.charge import Charge
from desktop.session.continuation import CONTINUE, continuation
from desktop.session.gateway import Gateway
from desktop.session.history import FilesAsSent, fit
from desktop.session.journal import Journal
from desktop.session.payment import pay_for
from desktop.session.prompt_title import title_of
from desktop.text.phrases import phrase

if TYPE_CHECKING:
    from desktop.attachments.sent_forms import Taken
    from desktop.session.prompt_files import PromptFiles

_SHOWN = 200  # characters of parameters


def require_parameters(conversation: Conversation, allowed: frozenset[str]) -> None:
    """Go on where an imported conversation's parameters may be sent: somebody allowed them, or something was said here.

    Raises PromptUnconfirmed.
    """
    values, messages = conversation.parameters.values, conversation.messages
    fingerprint = f"imported parameters {conversation.id}"
    if not values or not messages or fingerprint in allowed or not all(each.imported for each in messages):
        return
    named = ", ".join(f"{name} = {msgspec.json.encode(value).decode()}" for name, value in values.items())
    raise PromptUnconfirmed(
        phrase(
            "This conversation was imported with parameters that are sent with every prompt: {parameters}.",
            parameters=named if len(named) <= _SHOWN else f"{named[:_SHOWN]}…",
        ),
        found=frozenset({fingerprint}),
    )


def require_answer(broken: Message, allowed: frozenset[str]) -> None:
    """Go on where an answer may be continued: it was made here, or somebody allowed it. Raises PromptUnconfirmed."""
    fingerprint = f"imported answer {broken.id}"
    if broken.imported and fingerprint not in allowed:
        raise PromptUnconfirmed(
            phrase("This response was imported. If you continue it, the model is told that the words are its own."),
            found=frozenset({fingerprint}),
        )


Listener = Callable[[Event], None]
Answering = Coroutine[None, None, Message]
"""The answer as it ended, for whoever awaits it; that it begins was told when it was asked for."""

_NO_PARAMETERS = Parameters()


def _silent(_event: Event) -> None:
    return None


class Session:
    """One conversation with its model. One answer at a time; `stop` ends it from the same loop.

    What asks for an answer tells at once, before it is awaited, which messages are made (Begun), or raises UsageError,
    or ConnectionUnknown for a model that is known from an import alone.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        gateway: Gateway,
        catalog: Catalog,
        journal: Journal,
        files: Callable[[], PromptFiles] | None = None,
    ) -> None:
        self._files = files
        self.conversation = conversation
        self._gateway = gateway
        self._catalog = catalog
        self._journal = journal
        self._answer: Answer | None = None
        self._unkept: list[tuple[Message, Receipt | None]] = []
        self._keeping = asyncio.Lock()
        self._allowed: frozenset[str] = frozenset()
        self.flagged_too = False
        """Whether what guards only flag is sent without being asked for again."""
        self.charge: Charge | None = None
        """What the last answer is counted as in caps and budgets; None where nothing came."""
        self.unnamed = False
        """Whether nobody is to be told which model answers, not by the log either."""

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
        """Write what a full disk refused. Raises StoreError, and may be tried again.

        What was answered in a conversation that was deleted meanwhile is forgotten.
        """
        async with self._keeping:  # once there is room again, and before the next prompt: at once perhaps
            while self._unkept:
                with suppress(ConversationUnknown):
                    await self._journal.finish(*self._unkept[0])
                self._unkept.pop(0)

    def stop(self, *, interrupts: bool = False) -> None:
        """Stop the answer that is being made, if there is one; where that `interrupts` it, nobody wished it to end."""
        if self._answer is not None:
            self._answer.stop(interrupts=interrupts)

    def hurry(self) -> None:
        """Send a request again at once that failed and waits."""
        if self._answer is not None:
            self._answer.hurry()

    def ask(
        self,
        text: str,
        listener: Listener = _silent,
        *,
        history: Sequence[Message] | None = None,
        turn: str = "",
        files: Sequence[ImagePart | FilePart] = (),
    ) -> Answering:
        """Send a prompt after the current leaf; the answer as it ended.

        Raises StoreError, PolicyForbids, PromptHeld's tree and SettingsError: then nothing was sent and nothing kept.

        `history` is what the model is told was said before, in the place of the conversation's own messages. `turn`
        is one id for all conversations that the prompt goes to; without one it is a turn of its own. `files` are
        attached to it: they are kept already.
        """
        return self._ask(text, self.conversation.current, listener, history, turn=turn or new_id(), files=files)

    def edit(
        self,
        prompt_id: str,
        text: str,
        listener: Listener = _silent,
        *,
        files: Sequence[ImagePart | FilePart] | None = None,
    ) -> Answering:
        """Ask again with another prompt beside the old one, with its files unless others are given.

        Raises as `ask`, and ConversationUnknown.
        """
        old = self._find(prompt_id)
        return self._ask(text, old.parent, listener, turn=old.turn, files=old.files if files is None else files)

    def regenerate(self, listener: Listener = _silent) -> Answering:
        """Another answer to the last prompt, beside the one there is. Raises as `ask`, and UsageError without one."""
        path = self.conversation.path()
        prompts = [message for message in path if message.role is Role.USER]
        if not prompts:
            raise UsageError(phrase("There is no prompt to send again yet."))
        return self._begin(None, prompts[-1].id, listener)

    def continue_(self, listener: Listener = _silent) -> Answering:
        """Go on with an answer that broke off; the whole becomes its sibling. Raises as `ask`, and UsageError."""
        path = self.conversation.path()
        if not path or path[-1].role is not Role.ASSISTANT or path[-1].status in (Status.COMPLETE, Status.STREAMING):
            raise UsageError(phrase("The last response was not interrupted."))
        broken = path[-1]
        if not broken.text:
            return self.regenerate(listener)
        require_answer(broken, self._allowed)
        return self._begin(None, broken.parent, listener, broken=broken)

    @property
    def so_far(self) -> Message | None:
        """The answer that is being made, as far as it came; None between answers."""
        return self._answer.message if self._answer is not None else None

    def _ask(
        self,
        text: str,
        parent: str | None,
        listener: Listener,
        history: Sequence[Message] | None = None,
        *,
        turn: str,
        files: Sequence[ImagePart | FilePart] = (),
    ) -> Answering:
        if not text.strip() and not files:
            raise UsageError(phrase("The prompt is empty."))
        require_prompt(text, self.conversation.system)
        prompt = Message(
            id=new_id(),
            parent=parent,
            role=Role.USER,
            parts=(*files, TextPart(text=text)) if text else tuple(files),
            status=Status.COMPLETE,
            created_at=now(),
            turn=turn,
        )
        return self._begin(prompt, parent, listener, history=history)

    def _begin(
        self,
        prompt: Message | None,
        parent: str | None,
        listener: Listener,
        broken: Message | None = None,
        history: Sequence[Message] | None = None,
    ) -> Answering:
        self._require_idle()
        self._require_model()
        waiting = Message(
            id=new_id(),
            parent=prompt.id if prompt else parent,
            role=Role.ASSISTANT,
            parts=broken.parts if broken is not None else (),
            status=Status.STREAMING,
            created_at=now(),
            model=self.conversation.model,
        )
        listener(Begun(prompt=prompt, answer=waiting))
        return self._make(prompt, waiting, listener, history, broken)

    async def _make(
        self,
        prompt: Message | None,
        waiting: Message,
        listener: Listener,
        history: Sequence[Message] | None,
        broken: Message | None,
    ) -> Message:
        await self.keep()
        before = prompt.parent if prompt else waiting.parent
        path = tuple(history) if history is not None else self.conversation.path(before) if before else ()
        path = (*path, prompt) if prompt else path
        given = await self._given(path, listener)
        left_out = bounded_left_out(file for each in given.values() for file in each.nothing)
        waiting = msgspec.structs.replace(waiting, left_out=left_out)
        task = msgspec.structs.replace(self._task(prompt, waiting, path, given), broken=broken)
        require_parameters(task.conversation, self._allowed)
        async with self._gateway.ask(
            conversation=task.conversation.id,
            model=self.conversation.model,
            entry=task.entry,
            **_words_of_people(task),
            parameters=task.request.parameters.values,
            allowed=self._allowed,
            flagged_too=self.flagged_too,
        ) as passage:
            self._require_idle()  # another may have begun while the guards looked
            if not self.conversation.title:  # only now: what was held back is nobody's title
                self.conversation = msgspec.structs.replace(self.conversation, title=task.conversation.title)
            self._answer = Answer(task, self._journal, passage.open, listener=listener, find_entry=self._catalog.find)
            for notice in passage.notices:
                listener(notice)
            try:
                message = await self._answer.run()
                if message.problem is not None and message.problem.code == PicturesRejected.code:
                    await self._gateway.note_blind(self.conversation.model)
                self.charge = self._answer.charge
                if not self._answer.kept:
                    self._unkept.append((message, self._answer.receipt))
            finally:
                self._answer = None
            await pay_for(passage, self.charge, listener)
        added = (prompt, message) if prompt else (message,)
        self.conversation = msgspec.structs.replace(
            self.conversation,
            messages=(*self.conversation.messages, *added),
            current=message.id,
            updated_at=now(),
        )
        return message

    def _require_idle(self) -> None:
        if self._answer is not None:
            raise UsageError(
                phrase("A response is being generated in this conversation."), hint=phrase("Stop it, or wait.")
            )

    def _require_model(self) -> None:
        """Nothing is begun with a model that is known from an import alone."""
        connection = self.conversation.model.connection
        if program_of(connection):
            self._gateway.settings.connection(connection)

    async def _given(self, path: Sequence[Message], listener: Listener) -> Mapping[str, FilesAsSent]:
        """What the model is given of the files of messages; what it does not get of them is told."""
        if self._files is None or not any(message.files for message in path):
            return {}
        model = self.conversation.model
        name = self.entry.name or model.name
        given = await self._files().given(path, self.takes, name)
        for each in given.values():
            for file in each.nothing:
                listener(Notice(code="attachment_left_out", message=file.sentence))
        last = given.get(path[-1].id)
        if last is not None and not (path[-1].text.strip() or last.text or last.attached):
            raise AttachmentRefused(
                phrase("{model} cannot read the attachments, and the prompt contains nothing else.", model=name)
            )
        return given

    @property
    def takes(self) -> Taken:
        """What the model takes beside text, as far as anybody knows."""
        from desktop.session.prompt_files import taken_by  # late: most prompts have no files

        return taken_by(self._gateway, self.conversation.model, self.entry)

    def _task(
        self, prompt: Message | None, waiting: Message, path: Sequence[Message], given: Mapping[str, FilesAsSent]
    ) -> AnswerTask:
        conversation = self.conversation
        if prompt is not None and not conversation.title:
            title = title_of(prompt.text or prompt.files[0].name)
            conversation = msgspec.structs.replace(conversation, title=title)
        entry, known = self.entry, self._gateway.known(conversation.model)
        fitted = fit(
            path,
            given=given,
            system=conversation.system,
            window=known.context_window or entry.context_window,
            reserve=context_window.reserve(conversation, entry),
        )
        return AnswerTask(
            conversation=conversation,
            prompt=prompt,
            answer=waiting,
            request=ChatRequest(
                model=conversation.model.name,
                messages=fitted.messages + self._continuation(waiting.text),
                parameters=conversation.parameters,
                hurry=asyncio.Event(),
                wire=entry.wire,
                most_output=entry.max_output,
                reasons=bool(entry.reasoning),
            ),
            entry=entry,
            left_out=fitted.left_out,
            unnamed=self.unnamed,
            program=self._gateway.program,
        )

    def _continuation(self, said: str) -> tuple[ChatMessage, ...]:
        """Messages that make the model go on after what it said."""
        kind = self._gateway.settings.connection(self.conversation.model.connection).kind if said else Kind.EMBEDDED
        return continuation(said, kind)

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
    title = conversation.title if messages else ""  # of a first prompt that waits only the title is there
    return msgspec.structs.replace(into, title=title, messages=messages, current=current)


class _Words(TypedDict):
    """The people's words in a request, and how many of them are the prompt's; see OutgoingTexts."""

    texts: list[str]
    newest: int


def _words_of_people(task: AnswerTask) -> _Words:
    """All of them in a request, since the history goes with each: what files say that go along, and then the words.

    Not what the program itself says in their place.
    """
    texts, newest = list[str](), 0
    for message in task.request.messages:
        if message.role is Role.ASSISTANT or (task.answer.parts and message.text == CONTINUE):
            continue
        own = [words for part in message.attached for words in (part.name, part.text) if words] + [message.text]
        texts += own
        newest = len(own)
    return _Words(texts=texts, newest=newest)
