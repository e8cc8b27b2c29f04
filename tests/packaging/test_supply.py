"""What the program is made of: each part with its licence, each licence with its text."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import bom
import notices
import parts
import pytest

from tests.packaging import frozen as folders

ROOT = Path(__file__).resolve().parents[2]
SUPPLY = ROOT / "packaging" / "supply"


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """A folder of the shape of a frozen one."""
    folder = tmp_path / "paragone"
    (folder / "_internal").mkdir(parents=True)
    (folder / "_internal" / "libicuuc.so.73").write_bytes(b"icu")
    (folder / "_internal" / "note.txt").write_text("no library")
    (folder / "paragone").write_bytes(b"program")
    return folder


def test_every_part_has_a_licence_a_notice_and_the_version_that_is_built(frozen: Path) -> None:
    found = {part.name: part for part in parts.parts(Path(sys.executable), frozen)}
    assert {"Qt", "ICU", "Python", "OpenSSL", "SQLite", "llama.cpp", "SmolLM2-135M-Instruct"} <= set(found)
    assert all(part.licence and part.notice for part in found.values())
    assert found["ICU"].version == "73"
    assert found["Python"].version == ".".join(map(str, sys.version_info[:3]))


def test_a_part_that_is_not_there_is_not_named(tmp_path: Path) -> None:
    assert "ICU" not in {part.name for part in parts.parts(Path(sys.executable), tmp_path)}


def test_names_of_packages_compare_however_they_are_spelled() -> None:
    assert parts.alike("PySide6_Essentials") == "pyside6-essentials"
    assert {"pyside6-essentials", "msal"} <= parts.locked(ROOT / "packaging" / "locks" / "runtime.txt")


def test_libraries_are_named_by_their_sum_and_nothing_else_is(frozen: Path) -> None:
    (only,) = bom.files(frozen)
    assert only["name"] == "_internal/libicuuc.so.73"
    assert only["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"icu").hexdigest()}]


def test_scanners_can_match_every_part(frozen: Path) -> None:
    """The forms of the package URL and CPE 2.3 specifications; `*` is any version."""
    components = [bom.component(part, bom.files(frozen)) for part in parts.parts(Path(sys.executable), frozen)]
    for each in components:
        assert re.fullmatch(r"pkg:[a-z]+/[\w.+-]+(/[\w.+-]+)*(@[\w.+/-]+)?", each["purl"]), each["purl"]
        assert re.fullmatch(r"cpe:2\.3:a(:[\w.+-]+){3}(:\*){7}", each.get("cpe", "cpe:2.3:a:a:b:1" + ":*" * 7)), each[
            "cpe"
        ]
    by_name = {each["name"]: each for each in components}
    assert {"Python", "Qt", "OpenSSL", "SQLite", "ICU", "llama.cpp"} <= {
        name for name in by_name if "cpe" in by_name[name]
    }
    assert by_name["ICU"]["hashes"] == [bom.hash_of(frozen / "_internal/libicuuc.so.73")]
    assert bom.program(frozen)["hashes"] == [bom.hash_of(frozen / "paragone")]


@pytest.mark.dist
def test_the_parts_of_the_real_folder_have_the_sums_of_their_files() -> None:
    folder = folders.real()
    python = ROOT / "build" / "freeze" / "venv" / "bin" / "python"
    found = bom.files(folder)
    for part in parts.parts(python, folder):
        if part.inside and part.kind != "data":
            assert {"hashes", "components"} & bom.component(part, found).keys(), part.name


@pytest.mark.dist
def test_the_bill_tells_no_time_whatever_the_build_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    python = ROOT / "build" / "freeze" / "venv" / "bin" / "python"
    if not python.exists():
        pytest.skip("packaging/build.py makes the environment that is frozen")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764000000")
    assert "timestamp" not in bom.packages(python)["metadata"]


def test_a_package_of_which_nobody_knows_the_licence_is_refused() -> None:
    with pytest.raises(KeyError):
        bom.licensed({"name": "new-package"})


def test_a_file_of_which_no_licence_is_known_is_named(frozen: Path) -> None:
    package = notices.Package("small", "1", "", ["text"], ["small/core.so"])
    textless = notices.Package("textless", "1", "", [], ["textless/core.so"])
    for name in ("small/core.so", "textless/core.so", "resources/catalog.toml"):
        (frozen / "_internal" / name).parent.mkdir(exist_ok=True)
        (frozen / "_internal" / name).touch()
    found = notices.without_text(frozen, parts.parts(Path(sys.executable), frozen), [package, textless])
    assert found == ["textless", "note.txt", "textless/core.so"]


def test_every_part_has_a_licence_whose_text_is_there() -> None:
    declared = tomllib.loads((SUPPLY / "parts.toml").read_text("utf-8"))["part"]
    known = notices.licence_texts()
    assert {each["licence"] for each in declared} - known.keys() == {"LicenseRef-Microsoft-Redistributable"}
    assert all(path.stat().st_size for path in known.values())


def test_the_offer_of_source_names_every_part_under_the_lgpl() -> None:
    declared = tomllib.loads((SUPPLY / "parts.toml").read_text("utf-8"))["part"]
    head = notices._HEAD
    names = [each["name"] for each in declared if each["licence"].startswith("LGPL")]
    assert names == ["Qt", "libheif", "libde265"]
    assert [name for name in names if name not in head] == []


@pytest.mark.dist
def test_every_file_of_the_real_folder_has_a_licence_text() -> None:
    folder = folders.real()
    python = ROOT / "build" / "freeze" / "venv" / "bin" / "python"
    assert notices.without_text(folder, parts.parts(python, folder), notices.installed(python)) == []


def test_the_notices_name_every_package_and_hold_the_texts_that_wheels_leave_out(frozen: Path) -> None:
    (frozen / "_internal" / "note.txt").unlink()
    subprocess.run([sys.executable, str(SUPPLY / "notices.py"), sys.executable, str(frozen)], check=True)
    text = (frozen / "NOTICES.txt").read_text("utf-8")
    spoken = parts.alike(text)
    wanted = parts.locked(ROOT / "packaging" / "locks" / "runtime.txt")
    elsewhere = {
        "colorama",
        "pywin32-ctypes",
        "tzdata",
        "exceptiongroup",
        "backports-tarfile",
        "pywin32",
        "httpx2-jsfetch",
    }  # other systems'
    assert [name for name in sorted(wanted - elsewhere) if f"\n{name}-" not in spoken.replace(" ", "-")] == []
    for words in ("PDFium Authors", "PYTHON SOFTWARE FOUNDATION LICENSE", "UNICODE LICENSE V3"):
        assert words in text
    for words in ("GNU LESSER GENERAL PUBLIC LICENSE", "TERMS AND CONDITIONS", "complete\ncorresponding source"):
        assert words in text


LOCKS = sorted((ROOT / "packaging" / "locks").glob("*.txt"))


def test_there_are_locks() -> None:
    assert {lock.stem for lock in LOCKS} >= {"runtime", "dev", "build", "uv", "data"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_locked_package_has_one_version_and_the_sums_of_its_files(lock: Path) -> None:
    """Check 51: what is installed is what was looked at."""
    wanted = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
    wanted = [line for line in wanted if line.strip() and not line.lstrip().startswith("#")]
    assert wanted
    assert [
        line for line in wanted if not re.match(r"[\w.-]+(\[[\w,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ] == []


def installs(file: Path) -> Iterator[ast.Call | ast.Tuple]:
    """Every command of a script that has pip or uv install something from a list."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        words = [each.value for each in ast.iter_child_nodes(node) if isinstance(each, ast.Constant)]
        if isinstance(node, ast.Call | ast.Tuple) and "install" in words and "pip" in words:
            yield node


def test_whatever_installs_packages_asks_for_their_sums() -> None:
    found = [(file.name, node) for file in (ROOT / "packaging").rglob("*.py") for node in installs(file)]
    assert "bootstrap.py" in {name for name, _ in found}
    assert [f"{name}:{node.lineno}" for name, node in found if "--require-hashes" not in ast.unparse(node)] == []
