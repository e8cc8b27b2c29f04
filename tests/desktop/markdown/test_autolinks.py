"""Bare addresses: GitHub's own examples, and what people and models really write around them."""

from __future__ import annotations

import itertools
from urllib.parse import quote

import pytest

from desktop.markdown.parser import parser
from tests.cpu_time import within


def links(text: str) -> list[tuple[str, str]]:
    """The address and the text of each link in a paragraph."""
    tokens = parser().parseInline(text)[0].children or []
    return [
        (str(opening.attrs["href"]), inner.content)
        for opening, inner in itertools.pairwise(tokens)
        if opening.type == "link_open"
    ]


def said(text: str) -> str:
    """The text of a paragraph as it is read."""
    return "".join(each.content for each in parser().parseInline(text)[0].children or [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # GitHub Flavored Markdown, section 6.9
        ("www.commonmark.org", ["http://www.commonmark.org"]),
        ("Visit www.commonmark.org/help for more information.", ["http://www.commonmark.org/help"]),
        ("Visit www.commonmark.org.", ["http://www.commonmark.org"]),
        ("Visit www.commonmark.org/a.b.", ["http://www.commonmark.org/a.b"]),
        ("www.google.com/search?q=Markup+(business)", ["http://www.google.com/search?q=Markup+(business)"]),
        ("www.google.com/search?q=Markup+(business)))", ["http://www.google.com/search?q=Markup+(business)"]),
        ("(www.google.com/search?q=Markup+(business))", ["http://www.google.com/search?q=Markup+(business)"]),
        ("(www.google.com/search?q=Markup+(business)", ["http://www.google.com/search?q=Markup+(business)"]),
        ("www.google.com/search?q=(business))+ok", ["http://www.google.com/search?q=(business))+ok"]),
        ("www.google.com/search?q=commonmark&hl=en", ["http://www.google.com/search?q=commonmark&hl=en"]),
        ("www.google.com/search?q=commonmark&hl;", ["http://www.google.com/search?q=commonmark"]),
        ("www.commonmark.org/he<lp", ["http://www.commonmark.org/he"]),
        ("http://commonmark.org", ["http://commonmark.org"]),
        ("(Visit https://encrypted.google.com/search?q=Markup+(business))", ["https://encrypted.google.com/search?q=Markup+(business)"]),
        ("foo@bar.baz", ["mailto:foo@bar.baz"]),
        ("hello@mail+xyz.example isn't valid, but hello+xyz@mail.example is.", ["mailto:hello+xyz@mail.example"]),
        ("a.b-c_d@a.b", ["mailto:a.b-c_d@a.b"]),
        ("a.b-c_d@a.b.", ["mailto:a.b-c_d@a.b"]),
        ("a.b-c_d@a.b-", []),
        ("a.b-c_d@a.b_", []),
        ("mailto:foo@bar.baz", ["mailto:foo@bar.baz"]),
        # What was wrong
        ("john_doe@example.com", ["mailto:john_doe@example.com"]),
        ("Write to *john_m_doe@example.com* or a_b@c_d.org", ["mailto:john_m_doe@example.com", "mailto:a_b@c_d.org"]),
        ("_foo@bar.com is it", ["mailto:foo@bar.com"]),
        ("Source:https://x.example/ Contact:a@b.example", ["https://x.example/", "mailto:a@b.example"]),
        ("email=a@b.example see:www.x.example url=http://x.example", ["mailto:a@b.example", "http://www.x.example", "http://x.example"]),
        ("postgres://user:pass@db.example/x user:pass@db.example", []),
        ("web.archive.org/web/https://x.example //www.x.example A/https://x.example", ["https://x.example"]),
        ("详见：https://example.com/a。然后", ["https://example.com/a"]),
        ("请访问https://example.com，谢谢", ["https://example.com"]),
        ("「https://example.com/ü」", ["https://example.com/%C3%BC"]),
        ('"https://example.com/a" and \'https://b.example\'', ["https://example.com/a", "https://b.example"]),
        ("“https://example.com/a”", ["https://example.com/a"]),
        ("[https://example.com/a]", ["https://example.com/a"]),
        ("HTTPS://EXAMPLE.com/A", ["HTTPS://EXAMPLE.com/A"]),
        ("https://[::1]:8080/x", []),
        ("https://localhost:8080/x", ["https://localhost:8080/x"]),
        # What is none
        ("xhttps://example.com a/www.example.com x@y", []),
        ("`john_doe@example.com` [a_b@c.org](https://d.example)", ["https://d.example"]),
        (r"a\_b@c.org", ["mailto:b@c.org"]),
        ("javascript://example.com", []),
        ("https://a.example/x، و https://b.example؟", ["https://a.example/x", "https://b.example"]),
        ("https://a.example/x[1] {https://b.example/y}", ["https://a.example/x", "https://b.example/y"]),
        ("https://a.example/?a[0]=1&b[]", ["https://a.example/?a%5B0%5D=1&b%5B%5D"]),
        ("https://a.example/x—and →https://b.example→next", ["https://a.example/x", "https://b.example"]),
        ("https://a.example/x`code`", ["https://a.example/x"]),
        ("1.https://a.example", ["https://a.example"]),
        ("Source.https://a.example (см.https://b.example)", ["https://a.example", "https://b.example"]),
        ("邮箱:abc@qq.com почта:ivan@example.ru", ["mailto:abc@qq.com", "mailto:ivan@example.ru"]),
        ("次にhttp://localhost:3000を開きます", ["http://localhost:3000"]),
        ("https://a.example/guides/를 참고, https://b.example에서", ["https://a.example/guides/", "https://b.example"]),
        (
            "https://ja.example/wiki/東京の歴史 https://ko.example/이름",
            [f"https://ja.example/wiki/{quote('東京の歴史')}", f"https://ko.example/{quote('이름')}"],
        ),
    ],
)  # fmt: skip
def test_addresses_become_links(text: str, found: list[str]) -> None:
    assert [address.lower() for address, _ in links(text)] == [each.lower() for each in found]


