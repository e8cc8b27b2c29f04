from __future__ import annotations

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from desktop.markdown.blocks import Block, BlockKind, Definitions, Update
from desktop.markdown.parser import groups
from desktop.markdown.splitter import PIECE, WINDOWS, Splitter
from desktop.markdown.text_segments import blocks
from tests.desktop.markdown.splitting import cut, html, joined, kinds, split
from tests.examples import alike, examples

ANSWER = """# Two ways

A call *waits* until `asyncio` is [quiet](https://example.com).

- Use one decorator
- Keep a reference
  1. nested
  2. more

| Way | Cancels |
|-----|:-------:|
| one | yes     |

```python
import asyncio

print(1)
```

> quoted

---

$$
x^2
$$

The end.
"""

LINES = st.sampled_from(
    [
        *(
            "",
            "",
            "",
            "word",
            "More *words* here.",
            "- a",
            "- b",
            "  c",
            "   d",
            "    e",
            "\te",
            "1. x",
            "2. y",
            "1) z",
        ),
        *(
            "10. t",
            "+ p",
            "* q",
            "-",
            "- ",
            "> q",
            ">",
            "> - l",
            "# H",
            "#",
            "===",
            "---",
            "***",
            "```",
            "```py",
            "~~~",
        ),
        *("~~~~", " ```", "  ```", "    ```", "> ```", "- ```", "| a | b |", "|---|---|", "| 1 | 2 |", "a | b"),
        *("[a]: /u", "[a]: /u 'one", "'two'", "three'", "[a]", "[b]", "[b]:", "/v", '"t"', "[^1]", "[^1]: note", "(p)"),
        *(
            "$$",
            "$$ x $$",
            "\\[",
            "\\]",
            "\\[ y \\]",
            "$a$",
            "x $$",
            "so \\[",
            "=",
            "$$ and",
            "<b>",
            "&amp;",
            "\\",
            "a  ",
            "\u2028",
            "\x0c",
            "`",
        ),
        *("<details>", "<details open><summary>s", "<summary>t</summary>", "<summary>", "</summary>", "</details>"),
        *("**", "_u", "![i](j)", "http://h.de", "[ ] t", "- [x] done", "- [ ] to do", "\0", "\ud800"),
    ]
)
TEXTS = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\n", "\n", "\n\n", "\r\n", "\r", ""])), max_size=14).map(
    lambda parts: "".join(line + end for line, end in parts)
)


def test_an_answer_comes_as_its_blocks_each_closed_once() -> None:
    found = split([ANSWER])
    assert kinds(found) == [
        *(BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.TABLE, BlockKind.CODE),
        *(BlockKind.QUOTE, BlockKind.RULE, BlockKind.MATH, BlockKind.PARAGRAPH),
    ]
    assert joined(found) == ANSWER
    assert not any(block.open for block in found)
    assert found[4].language == "python"
    assert found[4].content == "import asyncio\n\nprint(1)\n"


def test_an_open_tail_is_shown_as_it_is_so_far() -> None:
    splitter = Splitter()
    update = splitter.feed("One.\n\nTwo *th")
    assert [block.source for block in update.closed] == ["One.\n"]
    assert update.open == (Block(BlockKind.PARAGRAPH, "\nTwo *th", update.open[0].tokens, open=True),)
    update = splitter.feed("ree*")
    assert update.closed == ()
    assert "<em>three</em>" in html(update.open)


@settings(max_examples=examples(400))
@given(TEXTS, st.integers(1, 9))
@example("[a]: /u\n'one\n===\ntwo'\n", 1)
@example("$$\na\n# b\n$$\n", 1)
@example("a\n| a | b |\n|---|---|x\n", 1)
@example("- ```\n  x\n```\ny\n```\n", 2)
def test_whatever_the_pieces_the_blocks_are_those_of_the_whole(text: str, size: int) -> None:
    whole = split([text])
    assert split(cut(text, size)) == split(cut(text, size), with_last=True) == whole
    assert blocks(text) == whole


