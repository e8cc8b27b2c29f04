"""Policies from managed preferences, as profiles write them."""

from __future__ import annotations

import os
import plistlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from desktop.settings.managed import macos
from desktop.settings.managed.policy_sources import policy_of
from desktop.settings.policy import CONNECTIONS, EXPORT, Policy
from desktop.settings.schema import PROXY, THEME
from tests.desktop.settings.managed.made import ME, declarations

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and owners")


@pytest.fixture
def preferences(tmp_path: Path) -> Path:
    folder = tmp_path / "Managed Preferences"
    (folder / "ann").mkdir(parents=True)
    for each in (folder, folder / "ann"):
        each.chmod(0o755)
    return folder


def put(
    folder: Path, values: Mapping[str, object] | list[str], form: plistlib.PlistFormat = plistlib.FMT_BINARY
) -> Path:
    file = folder / macos.FILE
    file.write_bytes(plistlib.dumps(values, fmt=form))
    file.chmod(0o644)
    return file


def policy(folder: Path) -> Policy:
    return policy_of(macos.read(folder, owner=ME, user="ann"), declarations())


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_a_profile_is_read_in_both_forms(preferences: Path, form: plistlib.PlistFormat) -> None:
    connection = {"name": "a", "kind": "openai-v1", "url": "https://a.example/v1"}
    values = {"Export": False, "Connections": [connection], "PayloadUUID": "x", "Recommended": {"Theme": "dark"}}
    file = put(preferences, values, form)
    found = policy(preferences)
    assert found.notices == ()
    assert found.get(EXPORT) is False
    assert found.get(CONNECTIONS)[0].url == "https://a.example/v1"
    assert found.entries["Export"].source == str(file)
    assert found.locks(THEME.key) is None
    assert found.options[THEME.key].value == "dark"


def test_the_machines_profile_wins_over_the_users(preferences: Path) -> None:
    put(preferences, {"Proxy": "none"})
    put(preferences / "ann", {"Proxy": "http://x:1", "Theme": "dark"})
    found = policy(preferences)
    assert found.options[PROXY.key].value == "none"
    assert found.options[THEME.key].value == "dark"


@pytest.mark.parametrize(
    "data", [b"", b"bplist00broken", b"<plist><dict><key>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><plist/>"]
)
def test_a_broken_list_is_named(preferences: Path, data: bytes) -> None:
    file = put(preferences, {})
    file.write_bytes(data)
    found = policy(preferences)
    assert str(file) in found.notices[0]


def test_a_list_that_others_can_write_is_ignored(preferences: Path) -> None:
    put(preferences, {"Export": False}).chmod(0o666)
    assert policy(preferences).get(EXPORT)
    assert "ignored" in policy(preferences).notices[0]


def test_a_table_that_is_none_is_named(preferences: Path) -> None:
    put(preferences, ["Export"])
    assert "property list" in policy(preferences).notices[0]
    put(preferences, {"Recommended": 1})
    assert "no such policy" in policy(preferences).notices[0]
