"""Package dist/paragone/ as an AppImage: one file that runs without installation, with engine and model.

    python packaging/linux/appimage.py --runtime FILE --runtime-sha256 HEX

The runtime at the beginning of the file mounts the rest of it. The runtime is published by the AppImage project and is
not part of this repository: pass it as a file, with the SHA-256 that you trust.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import layout

ICON = "usr/share/icons/hicolor/256x256/apps/paragone.png"


def main() -> int:
    """Build the AppImage. Returns 2 if the runtime is missing or invalid."""
    parser = layout.options("Pack the frozen program as an AppImage.")
    parser.add_argument("--runtime", type=Path, help="the AppImage project's runtime, as a file")
    parser.add_argument("--runtime-sha256", metavar="HEX", default="", help="its SHA-256")
    chosen = parser.parse_args()
    if problem := wrong(chosen.runtime, chosen.runtime_sha256):
        print(problem, file=sys.stderr)
        return 2
    frozen, out = chosen.frozen, chosen.out
    layout.check(frozen, "mksquashfs")
    out.mkdir(parents=True, exist_ok=True)
    when = layout.commit_time()
    with tempfile.TemporaryDirectory(dir=out, prefix=".appimage-") as work:
        folder, filesystem, joined = Path(work) / "AppDir", Path(work) / "squashfs", Path(work) / "AppImage"
        lay_out(frozen, folder, when)
        squash(folder, filesystem, when)
        joined.write_bytes(chosen.runtime.read_bytes() + filesystem.read_bytes())
        joined.chmod(0o755)
        layout.tell(joined.replace(out / f"Paragone-{layout.version()}-{layout.machine()}.AppImage"))
    return 0


def wrong(runtime: Path | None, sha256: str) -> str:
    """Return a sentence about the problem with the runtime, or an empty string if it is valid."""
    if runtime is None or not sha256:
        return "An AppImage begins with a runtime: give its file with --runtime and its sum with --runtime-sha256."
    if not runtime.is_file():
        return f"{runtime} is not there."
    content = runtime.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != sha256.lower():
        return f"{runtime} is not the runtime that was meant: its SHA-256 is {found}."
    # https://github.com/AppImage/AppImageSpec/blob/master/draft.md: ELF, and the type in the header's padding.
    if content[:4] != b"\x7fELF" or content[8:11] != b"AI\x02":
        return f"{runtime} is no AppImage runtime of type 2."
    return ""


def lay_out(frozen: Path, folder: Path, when: datetime) -> None:
    """Lay out the program's files, with the top-level files that the runtime and file managers expect."""
    layout.lay_out(frozen, folder, when)
    shutil.rmtree(folder / "etc")  # policies are read from the computer
    layout.link_notices(folder)
    for source in (layout.ROOT / "LICENSE", layout.HERE / "copyright"):
        layout.put(source, folder / "usr/share/doc/paragone" / source.name)
    (folder / "AppRun").symlink_to(f"{layout.PROGRAM}/paragone")
    (folder / f"{layout.APP}.desktop").symlink_to(f"usr/share/applications/{layout.APP}.desktop")
    (folder / "paragone.png").symlink_to(ICON)
    (folder / ".DirIcon").symlink_to("paragone.png")
    layout.settle(folder, when)


def squash(folder: Path, filesystem: Path, when: datetime) -> None:
    """Build the file system reproducibly: owned by root, with fixed times."""
    options = "-root-owned -noappend -no-xattrs -no-progress -quiet -comp zstd -Xcompression-level 19 -b 1M"
    command = ["mksquashfs", str(folder), str(filesystem), *options.split()]
    subprocess.run(command, env=layout.environment(when), check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
