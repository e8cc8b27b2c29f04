"""Paths of Windows keep their backslashes, and tildes within words strike nothing."""

from __future__ import annotations

import pytest

from desktop.pages.html_text import rendered


def shown(text: str) -> str:
    return rendered(text).strip().removeprefix('<p dir="auto">').removesuffix("</p>")


@pytest.mark.parametrize(
    "text",
    [
        r"See C:\Users\me\.ssh and D:\new\*.txt or C:\a\*.txt.",
        r"%APPDATA%\.minecraft and (%USERPROFILE%\.config\-x)",
        r"on \\server\share and \\fileserver\docs\.git",
        "5~~6 and a~~b",
        "./a/b_c_d/*.py and **/*.ts.",
        "src/**/*.ts, lib/**/*.{js,ts} and test/*/x",
        "*.py, src/* and *.ts (*.js|*.tsx)",
        "*.*, *.test.* and *.py, foo*.py",
        "test_*.py and foo-*.ts",
        "/* a */ and /* b */",
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
        ("*a*/*b*, **a**/**b**", "<em>a</em>/<em>b</em>, <strong>a</strong>/<strong>b</strong>"),
        (
            "**src/** and **/etc/hosts** in **src/**.",
            "<strong>src/</strong> and <strong>/etc/hosts</strong> in <strong>src/</strong>.",
        ),
        ("*.NET is great.* *foo*/bar", "<em>.NET is great.</em> <em>foo</em>/bar"),
        ("a/*b* and *.py files*", "a/<em>b</em> and <em>.py files</em>"),
    ],
)
def test_emphasis_beside_slashes_and_dots_is_emphasis(text: str, html: str) -> None:
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
