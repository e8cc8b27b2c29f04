"""The AppImage is the runtime that was meant and the program behind it, and runs where it lies."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.packaging import frozen
from tests.packaging.frozen import output, packed, sums

SCRIPT = "appimage.py"
TOOLS = ("mksquashfs", "unsquashfs", "gcc")
needs_tools = pytest.mark.skipif(bool(frozen.lacking(*TOOLS)), reason=frozen.lacking(*TOOLS))
RUNTIME = b"\x7fELF\2\1\1\0AI\2" + bytes(53)


def given(runtime: Path, content: bytes) -> tuple[str, ...]:
    """The words that give a runtime."""
    runtime.write_bytes(content)
    return "--runtime", str(runtime), "--runtime-sha256", hashlib.sha256(content).hexdigest()


def compiled(folder: Path) -> bytes:
    """A runtime that works, with the mark in its head that makes it one."""
    program = folder / "compiled"
    output("gcc", "-o", program, Path(__file__).with_name("runtime.c"))
    content = program.read_bytes()
    return content[:8] + b"AI\2" + content[11:]


def test_without_a_runtime_a_sentence_says_how_to_give_one(tmp_path: Path) -> None:
    ended = frozen.pack(SCRIPT, frozen.made(tmp_path / "frozen"), tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "--runtime-sha256" in ended.stderr


@pytest.mark.parametrize(
    ("content", "sha256", "problem"),
    [
        (RUNTIME, "0" * 64, "is not the runtime that was meant"),
        (b"#!/bin/sh\n", hashlib.sha256(b"#!/bin/sh\n").hexdigest(), "is no AppImage runtime"),
    ],
    ids=["another sum", "another file"],
)
def test_another_runtime_is_refused(tmp_path: Path, content: bytes, sha256: str, problem: str) -> None:
    words = ("--runtime", given(tmp_path / "runtime", content)[1], "--runtime-sha256", sha256)
    ended = frozen.pack(SCRIPT, frozen.made(tmp_path / "frozen"), tmp_path / "out", *words)
    assert ended.returncode == 2
    assert problem in ended.stderr
    assert not (tmp_path / "out").exists()


@needs_tools
def test_the_files_lie_behind_the_runtime(tmp_path: Path) -> None:
    (made,) = packed(SCRIPT, frozen.made(tmp_path / "frozen"), tmp_path / "out", *given(tmp_path / "runtime", RUNTIME))
    assert made.name.startswith("Paragone-0.1.0-")
    assert made.read_bytes().startswith(RUNTIME + b"hsqs")
    assert made.stat().st_mode & 0o777 == 0o755
    listed = output("unsquashfs", "-lln", "-o", str(len(RUNTIME)), made)
    lines = [line.split(maxsplit=5) for line in listed.splitlines() if line[:1] in "-dl"]
    assert {words[1] for words in lines} == {"0/0"}
    names = {words[5].removeprefix("squashfs-root/") for words in lines}
    assert {
        "AppRun -> usr/lib/paragone/paragone",
        "app.paragone.Paragone.desktop -> usr/share/applications/app.paragone.Paragone.desktop",
        ".DirIcon -> paragone.png",
        "usr/lib/paragone/_internal/resources/models/model.gguf",
        "usr/share/doc/paragone/NOTICES.txt -> ../../../lib/paragone/NOTICES.txt",
    } < names


@needs_tools
def test_two_appimages_of_the_same_sources_are_alike_to_the_bit(tmp_path: Path) -> None:
    words = given(tmp_path / "runtime", RUNTIME)
    first = packed(SCRIPT, frozen.made(tmp_path / "a"), tmp_path / "first", *words)
    second = packed(SCRIPT, frozen.made(tmp_path / "b", seconds=1_500_000_000), tmp_path / "second", *words)
    assert sums(first) == sums(second)


@needs_tools
def test_the_file_itself_starts_the_program(tmp_path: Path) -> None:
    start(frozen.made(tmp_path / "frozen"), tmp_path)


@pytest.mark.dist
@pytest.mark.timeout(600)
@needs_tools
def test_the_real_appimage_starts(tmp_path: Path) -> None:
    start(frozen.real(), tmp_path)


def start(folder: Path, place: Path) -> None:
    """Make the file, run it, and look at its links, which must lead somewhere."""
    (made,) = packed(SCRIPT, folder, place / "out", *given(place / "runtime", compiled(place)))
    unpacked = place / "unpacked"
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(place), "UNPACKED": str(unpacked)}
    ended = subprocess.run([made, "--version"], env=environ, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "Paragone 0.1.0\n"), ended.stderr
    assert [path for path in unpacked.rglob("*") if path.is_symlink() and not path.exists()] == []
