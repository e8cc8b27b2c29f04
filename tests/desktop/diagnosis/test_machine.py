"""The checks of the machine, and the file for support that holds no secret."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from types import MappingProxyType

import pytest

from desktop import log
from desktop.diagnosis import bundle, machine
from desktop.diagnosis.check import Check
from desktop.diagnosis.diagnosis import run
from desktop.domain import Connection, Kind
from desktop.errors import TransferError
from desktop.services import Services
from desktop.settings.values import Settings
from tests.desktop.diagnosis.conftest import KEY
from tests.desktop.settings.test_policy import policy


def secretive() -> Settings:
    values = MappingProxyType(
        {"network.proxy": "http://me:hunter22@proxy:1", "chat.system_prompt": "My private words", "log.level": "ERROR"}
    )
    headers = {"X-Api-Key": "gateway-secret-1"}
    connection = Connection(
        name="lab", kind=Kind.OPENAI_V1, url="http://127.0.0.1:9/v1", key_env="LAB_KEY", headers=headers
    )
    return Settings(values, (connection,), policy(Theme="dark", StartNotice="Be careful"))


async def test_checks_come_one_by_one_and_name_everything(services: Services) -> None:
    services.use(secretive())
    checks = [check async for check in run(services)]
    by_name = {check.name: check for check in checks}
    assert len(by_name) == len(checks)
    assert by_name["sqlite"].state == "ok"
    assert by_name["keyring"].state == "warning"
    assert by_name["policy Theme"].detail == "dark (managed, from managed.json)"
    assert by_name["connection lab"].state == "failed"
    assert "hunter22" not in by_name["network"].detail


def test_a_machine_without_policies_says_so(services: Services) -> None:
    (only,) = machine.policies(services)
    assert (only.name, only.state) == ("policy", "ok")


def test_a_folder_that_cannot_be_written_fails(services: Services) -> None:
    services.paths.cache.rmdir()
    services.paths.cache.write_text("")
    failed = [check for check in machine.folders(services) if check.state == "failed"]
    assert [check.name for check in failed] == ["cache folder"]
    assert failed[0].hint


def test_the_bundle_says_what_is_in_force_and_holds_no_secret(services: Services, tmp_path: Path) -> None:
    services.use(secretive())
    handler = log.set_up(services.paths.logs)
    assert handler is not None
    log.logger("test").error("something %s at %s", KEY, Path.home() / "secret-name")
    handler.close()
    log.logging.getLogger(log.ROOT).removeHandler(handler)
    checks = [Check(name="x", state="failed", detail=f"it said {KEY}", hint="Mend it.")]
    path = tmp_path / "bundle.zip"
    bundle.write(services, checks, path)
    with zipfile.ZipFile(path) as opened:
        held = {name: opened.read(name).decode() for name in opened.namelist()}
    everything = "\n".join(held.values())
    for secret in (KEY, "hunter22", "gateway-secret-1", "My private words", str(Path.home())):
        assert secret not in everything
    settings = json.loads(held["settings.json"])
    assert settings["options"]["appearance.theme"] == {"value": "dark", "set by": "policy Theme"}
    assert settings["options"]["log.level"] == {"value": "ERROR", "set by": "user"}
    assert settings["options"]["network.ca_file"]["set by"] == "default"
    assert settings["connections"][1]["headers"] == ["X-Api-Key"]
    assert json.loads(held["policies.json"])["policies"][0]["source"] == "managed.json"
    assert json.loads(held["versions.json"])["paragone"] == "1.2.3"
    assert "something [secure]" in held["paragone.log"]
    assert "Mend it." in held["checks.txt"]
    assert path.stat().st_mode & 0o077 == 0


def test_a_bundle_that_cannot_be_written_leaves_nothing(services: Services, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(TransferError):
        bundle.write(services, [], tmp_path / "taken")
    with pytest.raises(TransferError):
        bundle.write(services, [], tmp_path / "nowhere" / "bundle.zip")
    assert [*(tmp_path / "taken").iterdir()] == []
    assert not [*tmp_path.glob(".taken*")]


async def test_a_connection_that_the_policy_forbids_is_told_and_not_asked(services: Services) -> None:
    mine = Connection(name="mine", kind=Kind.OPENAI_V1, url="https://mine.example/v1")
    services.use(Settings(connections=(mine,), policy=policy(UserConnections=False, EmbeddedModel=False)))
    found = [check async for check in run(services) if check.name.startswith("connection")]
    assert [(check.name, check.state) for check in found] == [("connection mine", "warning")]
    assert "UserConnections" in found[0].hint
