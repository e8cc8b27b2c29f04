"""Nothing is found otherwise where the parser stops at fewer signs."""

from __future__ import annotations

import random
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from markdown_it.parser_inline import ParserInline

from desktop.markdown.parser import _stops, parser  # pyright: ignore[reportPrivateUsage]

_SIGNS = re.split(
    " ",
    "www. w ww www.a.de WWW.b.de http:// https://a.b/c HTTP://x.y mailto:a@b.cd http https mailto : a@b.cd @ [ ]( ] "
    "[^1] ! ![ ![a](http://b.c/d) ( ) * ** _ __ ` `` ~ ~~ $ $$ \\ \\( \\) \\[ < <br> <b> > &amp; & # % + - = { } ^ "
    "| / . word Über 漢字 x^2 1 ftp://a.b \\begin{align}",
)
_PARAGRAPHS = 4_000


def tokens(text: str) -> list[Any]:
    return [each.as_dict() for each in parser().parseInline(text)]


def test_marks_of_all_kinds_are_found_as_where_each_sign_is_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(20)
    texts = [
        "".join(chance.choice((*_SIGNS, " ", " ", "\n", "  \n")) for _ in range(chance.randint(1, 25)))
        for _ in range(_PARAGRAPHS)
    ]
    found = [tokens(text) for text in texts]
    every = ParserInline()
    every.add_terminator_char("w")

    def all_of_them(*_facts: bool) -> re.Pattern[str]:
        return every.terminator_re

    monkeypatch.setattr("desktop.markdown.parser._stops", all_of_them)
    assert found == [tokens(text) for text in texts]


def test_in_plain_prose_the_parser_stops_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    stops: list[re.Pattern[str]] = []
    usual = _stops

    def noted(www: bool, scheme: bool, picture: bool) -> re.Pattern[str]:
        stops.append(usual(www, scheme, picture))
        return stops[-1]

    monkeypatch.setattr("desktop.markdown.parser._stops", noted)
    said = "We will know: what was 50 % - or 3 + 4 = 7 - is now {new}! word by word"
    assert [each["content"] for each in tokens(said)[0]["children"]] == [said]
    assert [each.search(said) for each in stops] == [None]


def test_each_thread_has_a_parser_of_its_own_because_one_cannot_parse_two_texts_at_once() -> None:
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(parser).result() is not parser()
    assert parser() is parser()
