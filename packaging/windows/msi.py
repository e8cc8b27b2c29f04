"""Package a folder frozen on Windows as a silent, per-machine MSI with the engine as a separate feature.

    python packaging/windows/msi.py                        dist/paragone/ with wixl
    python packaging/windows/msi.py --frozen DIR --out FILE.msi
    python packaging/windows/msi.py --wxs-only DIR         only the source and the icon, for WiX 3

Needs Debian's wixl and msitools. The same files and time result in the same MSI, bit for bit. Source for WiX 3:

    candle -arch x64 -dFrozen=dist/paragone -dPolicy=packaging/policy/windows -dIcon=DIR/paragone.ico DIR/paragone.wxs
    light -o paragone.msi paragone.wixobj
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))

import icon  # noqa: E402 - beside this file
from settle import settle  # noqa: E402
from wxs import NotPackable, Product, identity, source  # noqa: E402

FROZEN = ROOT / "dist" / "paragone"
POLICY = ROOT / "packaging" / "policy" / "windows"
TOOLS = ("wixl", "msiinfo", "msibuild")


def main(words: list[str]) -> int:
    """Build the MSI or only its source, and return the exit status."""
    arguments = _arguments(words)
    number, when = version(), commit_time()
    try:
        if arguments.wxs_only:
            write_source(arguments.frozen, arguments.wxs_only, number, when)
            return 0
        made = build(arguments.frozen, arguments.out or ROOT / "dist" / f"paragone-{number}-x64.msi", number, when)
    except NotPackable as problem:
        sys.exit(str(problem))
    print(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
    return 0


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pack a folder that was frozen on Windows as an MSI.")
    parser.add_argument("--frozen", type=Path, default=FROZEN, metavar="DIR", help="what PyInstaller made")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the MSI; dist/paragone-VERSION-x64.msi without it")
    parser.add_argument("--wxs-only", type=Path, metavar="DIR", help="write paragone.wxs and paragone.ico into DIR")
    return parser.parse_args(words)


def build(frozen: Path, out: Path, version: str, when: int) -> Path:
    """Build the MSI `out` from a frozen folder, with all times set to `when` (seconds since 1970).

    Raises:
        NotPackable: If a tool is missing or a file cannot be packaged.
    """
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        raise NotPackable(f"not installed: {', '.join(missing)}. Debian has them in wixl and msitools")
    with tempfile.TemporaryDirectory(prefix="paragone-msi-") as place:
        work = Path(place)
        # Copied, because file times are stored in the cabinet and the originals must not be changed.
        stage(frozen, work / "program", when)
        stage(POLICY, work / "policy", when)
        product = write_source(work / "program", work, version, when)
        folders = {"Frozen": work / "program", "Policy": work / "policy", "Icon": work / "paragone.ico"}
        _wixl(work / "paragone.wxs", work / "made.msi", folders)
        settle(work / "made.msi", product.package_code, identity("search path"), when)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(work / "made.msi", out)
    return out


def write_source(frozen: Path, folder: Path, version: str, when: int) -> Product:
    """Write paragone.wxs and paragone.ico into a folder.

    Raises:
        NotPackable: If the version or a file name is invalid.
    """
    folder.mkdir(parents=True, exist_ok=True)
    icon.draw(folder / "paragone.ico")
    program, templates = files_of(frozen), files_of(POLICY)
    contents = [*(frozen / path for path in program), *(POLICY / path for path in templates), folder / "paragone.ico"]
    digest = hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in contents)).hexdigest()
    names = "\n".join(str(path) for path in (*program, *templates))
    draft = Product(version, "", program, templates)
    # Different packages must not share a code, so the code is derived from source, contents and time.
    code = identity("package", source(draft), names, digest, str(when))
    product = Product(version, code, program, templates)
    (folder / "paragone.wxs").write_text(source(product), encoding="utf-8", newline="\n")
    return product


def files_of(folder: Path) -> list[PurePosixPath]:
    """Return the relative paths of all files in a folder."""
    return sorted(PurePosixPath(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file())


def stage(folder: Path, target: Path, when: int) -> None:
    """Copy a folder, setting the time of all files."""
    for path in files_of(folder):
        copy = target / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, copy)
        os.utime(copy, (when, when))


def _wixl(wxs: Path, msi: Path, variables: dict[str, Path]) -> None:
    """Run wixl, treating its warnings as failures."""
    words = [word for name, value in variables.items() for word in ("-D", f"{name}={value}")]
    # Cabinets store local times.
    environ = {**os.environ, "TZ": "UTC"}
    command = ["wixl", "--arch", "x64", *words, "--output", str(msi), str(wxs)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode or "CRITICAL" in done.stderr:
        raise NotPackable(f"wixl failed (status {done.returncode}): {done.stderr.strip()}")


def version() -> str:
    """Return Paragone's version, read from main.py."""
    found = re.search(r'^VERSION = "([^"]+)"', (ROOT / "main.py").read_text("utf-8"), re.MULTILINE)
    assert found
    return found[1]


def commit_time() -> int:
    """Return SOURCE_DATE_EPOCH, or the time of the last commit in seconds since 1970."""
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    return int(os.environ.get("SOURCE_DATE_EPOCH") or subprocess.check_output(command, text=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
