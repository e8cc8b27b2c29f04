"""Links as answers with sources write them."""

from __future__ import annotations

from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.transfer.html_text import rendered

SOURCES = "\n\n[1]: https://a.example\n[2]: https://b.example\n"


def links(text: str) -> list[tuple[str, str]]:
    """Address and words of the links of the first block."""
    children = [each for token in blocks(text)[0].tokens for each in token.children or ()]
    opened = [place for place, each in enumerate(children) if each.type == "link_open"]
    return [(str(children[place].attrs["href"]), children[place + 1].content) for place in opened]


def test_numbers_of_sources_are_links_of_their_own_and_keep_their_brackets() -> None:
    text = "It is blue[1][2]. It costs $5[1]." + SOURCES
    assert links(text) == [
        ("https://a.example", "[1]"),
        ("https://b.example", "[2]"),
        ("https://a.example", "[1]"),
    ]
    assert plain_text(blocks(text)[0]) == "It is blue[1][2]. It costs $5[1]."


def test_other_links_stay_what_they_were() -> None:
    text = "[words][2], [1](https://c.example), [3]" + SOURCES
    assert links(text) == [("https://b.example", "words"), ("https://c.example", "1")]
    assert plain_text(blocks(text)[0]) == "words, 1, [3]"


def test_a_link_without_words_shows_its_address() -> None:
    assert links("[](https://a.example)") == [("https://a.example", "https://a.example")]
    assert ">https://a.example</a>" in rendered("[](https://a.example)")
