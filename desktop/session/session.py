"""A conversation in use: prompts and responses extend its tree; nothing is overwritten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict

import msgspec

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import (
    NO_TOOLS,
    Conversation,
    Kind,
    Message,
    ModelRef,
    Parameters,
    Role,
    Status,
    ToolChoice,
    bounded_left_out,
    new_id,
    now,
)
from desktop.domain.events import Begun, Event, Notice
from desktop.domain.imported_models import program_of
from desktop.domain.message_parts import FilePart, ImagePart, TextPart
from desktop.errors import AttachmentRefused, ConversationUnknown, PicturesRejected, PromptUnconfirmed, UsageError
from desktop.providers.provider import ChatMessage, ChatRequest, OutputSchema
from desktop.receipts.receipt import Receipt
from desktop.session import context_window
from desktop.session.answer import Answer, AnswerTask
from desktop.session.answer_bounds import require_prompt
from desktop.session.answer_content import as_messages, has_results, last_text
from desktop.session.charge import Charge
from desktop.session.continuation import CONTINUE, continuation
from desktop.session.gateway import Gateway
from desktop.session.history import FilesAsSent, fit
from desktop.session.journal import Journal
from desktop.session.payment import pay_for
from desktop.session.prompt_title import title_of
from desktop.settings.policy import WEB_SEARCH
from desktop.text.phrases import phrase
from desktop.tools.tool_runner import (
    RecordedCall,
    Toolbox,
    ToolRunner,
    ToolUse,
    Unattended,
    recorded_calls,
    taint_sources,
)

if TYPE_CHECKING:
    from desktop.attachments.sent_forms import Taken
    from desktop.session.prompt_files import PromptFiles

_SHOWN = 200  # characters of parameters


def require_parameters(conversation: Conversation, allowed: frozenset[str]) -> None:
    """Check that the parameters of an imported conversation may be sent: the user allowed them or used them before.

    Raises:
        PromptUnconfirmed: If they may not be sent yet.
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
    """Check that a response may be continued: it was generated here, or the user allowed it.

    Raises:
        PromptUnconfirmed: If it may not be continued yet.
    """
    fingerprint = f"imported answer {broken.id}"
    if broken.imported and fingerprint not in allowed:
        raise PromptUnconfirmed(
            phrase(
                "This response was imported. If you continue it, its text is sent to the model as the "
                "model's own response."
            ),
            found=frozenset({fingerprint}),
        )


Listener = Callable[[Event], None]
Answering = Coroutine[None, None, Message]
"""Awaitable of the finished response. The start of the response is reported before it is awaited."""

_NO_PARAMETERS = Parameters()


def _silent(_event: Event) -> None:
    return None


