"""Looking through texts: own expressions in a child that is ended in time, and nothing looked at twice."""

from __future__ import annotations

import sys
from pathlib import Path
from types import MappingProxyType

import pytest

from desktop.guards.patterns import Action
from desktop.guards.scanner import Scanner
from desktop.settings.values import Settings

ROOT = Path(__file__).resolve().parents[3]
CHILD = (sys.executable, str(ROOT / "main.py"), "--guard-child")
KEY = "sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"


def settings(**values: str) -> Settings:
    return Settings(MappingProxyType({f"guards.{name}": value for name, value in values.items()}))


async def test_each_guard_does_what_its_setting_says() -> None:
    looker = Scanner(CHILD)
    texts = [f"{KEY} and 4111 1111 1111 1111"]
    found = await looker.look(texts, settings(secrets="block", cards="flag"))
    assert [(str(each.what), each.action) for each in found] == [
        ("an API key", Action.BLOCK),
        ("a card number", Action.FLAG),
    ]
    assert await looker.look(texts, settings(secrets="off", cards="off")) == ()


async def test_own_patterns_meet_a_text_without_its_disguise_too() -> None:
    found = await Scanner(CHILD, patience_s=30).look(
        ["Project\xa0\xa0Nightin\u200bgale, Ｃ\u2011１２３４５６７８, C-1"],
        settings(patterns="block project: (?i)project nightingale\nflag id: C-\\d{8}"),
    )
    assert [each.what for each in found] == ["project", "id"]


async def test_own_patterns_run_in_the_child() -> None:
    found = await Scanner(CHILD, patience_s=30).look(
        ["Project  Nightingale, C-12345678"],
        settings(patterns="block project: (?i)project\\s+nightingale\nflag id: C-\\d{8}\nflag other: zzz"),
    )
    assert [(each.what, each.action) for each in found] == [("project", Action.BLOCK), ("id", Action.FLAG)]


async def test_an_expression_that_takes_for_ever_is_ended_and_counts_as_found() -> None:
    found = await Scanner(CHILD, patience_s=1.5).look(
        ["good " + "a" * 60 + "!"], settings(patterns="flag easy: good\nblock endless: (a+)+$")
    )
    assert [(str(each.what), each.action) for each in found] == [
        ("easy", Action.FLAG),
        ("endless (search timed out)", Action.BLOCK),
    ]


@pytest.mark.parametrize("command", [("/nowhere/at-all",), (sys.executable, "-c", "raise SystemExit(3)")])
async def test_a_child_that_does_not_run_lets_nothing_through(command: tuple[str, ...]) -> None:
    found = await Scanner(command).look(["hello"], settings(patterns="block x: y"))
    assert [each.action for each in found] == [Action.BLOCK]


async def test_a_rule_that_cannot_be_read_is_no_rule_that_lets_all_go() -> None:
    found = await Scanner(CHILD).look(["hello"], settings(patterns="block x: ("))
    assert [each.action for each in found] == [Action.FLAG]
    assert "could not be checked, because a rule is invalid" in found[0].what


async def test_a_text_is_looked_through_once() -> None:
    looker = Scanner(CHILD, patience_s=30)
    given = settings(patterns="flag word: word")
    await looker.look(["a word"], given)
    looker._command = ("/nowhere/at-all",)  # another look would fail
    assert [each.what for each in await looker.look(["a word"], given)] == ["word"]
    assert [each.what for each in await looker.look(["another word"], given)] != ["word"]


async def test_a_key_that_lies_across_two_slices_is_found() -> None:
    text = "x " * 32_000 + KEY + " y" * 100_000
    assert len(await Scanner(CHILD).look([text], Settings())) == 1


async def test_half_a_surrogate_pair_is_no_obstacle() -> None:
    assert await Scanner(CHILD, patience_s=30).look(["\ud83d"], settings(patterns="flag x: y")) == ()
