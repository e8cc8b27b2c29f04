"""Pack dist/paragone/ as two Debian packages: the program, and the embedded engine that it recommends.

    python packaging/linux/deb.py        after packaging/build.py

Both are made by dpkg-deb alone, with xz; their times are those of the last commit, so that two builds are alike.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
FROZEN = ROOT / "dist" / "paragone"
WORK = ROOT / "build" / "deb"
APP = "app.paragone.Paragone"
ENGINE_FILES = ("_internal/xllamacpp", "_internal/resources/models")
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)

DEPENDS = (
    "libc6 (>= 2.36), libgl1, libegl1, libxkbcommon0, libxkbcommon-x11-0, libglib2.0-0t64 | libglib2.0-0,"
    " libfontconfig1, libfreetype6, libdbus-1-3, libxcb-cursor0, libxcb-icccm4, libxcb-keysyms1, libxcb-shape0,"
    " libxcb-xkb1, libwayland-cursor0, libgssapi-krb5-2, zlib1g"
)

ABOUT = """chat client that puts language models side by side
 Type once, and up to sixteen models answer at the same time, each in a pane
 of its own: from Azure AI Foundry, from any server of the same wire formats,
 or from a small model embedded in the program.
 .
 Keys lie in the keyring, conversations stay on this computer and are found
 by three letters of anything that was ever said.
"""
ENGINE_ABOUT = """embedded engine and model of Paragone
 With it Paragone answers without account and without network: llama.cpp's
 engine and the SmolLM2 135M model.
"""


def main() -> int:
    """Make both packages in dist/."""
    if not FROZEN.is_dir():
        sys.exit("dist/paragone/ is not there: run packaging/build.py first")
    shutil.rmtree(WORK, ignore_errors=True)
    when = datetime.fromtimestamp(int(commit_time()), UTC)
    program, engine = WORK / "paragone", WORK / "paragone-engine"
    lay_out_program(program, when)
    lay_out_engine(engine, program)
    for folder, depends, about in (
        (program, f"Depends: {DEPENDS}\nRecommends: paragone-engine (= {version()})\n", ABOUT),
        (engine, f"Depends: paragone (= {version()}), libc6 (>= 2.36), libgomp1\nEnhances: paragone\n", ENGINE_ABOUT),
    ):
        document(folder, when)
        control(folder, depends, about)
        pack(folder, when)
    return 0


def version() -> str:
    """The program's version, as main.py has it."""
    found = re.search(r'^VERSION = "([^"]+)"', (ROOT / "main.py").read_text(), re.MULTILINE)
    assert found
    return found[1]


def commit_time() -> str:
    """Seconds since 1970 of the last commit, or what SOURCE_DATE_EPOCH says already."""
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return os.environ.get("SOURCE_DATE_EPOCH") or subprocess.check_output(command, text=True).strip()


def lay_out_program(folder: Path, when: datetime) -> None:
    """Everything but the engine, where the Filesystem Hierarchy Standard wants it."""
    shutil.copytree(FROZEN, folder / "usr/lib/paragone", symlinks=True)
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
    (folder / "etc/paragone/policies/managed").mkdir(parents=True)
    (folder / "etc/paragone/policies/recommended").mkdir(parents=True)


def lay_out_engine(folder: Path, program: Path) -> None:
    """What only the embedded model needs, taken out of the program's package."""
    for name in ENGINE_FILES:
        source = program / "usr/lib/paragone" / name
        target = folder / "usr/lib/paragone" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)


def document(folder: Path, when: datetime) -> None:
    """Licence and changes, as Debian's policy wants them."""
    doc = folder / "usr/share/doc" / folder.name
    put(HERE / "copyright", doc / "copyright")
    entry = (
        f"{folder.name} ({version()}) stable; urgency=medium\n\n  * See the program's own list of changes.\n\n"
        f" -- Paragone <packages@paragone.app>  {when:%a, %d %b %Y %H:%M:%S} +0000\n"
    )
    zipped(entry, doc / "changelog.gz")
    overrides = HERE / f"{folder.name}.lintian-overrides"
    put(overrides, folder / "usr/share/lintian/overrides" / folder.name)


def control(folder: Path, relations: str, about: str) -> None:
    """The package's facts, and the sums of its files."""
    debian = folder / "DEBIAN"
    debian.mkdir()
    files = sorted(path for path in (folder / "usr").rglob("*") if path.is_file() and not path.is_symlink())
    kilobytes = sum(path.stat().st_size for path in files) // 1024
    (debian / "control").write_text(
        f"Package: {folder.name}\nVersion: {version()}\nArchitecture: amd64\n"
        f"Maintainer: Paragone <packages@paragone.app>\nInstalled-Size: {kilobytes}\nSection: net\nPriority: optional\n"
        f"Homepage: https://paragone.app/\n{relations}Description: {about}"
    )
    words = ["md5sum", *(str(path.relative_to(folder)) for path in files)]
    (debian / "md5sums").write_bytes(subprocess.check_output(words, cwd=folder))


def pack(folder: Path, when: datetime) -> None:
    """Settle modes and times and make the package."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or (path.name == "paragone" and path.parent.name == "paragone")
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (when.timestamp(), when.timestamp()), follow_symlinks=False)
    made = ROOT / "dist" / f"{folder.name}_{version()}_amd64.deb"
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(int(when.timestamp()))}
    words = ["dpkg-deb", "-Zxz", "--root-owner-group", "--build", str(folder), str(made)]
    subprocess.run(words, env=environ, check=True, stdout=subprocess.DEVNULL)
    print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1e6:.1f} MB")


def draw_icons(folder: Path) -> None:
    """The icon in all sizes, drawn from its SVG by the program's own Qt."""
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
    python = ROOT / "build/freeze/venv/bin/python"
    environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    svg = ROOT / "resources/icons/app/paragone.svg"
    subprocess.run([str(python), "-c", script, str(svg), *words], env=environ, check=True)


def put(source: Path, target: Path, when: datetime | None = None) -> None:
    """Copy a text file, with version and date filled in where a time is given."""
    target.parent.mkdir(parents=True, exist_ok=True)
    text = source.read_text(encoding="utf-8")
    target.write_text(filled(text, when) if when else text, encoding="utf-8")


def filled(text: str, when: datetime) -> str:
    """A text with the version and the date in their places."""
    return text.replace("@VERSION@", version()).replace("@DATE@", f"{when:%Y-%m-%d}")


def zipped(text: str, target: Path) -> None:
    """Write a text with gzip and without a time."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    sys.exit(main())
