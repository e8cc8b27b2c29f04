"""Tools, web search and schemas with a server: a whole loop over each API format, and models that lack them."""

from __future__ import annotations

from dataclasses import replace as with_options

import pytest
from msgspec.structs import replace

from desktop.catalog.learnt_models import LearntWires
from desktop.domain.conversation_types import Connection, JsonValue, Kind, Parameters, Role, Wire
from desktop.domain.events import Finished, Notice, ProviderToolUsed, Sealed, ToolRequested
from desktop.domain.tool_types import ToolSpec
from desktop.errors import ToolsRejected
from desktop.net.origin import origin_of
from desktop.providers.masked_provider import MaskedProvider
from desktop.providers.provider import ChatMessage, ChatRequest, ExactBody, OutputSchema, Provider, SentCall, SentResult
from desktop.redaction.redactor import Mask
from tests.desktop.providers.asking import KEY, QUICK, Outcome, collect, make_of, request
from tests.servers.faults import FaultServer

TOOLS = (ToolSpec(name="f", description="Finds."), ToolSpec(name="g"))
SCHEMA = OutputSchema(name="answer", schema={"type": "object", "properties": {}})
WIRES = (Wire.CHAT, Wire.RESPONSES, Wire.MESSAGES)


def provider_of(server: FaultServer, wire: Wire) -> Provider:
    return make_of(Connection(name="c", kind=Kind.OPENAI_V1, url=server.url, wire=wire))


def notices(found: Outcome) -> list[str]:
    return [notice.code for notice in found.of(Notice)]


def answered(asked: ChatRequest, found: Outcome) -> ChatRequest:
    """The next request of a loop."""
    calls = tuple(SentCall(id=each.id, name=each.name, arguments=each.arguments) for each in found.of(ToolRequested))
    sealed = tuple(each.data for each in found.of(Sealed))
    said = ChatMessage(role=Role.ASSISTANT, text=found.text, calls=calls, sealed=sealed)
    results = tuple(SentResult(call=each.id, text=f"result of {each.name}") for each in calls)
    gave = (ChatMessage(role=Role.USER, text="", results=results),) if results else ()
    return replace(asked, messages=(*asked.messages, said, *gave))


@pytest.mark.parametrize("wire", WIRES)
async def test_a_loop_ends_with_an_answer(server: FaultServer, wire: Wire) -> None:
    provider = provider_of(server, wire)
    asked = replace(request("tools"), tools=TOOLS)
    first = await collect(provider, asked)
    second = await collect(provider, answered(asked, first))
    await provider.aclose()
    assert (first.error, first.text, first.reason, notices(first)) == (None, "", "tool_calls", [])
    names = [each.name for each in first.of(ToolRequested)]
    assert names == (["f", "g"] if wire is Wire.CHAT else ["f"])
    assert first.of(ToolRequested)[0].arguments == ('{"x": 1}' if wire is Wire.CHAT else "{}")
    assert isinstance(first.events[-1], Finished)
    assert (second.error, second.reason, second.text[:5]) == (None, "stop", "Hello")
    sent = server.asked("tools")[-1].json
    assert "result of f" in str(sent)
    assert ("EqQB" in str(sent), "gAAAAABsealed" in str(sent)) == (wire is Wire.MESSAGES, wire is Wire.RESPONSES)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_model_without_tools_answers_without_them(server: FaultServer, wire: Wire) -> None:
    provider = provider_of(server, wire)
    called = ChatMessage(role=Role.ASSISTANT, text="", calls=(SentCall(id="a", name="f", arguments="{}"),))
    gave = ChatMessage(role=Role.USER, text="", results=(SentResult(call="a", text="found"),))
    asked = request("no-tools")
    asked = replace(asked, tools=TOOLS, messages=(*asked.messages, called, gave))
    first, second = await collect(provider, asked), await collect(provider, asked)
    await provider.aclose()
    for found in (first, second):
        assert (found.error, found.reason, notices(found)) == (None, "stop", ["tools_dropped"])
    sent = [each.json for each in server.asked("no-tools")]
    assert ["tools" in each for each in sent] == [True, False, False]
    assert "[Result of f: found]" in str(sent[-1])


async def test_tools_set_as_a_parameter_are_dropped_alike(server: FaultServer) -> None:
    provider = provider_of(server, Wire.CHAT)
    own: dict[str, JsonValue] = {"tools": [{"type": "function"}], "tool_choice": "auto"}
    found = await collect(provider, replace(request("no-tools"), parameters=Parameters(values=own)))
    await provider.aclose()
    assert (found.error, notices(found)) == (None, ["tools_dropped"])
    assert not {"tools", "tool_choice"} & server.asked("no-tools")[-1].json.keys()


async def test_a_model_with_tools_over_responses_alone_is_asked_there_once_it_says_so(server: FaultServer) -> None:
    options = with_options(QUICK, wires=LearntWires())
    provider = make_of(Connection(name="c", kind=Kind.OPENAI_V1, url=server.url), options=options)
    asked = replace(request("tools-elsewhere"), tools=TOOLS)
    first = await collect(provider, asked)
    second = await collect(provider, answered(asked, first))
    await provider.aclose()
    assert (first.error, first.reason, notices(first)) == (None, "tool_calls", ["wire_switched"])
    assert (second.error, second.reason, notices(second)) == (None, "stop", [])
    paths = [each.path.rpartition("/")[2] for each in server.asked("tools-elsewhere")]
    assert paths == ["completions", "responses", "responses"]
    assert options.wires.get("c", origin_of(server.url), "tools-elsewhere") is Wire.RESPONSES


