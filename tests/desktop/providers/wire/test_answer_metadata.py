"""What seems to be spelled takes long to look through: so much of it is looked at in one answer or error."""

from __future__ import annotations

import json
import random

import pytest

from desktop.domain.conversation_types import Wire
from desktop.domain.events import Cited, Notice, StreamEvent
from desktop.providers.wire.answer_metadata import AnswerMetadata
from desktop.providers.wire.error_bodies import read_complaint
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.wire_format import FORMATS
from tests.cpu_time import within

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z"
SPELLED = ("\\u005c", "&amp;", "%25", "1 ", "0x41 ", "&#115;", "\\x73", "=73", "a\u0301", "<b>", "é", "sk-", "%2573")


def noise(length: int, seed: int = 1) -> str:
    drawn = random.Random(seed)
    return "".join(drawn.choice(SPELLED) for _ in range(length))[:length]


def test_pages_that_are_cited_are_looked_at_up_to_a_bound() -> None:
    for attempt in within(2):
        once = AnswerMetadata(RequestTarget(host="x", secrets=(KEY,)))
        events: list[StreamEvent] = []
        with attempt:
            for number in range(200):
                once.citation(f"https://x.org/{number}?{noise(1_900)}", noise(1_900, number), events)
        assert 0 < len(events) < 10


def test_two_hundred_pages_of_usual_addresses_are_all_cited() -> None:
    once = AnswerMetadata(RequestTarget(host="x", secrets=(KEY,)))
    events: list[StreamEvent] = []
    for number in range(200):
        once.citation(f"https://example.org/{number}/{'a' * 180}", f"Page {number} of a site", events)
    assert len([each for each in events if isinstance(each, Cited)]) == 200


def test_seventy_pages_whose_addresses_are_not_english_are_all_cited() -> None:
    once = AnswerMetadata(RequestTarget(host="x", secrets=(KEY,)))
    events: list[StreamEvent] = []
    for number in range(70):
        once.citation(f"https://ar.example.org/{number}/{'%D8%AA' * 25}", "", events)
    assert len(events) == 70


def test_what_a_filter_marks_is_looked_at_up_to_a_bound_and_usual_marks_always() -> None:
    for attempt in within(1):
        once = AnswerMetadata(RequestTarget(host="x", secrets=(KEY,)))
        with attempt:
            for number in range(500):
                once.marked({noise(95, number): {"filtered": True, "severity": noise(95, number + 1000)}})
    usual = {"hate": {"filtered": True, "severity": "high"}, "my_list": {"detected": True}}
    again = AnswerMetadata(RequestTarget(host="x", secrets=(KEY,)))
    assert {again.marked(usual) for _ in range(5_000)} == {("hate (high)", "my list (detected)")}
    assert again.marked({KEY: {"filtered": True}}) == ("[secure]",)


def test_words_of_a_server_are_looked_at_up_to_a_bound_and_short_ones_always() -> None:
    for attempt in within(1.5):
        once = AnswerMetadata(RequestTarget(host="x", secrets=(KEY,)))
        with attempt:
            said = [once.plain(noise(1_900, number), 60) for number in range(100)]
        assert said[0]
        assert not said[-1]
        assert once.plain("stop", 60) == "stop"


def test_very_many_short_words_of_a_server_are_told_up_to_a_bound_and_usual_ones_always() -> None:
    once = AnswerMetadata(RequestTarget(host="x", secrets=(KEY,)))
    said = [once.plain(f"odd {number}", 60) for number in range(500)]
    assert said[:30] == [f"odd {number}" for number in range(30)]
    assert not any(said[100:])
    assert once.plain("odd 3", 60) == "odd 3"
    assert once.plain("stop", 60) == "stop"


@pytest.mark.parametrize(
    ("wire", "ended"),
    [
        (Wire.CHAT, {"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "WORD"}]}),
        (Wire.MESSAGES, {"type": "message_delta", "delta": {"stop_reason": "WORD"}}),
    ],
)
def test_an_answer_that_ends_in_very_many_ways_says_few_of_them(wire: Wire, ended: dict[str, object]) -> None:
    reader = FORMATS[wire].reader(RequestTarget(host="x", secrets=(KEY,)))
    event = json.dumps(ended)
    found = [each for number in range(500) for each in reader.read(event.replace("WORD", f"odd {number}").encode())]
    assert 0 < len([each for each in found if isinstance(each, Notice)]) <= 40
    assert str(reader.finish_reason).startswith("odd ")
    reader.read(event.replace("WORD", "end_turn").encode())
    assert reader.finish_reason == ("odd 0" if wire is Wire.CHAT else "stop")


def test_of_a_long_error_as_much_is_looked_at_as_is_shown() -> None:
    for body in (noise(64 << 10), '{"error": {"message": "' + noise(64 << 10).replace("\\", "/") + '"}}'):
        for attempt in within(1):
            with attempt:
                assert read_complaint(body.encode(), (KEY,)).message


def test_a_key_of_any_length_leaves_of_a_long_error_what_is_shown() -> None:
    token = "".join(random.Random(2).choices("abcdefghijABCDEFGHIJ0123456789", k=3_000))
    said = read_complaint(f"Refused: {token} is not known. {'word ' * 20_000}".encode(), (token,)).shown
    assert said.startswith("Refused: [secure] is not known. word word")
    assert len(said) == 300
