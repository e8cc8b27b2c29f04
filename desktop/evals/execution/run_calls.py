"""Calls of one run to contenders and judges, within rate limits and the cap."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from desktop.catalog.catalog import Catalog
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import (
    NO_TOOLS,
    Conversation,
    JsonValue,
    Kind,
    Message,
    ModelRef,
    Parameters,
    Status,
    ToolChoice,
)
from desktop.domain.events import Event, ReasoningDelta, RetryWait, TextDelta, ToolCalled
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import ConnectionUnknown, PriceUnknown, RateLimited, RunCapped, RunHalted, ServerOverloaded
from desktop.evals.execution.cap_ledger import CapLedger, PlannedCall, Reservation, has_price
from desktop.evals.execution.run_estimate import output_range
from desktop.evals.execution.run_limits import ConnectionPace, RunLimits, Slot
from desktop.evals.suites.suite import SuiteLimits
from desktop.session.charge import most_output
from desktop.session.gateway import Gateway
from desktop.session.journal import Journal
from desktop.session.session import Session, new_conversation
from desktop.text.phrases import phrase
from desktop.text.token_estimate import estimate_tokens
from desktop.tools.tool_runner import Unattended

if TYPE_CHECKING:
    from desktop.session.prompt_files import PromptFiles
    from desktop.tools.tool_runner import Toolbox

MOST_TURNS = 3
"""Number of times a rejected call queues again before it retries by itself.

