from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.markdown import text_segments
from desktop.markdown.blocks import Block, BlockKind, Definitions
from desktop.markdown.parser import TokenGroup
from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks, definitions, segments
from desktop.pages.html_text import rendered
from tests.cpu_time import assert_growth
from tests.desktop.markdown.splitting import split
from tests.desktop.markdown.test_splitter import ANSWER, TEXTS
from tests.examples import examples


def seen(found: tuple[Block, ...]) -> list[object]:
    return [(block.kind, block.source.strip(" \t\n"), block.tokens) for block in found]


def test_a_short_message_is_one_segment() -> None:
    assert segments(ANSWER) == (ANSWER,)
    assert segments("") == ()


def test_a_long_message_is_cut_at_blank_lines_and_joined_is_itself() -> None:
    text = ANSWER * 40
    found = segments(text)
    assert "".join(found) == text
    assert len(found) > 2
    assert all(5_000 <= len(segment) < 5_000 + len(ANSWER) for segment in found[:-1])


@settings(max_examples=examples(300))
@given(TEXTS, st.integers(1, 40))
def test_the_blocks_of_the_segments_are_those_of_the_whole(text: str, size: int) -> None:
    found = segments(text, size)
    assert "".join(found) == text.replace("\r\n", "\n").replace("\r", "\n")
    known = definitions(text)
    whole = seen(blocks(text, known))
    assert seen(tuple(block for segment in found for block in blocks(segment, known))) == whole


def test_no_segment_begins_within_a_fence() -> None:
    text = "- a\n\n  ```\n  x\n\n  y\n  ```\n\nb\n\n```\nc\n\nd\n```\n\ne"
    assert [segment.strip("\n").split("\n")[0] for segment in segments(text, 1)] == ["- a", "b", "```", "e"]


def test_after_a_fence_whose_end_is_not_sure_nothing_is_cut() -> None:
    assert len(segments("- a\n  ```\n  x\ny\n\n```\nc\n\nd\n```\n\ne\n", 1)) == 1


def test_a_line_of_a_million_marks_is_split_as_fast_as_one_of_a_few() -> None:
    after = "\n\n" + "word " * 200_000
    assert_growth(lambda marks: segments("~" * marks + after), 3, 1_000_000, at_most=20)


def test_what_is_defined_anywhere_holds_everywhere() -> None:
    text = "See [a].\n\n" + "word\n\n" * 2_000 + "> [a]: /there\n\n[^n]: Note.\n"
    assert definitions(text) == Definitions({"A": ("/there", "")}, ("n",))
    assert definitions("x[0]: no\n\n" * 900) == Definitions()


@pytest.mark.parametrize(
    "text",
    [
        "[Anna]: Komm!\n[Ben]: Nein.",
        "[Q]: What?\n[A]: That.",
        "[12:05]: started\n[12:06]: done",
        "[INFO]: started\n[ERROR]: timeout",
        "[Name]: John\n[Date]: 12/05/2024\n[Unit]: km/h\n\nDear [Name], on [Date] it was 7 [Unit].",
        "[1]: True\n[2]: False\n\nQuestion [1] is easy, [2] is not.",
        "Sources:\n\n[1]: https://example.com/one\n[2]: https://example.com/two",
    ],
)
def test_what_looks_like_the_definition_of_a_link_that_nothing_refers_to_is_text(text: str) -> None:
    for found in (blocks(text), blocks(text, definitions(text))):
        assert "\n".join(filter(None, map(plain_text, found))).split() == text.split()
    assert all(line in re.sub("<[^>]+>", "", rendered(text)) for line in text.split("\n"))


_ADDRESS = re.compile(r"https?://[a-z.]+|foo")


