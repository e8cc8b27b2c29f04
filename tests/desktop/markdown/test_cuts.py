from __future__ import annotations

import pytest
from markdown_it.token import Token

from desktop.markdown import cuts
from desktop.markdown.blocks import Definitions
from desktop.markdown.cuts import certain, list_cut, paragraph_cut, table_cut
from desktop.markdown.parser import fill, groups


def counted(text: str) -> int:
    """How many blocks of an unfinished text are certain."""
    lines = text.splitlines(keepends=True)
    return certain(groups(text), lines, len(lines) if text.endswith("\n") else len(lines) - 1)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a", 0),
        ("a\n", 0),
        ("a\n\n", 1),
        ("a\n# b", 0),
        ("a\n# b\n", 2),
        ("# a\n", 1),
        ("- a\n\n", 0),
        ("- a\n\nb", 0),
        ("- a\n\nb\n", 1),
        ("- a\n\n- b\n", 0),
        ("```\na\n```\n", 1),
        ("```\na\n```", 0),
        ("a\n| b | c |\n|---|---|\n", 1),
        ("a\n| b | c |\n|---|---|", 0),
        ("| b | c |\n|---|---|\n\n", 1),
        ("$$\na\n# b\n", 0),
        ("$$\na\n$$\n\n", 1),
        ("[a]: /u\n'b\n", 0),
        ("[a]: /u\n'b\n\n", 2),
        ("[a]: /u\nb\n", 1),
        ("> a\nb\n", 0),
        ("> a\n\n", 1),
        ("---\n", 1),
        ("a\n---\n", 1),
        ("    a\n\n", 0),
    ],
)
def test_of_an_unfinished_text_so_many_blocks_are_certain(text: str, count: int) -> None:
    assert counted(text) == count


def test_a_list_is_cut_before_the_first_item_beyond_the_bound() -> None:
    text = f"- {'a' * 300}\n- {'b' * 300}\n- c\n- d\n"
    (group,) = groups(text)
    lines = text.splitlines(keepends=True)
    assert list_cut(group, lines, 4) == 2
    assert list_cut(group, lines, 2) is None


def test_a_table_is_cut_after_its_rows_its_characters_or_its_cells() -> None:
    for row, cut in (("| a | b |\n", 42), (f"| {'a' * 1_000} | b |\n", 5), ("|" * 13 + "\n", 12)):
        columns = row.count("|") - 1
        text = "| a " * columns + "|\n" + "|---" * columns + "|\n" + row * 50
        (group,) = groups(text)
        lines = text.splitlines(keepends=True)
        assert table_cut(group, lines, len(lines)) == cut
        assert table_cut(group, lines, cut) is None


@pytest.mark.parametrize(
    ("sentence", "is_cut"),
    [
        ("All is said here. ", True),
        ("It *is* `said` [here](/a). ", True),
        ("So 5 * 3 is 15, x < y. ", True),
        ("ここです。", True),
        ("No end, ", False),
        ("Ends. 1 then ", False),
    ],
)
def test_a_paragraph_is_cut_after_a_sentence(sentence: str, is_cut: bool) -> None:
    text = (sentence * 800)[:4_000]
    at = paragraph_cut(text)
    assert (at is not None) is is_cut
    assert at is None or (2_000 <= at < 2_100 and text[:at].endswith(sentence))


@pytest.mark.parametrize("open_mark", ["*", "**", "`", "[", "\\(", "$x", "_", "<a"])
def test_a_paragraph_is_not_cut_where_something_is_open(open_mark: str) -> None:
    assert paragraph_cut(f"{open_mark}open " + "All is said here. " * 220) is None


def test_nothing_but_a_paragraph_is_cut_so() -> None:
    assert paragraph_cut("- " + "All is said here. " * 220) is None


MAILS = "Person {0} <p.{0}_x@ex-{0}.org> wrote to https://e.org/{0}_(a)?q=*{0}* and said **no** ~{0}~; "
ENTITIES = "<b>Cell {0}</b> &nbsp; &amp; more.\n"


@pytest.fixture
def filled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by the characters of each paragraph whose text is parsed."""
    counts: list[int] = []

    def counted(tokens: list[Token], known: Definitions) -> tuple[Token, ...]:
        counts.append(sum(len(token.content) for token in tokens))
        return fill(tokens, known)

    monkeypatch.setattr(cuts, "fill", counted)
    return counts


@pytest.mark.parametrize("sentence", [MAILS, ENTITIES])
def test_a_paragraph_in_which_something_stays_open_is_parsed_once(filled: list[int], sentence: str) -> None:
    text = "".join(sentence.format(number) for number in range(700))[:24_000]
    assert paragraph_cut(text, again=True) is None
    assert sum(filled) < 13_000
    filled.clear()
    assert paragraph_cut(text[:4_000]) is None
    assert sum(filled) < 5_500


@pytest.mark.parametrize("again", [True, False])
def test_a_paragraph_is_cut_at_the_first_sentence_with_nothing_open(*, again: bool) -> None:
    text = "Word, " * 340 + "*one. two* three. Then " + "word, " * 330
    at = paragraph_cut(text, again=again)
    assert at is not None
    assert text[:at].endswith("two* three. ")
