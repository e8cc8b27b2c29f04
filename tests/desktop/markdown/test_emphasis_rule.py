"""Emphasis in scripts without blanks."""

from __future__ import annotations

import pytest

from desktop.transfer.html_text import rendered


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**价格：**100元", "<strong>价格：</strong>100元"),
        (
            "注意：**这是“重点”**内容。**「引用」**的",
            "注意：<strong>这是“重点”</strong>内容。<strong>「引用」</strong>的",
        ),
        ("これは*「強調」*と", "これは<em>「強調」</em>と"),
        ("**한국어(Korean)**는", "<strong>한국어(Korean)</strong>는"),
        ("**Note:**this", "**Note:**this"),
    ],
)
def test_asterisks_open_and_close_between_letters_and_marks(text: str, html: str) -> None:
    assert rendered(text).strip() == f'<p dir="auto">{html}</p>'
