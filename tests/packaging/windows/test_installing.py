"""Under wine the MSI is installed, changed, upgraded, repaired and removed, silently, as an administrator would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.windows.folder import (
    COMPILER,
    ENGINE_FILES,
    PROGRAM_FILES,
    WHEN,
    frozen,
    missing,
    tool,
    with_program,
)
from tests.packaging.windows.wine import REFUSED, Wine

LACKING = missing("wixl", "msiinfo", "msibuild", "wine", "wineserver", COMPILER)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.dist,
    pytest.mark.skipif(bool(LACKING), reason=LACKING),
]

POLICIES = r"HKLM\SOFTWARE\Policies\Paragone"
UNINSTALL = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall"
ENVIRONMENT = r"HKLM\System\CurrentControlSet\Control\Session Manager\Environment"
OLD, NEW = "1.2.3", "1.3.0"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    wine = Wine(tmp_path_factory.mktemp("wine"))
    wine.start()
    yield wine
    wine.end()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An old and a new version: a file of the old one is not in the new one, and the other way round."""
    folder = tmp_path_factory.mktemp("packages")
    made: dict[str, Path] = {}
    for version, file in ((OLD, "_internal/only_old.txt"), (NEW, "_internal/only_new.txt")):
        source = with_program(frozen(folder / version / "frozen", file))
        (source / "_internal/version.txt").write_text(version)
        made[version] = tool().build(source, folder / f"{version}.msi", version, WHEN)
    return made


@pytest.fixture
def wine(machine: Wine, packages: dict[str, Path]) -> Iterator[Wine]:
    """The machine without the program, before and after."""
    assert not machine.installed.exists()
    yield machine
    for version in versions(machine):
        machine.msiexec("/x", packages[version])
    assert not machine.installed.exists()


def engine(wine: Wine) -> list[bool]:
    return [(wine.installed / name).is_file() for name in ENGINE_FILES]


def versions(wine: Wine) -> list[str]:
    """Of the program, as the list of installed programs shows them."""
    lines = "\n".join(wine.registry(UNINSTALL))
    return [
        found[1]
        for part in lines.split("\n[")
        if '"DisplayName"="Paragone"' in part and (found := re.search(r'"DisplayVersion"="(.*)"', part))
    ]


def test_a_silent_install_puts_everything_in_place(wine: Wine, packages: dict[str, Path]) -> None:
    assert wine.msiexec("/i", packages[OLD]) == 0
    assert all((wine.installed / name).is_file() for name in ("paragone.exe", *PROGRAM_FILES, *ENGINE_FILES))
    ran = wine.run(r"C:\Program Files\Paragone\paragone.exe", "--selftest")
    assert (ran.status, ran.out) == (0, "Paragone selftest\n")
    assert [path.parent.name for path in wine.drive.rglob("Paragone.lnk")] == ["Programs"]
    assert versions(wine) == [OLD]
    place = "C:\\Program Files\\Paragone\\"
    assert wine.value(r"HKLM\Software\Paragone", "InstallFolder") == place
    command = wine.value(r"HKLM\Software\Classes\Paragone.Conversations\shell\open\command")
    assert command == f'"{place}paragone.exe" "%1"'
    assert wine.value(r"HKLM\Software\Classes\.json\OpenWithProgids", "Paragone.Conversations") == ""
    assert (wine.value(ENVIRONMENT, "PATH") or "").split(";")[-1] == place


def test_the_program_is_found_by_its_name(wine: Wine, packages: dict[str, Path]) -> None:
    wine.msiexec("/i", packages[OLD])
    assert wine.run("cmd", "/c", "paragone", "--selftest").out == "Paragone selftest\n"


def test_the_engine_can_be_left_out_and_added_later(wine: Wine, packages: dict[str, Path]) -> None:
    assert wine.msiexec("/i", packages[OLD], "ADDLOCAL=Program") == 0
    assert (wine.installed / "paragone.exe").is_file()
    assert engine(wine) == [False, False]
    assert wine.msiexec("/i", packages[OLD], "ADDLOCAL=Engine") == 0
    assert engine(wine) == [True, True]
    assert (wine.installed / "paragone.exe").is_file()


