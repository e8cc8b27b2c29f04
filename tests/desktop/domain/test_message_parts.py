"""Parts of messages: what is cited as a list of links, and what stands between texts."""

from __future__ import annotations

import msgspec
import pytest

from desktop.domain.message_parts import (
    CitationPart,
    FilePart,
    ImagePart,
    OpaquePart,
    TextPart,
    ToolCallPart,
    sources,
    words,
)
from desktop.pages.html_text import rendered


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


@pytest.mark.parametrize("size", [-1, 10**400, -(10**400), 1 << 54])
@pytest.mark.parametrize("kind", [ImagePart, FilePart])
def test_a_size_that_no_file_has_is_none(kind: type[ImagePart | FilePart], size: int) -> None:
    written = f'{{"type":"{"image" if kind is ImagePart else "file"}","sha256":"a","media_type":"b","size":{size}}}'
    assert msgspec.json.decode(written, type=kind) == kind(sha256="a", media_type="b")
    assert kind(sha256="a", media_type="b", size=5).size == 5
