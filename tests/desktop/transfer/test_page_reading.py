"""Round trips of Markdown exports: each message is under its heading, and prompts are unchanged."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from desktop.domain.conversation_types import (
    Conversation,
    Message,
    ModelRef,
    Role,
    Status,
)
from desktop.domain.message_parts import TextPart
from desktop.pages.markdown_page import closing_mark, export, self_contained
from desktop.pages.written_prompts import as_written
from tests.desktop.transfer.made import AT

_LINES = [
    *("---", "***", "_ _ _", "# h", "## You", "h", "===", "-", "```", "~~~", "```py", "<!--", "-->", "a <!--", "<html"),
    *("<html>", "<div", '<div title="a', "<div>", "</div>", "<pre>", "<script>", "<div><script>", "<div> <!-- x"),
    *("title: x", "", "", "    code", "- a", "> q", r"\# x", r"\---", r"\\---", "| a |", "|---|", "x", "<?", "  ---"),
    *("<a>", "<details>", "* * *"),
]
_MODEL = ModelRef(connection="c", name="m")
_WRITTEN = re.compile(r"( {0,3})\\(?=\\*(?:#{1,6}(?:[ \t]|$)|(?:=+|-+)[ \t]*$|([-*_])(?:[ \t]*\2){2,}[ \t]*$))")
_CODE = ("fence", "code_block", "html_block")

texts = st.lists(st.sampled_from(_LINES), min_size=1, max_size=7).map(lambda lines: "\n".join(lines).strip("\n") or "x")


class _Headings(HTMLParser):
    """Collector of second-level headings in HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._within = tag == "h2"
        if self._within:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._within = self._within and tag != "h2"

    def handle_data(self, data: str) -> None:
        if self._within:
            self.found[-1] += data


def reader() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def page_of(said: list[str]) -> str:
    messages = tuple(
        Message(
            id=str(place),
            parent=str(place - 1) if place else None,
            role=Role.ASSISTANT if place % 2 else Role.USER,
            parts=(TextPart(text=text),),
            status=Status.COMPLETE,
            created_at=AT,
            model=_MODEL if place % 2 else None,
        )
        for place, text in enumerate(said)
    )
    last = str(len(said) - 1)
    return export(
        [Conversation(id="c", title="T", model=_MODEL, created_at=AT, updated_at=AT, current=last, messages=messages)]
    )


def read(page: str) -> list[str]:
    """Return the text below each second-level heading as it was written."""
    tokens, lines = reader().parse(page), page.split("\n")
    code = {line for token in tokens if token.map and token.type in _CODE for line in range(*token.map)}
    lines = [line if place in code else _WRITTEN.sub(r"\1", line, count=1) for place, line in enumerate(lines)]
    maps = [token.map for token in tokens if token.type == "heading_open" and token.level == 0 and token.tag == "h2"]
    ends = [*(each[0] for each in maps[1:] if each), len(lines)]
    return ["\n".join(lines[each[1] : end]).strip("\n") for each, end in zip(maps, ends, strict=True) if each]


@given(texts, texts, texts)
def test_messages_of_any_lines_are_read_where_their_headings_are(first: str, answer: str, second: str) -> None:
    page = page_of([first, answer, second])
    found = read(page)
    assert len(found) == 3
    assert (found[0][: len(first)], found[2][: len(second)]) == (first, second)
    headings = _Headings()
    headings.feed(reader().render(page))
    headings.close()
    assert [each for each in headings.found if each in ("You", "c/m")] == ["You", "c/m", "You"]


@pytest.mark.parametrize(
    "said", ["a\n\n---\n\nb", "---\ntitle: x\n---\n\ntext", "***", "- - -", "# a\n***\n# b", r"\# a", "---\n<a>\n# x"]
)
def test_rules_and_front_matter_of_a_prompt_are_neither_rules_nor_headings_of_the_page(said: str) -> None:
    written = as_written(said)
    assert not [each for each in reader().parse(written) if each.type in ("hr", "heading_open")]
    assert [each[: len(said)] for each in read(page_of([said]))] == [said]


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("see\n\n<html", "<!-- -->"),
        ('<div title="a', '<!--"-->'),
        ("<div> <!-- what", "<!-- -->"),
        ("<div><script>\n\nx", "</script>"),
        ("<div> text", ""),
        ("a < b", ""),
    ],
)
def test_what_html_ends_within_is_closed_by_what_is_nothing_to_see(text: str, ending: str) -> None:
    assert closing_mark(text) == ending
    assert ending in self_contained(text)


def test_a_definition_at_the_beginning_of_a_message_is_no_fault() -> None:
    assert self_contained("[a]: https://a.example") == "[a]: https://a.example"
    assert read(page_of(["[a]: https://a.example\n[b]: https://b.example"]))[0].startswith("[a]: https://a.example")
