"""`chat`: sends typed or piped prompts one after another, prints the responses, and stores everything."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from desktop.attachments.attachment import Attachment
from desktop.domain.conversation_types import Conversation, Message, ModelRef, Status
from desktop.errors import ParagoneError, PromptBlocked, PromptFlagged, PromptUnconfirmed, StoreError, UsageError
from desktop.session.journal import NoJournal
from desktop.session.session import Listener, Session, new_conversation
from desktop.store.store import Store
from desktop.terminal import prompt_lines
from desktop.terminal.ask_command import StreamPrinter, conversation_for
from desktop.terminal.attached_arguments import described, read, require_room
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.conversations_command import print_conversation
from desktop.terminal.interrupt import on_interrupt
from desktop.terminal.models_command import state_of
from desktop.terminal.tool_options import known_servers, schema_problems, tell_web_search, tool_choice, tool_overview
from desktop.text.phrases import english

_COMMAND = re.compile(r"/[a-z]+")
_HELP = """\
/model REF     use another model from now on, in a new conversation
/system TEXT   set the system prompt
/retry         send the last prompt again
/continue      continue an interrupted response
/allow         send imported messages as they are from now on
/attach FILE   attach a file to the next prompt
/attachments   list the attached files; "/attachments none" removes them
/tools         list the tools; "/tools time,paragone" offers these, "/tools off" none
/new           start a new conversation
/help          show this list
/quit          quit (also Ctrl+D)
Ctrl+C stops a response, and denies a tool call that you are asked about.
Start a line with a space to send it as it is."""


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Chat until there are no more prompts. Returns 0 if all were answered, otherwise 1.

    Raises:
        ConnectionUnknown: If the model's connection does not exist.
        StoreError: If the store cannot be opened.
    """
    ref = services.model(arguments.model)
    services.settings.connection(ref.connection)
    choice = await tool_choice(services, arguments)
    tell_web_search(services, [ref], choice)
    conversation = conversation_for(services, ref, arguments, choice)
    chat = TerminalChat(services, await services.store(), conversation, flagged_too=arguments.allow_flagged)
    source = prompt_lines.from_standard_input(await services.prompt_history(), chat.label, services.console.note)
    await chat.greet()
    with on_interrupt(chat.interrupt):
        return await chat.run(source)