def seen_in_all_ways(text: str) -> list[str]:
    """What a text says whole, in segments, as an answer that came letter by letter, and in HTML."""
    known = definitions(text)
    shown = [
        blocks(text),
        blocks(text, known),
        [block for segment in segments(text, 1) for block in blocks(segment, known)],
        split(text),
    ]
    said = ["\n".join(filter(None, map(plain_text, found))) for found in shown]
    return [*said, unescape(re.sub("<[^>]+>", "", rendered(text)))]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("- [1]: https://a.example\n- x\n\n* [10:00]: Breakfast", ["[1]: https://a.example", "[10:00]: Breakfast"]),
        ("1. [INPUT]: text\n   - [a]: /b\n\n> [1]: https://a.example\n>\n> [Bob]: Hi", ["[a]: /b", "[Bob]: Hi"]),
        ('> [1]: https://a.example\n>   "Its title"', ["[1]: https://a.example", '"Its title"']),
        ("`sys.argv[1]`\n\n[1]: https://a.example", ["[1]: https://a.example"]),
        ("Code:\n\n    sys.argv[1]\n\n[1]: https://a.example", ["[1]: https://a.example"]),
        ("- `sys.argv[1]`\n\n  ```\n  x[1]\n  ```\n- [1]: https://a.example", ["[1]: https://a.example"]),
        ("Prices[1].\n\n[1]: https://a.example\n\nLaw[1].\n\n[1]: https://b.example", ["[1]: https://b.example"]),
        ("See [a].\n\n[a]: ./there.md", ["[a]: ./there.md"]),
        ("See [x [a] y](https://b.example) or \\[a].\n\n[a]: javascript:x", ["[a]: javascript:x"]),
    ],
)
def test_a_definition_that_no_link_was_made_from_is_shown_wherever_it_stands(text: str, lines: list[str]) -> None:
    for said in seen_in_all_ways(text):
        assert all(line in said for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "See [it][1].\n\n- one\n- [1]: https://a.example\n",
        "> [1]: https://a.example\n\nSee [it][1], `x[1]`.",
        "![picture][1]\n\n[1]: https://a.example/a.png",
        "As said in\n[1]: the source.\n\n[1]: https://a.example",
        "See [1].\n\n[1]: https://a.example\n\nAnd [1].\n\n[1]: https://a.example",
    ],
)
def test_a_definition_that_a_link_was_made_from_is_not_shown_wherever_it_stands(text: str) -> None:
    assert not any("a.example" in said for said in seen_in_all_ways(text))


LINES = st.lists(
    st.sampled_from(
        [
            *("\n", "- a\n", "```\n", "    x[1]\n", "# h [2]\n", "[^1]: n [1]\n", "| a | [2] |\n|--|--|\n"),
            *("See [1].\n", "`[1]`\n", "\\[1]\n", "[x][2]\n", "![y][1]\n", "[3]\n", "$x[1]$\n"),
            *("- [1]: https://a.b\n", "[1]: https://a.b\n", "[1]: https://c.d\n", "> [2]: https://e.f 'T'\n"),
            *("  [2]: www.e.f\n", "[3]: foo\n", "[3]: ./foo\n", "1. [2]: https://e.f\n", "   [3]: https://g.h\n"),
        ]
    ),
    max_size=14,
)


@settings(max_examples=examples(300))
@given(LINES)
def test_which_definitions_are_shown_is_the_same_in_all_ways(lines: list[str]) -> None:
    whole, stored, cut, grown, page = seen_in_all_ways("".join(lines))
    assert whole == stored == grown
    assert whole.split() == cut.split()
    assert _ADDRESS.findall(whole) == _ADDRESS.findall(page)


def test_all_sections_of_a_long_answer_have_their_sources() -> None:
    part = (
        "## Part {0}\n\n"
        + "words " * 900
        + "\n\nAs [{0}] says.[^{0}]\n\n[{0}]: https://a.example/{0}\n\n[^{0}]: N.\n\n"
    )
    text = "".join(part.format(number) for number in range(1, 17))
    known = definitions(text)
    assert known == Definitions(
        {str(number): (f"https://a.example/{number}", "") for number in range(1, 17)},
        tuple(map(str, range(1, 17))),
        frozenset(map(str, range(1, 17))),
    )


def test_code_takes_nothing_of_what_is_read_beforehand() -> None:
    code = "```ts\n" + "  [key: string]: (value: unknown) => void;\n\n" * 1_000 + "```\n\n"
    text = code * 2 + "As [the book][1] says.\n\n" + code + "[1]: https://a.example\n"
    assert definitions(text) == Definitions({"1": ("https://a.example", "")}, (), frozenset({"1"}))


def test_of_a_link_that_something_refers_to_the_definition_is_not_shown() -> None:
    text = "See [this one][1].\n\n[1]: https://example.com/one\n"
    assert "\n".join(filter(None, map(plain_text, blocks(text, definitions(text))))) == "See this one."
    assert "[1]" not in rendered(text)


def test_of_a_link_whose_label_is_code_the_definition_is_not_shown() -> None:
    text = "See [`gyp`].\n\n" + "Words and words.\n\n" * 400 + "[`gyp`]: https://a.example\n"
    known = definitions(text)
    defined = [block for part in segments(text) for block in blocks(part, known) if block.kind is BlockKind.DEFINITION]
    assert [block.is_hidden for block in defined] == [True]


def test_of_hundreds_of_definitions_no_more_are_parsed_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many short paragraphs, brackets are taken for links from some point on."""
    parsed: list[str] = []
    groups = text_segments.groups

    def noted(text: str) -> list[TokenGroup]:
        parsed.append(text)
        return groups(text)

    monkeypatch.setattr(text_segments, "groups", noted)
    uses = "".join(f"See [thing {number}][r{number}] now.\n\n" for number in range(1_500))
    known = definitions(uses + "".join(f"[r{number}]: https://example.org/{number}\n" for number in range(1_500)))
    assert [*known.links] == [f"R{number}" for number in range(500)]
    assert len(known.used) == 500
    assert sum(each.count("]: ") for each in parsed) == 500
    assert len(parsed) < 300
