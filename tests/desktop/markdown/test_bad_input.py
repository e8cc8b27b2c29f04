from __future__ import annotations

import random
import time

import pytest

from desktop.markdown.blocks import MOST_DEFINITIONS, Block, BlockKind, Update
from desktop.markdown.parser import MOST_MARKS, groups
from desktop.markdown.splitter import Splitter
from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks, definitions
from tests.cpu_time import assert_growth, within
from tests.desktop.markdown.splitting import cut, joined, split
from tests.examples import alike, examples

DEEP = 50_000


@pytest.mark.parametrize(
    "text",
    [
        *(">" * DEEP, "> " * DEEP + "x", "[" * DEEP, "![" * DEEP, "*" * DEEP, "*a " * DEEP, "_a " * DEEP, "~~a" * DEEP),
        *("- " * DEEP + "x", "`a`` " * DEEP, "[^" * DEEP, "\\(" * DEEP, "$x" * DEEP, "<" * DEEP, "[a](" * DEEP),
    ],
    ids=lambda text: str(text)[:6],
)
def test_fifty_thousand_nested_marks_take_less_than_a_second(text: str) -> None:
    for attempt in within(1):
        with attempt:
            found = blocks(text)
        assert joined(found) == text


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "Line {} of *text* with `code`.\n",
        "- item {}\n",
        "| {} | b |\n",
        "> {}\n",
        "{}. [x\n\n",
        "e\u0301\u0302",
        "word ",
    ],
)
def test_an_endless_answer_has_no_long_stretch(line: str) -> None:
    splitter = Splitter()
    text = "".join(line.format(number) for number in range(40_000))[:40_000]
    longest = 0.0
    for piece in cut(text, 1_000):
        before = time.process_time()
        splitter.feed(piece)
        longest = max(longest, time.process_time() - before)
    assert longest < 1, "a stretch of milliseconds, with much room for slow machines"


@pytest.mark.long
def test_a_message_of_two_megabytes_is_cut_in_proportion_to_its_length() -> None:
    text = ("Some *text* that goes on.\n\n" * 40 + "```\n" + "code\n" * 400 + "```\n\n") * 640
    splitter = Splitter()
    closed = sum(len(splitter.feed(piece).closed) for piece in cut(text[:2_000_000], 64_000))
    assert closed > 24_000
    assert splitter.parsed < 3 * 2_000_000


def test_a_fence_that_never_ends_is_never_parsed() -> None:
    text = "```\n" + "x = 1\n" * 200_000
    splitter = Splitter()
    update = Update((), ())
    given: list[Block] = []
    for piece in cut(text, 50_000):
        update = splitter.feed(piece)
        given += update.closed
    assert splitter.parsed < 100_000
    assert len(given) == 1_999
    assert update.open[0].content == "x = 1\n" * 100
    assert "".join(block.content for block in (*given, *splitter.finish().closed)) == text[4:]


def test_a_line_of_a_megabyte_is_plain_text_in_pieces_that_lose_nothing() -> None:
    text = "x" * 1_000_000
    found = split(cut(text, 70_000))
    assert {block.kind for block in found} == {BlockKind.PLAIN}
    assert joined(found) == text


def test_a_table_of_three_thousand_rows_comes_in_parts() -> None:
    text = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 3_000
    found = split(cut(text, 9_000))
    assert len(found) == 75
    assert sum(token.type == "td_open" for block in found for token in block.tokens) == 6_000


def test_nuls_lone_surrogates_and_combining_marks_are_text() -> None:
    found = blocks("a\0b \ud800 " + "\u0301" * 100_000)
    assert "".join(plain_text(block) for block in found).startswith("a\ufffdb \ud800 \u0301")


def test_noise_gives_its_own_text_back() -> None:
    seeded = random.Random(4)
    alphabet = "ab*_`~[]()<>#-+>|$\\!:1. \t\n\n"
    for _ in range(examples(200)):
        text = "".join(seeded.choices(alphabet, k=seeded.randrange(300)))
        assert joined(split(cut(text, 5))).rstrip(" \t\n") == text.rstrip(" \t\n")


