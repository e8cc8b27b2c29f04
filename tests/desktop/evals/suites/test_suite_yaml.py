"""Any text that a suite holds survives being written and read."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desktop.evals.suites.suite_node import plain
from desktop.evals.suites.suite_problems import SuiteProblems
from desktop.evals.suites.suite_yaml import yaml_of
from desktop.evals.suites.yaml_text import read_yaml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(lambda key: key != "<<"), inner, max_size=3)
    ),
    max_leaves=8,
)


def back(value: object) -> object:
    problems = SuiteProblems()
    node = read_yaml(yaml_of(value), "s.yaml", problems)
    assert node is not None, problems.sentences
    return plain(node)


@settings(max_examples=50)
@given(VALUES)
@example({"a": " b\n c ", "0o17": ["012", "1e5", "no", "~", ""], "\0\x85\u2028\ufeff\x7f": "\ta\r\nb\n\n"})
def test_values_read_back_equal(value: object) -> None:
    assert back({"value": value}) == {"value": value}


@pytest.mark.parametrize(
    "text", ["a\nb", "a\nb\n", "\na", "a\n\n\n", " a\nb", "a \nb", "# a\n- b: c", "a: b", "---", "...\n"]
)
def test_texts_of_several_lines_read_back_equal(text: str) -> None:
    assert back({"value": text}) == {"value": text}


def test_lines_stand_as_they_are() -> None:
    assert yaml_of({"text": "first\nsecond"}) == "text: |-\n  first\n  second\n"
