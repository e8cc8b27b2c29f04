"""Presets as values: filled in, known again, written otherwise, one in another's place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from desktop.domain.conversation_types import Parameters
from desktop.presets.preset import Applied, Preset, Variable, filled, kept_parameters, recognised, written

TRANSLATE = Preset(
    id="t",
    title="Translate",
    system="From {source} into {target}. Keep {this} and {}.",
    variables=(Variable(name="source", default="any"), Variable(name="target")),
)
PLAIN = Preset(id="p", title="Plain", system="Be kind.")


def test_values_are_inserted_and_other_braces_stay() -> None:
    assert filled(TRANSLATE, {"source": "Thai", "target": "Czech"}) == "From Thai into Czech. Keep {this} and {}."


def test_what_is_blank_takes_its_default_and_without_one_its_braces_stay() -> None:
    assert filled(TRANSLATE, {"source": "  ", "unknown": "x"}) == "From any into {target}. Keep {this} and {}."


def test_values_are_taken_literally() -> None:
    told = filled(TRANSLATE, {"source": "{target}", "target": r"\1 $0 {source}"})
    assert told == r"From {target} into \1 $0 {source}. Keep {this} and {}."


def test_a_prompt_tells_which_preset_it_comes_from() -> None:
    values = {"source": "Thai", "target": "Czech"}
    assert recognised([PLAIN, TRANSLATE], filled(TRANSLATE, values)) == Applied(preset=TRANSLATE, values=values)
    assert recognised([PLAIN, TRANSLATE], " Be kind.\n") == Applied(preset=PLAIN, values={})


@pytest.mark.parametrize("system", ["", "Be kind!", "From Thai into Czech. Keep", "Be kind. From Thai into Czech."])
def test_an_edited_prompt_comes_from_none(system: str) -> None:
    assert recognised([PLAIN, TRANSLATE], system) is None


def test_a_blank_that_was_left_is_a_blank_again() -> None:
    found = recognised([TRANSLATE], filled(TRANSLATE, {"source": "Thai"}))
    assert found is not None
    assert found.values == {"source": "Thai", "target": ""}


def test_a_variable_that_stands_twice_has_one_value() -> None:
    twice = Preset(id="x", title="x", system="{a}, then {a}", variables=(Variable(name="a"),))
    assert recognised([twice], "one, then one") == Applied(preset=twice, values={"a": "one"})
    assert recognised([twice], "one, then two") is None


@given(source=some.text(min_size=1), target=some.text(min_size=1))
def test_whatever_is_filled_in_is_known_again(source: str, target: str) -> None:
    told = filled(TRANSLATE, {"source": source, "target": target})
    found = recognised([TRANSLATE], told)
    assert found is not None
    assert filled(TRANSLATE, found.values) == told


def test_a_long_prompt_is_compared_in_no_time() -> None:
    many = tuple(Variable(name=f"v{number}") for number in range(20))
    hostile = Preset(id="h", title="h", system=" ".join(f"a{{{each.name}}}a" for each in many) + "b", variables=many)
    assert recognised([hostile], "a" * 200_000) is None


def test_names_in_braces_become_variables_and_known_ones_keep_what_was_said_of_them() -> None:
    changed = written(TRANSLATE, "Into {target} for {our_readers}, not {Upper} or {1}; {target}")
    assert changed.variables == (TRANSLATE.variables[1], Variable(name="our_readers", label="Our readers"))


def test_a_preset_takes_its_own_parameters_along_and_leaves_those_of_the_user() -> None:
    warm = Preset(id="w", title="w", system="w", parameters=Parameters(values={"temperature": 0.9, "seed": 1}))
    cold = Preset(id="c", title="c", system="c", parameters=Parameters(values={"temperature": 0.1}))
    users = Parameters(values={"max_tokens": 9})
    warmed = kept_parameters(users, None, warm)
    assert warmed.values == {"max_tokens": 9, "temperature": 0.9, "seed": 1}
    assert kept_parameters(warmed, warm, cold).values == {"max_tokens": 9, "temperature": 0.1}
    assert kept_parameters(warmed.with_("seed", 2), warm, None).values == {"max_tokens": 9, "seed": 2}
