"""Both adapters on every route of a real server: good answers, and every fault with its own error."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace

import msgspec
import pytest

from desktop.domain.conversation_types import Connection, Kind
from desktop.domain.events import Finished, ModelNamed, Notice, RetryWait, Started, TextDelta, UsageUpdate
from desktop.errors import (
    AnswerTooLarge,
    AnswerUnreadable,
    AuthenticationFailed,
    Conflict,
    ConnectFailed,
    ContentFiltered,
    ContextTooLong,
    DeploymentNotFound,
    GatewayTimedOut,
    Interrupted,
    NotAStream,
    ParameterRejected,
    PermissionDenied,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    Redirected,
    RequestRejected,
    RequestTimedOut,
    RequestTooLarge,
    RouteRetired,
    ServerFailed,
    ServerOverloaded,
    Stalled,
    StreamFailed,
)
from desktop.net.options import NetworkOptions
from desktop.providers.http_provider import HttpProvider
from desktop.providers.provider import Provider
from tests.desktop.providers.asking import KEY, QUICK, SECRET, Outcome, ask, make, request
from tests.servers.behaviours import TEXT, THOUGHT
from tests.servers.faults import FaultServer


async def test_a_reasoning_model_answers(provider: Provider) -> None:
    found = await ask(provider, "grok-3-mini")
    assert found.error is None
    assert (found.text, found.thought, found.reason) == (TEXT, THOUGHT, "stop")
    (started,) = found.of(Started)
    assert (started.request_id, started.headers["x-ms-region"]) == ("req-1", "Loopback")
    assert found.of(ModelNamed) == [ModelNamed(model="grok-3-mini-beta")]
    assert [update.usage.billed_output_tokens for update in found.of(UsageUpdate)] == [17]


@pytest.mark.parametrize("model", ["plain", "json", "crlf", "cr", "no-newline", "wrong-type", "wrong-type:none"])
async def test_any_form_of_a_good_answer_is_read(provider: Provider, model: str) -> None:
    found = await ask(provider, model)
    assert (found.error, found.text, found.reason) == (None, TEXT, "stop")


async def test_characters_cut_in_the_middle_arrive_whole(provider: Provider) -> None:
    assert (await ask(provider, "bom")).text == "Grüße 🌍"


@pytest.mark.parametrize("model", ["rst-end", "no-usage", "usage-every-chunk", "filter-async"])
async def test_with_a_finish_reason_it_is_complete(provider: Provider, model: str) -> None:
    found = await ask(provider, model)
    assert (found.error, found.text, found.reason) == (None, TEXT, "stop")


async def test_a_server_that_never_ends_after_the_finish_reason_is_left_within_two_seconds(openai: Provider) -> None:
    begun = asyncio.get_running_loop().time()
    assert (await ask(openai, "stall-end")).reason == "stop"
    assert 1.8 < asyncio.get_running_loop().time() - begun < 2.5


async def test_all_that_arrived_before_a_reset_is_delivered(provider: Provider) -> None:
    for _ in range(10):
        found = await ask(provider, "rst:50")
        assert type(found.error) is Interrupted
        assert found.text == "".join(f"{number} " for number in range(50))


@pytest.mark.parametrize(
    ("model", "kind", "text"),
    [
        ("cut", Interrupted, "Hello from the"),
        ("cut-chunk", Interrupted, "Hello from the"),
        ("html", NotAStream, ""),
        ("text", NotAStream, ""),
        ("json-other", NotAStream, ""),
        ("json-error", StreamFailed, ""),
        ("bad-json", AnswerUnreadable, "Hello from the"),
        ("error-in-stream", StreamFailed, "Hello from the"),
        ("error-in-stream:rate_limit_exceeded", RateLimited, "Hello from the"),
        ("error-in-stream:content_filter", ContentFiltered, "Hello from the"),
        ("stall", Stalled, ""),
        ("stall-headers", Stalled, ""),
        ("stall-headers:50", Stalled, ""),
        ("stall-middle", Stalled, "Hello from the"),
        ("stall-middle:50", Stalled, "Hello from the"),
        ("bomb", AnswerTooLarge, ""),
        ("brotli", AnswerUnreadable, ""),
        ("huge-event", AnswerTooLarge, "Hello"),
    ],
)
async def test_a_fault_of_the_stream_has_its_error_and_the_text_so_far(
    provider: Provider, model: str, kind: type[ProviderError], text: str
) -> None:
    found = await ask(provider, model)
    assert type(found.error) is kind
    assert found.text == text
    assert found.reason is None
    assert not found.of(RetryWait)


async def test_a_server_that_names_no_finish_reason_but_says_done_has_ended(provider: Provider) -> None:
    found = await ask(provider, "done-only")
    assert (found.error, found.text, found.reason) == (None, "Hello from", "unknown")
    assert [notice.code for notice in found.of(Notice)] == ["no_finish_reason"]


async def test_an_endless_answer_is_stopped(server: FaultServer) -> None:
    provider = make(server, options=replace(QUICK, max_answer_bytes=1 << 20))
    found = await ask(provider, "endless")
    assert type(found.error) is AnswerTooLarge
    assert 0 < len(found.text) < 1 << 20
    await provider.aclose()


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("400", RequestRejected),
        ("401", AuthenticationFailed),
        ("402", QuotaExhausted),
        ("403", PermissionDenied),
        ("404-deployment", DeploymentNotFound),
        ("404-model", DeploymentNotFound),
        ("409", Conflict),
        ("410", RouteRetired),
        ("413", RequestTooLarge),
        ("422", RequestRejected),
        ("500", ServerFailed),
        ("context", ContextTooLong),
        ("filter-prompt", ContentFiltered),
        ("redirect", Redirected),
        ("nobody-made-this", DeploymentNotFound),
    ],
)
async def test_a_refusal_has_its_error_and_is_not_tried_again(
    provider: Provider, server: FaultServer, model: str, kind: type[ProviderError]
) -> None:
    found = await ask(provider, model)
    assert type(found.error) is kind
    assert found.events == []
    assert len(server.asked(model)) == 1


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("408", RequestTimedOut),
        ("429", RateLimited),
        ("429-text", RateLimited),
        ("429-date", RateLimited),
        ("429-long", RateLimited),
        ("502", ServerOverloaded),
        ("503", ServerOverloaded),
        ("rst-first", ConnectFailed),
    ],
)
async def test_what_may_pass_is_tried_again_twice_and_each_wait_is_shown(
    provider: Provider, server: FaultServer, model: str, kind: type[ProviderError]
) -> None:
    found = await ask(provider, model)
    assert found.error is not None
    assert type(found.error) is kind
    assert [wait.attempt for wait in found.of(RetryWait)] == [1, 2]
    assert {wait.reason for wait in found.of(RetryWait)} == {found.error.message}
    assert len(server.asked(model)) == 3


async def test_who_is_in_a_hurry_has_it_sent_again_at_once(server: FaultServer) -> None:
    async def for_ever(_seconds: float) -> None:
        await asyncio.Event().wait()

    provider = HttpProvider(Connection(name="c", kind=Kind.OPENAI_V1, url=server.url), SECRET, QUICK, sleep=for_ever)
    asked = msgspec.structs.replace(request("fail-first:503:1"), hurry=asyncio.Event())
    said = ""
    async with asyncio.timeout(10), aclosing(provider.stream(asked)) as events:
        async for event in events:
            if isinstance(event, RetryWait):
                assert asked.hurry is not None
                asked.hurry.set()
            said += event.text if isinstance(event, TextDelta) else ""
    assert said == TEXT
    await provider.aclose()


async def test_a_proxys_time_out_is_told_as_that_and_waited_for_once(provider: Provider, server: FaultServer) -> None:
    found = await ask(provider, "504")
    assert type(found.error) is GatewayTimedOut
    assert len(server.asked("504")) == 1


@pytest.mark.parametrize("model", ["fail-first:500:1", "cut-first:1"])
async def test_what_broke_before_its_first_word_is_asked_once_more(
    provider: Provider, server: FaultServer, model: str
) -> None:
    found = await ask(provider, model)
    assert (found.error, found.text) == (None, TEXT)
    assert len(found.of(RetryWait)) == 1
    for again, tries in ((model.replace(":1", ":5"), 2), ("500", 1)):
        assert (await ask(provider, again)).error is not None
        assert len(server.asked(again)) == tries


@pytest.mark.parametrize(("model", "least"), [("429", 1), ("429-text", 2), ("429-date", 1), ("429-long", 45)])
async def test_the_wait_that_the_server_asks_for_is_kept(openai: Provider, model: str, least: float) -> None:
    found = await ask(openai, model)
    assert all(least <= wait.wait_s <= least * 1.1 + 1 for wait in found.of(RetryWait))


async def test_an_absurd_wait_is_given_up_at_once(provider: Provider, server: FaultServer) -> None:
    found = await ask(provider, "429-absurd")
    assert type(found.error) is RateLimited
    assert "24 hours" in found.error.hint
    assert found.error.retry_after_s == 86400
    assert len(server.asked("429-absurd")) == 1


async def test_after_a_retry_the_answer_comes(provider: Provider) -> None:
    found = await ask(provider, "fail-first:503:2")
    assert (found.text, found.reason) == (TEXT, "stop")
    assert [type(event) for event in found.events[:3]] == [RetryWait, RetryWait, Started]


async def test_a_long_wait_is_shown_before_and_can_be_cancelled(server: FaultServer) -> None:
    asleep = asyncio.Event()

    async def sleep(seconds: float) -> None:
        asleep.set()
        await asyncio.sleep(seconds)

    connection = Connection(name="c", kind=Kind.OPENAI_V1, url=server.url)
    provider = HttpProvider(connection, SECRET, QUICK, sleep=sleep)
    outcome = Outcome()

    async def run() -> None:
        async for event in provider.stream(request("429-long")):
            outcome.events.append(event)

    task = asyncio.create_task(run())
    await asleep.wait()
    assert [wait.wait_s >= 45 for wait in outcome.of(RetryWait)] == [True]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await provider.aclose()


@pytest.mark.parametrize("name", ["no-presence-penalty", "grok-3-mini"])
async def test_a_parameter_that_is_not_taken_is_dropped_once_and_remembered(
    provider: Provider, server: FaultServer, name: str
) -> None:
    for _ in range(2):
        found = await ask(provider, name, presence_penalty=1.0, top_p=0.5)
        assert (found.error, found.text) == (None, TEXT)
        assert [notice.code for notice in found.of(Notice)] == ["parameter_dropped"]
    sent = [received.json for received in server.asked(name)]
    assert ["presence_penalty" in body for body in sent] == [True, False, False]
    assert all(body["top_p"] == 0.5 for body in sent)


async def test_max_tokens_is_renamed_and_a_second_parameter_dropped(provider: Provider, server: FaultServer) -> None:
    found = await ask(provider, "max-completion-tokens", max_tokens=9, temperature=0.2)
    assert (found.error, found.text) == (None, TEXT)
    last = server.asked("max-completion-tokens")[-1].json
    assert last["max_completion_tokens"] == 9
    assert not {"max_tokens", "temperature"} & set(last)


async def test_a_server_without_stream_options_is_asked_without(provider: Provider) -> None:
    found = await ask(provider, "no-stream-options")
    assert (found.error, found.text) == (None, TEXT)


@pytest.mark.parametrize(("name", "role", "tries"), [("no-system", "developer", 2), ("no-system:developer", "user", 3)])
async def test_a_system_prompt_that_is_not_taken_goes_in_another_role_and_that_is_remembered(
    provider: Provider, server: FaultServer, name: str, role: str, tries: int
) -> None:
    for _ in range(2):
        found = await ask(provider, name, system="Be brief.")
        assert (found.error, found.text) == (None, TEXT)
        assert {notice.code for notice in found.of(Notice)} == {"system_prompt_moved"}
    sent = [received.json["messages"] for received in server.asked(name)]
    assert len(sent) == tries + 1
    for messages in (sent[tries - 1], sent[tries]):
        assert messages[0]["role"] == role
        assert messages[0]["content"].startswith("Be brief.")
        assert messages[-1]["content"].endswith("hi")


async def test_without_a_system_prompt_nothing_is_tried_again(provider: Provider, server: FaultServer) -> None:
    assert (await ask(provider, "no-system:user")).error is not None
    assert len(server.asked("no-system:user")) == 1


async def test_dropping_ends(provider: Provider, server: FaultServer) -> None:
    found = await ask(provider, "rejects:seed", seed=1)
    assert isinstance(found.error, ParameterRejected)
    assert len(server.asked("rejects:seed")) == 2


async def test_the_answer_cut_by_the_filter_keeps_its_text(provider: Provider) -> None:
    found = await ask(provider, "filter-answer")
    assert (found.error, found.text, found.reason) == (None, "Hello from", "content_filter")
    assert [notice.message for notice in found.of(Notice)] == ["The content filter stopped the response: hate (high)."]


@pytest.mark.parametrize("model", ["reflect-401", "reflect-key"])
async def test_a_key_that_the_server_shows_is_masked(provider: Provider, model: str) -> None:
    found = await ask(provider, model)
    assert found.error is not None
    assert KEY not in found.error.message
    assert "[secure]" in found.error.message


async def test_a_long_answer_comes_whole(provider: Provider) -> None:
    found = await ask(provider, "long:5000")
    assert len(found.of(TextDelta)) == 5000
    assert found.events[-1] == Finished(reason="stop")


async def test_connections_are_used_again(provider: Provider, server: FaultServer) -> None:
    for _ in range(4):
        await ask(provider, "plain")
    assert server.connections == 1


async def test_a_redirect_carries_nothing_to_the_other_host(provider: Provider) -> None:
    async with FaultServer() as other:
        found = await ask(provider, f"redirect:{other.url}/chat/completions")
        assert type(found.error) is Redirected
        assert "127.0.0.1" in found.error.message
        assert (other.requests, other.connections) == ([], 0)


async def test_a_closed_provider_says_so(server: FaultServer) -> None:
    for route in ("openai-v1", "/openai/v1"):
        provider = make(server, route, options=NetworkOptions(max_retries=0))
        await ask(provider, "plain")
        await provider.aclose()
        await provider.aclose()
        assert type((await ask(provider, "plain")).error) is ConnectFailed
