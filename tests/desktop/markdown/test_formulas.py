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
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_between_dollars_loses_nothing(text: str) -> None:
    said = "\n".join(map(plain_text, blocks(text)))
    assert said == text
    page = re.sub("<[^>]+>", "", rendered(text)).strip()
    assert page.replace("&#x27;", "'").replace("&quot;", '"').replace("&amp;", "&") == text


def test_escaped_brackets_around_a_number_stay() -> None:
    assert plain_text(blocks(r"as shown \[1\] and \[2, 3\]")[0]) == "as shown [1] and [2, 3]"
    assert "[1]" in rendered(r"as shown \[1\]")
