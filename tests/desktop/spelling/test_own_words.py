"""The user's own words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop.spelling.own_words import OwnWords


def test_added_words_are_lines_of_a_private_file_that_other_windows_read(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    one, other = OwnWords(lambda: file), OwnWords(lambda: file)
    one.add("Paragone")
    one.add("qasync")
    one.add("qasync")
    assert file.read_text("utf-8") == "Paragone\nqasync\n"
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    assert "qasync" not in other
    other.refresh()
    assert "qasync" in other


def test_words_that_were_added_in_an_editor_are_kept_when_another_is_added(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes("\ufeffeins\r\n\r\n  zwei ".encode())
    words = OwnWords(lambda: file)
    words.add("drei")
    assert file.read_text("utf-8-sig").split() == ["eins", "zwei", "drei"]
    assert [each in words for each in ("eins", "zwei", "drei", "")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("added", "word", "right"),
    [
        ("qasync", "Qasync", True),
        ("qasync", "QASYNC", True),
        ("Paragone", "paragone", False),
        ("Paragone", "Paragone’s", True),
        ("rock’n’roll", "rock'n'roll", True),
        ("cafe\u0301", "caf\u00e9", True),
        ("qasync", "qasyncs", False),
    ],
)
def test_a_word_is_right_in_the_forms_that_a_sentence_gives_it(
    tmp_path: Path, added: str, word: str, right: bool
) -> None:
    words = OwnWords(lambda: tmp_path / "words.txt")
    words.add(added)
    assert (word in words) is right


def test_ignored_words_are_right_and_not_stored(tmp_path: Path) -> None:
    words = OwnWords(lambda: tmp_path / "words.txt")
    words.ignore("qasync")
    assert "qasync" in words
    assert not (tmp_path / "words.txt").exists()
