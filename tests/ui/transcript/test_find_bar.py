"""Words sought in a conversation: found whatever their case and the blanks between them, and shown where they stand."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from tests.cpu_time import assert_growth
from tests.ui.transcript.makers import answer
from ui.base.theme import Theme
from ui.transcript import find_bar
from ui.transcript.find_bar import Hit, find_words, hits, shown
from ui.transcript.message.row import Row
from ui.transcript.message.segment_builder import SegmentBuilder
from ui.transcript.text.look import Look


@pytest.fixture
def builder(qapp: QApplication) -> SegmentBuilder:
    return SegmentBuilder(Look.of(Theme.load("light"), QFont(qapp.font())))


def row(builder: SegmentBuilder, text: str) -> Row:
    return Row(answer(text), "somebody", builder)


def marked(builder: SegmentBuilder, text: str, words: str) -> list[str | None]:
    """What is marked on the screen for each hit in a text."""
    sought, one = find_words(words), row(builder, text)
    assert sought is not None
    found: list[str | None] = []
    for hit in hits([one], sought):
        at = shown(one, hit, sought)
        segment = one.slabs[at.place.slab].segments[at.place.segment] if at else None
        found.append(segment.text[at.place.position : at.end] if at and segment else None)
    return found


_TEXT = st.text(st.sampled_from("abA.*[(\\ \n"), max_size=20)


@given(st.text(st.sampled_from("ab.*[(\\ \n"), max_size=6), _TEXT)
def test_signs_mean_only_themselves_and_blanks_any_blanks(words: str, text: str) -> None:
    sought, plain = find_words(words), " ".join(words.split())
    if sought is None:
        assert plain == ""
    else:
        assert bool([*sought.places(text)]) is (plain in re.sub(r"\s+", " ", text.lower()))


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("the Sky is blue, the SKY", "sky", ["Sky", "SKY"]),
        ("**bold** and `code`", "bold and code", ["bold and code"]),
        ("Łódź and **Ł**ódź", "lodz", ["Łódź", "Łódź"]),
        ("lodz, LODZ", "Łódź", ["lodz", "LODZ"]),
        ("cafe\u0301 Café cafe", "café", ["cafe\u0301", "Café", "cafe"]),
        ("Straße, strasse", "STRASSE", ["Straße", "strasse"]),
        ("œuvre oeuvre", "oeuvre", ["œuvre", "oeuvre"]),
        ("ΟΥΡΑΝΌΣ ουρανός", "ουρανος", ["ΟΥΡΑΝΌΣ", "ουρανός"]),
        ("كِتَابٌ وأحمد", "كتاب", ["كِتَابٌ"]),
        ("وأحمد احمد", "احمد", ["أحمد", "احمد"]),
        ("שָׁלוֹם", "שלום", ["שָׁלוֹם"]),
        ("हिन्दी क़लम", "कलम", ["क़लम"]),
        ("a_b \u00e5", "å", ["a", "å"]),
        ("[chart][1] and other\n\n[1]: https://a.org", "chart and other", ["chart and other"]),
        ("there[^2]. So\n\n[^2]: x", "there1", ["there1"]),
        ("הרץ את `--help` עכשיו", "את --help עכשיו", ["את \u2066--help\u2069 עכשיו"]),
        ("Pay **before** Friday. Pay before friday!", "Pay before Friday", ["Pay before Friday", "Pay before friday"]),
        ("Yes.\n\nUse npm `install` or `npm` install", "npm install", ["npm install", "npm install"]),
        ("AT&amp;T is", "at&t", ["AT&T"]),
        ("see [the docs](https://e.com/a_b) now", "the docs now", ["the docs now"]),
        ("a\\_b and re**boot**", "a_b and reboot", ["a_b and reboot"]),
        ("a **word**", "**word", [""]),
        ("- one\n- two **three**", "two three", ["two three"]),
        ("a **bold** word", "bold", ["bold"]),
        ("[here](https://here.example) and here", "and  here", ["and here"]),
        ("one\n\ntwo one\n\n- one", "one", ["one", "one", "one"]),
        ("```python\nx = 1\n```\n", "x = 1", ["x = 1"]),
        ("straße", "STRASSE", ["straße"]),
        ("首都是东京", "东京", ["东京"]),
    ],
)
def test_each_hit_is_marked_where_it_is_shown(builder: SegmentBuilder, text: str, words: str, found: list[str]) -> None:
    assert marked(builder, text, words) == found


def test_hits_come_from_top_to_bottom_and_are_counted_up_to_a_limit(
    builder: SegmentBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(builder, "a b a"), row(builder, "none"), row(builder, "a")]
    sought = find_words("a")
    assert sought is not None
    assert hits(rows, sought) == [Hit(0, 0), Hit(0, 4), Hit(2, 0)]
    monkeypatch.setattr(find_bar, "MOST", 2)
    assert hits(rows, sought) == [Hit(0, 0), Hit(0, 4)]


def test_a_hit_that_is_no_longer_there_is_shown_nowhere(builder: SegmentBuilder) -> None:
    sought = find_words("a")
    assert sought is not None
    assert shown(row(builder, "a"), Hit(0, 99), sought) is None


def test_of_a_text_of_pages_the_beginning_is_sought_and_no_more_is_made_of_it() -> None:
    page = "Ça va où l’été finit, et très loin de là. " * 400
    sought = find_words(page)
    assert sought is not None
    assert [90 < len(hit[0]) <= 100 for hit in sought.places(page)][:2] == [True, True]
    for typed in (page, "\ufdfa" * 400):
        assert_growth(lambda size, typed=typed: spell(typed[:size]), 100, len(typed), at_most=2)


def spell(typed: str) -> None:
    """Seek it where it may be spelled in any way."""
    re.purge()
    sought = find_words(typed)
    assert sought is not None
    assert not [*sought.places("é"), *sought.loose_places("é")]
