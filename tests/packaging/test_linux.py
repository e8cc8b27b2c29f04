"""The Debian packages hold what they should, are alike at each build, and leave nothing behind."""

from __future__ import annotations

import configparser
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.packaging import frozen
from tests.packaging.frozen import LINUX, output, packed, sums

needs_dpkg = pytest.mark.skipif(bool(frozen.lacking("dpkg-deb")), reason=frozen.lacking("dpkg-deb"))
needs_root = pytest.mark.skipif(bool(frozen.lacking("dpkg", root=True)), reason=frozen.lacking("dpkg", root=True))


def fields(package: Path) -> dict[str, str]:
    lines = output("dpkg-deb", "-f", package).splitlines()
    return dict(line.split(": ", 1) for line in lines if not line.startswith(" "))


def files(package: Path) -> dict[str, str]:
    """Modes by path."""
    lines = [line.split(maxsplit=5) for line in output("dpkg-deb", "-c", package).splitlines()]
    return {words[5].split(" -> ")[0].removeprefix("./").rstrip("/"): f"{words[0]} {words[1]}" for words in lines}


def dpkg(root: Path, *words: str | Path) -> None:
    (root / "var/lib/dpkg/info").mkdir(parents=True, exist_ok=True)
    (root / "var/lib/dpkg/updates").mkdir(exist_ok=True)
    (root / "var/lib/dpkg/status").touch()
    (root / "var/log").mkdir(exist_ok=True)
    output("dpkg", f"--root={root}", "--force-depends", *words)


@pytest.mark.parametrize("script", ["deb.py", "rpm.py"])
def test_without_a_frozen_folder_a_sentence_says_what_to_do(tmp_path: Path, script: str) -> None:
    ended = frozen.pack(script, tmp_path / "none", tmp_path)
    assert ended.returncode == 1
    assert ended.stderr == f"{tmp_path / 'none'} is not there: run packaging/build.py first\n"


def test_a_folder_without_the_model_is_refused(tmp_path: Path) -> None:
    folder = frozen.made(tmp_path / "paragone")
    (folder / "_internal/resources/models/model.gguf").unlink()
    (folder / "_internal/resources/models").rmdir()
    ended = frozen.pack("deb.py", folder, tmp_path)
    assert ended.returncode == 1
    assert "it has no _internal/resources/models" in ended.stderr


@needs_dpkg
def test_two_debs_of_the_same_sources_are_alike_to_the_bit(tmp_path: Path) -> None:
    first = packed("deb.py", frozen.made(tmp_path / "a"), tmp_path / "first")
    second = packed("deb.py", frozen.made(tmp_path / "b", seconds=1_500_000_000), tmp_path / "second")
    assert sums(first) == sums(second)
    assert [path.name.split("_")[:2] for path in first] == [["paragone-engine", "0.1.0"], ["paragone", "0.1.0"]]


@needs_dpkg
def test_the_program_and_its_engine_are_packages_that_go_together(tmp_path: Path) -> None:
    engine, program = packed("deb.py", frozen.made(tmp_path / "frozen"), tmp_path / "out")
    told = fields(program)
    assert told["Recommends"].endswith("paragone-engine (= 0.1.0)")
    assert told["Depends"] == "libc6 (>= 2.41)"
    assert fields(engine)["Depends"] == "paragone (= 0.1.0), libc6 (>= 2.30), libgomp1"
    inside = files(program)
    assert inside["usr/lib/paragone/paragone"] == "-rwxr-xr-x root/root"
    assert inside["usr/lib/paragone/_internal/libfake.so.1"] == "-rw-r--r-- root/root"
    assert {"etc/paragone/policies/managed", "etc/paragone/policies/recommended"} < inside.keys()
    models = {path for path in files(engine) if "models" in path or "xllamacpp" in path}
    assert len(models) == 5
    assert not models & inside.keys()


@needs_dpkg
def test_the_debs_have_no_scripts(tmp_path: Path) -> None:
    for package in packed("deb.py", frozen.made(tmp_path / "frozen"), tmp_path / "out"):
        output("dpkg-deb", "-e", package, tmp_path / package.stem)
        assert sorted(path.name for path in (tmp_path / package.stem).iterdir()) == ["control", "md5sums"]


@needs_dpkg
@needs_root
def test_an_installed_deb_starts_and_a_purge_leaves_nothing(tmp_path: Path) -> None:
    packages = packed("deb.py", frozen.made(tmp_path / "frozen"), tmp_path / "out")
    install_start_purge(tmp_path / "root", packages)


def install_start_purge(root: Path, packages: list[Path]) -> None:
    dpkg(root, "--install", *packages)
    assert output(root / "usr/bin/paragone", "--version") == "Paragone 0.1.0\n"
    dpkg(root, "--purge", "paragone-engine", "paragone")
    assert frozen.left(root) == []


def test_the_menu_opens_the_files_that_we_declare() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(LINUX / "app.paragone.Paragone.desktop", encoding="utf-8")
    kinds = ET.parse(LINUX / "paragone-mime.xml").getroot()
    declared = [kind.get("type") for kind in kinds]
    shown = ET.parse(LINUX / "app.paragone.Paragone.metainfo.xml").getroot()
    assert entry["Desktop Entry"]["Exec"] == "paragone %f"
    assert entry["Desktop Entry"]["MimeType"].rstrip(";").split(";") == declared
    assert [each.text for each in shown.iter("mediatype")] == declared


@needs_dpkg
@pytest.mark.skipif(
    bool(frozen.lacking("desktop-file-validate", "appstreamcli")),
    reason=frozen.lacking("desktop-file-validate", "appstreamcli"),
)
def test_menu_entry_and_description_are_valid(tmp_path: Path) -> None:
    _, program = packed("deb.py", frozen.made(tmp_path / "frozen"), tmp_path / "out")
    output("dpkg-deb", "-x", program, tmp_path / "root")
    share = tmp_path / "root/usr/share"
    assert output("desktop-file-validate", share / "applications/app.paragone.Paragone.desktop") == ""
    output("appstreamcli", "validate", "--no-net", share / "metainfo/app.paragone.Paragone.metainfo.xml")


@pytest.mark.dist
@pytest.mark.timeout(600)
@needs_dpkg
@needs_root
@pytest.mark.skipif(bool(frozen.lacking("lintian")), reason=frozen.lacking("lintian"))
def test_the_real_debs_are_flawless_start_and_leave_nothing(tmp_path: Path) -> None:
    packages = packed("deb.py", frozen.real(), tmp_path / "out")
    assert output("lintian", "--allow-root", *packages) == ""
    install_start_purge(tmp_path / "root", packages)
