"""Sections that models write as `<details>`: which lines begin and end them, and what their summary is."""

from __future__ import annotations

import pytest

from desktop.markdown.blocks import BlockKind
from desktop.markdown.section_rules import closed_sections, is_set_open
from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from tests.desktop.markdown.splitting import kinds

SECTION, END = BlockKind.SECTION, BlockKind.SECTION_END


@pytest.mark.parametrize(
    ("begun", "summary"),
    [
        ("<details>\n<summary>One</summary>", "One"),
        ("<details><summary>One</summary>", "One"),
        ("<DETAILS class='x'>\n  <summary id=1><b>One</b> <code>two</code></summary>", "One two"),
        ("<details>\n<summary>\nOne\n</summary>", "One"),
        ("<details>\n<summary>**One** of *two*</summary>", "One of two"),
        ("<details>", ""),
    ],
)
def test_a_section_begins_with_its_summary(begun: str, summary: str) -> None:
    found = blocks(f"Before.\n{begun}\n\nIn it.\n\n</details>\nAfter.\n")
    assert kinds(found) == [BlockKind.PARAGRAPH, SECTION, BlockKind.PARAGRAPH, END, BlockKind.PARAGRAPH]
    assert plain_text(found[1]) == summary
    assert found[3].is_hidden


@pytest.mark.parametrize("above", ["- a\n", "> a\n", "| a |\n|---|\n| b |\n", "a\n", "1. a\n   - b\n"])
def test_a_section_ends_directly_below_any_block(above: str) -> None:
    assert kinds(blocks(f"<details>\n\n{above}</details>\n"))[0::2] == [SECTION, END]


@pytest.mark.parametrize(
    "text",
    ["<details> is an element", "Use <details>", "```\n<details>\n```", "    <details>", "`<details>`", "<detailsx>"],
)
def test_what_only_speaks_of_the_tag_is_no_section(text: str) -> None:
    assert SECTION not in kinds(blocks(text))


def test_a_section_is_open_at_first_only_if_its_author_says_so() -> None:
    found = [is_set_open(blocks(f"<details{said}>\n")[0]) for said in (" open", ' open=""', " class='reopen'", "")]
    assert found == [True, True, False, False]


def test_the_sections_that_end_are_known_by_the_places_of_their_tags() -> None:
    text = "a\n<details>\n<details>\nb\n</details>\n"
    assert closed_sections(text) == {text.rindex("<details>")}
