"""Layout of the files below a root folder, shared by all Linux packages."""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
APP = "app.paragone.Paragone"
HOMEPAGE = "https://paragone.app/"
PACKAGER = "Paragone <packages@paragone.app>"
PROGRAM = "usr/lib/paragone"
ENGINE_FILES = ("_internal/xllamacpp", "_internal/resources/models")
NOTICES = "NOTICES.txt"  # licenses of all bundled components
POLICIES = ("etc/paragone/policies/managed", "etc/paragone/policies/recommended")
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)

SUMMARY = "chat client that puts language models side by side"
ABOUT = """\
Type once, and up to sixteen models answer at the same time, each in a pane
of its own: from Azure AI Foundry, from any server of the same wire formats,
or from a small model embedded in the program.

Keys lie in the keyring, conversations stay on this computer and are found
by three letters of anything that was ever said.
"""
ENGINE_SUMMARY = "embedded engine and model of Paragone"
ENGINE_ABOUT = """\
With it Paragone answers without account and without network. It holds the
engine llama.cpp and the SmolLM2 135M model.
"""


def options(about: str) -> argparse.ArgumentParser:
    """Return the arguments that all package builders have: the frozen folder and the output folder."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--frozen", type=Path, default=ROOT / "dist" / "paragone", help="folder made by build.py")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the packages are put")
    return parser


def check(frozen: Path, *tools: str) -> None:
    """Exit with an error message if the frozen folder is incomplete or a tool is missing."""
    if not frozen.is_dir():
        sys.exit(f"{frozen} is not there: run packaging/build.py first")
    if missing := [name for name in ("paragone", NOTICES, *ENGINE_FILES) if not (frozen / name).exists()]:
        sys.exit(f"{frozen} is not a whole build, it has no {', '.join(missing)}: run packaging/build.py again")
    if missing := [name for name in tools if shutil.which(name) is None]:
        sys.exit(f"not installed: {', '.join(missing)}")


def version() -> str:
    """Return Paragone's version, read from main.py."""
    found = re.search(r'^VERSION = "([^"]+)"', (ROOT / "main.py").read_text(), re.MULTILINE)
    assert found
    return found[1]


def commit_time() -> datetime:
    """Return SOURCE_DATE_EPOCH, or the time of the last commit."""
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    seconds = os.environ.get("SOURCE_DATE_EPOCH") or subprocess.check_output(command, text=True)
    return datetime.fromtimestamp(int(seconds), UTC)


def environment(when: datetime) -> dict[str, str]:
    """Return the environment for a tool, in which it uses a fixed time instead of the clock."""
    return {**os.environ, "SOURCE_DATE_EPOCH": str(int(when.timestamp()))}


def machine() -> str:
    """Return the kernel's name for the processor architecture."""
    return platform.machine()


def lay_out(frozen: Path, folder: Path, when: datetime) -> None:
    """Lay out all files according to the Filesystem Hierarchy Standard."""
    shutil.copytree(frozen, folder / PROGRAM, symlinks=True)
    link = folder / "usr/bin/paragone"
    link.parent.mkdir(parents=True)
    link.symlink_to("../lib/paragone/paragone")
    share = folder / "usr/share"
    put(HERE / f"{APP}.desktop", share / f"applications/{APP}.desktop")
    put(HERE / f"{APP}.metainfo.xml", share / f"metainfo/{APP}.metainfo.xml", when)
    put(HERE / "paragone-mime.xml", share / "mime/packages/paragone.xml")
    put(ROOT / "resources/icons/app/paragone.svg", share / "icons/hicolor/scalable/apps/paragone.svg")
    draw_icons(share / "icons/hicolor")
    page = filled((HERE / "paragone.1").read_text(), when)
    zipped(page, share / "man/man1/paragone.1.gz")
    for policies in POLICIES:
        (folder / policies).mkdir(parents=True)


def draw_icons(folder: Path) -> None:
    """Draw the icon in all sizes from its SVG, using the frozen program's Qt."""
    script = (
        "import sys; from PySide6.QtCore import QSize; from PySide6.QtGui import QGuiApplication, QIcon\n"
        "app = QGuiApplication([]); icon = QIcon(sys.argv[1])\n"
        "for size, path in zip(sys.argv[2::2], sys.argv[3::2]): icon.pixmap(QSize(int(size), int(size))).save(path)"
    )
    words: list[str] = []
    for side in ICON_SIZES:
        target = folder / f"{side}x{side}/apps/paragone.png"
        target.parent.mkdir(parents=True)
        words += [str(side), str(target)]
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    svg = ROOT / "resources/icons/app/paragone.svg"
    subprocess.run([sys.executable, "-c", script, str(svg), *words], env=environ, check=True)


def link_notices(folder: Path) -> None:
    """Link the third-party notices in the system's documentation folder."""
    link = folder / "usr/share/doc/paragone" / NOTICES
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(f"../../../lib/paragone/{NOTICES}")


def settle(folder: Path, when: datetime) -> None:
    """Set the file modes and times of all files."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or (path.name == "paragone" and path.parent.name == "paragone")
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (when.timestamp(), when.timestamp()), follow_symlinks=False)


def put(source: Path, target: Path, when: datetime | None = None) -> None:
    """Copy a text file. If a time is given, fill in version and date."""
    target.parent.mkdir(parents=True, exist_ok=True)
    text = source.read_text(encoding="utf-8")
    target.write_text(filled(text, when) if when else text, encoding="utf-8")


def filled(text: str, when: datetime) -> str:
    """Return a text with version and date filled in."""
    return text.replace("@VERSION@", version()).replace("@DATE@", f"{when:%Y-%m-%d}")


def zipped(text: str, target: Path) -> None:
    """Write a text, compressed with gzip and without a timestamp."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def tell(made: Path) -> None:
    """Print the path and size of a package."""
    shown = made.relative_to(ROOT) if made.is_relative_to(ROOT) else made
    print(f"{shown}: {made.stat().st_size / 1e6:.1f} MB")