@settings(max_examples=examples(300))
@given(TEXTS)
def test_the_blocks_are_those_that_one_parse_of_the_whole_finds(text: str) -> None:
    found = split(cut(text, 3))
    normal = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    assert joined(found).rstrip(" \t\n") == normal.rstrip(" \t\n")
    whole = groups(normal)
    assert kinds(found) == [group.kind for group in whole]
    shapes = [[(token.type, token.level, token.content) for token in group.tokens if token.content] for group in whole]
    mine = [[(token.type, token.level, token.content) for token in block.tokens if token.content] for block in found]
    assert [[part for part in shape if part[0] != "inline"] for shape in mine] == [
        [part for part in shape if part[0] != "inline"] for shape in shapes
    ]


@pytest.mark.slow
@settings(max_examples=examples(50), phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    st.lists(TEXTS, min_size=4, max_size=12), st.integers(1, 400), st.sampled_from(["- ", "1. ", "> ", "| ", "x ", ""])
)
def test_long_blocks_are_cut_at_the_same_places_whatever_the_pieces(parts: list[str], size: int, mark: str) -> None:
    text = "".join((mark + part.strip("\r\n") + " and some words more. " * 4) * 4 + "\n" for part in parts)
    whole = split([text])
    assert split(cut(text, size)) == split(cut(text, size), with_last=True) == whole


def test_a_long_list_closes_all_items_but_the_last_and_counts_on() -> None:
    text = "".join(f"{number}. {'word ' * 20}\n" for number in range(3, 43))
    found = split(cut(text, 11))
    assert set(kinds(found)) == {BlockKind.LIST}
    assert [block.continued for block in found] == [False] + [True] * (len(found) - 1)
    assert all(600 <= len(block.source) < 720 for block in found[:-1])
    assert [block.number for block in found[:3]] == [3, 9, 15]
    assert found == split([text])


def test_only_the_next_block_goes_on_with_a_cut_list() -> None:
    long = "word " * 130
    found = split([f"- {long}\n- b\n\nText\n\n- {long}\n- d\n"])
    assert kinds(found) == [BlockKind.LIST, BlockKind.LIST, BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.LIST]
    assert [block.continued for block in found] == [False, True, False, False, True]


def test_a_list_of_ones_counts_on_over_a_cut() -> None:
    found = split(["1. " + "word " * 60 + "\n"] * 6)
    assert [block.number for block in found] == [1, 3, 5]


def test_a_long_table_goes_on_without_its_head() -> None:
    text = "| a | b |\n|---|--:|\n" + "".join(f"| {row} | **x** |\n" for row in range(100)) + "\nAfter.\n"
    found = split(cut(text, 17))
    assert kinds(found) == [BlockKind.TABLE] * 3 + [BlockKind.PARAGRAPH]
    rows = [sum(token.type == "tr_open" for token in block.tokens) for block in found[:3]]
    assert rows == [41, 40, 20]
    assert [block.continued for block in found] == [False, True, True, False]
    assert not any(token.type == "th_open" for token in found[1].tokens)
    assert found[1].tokens[0].type == "table_open"
    assert joined(found) == text


def test_a_long_paragraph_goes_on_after_a_sentence_where_nothing_is_open() -> None:
    text = "It is *very* long and has `code. Not` here. " * 900
    found = split(cut(text, 997))
    assert set(kinds(found)) == {BlockKind.PARAGRAPH}
    assert len(found) > 5
    assert found[1].continued
    assert found == split([text])
    assert all(block.source.endswith((". ", ".")) for block in found)


def test_what_is_too_long_to_parse_is_plain_text_in_pieces() -> None:
    text = "> " + "[" * 150_000 + "\n\nAfter.\n"
    found = split(cut(text, 3_000))
    assert kinds(found) == [BlockKind.PLAIN] * 16 + [BlockKind.PARAGRAPH]
    assert max(len(block.source) for block in found) == PIECE
    assert joined(found) == text
    assert found == split([text])


def test_what_lies_too_deep_is_shown_as_it_was_written() -> None:
    text = "> " * 100 + "deep\n\nAfter."
    found = split([text])
    assert kinds(found) == [BlockKind.PLAIN, BlockKind.PARAGRAPH]
    assert found[0].source == "> " * 100 + "deep\n"


