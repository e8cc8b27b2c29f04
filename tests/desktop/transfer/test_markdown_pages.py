"""Markdown exports: no message swallows the next one or outranks the page's headings."""

from __future__ import annotations

import re

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
from desktop.pages import message_labels
from desktop.pages.html_text import rendered
from desktop.pages.inert_markdown import inert
from desktop.pages.markdown_page import export, open_elements, piece, self_contained
from desktop.pages.message_labels import told_apart
from desktop.pages.page_parser import page_parser
from tests.cpu_time import within
from tests.desktop.transfer.made import AT

_OPEN = [
    "Look:\n\n```python\nprint(1)",
    "Look:\n\n```python\nprint(1)\n``",
    "~~~~\ncode\n~~~",
    "```",
    "```\n```\n\n```md\ncode",
    "<!-- what\n\nwas",
    "<pre>\n\ntext",
    "<script>\nlet a\n\n",
    "<?php\n",
    "<!doctype html",
    "- a\n\n  ```\n  code",
    "> ```\n> code",
]


def next_heading(text: str) -> bool:
    """Whether a reader of the page recognizes a heading after a text."""
    tokens = MarkdownIt("commonmark").parse(f"{text}\n\n## You\n\nNext.\n")
    return any(each.type == "inline" and each.content == "You" and each.level == 1 for each in tokens)


@pytest.mark.parametrize("text", _OPEN)
def test_an_answer_that_stopped_within_something_swallows_nothing(text: str) -> None:
    assert next_heading(self_contained(text))
    assert self_contained(text).startswith(text.rstrip("\n"))


def test_an_answer_that_stopped_within_a_formula_swallows_nothing() -> None:
    assert self_contained("So:\n\n$$\n\\frac{a}{b") == "So:\n\n$$\n\\frac{a}{b\n$$"
    for text in ("$$\nx^2\n$$\n\nDone.", "$$x^2$$", "It is $$\nx^2\n", "```\n$$\nx^2\n```", "$$\nin words\n"):
        assert self_contained(text) == text.rstrip("\n")


def test_a_byte_order_mark_hides_no_heading() -> None:
    assert self_contained("\ufeff# Sky\n\nblue \ufeff") == "### Sky\n\nblue \ufeff"


def test_some_of_these_would_swallow_the_rest_as_they_stand() -> None:
    assert sum(not next_heading(text) for text in _OPEN) >= 7


@given(st.text(alphabet="`~#<>!-?preP/ \n\tab=", max_size=60))
def test_no_text_swallows_the_next_message(text: str) -> None:
    assert next_heading(self_contained(text))


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# A\n\n## B\n\n# C", [3, 4, 3]),
        ("### A\n\n###### B", [3, 4]),
        ("## A\n\n# B\n\n### C", [3, 3, 4]),
        ("A\n===\n\nB\n---", [3, 4]),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", [3, 4, 5, 6, 6, 6]),
    ],
)
def test_headings_stand_below_the_pages_and_skip_no_level(text: str, levels: list[int]) -> None:
    written = [len(each) for each in re.findall(r"(?m)^(#+) ", self_contained(text))]
    drawn = [int(each) for each in re.findall(r"<h(\d)", rendered(text))]
    assert (written, drawn) == (levels, levels)


def test_what_only_looks_like_a_heading_stays() -> None:
    text = "```\n# not one\n```\n\n> # quoted\n\n    # code"
    assert self_contained(text) == text


def test_a_heading_of_several_lines_becomes_one() -> None:
    assert self_contained("Two\nlines\n---\nrest") == "### Two lines\nrest"


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("<details>\n<summary>More</summary>\n\nwords", "\n\n</details>"),
        ('<details><summary>More</summary>\n\n<div align="center">\n\nwords', "\n\n</div>\n</details>"),
        ("so <b>bold", "\n\n</b>"),
        ("<details>\n\nwords\n\n</details>", ""),
        ("`<details>`", ""),
        ("```\n<details>\n```", ""),
        ("<br> <img src=x> <div/>", ""),
        ("<p>\n\nwords", ""),
    ],
)
def test_elements_of_html_that_an_answer_leaves_open_end_with_it(text: str, ending: str) -> None:
    assert self_contained(text) == text + ending


