from __future__ import annotations

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.message_parts import PartKind
from desktop.store import index_text
from desktop.store.sqlite.sql import Sql


def expressions(search: str) -> tuple[str, ...]:
    """A search of plain words as FTS5 takes it."""
    return tuple(
        term.expression for term in index_text.terms([(word, False) for word in search.replace('"', " ").split()])
    )


def snippet(text: str, search: str) -> str:
    return index_text.excerpt(
        text, [term.text for term in index_text.terms([(word, False) for word in search.split()])]
    )[0]


def matches(text: str, search: str) -> bool:
    """Whether FTS5 itself finds the text by the search."""
    sql = Sql(apsw.Connection(":memory:"))
    sql.run('CREATE VIRTUAL TABLE t USING fts5 (words, tokenize = "unicode61 remove_diacritics 2")')
    sql.run("INSERT INTO t VALUES (?)", (index_text.indexed(text),))
    asked = expressions(search)
    found = bool(asked) and bool(sql.rows("SELECT 1 FROM t WHERE t MATCH ?", (" AND ".join(asked),)))
    sql.close()
    return found


@pytest.mark.parametrize(
    (PartKind.TEXT, "search"),
    [
        ("The café", "CAFE"),
        ("cafe\u0301", "café"),
        ("Việt Nam", "viet"),
        ("STRASSE", "straße"),
        ("the ﬁne ａｒｔ", "fine art"),
        ("a well-known fact", "well-known"),
        ("blue sky", "sky bl"),
        ("see foo:bar", "foo:bar"),
        ("he said AND left", "said AND"),
        ("请查一下", "查"),
        ("东京 東京都", "東京"),
        ("東京都に行く", "京都に"),
        ("東京", "京"),
        ("使用iPhone手机上网", "iphone"),
        ("使用iPhone手机上网", "iPhone手"),
        ("新手机iPhone", "手机iphone"),
        ("한국어를 배우다", "국어"),
        ("สวัสดีครับ", "ดีค"),
        ("ひらがなカタカナ", "なカ"),
        ("halfwidth ｶﾀｶﾅ", "カタ"),
        ("हिन्दी में", "हिन्दी"),
        ("well done 🙂👍", "👍"),
        ("price 5€", "€"),
        ("a\0b hidden", "hidden"),
        ("C++ is old", "c++"),
    ],
)
def test_text_is_found_by(text: str, search: str) -> None:
    assert matches(text, search)


@pytest.mark.parametrize(
    (PartKind.TEXT, "search"),
    [
        ("blue sky", "bl sky"),  # only the last word is a prefix
        ("blue", "blue sky"),
        ("東京", "京東"),
        ("東 京", "東京"),
        ("東京と京都", "東都"),
        ("blue", "b*e"),
        ("blue", "red OR blue"),
        ("blue", 'blue" OR "x'),
        ("blue", "words:blue"),
        ("\ue000 06771", "06771"[:2] + "東"),
    ],
)
def test_text_is_not_found_by(text: str, search: str) -> None:
    assert not matches(text, search)


@pytest.mark.parametrize("search", ["", "  ", '"', "* - :", "\0", "\ue000", "\u0301", "..."])
def test_a_search_without_words_asks_for_nothing(search: str) -> None:
    assert expressions(search) == ()


@given(st.text(st.characters(), max_size=20))
def test_no_search_is_a_syntax_error(search: str) -> None:
    matches("some text", search)


@given(st.text("東京都査あいア한국ไท🙂👍 ", min_size=1, max_size=12), st.data())
def test_any_piece_of_text_without_spaces_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    piece = text[start:end]
    assert matches(text, piece) or not piece.strip()


def test_lone_halves_are_replaced_and_pairs_joined() -> None:
    assert index_text.clean("a\ud83d\ude00b") == "a😀b"
    assert index_text.clean("a\ud83db") == "a\ufffdb"
    assert index_text.clean("plain \0 text") == "plain \0 text"


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


WRITTEN = st.text(
    st.one_of(
        st.sampled_from("aé ß㌖東京ｶﾞ각\u0301\u0316\u1161\u11a8\ud83d\ude00🙂\ufdfa。 \0\n"),
        st.characters(),
    ),
    max_size=60,
)


@given(st.lists(WRITTEN, max_size=40), st.integers(1, 3))
def test_in_pieces_it_is_indexed_as_it_would_be_whole(texts: list[str], often: int) -> None:
    text = "".join(texts) * often
    text += "x" * max(0, 1_000 - len(text)) + "".join(texts)  # across the end of a block
    whole = index_text._RUN.sub(
        lambda run: f" {' '.join(index_text._pairs(run.group(), ended=True))} ", index_text._folded(text)
    )
    assert index_text.indexed(text).split() == whole.split()


@pytest.mark.parametrize("text", ["word " * 600_000, "東京都" * 200_000, "㌖" * 2_000_000])
def test_what_is_beyond_the_bound_is_not_indexed_and_nothing_is_torn(text: str) -> None:
    made = index_text.indexed(text)
    assert len(made.encode()) <= index_text.LONGEST
    assert set(made.split()) <= set(index_text.indexed(text[:9_000]).split())


@pytest.mark.timeout(80)
def test_marks_without_end_are_put_in_order_block_by_block() -> None:
    assert len(index_text.indexed("a" + "\u0301\u0316" * 4_000_000).encode()) <= index_text.LONGEST
