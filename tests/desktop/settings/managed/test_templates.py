"""The source of all policies, the program's options and the generated files hold together."""

from __future__ import annotations

import importlib.util
import json
import plistlib
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest
from jsonschema import ValidationError, validate

from desktop.settings.managed import windows
from desktop.settings.managed.policy_declarations import DeclaredPolicy, check
from desktop.settings.managed.policy_sources import PolicyPiece, PolicySources, policy_of
from desktop.settings.policy import RULES
from desktop.settings.schema import OPTIONS
from tests.desktop.settings.managed.made import declarations

ROOT = Path(__file__).resolve().parents[4]
FOLDER = ROOT / "packaging" / "policy"
SPACE = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_policies", FOLDER / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def tree(name: str) -> ET.Element:
    return ET.fromstring((FOLDER / "windows" / name).read_text("utf-8"))


def test_every_file_is_as_the_source_says(generator: ModuleType) -> None:
    assert generator.main(["--check"]) == 0


def test_every_lockable_option_has_a_policy_and_no_other() -> None:
    named = [each.option for each in declarations().policy if each.option]
    assert sorted(named) == sorted(option.key for option in OPTIONS if option.lockable)


def test_every_rule_of_the_program_is_declared_and_no_other() -> None:
    declared = {each.name: each for each in declarations().policy if not each.option}
    assert sorted(declared) == sorted(rule.name for rule in RULES)
    for rule in RULES:
        default = declared[rule.name].default
        assert (tuple(cast("list[str]", default)) if isinstance(default, list) else default) == rule.default


@pytest.mark.parametrize(
    "declared", [each for each in declarations().policy if each.option], ids=lambda each: each.name
)
def test_a_policy_says_of_its_option_what_the_option_says(declared: DeclaredPolicy) -> None:
    option = next(option for option in OPTIONS if option.key == declared.option)
    kinds: dict[type, str] = {bool: "bool", int: "int", float: "decimal"}
    expected = kinds.get(type(option.default)) or ("choice" if option.choices else None)
    assert declared.type == expected or (expected is None and declared.type in ("text", "lines"))
    bounds = (option.minimum, option.maximum)
    if declared.type == "int" and option.choices:
        bounds = (min(option.choices), max(option.choices))
    assert (declared.minimum, declared.maximum) == bounds
    assert declared.choices == (option.choices if declared.type == "choice" else ())
    assert check(declared, declared.default).value == option.default


@pytest.mark.parametrize("declared", declarations().policy, ids=lambda each: each.name)
def test_every_example_and_default_fits(declared: DeclaredPolicy) -> None:
    checked = check(declared, declared.example)
    assert checked.value is not None
    assert checked.problems == ()
    assert declared.title != "" != declared.title_de
    assert declared.meaning != "" != declared.meaning_de
    assert declared.category in {each.name for each in declarations().category}


def test_the_example_for_linux_and_the_profile_for_macos_are_read_without_a_complaint() -> None:
    example = json.loads((FOLDER / "linux/managed/example.json").read_text("utf-8"))
    profile = plistlib.loads((FOLDER / "macos/Paragone.mobileconfig").read_bytes())
    payload = {
        name: value
        for name, value in profile["PayloadContent"][0].items()
        if not name.startswith("Payload") and name != "Recommended"
    }
    assert profile["PayloadContent"][0]["PayloadType"] == "app.paragone.Paragone"
    for table in (example, payload):
        made = policy_of(
            PolicySources([PolicyPiece(name, value, "x") for name, value in table.items()]), declarations()
        )
        assert made.notices == ()
        assert set(made.entries) == {each.name for each in declarations().policy}


def test_the_schema_takes_what_the_reader_takes() -> None:
    schema = json.loads((FOLDER / "linux/policies.schema.json").read_text("utf-8"))
    example = json.loads((FOLDER / "linux/managed/example.json").read_text("utf-8"))
    validate({"$schema": "policies.schema.json", **example}, schema)
    for wrong in (
        '{"Export": "no"}',
        '{"TrashDays": 1.5}',
        '{"Theme": "pink"}',
        '{"Unheard": 1}',
        '{"Connections": [{}]}',
    ):
        with pytest.raises(ValidationError):
            validate(json.loads(wrong), schema)


def test_the_template_refers_only_to_words_that_each_language_has() -> None:
    template = tree("Paragone.admx")
    text = (FOLDER / "windows/Paragone.admx").read_text("utf-8")
    strings = {part.partition(")")[0] for part in text.split("$(string.")[1:]}
    presentations = {part.partition(")")[0] for part in text.split("$(presentation.")[1:]}
    for language in ("en-US", "de-DE"):
        words = tree(f"{language}/Paragone.adml")
        assert {each.get("id") for each in words.iter(f"{SPACE}string")} == strings
        tables = {each.get("id"): each for each in words.iter(f"{SPACE}presentation")}
        assert set(tables) == presentations
        for policy in template.iter(f"{SPACE}policy"):
            elements = policy.find(f"{SPACE}elements")
            wanted = {each.get("id") for each in (() if elements is None else elements)}
            if wanted:
                table = tables[policy.get("name")]
                assert {each.get("refId") for each in table if each.get("refId")} == wanted


def test_the_template_writes_values_that_the_reader_takes() -> None:
    """What the policy editor writes for each kind of element, read back."""
    by_name = declarations().by_name
    seen = 0
    for policy in tree("Paragone.admx").iter(f"{SPACE}policy"):
        key = policy.get("key")
        if key != windows.KEY:
            continue
        elements = policy.find(f"{SPACE}elements")
        name = policy.get("valueName") or (elements[0].get("valueName") if elements is not None else None)
        assert name is not None
        declared = by_name[name]
        tag = "bool" if elements is None else elements[0].tag.removeprefix(SPACE)
        written = _written(tag, name, declared.example)
        made = policy_of(
            windows.read(declarations, {rf"HKLM\{windows.KEY}": [written]}.get),
            declarations(),
        )
        assert made.notices == (), name
        assert made.entries[name].locked
        seen += 1
    assert seen == len(by_name)


def _written(tag: str, name: str, example: object) -> windows.Value:
    match tag:
        case "bool":
            return name, 1, windows.REG_DWORD
        case "decimal":
            return name, example, windows.REG_DWORD
        case "multiText":
            return name, _lines(example), windows.REG_MULTI_SZ
        case _:
            return name, str(example), windows.REG_SZ


def _lines(example: object) -> list[str]:
    items = cast("list[object]", example)
    return [each if isinstance(each, str) else json.dumps(each) for each in items]
