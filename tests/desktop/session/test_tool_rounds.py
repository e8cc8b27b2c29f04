"""A response is a loop of rounds: calls are journaled before they run, and their results are sent back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec
import pytest

from desktop.domain.conversation_types import Message, Role, Status, ToolChoice, Usage
from desktop.domain.events import (
    Event,
    Finished,
    Notice,
    ProviderToolUsed,
    Sealed,
    StreamEvent,
    TextDelta,
    ToolAnswered,
    ToolCalled,
    ToolRequested,
    UsageUpdate,
)
from desktop.domain.message_parts import (
    PartKind,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    ToolStatus,
)
from desktop.domain.tool_types import ToolSpec
from desktop.session.session import Session
from desktop.tools.tool_runner import ApprovalWait, ToolOutcome, ToolRunner, ToolUse
from tests.desktop.session.fakes import MemoryJournal, Script, ScriptedProvider, said
from tests.desktop.session.fakes import session as new_session

TIME = ToolSpec(name="time", schema={"type": "object"})


def asks(call_id: str = "1", arguments: str = "{}", text: str = "") -> list[StreamEvent]:
    """The events of a round that calls a tool."""
    spoken = [TextDelta(text=text)] if text else []
    return [*spoken, ToolRequested(id=call_id, name="time", arguments=arguments), Finished(reason="tool_calls")]


@dataclass
class FakeTools:
    """Answers every call with `noon`, once `gate` is open."""

    most_rounds: int = 25
    specs: Sequence[ToolSpec] = (TIME,)
    gate: asyncio.Event | None = None
    called: list[ToolCallPart] = field(default_factory=list[ToolCallPart])
    uses: list[ToolUse] = field(default_factory=list[ToolUse])
    text: str = "noon"
    journal: MemoryJournal | None = None
    journaled: list[int] = field(default_factory=list[int])
    _begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    async def begun(self, calls: int) -> None:
        """Wait until so many calls run."""
        async with asyncio.timeout(5):
            for _ in range(calls):
                await self._begun.acquire()

    async def runner(self, use: ToolUse, tell: Callable[[Notice], None]) -> ToolRunner:
        self.uses.append(use)
        return self

    def resolve(self, request: ToolRequested) -> ToolCallPart:
        return ToolCallPart(id=request.id, name=request.name, arguments=request.arguments, server="clock")

    async def run(self, call: ToolCallPart, waiting: ApprovalWait) -> ToolOutcome:
        self.called.append(call)
        self._begun.release()
        if self.journal is not None:
            self.journaled.append(sum(kind is PartKind.PART for kind, _ in self.journal.appended))
        if self.gate is not None:
            await self.gate.wait()
        result = ToolResultPart(call=call.id, status=ToolStatus.OK, text=self.text, duration_ms=1.0)
        return ToolOutcome(call=call, result=result)


@dataclass
class Stage:
    """A session with scripted rounds and tools."""

    session: Session
    provider: ScriptedProvider
    tools: FakeTools
    journal: MemoryJournal
    events: list[Event] = field(default_factory=list[Event])

    def ask(self, text: str = "What time is it?") -> asyncio.Task[Message]:
        """Send a prompt."""

        async def asked() -> Message:
            return await self.session.ask(text, self.events.append)

        return asyncio.create_task(asked())


def stage(*scripts: Script, tools: FakeTools | None = None, servers: tuple[str, ...] = ("clock",)) -> Stage:
    """A stage whose model gives one script per round."""
    provider = ScriptedProvider(list(scripts))
    journal = MemoryJournal()
    held = tools or FakeTools()
    session = new_session(provider, journal)
    session._tools = lambda: held
    session.conversation = msgspec.structs.replace(session.conversation, tools=ToolChoice(servers=servers))
    return Stage(session, provider, held, journal)


def kinds(message: Message) -> list[str]:
    return [type(part).__name__ for part in message.parts]


async def test_results_go_back_to_the_model_and_the_parts_stay_in_order() -> None:
    at = stage(asks(text="Let me look."), said("It is noon."))
    message = await at.ask()
    assert kinds(message) == ["TextPart", "ToolCallPart", "ToolResultPart", "TextPart"]
    assert message.text == "Let me look.\n\nIt is noon."
    second = at.provider.requests[1].messages
    assert [(each.role, each.text) for each in second[-2:]] == [(Role.ASSISTANT, "Let me look."), (Role.USER, "")]
    assert second[-2].calls[0].id == second[-1].results[0].call == "1"
    assert second[-1].results[0].text == "noon"
    assert at.provider.requests[0].tools == (TIME,)
    assert [type(each) for each in at.events if isinstance(each, (ToolCalled, ToolAnswered))] == [
        ToolCalled,
        ToolAnswered,
    ]
    assert [each.reason for each in at.events if isinstance(each, Finished)] == ["stop"]


async def test_a_call_is_journaled_before_it_runs() -> None:
    tools = FakeTools()
    at = stage(asks(), said("Noon."), tools=tools)
    tools.journal = at.journal
    await at.ask()
    assert tools.journaled == [1]


async def test_calls_of_a_round_run_at_the_same_time_and_keep_their_order() -> None:
    both = [
        ToolRequested(id="1", name="time", arguments='{"zone": 1}'),
        ToolRequested(id="2", name="time", arguments='{"zone": 2}'),
        Finished(reason="tool_calls"),
    ]
    tools = FakeTools(gate=asyncio.Event())
    at = stage(both, said("Done."), tools=tools)
    asked = at.ask()
    await tools.begun(2)
    assert tools.gate is not None
    tools.gate.set()
    message = await asked
    assert [part.id for part in message.parts if isinstance(part, ToolCallPart)] == ["1", "2"]


async def test_calls_of_later_rounds_with_the_same_id_stay_apart() -> None:
    at = stage(asks("call_0"), asks("call_0", '{"zone": 2}'), said("Done."))
    message = await at.ask()
    ids = [part.id for part in message.parts if isinstance(part, ToolCallPart)]
    assert len(set(ids)) == 2
    assert [part.call for part in message.parts if isinstance(part, ToolResultPart)] == ids


async def test_usage_is_summed_over_rounds_and_tool_time_is_not_the_models() -> None:
    class Slow(FakeTools):
        async def run(self, call: ToolCallPart, waiting: ApprovalWait) -> ToolOutcome:
            await asyncio.sleep(0.2)
            return await super().run(call, waiting)

    rounds = [
        [UsageUpdate(usage=Usage(input_tokens=10, output_tokens=2)), *asks()],
        [UsageUpdate(usage=Usage(input_tokens=20, output_tokens=3)), *said("Noon.")],
    ]
    message = await stage(*rounds, tools=Slow()).ask()
    assert message.usage is not None
    assert (message.usage.input_tokens, message.usage.output_tokens) == (30, 5)
    figures = message.figures
    assert figures is not None
    assert (figures.tool_calls, figures.rounds) == (1, 2)
    assert figures.tool_ms is not None
    assert figures.tool_ms >= 200
    assert figures.duration_ms is not None
    assert figures.duration_ms < 150


async def test_the_wait_for_approval_is_neither_the_tools_time_nor_the_models() -> None:
    class Asking(FakeTools):
        async def run(self, call: ToolCallPart, waiting: ApprovalWait) -> ToolOutcome:
            waiting(is_waiting=True)
            await asyncio.sleep(0.3)
            waiting(is_waiting=False)
            return await super().run(call, waiting)

    message = await stage([*asks("a"), *asks("b")], said("Noon."), tools=Asking()).ask()
    assert message.figures is not None
    assert message.figures.tool_ms is not None
    assert message.figures.tool_ms < 150
    assert message.figures.duration_ms is not None
    assert message.figures.duration_ms < 150


async def test_a_response_without_tools_has_no_figures_of_tools() -> None:
    message = await stage(said("Hello.")).ask()
    assert message.figures is not None
    assert (message.figures.tool_calls, message.figures.tool_ms, message.figures.rounds) == (None, None, None)


async def test_the_loop_ends_after_the_allowed_rounds() -> None:
    at = stage(asks(), tools=FakeTools(most_rounds=3))
    message = await at.ask()
    assert len(at.tools.called) == 2
    assert message.status is Status.COMPLETE
    assert message.figures is not None
    assert message.figures.finish_reason == "tool_calls"
    results = [part.status for part in message.parts if isinstance(part, ToolResultPart)]
    assert results == [ToolStatus.OK, ToolStatus.OK, ToolStatus.UNANSWERED]
    assert any(isinstance(each, Notice) and each.code == "tool_rounds" for each in at.events)


async def test_stopping_during_a_call_marks_it_as_not_answered_and_continue_never_repeats_it() -> None:
    at = stage(asks(text="Let me look."), said("So be it."), tools=FakeTools(gate=asyncio.Event()))
    asked = at.ask()
    await at.tools.begun(1)
    at.session.stop()
    message = await asked
    assert message.status is Status.STOPPED
    assert [part.status for part in message.parts if isinstance(part, ToolResultPart)] == [ToolStatus.UNANSWERED]
    again = await at.session.continue_(at.events.append)
    assert len(at.tools.called) == 1
    sent = at.provider.requests[1].messages
    assert sent[-1].results[0].is_error
    assert "no result" in sent[-1].results[0].text
    assert again.text.endswith("So be it.")
    assert kinds(again) == ["TextPart", "ToolCallPart", "ToolResultPart", "TextPart"]


async def test_a_text_cut_off_after_a_call_is_continued() -> None:
    at = stage(asks(), [TextDelta(text="It is no"), None], said("on."))
    asked = at.ask()
    await at.provider.waiting.wait()
    at.session.stop()
    await asked
    again = await at.session.continue_(at.events.append)
    assert again.text == "It is noon."
    assert kinds(again) == ["ToolCallPart", "ToolResultPart", "TextPart"]
    assert [each.text for each in at.provider.requests[2].messages[-2:-1]] == ["It is no"]


async def test_history_has_calls_for_a_model_with_tools_and_words_for_one_without() -> None:
    at = stage(asks(), said("It is noon."), said("Yes."), said("Sure."))
    await at.ask()
    await at.ask("Really?")
    sent = at.provider.requests[2].messages
    assert [bool(each.calls) for each in sent] == [False, True, False, False, False]
    at.session.conversation = msgspec.structs.replace(at.session.conversation, tools=ToolChoice())
    await at.ask("Sure?")
    sent = at.provider.requests[3].messages
    assert not any(each.calls or each.results for each in sent)
    assert "[Tool call: time {}]" in sent[1].text
    assert "[Result: noon]" in sent[1].text


async def test_a_call_without_tools_is_reported_and_not_run() -> None:
    at = stage(asks(text="Hm."), servers=())
    message = await at.ask()
    assert at.tools.called == []
    assert message.status is Status.COMPLETE
    assert any(isinstance(each, Notice) and each.code == "tool_call_ignored" for each in at.events)


async def test_a_search_of_the_provider_stands_where_it_happened() -> None:
    script = [
        TextDelta(text="Searching."),
        ProviderToolUsed(id="s", name="web_search", arguments='{"query": "x"}', result="A – https://a.example"),
        TextDelta(text="Found."),
        Finished(reason="stop"),
    ]
    message = await stage(script, servers=()).ask()
    assert kinds(message) == ["TextPart", "ToolCallPart", "ToolResultPart", "TextPart"]
    assert message.text == "Searching.\n\nFound."


async def test_a_paused_response_is_sent_back_to_continue() -> None:
    at = stage(
        [Sealed(data='{"type": "server_tool_use"}'), TextDelta(text="A"), Finished(reason="pause")],
        said("B"),
        servers=(),
    )
    message = await at.ask()
    assert message.text.replace("\n", "") == "AB"
    assert at.provider.requests[1].messages[-1].sealed == ('{"type": "server_tool_use"}',)


@pytest.mark.parametrize("tainted", [False, True])
async def test_text_of_strangers_in_the_history_taints_later_calls(tainted: bool) -> None:
    at = stage(asks(), said("Noon."), said("Yes."))
    message = await at.ask()
    parts = tuple(
        msgspec.structs.replace(part, open_world=tainted) if isinstance(part, ToolResultPart) else part
        for part in message.parts
    )
    changed = [
        msgspec.structs.replace(each, parts=parts) if each.id == message.id else each
        for each in at.session.conversation.messages
    ]
    at.session.conversation = msgspec.structs.replace(at.session.conversation, messages=tuple(changed))
    await at.ask("And now?")
    server = next(part.server for part in parts if isinstance(part, ToolCallPart))
    assert at.tools.uses[1].tainted_by == ({server} if tainted else set())


async def test_text_parts_of_one_round_stay_one() -> None:
    message = await stage(said("Hello", " there.")).ask()
    assert message.parts == (TextPart(text="Hello there."),)


async def test_regenerating_with_recorded_results_uses_those_of_the_current_response_once() -> None:
    at = stage(asks(), said("Noon."), said("Midday."), said("Twelve."))
    await at.ask()
    await at.session.regenerate(at.events.append, recorded=True)
    await at.session.regenerate(at.events.append)
    frozen = [use.frozen for use in at.tools.uses]
    assert frozen[0] is None
    assert frozen[1] is not None
    assert [each.result.text for each in frozen[1]] == ["noon"]
    assert frozen[2] is None
