"""Folders of the shape that PyInstaller gives the program on Linux, and the scripts that pack them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.elf import library

ROOT = Path(__file__).resolve().parents[2]
LINUX = ROOT / "packaging" / "linux"
WHEN = 1_764_000_000
VERSION = "0.1.0"

# The real one; read before tests take the variables of the program out of the environment.
REAL = Path(os.environ.get("PARAGONE_FROZEN") or ROOT / "dist" / "paragone")

# A program that answers as ours does, so that what was installed can be started.
PROGRAM = f'#!/bin/sh\n[ "$1" = --version ] && echo "Paragone {VERSION}"\n'
LIBRARY = library("libc.so.6", text=b"\0GLIBC_2.17\0GLIBC_2.2.5\0GLIBC_2.41\0")
FILES = {
    "NOTICES.txt": b"Licences\n",
    "_internal/base_library.zip": b"modules\n",
    "_internal/libfake.so.1": LIBRARY,
    "_internal/resources/catalog.toml": b"[models]\n",
    "_internal/resources/models/model.gguf": b"GGUF\n",
    "_internal/xllamacpp/__init__.py": b"\n",
    "_internal/xllamacpp/engine.so": library("libc.so.6", "libgomp.so.1", text=b"\0GLIBC_2.30\0"),
}


def made(folder: Path, *, seconds: int = WHEN + 1000) -> Path:
    """A folder that looks frozen, of a time that no package should keep."""
    for name, content in {"paragone": PROGRAM.encode(), **FILES}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (seconds, seconds))
    (folder / "paragone").chmod(0o755)
    return folder


def real() -> Path:
    """The folder that the build made; the test is skipped where there is none."""
    if not REAL.is_dir():
        pytest.skip(f"no frozen program: {REAL} is made by packaging/build.py")
    return REAL


def pack(script: str, frozen: Path, out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a script of packaging/linux."""
    command = [sys.executable, str(LINUX / script), "--frozen", str(frozen), "--out", str(out), *words]
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(WHEN)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def packed(script: str, frozen: Path, out: Path, *words: str) -> list[Path]:
    """The packages that a script makes."""
    ended = pack(script, frozen, out, *words)
    assert ended.returncode == 0, ended.stderr
    return sorted(out.iterdir())


def output(*command: str | Path) -> str:
    """What a tool says that must not fail."""
    ended = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def sums(files: list[Path]) -> dict[str, str]:
    """The SHA-256 of files, by their names."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def lacking(*tools: str, root: bool = False) -> str:
    """Why a test cannot run here; empty where it can."""
    if absent := [name for name in tools if shutil.which(name) is None]:
        return f"not installed: {', '.join(absent)}"
    return "packages are installed by root" if root and os.geteuid() != 0 else ""


def left(root: Path) -> list[str]:
    """What lies below a root besides the package manager's own records."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.relative_to(root).parts[0] != "var")