def test_the_engine_can_be_taken_away(wine: Wine, packages: dict[str, Path]) -> None:
    wine.msiexec("/i", packages[OLD])
    assert wine.msiexec("/i", packages[OLD], "REMOVE=Engine") == 0
    assert engine(wine) == [False, False]
    assert (wine.installed / "paragone.exe").is_file()


def test_templates_come_only_where_asked_for(wine: Wine, packages: dict[str, Path]) -> None:
    definitions = wine.drive / "windows" / "PolicyDefinitions"
    wine.msiexec("/i", packages[OLD])
    assert not definitions.exists()
    assert wine.msiexec("/i", packages[OLD], "ADDLOCAL=PolicyTemplates") == 0
    found = {path.relative_to(definitions).as_posix() for path in definitions.rglob("*") if path.is_file()}
    assert found == {"Paragone.admx", "de-DE/Paragone.adml", "en-US/Paragone.adml"}
    wine.msiexec("/x", packages[OLD])
    assert not definitions.exists()


def test_an_upgrade_replaces_the_program_and_keeps_the_users_data(wine: Wine, packages: dict[str, Path]) -> None:
    wine.msiexec("/i", packages[OLD])
    kept = wine.user_data / "conversations.db"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(b"of the user")
    assert wine.msiexec("/i", packages[NEW]) == 0
    assert (wine.installed / "_internal/version.txt").read_text() == NEW
    assert (wine.installed / "_internal/only_new.txt").is_file()
    assert not (wine.installed / "_internal/only_old.txt").exists()
    assert versions(wine) == [NEW]
    assert kept.read_bytes() == b"of the user"
    wine.msiexec("/x", packages[NEW])
    assert kept.read_bytes() == b"of the user"
    kept.unlink()
    kept.parent.rmdir()


def test_an_older_version_is_refused_and_changes_nothing(wine: Wine, packages: dict[str, Path]) -> None:
    wine.msiexec("/i", packages[NEW])
    files, keys = wine.files(), wine.registry(UNINSTALL)
    assert wine.msiexec("/i", packages[OLD]) == REFUSED
    assert (wine.files(), wine.registry(UNINSTALL)) == (files, keys)
    assert (wine.installed / "_internal/version.txt").read_text() == NEW


def test_repair_brings_back_what_was_deleted_or_changed(wine: Wine, packages: dict[str, Path]) -> None:
    wine.msiexec("/i", packages[OLD])
    gone, changed = wine.installed / PROGRAM_FILES[0], wine.installed / PROGRAM_FILES[1]
    before = gone.read_bytes(), changed.read_bytes()
    gone.unlink()
    changed.write_text("changed")
    # What `/fa` stands for, spelled out: wine's msiexec refuses that switch for this package.
    assert wine.msiexec("/i", packages[OLD], "REINSTALL=ALL", "REINSTALLMODE=amus") == 0
    assert (gone.read_bytes(), changed.read_bytes()) == before


def test_removal_leaves_nothing(wine: Wine, packages: dict[str, Path]) -> None:
    files = wine.files()
    wine.msiexec("/i", packages[OLD], "ADDLOCAL=ALL")
    assert any("paragone" in line.lower() for line in wine.registry())
    assert wine.msiexec("/x", packages[OLD]) == 0
    assert {name for name in wine.files() - files if not name.startswith("windows/")} == set()
    assert not [name for name in wine.files() - files if "paragone" in name.lower()]
    assert not [line for line in wine.registry() if "paragone" in line.lower()]
    assert "Paragone" not in (wine.value(ENVIRONMENT, "PATH") or "")


def test_policies_survive_upgrade_and_removal(wine: Wine, packages: dict[str, Path]) -> None:
    wine.msiexec("/i", packages[OLD])
    wine.set_value(POLICIES, "Notice", "Ask your administrator")
    wine.msiexec("/i", packages[NEW])
    assert wine.value(POLICIES, "Notice") == "Ask your administrator"
    wine.msiexec("/x", packages[NEW])
    assert not wine.installed.exists()
    assert wine.value(POLICIES, "Notice") == "Ask your administrator"
    wine.forget(POLICIES)
