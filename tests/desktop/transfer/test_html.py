"""Web page of conversations: all text, no script, no image, and only web addresses."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import msgspec
import pytest

from desktop.domain.conversation_types import Conversation, ModelRef, Problem
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.pages.html_text import rendered
from desktop.reports.ranking_html import PageWords
from desktop.reports.report_drawings import DrawnParts
from desktop.transfer.export.chat_page import ChatPage
from tests.desktop.transfer.test_exports import conversation

EVIL = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[a](javascript:alert(1))",
    "[a](data:text/html,x) [b](file:///etc/passwd) [c](//host/x) [d](vbscript:x)",
    '![pic](https://host/x.png) ![p](file:///x) ![" onload=alert(1)](x)',
    '<https://host/"onmouseover=alert(1)>',
    '```"><script>\n</code></pre><script>alert(1)</script>\n```',
    "$</code><script>x</script>$ and $$\n</pre><script>\n$$",
    "| a | <b> |\n|---|---|\n| <script> | [x](javascript:x) |",
    "[^1]\n\n[^1]: <script>note</script>",
    "a <svg/onload=alert(1)> &lt;script&gt; \0",
    "# <style>*{display:none}</style>",
)


def page_of(*held: Conversation) -> str:
    """Return a web page of conversations."""
    page = ChatPage(PageWords())
    chats = ["".join(page.parts(page.prepared(each), place, DrawnParts())) for place, each in enumerate(held, 1)]
    return "".join((page.head([each.title for each in held]), *chats, page.tail()))


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def seen(page: str) -> Seen:
    found = Seen()
    found.feed(page)
    return found


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_runs_or_loads_whatever_is_in_a_message(evil: str) -> None:
    made = conversation()
    model, problem = ModelRef(connection="lab", name=evil), Problem(code="server_failed", message=evil)
    parts = (ReasoningPart(text=evil), TextPart(text=evil))
    messages = tuple(
        msgspec.structs.replace(each, parts=parts, model=model if each.model else None, problem=problem)
        for each in made.messages
    )
    held = msgspec.structs.replace(made, title=evil, system=evil, model=model, messages=messages)
    found = seen(page_of(held, held))
    assert not found.tags & {"script", "img", "svg", "iframe", "object", "link", "b", "base", "form"}
    assert not any(name.startswith("on") for name in found.names)
    assert all(re.match(r"https?://|mailto:|#c\d", link) for link in found.links), found.links


def test_a_page_is_whole_and_says_who_said_what() -> None:
    page = page_of(conversation())
    assert page.startswith("<!doctype html>")
    assert page.count("<html") == page.count("</html>") == 1
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    for text in ("Why?", "foundry/grok-3-mini", "(interrupted)", "Because …", "The answer broke off.", "Be brief."):
        assert text in page
    assert "other branch" not in page
    assert "<nav>" not in page


def test_markdown_is_rendered() -> None:
    made = rendered(
        "# A\n\n- [x] done\n- **b** ~~c~~\n\n```py\nx < 1\n```\n\n|a|b|\n|-|-|\n|1|2|\n\nsee https://x.org $a^2$"
    )
    for piece in ("<h3", "☑", "<strong>b</strong>", "<s>c</s>", "x &lt; 1", "<td", 'href="https://x.org"', "a^2"):
        assert piece in made, piece
    assert 'class="language">py<' in made


def test_an_image_becomes_a_link_to_it_and_text_within_another_link() -> None:
    image = "![a *cat*](https://host/cat.png)"
    assert rendered(image) == ('<p dir="auto"><a href="https://host/cat.png" rel="noopener noreferrer">a cat</a></p>\n')
    assert "<span>cat</span>" in rendered("![cat](cat.png)")
    assert ">https://host/cat.png</a>" in rendered("![](https://host/cat.png)")
    within = seen(rendered(f"[{image}](https://host/page)"))
    assert within.links == ["https://host/page"]
    assert seen(rendered(f"[a](https://host/page) {image}")).links == ["https://host/page", "https://host/cat.png"]


def test_text_that_cannot_be_parsed_is_shown_as_it_was_written() -> None:
    assert "&gt; &gt;" in rendered("> " * 500 + "deep")
    assert "[[[" in rendered("[" * 5_000)
    assert rendered("") == ""


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("https://a.example/x@y", True),
        ("mailto:john_doe+x@a.example", True),
        ("https://bank.example@evil.example/", False),
        ("https://a:b@evil.example/", False),
        ("mailto:a@b.example?attach=/etc/passwd", False),
        ("mailto:a@b.example&attach=x", False),
        ("mailto:-attach@b.example", False),
        ("javascript:alert(1)", False),
    ],
)
def test_a_page_leads_to_the_host_that_is_read_and_to_mailboxes_alone(address: str, leads: bool) -> None:
    assert (f'<a href="{address}' in rendered(f"[x](<{address}>)")) is leads
