"""The embedded provider over an adapter that is scripted and an engine whose child answers nothing."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from desktop.domain.conversation_types import Connection, Kind, Parameters, Role, Wire
from desktop.domain.events import Finished, Notice, StreamEvent, TextDelta
from desktop.domain.tool_types import ToolSpec
from desktop.embedded.embedded_provider import SAMPLER, SYSTEM, EmbeddedProvider, with_defaults
from desktop.embedded.engine import Endpoint, Engine, EngineOptions
from desktop.errors import (
    ConnectFailed,
    DeploymentNotFound,
    EngineCrashed,
    EngineTimeout,
    Interrupted,
    ProviderError,
    RequestRejected,
    Stalled,
)
from desktop.net.options import NetworkOptions
from desktop.providers.provider import ChatMessage, ChatRequest, ExactBody, ModelInfo, OutputSchema
from desktop.text.phrases import english
from tests.desktop.embedded.conftest import READY, until

USER = ChatMessage(role=Role.USER, text="Hello")
ASK = ChatRequest(model="smollm2", messages=(USER,))
ANSWER: tuple[StreamEvent, ...] = (TextDelta(text="Hi"), Finished(reason="stop"))


@dataclass
class Script:
    """An adapter that says what it is told to, and remembers what it was asked."""

    events: Sequence[StreamEvent] = ANSWER
    error: ProviderError | None = None
    kill: bool = False
    hold: asyncio.Event | None = None
    asked: list[ChatRequest] = field(default_factory=list[ChatRequest])
    endpoints: list[Endpoint] = field(default_factory=list[Endpoint])
    open: int = 0

    def speak(self, endpoint: Endpoint) -> Script:
        self.endpoints.append(endpoint)
        self.open += 1
        return self

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent]:
        self.asked.append(request)
        for event in self.events:
            yield event
        if self.hold is not None:
            await self.hold.wait()
        if self.kill:
            os.kill(self.endpoints[-1].pid, signal.SIGTERM)
        if self.error is not None:
            raise self.error

    async def models(self) -> Sequence[ModelInfo]:
        raise NotImplementedError

    async def aclose(self) -> None:
        self.open -= 1


@pytest_asyncio.fixture
async def provider(fake_child: Callable[[str], Sequence[str]]) -> AsyncGenerator[Callable[..., EmbeddedProvider]]:
    made: list[EmbeddedProvider] = []

    def make(script: Script, *, file: str = "", parallel: int = 2) -> EmbeddedProvider:
        options = EngineOptions(model=Path("a.gguf"), parallel=parallel)
        engine = Engine(command=fake_child(f"{READY}; sys.stdin.read()"), options=options)
        connection = Connection(name="embedded", kind=Kind.EMBEDDED, file=file)
        made.append(EmbeddedProvider(connection, engine, NetworkOptions(), speaker=script.speak))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


Make = Callable[..., EmbeddedProvider]


async def collect(events: AsyncIterator[StreamEvent], into: list[StreamEvent] | None = None) -> list[StreamEvent]:
    into = [] if into is None else into
    async for event in events:
        into.append(event)
    return into


async def test_events_pass_and_the_adapter_is_closed(provider: Make) -> None:
    script = Script()
    assert await collect(provider(script).stream(ASK)) == list(ANSWER)
    assert script.open == 0


async def test_the_bundled_model_has_a_system_prompt_unless_one_is_set(provider: Make) -> None:
    script = Script()
    own = ChatMessage(role=Role.SYSTEM, text="Be a pirate")
    await collect(provider(script).stream(ASK))
    await collect(provider(script).stream(ChatRequest(model="smollm2", messages=(own, USER))))
    assert [request.messages for request in script.asked] == [
        (ChatMessage(role=Role.SYSTEM, text=SYSTEM), USER),
        (own, USER),
    ]


def test_the_bundled_model_has_a_sampler_and_what_the_user_set_wins() -> None:
    assert with_defaults(ASK).parameters.values == SAMPLER
    own = Parameters(values={"temperature": 1.5, "max_completion_tokens": 9})
    sent = with_defaults(ChatRequest(model="smollm2", messages=(USER,), parameters=own)).parameters.values
    assert (sent["temperature"], sent["max_completion_tokens"], "max_tokens" in sent) == (1.5, 9, False)


async def test_what_was_sent_before_is_sent_as_it_was(provider: Make) -> None:
    script = Script()
    again = msgspec.structs.replace(ASK, exact=ExactBody(wire=Wire.CHAT, json=b"{}"))
    await collect(provider(script).stream(again))
    assert script.asked == [again]


@pytest.mark.parametrize(
    ("file", "offered", "codes"),
    [("", 0, ["tools_dropped", "web_search_dropped"]), ("m.gguf", 1, ["web_search_dropped"])],
)
async def test_only_an_own_file_is_offered_tools(provider: Make, file: str, offered: int, codes: list[str]) -> None:
    script = Script()
    output = OutputSchema(name="answer", schema={"type": "object"})
    model = "m" if file else "smollm2"
    asked = ChatRequest(model=model, messages=(USER,), tools=(ToolSpec(name="f"),), web_search=True, output=output)
    events = [event async for event in provider(script, file=file).stream(asked)]
    (sent,) = script.asked
    assert (len(sent.tools), sent.web_search, sent.output) == (offered, False, output)
    assert [event.code for event in events if isinstance(event, Notice)] == codes


async def test_an_own_file_is_sent_as_it_stands_under_its_stem(provider: Make) -> None:
    script = Script()
    mine = provider(script, file="/models/My Model.Q4.gguf")
    request = ChatRequest(model="My Model.Q4", messages=(USER,))
    await collect(mine.stream(request))
    assert script.asked == [request]
    assert [info.name for info in await mine.models()] == ["My Model.Q4"]


async def test_models_are_listed_without_a_child(provider: Make) -> None:
    script = Script()
    assert await provider(script).models() == (ModelInfo(name="smollm2", context_window=4096),)
    assert script.endpoints == []


async def test_another_models_name_is_refused_without_a_child(provider: Make) -> None:
    script = Script()
    with pytest.raises(DeploymentNotFound, match="grok-3") as caught:
        await collect(provider(script).stream(ChatRequest(model="grok-3", messages=(USER,))))
    assert "smollm2" in caught.value.hint
    assert script.endpoints == []


@pytest.mark.parametrize("error", [ConnectFailed(english("refused")), Interrupted(english("cut"))])
async def test_a_dead_child_is_the_reason_and_the_next_answer_has_another(provider: Make, error: ProviderError) -> None:
    script = Script(kill=True, error=error)
    embedded = provider(script)
    events: list[StreamEvent] = []
    with pytest.raises(EngineCrashed, match="while responding"):
        await collect(embedded.stream(ASK), events)
    assert events == list(ANSWER)
    script.kill, script.error = False, None
    assert await collect(embedded.stream(ASK)) == list(ANSWER)
    assert script.endpoints[0].pid != script.endpoints[1].pid


async def test_an_error_of_a_living_child_stays_as_it_is(provider: Make) -> None:
    with pytest.raises(RequestRejected) as caught:
        await collect(provider(Script(error=RequestRejected(english("no")))).stream(ASK))
    assert type(caught.value) is RequestRejected


async def test_a_hung_child_is_ended_and_named(provider: Make) -> None:
    script = Script(error=Stalled(english("silence")))
    with pytest.raises(EngineTimeout, match="stopped responding"):
        await collect(provider(script).stream(ASK))
    with pytest.raises(ProcessLookupError):
        os.kill(script.endpoints[0].pid, 0)


async def test_no_more_answers_run_than_there_are_slots(provider: Make) -> None:
    script = Script(hold=asyncio.Event())
    embedded = provider(script, parallel=2)
    answers = [asyncio.create_task(collect(embedded.stream(ASK))) for _ in range(3)]
    await until(lambda: len(script.asked) == 2)
    for _ in range(20):
        await asyncio.sleep(0)
    assert script.open == 2
    assert script.hold is not None
    script.hold.set()
    assert await asyncio.gather(*answers) == [list(ANSWER)] * 3


async def test_a_cancelled_answer_gives_its_slot_back(provider: Make) -> None:
    script = Script(hold=asyncio.Event())
    embedded = provider(script, parallel=1)
    answer = asyncio.create_task(collect(embedded.stream(ASK)))
    await until(lambda: len(script.asked) == 1)
    answer.cancel()
    await asyncio.wait([answer])
    assert script.open == 0
    script.hold = None
    assert await collect(embedded.stream(ASK)) == list(ANSWER)
