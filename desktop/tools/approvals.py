"""Calls that wait for the user's approval, in one list for all panes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from enum import StrEnum

from msgspec import Struct, field

from desktop.domain.conversation_types import ModelRef
from desktop.domain.tool_types import ToolInfo, ToolServer
from desktop.text.phrases import Phrase
from desktop.tools.consent import ToolChange
from desktop.tools.host.host_wire import ElicitAction, Elicitation, ElicitationAnswer
from desktop.tools.tool_runner import ApprovalWait


class Choice(StrEnum):
    """The user's answer."""

    ONCE = "once"
    CONVERSATION = "conversation"
    ALWAYS = "always"
    DENY = "deny"


class Approval(Struct, frozen=True, kw_only=True):
    """The user's answer.

    Attributes:
        arguments: The arguments to use if they were edited.
        also: Other conversations of the same comparison, for which the tool is allowed as well.
    """

    choice: Choice
    arguments: str | None = None
    also: tuple[str, ...] = ()


class Asked(Struct, kw_only=True, eq=False):
    """A call, or a result that a guard holds back, for which approval is needed.

    Attributes:
        server: Its server as it will be run; None for tools of Paragone.
        result: The result that is held back; empty for a call.
        reasons: Why the user is asked although there may be an earlier decision.
        change: What the server changed since then.
        panes: Conversations that wait for it with their models; names are hidden in blind rounds.
        is_allowed: Returns whether the user has meanwhile allowed it by answering about another call.
    """

    id: int
    server: ToolServer | None
    info: ToolInfo
    arguments: str
    result: str = ""
    reasons: tuple[Phrase, ...] = ()
    change: ToolChange | None = None
    panes: list[tuple[str, ModelRef | None]] = field(default_factory=list[tuple[str, "ModelRef | None"]])
    is_allowed: Callable[[], Awaitable[bool]] | None = None
    answer: asyncio.Future[Approval] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class JointCall(Struct, eq=False):
    """The panes that wait for one call, which is asked about once."""

    panes: list[tuple[str, ModelRef | None]] = field(default_factory=list[tuple[str, "ModelRef | None"]])
    _waitings: list[ApprovalWait] = field(default_factory=list[ApprovalWait])
    _is_asked: bool = False

    def join(self, pane: tuple[str, ModelRef | None], waiting: ApprovalWait) -> None:
        """Add a pane, which is told at once if the call is being asked about."""
        self.panes.append(pane)
        self._waitings.append(waiting)
        if self._is_asked:
            waiting(is_waiting=True)

    def leave(self, pane: tuple[str, ModelRef | None], waiting: ApprovalWait) -> None:
        """Remove a pane that waits no longer."""
        self.panes.remove(pane)
        self._waitings.remove(waiting)

    def wait(self, *, is_waiting: bool) -> None:
        """Tell all panes whether the call waits for approval."""
        self._is_asked = is_waiting
        for waiting in self._waitings:
            waiting(is_waiting=is_waiting)


class Question(Struct, kw_only=True, eq=False):
    """A server's question to the user, which can be declined."""

    id: int
    elicitation: Elicitation
    answer: asyncio.Future[ElicitationAnswer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class SignInOffer(Struct, kw_only=True, eq=False):
    """A server at which the user must sign in, and the conversations that wanted to use it. Nothing waits for it."""

    id: int
    server: str
    conversations: set[str] = field(default_factory=set[str])


class Approvals:
    """Pending questions in the order in which they came. Without somebody to answer, everything is denied."""

    def __init__(self) -> None:
        self.pending: list[Asked | Question] = []
        self.sign_ins: list[SignInOffer] = []
        """Servers that need a sign-in, until the user signs in or declines."""
        self.is_attended = False
        """Whether somebody can answer: a window, or a terminal."""
        self._listeners: list[Callable[[], None]] = []
        self._numbers = itertools.count(1)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call a function whenever the list changes, until `off_change`."""
        self._listeners.append(listener)

    def off_change(self, listener: Callable[[], None]) -> None:
        """Stop calling a function."""
        self._listeners.remove(listener)

    def new_id(self) -> int:
        """Return a number for a question."""
        return next(self._numbers)

    async def ask(self, asked: Asked) -> Approval | None:
        """Wait for the user's answer; None if nobody can answer."""
        if not self.is_attended:
            return None
        self._add(asked)
        try:
            return await asked.answer
        finally:
            self._remove(asked)

    async def ask_question(self, elicitation: Elicitation) -> ElicitationAnswer:
        """Wait for the user's answer to a server; declined if nobody can answer."""
        if not self.is_attended:
            return ElicitationAnswer(action=ElicitAction.DECLINE)
        question = Question(id=self.new_id(), elicitation=elicitation)
        self._add(question)
        try:
            return await question.answer
        finally:
            self._remove(question)

    def answer(self, asked_id: int, approval: Approval) -> None:
        """Answer a call. Has no effect if it is no longer pending."""
        for each in self.pending:
            if isinstance(each, Asked) and each.id == asked_id and not each.answer.done():
                each.answer.set_result(approval)

    async def answer_allowed(self, info: ToolInfo) -> None:
        """Answer the pending calls of a tool that need no approval any longer."""
        for each in tuple(self.pending):
            if not isinstance(each, Asked) or (each.info.server, each.info.tool) != (info.server, info.tool):
                continue
            if each.is_allowed is not None and await each.is_allowed():
                self.answer(each.id, Approval(choice=Choice.ONCE))

    def answer_question(self, question_id: int, answer: ElicitationAnswer) -> None:
        """Answer a server's question. Has no effect if it is no longer pending."""
        for each in self.pending:
            if isinstance(each, Question) and each.id == question_id and not each.answer.done():
                each.answer.set_result(answer)

    def offer_sign_in(self, server: str, conversation: str) -> None:
        """Offer to sign in at a server that a conversation wanted to use."""
        offer = next((each for each in self.sign_ins if each.server == server), None)
        if offer is None:
            offer = SignInOffer(id=self.new_id(), server=server)
            self.sign_ins.append(offer)
        offer.conversations.add(conversation)
        self.tell()

    def withdraw_sign_in(self, server: str) -> None:
        """Stop offering to sign in at a server."""
        self.sign_ins = [each for each in self.sign_ins if each.server != server]
        self.tell()

    def _add(self, each: Asked | Question) -> None:
        self.pending.append(each)
        self.tell()

    def _remove(self, each: Asked | Question) -> None:
        self.pending.remove(each)
        self.tell()

    def tell(self) -> None:
        """Call the listeners, since something about the pending questions changed."""
        for listener in tuple(self._listeners):
            listener()
