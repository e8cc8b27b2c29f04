"""What is kept of the newest messages between two letters: until somebody writes, and never too much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.store.search import newest_texts
from desktop.store.search.newest_texts import NewestText, NewestTexts, NewestTitles
from desktop.store.sqlite.database import Access, connect
from desktop.store.sqlite.sql import Sql

TEXTS = [NewestText(number, number, 1, f"word{number}", "title") for number in range(3)]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Sql]:
    (tmp_path / "x.db").touch()
    sql = connect(tmp_path / "x.db")
    sql.run("CREATE TABLE t (x)")
    yield sql
    sql.close()


@pytest.fixture
def reader(writer: Sql, tmp_path: Path) -> Iterator[Sql]:
    sql = Access(path=tmp_path / "x.db").connect_to_read()
    yield sql
    sql.close()


class Reading:
    """Counts how often it is read to the end, or begun."""

    begun = 0

    def __call__(self) -> Iterator[NewestText]:
        self.begun += 1
        yield from TEXTS


def test_messages_are_read_once_until_somebody_writes(writer: Sql, reader: Sql) -> None:
    newest, read = NewestTexts(), Reading()
    assert [*newest.messages(reader, read)] == [*newest.messages(reader, read)] == TEXTS
    assert read.begun == 1
    writer.run("INSERT INTO t VALUES (1)")
    assert [*newest.messages(reader, read)] == TEXTS
    assert read.begun == 2


def test_titles_are_read_once_until_somebody_writes(writer: Sql, reader: Sql) -> None:
    newest, given = NewestTexts(), [NewestTitles([(1, "a")], are_all=True), NewestTitles([(1, "b")], are_all=True)]
    assert [newest.titles(reader, lambda: given[0]), newest.titles(reader, lambda: given[1])] == [given[0]] * 2
    writer.run("INSERT INTO t VALUES (1)")
    assert newest.titles(reader, lambda: given[1]) == given[1]


def test_what_was_read_in_part_or_forgotten_is_read_again(reader: Sql) -> None:
    newest, read = NewestTexts(), Reading()
    assert next(iter(newest.messages(reader, read))) == TEXTS[0]
    assert [*newest.messages(reader, read)] == TEXTS
    newest.forget()
    assert [*newest.messages(reader, read)] == TEXTS
    assert read.begun == 3


def test_another_connection_reads_for_itself(reader: Sql, tmp_path: Path) -> None:
    newest, read = NewestTexts(), Reading()
    other = Access(path=tmp_path / "x.db").connect_to_read()
    for sql in (reader, other, reader):
        assert [*newest.messages(sql, read)] == TEXTS
    other.close()
    assert read.begun == 3


@pytest.mark.parametrize("most", [11, 15 + 11])
def test_of_more_text_than_may_be_kept_nothing_is(most: int, reader: Sql, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest_texts, "MOST_CHARACTERS", most)  # neither of words alone nor with their titles
    newest, read = NewestTexts(), Reading()
    for _ in range(2):
        assert [*newest.messages(reader, read)] == TEXTS
    assert read.begun == 2
