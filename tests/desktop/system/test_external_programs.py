"""External programs get the environment of the user's shell, and their failure is noticed."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from desktop.system.external_programs import launch, users_environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="xdg-open is Linux's")


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with an xdg-open that records its arguments, and fails for addresses with `fail`."""
    script = tmp_path / "xdg-open"
    script.write_text(
        f'#!/bin/sh\necho "$1" > {tmp_path}/address\nenv > {tmp_path}/environment\ncase "$1" in *fail*) exit 3;; esac\n'
    )
    script.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


async def test_a_frozen_program_starts_others_without_its_own_libraries(
    opener: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/paragone/_internal", raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/paragone/_internal")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/home/me/lib")
    monkeypatch.setenv("QT_PLUGIN_PATH", "/opt/paragone/_internal/PySide6/Qt/plugins")
    started = launch("https://example.org/a?b=c")
    while started.has_failed is None:  # noqa: ASYNC110 - nothing tells of a child's end
        await asyncio.sleep(0.01)
    assert started.has_failed is False
    assert (opener / "address").read_text() == "https://example.org/a?b=c\n"
    lines = (opener / "environment").read_text().splitlines()
    given = {line.partition("=")[0]: line.partition("=")[2] for line in lines}
    assert given["LD_LIBRARY_PATH"] == "/home/me/lib"
    assert given["HOME"] == os.environ["HOME"]
    assert not any("/opt/paragone" in value for value in given.values())


async def test_a_program_that_fails_is_known_to(opener: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = launch("https://fail.example/")
    while started.has_failed is None:  # noqa: ASYNC110 - nothing tells of a child's end
        await asyncio.sleep(0.01)
    assert started.has_failed is True
    monkeypatch.setenv("PATH", str(opener / "nothing here"))
    assert launch("https://example.org/").has_failed is True


def test_the_environment_of_a_checkout_is_the_users_own() -> None:
    assert users_environment({"LD_LIBRARY_PATH": "/a", "QT_PLUGIN_PATH": "/b"}, None) == {
        "LD_LIBRARY_PATH": "/a",
        "QT_PLUGIN_PATH": "/b",
    }


def test_lists_of_folders_lose_only_those_of_the_bundle() -> None:
    given = {
        "XDG_DATA_DIRS": "/b/share:/usr/share",
        "LD_LIBRARY_PATH": "/b",
        "EMPTY": "",
        "_PYI_APP": "1",
        "TOLD": "/b",
    }
    assert users_environment(given, "/b") == {"XDG_DATA_DIRS": "/usr/share", "EMPTY": ""}
