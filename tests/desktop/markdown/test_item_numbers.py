"""Items of lists have the numbers that were written."""

from __future__ import annotations

import pytest

from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.pages.html_text import rendered
from tests.desktop.markdown.splitting import cut, split


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1. a\n5. b\n6. c\n9. d", "1. a\n5. b\n6. c\n9. d"),
        ("3. a\n7. b", "3. a\n7. b"),
        ("1. a\n1. b\n1. c", "1. a\n2. b\n3. c"),
        ("2. a\n1. b\n7. c", "2. a\n3. b\n4. c"),
        ("- x\n\n  3. y\n  8. z\n- w", "• x\n    3. y\n    8. z\n• w"),
    ],
)
def test_items_keep_numbers_that_rise_and_others_are_counted(text: str, shown: str) -> None:
    assert "\n".join(map(plain_text, blocks(text))) == shown


def test_a_list_in_parts_keeps_its_numbers() -> None:
    lines = [f"{2 * number + 1}. {'word ' * 30}".rstrip() for number in range(40)]
    text = "\n".join(lines)
    found = blocks(text)
    assert len(found) > 3
    assert "\n".join(map(plain_text, found)) == text
    assert split(cut(text, 7)) == found
    lazy = "\n".join(line.replace(line.split(" ")[0], "1.", 1) for line in lines)
    assert [block.number for block in blocks(lazy)][-1] == 40 - plain_text(blocks(lazy)[-1]).count("\n")


def test_a_page_says_which_item_is_not_the_next() -> None:
    assert rendered("1. a\n5. b\n6. c").count("value=") == 1
    assert 'value="5"' in rendered("1. a\n5. b\n6. c")
