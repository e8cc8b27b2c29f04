from __future__ import annotations

import pytest
from hypothesis import given, settings

from desktop.markdown import splitter
from desktop.markdown.blocks import Block, Definitions
from desktop.markdown.parser import TokenGroup, block
from desktop.markdown.text_segments import blocks
from tests.desktop.markdown.test_splitter import ANSWER, TEXTS
from tests.examples import examples
from ui.transcript.message.long_text import MOST_BLOCKS, MOST_CHARACTERS, LongText, TextPiece, shares

ROWS = "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 2_000


def unrolled(text: str) -> list[TextPiece]:
    one = LongText(text, Definitions)
    found: list[TextPiece] = []
    while one.rest:
        found += one.step()
    return found


@pytest.mark.parametrize(
    "text",
    [
        *(ROWS, ANSWER * 40, "# a\n" * 3_000, "a\n\n" * 3_000, "```\n" + "x\n" * 3_000, "x" * 70_000),
        f"{ROWS}\n\nEnd",
    ],
)
def test_the_pieces_are_the_text_and_none_of_them_is_large(text: str) -> None:
    found = unrolled(text)
    at = 0
    for start, source, made in found:
        assert text[at:start].strip() == ""  # blank lines belong to no block
        at = start
        at += len(source) or sum(len(block.source) for block in made)
        assert len(made) <= MOST_BLOCKS
        assert len(source) <= MOST_CHARACTERS
    assert text[at:].strip() == ""
    joined = "".join(source or "".join(block.source for block in made) for _, source, made in found)
    assert joined.split() == text.split()


@settings(max_examples=examples(60))
@given(TEXTS)
def test_the_blocks_of_the_pieces_are_those_of_the_whole(text: str) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = [block for piece in unrolled(text) for block in (piece.blocks or blocks(piece.source, Definitions()))]
    assert [(block.kind, block.source.strip()) for block in found] == [
        (block.kind, block.source.strip()) for block in blocks(text, Definitions())
    ]


def test_a_short_text_is_one_step() -> None:
    one = LongText("Hello.", Definitions)
    assert one.first() == [TextPiece(0, "Hello.")]
    assert one.rest == 0


def test_nothing_has_no_piece() -> None:
    assert LongText("", Definitions).first() == []


def test_one_step_never_takes_much() -> None:
    one = LongText(ROWS, Definitions)
    before = one.rest
    one.step()
    for _ in range(10):
        one.step()
    assert before - one.rest <= 10 * 4_000


def test_shares_fill_up_by_blocks_and_by_characters() -> None:
    made = blocks("a\n\n" * 60)
    assert [len(share) for share in shares(made, taken=20)] == [4, 24, 24, 8]
    assert [len(share) for share in shares(blocks("x" * 3_001 + "\n\n" + "y" * 3_001 + "\n\nz"))] == [2, 1]
    assert shares(()) == []


def test_what_is_open_while_it_is_cut_is_not_parsed_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = 0

    def counted(group: TokenGroup, source: str, known: Definitions, *, is_open: bool, continued: bool) -> Block:
        nonlocal opened
        opened += is_open
        return block(group, source, known, is_open=is_open, continued=continued)

    monkeypatch.setattr(splitter, "block", counted)
    text = " ".join(f"Word_{number} and *so* on;" for number in range(2_000))
    assert "".join(piece.source or "".join(each.source for each in piece.blocks) for piece in unrolled(text)) == text
    assert not opened
