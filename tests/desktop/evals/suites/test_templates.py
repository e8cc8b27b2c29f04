"""Templates name variables and do nothing else."""

from __future__ import annotations

import pytest

from desktop.evals.suites.templates import filled, names_in, slip_in


def test_variables_are_put_in_and_not_looked_at_again() -> None:
    assert filled("{{a}} {{ b }} {{a}} {{c}}", {"a": "{{b}}", "b": "2"}) == "{{b}} 2 {{b}} {{c}}"


def test_names_are_told_once_in_their_order() -> None:
    assert names_in("{{b}} {{a}} {{b}} {{größe}} { {c} } {{ d e }}") == ("b", "a", "größe")


@pytest.mark.parametrize(
    ("template", "slip"),
    [
        ("{{a|upper}}", "{{a|upper}}"),
        ("{% if a %}", "{%"),
        ("{{a b}}", "{{a b}}"),
        ("{{}}", "{{}}"),
        ("{{a}} and {b}", ""),
        ("{{", ""),
        ("{{ {a} }}", ""),
    ],
)
def test_what_looks_as_if_it_did_more_is_found(template: str, slip: str) -> None:
    assert slip_in(template) == slip
