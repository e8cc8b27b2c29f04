"""Questions in the terminal chat: tool calls that need approval, and what tool servers ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.terminal.console import Console
from desktop.terminal.elicitation_form import filled_in, tell_question
from desktop.terminal.prompt_lines import Prompts
from desktop.terminal.tool_lines import address, claims_line, one_line, visible
from desktop.tools.approvals import Approval, Approvals, Asked, Choice, Question
from desktop.tools.host.host_wire import ElicitAction, ElicitationAnswer

_CHOICES = {
    "a": Choice.ONCE,
    "once": Choice.ONCE,
    "c": Choice.CONVERSATION,
    "conversation": Choice.CONVERSATION,
    "l": Choice.ALWAYS,
    "always": Choice.ALWAYS,
    "d": Choice.DENY,
    "deny": Choice.DENY,
}
_MENU = "[a] once  [c] this conversation  [l] always  [d] deny  [e] edit"
_RESULT_MENU = "[a] send to the model  [d] withhold"


class ApprovalPrompts:
    """Asks in the terminal about each pending call, one after another, while a response is generated.

    Args:
        source: Lines that the user types.
        stop: Stops the response, after Ctrl+C.
    """

    def __init__(self, console: Console, approvals: Approvals, source: Prompts, stop: Callable[[], None]) -> None:
        self._console, self._approvals, self._source, self._stop = console, approvals, source, stop
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Ask until this task is canceled. If the terminal fails, everything pending is denied.

        Raises:
            OSError: If nothing can be printed or read.
        """
        self._approvals.on_change(self._changed.set)
        self._approvals.is_attended = True
        try:
            while True:
                self._changed.clear()
                if pending := self._approvals.pending:
                    await self._ask_while_pending(pending[0])
                else:
                    await self._changed.wait()
        except OSError:
            self._stop()
            raise
        finally:
            self._approvals.is_attended = False
            self._approvals.off_change(self._changed.set)

    async def _ask_while_pending(self, each: Asked | Question) -> None:
        """Ask a question until it is answered or withdrawn."""
        asking = asyncio.create_task(self._ask(each), name="approval")
        try:
            while not asking.done() and each in self._approvals.pending:
                self._changed.clear()
                changed = asyncio.create_task(self._changed.wait(), name="approvals")
                try:
                    await asyncio.wait({asking, changed}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    changed.cancel()
        finally:
            if not asking.done():
                asking.cancel()
            await asyncio.wait({asking})
        if not asking.cancelled():
            asking.result()
        while each in self._approvals.pending:  # the task that asked has not run yet
            self._changed.clear()
            await self._changed.wait()

    async def _ask(self, each: Asked | Question) -> None:
        try:
            if isinstance(each, Asked):
                self._approvals.answer(each.id, await self._approval(each))
            else:
                self._approvals.answer_question(each.id, await self._answer(each))
        except KeyboardInterrupt:
            self._console.note("Denied.")
            if isinstance(each, Asked):
                self._approvals.answer(each.id, Approval(choice=Choice.DENY))
            else:
                self._approvals.answer_question(each.id, ElicitationAnswer(action=ElicitAction.CANCEL))
            self._stop()

    async def _approval(self, asked: Asked) -> Approval:
        edited: str | None = None
        while True:
            arguments = asked.arguments if edited is None else edited
            self._tell(asked, arguments)
            word = await self._word(_RESULT_MENU if asked.result else _MENU)
            choice = _CHOICES.get(word, Choice.DENY)
            if not asked.result and word in ("e", "edit"):
                edited = await self._edited(arguments) or edited
            elif asked.result and choice is not Choice.DENY:
                return Approval(choice=Choice.ONCE)
            else:
                return Approval(choice=choice, arguments=edited)

    def _tell(self, asked: Asked, arguments: str) -> None:
        """Print the complete call."""
        say, info = self._console.note, asked.info
        name = one_line(f"{info.server}/{info.tool}")
        if asked.result:
            say(f"The result of {name} needs your approval before it is sent to the model:\n{visible(asked.result)}")
        else:
            say(f"Allow the model to call {name}? Arguments:\n{visible(arguments)}")
            if asked.server is not None:
                say(f"Server: {address(asked.server)}")
            say(claims_line(info))
        for reason in asked.reasons:
            say(str(reason))
        if (change := asked.change) is not None:
            for title, names in (("New", change.added), ("Removed", change.removed), ("Changed", change.changed)):
                if names:
                    say(f"{title} tools: {', '.join(one_line(each) for each in names)}")

    async def _word(self, menu: str) -> str:
        """Return a choice in the menu; the end of the input denies."""
        known = {"a", "once", "d", "deny"} if menu == _RESULT_MENU else {*_CHOICES, "e", "edit"}
        while True:
            line = await self._source.answer(f"{menu} > ")
            if line is None:
                return "d"
            if (word := line.strip().casefold()) in known:
                return word
            self._console.note("Answer with one of the letters.")

    async def _edited(self, arguments: str) -> str | None:
        line = await self._source.answer("Arguments > ", arguments)
        try:
            msgspec.json.decode(line or "", type=dict[str, JsonValue])
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            self._console.note(f"The arguments must be a JSON object: {error}")
            return None
        return line

    async def _answer(self, question: Question) -> ElicitationAnswer:
        tell_question(self._console, question.elicitation)
        return await filled_in(self._console, self._source, question.elicitation)
