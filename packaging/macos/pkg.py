"""Sign dist/Paragone.app from the inside out, package it as an installer, notarize it, and check the result.

    python packaging/macos/pkg.py             after packaging/build.py, on macOS, with the identities in the environment
    python packaging/macos/pkg.py --dry-run   only print the commands in order; works on any system

Written according to Apple's manuals, and NOT yet run on macOS: only its order, inputs and files are tested.

    PARAGONE_MAC_APP_IDENTITY         "Developer ID Application: ..." that signs the program
    PARAGONE_MAC_INSTALLER_IDENTITY   "Developer ID Installer: ..." that signs the package
    PARAGONE_MAC_NOTARY_PROFILE       name of the profile stored with `xcrun notarytool store-credentials`
"""

from __future__ import annotations

import argparse
import os
import platform
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import icns

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
WORK = ROOT / "build" / "macos"
BUNDLE = "app.paragone.Paragone"
TOOLS = ("codesign", "pkgbuild", "productbuild", "pkgutil", "spctl", "xcrun")
IDENTITIES = {
    "PARAGONE_MAC_APP_IDENTITY": "the identity that signs the program",
    "PARAGONE_MAC_INSTALLER_IDENTITY": "the identity that signs the package",
    "PARAGONE_MAC_NOTARY_PROFILE": "the keychain profile of notarytool",
}
SHAPE = ("Contents/MacOS/paragone", "Contents/Frameworks", "Contents/Resources/resources", "Contents/Info.plist")
MODELS = "resources/models"
NOTICES = "NOTICES.txt"
# Magic numbers of Mach-O files: 32 and 64 bits in both byte orders, and universal
MACH_O = {bytes.fromhex(word) for word in ["feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe", "cafebabf"]}
NESTED = (".framework", ".app", ".bundle", ".xpc", ".appex")

Command = list[str]


def main() -> int:
    """Build the package. Returns 2 if any requirement is missing."""
    chosen = options().parse_args()
    missing = [*unfit_bundle(chosen.app, chosen.frozen)]
    unready = [*unfit_surroundings(os.environ)]
    for sentence in (*missing, *unready):
        print(sentence, file=sys.stderr)
    if missing or (unready and not chosen.dry_run):
        return 2
    app = WORK / "root" / "Applications" / chosen.app.name
    made = chosen.out / f"Paragone-{version()}-{platform.machine()}.pkg"
    if not chosen.dry_run:
        assemble(chosen.app, chosen.frozen, app)
        made.parent.mkdir(parents=True, exist_ok=True)
    for command in commands(chosen.app, app, made, os.environ):
        print(shlex.join(command), flush=True)
        if not chosen.dry_run and (status := subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode):
            return status
    return 0


def options() -> argparse.ArgumentParser:
    """Return the argument parser."""
    parser = argparse.ArgumentParser(description="Sign, pack and notarise the program for macOS.")
    parser.add_argument("--app", type=Path, default=ROOT / "dist" / "Paragone.app", help="the bundle made by build.py")
    parser.add_argument("--frozen", type=Path, default=ROOT / "dist" / "paragone", help="folder with model and notices")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the package is put")
    parser.add_argument("--dry-run", action="store_true", help="print the commands, and run none")
    return parser


def unfit_bundle(app: Path, frozen: Path) -> Iterator[str]:
    """Yield sentences about parts that are missing in the bundle."""
    if not app.is_dir():
        yield f"{app} is not there: run packaging/build.py on macOS first."
        return
    for name in SHAPE:
        if not (app / name).exists():
            yield f"{app} is not a whole bundle: it has no {name}."
    if not (frozen / NOTICES).is_file():
        yield f"{frozen} has no {NOTICES}: run packaging/build.py again."
    if not [*(frozen / "_internal" / MODELS).glob("*.gguf")]:
        yield f"{frozen} has no model: run packaging/build.py again."


