"""Under wine the real program opens its window; it is installed from its MSI, used, ruled by IT, upgraded, removed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.packaging.windows.folder import COMPILER, ROOT, WHEN, missing, tool
from tests.packaging.windows.wine import Ended, Wine, named
from tests.servers.threaded import fault_server

# Read before tests take the variables of the program out of the environment.
FROZEN = Path(os.environ.get("PARAGONE_WINDOWS_FROZEN") or ROOT / "build" / "wine" / "dist" / "paragone")
NO_PROGRAM = "" if FROZEN.is_dir() else f"no program for Windows: {FROZEN} is made by packaging/windows/wine_freeze.py"
LACKING = missing("wixl", "msiinfo", "msibuild", "wine", "wineserver", COMPILER) or NO_PROGRAM
pytestmark = [pytest.mark.slow, pytest.mark.dist, pytest.mark.skipif(bool(LACKING), reason=LACKING)]

OLD, NEW = "0.1.0", "0.2.0"
POLICIES = r"HKLM\SOFTWARE\Policies\Paragone"
PLACE = r"C:\Program Files\Paragone"
MODEL_S = 110


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    wine = Wine(tmp_path_factory.mktemp("wine"))
    try:
        wine.start(icu=True)
        yield wine
    finally:
        wine.end()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The program as an MSI, and a later version without the model, which has a file less and another one more."""
    folder = tmp_path_factory.mktemp("packages")
    later = folder / "later"
    shutil.copytree(FROZEN, later, ignore=shutil.ignore_patterns("models", "NOTICES.txt"))
    (later / "_internal" / "later.txt").write_text(NEW)
    folders = {OLD: FROZEN, NEW: later}
    yield {
        version: tool().build(source, folder / f"{version}.msi", version, WHEN) for version, source in folders.items()
    }
    shutil.rmtree(folder)


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Wine]:
    """A machine with a display."""
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1300x850x24"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout is not None
        wine = Wine(tmp_path / "w", f":{server.stdout.readline().decode().strip()}")
        try:
            wine.start(icu=True)
            yield wine
        finally:
            wine.end()
            server.terminate()


@pytest.fixture
def wine(machine: Wine, packages: dict[str, Path]) -> Wine:
    """The machine with the whole program, which a test before may have left there."""
    if not (machine.installed / "_internal" / "xllamacpp").is_dir():
        assert machine.msiexec("/i", packages[OLD], "ADDLOCAL=Program,Engine") == 0
    return machine


def started(wine: Wine, *words: str, program: str = "paragone.com", within_s: float = 60, typed: str = "") -> Ended:
    command = (rf"{PLACE}\{program}", *words)
    return wine.run(*command, within_s=within_s, typed=typed, QT_QPA_PLATFORM="offscreen")


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def states(said: str) -> dict[str, str]:
    """What the self-test says of each part."""
    lines = [line for line in said.splitlines() if line[:9].strip() in ("ok", "missing", "FAILED")]
    return {line[9:].partition(":")[0]: line[:9].strip() for line in lines}


def with_server(wine: Wine, folder: str, url: str) -> None:
    """Add a connection to a server on this computer."""
    words = ("connections", "add", "local", "--kind", "openai-v1", "--url", url, "--auth", "none")
    assert started(wine, "--data-dir", folder, *words).status == 0


def test_the_whole_program_finds_that_everything_works(wine: Wine) -> None:
    ended = started(wine, "--selftest", within_s=MODEL_S)
    assert ended.status == 0, ended.out + ended.err
    found = states(ended.out)
    assert {"database", "stream over HTTP", "keyring", "embedded model", "window", "attachments"} <= found.keys(), (
        ended.out
    )
    assert set(found.values()) == {"ok"}, ended.out
    assert "Windows Credential Manager" in ended.out


def test_the_name_alone_starts_the_program_with_a_console(wine: Wine) -> None:
    assert wine.run("cmd", "/c", "paragone", "--version").out == "Paragone 0.1.0\n"


def test_the_program_with_a_window_answers_those_who_read_it_too(wine: Wine) -> None:
    ended = started(wine, "--version", program="paragone.exe")
    assert (ended.status, ended.out) == (0, "Paragone 0.1.0\n")


@pytest.mark.skipif(bool(missing("Xvfb")), reason=missing("Xvfb"))
def test_a_window_opens_once_and_closes_when_it_is_told_to(shown: Wine, tmp_path: Path) -> None:
    program, folder = FROZEN / "paragone.exe", tmp_path / "d"
    first = shown.begin(program, "--data-dir", named(folder))
    # The store is opened once there is a window, and another run's lock lies in its folder.
    wait_for(lambda: any((folder / "data" / "runs").glob("*.lock")))
    assert shown.run(program, "--data-dir", named(folder)).status == 0
    assert first.poll() is None
    shown.run("taskkill", "/im", "paragone.exe")
    assert first.wait(30) == 0
    assert (folder / "logs" / "paragone.log").read_text() == ""