class Session:
    """A conversation and its model. Generates one response at a time; `stop` must be called on the same event loop.

    Methods that request a response report the new messages (Begun) before they are awaited.

    Raises:
        UsageError: Immediately, if a request is not possible.
        ConnectionUnknown: Immediately, for a model known only from an import.
    """

    def __init__(
        self,
        conversation: Conversation,
        *,
        gateway: Gateway,
        catalog: Catalog,
        journal: Journal,
        files: Callable[[], PromptFiles] | None = None,
        tools: Callable[[], Toolbox] | None = None,
        is_stored: bool = True,
    ) -> None:
        self._files = files
        self._tools = tools
        self.is_stored = is_stored
        """Whether images that tools return are stored."""
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
        self.frozen: tuple[RecordedCall, ...] | None = None
        """Results of earlier calls that are used instead of calling tools; None to call them."""
        self.unattended: Unattended | None = None
        """How tools are called if nobody is asked, as in runs; None to ask."""
        self._recorded: tuple[RecordedCall, ...] | None = None
        """The same for the next response only."""
        self._instead: ModelRef | None = None
        """Another model than the conversation's, which is asked for the last response."""

    @property
    def _model(self) -> ModelRef:
        """Model that is asked for the last response."""
        return self._instead or self.conversation.model

    def allow(self, found: frozenset[str]) -> None:
        """Allow findings with these fingerprints (from PromptFlagged) to be sent from now on."""
        self._allowed |= found

    @property
    def entry(self) -> Entry:
        """Catalog entry of the model, looked up by the name reported by the server or else the model's own."""
        return self._entry_of(self.conversation.model)

    def _entry_of(self, model: ModelRef) -> Entry:
        known = self._gateway.known(model)
        return self._catalog.entry(known.base, known.name)

    def use_journal(self, journal: Journal) -> None:
        """Store responses in another journal from now on."""
        self._journal = journal

    def use_tools(
        self, toolbox: Callable[[], Toolbox] | None, *, frozen: tuple[RecordedCall, ...] | None = None
    ) -> None:
        """Take tools from `toolbox`, with recorded results instead of calls if there are any."""
        self._tools, self.frozen = toolbox, frozen

    @property
    def is_answering(self) -> bool:
        """Whether a response is being generated."""
        return self._answer is not None

    @property
    def is_kept(self) -> bool:
        """Whether all responses are stored; writing may fail if the disk is full."""
        return not self._unkept

    async def keep(self) -> None:
        """Store responses that could not be written to a full disk. Those of a deleted conversation are dropped.

        Raises:
            StoreError: If writing fails again; this method may be called again.
        """
        async with self._keeping:  # once there is room again, and before the next prompt: at once perhaps
            while self._unkept:
                with suppress(ConversationUnknown):
                    await self._journal.finish(*self._unkept[0])
                self._unkept.pop(0)

    def stop(self, *, interrupts: bool = False) -> None:
        """Stop the current response, if any. `interrupts` means that Paragone is quitting."""
        if self._answer is not None:
            self._answer.stop(interrupts=interrupts)

    def hurry(self) -> None:
        """Send a waiting retry immediately."""
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
        """Send a prompt after the current leaf and return the finished response.

        Args:
            history: Messages sent instead of the conversation's own.
            turn: Id shared by all conversations that receive the prompt; a new one by default.
            files: Attachments, already stored.

        Raises:
            PolicyForbids: If a policy forbids it. Nothing was sent after this or any following error.
            PromptHeld: If the prompt may not be sent.
            SettingsError: If a settings file cannot be used.
            StoreError: If the prompt could not be stored.
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
        """Send an edited prompt as a sibling of the old one, with the old one's files unless others are passed.

        Raises:
            ParagoneError: As for `ask`.
            ConversationUnknown: If there is no such prompt.
        """
        old = self._find(prompt_id)
        return self._ask(text, old.parent, listener, turn=old.turn, files=old.files if files is None else files)

    def regenerate(
        self, listener: Listener = _silent, model: ModelRef | None = None, *, recorded: bool = False
    ) -> Answering:
        """Request another response to the last prompt, from another model if one is given.

        The conversation keeps its own model.

        Args:
            recorded: Whether tools are not called: the results of the current response's calls are used.

        Raises:
            ParagoneError: As for `ask`.
            UsageError: If there is no prompt.
        """
        path = self.conversation.path()
        prompts = [message for message in path if message.role is Role.USER]
        if not prompts:
            raise UsageError(phrase("There is no prompt to send again yet."))
        answering = self._begin(None, prompts[-1].id, listener, model=model)
        self._recorded = recorded_calls(path[-1:]) if recorded else None
        return answering

    def continue_(self, listener: Listener = _silent, model: ModelRef | None = None) -> Answering:
        """Continue an interrupted response, with another model if one is given.

        The combined response becomes a sibling of the interrupted one.

        Raises:
            ParagoneError: As for `ask`.
            UsageError: If the last message is not an interrupted response.
        """
        path = self.conversation.path()
        if not path or path[-1].role is not Role.ASSISTANT or path[-1].status in (Status.COMPLETE, Status.STREAMING):
            raise UsageError(phrase("The last response was not interrupted."))
        broken = path[-1]
        if not broken.text and not has_results(broken.parts):
            return self.regenerate(listener, model)
        require_answer(broken, self._allowed)
        return self._begin(None, broken.parent, listener, broken=broken, model=model)

    @property
    def so_far(self) -> Message | None:
        """Partial response being generated; None between responses."""
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
        model: ModelRef | None = None,
    ) -> Answering:
        self._require_idle()
        self._instead = model
        self._require_model()
        waiting = Message(
            id=new_id(),
            parent=prompt.id if prompt else parent,
            role=Role.ASSISTANT,
            parts=broken.parts if broken is not None else (),
            status=Status.STREAMING,
            created_at=now(),
            model=self._model,
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
        tools = await self._runner(path, listener)
        task = msgspec.structs.replace(self._task(prompt, waiting, path, given, tools), broken=broken)
        if task.request.web_search and not self._may_search(listener):
            request = msgspec.structs.replace(task.request, web_search=False)
            task = msgspec.structs.replace(task, request=request)
        require_parameters(task.conversation, self._allowed)
        async with self._gateway.ask(
            conversation=task.conversation.id,
            model=self._model,
            entry=task.entry,
            **_words_of_people(task),
            parameters=task.request.parameters.values,
            allowed=self._allowed,
            flagged_too=self.flagged_too,
        ) as passage:
            self._require_idle()  # another may have begun while the guards looked
            if not self.conversation.title:  # only now: what was held back is nobody's title
                self.conversation = msgspec.structs.replace(self.conversation, title=task.conversation.title)
            self._answer = Answer(
                task,
                self._journal,
                passage.open,
                listener=listener,
                find_entry=self._catalog.find,
                admit=passage.admit,
            )
            for notice in passage.notices:
                listener(notice)
            try:
                message = await self._answer.run()
                if message.problem is not None and message.problem.code == PicturesRejected.code:
                    await self._gateway.note_blind(self._model)
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
                phrase("A response is being generated in this conversation."),
                hint=phrase("Stop the response, or wait until it is complete."),
            )

    def _require_model(self) -> None:
        """Raise ConnectionUnknown if the model is known only from an import."""
        connection = self._model.connection
        if program_of(connection):
            self._gateway.settings.connection(connection)

    async def _given(self, path: Sequence[Message], listener: Listener) -> Mapping[str, FilesAsSent]:
        """Return the files as the model receives them; report the files that it does not receive."""
        if self._files is None or not any(message.files for message in path):
            return {}
        model = self._model
        name = self._entry_of(model).name or model.name
        files_by_message = await self._files().given(path, self._takes_of(model), name)
        for each in files_by_message.values():
            for file in each.nothing:
                listener(Notice(code="attachment_left_out", message=file.sentence))
        last = files_by_message.get(path[-1].id)
        if last is not None and not (path[-1].text.strip() or last.text or last.attached):
            raise AttachmentRefused(
                phrase("{model} cannot read the attachments, and the prompt contains nothing else.", model=name)
            )
        return files_by_message

    def _may_search(self, listener: Listener) -> bool:
        """Whether policies allow the provider to search the web."""
        if self._gateway.settings.policy.get(WEB_SEARCH):
            return True
        said = phrase("Your organization does not allow web search by providers.")
        listener(Notice(code="web_search_forbidden", message=said))
        return False

    async def _runner(self, path: Sequence[Message], listener: Listener) -> ToolRunner | None:
        """Return the tools of the response; None if none are offered, or if its model accepts none."""
        choice, model = self.conversation.tools, self._model
        recorded, self._recorded = self._recorded, None
        if self._tools is None or not choice.servers:
            return None
        entry, known = self._entry_of(model), self._gateway.known(model)
        if entry.tools is False:
            said = phrase("{model} does not support tools and responds without them.", model=entry.name or model.name)
            listener(Notice(code="tools_unsupported", message=said))
            return None
        use = ToolUse(
            conversation=self.conversation.id,
            model=model,
            turn=path[-1].turn or path[-1].id,
            choice=choice,
            tainted_by=taint_sources(path),
            files=tuple(file for message in path if message.role is Role.USER for file in message.files),
            window=known.context_window or entry.context_window,
            frozen=self.frozen if recorded is None else recorded,
            unattended=self.unattended,
            is_unnamed=self.unnamed,
            sees=self._takes_of(model).vision is True,
            keeps=self.is_stored,
        )
        return await self._tools().runner(use, listener)

    @property
    def takes(self) -> Taken:
        """Inputs the model accepts besides text, as far as known."""
        return self._takes_of(self.conversation.model)

    def _takes_of(self, model: ModelRef) -> Taken:
        from desktop.session.prompt_files import taken_by  # late: most prompts have no files

        return taken_by(self._gateway, model, self._entry_of(model))

    def _task(
        self,
        prompt: Message | None,
        waiting: Message,
        path: Sequence[Message],
        given: Mapping[str, FilesAsSent],
        tools: ToolRunner | None,
    ) -> AnswerTask:
        conversation = msgspec.structs.replace(self.conversation, model=self._model)
        if prompt is not None and not conversation.title:
            title = title_of(prompt.text or prompt.files[0].name)
            conversation = msgspec.structs.replace(conversation, title=title)
        entry, known = self._entry_of(conversation.model), self._gateway.known(conversation.model)
        fitted = fit(
            path,
            given=given,
            system=conversation.system,
            window=known.context_window or entry.context_window,
            reserve=context_window.reserve(conversation, entry),
            offers_tools=tools is not None,
        )
        choice = conversation.tools
        return AnswerTask(
            conversation=conversation,
            prompt=prompt,
            answer=waiting,
            request=ChatRequest(
                model=conversation.model.name,
                messages=fitted.messages + self._continuation(waiting, offers_tools=tools is not None),
                parameters=conversation.parameters,
                hurry=asyncio.Event(),
                wire=(entry.tools_wire if tools is not None else None) or entry.wire,
                most_output=entry.max_output,
                reasons=bool(entry.reasoning),
                tools=tuple(tools.specs) if tools is not None else (),
                web_search=choice.web_search and self._gateway.settings.policy.get(WEB_SEARCH),
                output=OutputSchema.parse(choice.schema) if entry.structured_output is not False else None,
            ),
            entry=entry,
            left_out=fitted.left_out,
            unnamed=self.unnamed,
            program=self._gateway.program,
            tools=tools,
        )

    def _continuation(self, waiting: Message, *, offers_tools: bool) -> tuple[ChatMessage, ...]:
        """Return the messages that make the model continue: after a tool's result, nothing needs to be said."""
        if has_results(waiting.parts):
            begun = as_messages(waiting, offers_tools=offers_tools)
            unfinished = last_text(waiting.parts) or not offers_tools
            return (*begun, ChatMessage(role=Role.USER, text=CONTINUE)) if unfinished else begun
        kind = self._gateway.settings.connection(self._model.connection).kind if waiting.text else Kind.EMBEDDED
        return continuation(waiting.text, kind)

    def _find(self, message_id: str) -> Message:
        for message in self.conversation.messages:
            if message.id == message_id:
                return message
        raise ConversationUnknown(phrase("This conversation has no message {message}.", message=message_id))