HOLDING_UP = {
    "round": "\\(",
    "round with words": "\\(a ",
    "square": "\\[",
    "ticks in lines": "`\n",
    "fences": "```\n",
    "half a fence": "``` x`\n",
    "definitions": "[a{}]: /u\n",
    "definitions apart": "[a{}]: /u\n\n",
    "footnotes": "[^a{}]: u\n\n",
    "ticks": "`",
    "ticks apart": "`a ",
    "ampersands": "&",
    "comments": "<!--",
}


def worked(text: str) -> tuple[float, float]:
    """Seconds of work that a text takes as it comes, and those of its longest piece."""
    splitter, took = Splitter(), list[float]()
    for piece in cut(text, 2_000):
        before = time.process_time()
        splitter.feed(piece)
        took.append(time.process_time() - before)
    splitter.finish()
    return sum(took), max(took)


@pytest.mark.slow
@pytest.mark.parametrize("name", alike(7, HOLDING_UP))
def test_what_is_made_to_hold_it_up_takes_as_long_as_it_is(name: str) -> None:
    form = HOLDING_UP[name]
    text = "".join(form.format(number, number) if "{}" in form else form for number in range(125_000 // len(form)))
    (half, _), (whole, longest) = worked(text[:20_000]), worked(text[:40_000])
    assert whole < 3.2 * half + 0.2
    assert longest < 0.3, "less than a tenth of a second, with room for slow machines"


@pytest.mark.parametrize(
    "form", ["[a{}]: /u\n", "[a{}]: /u\n\n", "[^a{}]: u\n\n", "text\n\n[a]: /u\n\n" + "text " * 1_000 + "\n\n"]
)
def test_what_a_message_defines_is_found_within_bounds(form: str) -> None:
    text = "".join(form.format(number) for number in range(249_000 // len(form)))
    for attempt in within(1):  # a tenth of it where nothing else runs
        with attempt:
            known = definitions(text)
        assert known
        assert len(known.links) + len(known.footnotes) <= 2 * MOST_DEFINITIONS


def test_of_too_many_definitions_the_first_hold() -> None:
    defined = (f"[a{number}]: https://a.example/{number}\n\n" for number in range(MOST_DEFINITIONS + 50))
    text = "".join(defined) + "[a3] [a540]\n"
    (last,) = (block for block in blocks(text) if block.kind is BlockKind.PARAGRAPH)
    assert plain_text(last) == "a3 [a540]"


def test_many_short_fences_are_parsed_in_proportion_to_their_length() -> None:
    text = "```\nx\n```\n" * 3_000
    splitter = Splitter()
    closed = sum(len(splitter.feed(piece).closed) for piece in cut(text, 2_000)) + len(splitter.finish().closed)
    assert closed == 3_000
    assert splitter.parsed < 6 * len(text)


def test_the_items_of_a_long_list_are_parsed_in_proportion_to_their_number() -> None:
    text = "".join(f"- item {number} of a list\n" for number in range(4_000))
    assert_growth(lambda items: groups(text[: items * 23]), 1_000, 4_000, at_most=8)


def test_the_beginning_of_a_formula_costs_about_what_another_escape_does() -> None:
    texts = ("\\!" * 10_000, "\\(" * 10_000)
    assert_growth(lambda place: blocks(texts[place]), 0, 1, at_most=3)


@pytest.mark.parametrize(
    "piece", ["**bold** ", "*a* _b_ ", "`x` ", "~~s~~ ", "[a](/b) ", "<b>x</b> ", "$x$ ", "a\n", "\\* "]
)
def test_what_is_drawn_of_one_paragraph_is_bounded_and_none_of_it_is_lost(piece: str) -> None:
    text = piece * (48_000 // len(piece))
    found = blocks(text)
    assert "".join(block.source for block in found) == text
    assert max(sum(len(token.children or ()) for token in block.tokens or ()) for block in found) <= 5 * MOST_MARKS
    whole = blocks(piece * (20_000 // len(piece)))
    said = " ".join(map(plain_text, whole)).split()
    assert said == "".join(block.source for block in whole).split(), "it is shown as it was written"


@pytest.mark.parametrize("piece", ["**bold** ", "`x` ", "[a](/b) "])
def test_a_paragraph_with_as_many_marks_as_people_write_is_formatted(piece: str) -> None:
    (block,) = blocks(piece * 150)
    assert len(block.tokens[1].children or ()) >= 299
