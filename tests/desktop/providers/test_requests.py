"""Retries, dropped parameters and model lists, without a network."""

from __future__ import annotations

import pytest

from desktop.domain.conversation_types import JsonValue
from desktop.errors import (
    ConnectFailed,
    ConnectTimeout,
    NameNotResolved,
    ParameterRejected,
    ProviderError,
    ProxyFailed,
    RateLimited,
    RequestRejected,
    RequestTimedOut,
    ServerFailed,
    ServerOverloaded,
    Stalled,
    TlsFailed,
)
from desktop.providers.answer_stream import ParameterMemory
from desktop.providers.provider import ModelInfo
from desktop.providers.wire.chat_body import chat_body
from desktop.providers.wire.model_lists import read_deployments, read_info, read_models
from desktop.providers.wire.retry import LONGEST_WAIT_S, wait_before, worth_retrying
from desktop.text.phrases import english
from tests.desktop.providers.asking import request


@pytest.mark.parametrize("kind", [ConnectFailed, ConnectTimeout, RequestTimedOut, RateLimited, ServerOverloaded])
def test_what_may_pass_is_tried_again(kind: type[ProviderError]) -> None:
    assert worth_retrying(kind(english("x")))


@pytest.mark.parametrize("kind", [NameNotResolved, TlsFailed, ProxyFailed, ServerFailed, RequestRejected, Stalled])
def test_what_stays_is_not(kind: type[ProviderError]) -> None:
    assert not worth_retrying(kind(english("x")))


def test_waits_grow_and_are_jittered() -> None:
    error = ServerOverloaded(english("x"))
    assert [wait_before(attempt, error, 0.0) for attempt in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert wait_before(1, error, 1.0) == 1.0
    assert (wait_before(20, error, 1.0) or 0) <= 16


def test_what_the_server_asks_for_is_never_undercut() -> None:
    assert wait_before(1, RateLimited(english("x"), retry_after_s=45), 0.0) == 45
    assert (wait_before(1, RateLimited(english("x"), retry_after_s=45), 0.9) or 0) > 45
    assert wait_before(1, RateLimited(english("x"), retry_after_s=0), 0.0) == 0.5


def test_a_wait_of_five_minutes_is_the_longest() -> None:
    assert LONGEST_WAIT_S == 300
    assert wait_before(1, RateLimited(english("x"), retry_after_s=300), 0.0) == 300
    assert wait_before(1, RateLimited(english("x"), retry_after_s=300.001), 0.0) is None


def rejected(name: str) -> ParameterRejected:
    return ParameterRejected(english("x"), parameter=name)


def test_a_dropped_parameter_is_remembered_for_that_model_alone() -> None:
    memory = ParameterMemory()
    body: dict[str, JsonValue] = {"model": "a", "messages": [], "presence_penalty": 1}
    notice = memory.learn("a", rejected("presence_penalty"), body)
    assert notice is not None
    assert notice.code == "parameter_dropped"
    adapted = memory.adapt("a", body)
    assert "presence_penalty" not in adapted.body
    assert [again.message for again in adapted.notices] == [notice.message]
    assert memory.adapt("b", body) == (body, [])


def test_max_tokens_is_renamed_and_not_to_and_fro_forever() -> None:
    memory = ParameterMemory()
    body = {"max_tokens": 5}
    assert memory.learn("m", rejected("max_tokens"), body) is not None
    assert memory.adapt("m", body).body == {"max_completion_tokens": 5}
    assert memory.learn("m", rejected("max_completion_tokens"), {"max_completion_tokens": 5}) is not None
    assert memory.adapt("m", body).body == {}


def test_a_parameter_learnt_by_another_answer_meanwhile_is_dropped_too() -> None:
    memory = ParameterMemory()
    body = {"max_tokens": 5}
    memory.learn("m", rejected("max_tokens"), body)
    assert memory.learn("m", rejected("max_tokens"), body) is not None
    assert memory.adapt("m", body).body == {"max_completion_tokens": 5}


@pytest.mark.parametrize("name", ["model", "messages", "stream", "never_sent"])
def test_what_cannot_be_dropped_is_not(name: str) -> None:
    assert ParameterMemory().learn("m", rejected(name), {"model": "m", "messages": [], "stream": True}) is None


def test_usage_is_given_up_silently_afterwards() -> None:
    memory = ParameterMemory()
    body: dict[str, JsonValue] = {"stream_options": {"include_usage": True}}
    assert memory.learn("m", rejected("include_usage"), body) is not None
    assert memory.adapt("m", body) == ({}, [])


def test_only_what_was_set_is_sent() -> None:
    assert chat_body(request("m", "hi", top_p=0.5, stream=False), {"top_p": 0.9, "seed": 1}) == {
        "stream_options": {"include_usage": True},
        "top_p": 0.5,
        "seed": 1,
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
    }


LISTS: list[tuple[object, list[str]]] = [
    ({"data": [{"id": "b"}, {"id": "a"}, {"id": "a"}]}, ["a", "b"]),
    ([{"id": "a"}, "b", 5, None, {"id": ""}, {"id": "x\ny"}, {"id": " z "}], ["a", "b"]),
    ({"models": [{"name": "a"}, {"model": "b"}]}, ["a", "b"]),
    ({"data": [{"id": "e", "capabilities": {"chat_completion": False}}, {"id": "c", "capabilities": {}}]}, ["c"]),
    ({"data": 5}, []),
    ("text", []),
    (None, []),
]


@pytest.mark.parametrize(("value", "names"), LISTS)
def test_lists_of_models_are_read(value: object, names: list[str]) -> None:
    assert [model.name for model in read_models(value)] == names


@pytest.mark.parametrize(
    "item",
    [
        {"max_model_len": 4096},
        {"context_length": 4096},
        {"context_window": 4096},
        {"max_context_length": 4096},
        {"meta": {"n_ctx_train": 4096}},
        {"context_length": "x", "context_window": 4096},
    ],
)
def test_context_windows_are_read(item: dict[str, object]) -> None:
    assert read_models([{"id": "a", **item}]) == [ModelInfo(name="a", context_window=4096)]


def test_deployments_that_are_ready_are_listed_with_their_model() -> None:
    made = [{"id": "d", "model": "gpt-4o", "status": "succeeded"}, {"id": "n", "model": "x", "status": "creating"}]
    assert read_deployments({"data": made}) == [ModelInfo(name="d", base="gpt-4o")]


def test_info_names_one_model() -> None:
    assert read_info({"model_name": "grok-3"}) == [ModelInfo(name="grok-3", base="grok-3")]
    assert read_info([]) == []
