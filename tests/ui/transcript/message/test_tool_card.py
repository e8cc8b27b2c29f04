"""Tool cards: where they are in a text, the state that they show, and how JSON and long texts are shown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.message_parts import (
    CitationPart,
    ImagePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    ToolStatus,
    words,
)
from ui.transcript.message.tool_card import (
    LONGEST_SHOWN,
    MOST_LINES,
    TextKind,
    ToolCard,
    bounded,
    cut,
    indented,
    placed_cards,
    text_pieces,
)


def call(number: int = 1, arguments: str = "{}") -> ToolCallPart:
    return ToolCallPart(id=f"c{number}", name="clock", arguments=arguments, server="time")


def result(
    number: int = 1,
    text: str = "noon",
    structured: str = "",
    status: ToolStatus = ToolStatus.OK,
    duration_ms: float | None = 312.0,
    *,
    recorded: bool = False,
) -> ToolResultPart:
    return ToolResultPart(
        call=f"c{number}",
        status=status,
        text=text,
        structured=structured,
        duration_ms=duration_ms,
        recorded=recorded,
    )


_PARTS = st.lists(
    st.one_of(
        st.text(st.sampled_from("ab \n"), max_size=5).map(lambda text: TextPart(text=text)),
        st.just(ReasoningPart(text="Hm.")),
        st.just(CitationPart(url="https://x.example")),
        st.just(call()),
        st.just(result()),
    ),
    max_size=12,
)


@given(_PARTS)
def test_a_card_is_at_the_end_of_the_text_before_its_call(parts: list[Part]) -> None:
    text, cards = words(parts, TextPart), placed_cards(parts)
    calls = [place for place, part in enumerate(parts) if isinstance(part, ToolCallPart)]
    called = [card for card in cards if card.call.name == "clock"]
    assert [card.at for card in called] == [len(words(parts[:place], TextPart)) for place in calls]
    assert "".join(piece for _, piece in text_pieces(text, cards)) == text


def test_a_result_belongs_to_the_last_call_of_its_id_without_one() -> None:
    parts = (call(), result(text="first"), call(), result(text="second"), result(2, text="of no call"))
    assert [card.result and card.result.text for card in placed_cards(parts)] == ["first", "second", "of no call"]


def test_images_belong_to_the_result_that_they_follow() -> None:
    image = ImagePart(sha256="a", media_type="image/png")
    first, second = placed_cards((image, call(), result(), image, image, call(2), result(2)))
    assert (len(first.images), len(second.images)) == (2, 0)


@pytest.mark.parametrize(
    ("given", "live", "state", "spoken"),
    [
        (result(), False, "312 ms", "finished in 312 ms"),
        (result(duration_ms=None), False, "", "finished"),
        (result(recorded=True), False, "shared result", "shared result"),
        (result(status=ToolStatus.ERROR), False, "error · 312 ms", "error · 312 ms"),
        (result(status=ToolStatus.DENIED, duration_ms=None), False, "denied", "denied"),
        (result(status=ToolStatus.CUT), False, "cut · 312 ms", "cut · 312 ms"),
        (result(status=ToolStatus.UNANSWERED), False, "not answered", "not answered"),
        (None, False, "not answered", "not answered"),
        (None, True, "running …", "running …"),
    ],
)
def test_a_card_shows_how_its_call_ended(given: ToolResultPart | None, live: bool, state: str, spoken: str) -> None:
    card = ToolCard(call(), 0, given)
    assert card.state(live=live)[0] == state
    assert card.spoken(live=live) == f"Tool call clock, time, {spoken}"


def test_a_call_that_waits_says_so_until_it_has_a_result() -> None:
    card = ToolCard(call(), 0, waiting=True)
    assert card.state(live=True)[0] == "waiting for approval"
    card.result = result()
    assert card.state(live=True)[0] == "312 ms"


def test_a_search_of_the_provider_has_a_name_for_people() -> None:
    search = ToolCallPart(id="1", name="web_search_20260209", arguments='{"query": "x"}')
    assert ToolCard(search, 0).line(live=True) == 'Web search · {"query": "x"} · running …'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"a":[1,{}],"b":"x, {y}: z"}', '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": "x, {y}: z"\n}'),
        ('{"a": 1.50, "a": 2e3}', '{\n  "a": 1.50,\n  "a": 2e3\n}'),
        ('["\\u202e"]', '[\n  "\\u202e"\n]'),
        ("[1", "[1"),
        ("{broken}", "{broken}"),
        ("plain", "plain"),
        ("12", "12"),
        ("[" * 5_000 + "]" * 5_000, "[" * 5_000 + "]" * 5_000),
        ("9" * 5_000, "9" * 5_000),
    ],
)
def test_json_is_indented_and_nothing_but_white_space_changes(text: str, shown: str) -> None:
    assert indented(text) == shown


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(_JSON, st.sampled_from([None, 1]))
def test_indented_json_has_the_same_value_and_does_not_depend_on_white_space(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    assert json.loads(indented(text)) == value
    assert indented(text) == indented(json.dumps(value))


@pytest.mark.parametrize(
    ("text", "structured", "kinds"),
    [
        ('{"a": 1}', '{"a":1}', [TextKind.RESULT]),
        ("noon", '{"result": "noon"}', [TextKind.RESULT]),
        ("[1]", '{"result": [1]}', [TextKind.RESULT]),
        ("noon", '{"hour": 12}', [TextKind.RESULT, TextKind.STRUCTURED]),
        ("", '{"hour": 12}', [TextKind.STRUCTURED]),
        ("noon", "{broken", [TextKind.RESULT, TextKind.STRUCTURED]),
        ("", "", []),
    ],
)
def test_structured_content_is_shown_if_it_says_more_than_the_text(
    text: str, structured: str, kinds: list[TextKind]
) -> None:
    card = ToolCard(call(), 0, result(text=text, structured=structured))
    assert [each.kind for each in card.texts] == kinds


@given(st.text(st.sampled_from("a \n"), max_size=30).map(lambda text: text * 400))
def test_a_text_is_cut_into_pieces_without_loss(text: str) -> None:
    pieces = cut(text)
    assert "".join(piece.text + ("" if piece.torn else "\n") for piece in pieces) == f"{text}\n"
    assert all(len(piece.text) <= 4_000 and piece.text.count("\n") <= 101 for piece in pieces)


def test_a_long_text_is_shown_in_part() -> None:
    assert len(bounded("x" * 2 * LONGEST_SHOWN)) == LONGEST_SHOWN
    assert bounded("x\n" * 2 * MOST_LINES).count("\n") < MOST_LINES
    assert bounded("short\ntext") == "short\ntext"