def test_a_late_definition_asks_for_the_message_to_be_drawn_again() -> None:
    splitter = Splitter()
    splitter.feed("See [this] and that[^n].\n\n[this]: https://example.com\n\n")
    splitter.feed("[^n]: A note.\n")
    assert splitter.finish().redo
    drawn = blocks("See [this] and that[^n].\n\n[this]: https://example.com\n\n[^n]: A note.\n")
    assert 'href="https://example.com"' in html(drawn[:1])
    refs = [
        child.meta["number"] for token in drawn[0].tokens for child in token.children or () if "number" in child.meta
    ]
    assert refs == [1]


def test_a_definition_that_nothing_refers_to_is_told_until_something_does() -> None:
    splitter = Splitter()
    (told,) = splitter.feed("[a]: https://u.example\n\nSee ").closed
    assert not told.is_hidden
    splitter.feed("[a].")
    assert splitter.finish().redo
    assert [block.is_hidden for block in blocks("[a]: https://u.example\n\nSee [a].")] == [True, False]


@pytest.mark.parametrize("text", ["Text.\n\n[a]: /u\n", "```\nx[0]\n```\n[a]: /u\n", "See [a]."])
def test_nothing_is_drawn_again_where_nothing_can_change(text: str) -> None:
    splitter = Splitter()
    splitter.feed(text)
    assert not splitter.finish().redo


def test_known_definitions_hold_from_the_first_block_on() -> None:
    found = blocks("See [a].", Definitions({"A": ("https://a.example", "")}))
    assert '<a href="https://a.example">a</a>' in html(found)


def test_an_open_fence_is_not_parsed_again() -> None:
    splitter = Splitter()
    splitter.feed("```py\n")
    before = splitter.parsed
    update = Update((), ())
    for line in range(1_000):
        update = splitter.feed(f"line = {line}\n")
    assert splitter.parsed == before
    assert update.open[0].kind is BlockKind.CODE
    assert update.open[0].content.endswith("line = 999\n")


def test_characters_parsed_grow_in_proportion_to_an_answer() -> None:
    def parsed(times: int) -> int:
        splitter = Splitter()
        for piece in cut(ANSWER * times, 4):
            splitter.feed(piece)
        splitter.finish()
        return splitter.parsed

    assert parsed(40) < 1.05 * 4 * parsed(10)


@pytest.mark.slow
@pytest.mark.parametrize("line", alike(3, ["| a | b |\n", "- item\n", "*a ", "word ", "[", "> q\n", "日本。"]))
def test_characters_parsed_grow_in_proportion_to_any_tail(line: str) -> None:
    def parsed(length: int) -> int:
        splitter = Splitter()
        head = "| a | b |\n|---|---|\n" if line.startswith("|") else ""
        for piece in cut(head + line * (length // len(line)), 2_000):
            splitter.feed(piece)
        splitter.finish()
        return splitter.parsed

    assert parsed(40_000) < 5 * max(parsed(10_000), 10 * WINDOWS[0])


def test_what_is_too_long_to_be_parsed_is_cut_between_words() -> None:
    text = "*a_[`" + "word, " * 9_000
    found = [block for block in blocks(text) if block.kind is BlockKind.PLAIN]
    assert len(found) > 3
    assert all(block.source.endswith(" ") and not block.source.startswith(" ") for block in found)
    assert "".join(block.source for block in blocks(text)).strip() == text.strip()


@pytest.mark.parametrize(
    "first", ["A *word*", "```py\nx = 1", "| a |\n|---|\n| 1 |", "- a\n- b\n\n", "$$\nx\n", "", "\n\n"]
)
@pytest.mark.parametrize("size", [1, 5, 100])
def test_text_after_a_pause_is_split_as_if_nothing_came_before(first: str, size: int) -> None:
    second = "\n\nThen **more**.\n\n- c\n"
    splitter = Splitter()
    found: list[Block] = []
    for piece in cut(first, size):
        found += splitter.feed(piece).closed
    found += splitter.pause().closed
    for piece in cut(second, size):
        found += splitter.feed(piece).closed
    found += splitter.finish().closed
    assert found == [*blocks(first), *blocks(second)]


def test_definitions_before_a_pause_apply_after_it() -> None:
    splitter = Splitter()
    splitter.feed("[a]: https://x.example\n")
    splitter.pause()
    splitter.feed("See [a].")
    (block,) = splitter.finish().closed
    assert 'href="https://x.example"' in html([block])
