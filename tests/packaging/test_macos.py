"""What is tested of the macOS package where there is no macOS: its order, its inputs and its files."""

from __future__ import annotations

import importlib
import os
import plistlib
import shlex
import struct
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.packaging import frozen

FOLDER = frozen.ROOT / "packaging" / "macos"
MACH_O = bytes.fromhex("cffaedfe") + bytes(12)
SEVERAL = bytes.fromhex("cafebabe") + bytes(12)
QT = "Contents/Frameworks/PySide6/Qt/lib/QtCore.framework"
CODE = {
    "Contents/MacOS/paragone": MACH_O,
    "Contents/Frameworks/libpython3.11.dylib": MACH_O,
    f"{QT}/Versions/A/QtCore": SEVERAL,
    "Contents/Frameworks/xllamacpp/xllamacpp.abi3.so": MACH_O,
}
DATA = ("Contents/Info.plist", "Contents/Resources/resources/catalog.toml", "Contents/Resources/icon-windowed.icns")
LINKS = {
    f"{QT}/Versions/Current": "A",
    f"{QT}/QtCore": "Versions/Current/QtCore",
    "Contents/Frameworks/resources": "../Resources/resources",
    "Contents/Resources/libpython3.11.dylib": "../Frameworks/libpython3.11.dylib",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A bundle of the shape that PyInstaller makes."""
    made = tmp_path / "Paragone.app"
    for name, content in {**CODE, **dict.fromkeys(DATA, b"data")}.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(content)
    for name, target in LINKS.items():
        (made / name).symlink_to(target)
    return made


@pytest.fixture
def pkg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module, with its work in the test's folder."""
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    module = importlib.import_module("pkg")
    monkeypatch.setattr(module, "WORK", tmp_path / "work")
    return module


def run(app: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    folder = frozen.made(app.parent / "frozen")
    where = ("--app", str(app), "--frozen", str(folder), "--out", str(app.parent / "out"))
    command = [sys.executable, str(FOLDER / "pkg.py"), *where, *words]
    return subprocess.run(command, env={**os.environ, **environ}, capture_output=True, text=True)


def test_a_dry_run_signs_all_code_before_what_holds_it(app: Path) -> None:
    ended = run(app, "--dry-run", PARAGONE_MAC_APP_IDENTITY="Developer ID Application: Somebody")
    assert ended.returncode == 0
    commands = [shlex.split(line) for line in ended.stdout.splitlines()]
    signing = [words for words in commands if words[:2] == ["codesign", "--force"]]
    assert {words[words.index("--sign") + 1] for words in signing} == {"Developer ID Application: Somebody"}
    signed = [words[-1].rpartition("Paragone.app")[2].lstrip("/") for words in signing]
    assert sorted(signed) == sorted([*(CODE.keys() - {"Contents/MacOS/paragone"}), QT, ""])
    for place, path in enumerate(signed):
        assert not any(Path(later).is_relative_to(path) for later in signed[place + 1 :])
    assert [("--entitlements" in words) for words in signing] == [*[False] * (len(signing) - 1), True]
    assert all({"--timestamp", "--options", "runtime"} < set(words) for words in signing)
    assert not (app.parent / "out").exists()


def test_a_dry_run_packs_what_was_checked_and_checks_what_was_packed(app: Path) -> None:
    lines = run(app, "--dry-run").stdout.splitlines()
    steps = [" ".join(shlex.split(line)[:2]) for line in lines if not line.startswith("codesign --force")]
    assert steps == [
        "codesign --verify",
        "pkgbuild --root",
        "productbuild --synthesize",
        "productbuild --distribution",
        "xcrun notarytool",
        "xcrun stapler",
        "xcrun stapler",
        "pkgutil --check-signature",
        "spctl --assess",
        "spctl --assess",
    ]
    assert "$PARAGONE_MAC_INSTALLER_IDENTITY" in lines[-7]
    assert "--wait" in lines[-6]


@pytest.mark.skipif(sys.platform == "darwin", reason="what is missing elsewhere")
def test_each_missing_input_has_a_sentence(app: Path) -> None:
    ended = run(app, PARAGONE_MAC_APP_IDENTITY="Developer ID Application: Somebody")
    assert (ended.returncode, ended.stdout) == (2, "")
    said = ended.stderr.splitlines()
    assert "Signing and packing for macOS works on macOS only." in said
    assert "codesign is not installed: Xcode's command line tools have it." in said
    assert "PARAGONE_MAC_NOTARY_PROFILE is not set: the keychain profile of notarytool." in said
    assert not any("PARAGONE_MAC_APP_IDENTITY" in line for line in said)


def test_a_bundle_of_another_shape_is_refused_even_by_a_dry_run(app: Path) -> None:
    (app / "Contents/MacOS/paragone").unlink()
    ended = run(app, "--dry-run")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"{app} is not a whole bundle: it has no Contents/MacOS/paragone." in ended.stderr
    ended = run(app.with_name("None.app"), "--dry-run")
    assert f"{app.with_name('None.app')} is not there" in ended.stderr


def test_the_copy_that_is_signed_has_model_notices_icon_and_facts(pkg: ModuleType, app: Path, tmp_path: Path) -> None:
    copy = tmp_path / "work/root/Applications/Paragone.app"
    pkg.assemble(app, frozen.made(tmp_path / "frozen"), copy)
    assert (copy / "Contents/Frameworks/resources/models/model.gguf").read_bytes() == b"GGUF\n"
    assert (copy / "Contents/Resources/NOTICES.txt").is_file()
    assert [path.name for path in (copy / "Contents/Resources").glob("*.icns")] == ["Paragone.icns"]
    facts = plistlib.loads((copy / "Contents/Info.plist").read_bytes())
    assert (copy / "Contents/Resources" / facts["CFBundleIconFile"]).is_file()
    assert (copy / "Contents/MacOS" / facts["CFBundleExecutable"]).is_file()
    assert facts["CFBundleShortVersionString"] == facts["CFBundleVersion"] == frozen.VERSION
    needed = plistlib.loads((tmp_path / "work/requirements.plist").read_bytes())
    assert needed["os"] == [facts["LSMinimumSystemVersion"]]
    assert (app / "Contents/Info.plist").read_bytes() == b"data"


def test_the_document_type_is_the_one_that_is_declared(pkg: ModuleType) -> None:
    facts = plistlib.loads(pkg.information())
    (declared,) = facts["UTExportedTypeDeclarations"]
    owned = [each for each in facts["CFBundleDocumentTypes"] if each["LSHandlerRank"] == "Owner"]
    assert [each["LSItemContentTypes"] for each in owned] == [[declared["UTTypeIdentifier"]]]
    mime = (frozen.LINUX / "paragone-mime.xml").read_text()
    assert declared["UTTypeTagSpecification"]["public.mime-type"][0] in mime


def test_nothing_more_is_allowed_than_what_python_needs() -> None:
    allowed = plistlib.loads((FOLDER / "entitlements.plist").read_bytes())
    assert allowed == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


def test_the_package_is_installed_where_its_bundle_lies(pkg: ModuleType, app: Path) -> None:
    (component,) = plistlib.loads((FOLDER / "component.plist").read_bytes())
    assert (pkg.WORK / "root" / component["RootRelativeBundlePath"]).name == app.name
    assert component["BundleIsRelocatable"] is False


def test_the_icon_holds_a_picture_of_each_size(pkg: ModuleType) -> None:
    icon = pkg.icns.draw(frozen.ROOT / "resources/icons/app/paragone.svg")
    assert struct.unpack(">4sI", icon[:8]) == (b"icns", len(icon))
    sides: dict[bytes, int] = {}
    rest = icon[8:]
    while rest:
        name, length = struct.unpack(">4sI", rest[:8])
        picture, rest = rest[8:length], rest[length:]
        assert picture.startswith(b"\x89PNG")
        sides[name] = struct.unpack(">I", picture[16:20])[0]
    assert sides == pkg.icns.SIZES
    assert max(sides.values()) == 1024
