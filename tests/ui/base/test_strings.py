from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from PySide6.QtCore import QLocale

from desktop.errors import UsageError
from desktop.text.phrases import LONGEST, english, phrase
from ui.base.strings import sentence, short_name, tr, trn, when

NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW - timedelta(seconds=20), "now"),
        (NOW + timedelta(seconds=20), "now"),
        (NOW - timedelta(minutes=2), "16:58"),
        (NOW.replace(hour=0, minute=1), "00:01"),
        (NOW - timedelta(days=1), "Mon"),
        (NOW - timedelta(days=6), "Wed"),
        (NOW - timedelta(days=7), "17 Nov"),
        (NOW - timedelta(days=365), "24 Nov 2025"),
        (NOW + timedelta(days=3), "27 Nov"),
    ],
)
def test_times_read_as_in_a_list(at: datetime, words: str) -> None:
    assert when(at, NOW) == words


def test_the_day_is_that_of_the_readers_zone() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    assert when(datetime(2026, 11, 24, 14, 0, tzinfo=UTC), there) == "Tue"
    assert when(datetime(2026, 11, 24, 16, 0, tzinfo=UTC), there) == "01:00"


@pytest.mark.parametrize("number", [3_000_000_000, 10**30])
@pytest.mark.parametrize("name", ["C", "de", "ar"])
def test_numbers_of_any_size_are_said(number: int, name: str) -> None:
    QLocale.setDefault(QLocale(name))
    try:
        assert trn("{n} token", "{n} tokens", number).endswith(" tokens")
    finally:
        QLocale.setDefault(QLocale.c())


def test_counts_and_errors_are_whole_phrases() -> None:
    assert trn("{n} connection", "{n} connections", 1) == "1 connection"
    assert trn("{n} connection", "{n} connections", 1200) == "1,200 connections"
    assert sentence(UsageError(english("It failed."), hint=english("Try again."))) == "It failed. Try again."


def test_a_models_short_name_leaves_out_its_size() -> None:
    assert [short_name(name) for name in ("SmolLM2 135M", "Llama 3.3 70B", "gpt-4.1", "70B")] == [
        "SmolLM2",
        "Llama 3.3",
        "gpt-4.1",
        "70B",
    ]


def test_what_others_wrote_is_told_at_the_length_of_a_few_sentences() -> None:
    word = "x" * 4_000_000
    assert tr(word) == tr(english(word)) == "x" * (LONGEST - 1) + "…"
    assert len(sentence(UsageError(english(word), hint=english(word)))) == 2 * LONGEST + 1


def test_what_is_to_be_typed_stands_between_quotation_marks_not_backticks() -> None:
    described = phrase(
        "Proxy URL. Leave empty for the system proxy; `none` for no proxy. Connections to this "
        "computer (localhost) never use a proxy."
    )
    assert "“none” for no proxy" in tr(described)
    assert (
        tr("Enter http://HOST:PORT or `none`, or leave the field empty. SOCKS proxies are not supported.").count(
            "“none”"
        )
        == 1
    )
    said = phrase("The server says: {said}", said="Use `max_tokens`.")
    assert "`max_tokens`" in tr(said)  # its words stay its own
