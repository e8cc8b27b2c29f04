"""The rpm packages hold what they should, ask for what the program lacks, and are alike at each build."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from system_libraries import LibraryTable

from tests.packaging import frozen
from tests.packaging.frozen import LINUX, output, packed, sums

pytestmark = pytest.mark.skipif(bool(frozen.lacking("rpmbuild", "rpm")), reason=frozen.lacking("rpmbuild", "rpm"))
needs_root = pytest.mark.skipif(bool(frozen.lacking(root=True)), reason=frozen.lacking(root=True))

# Data that is read from the system; everything else is a library.
PACKAGES = {"fontconfig", "xkeyboard-config", "ca-certificates", "hicolor-icon-theme"}
OTHER = ("paragone = ", "rpmlib(", "rtld(")


def asked(package: Path) -> set[str]:
    return set(output("rpm", "-qp", "--requires", package).splitlines())


def rpm(root: Path, *words: str | Path) -> None:
    root.mkdir(exist_ok=True)
    output("rpm", "--root", root, "--dbpath", "/var/lib/rpm", "--nodeps", "--noscripts", *words)


def install_start_erase(root: Path, packages: list[Path]) -> None:
    rpm(root, "--install", *packages)
    assert output(root / "usr/bin/paragone", "--version") == "Paragone 0.1.0\n"
    rpm(root, "--erase", "paragone-engine", "paragone")
    # Folders of other packages, which are not in this root.
    others = {"etc", "usr", "usr/bin", "usr/lib", "usr/share"}
    assert [name for name in frozen.left(root) if name not in others and not shared(name)] == []


def shared(name: str) -> bool:
    kinds = ("applications", "icons", "licenses", "man", "metainfo", "mime")
    return name.startswith(tuple(f"usr/share/{kind}" for kind in kinds)) and "paragone" not in name


def test_two_rpms_of_the_same_sources_are_alike_to_the_bit(tmp_path: Path) -> None:
    first = packed("rpm.py", frozen.made(tmp_path / "a"), tmp_path / "first")
    second = packed("rpm.py", frozen.made(tmp_path / "b", seconds=1_500_000_000), tmp_path / "second")
    assert sums(first) == sums(second)
    assert [path.name.rsplit(".", 2)[0] for path in first] == ["paragone-0.1.0-1", "paragone-engine-0.1.0-1"]


def test_the_program_recommends_its_engine_and_marks_its_licences(tmp_path: Path) -> None:
    program, engine = packed("rpm.py", frozen.made(tmp_path / "frozen"), tmp_path / "out")
    assert output("rpm", "-qp", "--recommends", program) == "paragone-engine = 0.1.0-1\nxdg-utils\n"
    assert "paragone = 0.1.0-1" in asked(engine)
    licences = output("rpm", "-qp", "--licensefiles", program).split()
    assert [Path(name).name for name in licences] == ["LICENSE", "NOTICES.txt", "copyright"]
    inside = set(output("rpm", "-qpl", program).splitlines())
    assert {"/etc/paragone", "/etc/paragone/policies/managed", "/usr/bin/paragone"} < inside
    assert "/usr/lib/paragone/_internal/resources/models/model.gguf" in output("rpm", "-qpl", engine)
    assert not inside & set(output("rpm", "-qpl", engine).splitlines())


def test_what_is_brought_along_is_neither_asked_for_nor_offered(tmp_path: Path) -> None:
    import msgspec

    folder = frozen.made(tmp_path / "frozen")
    code = next(Path(msgspec.__file__).parent.glob("_core*.so"))
    shutil.copyfile(code, folder / "_internal" / code.name)
    (before, _) = packed("rpm.py", folder, tmp_path / "before")
    shutil.copyfile(code, folder / "_internal" / "libm.so.6")
    (after, _) = packed("rpm.py", folder, tmp_path / "after")
    assert any(name.startswith("libm.so.6(") for name in asked(before))
    assert not any(name.startswith("libm.so.6(") for name in asked(after))
    assert any(name.startswith("libc.so.6(") for name in asked(after))
    assert asked(after) > PACKAGES
    assert ".so" not in output("rpm", "-qp", "--provides", after)


@needs_root
def test_an_installed_rpm_starts_and_erasing_it_leaves_nothing(tmp_path: Path) -> None:
    packages = packed("rpm.py", frozen.made(tmp_path / "frozen"), tmp_path / "out")
    install_start_erase(tmp_path / "root", packages)


@pytest.mark.dist
@pytest.mark.timeout(600)
@needs_root
@pytest.mark.skipif(bool(frozen.lacking("rpmlint")), reason=frozen.lacking("rpmlint"))
def test_the_real_rpms_ask_for_what_the_system_has_start_and_leave_nothing(tmp_path: Path) -> None:
    program, engine = packed("rpm.py", frozen.real(), tmp_path / "out")
    wanted = {name for name in (asked(program) | asked(engine)) - PACKAGES if not name.startswith(OTHER)}
    assert [name for name in sorted(wanted) if LibraryTable.read().find(name.split("(")[0]) is None] == []
    assert "0 errors, 0 warnings" in output("rpmlint", "--rpmlintrc", LINUX / "paragone.rpmlintrc", program, engine)
    install_start_erase(tmp_path / "root", [program, engine])