class TerminalChat:
    """Chat in the terminal: handles one session at a time, and the slash commands."""

    def __init__(
        self, services: ConsoleServices, store: Store, conversation: Conversation, *, flagged_too: bool = False
    ) -> None:
        self._services = services
        self._flagged_too = flagged_too
        self._store = store
        self._console = services.console
        self._session = self._open(conversation)
        self._broken: str | None = None
        self._failed = False
        self._unconfirmed: frozenset[str] = frozenset()
        self._attached: list[Attachment] = []
        self._running: asyncio.Task[int] | None = None
        self._answering: asyncio.Task[Message] | None = None
        self._source: prompt_lines.Prompts | None = None
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "/help": self._help,
            "/model": self._model,
            "/system": self._system,
            "/retry": self._retry,
            "/continue": self._continue,
            "/allow": self._allow,
            "/attach": self._attach,
            "/attachments": self._attachments,
            "/tools": self._tools,
            "/new": self._new,
        }

    def label(self) -> str:
        """Return the text shown before the input line."""
        return f"{self._session.conversation.model} > "

    def interrupt(self) -> None:
        """Handle Ctrl+C: stop the response, or end the chat if there is none."""
        if self._session.is_answering:
            self._session.stop()
        elif self._answering is not None:
            self._answering.cancel()  # its tool servers are still starting
        elif self._running is not None:
            self._running.cancel()

    async def greet(self) -> None:
        """Print the model, and offer to continue an interrupted conversation."""
        model = self._session.conversation.model
        self._console.note(f"Paragone {self._services.version}, {model}. /help lists the commands.")
        state = state_of(self._session.entry, datetime.now(UTC).date())
        if state.startswith("retired"):
            self._console.note(f"{model}: {state}.")
        try:
            await self._store.backup_daily()
        except StoreError as error:
            self._console.problem(error, about="Today's backup could not be made")
        last = await self._store.conversations.list(limit=1)
        broken = {each.id for each in await self._store.conversations.interrupted(limit=1)}
        if last and last[0].id in broken:
            self._broken = last[0].id
            self._console.note(f"The last response in “{last[0].title}” was interrupted: /continue resumes it.")
            if (await self._store.conversations.get(self._broken)).path()[-1].imported:
                self._console.note("The response was imported: /continue asks before it is sent.")

    async def run(self, source: prompt_lines.Prompts) -> int:
        """Answer prompts until there are no more or the user types /quit. Returns 0 if all were answered."""
        self._running = asyncio.current_task()
        self._source = source
        while True:
            try:
                line = await source.next()
            except KeyboardInterrupt:
                continue
            if line is None or line.strip() == "/quit":
                return 1 if self._failed else 0
            if line.strip():
                await self._take(line)

    async def _take(self, line: str) -> None:
        word, _, rest = line.rstrip().partition(" ")
        command = self._commands.get(word)
        try:
            if command is not None:
                await command(rest.strip())
            elif _COMMAND.fullmatch(word):
                self._console.error(
                    f"There is no command {word}.",
                    "/help lists the commands. Start with a space to send the text as it is.",
                )
            else:
                self._broken = None
                files = [each.part for each in self._attached]
                await self._answer(lambda listener: self._session.ask(line, listener, files=files))
                self._attached.clear()
        except ParagoneError as error:
            self._failed = True
            self._unconfirmed = error.found if isinstance(error, PromptUnconfirmed) else frozenset()
            self._console.problem(error)
            if isinstance(error, (PromptFlagged, PromptBlocked)) and not isinstance(error, PromptUnconfirmed):
                await self._forget(line)

    async def _forget(self, line: str) -> None:
        """Remove an unsent line that looks like a secret from the history file.

        Until the chat ends, the arrow keys still recall the line.
        """
        with suppress(OSError):
            await asyncio.to_thread(prompt_lines.forget, self._services.paths.prompt_history_file, {line})

    async def _answer(self, make: Callable[[Listener], Awaitable[Message]]) -> None:
        printer = StreamPrinter(self._console)
        message = await self._attended(make(lambda event: printer.event(0, event)))
        if message is None:
            self._console.note("Stopped.")
            return
        printer.ended(0, message)
        self._console.line()
        if (schema := self._session.conversation.tools.schema) and message.status is Status.COMPLETE:
            (problem,) = await schema_problems(schema, [message])
            if problem:
                self._console.note(f"The response does not match the schema: {problem}")
        if message.status in (Status.FAILED, Status.INTERRUPTED):
            self._failed = True
            if message.text:
                self._console.note("/continue resumes it, /retry sends the prompt again.")

    async def _attended(self, answer: Awaitable[Message]) -> Message | None:
        """Return the response, and ask about its tool calls meanwhile; None if it was stopped before it was sent."""
        asking: asyncio.Task[None] | None = None
        if self._session.conversation.tools.servers and self._source is not None:
            from desktop.terminal.approval_prompts import ApprovalPrompts

            prompts = ApprovalPrompts(self._console, self._services.tools.approvals, self._source, self.interrupt)
            asking = asyncio.create_task(prompts.run(), name="approvals")
        self._answering = asyncio.ensure_future(answer)
        try:
            await asyncio.wait({self._answering})
            return None if self._answering.cancelled() else self._answering.result()
        except asyncio.CancelledError:
            self._answering.cancel()
            await asyncio.wait({self._answering})
            raise
        finally:
            self._answering = None
            if asking is not None:
                asking.cancel()
                await asyncio.wait({asking})
                if not asking.cancelled():
                    asking.result()

    async def _tools(self, rest: str) -> None:
        conversation = self._session.conversation
        if rest:
            names = () if rest == "off" else await known_servers(self._services, rest)
            tools = msgspec.structs.replace(conversation.tools, servers=names)
            if conversation.messages:
                await self._store.conversations.set_prompting(
                    conversation.id, conversation.system, conversation.parameters, tools
                )
            self._session.conversation = msgspec.structs.replace(conversation, tools=tools)
        for line in await tool_overview(self._services, self._session.conversation.tools.servers):
            self._console.note(line)

    def _open(self, conversation: Conversation) -> Session:
        session = Session(
            conversation,
            gateway=self._services.gateway,
            catalog=self._services.catalog,
            journal=NoJournal() if self._store.read_only else self._store.conversations,
            files=self._services.prompt_files,
            tools=self._services.toolbox,
        )
        session.flagged_too = self._flagged_too
        return session

    async def _attach(self, rest: str) -> None:
        if not rest:
            raise UsageError(english("Name a file after /attach."))
        require_room(self._services, len(self._attached) + 1, sum(each.size for each in self._attached))
        self._attached.append(await read(self._services, rest, keep=not self._store.read_only))
        self._console.note(described(self._attached[-1], self._session.takes))

    async def _attachments(self, rest: str) -> None:
        if rest == "none":
            self._attached.clear()
        for each in self._attached:
            self._console.note(described(each, self._session.takes))
        if not self._attached:
            self._console.note("Nothing is attached.")

    async def _help(self, _rest: str) -> None:
        for line in _HELP.splitlines():
            self._console.note(line)

    async def _model(self, rest: str) -> None:
        ref = ModelRef.parse(rest)
        self._services.settings.connection(ref.connection)
        self._begin(ref)
        self._console.note(f"{ref} responds from now on.")

    async def _system(self, rest: str) -> None:
        conversation = self._session.conversation
        if conversation.messages:
            await self._store.conversations.set_prompting(
                conversation.id, rest, conversation.parameters, conversation.tools
            )
        self._session.conversation = msgspec.structs.replace(conversation, system=rest)
        self._console.note("The system prompt is set." if rest else "The system prompt was removed.")

    async def _retry(self, _rest: str) -> None:
        await self._answer(self._session.regenerate)

    async def _continue(self, _rest: str) -> None:
        if self._broken is not None:
            self._session = self._open(await self._store.conversations.get(self._broken))
            self._broken = None
            print_conversation(self._console, self._session.conversation)
            self._console.line("…")
        await self._answer(self._session.continue_)

    async def _allow(self, _rest: str) -> None:
        if not self._unconfirmed:
            raise UsageError(english("There is nothing to allow."))
        self._session.allow(self._unconfirmed)
        self._unconfirmed = frozenset()
        self._console.note("Sent as it is from now on. Send again, or /continue.")

    async def _new(self, _rest: str) -> None:
        self._begin(self._session.conversation.model)
        self._console.note("A new conversation.")

    def _begin(self, ref: ModelRef) -> None:
        self._broken = None
        now = self._session.conversation
        self._session = self._open(new_conversation(ref, system=now.system, parameters=now.parameters, tools=now.tools))
