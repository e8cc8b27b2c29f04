from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.store.search import search_term
from desktop.store.search.search import excerpt


def snippet(text: str, search: str) -> str:
    return marked(text, search)[0]


def marked(text: str, search: str) -> tuple[str, list[str]]:
    """The snippet, and what is marked in it."""
    terms = search_term.terms([(word, False) for word in search.split()])
    shown, marks = excerpt(text, [term.marked for term in terms])
    return shown, [shown[start:end] for start, end in marks]


def test_a_snippet_shows_the_hit_with_about_the_width_round_it() -> None:
    text = "start " + "filler " * 200 + "the NEEDLE here " + "filler " * 200
    found = snippet(text, "needle")
    assert "NEEDLE" in found
    assert 60 < len(found) <= 125
    assert found.startswith("…")
    assert found.endswith("…")


def test_a_snippet_finds_folded_words_in_one_line_of_the_original() -> None:
    assert snippet("Erste\nZeile,\tzweite Straße\0", "strasse") == "Erste Zeile, zweite Straße"
    assert snippet("x" * 5000 + " Ünder", "under").endswith("Ünder")
    assert snippet("東京" * 300 + "査" + "東京" * 300, "査").count("査") == 1


def test_a_snippet_of_text_without_the_word_is_its_beginning() -> None:
    assert snippet("blue sky", "title") == "blue sky"
    assert snippet("", "title") == ""


@given(st.text(max_size=300), st.text(max_size=10))
def test_a_snippet_is_always_short_and_one_line(text: str, search: str) -> None:
    found = snippet(text, search)
    assert len(found) <= 122
    assert len(found.splitlines()) <= 1
