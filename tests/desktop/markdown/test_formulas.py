"""No prose and no code between dollars or brackets is lost, in the window's blocks as in pages of HTML."""

from __future__ import annotations

import re

import pytest

from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.transfer.html_text import rendered

PROSE = [
    "Joe's Pizza ($$) – great. Anna's ($$)",
    "AS $$ BEGIN RETURN 1; END; $$",
    "$$VAR and $$(shell)",
    "$(date)$(pwd)",
    "$('#a').val()+$('#b')",
    "'$$$'",
    "costs $5 and $10",
    "$HOME/$USER",
    "Cafe A ($$), B ($$)",
    "($$) – ok ($$)",
    "($) A ($) B",
    "$$ or $$",
    "'$'+x+'$'",
    "trap 'rm /tmp/x.$$' 0; y=$$",
    "rm /tmp/x.$$;rm /tmp/y.$$ /tmp/$$/a/$$",
    "^a$|^b$",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_between_dollars_loses_nothing(text: str) -> None:
    said = "\n".join(map(plain_text, blocks(text)))
    assert said == text
    page = re.sub("<[^>]+>", "", rendered(text)).strip()
    assert page.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&") == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"IFS=$'\n'; x=$'\t'", r"IFS=$'\n'; x=$'\t'"),
        (r"\d+$, \w+$", r"\d+$, \w+$"),
        ("**A** ($$) **B** ($$)", "A ($$) B ($$)"),
        (r"\[A-Z\]+ or \[^a-z_\]", "[A-Z]+ or [^a-z_]"),
        (r"Name\(TM\), name\(R\), so \(TM\)", "Name(TM), name(R), so (TM)"),
        (r"one \(e.g.\) and f\(x\), a\[i+1\]", "one (e.g.) and f(x), a[i+1]"),
        (r"\[link\]\(url\) and \[link\]\(a_b\)", "[link](url) and [link](a_b)"),
    ],
)
def test_marks_of_programs_and_escaped_brackets_stay(text: str, shown: str) -> None:
    assert plain_text(blocks(text)[0]) == shown
    assert not [each for token in blocks(text)[0].tokens for each in token.children or () if "math" in each.type]


def test_escaped_brackets_around_a_number_stay() -> None:
    assert plain_text(blocks(r"as shown \[1\] and \[2, 3\]")[0]) == "as shown [1] and [2, 3]"
    assert "[1]" in rendered(r"as shown \[1\]")