def unfit_surroundings(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield sentences about requirements that this computer does not meet."""
    if sys.platform != "darwin":
        yield "Signing and packing for macOS works on macOS only."
    for name in TOOLS:
        if shutil.which(name) is None:
            yield f"{name} is not installed: Xcode's command line tools have it."
    for name, meaning in IDENTITIES.items():
        if not environ.get(name):
            yield f"{name} is not set: {meaning}."


def version() -> str:
    """Return Paragone's version, read from main.py."""
    found = re.search(r'^VERSION = "([^"]+)"', (ROOT / "main.py").read_text(), re.MULTILINE)
    assert found
    return found[1]


def information() -> bytes:
    """Return the bundle's Info.plist."""
    return (HERE / "Info.plist").read_text(encoding="utf-8").replace("@VERSION@", version()).encode()


def requirements() -> bytes:
    """Return the installer's requirements: system version and processor architecture."""
    oldest = plistlib.loads(information())["LSMinimumSystemVersion"]
    return plistlib.dumps({"os": [oldest], "arch": [platform.machine()]})


def assemble(source: Path, frozen: Path, app: Path) -> None:
    """Copy the bundle to be signed, and add the model, notices, icon and Info.plist."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.copytree(source, app, symlinks=True)
    resources = app / "Contents" / "Resources"
    shutil.copytree(frozen / "_internal" / MODELS, resources / MODELS, dirs_exist_ok=True)
    shutil.copyfile(frozen / NOTICES, resources / NOTICES)
    for old in resources.glob("*.icns"):
        old.unlink()
    (resources / "Paragone.icns").write_bytes(icns.draw(ROOT / "resources/icons/app/paragone.svg"))
    (app / "Contents" / "Info.plist").write_bytes(information())
    (WORK / "requirements.plist").write_bytes(requirements())


def nested(app: Path) -> list[Path]:
    """Return the paths of all code in a bundle, deepest first.

    The program itself is excluded, because it is signed together with the bundle.
    """
    found = [path.relative_to(app) for path in app.rglob("*") if is_code(path)]
    program = Path("Contents/MacOS/paragone")
    return sorted((path for path in found if path != program), key=lambda path: (-len(path.parts), path))


def is_code(path: Path) -> bool:
    """Whether a path must be signed separately, as a machine code file or a nested bundle."""
    if path.is_symlink():
        return False
    if path.is_dir():
        return path.suffix in NESTED
    with path.open("rb") as file:
        return file.read(4) in MACH_O


def commands(source: Path, app: Path, made: Path, environ: Mapping[str, str]) -> Iterator[Command]:
    """Yield all commands in order. Identities that are not set appear as the names of their variables."""
    signer, packer, profile = (environ.get(name) or f"${name}" for name in IDENTITIES)
    yield from sign(source, app, signer)
    yield from pack(made, packer)
    # Stapling fails if Apple rejected the package, regardless of notarytool's exit status.
    yield ["xcrun", "notarytool", "submit", str(made), "--keychain-profile", profile, "--wait"]
    yield ["xcrun", "stapler", "staple", str(made)]
    yield ["xcrun", "stapler", "validate", str(made)]
    yield ["pkgutil", "--check-signature", str(made)]
    yield ["spctl", "--assess", "--verbose=2", "--type", "install", str(made)]
    yield ["spctl", "--assess", "--verbose=2", "--type", "execute", str(app)]


def sign(source: Path, app: Path, signer: str) -> Iterator[Command]:
    """Yield the commands that sign all code from the inside out and then check it.

    The bundle is signed last, with its entitlements.
    """
    words = ["codesign", "--force", "--timestamp", "--options", "runtime", "--sign", signer]
    for path in nested(source):
        yield [*words, str(app / path)]
    yield [*words, "--entitlements", str(HERE / "entitlements.plist"), str(app)]
    yield ["codesign", "--verify", "--deep", "--strict", "--verbose=2", str(app)]


def pack(made: Path, packer: str) -> Iterator[Command]:
    """Yield the commands that build the component package and the signed distribution package around it."""
    component, distribution = WORK / "paragone.pkg", WORK / "distribution.xml"
    what = ["--identifier", BUNDLE, "--version", version(), "--install-location", "/"]
    parts = ["--root", str(WORK / "root"), "--component-plist", str(HERE / "component.plist")]
    yield ["pkgbuild", *parts, *what, str(component)]
    needs = ["--product", str(WORK / "requirements.plist"), "--package", str(component)]
    yield ["productbuild", "--synthesize", *needs, str(distribution)]
    where = ["--distribution", str(distribution), "--package-path", str(WORK)]
    yield ["productbuild", *where, "--sign", packer, "--timestamp", str(made)]


if __name__ == "__main__":
    sys.exit(main())
