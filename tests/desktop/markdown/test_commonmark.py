"""CommonMark's own examples (tests/data/commonmark.json, CC BY-SA 4.0), and why some are drawn otherwise here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import cast

import pytest

from desktop.markdown.text_segments import blocks
from tests.desktop.markdown.splitting import html, joined, split
from tests.examples import alike

Example = tuple[str, str, str]

DATA = Path(__file__).parents[2] / "data" / "commonmark.json"
EXAMPLES = cast("list[Example]", json.loads(DATA.read_text("utf-8"))["examples"])

HTML_IS_TEXT = {
    *(21, 31, 344, 475, 476, 477, 491, 494, 524, 536),
    *range(148, 192),
    *(201, 308, 309),
    *range(613, 618),
    *(623, *range(625, 632), 642, 643),
}
"""HTML in an answer is shown as it is written: nothing of it is ever interpreted."""

ADDRESSES_ARE_LINKS = {608, 611, 612}
"""Bare addresses lead somewhere, as GitHub's Markdown has it."""

OTHER_SCHEMES_ARE_TEXT = {596, 598, 599, 601}
"""What stands between angle brackets with a scheme that is never opened keeps them: `<std::string>` is code."""

EMPTY_LINKS_ARE_NAMED = {484}
"""A link without words shows its address: else nothing of it would be seen."""

WORDS_ARE_NO_ADDRESSES = {194, 203, 204}
"""`[Name]: John` is what somebody filled in, not where a link leads: it stays as it was written."""

LEADS_NOWHERE = {195, 200, 573, 576, 577}
"""The label of what cannot be opened is no link: it stays as it was written."""

TARGETS_ARE_WORDS = {485, 487, 496, 498, 500, 502, 503, 504, 520, 522, 567, 568}
"""`handlers[event](data)` is no link: what stands in its brackets is no address, and would be lost."""

ASTERISKS_MULTIPLY = {356}
"""`5*6*78` is a product: what is between numbers without a blank is no emphasis, which would lose the signs."""

_TARGET, _LED, _THERE = re.compile(r"(\]:\s*<?|\]\(\s*<?)/"), re.compile(r'((?:href|src)=")/'), r"\1https://e.example/"
"""The examples' targets are paths of a page; here they lead to the web, since other labels are no links."""

_LINKS = TARGETS_ARE_WORDS | LEADS_NOWHERE | WORDS_ARE_NO_ADDRESSES | EMPTY_LINKS_ARE_NAMED | ADDRESSES_ARE_LINKS
KNOWN = _LINKS | HTML_IS_TEXT | OTHER_SCHEMES_ARE_TEXT | ASTERISKS_MULTIPLY


def drawn(text: str) -> str:
    """As markdown-it draws it, but for a line end in quotes that are empty."""
    return html(blocks(text)).replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>")


def same(text: str, want: str) -> bool:
    """Whether it is drawn as it should be; the ends of lines that the specification leaves open are breaks here."""
    return _same(text, want) or _same(_TARGET.sub(_THERE, text), _LED.sub(_THERE, want))


def _same(text: str, want: str) -> bool:
    found = drawn(text)
    return found.replace("<br />", "") == want.replace("<br />", "") and found.count("<br") >= want.count("<br")


def numbered(but_for: set[int]) -> list[tuple[int, str, str]]:
    return [(at, text, want) for at, (_, text, want) in enumerate(EXAMPLES, 1) if at not in but_for]


def test_all_examples_are_there() -> None:
    assert len(EXAMPLES) == 652
    assert len(KNOWN) == 101


def test_the_other_examples_are_drawn_as_the_specification_has_it() -> None:
    wrong = [at for at, text, want in numbered(KNOWN) if not same(text, want)]
    assert wrong == []


def test_each_deviation_is_one() -> None:
    assert [at for at, (_, text, want) in enumerate(EXAMPLES, 1) if drawn(text) == want and at in HTML_IS_TEXT] == []
    for at in ADDRESSES_ARE_LINKS:
        assert '<a href="' in drawn(EXAMPLES[at - 1][1])
    for at in OTHER_SCHEMES_ARE_TEXT:
        assert "<a" not in drawn(EXAMPLES[at - 1][1])
    for at in WORDS_ARE_NO_ADDRESSES | LEADS_NOWHERE | TARGETS_ARE_WORDS:
        assert "<a" not in drawn(EXAMPLES[at - 1][1])


def test_no_example_gives_tags_of_its_own() -> None:
    for at in HTML_IS_TEXT:
        assert not any(token.type.startswith("html") for block in blocks(EXAMPLES[at - 1][1]) for token in block.tokens)


@pytest.mark.parametrize("size", alike(1, [3, 1]))
def test_an_example_in_pieces_gives_the_blocks_of_the_whole(size: int) -> None:
    for _, text, _ in EXAMPLES:
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert split(pieces) == blocks(text)


def test_an_example_line_by_line_gives_the_blocks_of_the_whole() -> None:
    for _, text, _ in EXAMPLES:
        found = split(text.splitlines(keepends=True))
        assert found == blocks(text)
        assert joined(found).rstrip() == text.rstrip()
