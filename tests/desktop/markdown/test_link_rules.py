"""Links as answers with sources write them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from markdown_it.token import Token

from desktop.markdown import link_rules
from desktop.markdown.link_rules import name_empty
from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.pages.html_text import rendered

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


def test_a_host_without_a_scheme_is_one_on_the_web() -> None:
    text = "[site](www.example.com/a), [other](www.md), [1]\n\n[1]: www.example.org"
    assert links(text) == [
        ("http://www.example.com/a", "site"),
        ("www.md", "other"),
        ("http://www.example.org", "[1]"),
    ]
    assert blocks(text)[1].is_hidden


@pytest.mark.parametrize("label", ["0-9", "a-zA-Z0-9_", "\\s", ",", "<>", "a-z.-"])
def test_sets_of_letters_in_an_expression_are_no_footnotes(label: str) -> None:
    text = f"[^{label}]: whatever it is not; use [^{label}]+ here."
    assert plain_text(blocks(text)[0]).replace("\\", "") == text.replace("\\", "")


@pytest.mark.parametrize("label", ["1", "note", "my-note", "1-2", "*", "†", "see-0-9x"])
def test_notes_have_numbers_names_and_signs(label: str) -> None:
    assert plain_text(blocks(f"It is so[^{label}].\n\n[^{label}]: Or not.")[1]) == "[1] Or not."


def test_a_definition_that_leads_nowhere_leaves_its_label_as_written() -> None:
    text = "See [a], [text][a] and ![x][a].\n\n[a]: ./file.md"
    assert [plain_text(block) for block in blocks(text)] == ["See [a], [text][a] and ![x][a].", "[a]: ./file.md"]
    assert "See [a], [text][a] and ![x][a]." in rendered(text)


def test_an_index_that_is_a_label_keeps_its_brackets() -> None:
    text = "So a[i] and [i]." + "\n\n[i]: https://a.example"
    assert plain_text(blocks(text)[0]) == "So a[i] and i."
    assert blocks(text)[1].is_hidden


def test_sources_that_are_shown_are_each_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message of 500 was parsed three times: when it came, when it was known whole, and when it was settled."""
    parsed: list[str] = []

    def noted(tokens: Sequence[Token]) -> None:
        parsed.extend(token.content for token in tokens)
        name_empty(tokens)

    monkeypatch.setattr(link_rules, "name_empty", noted)
    sources = [f"[{number}]: https://once.example/{number}" for number in range(200)]
    blocks("Words.\n\n" + "\n".join(sources))
    assert sorted(each for each in parsed if each.startswith("[")) == sorted(sources)


@pytest.mark.parametrize(
    "said",
    [
        "[Co(NH3)6](NO3)3 and [Cu(NH3)4](OH)2",
        "handlers[event](data), arr[0](x), ops['+'](a)",
        "E[X](t), f[a,b](x), 5![n](k)",
        "[Smith](2019) and [10:00](approx.)",
        "[LICENSE](LICENSE), [i]()",
    ],
)
def test_words_in_brackets_behind_brackets_stay(said: str) -> None:
    assert plain_text(blocks(said)[0]) == said
    assert links(said) == []


@pytest.mark.parametrize("target", ["https://a.example/b", "www.a.example", "a.example/b", "mailto:a@b.example"])
def test_words_whose_target_is_an_address_are_a_link(target: str) -> None:
    assert plain_text(blocks(f"[words]({target})")[0]) == "words"


@pytest.mark.parametrize("address", ["https://a@evil.example/x", "data:image/png;base64,AA", "javascript:x", "//h/s"])
def test_a_page_s_image_that_leads_nowhere_sensible_is_no_link(address: str) -> None:
    """Nor are links: a name before the host looks like one, and data may hold a page."""
    assert "<a " not in rendered(f"![words]({address}) [words]({address})")
    assert rendered("![words](https://a.example/x.png)").count("<a href") == 1
