"""What is typed into the search, taken apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Role
from desktop.store.search import query
from desktop.store.search.query import Name, Query

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=timezone(timedelta(hours=1)))


def parsed(text: str) -> Query:
    return query.parse(text, NOW)


def words(text: str) -> list[str]:
    return [term.text for term in parsed(text).terms]


def span(text: str) -> tuple[str, str]:
    found = parsed(text)
    return tuple("" if each is None else f"{each:%Y-%m-%d %H:%M%z}" for each in (found.since, found.until))  # type: ignore[return-value]


def test_words_and_filters_are_told_apart() -> None:
    found = parsed("blue model:Grok sky tag:work is:pinned has:code role:me connection:lab")
    assert [term.text for term in found.terms] == ["blue", "sky"]
    assert (found.models, found.tags, found.connections) == ([Name("grok")], [Name("work")], [Name("lab")])
    assert (found.pinned, found.code, found.archived, found.roles) == (True, True, False, {Role.USER})


def test_only_the_last_word_is_a_beginning_wherever_filters_stand() -> None:
    assert [(term.text, term.prefix) for term in parsed("blue sk is:pinned").terms] == [("blue", False), ("sk", True)]
    assert [term.prefix for term in parsed('"blue sk"').terms] == [False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"blue sky" x', ["blue sky", "x"]),
        ('"blue sky', ["blue sky"]),
        ("“blue sky” x", ["blue sky", "x"]),
        ('say"so', ["say", "so"]),
        ("role:xyz", ["role:xyz"]),
        ("from:soon", ["from:soon"]),
        ("is:", ["is:"]),
        ('foo:"bar baz"', ["foo:", "bar", "baz"]),
        ("see:also", ["see:also"]),
        ("http://x.y/z", ["http://x.y/z"]),
        ('""', []),
    ],
)
def test_what_is_no_filter_is_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected
    assert not parsed(text).filters_conversations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from:2026", ("2026-01-01 00:00+0100", "")),
        ("from:2026-02", ("2026-02-01 00:00+0100", "")),
        ("to:2026-12", ("", "2027-01-01 00:00+0100")),
        ("from:2026-02-28 to:2026-02-28", ("2026-02-28 00:00+0100", "2026-03-01 00:00+0100")),
        ("since:yesterday until:today", ("2026-11-23 00:00+0100", "2026-11-25 00:00+0100")),
        ("from:2026 from:2025", ("2026-01-01 00:00+0100", "")),
        ("from:2026-13", ("", "")),
        ("from:9999-12-31 to:9999", ("", "")),
    ],
)
def test_dates_are_whole_days_months_and_years_of_the_users_zone(text: str, expected: tuple[str, str]) -> None:
    assert span(text) == expected


def test_names_in_quotes_are_meant_exactly() -> None:
    (loose,) = parsed("model:grok-3").models
    (exact,) = parsed('model:"Grok-3"').models
    assert loose.fits("grok-3-mini")
    assert exact.fits("grok-3")
    assert not exact.fits("grok-3-mini")


@given(st.text())
def test_whatever_is_typed_is_understood_somehow(text: str) -> None:
    query.parse(text, datetime(2026, 1, 1, tzinfo=UTC))


def test_ten_thousand_characters_are_parsed_at_once() -> None:
    for text in ('"' * 10_000, "a:" * 5_000, "x " * 5_000, "model:" * 1_600, "a" * 10_000):
        parsed(text)
