"""What is marked: the same from either end, each position once, and copied as it is shown or as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from tests.ui.transcript.makers import answer, prompt
from ui.base.theme import Theme
from ui.transcript.list.selection import Selection, TextPlace, as_markdown, as_text, whole
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.row import Row
from ui.transcript.message.segment_builder import SegmentBuilder
from ui.transcript.text.look import Look

LENGTH = 5
_PLACES = st.builds(TextPlace, *(st.integers(0, 2),) * 3, st.integers(0, LENGTH))


def marked(selection: Selection) -> set[tuple[int, int, int, int]]:
    """Every position that is marked, where each of three rows has three slabs of three segments."""
    found: set[tuple[int, int, int, int]] = set()
    for row in range(3):
        for slab in range(3):
            for segment in range(3):
                start, end = selection.within(row, slab, segment, LENGTH) or (0, 0)
                found |= {(row, slab, segment, position) for position in range(start, end)}
    return found


@given(_PLACES, _PLACES)
def test_it_is_the_same_from_either_end_and_empty_where_they_meet(one: TextPlace, two: TextPlace) -> None:
    assert marked(Selection(one, two)) == marked(Selection(two, one))
    assert marked(Selection(one, one)) == set()
    assert bool(Selection(one, two)) is (one != two)


@given(_PLACES, _PLACES, _PLACES)
def test_two_that_meet_are_one_and_share_nothing(one: TextPlace, two: TextPlace, three: TextPlace) -> None:
    first, middle, last = sorted((one, two, three))
    before, behind = marked(Selection(first, middle)), marked(Selection(middle, last))
    assert before | behind == marked(Selection(first, last))
    assert not before & behind


@given(st.integers(0, 2), st.integers(0, 2))
def test_whole_rows_are_covered_and_no_others(first: int, last: int) -> None:
    selection = whole(first, last)
    covered = {row for row in range(3) if selection.start <= TextPlace(row) and selection.end >= TextPlace(row + 1)}
    assert covered == {*range(min(first, last), max(first, last) + 1)}
    assert {row for row, *_ in marked(selection)} == covered


@pytest.fixture
def rows(qapp: QApplication) -> list[Row]:
    builder = SegmentBuilder(Look.of(Theme.load("light"), QFont(qapp.font())))
    return [Row(prompt("*why*?"), "You", builder), Row(answer("It *is*.\n\n- so"), "grok", builder)]


def test_a_message_is_copied_alone_and_several_with_their_authors(rows: list[Row]) -> None:
    assert as_markdown(rows, whole(1, 1)) == "It *is*.\n\n- so"
    assert as_markdown(rows, whole(0, 1)) == "You:\n*why*?\n\ngrok:\nIt *is*.\n\n- so"
    assert as_text(rows, whole(1, 1)).startswith("It is.\n\n")


def test_code_that_a_message_leaves_open_swallows_no_other(rows: list[Row]) -> None:
    builder = SegmentBuilder(Look.of(Theme.load("light"), QFont(QApplication.font())))
    rows.insert(1, Row(answer("So:\n\n````py\nx = '```'\n```"), "gpt", builder))
    assert "x = '```'\n```\n````\n\ngrok:\nIt" in as_markdown(rows, whole(0, 2))
    assert as_markdown(rows, whole(1, 1)).endswith("\n```")


def test_of_a_block_that_is_marked_in_part_only_that_is_copied_as_it_is_shown(rows: list[Row]) -> None:
    slab = next(place for place, each in enumerate(rows[1].slabs) if each in rows[1].parts.body)
    part = Selection(TextPlace(1, slab, 0, 3), TextPlace(1, slab, 0, 5))
    assert as_text(rows, part) == as_markdown(rows, part) == "is"


def test_beyond_the_last_row_there_is_nothing(rows: list[Row]) -> None:
    assert as_text(rows, whole(2, 9)) == ""
    assert as_text(rows, Selection(TextPlace(1), TextPlace(9))) == as_text(rows, whole(1, 1))
    assert as_text([], whole(0, 0)) == ""


def of_one(rows: list[Row], text: str, *, of_user: bool = False, seen: bool = True) -> tuple[str, str]:
    """All of a message, as it is shown and as it was written."""
    message = prompt(text) if of_user else answer(text)
    row = Row(message, "x", rows[0].builder)
    assert row.slabs
    while seen and row.parts.rest:
        row.parts.unroll(1)
    return as_text([row], whole(0, 0)), as_markdown([row], whole(0, 0))


LINES = "".join(f"x{number} = 1\n\n" if number == 60 else f"x{number} = 1\n" for number in range(250))
TABLE = "| a | b |\n|---|---|\n" + "".join(f"| {number} | x |\n" for number in range(150))


def test_code_of_several_parts_is_copied_without_lines_between_them(rows: list[Row]) -> None:
    shown, written = of_one(rows, f"So:\n\n```py\n{LINES}```\n\nDone.")
    assert shown == f"So:\n\n{LINES.strip()}\n\nDone."
    assert written == f"So:\n\n```py\n{LINES}```\n\nDone."


def test_a_line_that_is_torn_is_copied_whole(rows: list[Row]) -> None:
    line = "word " * 1200 + "end"
    assert of_one(rows, f"```\n{line}\n```") == (line, f"```\n{line}\n```")
    assert of_one(rows, line * 2, of_user=True) == (line * 2, line * 2)
    lines = "several\n\nlines\n" * 900 + "end"
    assert of_one(rows, lines, of_user=True) == (lines, lines)


@pytest.mark.parametrize(
    "text",
    [
        "Why?\n\n```py\nx = 1\n```\n\n*So*\n```sh\nls\n```\n```\ny\n```\n\n\nthen",
        "```py\r\na\r\n```\r\n\r\nthen",
        f"Mend:\n\n```py\n{LINES}```\nthen",
        "~~~json\n[" + "12, " * 9_000 + "1]\n~~~\n\n" + "more " * 3_000,
    ],
)
@pytest.mark.parametrize("laid_out", [True, False])
def test_a_prompt_with_code_is_copied_as_it_was_typed(rows: list[Row], text: str, *, laid_out: bool) -> None:
    row = Row(prompt(text), "x", rows[0].builder)
    for slab in row.slabs if laid_out else ():
        slab.height(500)
    assert as_markdown([row], whole(0, 0)).replace("\r\n", "\n") == text.replace("\r\n", "\n")
    assert as_text([row], whole(0, 0)).replace("\r\n", "\n") == text.replace("\r\n", "\n")


def test_of_a_prompt_the_code_that_is_marked_alone_is_copied_without_its_fence(rows: list[Row]) -> None:
    row = Row(prompt("Why?\n```py\nx = 1\n```\nSo"), "x", rows[0].builder)
    slab = next(place for place, each in enumerate(row.slabs) if isinstance(each, BodySlab))
    assert as_text([row], Selection(TextPlace(0, slab, 0, 0), TextPlace(0, slab, 0, 5))) == "x = 1"
    assert as_text([row], Selection(TextPlace(0, slab, 0, 2), TextPlace(1))) == "= 1\nSo"


def test_a_table_of_several_parts_is_copied_as_one_with_tabs_between_its_cells(rows: list[Row]) -> None:
    shown, written = of_one(rows, f"{TABLE}\nDone.")
    assert shown == "a\tb\n" + "".join(f"{number}\tx\n" for number in range(150)) + "\nDone."
    assert written == f"{TABLE}\nDone."


def test_a_cell_of_two_lines_is_copied_in_its_row(rows: list[Row]) -> None:
    assert of_one(rows, "| a |  | $x$ |\n|---|---|---|\n| one<br>two | `b` | 😀 |")[0] == "a\t\t$x$\none two\tb\t😀"


def test_a_list_of_several_parts_is_copied_as_one(rows: list[Row]) -> None:
    text = "".join(f"- item {number} and words to make it long\n" for number in range(200))
    shown, written = of_one(rows, f"{text}\nDone.")
    assert written == f"{text}\nDone."
    assert shown.count("\n\n") == 1


def test_what_shows_no_text_is_copied_as_it_was_written(rows: list[Row]) -> None:
    text = "See [docs].\n\n* * *\n\n[docs]: https://docs.example\n\nDone."
    assert of_one(rows, text) == ("See docs.\n\nDone.", text)
    row = [Row(answer(text), "x", rows[0].builder)]
    body = next(place for place, each in enumerate(row[0].slabs) if each in row[0].parts.body)
    begun = Selection(TextPlace(0, body, 0, 4), TextPlace(0, body, 0, 8))
    assert as_markdown(row, begun) == "docs"


def test_parts_of_a_very_long_text_that_nobody_saw_are_copied_as_they_were_written(rows: list[Row]) -> None:
    text = f"# So\n\n```py\n{LINES * 12}```\n\n{TABLE}\nDone."
    assert of_one(rows, text, seen=False)[1] == text
