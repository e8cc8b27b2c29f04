"""What a long table is told of its rows: the widest words of each column, found in a fraction of a frame."""

from __future__ import annotations

import pytest

from desktop.markdown.blocks import Wording
from desktop.markdown.outlook import table_outlook
from tests.cpu_time import assert_growth

RICH = "".join(
    f"| {i} | item_{i} `c{i}` | ${i}.99 | $x_{{{i}}}^2$ | first<br>**second** [l](https://e.org/{i}) |\n"
    for i in range(3_000)
)
PLAIN = "".join(f"| {i} | name {i} | value {i * 7} | some words here |\n" for i in range(3_000))


def assert_quick(source: str, times: float) -> None:
    """That a table is looked through in at most so many times what 300,000 multiplications take."""
    works = (lambda: sum(n * n for n in range(300_000)), lambda: table_outlook(source))
    assert_growth(lambda place: works[place](), 0, 1, at_most=times)


@pytest.mark.parametrize("source", [RICH, PLAIN], ids=["rich", "plain"])
def test_three_thousand_rows_are_looked_through_in_a_few_hundredths_of_a_second(source: str) -> None:
    assert_quick(source, 1.5)


def test_more_columns_than_anybody_reads_cost_no_more() -> None:
    assert_quick("a|" * 200_000, 1)


def test_what_takes_most_room_is_told_as_it_is_read() -> None:
    found = table_outlook(
        "| a | [name](https://e.org/very/long) |\n| **bold** | `code` and |\n| \\| | 東京 |\n\n| bb | |\n"
    )
    assert found == (Wording("bold", bold=True), Wording("code and", code=True))


def test_long_cells_take_the_room_of_their_longest_word_and_hide_no_shorter_ones() -> None:
    sentence = "a cell of many words that is broken into lines"
    rows = "".join(f"| {sentence} {n} |\n" for n in range(1_000))
    assert table_outlook(rows + "| of some thirty characters |\n") == (Wording("of some thirty characters"),)
    assert table_outlook(rows) == (Wording("broken"),)
    assert table_outlook("| word |\nNo row\n| beyond it |\n") == (Wording("word"),)
