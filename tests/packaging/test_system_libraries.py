"""The frozen program takes the system's libraries from the system, and its packages ask for exactly those."""

from __future__ import annotations

from pathlib import Path

import pytest
import system_libraries
from system_libraries import LibraryTable

from tests.packaging import frozen
from tests.packaging.elf import library
from tests.packaging.frozen import output, packed

TABLE = LibraryTable.read()


def test_a_library_that_is_neither_bundled_nor_the_systems_is_named() -> None:
    found = TABLE.problems(["libc.so.6", "libpython3.11.so.1.0", "libnew.so.1"], ["libpython3.11.so.1.0"])
    assert found == ["libnew.so.1 is needed, and neither bundled nor a library of the system"]


@pytest.mark.parametrize("name", ["libglib-2.0.so.0", "libX11.so.6", "libstdc++.so.6", "libdbus-1.so.3", "libssl.so.3"])
def test_a_library_of_the_system_that_is_bundled_is_named(name: str) -> None:
    assert TABLE.problems([], [name]) == [f"{name} is bundled, but is a library of the system"]


def test_a_symbol_that_the_oldest_system_lacks_is_named() -> None:
    assert TABLE.problems([], [], [b"\0GLIBCXX_3.4.30\0"]) == []
    (found,) = TABLE.problems([], [], [b"\0GLIBCXX_3.4.9\0GLIBCXX_3.4.33\0"])
    assert found == "GLIBCXX_3.4.33 is newer than GLIBCXX_3.4.30 of the oldest supported system"


def test_debian_packages_are_named_once_with_the_versions_of_their_symbols() -> None:
    code = b"\0GLIBC_2.4\0GLIBC_2.36\0OPENSSL_3.0.0\0"
    asked = TABLE.debian({"libc.so.6", "libm.so.6", "libssl.so.3", "libX11.so.6", "libown.so"}, [code])
    assert asked == "libc6 (>= 2.36), libssl3t64 (>= 3.0.0) | libssl3 (>= 3.0.0), libx11-6"


def test_no_library_is_both_bundled_and_the_systems() -> None:
    assert [each.pattern for each in TABLE.libraries if TABLE.is_bundled(each.pattern)] == []
    assert all(each.deb and each.rpm for each in TABLE.libraries)


@pytest.mark.skipif(bool(frozen.lacking("readelf")), reason=frozen.lacking("readelf"))
def test_a_folder_that_needs_an_unknown_library_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "libown.so.1").write_bytes(library("libc.so.6"))
    (tmp_path / "module.so").write_bytes(library("libown.so.1", "libz.so.1"))
    assert system_libraries.main(tmp_path) == 0
    (tmp_path / "new.so").write_bytes(library("libnew.so.1"))
    assert system_libraries.main(tmp_path) == 1
    assert "libnew.so.1 is needed" in capsys.readouterr().err


@pytest.mark.dist
@pytest.mark.skipif(bool(frozen.lacking("dpkg-deb", "readelf")), reason=frozen.lacking("dpkg-deb", "readelf"))
def test_the_real_packages_ask_for_every_library_that_they_do_not_bring(tmp_path: Path) -> None:
    folder = frozen.real()
    assert system_libraries.main(folder) == 0
    engine, program = packed("deb.py", folder, tmp_path / "out")
    asked = output("dpkg-deb", "-f", program, "Depends")
    assert "libxcb-cursor0" in asked
    assert "libgomp1" not in asked
    assert "libgomp1" in output("dpkg-deb", "-f", engine, "Depends")
