"""Package dist/paragone/ as two Debian packages: the program, and the embedded engine that it recommends.

    python packaging/linux/deb.py        after packaging/build.py; --frozen DIR and --out DIR for other folders

Both are built with dpkg-deb and compressed with zstd on all processors. Timestamps are those of the last commit, so
that builds are reproducible. There are no maintainer scripts: triggers of other packages update menus, file types,
icons and manuals.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import layout
import system_libraries

COMPRESSION = ("-Zzstd", "-z9")
"""Of 234 MB of Qt: 64 MB in 4 s; level 19 makes 56 MB in 102 s, xz 52 MB in 99 s. Needs dpkg 1.21.18 (Debian 12)."""

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def main() -> int:
    """Build both packages."""
    chosen = layout.options("Pack the frozen program as two Debian packages.").parse_args()
    frozen, out = chosen.frozen, chosen.out
    layout.check(frozen, "dpkg-deb", "md5sum", "readelf")
    out.mkdir(parents=True, exist_ok=True)
    when, version = layout.commit_time(), layout.version()
    with tempfile.TemporaryDirectory(dir=out, prefix=".deb-") as work:
        program, engine = Path(work) / "paragone", Path(work) / "paragone-engine"
        layout.lay_out(frozen, program, when)
        layout.link_notices(program)
        take_out_engine(program, engine)
        recommended = f"ca-certificates, xdg-utils, paragone-engine (= {version})"
        relations = f"Depends: {depends(program)}\nRecommends: {recommended}\n"
        control(program, when, relations, describe(layout.SUMMARY, layout.ABOUT))
        relations = f"Depends: paragone (= {version}), {depends(engine)}\nEnhances: paragone\n"
        control(engine, when, relations, describe(layout.ENGINE_SUMMARY, layout.ENGINE_ABOUT))
        for folder in (program, engine):
            pack(folder, out, when)
    return 0


def take_out_engine(program: Path, engine: Path) -> None:
    """Move the files that only the embedded model needs out of the program's package."""
    for name in layout.ENGINE_FILES:
        target = engine / layout.PROGRAM / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (program / layout.PROGRAM / name).rename(target)


def depends(folder: Path) -> str:
    """Return the system's packages that the machine code in a package needs."""
    files = list(system_libraries.machine_code(folder))
    needed = system_libraries.needed_by(files)
    return system_libraries.LibraryTable.read().debian(needed, (path.read_bytes() for path in files))


def describe(summary: str, about: str) -> str:
    """Return a description in the format of Debian control files."""
    lines = (f" {line or '.'}\n" for line in about.splitlines())
    return f"{summary}\n{''.join(lines)}"


def control(folder: Path, when: datetime, relations: str, about: str) -> None:
    """Write the license, changelog, control file and checksums of a package."""
    document(folder, when)
    debian = folder / "DEBIAN"
    debian.mkdir()
    files = sorted(path for path in (folder / "usr").rglob("*") if path.is_file() and not path.is_symlink())
    kilobytes = sum(path.stat().st_size for path in files) // 1024
    (debian / "control").write_text(
        f"Package: {folder.name}\nVersion: {layout.version()}\nArchitecture: {architecture()}\n"
        f"Maintainer: {layout.PACKAGER}\nInstalled-Size: {kilobytes}\nSection: net\nPriority: optional\n"
        f"Homepage: {layout.HOMEPAGE}\n{relations}Description: {about}"
    )
    words = ["md5sum", *(str(path.relative_to(folder)) for path in files)]
    (debian / "md5sums").write_bytes(subprocess.check_output(words, cwd=folder))


def document(folder: Path, when: datetime) -> None:
    """Write the license and changelog, as required by Debian policy."""
    doc = folder / "usr/share/doc" / folder.name
    layout.put(layout.HERE / "copyright", doc / "copyright")
    entry = (
        f"{folder.name} ({layout.version()}) stable; urgency=medium\n\n  * See the program's own list of changes.\n\n"
        f" -- {layout.PACKAGER}  {when:%a, %d %b %Y %H:%M:%S} +0000\n"
    )
    layout.zipped(entry, doc / "changelog.gz")
    overrides = layout.HERE / f"{folder.name}.lintian-overrides"
    layout.put(overrides, folder / "usr/share/lintian/overrides" / folder.name)


def pack(folder: Path, out: Path, when: datetime) -> None:
    """Normalize file modes and times, and build the package."""
    layout.settle(folder, when)
    package = out / f"{folder.name}_{layout.version()}_{architecture()}.deb"
    words = ["dpkg-deb", *COMPRESSION, "--root-owner-group", "--build", str(folder), str(package)]
    subprocess.run(words, env=layout.environment(when), check=True, stdout=subprocess.DEVNULL)
    layout.tell(package)


def architecture() -> str:
    """Return Debian's name for this processor architecture."""
    return ARCHITECTURES.get(layout.machine(), layout.machine())


if __name__ == "__main__":
    sys.exit(main())