async def test_a_web_search_is_asked_over_responses_where_nobody_chose(server: FaultServer) -> None:
    provider = provider_of(server, Wire.AUTO)
    found = await collect(provider, replace(request("searches"), web_search=True))
    await provider.aclose()
    (use,) = found.of(ProviderToolUsed)
    assert (use.name, use.arguments) == ("web_search", '{"query":"news"}')
    assert use.result.splitlines() == ["https://example.org/a", "https://example.org/b"]
    assert (found.error, found.reason, notices(found)) == (None, "stop", [])
    (sent,) = server.asked("searches")
    assert sent.path.endswith("/responses")


async def test_a_server_without_responses_is_asked_to_search_over_chat() -> None:
    async with FaultServer(key=KEY, responses=False) as server:
        provider = provider_of(server, Wire.AUTO)
        asked = replace(request("plain"), web_search=True)
        first, second = await collect(provider, asked), await collect(provider, asked)
        await provider.aclose()
        sent = server.asked("plain")
    assert (first.error, notices(first), notices(second)) == (None, ["wire_switched"], [])
    assert [each.path.rpartition("/")[2] for each in sent] == ["responses", "completions", "completions"]
    assert sent[-1].json["web_search_options"] == {}


async def test_a_paused_search_goes_on(server: FaultServer) -> None:
    provider = provider_of(server, Wire.MESSAGES)
    asked = replace(request("searches"), web_search=True)
    first = await collect(provider, asked)
    second = await collect(provider, answered(asked, first))
    await provider.aclose()
    (use,) = first.of(ProviderToolUsed)
    assert use.result == "First page – https://example.org/a\nSecond [page] – https://example.org/b"
    assert (first.error, first.reason) == (None, "pause")
    assert (second.error, second.reason) == (None, "stop")
    last = server.asked("searches")[-1].json["messages"][-1]
    assert [each["type"] for each in last["content"]] == ["server_tool_use", "web_search_tool_result"]


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize(("model", "code"), [("no-search", "web_search_dropped"), ("no-schema", "schema_dropped")])
async def test_what_a_model_lacks_is_left_out_with_a_notice(
    server: FaultServer, wire: Wire, model: str, code: str
) -> None:
    provider = provider_of(server, wire)
    asked = replace(request(model), tools=TOOLS, web_search=True, output=SCHEMA)
    first, second = await collect(provider, asked), await collect(provider, asked)
    await provider.aclose()
    assert (first.error, notices(first), second.error, notices(second)) == (None, [code], None, [code])
    sent = [each.json for each in server.asked(model)]
    assert len(sent) == 3
    assert all("Finds." in str(each["tools"]) for each in sent)


async def test_a_server_that_reports_no_sources_is_asked_without(server: FaultServer) -> None:
    provider = provider_of(server, Wire.RESPONSES)
    found = await collect(provider, replace(request("no-sources"), web_search=True))
    await provider.aclose()
    assert (found.error, notices(found)) == (None, ["parameter_dropped"])
    assert server.asked("no-sources")[-1].json["include"] == ["reasoning.encrypted_content"]


async def test_nothing_is_left_out_of_an_exact_request(server: FaultServer) -> None:
    provider = provider_of(server, Wire.CHAT)
    exact = ExactBody(wire=Wire.CHAT, json=b'{"model": "no-tools", "messages": [], "tools": [{}]}')
    found = await collect(provider, replace(request("no-tools"), tools=TOOLS, exact=exact))
    await provider.aclose()
    assert isinstance(found.error, ToolsRejected)
    assert len(server.asked("no-tools")) == 1


async def test_keys_are_in_no_call_and_another_servers_key_is_in_no_result(server: FaultServer) -> None:
    mask = Mask()
    theirs = "sk-Ab3dEf6hIj9kLm2nOp5q"
    mask.add(theirs, KEY, "plain")
    provider = MaskedProvider(provider_of(server, Wire.CHAT), mask, [KEY])
    call = SentCall(id="a", name="f", arguments=f'{{"x": "{theirs}"}}')
    called = ChatMessage(role=Role.ASSISTANT, text="", calls=(call,))
    gave = ChatMessage(role=Role.USER, text=theirs, results=(SentResult(call="a", text=f"plain {theirs} {KEY}"),))
    asked = request("tools")
    found = await collect(provider, replace(asked, tools=TOOLS, messages=(*asked.messages, called, gave)))
    await provider.aclose()
    assert found.error is None
    _, call_sent, result_sent, typed = server.asked("tools")[-1].json["messages"]
    assert call_sent["tool_calls"][0]["function"]["arguments"] == '{"x": "[secure]"}'
    assert result_sent["content"] == f"plain [secure] {KEY}"
    assert typed["content"] == theirs


@pytest.mark.parametrize("reason", ["tool_calls", "pause"])
async def test_a_key_in_the_arguments_of_a_call_reaches_no_tool(reason: str) -> None:
    from desktop.providers.masked_events import masked_event, wants_seals

    mask = Mask()
    mask.add(KEY, "grep")
    event = masked_event(ToolRequested(id="a", name="grep", arguments=f'{{"x": "grep {KEY}"}}'), mask)
    assert event == ToolRequested(id="a", name="grep", arguments='{"x": "grep [secure]"}')
    use = ProviderToolUsed(id="a", name="web_search", arguments=KEY, result=f"t – https://a.example/?k={KEY}")
    hidden = masked_event(use, mask)
    assert isinstance(hidden, ProviderToolUsed)
    assert KEY not in hidden.arguments + hidden.result
    assert wants_seals(5, reason)
