"""Parts of messages: what is cited as a list of links, and what stands between texts."""

from __future__ import annotations

import pytest

from desktop.message_parts import CitationPart, OpaquePart, TextPart, ToolCallPart, sources, words
from desktop.transfer.html_text import rendered


def test_pages_are_numbered_as_they_were_cited_and_each_stands_once() -> None:
    cited = [CitationPart(url=f"https://x.example/{name}", title=name) for name in "abac"]
    assert sources(cited).split("\n") == [
        "1. [a](<https://x.example/a>)",
        "2. [b](<https://x.example/b>)",
        "3. [c](<https://x.example/c>)",
    ]


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://x.example/a)b", "](https://evil.example)"),
        ("https://x.example/>](javascript:1)", "two\n\n# lines"),
        ("https://x.example/a b", "![a](file:///etc/passwd) <b>"),
        ("https://x.example/$1$", "$x$ *y* `z`"),
    ],
)
def test_neither_an_address_nor_a_title_ends_the_link(url: str, title: str) -> None:
    page = rendered(sources([CitationPart(url=url, title=title)]))
    assert page.count("<a ") == page.count("<li") == 1
    assert not any(sign in page for sign in ("<img", "<h1", "<em", "<code", "<b>", 'evil.example"'))


def test_a_citation_between_two_texts_does_not_part_them() -> None:
    between = (CitationPart(url="https://x.example"), OpaquePart(wire="messages", model="m", data="{}"))
    assert words((TextPart(text="one "), *between, TextPart(text="word")), TextPart) == "one word"
    call = ToolCallPart(id="", name="", arguments="")
    assert words((TextPart(text="one"), call, TextPart(text="two")), TextPart) == "one\n\ntwo"
