from __future__ import annotations

import itertools

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.message_parts import PartKind
from desktop.store.records import index_text
from desktop.store.search import search_term
from desktop.store.sqlite.sql import Sql
from tests.cpu_time import within


def terms_of(search: str, *, exact: bool = False) -> tuple[search_term.Term, ...]:
    """A search of plain words, or of one phrase."""
    shown = search.replace('"', " ")
    return search_term.terms([(shown, True)] if exact else [(word, False) for word in shown.split()])


def expressions(search: str) -> tuple[str, ...]:
    """A search of plain words as FTS5 takes it."""
    return tuple(term.expression for term in terms_of(search) if term.expression)


def asks(search: str, *, exact: bool) -> bool:
    """Whether anything of it can be asked of the index."""
    return any(term.expression for term in terms_of(search, exact=exact))


def matches(text: str, search: str, *, exact: bool = False) -> bool:
    """Whether FTS5 itself finds the text by the search; where signs matter, and a look at the text agrees."""
    sql = Sql(apsw.Connection(":memory:"))
    sql.run('CREATE VIRTUAL TABLE t USING fts5 (words, tokenize = "unicode61 remove_diacritics 2")')
    words = index_text.indexed(text)
    sql.run("INSERT INTO t VALUES (?)", (words,))
    terms = terms_of(search, exact=exact)
    asked = " AND ".join(term.expression for term in terms if term.expression)
    found = bool(asked) and bool(sql.rows("SELECT 1 FROM t WHERE t MATCH ?", (asked,)))
    sql.close()
    looked_for = bool(terms) and all(term.holds(words) for term in terms)
    in_utf8 = words.encode(errors="replace")
    assert not looked_for or all(any(core in in_utf8 for core in term.cores) for term in terms)
    if any(term.literal for term in terms):  # signs are looked for in what the index gives, if it can be asked
        assert found or not looked_for or not asked
        return found and looked_for
    assert looked_for == found
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


WRITTEN = st.one_of(
    *(
        st.text(letters, max_size=30)
        for letters in (
            "äößÄÖøaeo AB1",
            "!=-><+#$ ab",
            "->\u2013\u2014=!\u200b\u0301",
            "l·lL ",
            "\u0928\u094d\u0915\u0902\u0901\u093f\u0905 ",
            "\u200c\u200d\u00ad\ufeffab\u06a9\u0645 ",
            "東京都a=+👍 ",
            "ไทยกำ่a ",
            "각ㄱㅏ\u1161\u11a8a ",
            "والكتابأإ\u064e ",
            "שלוםהמן ",
            "եւևԵՎա՞ ",
            "'’ʼʻ`oza ",
            "\ue000\ue001\ue002\ue003\ue100\uf000a ",
            "\ud83d\ude00👍\U0001f3fd a",
            "\U000f0000\U00011100\U00011127\U0001d165\u2e40a ",
            "\0\x1c\x85\u2028\u3000 a=",
            "_abAB1.:/\\()",
        )
    ),
    st.text(st.characters(exclude_categories=("Cn",)), max_size=30),  # FTS5 takes what is not assigned for letters
)


@given(WRITTEN, WRITTEN, st.booleans())
def test_the_index_and_the_look_at_a_text_say_the_same(text: str, search: str, exact: bool) -> None:
    for sought in (search, *text.split()[:3], text[3:9]):
        matches(text, sought, exact=exact)


@given(st.lists(WRITTEN, min_size=1, max_size=4), st.integers(0, 3), st.booleans(), st.sampled_from((0, 1_010, 65_530)))
def test_words_of_a_text_find_it(texts: list[str], first: int, exact: bool, before: int) -> None:
    words = index_text.clean(" ".join(texts)).replace('"', " ").split()
    sought = " ".join(words[first : first + 3])
    assert matches("q " * (before // 2) + "é " + " ".join(words), sought, exact=exact) or not asks(sought, exact=exact)


@pytest.mark.parametrize("before", [1_023, 65_535])
@pytest.mark.parametrize("language", ["", "é"])
def test_signs_are_found_where_a_block_of_the_index_ends(before: int, language: str) -> None:
    text = language + "q" * 9 + " " * (before - 9 - len(language)) + "!= x"
    assert matches(text, "!=")


@pytest.mark.parametrize(
    (PartKind.TEXT, "search"),
    [("a\u2013>b", "a->b"), ("x !\u200b= y", "!="), ("-" * 50 + ">", "->"), ("東京 👍", "東京 👍"), ("x ʻ y", "x ʻ")],
)
def test_a_phrase_is_found_by(text: str, search: str) -> None:
    assert matches(text, search, exact=True)


def test_many_names_leave_room_for_signs() -> None:
    names = ("".join(letters) for letters in itertools.product("abcdefg", repeat=4))
    assert matches(" ".join(f"get{name.title()}" for name in names) + " !=", "!=")


@pytest.mark.parametrize("search", ['"東 +"', '"+ 東京"', '"東京 =\t京"', '"a = b"'])
def test_a_megabyte_of_blanks_is_looked_at_in_no_time(search: str) -> None:
    (term,) = search_term.terms([(search.strip('"'), True)])
    for attempt in within(1):
        with attempt:
            assert not term.holds(index_text.indexed("東" + " " * 1_000_000 + "a"))


@given(st.text("東京都査あいア한국ไท🙂👍 ", min_size=1, max_size=12), st.data())
def test_any_piece_of_text_without_spaces_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    piece = text[start:end]
    assert matches(text, piece) or not piece.strip()
