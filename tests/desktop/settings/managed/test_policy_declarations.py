"""What administrators may write: whatever stands there, a policy takes a value of its own kind or none at all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Connection
from desktop.settings.managed.policy_declarations import DeclaredPolicy, check, expected
from tests.desktop.settings.managed.made import declarations

ALL = [*declarations().policy]
_TYPES = {
    "bool": bool,
    "int": int,
    "decimal": float,
    "text": str,
    "choice": str,
    "list": tuple,
    "lines": str,
    "connections": tuple,
}
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from(["dark", "key"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "url", "kind", "x"]), inner),
    max_leaves=5,
)


@pytest.mark.parametrize("declared", ALL, ids=lambda each: each.name)
@given(found=_ANYTHING)
def test_a_value_that_counts_is_of_the_policys_kind_and_within_its_bounds(
    declared: DeclaredPolicy, found: object
) -> None:
    value = check(declared, found).value
    if value is None:
        return
    assert type(value) is _TYPES[declared.type]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        assert math.isfinite(value)
        assert (declared.minimum if declared.minimum is not None else value) <= value
        assert value <= (declared.maximum if declared.maximum is not None else value)
    if declared.type == "choice":
        assert value in declared.choices
    if declared.type == "connections":
        assert isinstance(value, tuple)
        assert all(isinstance(each, Connection) and each.url for each in value)


@pytest.mark.parametrize("declared", [each for each in ALL if each.type == "list"], ids=lambda each: each.name)
def test_of_a_list_only_the_first_thousand_or_so_count_and_that_is_said(declared: DeclaredPolicy) -> None:
    item = declared.choices[0] if declared.choices else "a.example"
    checked = check(declared, [item] * 100_000)
    assert isinstance(checked.value, tuple)
    assert 0 < len(checked.value) < 100_000
    assert any("only the first" in problem for problem in checked.problems)


@pytest.mark.parametrize("declared", ALL, ids=lambda each: each.name)
def test_each_policy_says_in_words_what_it_takes(declared: DeclaredPolicy) -> None:
    assert expected(declared).strip()
    assert all(choice in expected(declared) for choice in declared.choices if declared.type == "choice")
