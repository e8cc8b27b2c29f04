"""Package dist/paragone/ as two RPM packages: the program, and the embedded engine that it recommends.

    python packaging/linux/rpm.py        after packaging/build.py; --frozen DIR and --out DIR for other folders

Both are built by rpmbuild from paragone.spec. On Debian, rpmbuild is in the package `rpm`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import layout
import system_libraries

SPEC = layout.HERE / "paragone.spec"


def main() -> int:
    """Build both packages."""
    chosen = layout.options("Pack the frozen program as two rpm packages.").parse_args()
    frozen, out = chosen.frozen, chosen.out
    layout.check(frozen, "rpmbuild")
    out.mkdir(parents=True, exist_ok=True)
    when = layout.commit_time()
    with tempfile.TemporaryDirectory(dir=out.resolve(), prefix=".rpm-") as work:
        for made in build(frozen, Path(work), when):
            layout.tell(made.replace(out / made.name))
    return 0


def build(frozen: Path, work: Path, when: datetime) -> list[Path]:
    """Run rpmbuild in a separate folder, and return the paths of the packages."""
    root = work / "root"
    layout.lay_out(frozen, root, when)
    layout.settle(root, when)
    for library in system_libraries.machine_code(root):
        library.chmod(0o755)  # rpm only inspects executable files for dependencies
    (work / "BUILD").mkdir()
    spec = work / SPEC.name
    spec.write_text(filled(SPEC.read_text(), frozen, when))
    name = "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"
    defined = {"_topdir": work, "laid_out": root, "checkout": layout.ROOT, "_rpmfilename": name}
    words = [word for name, value in defined.items() for word in ("--define", f"{name} {value}")]
    # A separate home folder, so that no .rpmmacros applies.
    environ = {**layout.environment(when), "HOME": str(work)}
    command = ["rpmbuild", "-bb", "--quiet", "--target", f"{layout.machine()}-linux", *words, str(spec)]
    subprocess.run(command, env=environ, check=True, stdin=subprocess.DEVNULL)
    return sorted((work / "RPMS").glob("*.rpm"))


def filled(text: str, frozen: Path, when: datetime) -> str:
    """Return the spec with its placeholders filled in."""
    words = {
        "VERSION": layout.version().replace("-", "~"),
        "HOMEPAGE": layout.HOMEPAGE,
        "PACKAGER": layout.PACKAGER,
        "PROGRAM": layout.PROGRAM,
        "BUNDLED": bundled(frozen),
        "DATE": f"{when:%a %b %d %Y}",
        "SUMMARY": sentence(layout.SUMMARY),
        "ABOUT": layout.ABOUT.strip(),
        "ENGINE_SUMMARY": sentence(layout.ENGINE_SUMMARY),
        "ENGINE_ABOUT": layout.ENGINE_ABOUT.strip(),
    }
    return re.sub(r"@([A-Z_]+)@", lambda found: words[found[1]], text)


def sentence(text: str) -> str:
    """Return a text with its first letter in upper case."""
    return text[0].upper() + text[1:]


def bundled(frozen: Path) -> str:
    """Return a pattern that matches the bundled libraries, without backslashes, which RPM macros would remove."""
    names = sorted({path.name for path in frozen.rglob("*.so*")})
    # Only bundled Qt libraries are used, never those of the system.
    return "|".join(("libQt6.*", *(re.sub(r"([.+])", r"[\1]", name) for name in names)))


if __name__ == "__main__":
    sys.exit(main())
