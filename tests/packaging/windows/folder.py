"""Folders of the shape that PyInstaller gives the program on Windows, and the tool that packs them."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / "packaging" / "windows"
COMPILER = "x86_64-w64-mingw32-gcc"
WHEN = 1_764_000_000

PROGRAM_FILES = ("_internal/base_library.zip", "_internal/PySide6/Qt6Core.dll", "_internal/resources/catalog.toml")
ENGINE_FILES = ("_internal/xllamacpp/xllamacpp.pyd", "_internal/resources/models/model.gguf")

# A real program for Windows that answers as ours does, so that what was installed can be started.
_PROGRAM = r"""
#include <stdio.h>
#include <string.h>
int main(int count, char **words) {
    if (count > 1 && !strcmp(words[1], "--selftest")) { puts("Paragone selftest"); return 0; }
    return 2;
}
"""


def tool(name: str = "msi") -> ModuleType:
    """A module of packaging/windows, which is a folder of scripts and no package."""
    if str(TOOLS) not in sys.path:
        sys.path.append(str(TOOLS))
    return importlib.import_module(name)


def missing(*programs: str) -> str:
    """Which of these are not installed, as a reason to skip; empty where all are."""
    absent = [name for name in programs if not shutil.which(name)]
    return f"not installed: {', '.join(absent)}" if absent else ""


def frozen(folder: Path, *more: str) -> Path:
    """A folder that looks frozen, with a file of each sort and `more`; each file says its own name."""
    for name in ("paragone.exe", *PROGRAM_FILES, *ENGINE_FILES, *more):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n", encoding="utf-8")
    return folder


def with_program(folder: Path) -> Path:
    """Put a program that runs in the place of a frozen folder's paragone.exe."""
    code = folder.parent / "program.c"
    code.write_text(_PROGRAM, encoding="utf-8")
    subprocess.run([COMPILER, "-Os", "-s", "-o", str(folder / "paragone.exe"), str(code)], check=True)
    return folder
