"""Paths of Windows keep their backslashes, and tildes within words strike nothing."""

from __future__ import annotations

import pytest

from desktop.transfer.html_text import rendered


def shown(text: str) -> str:
    return rendered(text).strip().removeprefix('<p dir="auto">').removesuffix("</p>")


@pytest.mark.parametrize(
    "text",
    [
        r"See C:\Users\me\.ssh and D:\new\*.txt or C:\a\*.txt.",
        r"%APPDATA%\.minecraft and (%USERPROFILE%\.config\-x)",
        r"on \\server\share and \\fileserver\docs\.git",
        "5~~6 and a~~b",
    ],
)
def test_it_stays_as_it_was_written(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"1\. a\*b\* \[x\] C: \# \\ and \\# a\.b", r"1. a*b* [x] C: # \ and \# a.b"),
        (r"C:\my\_file", r"C:\my_file"),
        ("~~old~~new, 这是~~删除~~的", "<s>old</s>new, 这是<s>删除</s>的"),
    ],
)
def test_other_signs_are_escaped_and_words_struck_through(text: str, html: str) -> None:
    assert shown(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"A:\$5 B:\$10 C:\$15", "A:$5 B:$10 C:$15"),
        (r"a:\*b and Q:\*star\*", "a:*b and Q:*star*"),
        (
            r"C:\$Recycle.Bin and C:\Users\.ssh and C:\.config and D:\*",
            r"C:\$Recycle.Bin and C:\Users\.ssh and C:\.config and D:\*",
        ),
    ],
)
def test_choices_with_a_letter_and_a_colon_are_no_drives(text: str, html: str) -> None:
    assert shown(text) == html
