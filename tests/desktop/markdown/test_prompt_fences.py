"""Fenced code in prompts: found where it is closed, cut as code of answers is, and nothing that was typed is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.markdown.prompt_fences import prompt_parts
from tests.cpu_time import assert_growth

_LINES = st.lists(
    st.sampled_from(("```", "```py", "~~~", "  ```sh x", "", "a *b*", "x = 1", "    ```", "````")), max_size=12
)


def shown(text: str) -> list[str]:
    return [
        f"{part.code[0].language}:{''.join(each.content for each in part.code)}" if part.code else part.text
        for part in prompt_parts(text)
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("*no* code", ["*no* code"]),
        ("Mend:\n\n```py\na\n\n  b\n```\nthen *run*", ["Mend:\n", "py:a\n\n  b\n", "then *run*"]),
        ("~~~\nx\n~~~", [":x\n"]),
        ("```\nx\n```\n\n```js\ny\n```\n", [":x\n", "", "js:y\n"]),
        ("  ```py\n  x\n   y\n  ```", ["py:x\n y\n"]),
        ("````md\n```\nx\n```\n````", ["md:```\nx\n```\n"]),
        ("```\nnothing closes it", ["```\nnothing closes it"]),
        ("```\n```", ["```\n```"]),
        ("`code` and ```more```\nx", ["`code` and ```more```\nx"]),
        ("a\r\n```py\r\nb\r\n```\r\nc", ["a", "py:b\n", "c"]),
    ],
)
def test_fences_that_are_closed_are_code_and_the_rest_is_text(text: str, parts: list[str]) -> None:
    assert shown(text) == parts


@given(_LINES, st.sampled_from(("\n", "\r\n")))
def test_parts_with_line_ends_between_them_are_the_prompt(lines: list[str], end: str) -> None:
    text = end.join(lines)
    parts = prompt_parts(text)
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        behind = text[part.start + len(part.text) : following.start if following else len(text)]
        assert text.startswith(part.text, part.start)
        assert behind in (("", end) if following is None else (end,))
        assert not part.code or "".join(each.source for each in part.code) == part.text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_long_code_comes_in_parts(end: str) -> None:
    lines = [f"line {number}" for number in range(450)]
    text = end.join(["```", *lines, "```", "then"])
    code, then = prompt_parts(text)
    assert (len(code.code), then.text) == (5, "then")
    assert [each.continued for each in code.code] == [False, True, True, True, True]
    assert "".join(each.content for each in code.code) == "".join(f"{line}\n" for line in lines)
    assert "".join(each.source for each in code.code) == code.text


def test_a_line_that_is_too_long_is_torn() -> None:
    [part] = prompt_parts(f"```json\n{'[1, ' * 20_000}\n```")
    assert max(len(each.content) for each in part.code) <= 4_000
    assert "".join(each.source for each in part.code) == part.text


def test_fences_that_nothing_closes_take_time_in_proportion() -> None:
    """It grew with the number of them times the rest of the text: 20 s for 2 MB, at every start."""

    def read(size: int) -> None:
        text = "".join("~" * marks + "\n" for marks in range(700, 2, -1)) + "a line of text\n" * (size // 15)
        assert len(prompt_parts(text)) == 1

    assert_growth(read, 200_000, 1_600_000, at_most=16)


def test_empty_fences_take_time_in_proportion() -> None:
    def read(number: int) -> None:
        assert len(prompt_parts("```\n```\n" * number)) == 1

    assert_growth(read, 10_000, 80_000, at_most=16)


def test_of_very_many_fences_the_first_are_code_and_the_rest_is_as_typed() -> None:
    text = "say\n```py\nx = 1\n```\n" * 20_000
    parts = prompt_parts(text)
    assert sum(bool(part.code) for part in parts) == 300
    assert parts[-1].text.count("```py") == 20_000 - 300
    assert len(prompt_parts("```\n" + "x = 1\n" * 100_000 + "```\n")) == 1
