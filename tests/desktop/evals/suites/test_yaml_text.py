"""YAML is read by the core schema of 1.2, with places, and nothing in it makes it run away."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.evals.suites.suite_node import SuiteNode, plain
from desktop.evals.suites.suite_problems import SuiteProblems
from desktop.evals.suites.yaml_text import read_yaml, scalar_of


def read(text: str) -> tuple[object, tuple[str, ...]]:
    problems = SuiteProblems()
    node = read_yaml(text, "s.yaml", problems)
    return None if node is None else plain(node), problems.sentences


@pytest.mark.parametrize(
    "text", ["no", "on", "yes", "Off", "y", "2026-01-31", "1:30", "1_000", "0b1", "=", "1.2.3", "+"]
)
def test_what_older_yaml_takes_for_something_else_is_text(text: str) -> None:
    assert scalar_of(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("012", 12),
        ("-7", -7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.50", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("-.inf", -math.inf),
        ("9" * 30, float("9" * 30)),
        ("-" + "9" * 399, -math.inf),
    ],
)
def test_scalars_stand_for_what_the_core_schema_says(text: str, value: object) -> None:
    found = scalar_of(text)
    assert (found, type(found)) == (value, type(value))


def test_quotes_and_blocks_are_text_and_keys_are_as_they_are_written() -> None:
    assert read("a: '1'\nb: |\n  x\n   y\n1: \"no\"\nno: ~\n") == (
        {"a": "1", "b": "x\n y\n", "1": "no", "no": None},
        (),
    )


def test_a_number_remembers_how_it_is_written() -> None:
    node = read_yaml("a: 1.30", "s.yaml", SuiteProblems())
    assert node is not None
    assert isinstance(node.value, dict)
    assert (node.value["a"].value, node.value["a"].text) == (1.3, "1.30")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\na: 3\n", "s.yaml, line 3, column 1: “a” was already defined on line 1."),
        (
            "a: !!python/object:os.system x",
            "s.yaml, line 1, column 4: Tags such as “tag:yaml.org,2002:python/object:os",
        ),
        ("a: !x [1]", "s.yaml, line 1, column 4: Tags such as “!x” are not supported."),
        ("a: &x [*x]", "s.yaml, line 1, column 8: “*x” refers to itself."),
        ("a: *x", "s.yaml, line 1, column 4: “*x” is undefined"),
        ("a:\n  <<: 1", "s.yaml, line 2, column 3: “<<” is not supported"),
        ("? [1]\n: 2", "s.yaml, line 1, column 3: A name must be text, not a list."),
        ("--- 1\n--- 2", "s.yaml, line 2, column 1: The file contains a second document"),
        ("a: [1\nb: 2", "s.yaml, line 2, column 2: Invalid YAML: "),
        ("a: {b: 1", "s.yaml, line 2, column 1: Invalid YAML: "),
        ("a: b\n\0", "s.yaml, line 2, column 1: The file contains a character that YAML does not allow."),
        ('a: "\\ud800"', "s.yaml, line 1, column 7: Invalid YAML: "),
        ("# nothing", "s.yaml: The file is empty."),
        ("[" * 100, "s.yaml, line 1, column 65: Lists and tables are nested more than 64 levels deep."),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, told: str) -> None:
    assert [each[: len(told)] for each in read(text)[1]] == [told]


def test_aliases_stand_for_what_they_name_once() -> None:
    assert read("a: &x [1, 2]\nb: *x\nc: [*x, *x]") == ({"a": [1, 2], "b": [1, 2], "c": [[1, 2], [1, 2]]}, ())


def test_aliases_neither_multiply_nor_deepen_beyond_bounds() -> None:
    names = "abcdefgh"
    lines = [f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in pairwise(names)]
    assert "2,000,000 values" in read("a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "\n".join(lines))[1][0]
    deep = f"a: &a {'[' * 50}{']' * 50}\nb: {'[' * 20}*a{']' * 20}"
    assert "nested more than 64" in read(deep)[1][0]


@settings(max_examples=50)
@given(st.text(st.sampled_from("ab:-?[]{}&*!|>'\"%#@`, \n\t0~<\\\ufeff\x85\0"), max_size=40))
def test_no_text_is_more_than_read_or_told(text: str) -> None:
    problems = SuiteProblems()
    node = read_yaml(text, "s.yaml", problems)
    assert isinstance(node, SuiteNode) or problems.sentences