@pytest.mark.parametrize(
    "text", ["see john_doe@example.com, or a_b_c@d_e.org!", "_a_ x_y_z@b.org _c_", "a_b c_d e_f@g.org h_i"]
)
def test_nothing_is_lost_or_doubled_around_an_address(text: str) -> None:
    assert said(text).replace("_", "") == text.replace("_", "")


@pytest.mark.parametrize(
    "text",
    [
        "http://a" + ")" * 100_000,
        "a_" * 50_000 + "@b.org",
        ":" * 100_000,
        "w" * 100_000,
        "http:" * 20_000,
        "a@" * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_costs_in_proportion(text: str) -> None:
    for attempt in within(3):
        with attempt:
            links(text)


@pytest.mark.parametrize(
    "text",
    ["a std::vector<std::string> of them", "Local<v8::Context> context", "L<Test::More>", "Map<k:v>", "<javascript:x>"],
)
def test_code_between_angle_brackets_keeps_them(text: str) -> None:
    assert said(text) == text
    assert links(text) == []


def test_addresses_between_angle_brackets_are_links() -> None:
    for address in ("https://a.example/x", "HTTP://a.example", "mailto:a@b.example"):
        assert [text for _, text in links(f"<{address}>")] == [address]
    assert links("<a@b.example>") == [("mailto:a@b.example", "a@b.example")]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ('{"url":"https://a.example/x","b":1}', ["https://a.example/x"]),
        ("https://a.example,https://b.example", ["https://a.example", "https://b.example"]),
        ("npm i react@18.2.0 next@14.1.0", []),
        ("git clone git@github.com:org/repo.git", []),
        ("to a@b.example: the answer", ["mailto:a@b.example"]),
    ],
)
def test_what_stands_around_an_address_is_no_part_of_it(text: str, addresses: list[str]) -> None:
    assert [address for address, _ in links(text)] == addresses
    assert said(text) == text
