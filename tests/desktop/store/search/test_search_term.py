from __future__ import annotations

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.message_parts import PartKind
from desktop.store import index_text
from desktop.store.search import search_term
from desktop.store.sqlite.sql import Sql


def expressions(search: str) -> tuple[str, ...]:
    """A search of plain words as FTS5 takes it."""
    words = [(word, False) for word in search.replace('"', " ").split()]
    return tuple(term.expression for term in search_term.terms(words) if term.expression)


def matches(text: str, search: str) -> bool:
    """Whether FTS5 itself finds the text by the search."""
    sql = Sql(apsw.Connection(":memory:"))
    sql.run('CREATE VIRTUAL TABLE t USING fts5 (words, tokenize = "unicode61 remove_diacritics 2")')
    sql.run("INSERT INTO t VALUES (?)", (index_text.indexed(text),))
    asked = expressions(search)
    found = bool(asked) and bool(sql.rows("SELECT 1 FROM t WHERE t MATCH ?", (" AND ".join(asked),)))
    terms = search_term.terms([(word, False) for word in search.replace('"', " ").split()])
    looked_for = bool(terms) and all(term.holds(index_text.indexed(text)) for term in terms)
    assert looked_for == found or any(term.literal for term in terms)  # signs are looked for alone
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