If that fails, the model's next calls retry immediately.
"""

_OVERLOAD = (RateLimited.code, ServerOverloaded.code)


class Caller(NamedTuple):
    """Reserves the maximum output of a call: a contender, or a judge."""

    name: str | int
    is_judge: bool = False


class Call(NamedTuple):
    """A completed response and its cost in US dollars, or None if unknown.

    `capped` means that it was stopped at the cap, `halted` that the run stopped.
    """

    message: Message
    cost: float | None
    capped: bool = False
    halted: bool = False


class CallFiles(NamedTuple):
    """Attachments of a prompt, and the estimated tokens of all attachments that are sent with it."""

    files: tuple[ImagePart | FilePart, ...] = ()
    tokens: int = 0


NO_FILES = CallFiles()


class RunCalls:
    """Owned by a runner, which calls `halt` to begin no further calls, and `stop` to end those in progress."""

    def __init__(
        self,
        *,
        gateway: Gateway,
        catalog: Catalog,
        limits: RunLimits,
        suite_limits: SuiteLimits,
        ledger: CapLedger,
        unknown_prices: bool,
        allow_flagged: bool = False,
        toolbox: Callable[[], Toolbox] | None = None,
        allowed_tools: frozenset[str] = frozenset(),
    ) -> None:
        self.ledger = ledger
        self.allowed_tools = allowed_tools
        self.halted = False
        self._stopped = False
        self._gateway = gateway
        self._catalog = catalog
        self._limits = limits
        self._suite_limits = suite_limits
        self._unknown_prices = unknown_prices
        self._allow_flagged = allow_flagged
        self._toolbox = toolbox
        self._refused: set[ModelRef] = set()
        self._taken: Counter[ModelRef] = Counter()
        """How many calls of each model came to an end without a refusal."""
        self._waiting: dict[asyncio.Task[object], bool] = {}
        self._answering: set[Session] = set()

    def session(
        self,
        model: ModelRef,
        system: str,
        parameters: Mapping[str, JsonValue],
        journal: Journal,
        tools: ToolChoice = NO_TOOLS,
    ) -> Session:
        """Return a session for a conversation that only this run knows."""
        values = Parameters(values=dict(parameters))
        made = self.session_over(new_conversation(model, system=system, parameters=values, tools=tools), journal)
        if not tools.is_empty:
            made.is_stored = False
            made.use_tools(self._toolbox)
            made.unattended = Unattended(allowed=self.allowed_tools)
        return made

    def session_over(
        self, conversation: Conversation, journal: Journal, files: Callable[[], PromptFiles] | None = None
    ) -> Session:
        """Return a session that continues a conversation, which may have attachments."""
        made = Session(conversation, gateway=self._gateway, catalog=self._catalog, journal=journal, files=files)
        made.flagged_too = self._allow_flagged
        return made

    async def without_keys(self, answers: str) -> str:
        """Mask the keys of other servers in responses sent to a judge."""
        return await self._gateway.without_keys(answers)

    def halt(self) -> None:
        """Begin no further cells; those in progress complete, including their judges."""
        self.halted = True
        for task, is_judge in self._waiting.items():
            if not is_judge or self._stopped:
                task.cancel()

    def stop(self) -> None:
        """End the calls in progress too."""
        self._stopped = True
        self.halt()
        for session in self._answering:
            session.stop()

    async def call(
        self, session: Session, text: str, caller: Caller, attached: CallFiles = NO_FILES, turn: str = ""
    ) -> Call:
        """Send one prompt of a session, with its attachments. Calls of the same `turn` share results of tools.

        Raises:
            RunHalted: If it does not begin; also RunCapped and the errors of `Session.ask`.
        """
        before, model = session.conversation, session.conversation.model
        turns = 0 if model in self._refused else MOST_TURNS
        taken = self._taken[model]
        while (outcome := await self._try(session, text, caller, turns, attached, turn)) is None:
            session.conversation = before  # as if nothing had been asked yet: nothing was answered
            # While other calls succeed, the rate is rejected, not this call.
            turns = MOST_TURNS if self._taken[model] > taken else turns - 1
            taken = self._taken[model]
        problem = outcome.message.problem
        if problem is not None and problem.code in _OVERLOAD:
            self._refused.add(model)
        else:
            self._refused.discard(model)
            self._taken[model] += 1
        return outcome

    async def _try(
        self, session: Session, text: str, caller: Caller, turns: int, attached: CallFiles, turn: str
    ) -> Call | None:
        """Try one call, or return None if the server rejected it for now."""
        model = session.conversation.model
        priced = self._priced(model, session.entry)
        planned = self._planned(session, text, caller, priced)
        planned = planned._replace(input_tokens=planned.input_tokens + attached.tokens)
        async with self._begun(model, planned, is_judge=caller.is_judge) as (pace, slot, reservation):
            watch = _CallWatch(self, session, reservation, pace, slot, turns)
            self._answering.add(session)
            try:
                message = await session.ask(text, watch.event, files=attached.files, turn=turn)
            finally:
                self._answering.discard(session)
            charge = session.charge
            is_again = message.status is Status.STOPPED and watch.refused and not self.is_stopped
            if not is_again:
                self.ledger.settle(reservation, charge)
            if message.problem is not None and message.problem.code in _OVERLOAD:
                pace.refused(slot, message.problem.retry_after_s)
        if is_again:
            return None
        is_stopped = message.status is Status.STOPPED
        cost = charge.usd if charge is not None else None
        return Call(message, cost, capped=is_stopped and watch.capped, halted=is_stopped and not watch.capped)

    @asynccontextmanager
    async def _begun(
        self, model: ModelRef, planned: PlannedCall, *, is_judge: bool
    ) -> AsyncGenerator[tuple[ConnectionPace, Slot, Reservation]]:
        pace = self._limits.of(model.connection)
        async with AsyncExitStack() as stack:
            with self._turn(is_judge=is_judge):
                slot = await stack.enter_async_context(pace.slot(self._suite_limits))
                reservation = await self.ledger.reserve(planned)
            stack.callback(self.ledger.release, reservation)
            yield pace, slot, reservation

    @contextmanager
    def _turn(self, *, is_judge: bool) -> Generator[None]:
        """Wait until a call may begin.

        Raises:
            RunHalted: If the run makes no more calls of its kind.
        """
        task = asyncio.current_task()
        assert task is not None
        if self._ends(is_judge=is_judge):
            raise _halted()
        self._waiting[task] = is_judge
        try:
            yield
        except asyncio.CancelledError:
            if not self._ends(is_judge=is_judge) or task.cancelling() > 1:
                raise
            task.uncancel()
            raise _halted() from None
        finally:
            del self._waiting[task]
        if self._ends(is_judge=is_judge):
            raise _halted()

    def _ends(self, *, is_judge: bool) -> bool:
        return self._stopped or (self.halted and not is_judge)

    def _planned(self, session: Session, text: str, caller: Caller, entry: Entry) -> PlannedCall:
        """Return what is known of a call before it is sent, including its history."""
        said = [session.conversation.system, *(each.text for each in session.conversation.messages), text]
        parameters = session.conversation.parameters.values
        return PlannedCall(
            caller=caller,
            entry=entry,
            input_tokens=sum(map(estimate_tokens, said)),
            most=most_output(parameters, entry),
            runaway=output_range(parameters, entry)[1],
        )

    def require_prices(self, models: Iterable[ModelRef]) -> None:
        """Check that each price is known if there is a cap.

        Raises:
            PriceUnknown: If one is missing; RunCapped if the cap is 0.
        """
        for model in models:
            known = self._gateway.known(model)
            self._priced(model, self._catalog.entry(known.base, known.name))

    def _priced(self, model: ModelRef, entry: Entry) -> Entry:
        """Return a model's entry with its price.

        Raises:
            PriceUnknown: If the cap needs an unknown price.
        """
        if self.ledger.cap == 0:
            raise RunCapped(phrase("The run's cap is 0, so nothing is sent."))
        if self.ledger.cap is None or has_price(entry):
            return entry
        if is_embedded(self._gateway, model):
            return msgspec.structs.replace(entry, price_in=0.0, price_out=0.0)
        if not self._unknown_prices:
            raise PriceUnknown(phrase("No price is known for {model}, and the run has a cap.", model=model))
        return entry

    @property
    def is_stopped(self) -> bool:
        """Whether calls in progress must end."""
        return self._stopped


def is_embedded(gateway: Gateway, model: ModelRef) -> bool:
    """Whether a model runs on this computer, without cost."""
    try:
        return gateway.settings.connection(model.connection).kind is Kind.EMBEDDED
    except ConnectionUnknown:
        return False


class _CallWatch:
    """Watches a streaming response for the cap and for overload."""

    def __init__(
        self,
        calls: RunCalls,
        session: Session,
        reservation: Reservation,
        pace: ConnectionPace,
        slot: Slot,
        turns: int,
    ) -> None:
        self.capped = False
        self.refused = False
        self._turns = turns
        self._calls = calls
        self._session = session
        self._reservation = reservation
        self._pace = pace
        self._slot = slot

    def event(self, event: Event) -> None:
        """Process a stream event."""
        if self._calls.is_stopped:
            self._session.stop()
        match event:
            case TextDelta(text=text) | ReasoningDelta(text=text):
                tokens = len(text) / 4 if text.isascii() else estimate_tokens(text)
                goes_on = self._calls.ledger.grow(self._reservation, tokens)
            case RetryWait(wait_s=wait_s):
                self._pace.refused(self._slot, wait_s)
                if self._turns:
                    self.refused = True
                    self._session.stop()
                return
            case ToolCalled():
                self._turns = 0  # the response is not begun again: no tool is called twice
                return
            case _:
                return
        if not goes_on and not self.capped:
            self.capped = True
            self._session.stop()


def _halted() -> RunHalted:
    return RunHalted(phrase("The run was stopped."))
