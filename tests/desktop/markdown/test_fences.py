from __future__ import annotations

import pytest

from desktop.markdown.blocks import BlockKind
from desktop.markdown.fences import left_open
from desktop.markdown.parser import groups, language_of
from desktop.markdown.splitter import Splitter
from tests.desktop.markdown.splitting import cut, kinds, split

FENCES = [
    "```\na\n```\n",
    "~~~~ py\na\n~~~\n~~~~\n",
    "   ```\n  a\n     b\n\tc\n   ```\n",
    " ```\n\ta\n ```\n",
    "```\na\n    ```\n```\n",
    "```\na\n```  \t\n",
    "```\na\n``` x\n```\n",
    "```\n\n\n```\n",
    "```\n```\n",
    "```py title=x\na\n`````\n",
    "```\nnever closed\n",
    "```\nnever closed",
    "```\na\n  ",
    "```\na\n```",
    "```",
    "```py",
    "\n\n```\na\n```\n",
]


@pytest.mark.parametrize("text", FENCES)
def test_a_fence_searched_line_by_line_holds_what_the_parser_finds(text: str) -> None:
    (block,) = split(cut(text, 1))
    (group,) = groups(text)
    assert block.kind is BlockKind.CODE
    assert block.content == group.tokens[0].content
    assert block.tokens[0].info == group.tokens[0].info
    assert block.source.rstrip() == text.rstrip()


def test_a_fence_closes_with_its_last_line_and_what_follows_goes_on() -> None:
    splitter = Splitter()
    assert splitter.feed("```\na\n").closed == ()
    update = splitter.feed("```\nAfter")
    assert kinds(update.closed) == [BlockKind.CODE]
    assert kinds(update.open) == [BlockKind.PARAGRAPH]


def test_a_line_that_may_close_the_fence_is_code_until_it_is_whole() -> None:
    splitter = Splitter()
    splitter.feed("```\na\n")
    assert splitter.feed("``").open[0].content == "a\n``"
    assert splitter.feed("`x\n").open[0].content == "a\n```x\n"


@pytest.mark.parametrize(
    ("info", "language"),
    [("python", "python"), (" Py3 title=x", "py3"), ("", ""), ("c&#43;+", "c++"), ("js\\*", "js*")],
)
def test_the_language_is_the_first_word(info: str, language: str) -> None:
    assert language_of(info) == language


LONG = [
    "```\n" + "x = 1\n" * 250 + "```\nafter",
    "```py\n" + "x\n" * 100 + "```\n",
    "```\n" + "x\n" * 100 + "y",
    "```\n" + "long line " * 1_000 + "\ny\n```\n",
    "```\n" + "`" * 9_000 + "\n",
    "```\n" + "a" * 50 + "\n" + "b" * 9_000,
]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_long_code_comes_in_parts_that_lose_nothing_whatever_the_pieces(text: str) -> None:
    whole = split([text])
    for size in (7, 101, 3_999):
        assert split(cut(text, size)) == whole
    code = [block for block in whole if block.kind is BlockKind.CODE]
    assert "".join(block.content for block in code) == groups(text)[0].tokens[0].content
    assert "".join(block.source for block in whole) == text
    assert [block.continued for block in code] == [False] + [True] * (len(code) - 1)


@pytest.mark.parametrize(
    ("text", "fence"),
    [
        ("```py\nx\n```\ny", ""),
        ("```py\nx\n", "```"),
        ("~~~\n```\n", "~~~"),
        ("````\n```\n", "````"),
        ("a ``` b\n    ```\n", ""),
        ("```a`b\n", ""),
        ("- ```\n  x\n", ""),
        ("```\n``` x\n", "```"),
    ],
)
def test_what_closes_a_fence_that_is_left_open(text: str, fence: str) -> None:
    assert left_open(text) == fence
