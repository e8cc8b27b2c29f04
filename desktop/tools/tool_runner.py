"""Interface between a response and the tools that its model may call."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Protocol

from msgspec import Struct, structs

from desktop.domain.conversation_types import Message, ModelRef, ToolChoice
from desktop.domain.events import Notice, ToolRequested
from desktop.domain.message_parts import FilePart, ImagePart, ToolCallPart, ToolResultPart, ToolStatus
from desktop.domain.tool_types import ToolSpec
from desktop.providers.provider import AttachedPart
from desktop.text.phrases import english

NOT_RECORDED = english("Not recorded: there is no recorded result for this call, and tools are not called here.")
"""Result of a call that is missing from the record, where tools are not called."""


class ApprovalWait(Protocol):
    """Called when a call begins to wait for the user's approval, and when it continues."""

    def __call__(self, *, is_waiting: bool) -> None:
        """Note whether the call waits."""
        ...


class ToolOutcome(Struct, frozen=True, kw_only=True):
    """A call that ended.

    Attributes:
        call: The call with the arguments that were used.
        result: What the model is told.
        images: Images that the tool returned, already stored.
        sent: The same images as they are sent to a model that sees.
    """

    call: ToolCallPart
    result: ToolResultPart
    images: tuple[ImagePart, ...] = ()
    sent: tuple[AttachedPart, ...] = ()


class ToolRunner(Protocol):
    """Tools of one response. Belongs to one event loop."""

    @property
    def specs(self) -> Sequence[ToolSpec]:
        """Tools to offer in the next request; there may be more after a call that searched for tools."""
        ...

    @property
    def most_rounds(self) -> int:
        """Maximum number of rounds of calls in one response."""
        ...

    def resolve(self, request: ToolRequested) -> ToolCallPart:
        """Return the call that a model requested, with its server if there is such a tool."""
        ...

    async def run(self, call: ToolCallPart, waiting: ApprovalWait) -> ToolOutcome:
        """Check a call, ask for approval if necessary, and run it. Errors are results. May be canceled."""
        ...


class SharedCalls(Protocol):
    """Record of calls and their results, from which equal calls of several conversations are answered."""

    async def run(
        self, turn: str, conversation: str, call: ToolCallPart, work: Callable[[], Coroutine[None, None, ToolOutcome]]
    ) -> ToolOutcome:
        """Return the recorded result of the same call in this turn, or else of `work`, which is recorded."""
        ...


class Unattended(Struct, frozen=True, kw_only=True):
    """How tools are called while nobody can be asked: calls that need approval are denied.

    Attributes:
        allowed: Servers, `server/tool`, or `all`, which are allowed in addition to lasting decisions.
        recordings: Record that answers all calls and is extended by new ones; None for the record of each turn.
    """

    allowed: frozenset[str] = frozenset()
    recordings: SharedCalls | None = None


class ToolUse(Struct, frozen=True, kw_only=True):
    """What a response needs tools for.

    Attributes:
        turn: ID shared by the prompts that were sent to several conversations together.
        choice: Tools that the conversation offers.
        tainted_by: Servers whose earlier results may contain text of strangers; an empty name for unknown ones.
        files: Files attached to the conversation's prompts.
        window: Context window of the model in tokens, if known.
        frozen: Results of earlier calls, which are used instead of calling; None to call.
        unattended: How tools are called if nobody is asked, as in runs; None to ask.
        is_unnamed: Whether nobody may be told the model's name (blind rounds).
        sees: Whether the model accepts images.
        keeps: Whether images are stored, as they are unless the conversation is not stored.
    """

    conversation: str
    model: ModelRef
    turn: str
    choice: ToolChoice
    tainted_by: frozenset[str] = frozenset()
    files: tuple[ImagePart | FilePart, ...] = ()
    window: int | None = None
    frozen: tuple[RecordedCall, ...] | None = None
    unattended: Unattended | None = None
    is_unnamed: bool = False
    sees: bool = False
    keeps: bool = True


class RecordedCall(Struct, frozen=True, kw_only=True):
    """A call of an earlier response with its result."""

    call: ToolCallPart
    result: ToolResultPart
    images: tuple[ImagePart, ...] = ()


class Toolbox(Protocol):
    """Source of the tools that responses use."""

    async def runner(self, use: ToolUse, tell: Callable[[Notice], None]) -> ToolRunner | None:
        """Start the servers of a conversation's tools; None if there is nothing to offer.

        A server that cannot be started is reported as a notice, and its tools are missing.

        Raises:
            ParagoneError: If nobody is asked and a server cannot be started, or tools are forbidden.
        """
        ...


def recorded_calls(messages: Iterable[Message]) -> tuple[RecordedCall, ...]:
    """Return the calls of responses that have results, in order."""
    found: list[RecordedCall] = []
    for message in messages:
        calls = {part.id: part for part in message.parts if isinstance(part, ToolCallPart)}
        for part in message.parts:
            if isinstance(part, ToolResultPart) and part.call in calls and part.status is not ToolStatus.UNANSWERED:
                found.append(RecordedCall(call=calls[part.call], result=part))
            elif isinstance(part, ImagePart) and found:
                found[-1] = structs.replace(found[-1], images=(*found[-1].images, part))
    return tuple(found)


def taint_sources(messages: Iterable[Message]) -> frozenset[str]:
    """Return the servers with results that strangers may have written; an empty name for those that are not known."""
    found: set[str] = set()
    for message in messages:
        servers = {part.id: part.server for part in message.parts if isinstance(part, ToolCallPart)}
        results = (part for part in message.parts if isinstance(part, ToolResultPart))
        found |= {servers.get(result.call, "") for result in results if result.open_world}
    return frozenset(found)