def links(page: str) -> list[tuple[str, str]]:
    """Return the texts and targets of a page's links according to CommonMark."""
    html = MarkdownIt("commonmark").render(page)
    return [(text, address) for address, text in re.findall(r'<a href="([^"]*)">(.*?)</a>', html)]


def read(page: str) -> str:
    """Return the words of a page according to CommonMark."""
    return re.sub("<[^>]+>", "", MarkdownIt("commonmark").render(page)).strip()


def test_each_answers_links_by_number_lead_where_that_answer_says() -> None:
    one = "Blue[1] and [wet][2], `a[1]`.\n\n[1]: https://one.example/a\n[2]: https://one.example/b"
    two = "Red [1][2], [1](https://x.example), [again][].\n\n[1]: https://two.example/a\n"
    two += "[2]: https://two.example/b\n[Again]: https://a.example"
    three = "Also [1]."
    page = "\n\n## You\n\n".join(told_apart([one, two, three]))
    assert links(page) == [
        ("[1]", "https://one.example/a"),
        ("wet", "https://one.example/b"),
        ("[1]", "https://two.example/a"),
        ("[2]", "https://two.example/b"),
        ("1", "https://x.example"),
        ("again", "https://a.example"),
    ]
    assert "`a[1]`" in page
    assert told_apart([one, "No brackets."]) == [one, "No brackets."]


def test_brackets_of_indices_and_sources_stay_where_labels_are_told_apart() -> None:
    one = "So arr[1], x[0], a[i] [[1]](https://c.example) [0].\n\n"
    one += "[1]: https://a.example/1\n[0]: https://a.example/0\n[i]: https://a.example/i"
    told = told_apart([one, one])
    assert read(told[1]) == "So arr[1], x[0], a[i] [1] [0]."
    assert ("[1]", "https://c.example") in links(told[1])


def test_each_answers_footnotes_are_its_own() -> None:
    one, two = told_apart(["A[^1].\n\n[^1]: First.", "B[^1][^x].\n\n[^1]: Second.\n[^x]: Only."])
    assert one == "A[^1-1].\n\n[^1-1]: First."
    assert two == "B[^1-2][^x].\n\n[^1-2]: Second.\n[^x]: Only."


@given(st.lists(st.text(alphabet="[]1a^:(`\\ \nhttps/.", max_size=40), max_size=4))
def test_labels_of_any_text_are_told_apart_without_a_fault(texts: list[str]) -> None:
    assert len(told_apart(texts)) == len(texts)


