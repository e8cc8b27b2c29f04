"""Pack dist/paragone/ as two rpm packages: the program, and the embedded engine that it recommends.

    python packaging/linux/rpm.py        after packaging/build.py; --frozen DIR and --out DIR for other folders

They are made by rpmbuild from paragone.spec. Debian has rpmbuild in its package `rpm`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import layout

SPEC = layout.HERE / "paragone.spec"


def main() -> int:
    """Make both packages."""
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
    """Run rpmbuild in a folder of its own; the packages it made."""
    root = work / "root"
    layout.lay_out(frozen, root, when)
    layout.settle(root, when)
    for library in layout.libraries(root):
        library.chmod(0o755)  # rpm looks into nothing else for what a package needs
    (work / "BUILD").mkdir()
    spec = work / SPEC.name
    spec.write_text(filled(SPEC.read_text(), frozen, when))
    name = "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"
    defined = {"_topdir": work, "laid_out": root, "checkout": layout.ROOT, "_rpmfilename": name}
    words = [word for name, value in defined.items() for word in ("--define", f"{name} {value}")]
    # A home of its own, so that nobody's .rpmmacros have a say.
    environ = {**layout.environment(when), "HOME": str(work)}
    command = ["rpmbuild", "-bb", "--quiet", "--target", f"{layout.machine()}-linux", *words, str(spec)]
    subprocess.run(command, env=environ, check=True, stdin=subprocess.DEVNULL)
    return sorted((work / "RPMS").glob("*.rpm"))


def filled(text: str, frozen: Path, when: datetime) -> str:
    """The spec with our words in their places."""
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
    """A text with its first letter large."""
    return text[0].upper() + text[1:]


def bundled(frozen: Path) -> str:
    """A pattern of the libraries that the program brings along, without backslashes, which rpm's macros would eat."""
    names = sorted({path.name for path in frozen.rglob("*.so*")})
    # Libraries of Qt are the bundled ones or none: it never finds the system's.
    return "|".join(("libQt6.*", *(re.sub(r"([.+])", r"[\1]", name) for name in names)))


if __name__ == "__main__":
    sys.exit(main())
