"""What docs/searching.md says is found, row by row; and that three letters find any word of real texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import apsw
import pytest

from desktop.store.records import index_text
from desktop.store.search import search_term
from desktop.store.sqlite.sql import Sql
from desktop.store.store import Store
from tests.desktop.store import made
from tests.examples import PERCENT

ROOT = Path(__file__).resolve().parents[4]
_ROW = re.compile(r"\| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
_SOUGHT = re.compile(r'"[^"]+"|\S+')


def rows(heading: str) -> list[tuple[str, str, list[str]]]:
    """What it is, what is written and by what it is found, of the table whose first row has this heading."""
    page = (ROOT / "docs" / "searching.md").read_text(encoding="utf-8")
    table = page.partition(f"| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    matches = [_ROW.fullmatch(line) for line in table]
    return [(match[1], match[2], _SOUGHT.findall(match[3])) for match in matches if match]


FOUND, PARTS = rows("script or language | written"), rows("what | written | found by")
UNFOUND = rows("what | written | not found by")


def test_the_tables_are_read() -> None:
    assert (len(FOUND) > 35, len(PARTS) > 5, len(UNFOUND) > 5) == (True, True, True)


@pytest.mark.parametrize(("what", "written", "sought"), [*FOUND, *PARTS])
async def test_what_is_written_is_found(store: Store, what: str, written: str, sought: Sequence[str]) -> None:
    talk = made.said(f"so: {written}.", title="Other")
    await store.conversations.create(made.said("something else altogether"))
    await store.conversations.create(talk)
    for words in sought:
        hits = await store.search(words)
        assert [hit.conversation.id for hit in hits] == [talk.id], words
        assert hits[0].marks, words


@pytest.mark.parametrize(("what", "written", "sought"), FOUND)
def test_three_letters_are_enough(what: str, written: str, sought: Sequence[str]) -> None:
    for words in (*written.split(), *sought):
        assert is_found(written, words[: _three(words)]), words


@pytest.mark.parametrize(("what", "written", "sought"), UNFOUND)
async def test_what_is_not_found_is_said(store: Store, what: str, written: str, sought: Sequence[str]) -> None:
    await store.conversations.create(made.said(written, title="Other"))
    for words in sought:
        assert await store.search(words) == (), words


@pytest.mark.parametrize("language", ["de", "ar"])
def test_three_letters_of_any_word_in_any_spelling_find_it(language: str) -> None:
    """Of the program's own sentences in other languages, which translators wrote."""
    source = (ROOT / "resources" / "i18n" / f"paragone_{language}.ts").read_text(encoding="utf-8")
    texts = [unescape(text) for text in re.findall(r"<translation>([^<]+)</translation>", source)]
    words = sorted({word for text in texts for word in re.findall(r"[^\W\d_]{3,}", text)})
    tried = words[:: max(1, 100 // PERCENT)]
    assert len(tried) > 300
    lost = [(word, way) for word in tried for way in spellings(word) if not holds(word, way[: _three(way)])]
    assert lost == []


def spellings(word: str) -> set[str]:
    """A word in other cases, decomposed, and without what stands above and below its letters."""
    parted = unicodedata.normalize("NFD", word)
    bare = "".join(letter for letter in parted if not unicodedata.combining(letter))
    return {word, word.upper(), word.lower(), parted, bare}


def _three(word: str) -> int:
    """Where a word's third letter ends, with the marks that belong to it."""
    ends = [place for place, letter in enumerate(word) if not unicodedata.combining(letter)]
    return ends[3] if len(ends) > 3 else len(word)


def holds(written: str, words: str) -> bool:
    """Whether text for the index holds what is sought, as the search looks at it without FTS5."""
    terms = search_term.terms([(words, False)])
    return bool(terms) and all(term.holds(index_text.indexed(f"so: {written}.")) for term in terms)


def is_found(written: str, words: str) -> bool:
    """Whether it is found both by FTS5 and by a look."""
    sql = Sql(apsw.Connection(":memory:"))
    sql.run('CREATE VIRTUAL TABLE t USING fts5 (words, tokenize = "unicode61 remove_diacritics 2")')
    sql.run("INSERT INTO t VALUES (?)", (index_text.indexed(f"so: {written}."),))
    asked = [term.expression for term in search_term.terms([(words, False)]) if term.expression]
    matched = not asked or bool(sql.rows("SELECT 1 FROM t WHERE t MATCH ?", (" AND ".join(asked),)))
    sql.close()
    return matched and holds(written, words)