def test_labels_of_many_messages_are_each_looked_at_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing each label with each message took half a minute for a thousand answers with sources."""
    looked: list[str] = []

    def key(label: str) -> str:
        looked.append(label)
        return label.upper()

    monkeypatch.setattr(message_labels, "_key", key)
    texts = [f"See [note{number}].\n\n[note{number}]: https://a.example/{number}\n" for number in range(100)]
    assert told_apart(texts) == texts
    assert len(looked) <= 10 * len(texts)


def test_a_label_that_another_message_only_names_is_told_apart_too() -> None:
    first, second = told_apart(["See [a].\n\n[a]: https://a.example", "Not [a link]: [a]."])
    assert "[a-1]: https://a.example" in first
    assert second == "Not [a link]: [a]."


def page(said: str, *, system: str = "") -> str:
    prompt = Message(
        id="p", parent=None, role=Role.USER, parts=(TextPart(text=said),), status=Status.COMPLETE, created_at=AT
    )
    model = ModelRef(connection="c", name="m")
    return export(
        [
            Conversation(
                id="c",
                title="T",
                model=model,
                created_at=AT,
                updated_at=AT,
                current="p",
                system=system,
                messages=(prompt,),
            )
        ]
    )


def headings(markdown: str) -> list[tuple[str, str]]:
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [(each.tag, tokens[place + 1].content) for place, each in enumerate(tokens) if each.type == "heading_open"]


def test_a_system_prompt_neither_outranks_the_page_nor_swallows_its_messages() -> None:
    system = "# Role\n\n## You\n\nBe brief.\n\n```json\n{}"
    levels = [("h1", "T"), ("h2", "System"), ("h3", "Role"), ("h4", "You"), ("h2", "You")]
    assert headings(page("Why?", system=system)) == levels


def test_what_looks_like_headings_in_a_prompt_stays_what_was_written() -> None:
    said = "# load\nimport x\n## two\n---\n===\nBest, Tom\n---\n> mail\n\n```py\n# code\n---\n```\n- a\n  # b"
    markdown = page(said)
    assert headings(markdown)[:2] == [("h1", "T"), ("h2", "You")]
    assert re.sub(r"(?m)^( {0,3})\\", r"\1", markdown).rstrip().endswith(said)
    assert "```py\n# code\n---\n```" in markdown


@given(st.text(alphabet="#=- \nab>`$", max_size=40))
def test_no_prompt_makes_a_heading(said: str) -> None:
    tokens = MarkdownIt("commonmark").parse(page(said or "a"))
    assert sum(each.type == "heading_open" and each.level == 0 for each in tokens) == 2


def test_brackets_in_formulas_are_no_labels() -> None:
    own = "[1]: https://{}.example"
    first = f"So $y[1] = x[1]$, \\(A[1][2]\\) [1].\n\n$$\nh[1] = 1\n$$\n\nHence $$\nh[1] = 2\n$$\n\n{own.format('a')}"
    one, two = told_apart([first, f"It is `a[1]`, $5[1] and $6[1].\n\n{own.format('b')}"])
    assert one == first.replace(") [1]", r") [\[1\]][1-1]").replace("[1]:", "[1-1]:")
    assert two == f"It is `a[1]`, $5[\\[1\\]][1-2] and $6[\\[1\\]][1-2].\n\n{own.format('b').replace('[1]', '[1-2]')}"


def test_elements_that_are_left_open_are_counted_in_linear_time() -> None:
    [token] = MarkdownIt().parse("<div>\n<select></b>")
    for attempt in within(3):
        with attempt:
            token.content = "<select></div></b>" * 40_000
            assert open_elements([token]) == ["select"] * 40_000
            token.content = "<div><b></div></b>" * 40_000
            assert open_elements([token]) == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a <img src=http://x.example/?q=secret> b",
            '<div onclick="x">\nhi\n</div>',
            "<!-- a\nb -->",
            "<br onload=x>",
        ),
        *(
            "![a](http://x.example/y.png)",
            "![a][r]\n\n[r]: http://x.example",
            "| a |\n| - |\n| <i>b</i> |",
            "- x\n  <p>",
        ),
        *(
            "```\n<b>\n```\n<b>",
            "`` a ` <b> `` <b>",
            "<svg\n",
            "<?php x ?>",
            "- x\n  <p>",
            "# <b>x</b>",
            "> <iframe src=x>",
        ),
    ],
)
def test_html_and_images_of_an_answer_are_words_in_an_export(text: str) -> None:
    tokens = page_parser().parse(inert(text))
    kinds = {each.type for token in tokens for each in (token, *(token.children or ()))}
    assert not kinds & {"html_block", "html_inline", "image"}
    assert inert(text).replace("\\", "") == text.replace("\\", "")


@pytest.mark.parametrize(
    "text",
    [
        *("a<br>b x<sub>2</sub>", "<details>\n<summary>x</summary>\n\ny\n\n</details>", "`<b>` ``<i>``", "    <code>"),
        *(
            "```html\n<div>\n```",
            "<https://a.example> <me@a.example>",
            "$a<b$ and 3 < 4",
            r"\<b> \![a](b)",
            "~~~\n![a](b)",
        ),
    ],
)
def test_harmless_elements_code_and_formulas_stay_as_they_are(text: str) -> None:
    assert inert(text) == text


def test_a_setting_keeps_html_of_answers() -> None:
    answer = Message(
        id="a",
        parent=None,
        role=Role.ASSISTANT,
        parts=(TextPart(text="See <img src=http://x.example>"),),
        status=Status.COMPLETE,
        created_at=AT,
    )
    ref = ModelRef(connection="c", name="m")
    talk = Conversation(id="c", title="T", model=ref, created_at=AT, updated_at=AT, current="a", messages=(answer,))
    assert r"\<img src" in piece(talk, first=True)
    assert "See <img src" in piece(talk, first=True, keep_html=True)