def test_the_machine_is_explained(wine: Wine, tmp_path: Path) -> None:
    ended = started(wine, "--data-dir", named(tmp_path / "d"), "doctor", "--json", within_s=MODEL_S)
    assert ended.status == 0, ended.out + ended.err
    found = {each["name"]: each for each in json.loads(ended.out)}
    assert "Windows" in found["program"]["detail"]
    assert "our own" in found["sqlite"]["detail"]
    assert "Windows Credential Manager" in found["keyring"]["detail"]
    assert {name for name, each in found.items() if each["state"] == "error"} == set()


def test_the_embedded_model_answers(wine: Wine, tmp_path: Path) -> None:
    words = ("ask", "--param", "max_tokens=16", "Name one colour.")
    ended = started(wine, "--data-dir", named(tmp_path / "d"), *words, within_s=MODEL_S)
    assert ended.status == 0, ended.err
    assert ended.out.strip()


@pytest.mark.parametrize("program", ["paragone.com", "paragone.exe"])
def test_a_server_answers_and_own_patterns_stop_what_must_not_leave(wine: Wine, tmp_path: Path, program: str) -> None:
    folder = named(tmp_path / "d")
    wine.set_value(POLICIES, "GuardPatterns", "block project: nightingale", "REG_MULTI_SZ")
    try:
        with fault_server() as server:
            with_server(wine, folder, server.url)
            ask = ("--data-dir", folder, "ask", "--model", "local/plain")
            ended = started(wine, *ask, "Hello", program=program)
            assert ended.status == 0, ended.out + ended.err
            assert len(server.requests) == 1
            ended = started(wine, *ask, "What of nightingale?", program=program)
            assert ended.status == 1, ended.out
            assert "project" in ended.err
            assert "in time" not in ended.err
            assert len(server.requests) == 1
    finally:
        wine.forget(POLICIES)


def test_a_key_is_kept_by_windows_and_sent(wine: Wine, tmp_path: Path) -> None:
    folder = named(tmp_path / "d")
    with fault_server(key="of-the-user") as server:
        add = ("connections", "add", "local", "--kind", "openai-v1", "--url", server.url, "--key-stdin")
        assert started(wine, "--data-dir", folder, *add, typed="of-the-user\n").status == 0
        ended = started(wine, "--data-dir", folder, "ask", "--model", "local/plain", "Hello")
        assert ended.status == 0, ended.out + ended.err
        assert started(wine, "--data-dir", folder, "connections", "remove", "local").status == 0
    assert b"of-the-user" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_policy_of_the_machine_takes_hold(wine: Wine, tmp_path: Path) -> None:
    folder = named(tmp_path / "d")
    with fault_server() as server:
        with_server(wine, folder, server.url)
        wine.set_value(POLICIES, "AllowedHosts", "*.contoso.com", "REG_MULTI_SZ")
        try:
            ended = started(wine, "--data-dir", folder, "ask", "--json", "--model", "local/plain", "Hello")
        finally:
            wine.forget(POLICIES)
        assert ended.status == 1
        assert '"code":"policy"' in ended.out.replace(" ", "")
        assert server.requests == []


def test_without_the_engine_its_absence_is_said_and_the_rest_works(wine: Wine, packages: dict[str, Path]) -> None:
    assert wine.msiexec("/i", packages[OLD], "REMOVE=Engine") == 0
    ended = started(wine, "--selftest")
    assert ended.status == 0, ended.out + ended.err
    assert {name: state for name, state in states(ended.out).items() if state != "ok"} == {"embedded model": "missing"}


def test_an_upgrade_keeps_what_was_said_and_removal_leaves_it(wine: Wine, packages: dict[str, Path]) -> None:
    with fault_server() as server:
        add = ("connections", "add", "local", "--kind", "openai-v1", "--url", server.url, "--auth", "none")
        assert started(wine, *add).status == 0
        assert started(wine, "ask", "--save", "--model", "local/plain", "Who keeps this?").status == 0
    assert wine.msiexec("/i", packages[NEW]) == 0
    assert (wine.installed / "_internal" / "later.txt").is_file()
    assert not (wine.installed / "NOTICES.txt").exists()
    kept = json.loads(started(wine, "conversations", "list", "--json").out)
    assert [each["title"] for each in kept] == ["Who keeps this?"]
    assert wine.msiexec("/x", packages[NEW]) == 0
    assert not wine.installed.exists()
    assert (wine.user_data / "conversations.db").is_file()
    shutil.rmtree(wine.user_data)


def test_removal_leaves_nothing_of_a_program_that_was_used(wine: Wine, packages: dict[str, Path]) -> None:
    started(wine, "--selftest", within_s=MODEL_S)
    assert wine.msiexec("/x", packages[OLD]) == 0
    ours = {name for name in wine.files() if "paragone" in name.lower()}
    shutil.rmtree(wine.user_data, ignore_errors=True)
    assert ours == set()
    assert not [line for line in wine.registry() if "paragone" in line.lower()]
