"""Chunks to events: what servers send, what they should not, and what is said of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.conversation_types import Usage
from desktop.domain.events import ModelNamed, Notice, Progress, ReasoningDelta, StreamEvent, TextDelta, UsageUpdate
from desktop.errors import (
    AnswerUnreadable,
    AuthenticationFailed,
    ContentFiltered,
    ContextTooLong,
    ProviderError,
    RateLimited,
    ServerOverloaded,
    StreamFailed,
)
from desktop.providers.wire.chunks import ChunkReader
from desktop.providers.wire.faults import RequestTarget
from tests.cpu_time import assert_growth

ASKED = RequestTarget(host="host", secrets=("sk-secret",))
FILTERED = {
    "hate": {"filtered": True, "severity": "high"},
    "jailbreak": {"detected": True},
    "sexual": {"filtered": False},
}


def read(*chunks: object) -> list[StreamEvent]:
    reader = ChunkReader(ASKED)
    return [event for chunk in chunks for event in reader.read(json.dumps(chunk))]


def delta(**fields: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields}]}


def choice(**fields: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, **fields}]}


@pytest.mark.parametrize(
    ("chunk", "events"),
    [
        (delta(content="a"), [TextDelta(text="a")]),
        (delta(content=""), []),
        (delta(content=None), []),
        (delta(content=[{"type": "text", "text": "a"}, {"text": ""}, 5]), [TextDelta(text="a")]),
        (delta(content=[{"type": "thinking", "thinking": [{"text": "t"}]}]), [ReasoningDelta(text="t")]),
        (delta(reasoning_content="t", content="a"), [ReasoningDelta(text="t"), TextDelta(text="a")]),
        (delta(reasoning="t"), [ReasoningDelta(text="t")]),
        (delta(reasoning="t", reasoning_content="t"), [ReasoningDelta(text="t")]),
        ({"choices": [{"text": "old"}]}, [TextDelta(text="old")]),
        ({"choices": [{"message": {"content": "whole"}}]}, [TextDelta(text="whole")]),
        ({"choices": [{"index": 1, "delta": {"content": "other"}}]}, []),
        ({"choices": []}, []),
        ({"choices": [], "prompt_filter_results": [{"content_filter_results": {"hate": {"filtered": False}}}]}, []),
        ({"object": "keep-alive"}, []),
        ({"choices": [], "prompt_progress": {"total": 200, "processed": 50}}, [Progress(fraction=0.25)]),
        ({"choices": [], "prompt_progress": {"total": 0, "processed": 0}}, []),
    ],
)
def test_a_chunk_gives_its_events(chunk: dict[str, Any], events: list[StreamEvent]) -> None:
    assert read(chunk) == events


def test_the_model_is_named_once() -> None:
    assert read({"model": "m-1", "choices": []}, {"model": "m-2", "choices": []}) == [ModelNamed(model="m-1")]


def test_usage_replaces_and_repeats_are_left_out() -> None:
    first, last = {"prompt_tokens": 3, "completion_tokens": 1}, {"prompt_tokens": 3, "completion_tokens": 2}
    found = read({"usage": first}, {"usage": first}, {"usage": None}, {"usage": {}}, {"usage": last})
    assert found == [
        UsageUpdate(usage=Usage(input_tokens=3, output_tokens=1)),
        UsageUpdate(usage=Usage(input_tokens=3, output_tokens=2)),
    ]


@pytest.mark.parametrize(("word", "reason"), [("stop", "refusal"), ("refusal", "refusal"), ("length", "length")])
def test_an_answer_that_declines_ends_as_a_refusal(word: str, reason: str) -> None:
    reader = ChunkReader(ASKED)
    events = reader.read(json.dumps(delta(refusal="No."))) + reader.read(json.dumps(choice(finish_reason=word)))
    assert [event.code for event in events if isinstance(event, Notice)] == ["refusal"]
    assert (reader.finish_reason, reader.finish_word) == (reason, word)


@pytest.mark.parametrize("held", [{"prompt_tokens_details": {"cached_tokens": 7}}, {"prompt_cache_hit_tokens": 7}])
def test_input_that_the_server_had_kept_is_told(held: dict[str, object]) -> None:
    (update,) = read({"usage": {"prompt_tokens": 9, "completion_tokens": 1, **held}})
    assert isinstance(update, UsageUpdate)
    assert update.usage.cached_tokens == 7


def test_reasoning_outside_the_completion_is_billed() -> None:
    usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 23}
    (update,) = read({"usage": {**usage, "completion_tokens_details": {"reasoning_tokens": 11}}})
    assert isinstance(update, UsageUpdate)
    assert update.usage.reasoning_tokens == 11
    assert update.usage.billed_output_tokens == 16


def test_a_refusal_is_shown_and_noted_once() -> None:
    found = read(delta(refusal="I can"), delta(refusal="not."))
    assert [event.text for event in found if isinstance(event, TextDelta)] == ["I can", "not."]
    assert [event.code for event in found if isinstance(event, Notice)] == ["refusal"]


def test_a_filtered_answer_names_category_and_severity() -> None:
    reader = ChunkReader(ASKED)
    chunk = choice(finish_reason="content_filter", content_filter_results=FILTERED)
    (notice,) = reader.read(json.dumps(chunk))
    assert isinstance(notice, Notice)
    assert notice.message == "The content filter stopped the response: hate (high), jailbreak (detected)."
    assert reader.finish_reason == "content_filter"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("model_length", "length"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "content_filter"),
        ("RECITATION", "content_filter"),
        ("end_turn", "stop"),
        ("STOP", "stop"),
        ("something_new", "something_new"),
    ],
)
def test_each_services_word_for_an_end_is_the_one_that_is_known(said: str, reason: str) -> None:
    reader = ChunkReader(ASKED)
    reader.read(json.dumps(choice(finish_reason=said)))
    assert reader.finish_reason == reason


def test_an_answer_that_ended_by_an_error_is_no_whole_one() -> None:
    reader = ChunkReader(ASKED)
    last = {"choices": [{"delta": {"content": "half"}, "finish_reason": "error"}]}
    assert reader.read(json.dumps(last)) == [TextDelta(text="half")]
    with pytest.raises(StreamFailed):
        reader.read("{}")
    with pytest.raises(StreamFailed):
        reader.end_without_reason()


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ({"finish_reason": "insufficient_system_resource"}, "insufficient_system_resource"),
        ({"finish_reason": "abort"}, "abort"),
        ({"finish_reason": "error", "error": {"message": "Provider died", "code": 500}}, "Provider died"),
    ],
)
def test_what_broke_an_answer_off_is_told(last: dict[str, object], said: str) -> None:
    reader = ChunkReader(ASKED)
    reader.read(json.dumps({"choices": [{"delta": {"content": "half"}, **last}]}))
    with pytest.raises(ProviderError, match=said):
        reader.end_without_reason()


def test_an_end_by_a_word_that_nobody_knows_is_told() -> None:
    (notice,) = ChunkReader(ASKED).read(json.dumps(choice(finish_reason="something_new")))
    assert isinstance(notice, Notice)
    assert "something_new" in notice.message


def test_an_asynchronous_filter_may_overrule_a_stop() -> None:
    reader = ChunkReader(ASKED)
    reader.read(json.dumps(choice(finish_reason="stop")))
    marked = choice(content_filter_offsets={"check_offset": 4}, content_filter_results=FILTERED)
    (notice,) = reader.read(json.dumps(marked))
    assert isinstance(notice, Notice)
    assert notice.code == "content_filter"
    reader.read(json.dumps(choice(finish_reason="content_filter")))
    assert reader.finish_reason == "content_filter"


def test_an_annotation_that_finds_nothing_says_nothing() -> None:
    assert read(choice(content_filter_offsets={}, content_filter_results={"hate": {"filtered": False}})) == []


def test_a_marked_prompt_is_noted() -> None:
    (notice,) = read({"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": FILTERED}]})
    assert isinstance(notice, Notice)
    assert (notice.code, "hate (high)" in notice.message) == ("prompt_filter", True)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("text", StreamFailed),
        ({"message": "sk-secret is bad"}, StreamFailed),
        ({"code": "server_error", "message": "x"}, StreamFailed),
        ({"code": "rate_limit_exceeded", "message": "x"}, RateLimited),
        ({"code": 429, "message": "x"}, RateLimited),
        ({"code": "503", "message": "x"}, ServerOverloaded),
        ({"type": "overloaded_error", "message": "x"}, ServerOverloaded),
        ({"code": "content_filter", "message": "x"}, ContentFiltered),
        ({"code": "context_length_exceeded", "message": "x"}, ContextTooLong),
        ({"code": "invalid_api_key", "message": "x"}, AuthenticationFailed),
    ],
)
def test_an_error_object_is_raised_as_what_it_is(error: object, kind: type[ProviderError]) -> None:
    with pytest.raises(kind) as caught:
        read({"error": error})
    assert type(caught.value) is kind
    assert "sk-secret" not in caught.value.message


@pytest.mark.parametrize("data", ["", "{oops", "nul", "[" * 100_000, '"\\ud800', "{}{}"])
def test_what_is_not_json_is_unreadable(data: str) -> None:
    with pytest.raises(AnswerUnreadable):
        ChunkReader(ASKED).read(data)


def piece(said: str, name: str = "content") -> str:
    return f'{{"choices":[{{"index":0,"delta":{{"{name}":"{said}"}}}}]}}'


@pytest.mark.parametrize("pieces", [("a\\ud83d", "b"), ("a\\ud83d",), ("a\\ude00b",), ("\\ud83d", "\\ud83d\\ude00")])
def test_half_a_surrogate_pair_becomes_text_that_can_be_stored(pieces: tuple[str, ...]) -> None:
    reader = ChunkReader(ASKED)
    events = [*(event for each in pieces for event in reader.read(piece(each))), *reader.flush()]
    said = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert said == json.loads(f'"{"".join(pieces)}"').encode("utf-16-le", "surrogatepass").decode(
        "utf-16-le", "replace"
    )
    assert "\ufffd" in said


def test_a_character_that_is_torn_into_two_events_is_whole() -> None:
    reader = ChunkReader(ASKED)
    thought = reader.read(piece("hm \\uD83D", "reasoning_content"))
    events = [*thought, *reader.read(piece("a\\ud83d")), *reader.read(piece("\\ude00b\\ud83d\\ude00\ufffd"))]
    events += [*reader.read(piece("\\uDE42!", "reasoning_content")), *reader.flush()]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "a😀b😀\ufffd"
    assert "".join(event.text for event in events if isinstance(event, ReasoningDelta)) == "hm 🙂!"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["choices", "usage", "model", "prompt_progress", "prompt_filter_results", "error", "object"]
INNER = ["delta", "message", "text", "finish_reason", "index", "content_filter_results", "content", "refusal", "code"]


@settings(suppress_health_check=[HealthCheck.too_slow])  # made beside other work, they take their time
@given(
    st.dictionaries(st.sampled_from(NAMES), JSON | st.lists(st.dictionaries(st.sampled_from(INNER), JSON), max_size=2))
)
def test_hostile_types_give_events_or_a_named_error(chunk: dict[str, Any]) -> None:
    try:
        events = read(chunk)
    except ProviderError:
        return
    assert all(event.text for event in events if isinstance(event, (TextDelta, ReasoningDelta)))


@given(st.dictionaries(st.sampled_from(INNER), JSON), st.dictionaries(st.sampled_from(INNER), JSON))
def test_hostile_deltas_never_break(fields: dict[str, Any], of_delta: dict[str, Any]) -> None:
    read({"choices": [{**fields, "delta": of_delta}]})


def test_of_many_choices_the_first_alone_is_read() -> None:
    choices = [{"index": 0, "delta": {"content": f"{number} "}} for number in range(50_000)]
    assert read({"choices": choices}) == [TextDelta(text="0 ")]
    assert read({"choices": [{"index": 1, "delta": {"content": "b"}}, *choices]}) == [TextDelta(text="0 ")]


def test_many_parts_are_one_event_of_a_kind() -> None:
    said = [{"type": "text", "text": "a"}] * 30_000
    thought = [{"type": "thinking", "thinking": [{"text": "t"}] * 2}] * 1_000
    assert read(delta(content=[*thought, *said])) == [
        ReasoningDelta(text="t" * 2_000),
        TextDelta(text="a" * 30_000),
    ]


def test_of_many_verdicts_on_the_prompt_the_first_are_read() -> None:
    verdicts = [{"content_filter_results": {f"c{number}": {"filtered": True}}} for number in range(50_000)]
    assert 0 < len(read({"prompt_filter_results": verdicts})) <= 20


LONG = "Ab3" + "x9Q7" * 20 + "Z"
"""A key of 84 characters, as Azure makes them: longer than some of what a server says may be."""


CHUNKS: list[dict[str, Any]] = [
    {"choices": [{"delta": {}, "finish_reason": LONG}]},
    {"choices": [], "model": "m" * 140 + LONG},
    {"choices": [], "prompt_filter_results": [{"content_filter_results": {LONG: {"filtered": True}}}]},
    {
        "choices": [],
        "prompt_filter_results": [{"content_filter_results": {"hate": {"filtered": True, "severity": LONG}}}],
    },
    {
        "choices": [
            {"delta": {}, "finish_reason": "content_filter", "content_filter_result": {LONG: {"detected": True}}}
        ]
    },
]


@pytest.mark.parametrize(
    "chunk",
    CHUNKS,
)
def test_a_key_is_hidden_before_what_a_server_says_is_cut(chunk: object) -> None:
    reader = ChunkReader(RequestTarget(host="h", model="m", secrets=(LONG,)))
    said = f"{reader.read(json.dumps(chunk))} {reader.finish_reason}"
    assert "[secure" in said
    assert LONG[:12] not in said


def test_of_words_that_are_none_so_much_is_looked_at_however_long_they_are() -> None:
    def read(size: int) -> None:
        """Read some events whose words are spellings of so many characters."""
        spelled = "%25" * size
        verdicts = {f"{number}{spelled}": {"filtered": True, "severity": spelled} for number in range(12)}
        reader = ChunkReader(RequestTarget(host="h", secrets=("sk-proj-Ab3dEf7hIjKlMn0pQrStUvWxYz12",)))
        chunk = json.dumps({"model": "\u200b" * 3 * size, **choice(content="x", content_filter_results=verdicts)})
        for _ in range(10):
            reader.read(chunk)

    assert_growth(read, 4_000, 20_000, at_most=4)