def new_conversation(
    model: ModelRef, *, system: str = "", parameters: Parameters = _NO_PARAMETERS, tools: ToolChoice = NO_TOOLS
) -> Conversation:
    """Return an empty conversation. Its title comes from its first prompt."""
    at = now()
    return Conversation(
        id=new_id(),
        title="",
        model=model,
        created_at=at,
        updated_at=at,
        system=system,
        parameters=parameters,
        tools=tools,
    )


def copied(conversation: Conversation, into: Conversation) -> Conversation:
    """Return `into` with the title and messages of another conversation. The messages get new ids."""
    ids = {message.id: new_id() for message in conversation.messages}
    messages = tuple(
        msgspec.structs.replace(message, id=ids[message.id], parent=ids.get(message.parent or ""))
        for message in conversation.messages
    )
    current = ids.get(conversation.current or "")
    title = conversation.title if messages else ""  # of a first prompt that waits only the title is there
    return msgspec.structs.replace(into, title=title, messages=messages, current=current)


class _Words(TypedDict):
    """User text in a request, and how many belong to the prompt; see OutgoingTexts."""

    texts: list[str]
    newest: int


def _words_of_people(task: AnswerTask) -> _Words:
    """Return all user text in a request, including history and quoted files.

    Prompts that Paragone writes itself are excluded.
    """
    texts, newest = list[str](), 0
    for message in task.request.messages:
        if message.role is Role.ASSISTANT or message.results or (task.answer.parts and message.text == CONTINUE):
            continue
        own = [words for part in message.attached for words in (part.name, part.text) if words] + [message.text]
        texts += own
        newest = len(own)
    return _Words(texts=texts, newest=newest)
