"""What a policy file would change is told before it is installed."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType

import pytest

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import SettingsError
from desktop.settings.managed.policy_trial import PolicyTrial, try_file
from desktop.settings.policy import Fixed, Policy
from desktop.settings.schema import DEFAULT_MODEL, THEME
from desktop.settings.values import Settings
from desktop.system.paths import resources

USER = Settings(
    values=MappingProxyType({THEME.key: "light", DEFAULT_MODEL.key: "home/llama"}),
    connections=(Connection(name="home", kind=Kind.OPENAI_V1, url="http://127.0.0.1:1234/v1", auth=Auth.NONE),),
)


def tried(folder: Path, table: object, settings: Settings = USER, *, locked: bool = True) -> PolicyTrial:
    file = folder / "trial.json"
    file.write_text(table if isinstance(table, str) else json.dumps(table), encoding="utf-8")
    return try_file(file, settings, resources() / "policies.toml", locked=locked, platform="linux")


@pytest.mark.parametrize(
    ("table", "effect"),
    [
        ({"Theme": "dark"}, f"The setting {THEME.key} changes from light to dark."),
        ({"Theme": "light"}, f"The setting {THEME.key} can no longer be changed."),
        (
            {"AllowedHosts": ["*.example.com"]},
            "The connection “home” no longer works: Your organization does not allow the server 127.0.0.1.",
        ),
        (
            {"AllowedModels": ["gpt-*"]},
            "The default model no longer works: Your organization does not allow the model home/llama.",
        ),
        (
            {"Connections": [{"name": "corp", "kind": "openai-v1", "url": "https://llm.example.com/v1"}]},
            "The connection “corp” is added.",
        ),
    ],
)
def test_the_user_is_told_what_they_would_notice(tmp_path: Path, table: object, effect: str) -> None:
    trial = tried(tmp_path, table)
    assert effect in trial.effects
    assert trial.problems == ()
    assert [each.name for each in trial.changes] == list(table)  # type: ignore[call-overload]


def test_recommended_values_leave_what_the_user_chose(tmp_path: Path) -> None:
    trial = tried(tmp_path, {"Theme": "dark"}, locked=False)
    assert [(each.name, each.after and each.after.locked) for each in trial.changes] == [("Theme", False)]
    assert trial.effects == ()


def test_a_policy_that_is_in_effect_already_is_no_change(tmp_path: Path) -> None:
    fixed = Fixed("Export", value=False, locked=True, source="elsewhere")
    settings = Settings(policy=Policy(entries={"Export": fixed}))
    assert tried(tmp_path, {"Export": False}, settings).changes == ()


def test_values_that_would_be_ignored_are_named(tmp_path: Path) -> None:
    trial = tried(tmp_path, '{"$schema": "x", "Export": "no", "Unheard": 1, "Theme": "dark", "Theme": "light"}')
    assert len(trial.problems) == 3
    assert trial.changes == ()


@pytest.mark.parametrize("text", ["[]", "{", "", '{"Theme": NaN}'])
def test_a_file_that_is_no_policy_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="is invalid"):
        tried(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        try_file(tmp_path / "none.json", USER, resources() / "policies.toml", locked=True, platform="linux")
