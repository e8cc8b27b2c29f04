"""Titles of web pages are found in time, whatever a server makes of them."""

from __future__ import annotations

import pytest

from desktop.providers.wire.error_bodies import page_title, read_complaint
from tests.cpu_time import within


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<html><TITLE class=a>Not <b>here</b></TITLE>", "Not here"),
        ("<h1>Gone &amp; lost</h1>", "Gone & lost"),
        ("<title>open", ""),
        ("<title", ""),
        ("<title></title><h1>x</h1>", "x"),
        (" " * 20_000 + "<title>far</title>", ""),
        ("<title>İ</title>", "İ"),
    ],
)
def test_a_title_is_found_at_a_pages_beginning(page: str, title: str) -> None:
    assert page_title(page) == title


@pytest.mark.parametrize("piece", ["<title>", "<title", "<h1>a", "<title>a</titl", "<title><a ", "<", "<title>&#"])
def test_a_quarter_of_a_megabyte_of_beginnings_takes_no_time(piece: str) -> None:
    page = ("<" + piece * (256 * 1024 // len(piece))).encode()
    for attempt in within(0.2):
        with attempt:
            read_complaint(page)
