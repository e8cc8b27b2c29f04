"""Files of presets: what is written is read, what does not fit is named, the others are taken."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from desktop.domain.conversation_types import JsonValue, Parameters
from desktop.errors import UsageError
from desktop.presets.preset import Preset, Variable, filled, recognised
from desktop.presets.preset_files import checked, from_text, from_toml, to_json, to_toml
from desktop.system.paths import resources

FULL = Preset(
    id="full",
    title="Full",
    description="With everything",
    system='Line one\n  """ two \\ {a}',
    parameters=Parameters(values={"temperature": 0.5, "stop": ["\n"], "top_k": 3, "logprobs": True}),
    variables=(Variable(name="a", label="A", default="x", choices=("x", "y")),),
)
TEXT = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def problem(**fields: object) -> str:
    found = from_text(json.dumps([{"title": "T", "system": "s", **fields}]))
    assert found.presets == ()
    return found.notices[0]


def test_shipped_presets_are_whole_and_can_be_told_apart() -> None:
    found = from_toml((resources() / "presets.toml").read_text("utf-8"))
    assert found.notices == ()
    assert [preset.id for preset in found.presets[:2]] == ["general", "translate"]
    for preset in found.presets:
        assert preset.description
        known = recognised(found.presets, filled(preset, {}))
        assert known is not None
        assert (known.preset, known.values) == (preset, preset.defaults)
        for variable in preset.variables:
            assert variable.label
            assert f"{{{variable.name}}}" in preset.system
            assert not variable.choices or variable.default in variable.choices


def test_what_is_written_is_read() -> None:
    assert from_text(to_toml([FULL])).presets == (FULL,)
    assert from_text(to_json([FULL])).presets == (FULL,)
    assert from_text(json.dumps(json.loads(to_json([FULL]))["presets"])).presets == (FULL,)


@given(title=TEXT, system=TEXT, default=TEXT)
def test_any_text_survives_both_formats(title: str, system: str, default: str) -> None:
    preset = Preset(
        id="x", title=f"T{title[:9]}", system=f"S{system}", variables=(Variable(name="a", default=default),)
    )
    tidy = checked(preset)
    assert from_text(to_json([tidy])).presets == (tidy,)
    read = from_text(to_toml([tidy])).presets[0]
    assert read.system.splitlines() == tidy.system.splitlines()
    assert read.variables == tidy.variables


def test_tables_that_are_no_presets_stay_in_the_file() -> None:
    broken: dict[str, JsonValue] = {"title": 3, "more": {"x": 1}}
    document = tomllib.loads(to_toml([FULL], [broken]))
    assert document["presets"][1] == broken
    found = from_toml(to_toml([FULL], [broken]))
    assert (found.presets, found.broken) == ((FULL,), (broken,))
    assert found.notices[0].startswith("Preset 2 could not be used")


def test_each_slip_is_named() -> None:
    assert "(“Mine”) could not be used: A preset needs a title and a system prompt" in problem(title="Mine", system=" ")
    assert "at most 80 characters" in problem(title="x" * 81)
    assert "at most 100,000 characters" in problem(system="x" * 100_001)
    assert "a unique name that consists of lowercase" in problem(variables=[{"name": "a"}, {"name": "a"}])
    assert "a unique name that consists of lowercase" in problem(variables=[{"name": "Not this"}])
    assert "at most 20 variables" in problem(variables=[{"name": f"a{number}"} for number in range(21)])
    assert "temperature must be a number from 0 to 2" in problem(parameters={"temperature": 9})
    assert "Expected" in problem(variables="many")


@pytest.mark.parametrize("name", ["messages", "model", "stream", "Authorization", "x y"])
def test_no_preset_sets_what_a_request_says_by_itself(name: str) -> None:
    assert "is not a parameter that a preset can set" in problem(parameters={name: "x"})


@pytest.mark.parametrize("value", [None, {"a": 1}, [1], float("inf"), float("nan"), 10**400, -(10**400)])
def test_parameters_are_numbers_and_texts(value: JsonValue) -> None:
    assert "is not a parameter that a preset can set" in problem(parameters={"top_k": value})


def test_the_same_id_is_taken_once_and_none_gets_one() -> None:
    one = {"title": "T", "system": "s"}
    found = from_text(json.dumps({"presets": [{**one, "id": "a"}, {**one, "id": "a"}, one]}))
    assert [preset.id for preset in found.presets] == ["a", "preset-3"]
    assert "The ID “a” already exists" in found.notices[0]


@pytest.mark.parametrize("text", ["x", "[", "{", "{}", '{"presets": 1}', "[1]", "presets = 3", "presets = [1]"])
def test_other_files_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the parsers say
        from_text(text)


def test_half_a_surrogate_pair_is_refused_and_blanks_are_tidied() -> None:
    with pytest.raises(UsageError, match="not valid Unicode"):
        checked(Preset(id="", title="x", system="\ud800"))
    tidy = checked(Preset(id="", title=" a \n b ", description="c\nd", system="\n e \n"))
    assert (tidy.title, tidy.description, tidy.system) == ("a b", "c d", "e")
