"""Which words of a prompt are checked."""

from __future__ import annotations

import pytest

from desktop.spelling.prompt_words import words_in
from tests.cpu_time import assert_growth


def found(text: str) -> list[str]:
    """The words to check, each of which stands where it says."""
    words = words_in(text)
    assert [text[word.start : word.end] for word in words] == [word.text for word in words]
    return [word.text for word in words]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, wrld!", ["Hello", "wrld"]),
        ("well-knwon and/or it’s don't", ["well", "knwon", "and", "or", "it’s", "don't"]),
        ("**bld** _emph_ (aside) “quoted” 'so'", ["bld", "emph", "aside", "quoted", "so"]),
        ("Straße naïve cafe\u0301", ["Straße", "naïve", "cafe\u0301"]),
        ("كَتَبَ привет שָׁלוֹם", ["كَتَبَ", "привет", "שָׁלוֹם"]),
        ("🎉 teh 👩‍💻 paty", ["teh", "paty"]),
        ("a I x", []),
    ],
)
def test_words_are_found_in_prose(text: str, words: list[str]) -> None:
    assert found(text) == words


@pytest.mark.parametrize(
    "text",
    [
        *("https://exmple.com/pth", "www.exmple.com", "exmple.com", "(see:http://x.y/z)", "[txt](http://x.y)"),
        *("me@exmple.com", "@naame", "~/foldr/fle", "/usr/shre/fle", "foldr/fle/othr", r"C:\foldr\fle", "fle.txt"),
        *("x1", "utf8", "foo_bar", "1st", "camelCse", "JavaScrpt", "iPhne", "LLMs", "NASA", "HTTPS"),
        *("/slsh", "{{varx}}", "{{ var nme }}", "--optn", "-optn", "$VARX", "<tagx>", "foo()", "std::vectr", "a=bcd"),
        *("`cdoe here`", "``a ` bcd``", "漢字仮名", "日本語の文"),
    ],
)
def test_what_is_no_prose_is_not_checked(text: str) -> None:
    assert found(f"before {text} after") == ["before", "after"]


def test_long_words_in_capitals_are_checked() -> None:
    assert found("ATTENTON") == ["ATTENTON"]


def test_code_blocks_are_skipped_and_the_text_after_them_is_not() -> None:
    assert found("one\n```py\nimprot x\n~~~\n```\ntwo\n> ~~~~\n> cdoe\n> ~~~\n> ~~~~\nthre") == ["one", "two", "thre"]
    assert found("one\n```\nit is not closed, so that all of it is code") == ["one"]
    assert found("one ```notafence``` two `open three") == ["one", "two", "open", "three"]


def test_only_the_part_that_is_asked_for_is_read_with_the_blocks_before_it_known() -> None:
    text = "alpha\n```\ncode\nmore\n```\nbeta gamma\ndelta"
    assert [word.text for word in words_in(text, text.index("more"), text.index("gamma") - 2)] == ["beta"]
    assert [word.text for word in words_in(text, text.index("gamma") + 2, text.index("gamma") + 2)] == ["gamma"]


@pytest.mark.parametrize("unit", ["`", "` ", "``` ", "/", "{{", "a'", "> ", "[_*(", "\u0301", "~\n"])
def test_time_grows_with_the_length_alone(unit: str) -> None:
    assert_growth(lambda count: words_in(unit * count), 5_000, 20_000, at_most=10)
