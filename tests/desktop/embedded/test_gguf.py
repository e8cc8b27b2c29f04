"""What a GGUF file says of itself, and that no file, however broken, does more than raise GgufInvalid."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.embedded.gguf import GgufHeader, check_fits, read_header
from desktop.errors import GgufInvalid, ModelTooLarge
from tests.desktop.embedded.gguf_files import LLAMA, Field, gguf, text
from tests.examples import examples

WHOLE = gguf()
COUNTS_AT = 8


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "my model.gguf"


def header_of(path: Path, data: bytes) -> GgufHeader:
    path.write_bytes(data)
    return read_header(path)


def test_a_header_is_read(file: Path) -> None:
    header = header_of(file, WHOLE)
    assert header == GgufHeader(
        version=3,
        architecture="llama",
        name="Tiny",
        licence="mit",
        context_length=2048,
        has_chat_template=True,
        parameters=64 * 2 + 32,
        tensor_bytes=(64 * 2 + 32) * 4,
        cache_bytes_per_token=2 * 2 * (16 + 16) * 2,
        file_bytes=len(WHOLE),
    )
    assert header.warnings == ()


def test_the_bundled_models_header_is_read(model: Path) -> None:
    header = read_header(model)
    assert (header.architecture, header.licence, header.context_length) == ("llama", "apache-2.0", 8192)
    assert header.parameters == 134_515_008
    assert header.tensor_bytes < header.file_bytes < header.tensor_bytes * 1.05
    assert header.cache_bytes_per_token == 30 * 3 * 128 * 2
    assert header.has_chat_template


def test_a_base_model_is_warned_of(file: Path) -> None:
    fields = {key: value for key, value in LLAMA.items() if key != "tokenizer.chat_template"}
    assert "base model" in header_of(file, gguf(fields)).warnings[0]


def test_a_hostile_name_is_cut_and_made_harmless(file: Path) -> None:
    name = header_of(file, gguf({**LLAMA, "general.name": "a\x1b[31m\u202eb\n" + "c" * 5000})).name
    assert name.startswith("a[31mbc")
    assert len(name) < 200


def test_heads_may_differ_from_layer_to_layer(file: Path) -> None:
    fields: dict[str, Field] = {**LLAMA, "llama.attention.head_count_kv": [2, 1]}
    assert header_of(file, gguf(fields)).cache_bytes_per_token == 3 * (16 + 16) * 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "header of .* is truncated"),
        (b"GGU", "header of .* is truncated"),
        (b"<html>no model here</html>", "not a GGUF"),
        (gguf(version=1), "version 1"),
        (gguf(version=3 << 24), "big-endian"),
        (gguf({**LLAMA, "split.count": 3}), "one of 3 parts"),
        (gguf({**LLAMA, "general.type": "adapter"}), "no language model"),
        (gguf({**LLAMA, "general.architecture": "clip"}), "no language model"),
        (gguf({}), "no architecture"),
        (gguf(tensors=()), "no tensors"),
        (gguf(tensors=((1, 1, 1, 1, 1),)), "5 dimensions"),
        (WHOLE[:-1], "incomplete"),
        (WHOLE[:40], "header of .* is truncated"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 1), "tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 60), "fields"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 1 << 62), "a text of"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("a") + struct.pack("<IIQ", 9, 4, 1 << 60), "values"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("a") + struct.pack("<IIQ", 9, 9, 1), "type 9"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("a") + struct.pack("<I", 99), "type 99"),
    ],
)
def test_each_malformed_header_has_its_words(file: Path, data: bytes, words: str) -> None:
    with pytest.raises(GgufInvalid, match=words):
        header_of(file, data)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gguf", tmp_path, tmp_path / "a\0b", tmp_path / ("x" * 300)):
        with pytest.raises(GgufInvalid, match=f"{path.name} could not be read"):
            read_header(path)


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(end=st.integers(0, len(WHOLE) - 1))
def test_a_truncated_file_is_always_refused(file: Path, end: int) -> None:
    with pytest.raises(GgufInvalid):
        header_of(file, WHOLE[:end])


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(4, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_mutated_file_is_read_or_refused_and_nothing_else(file: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, byte in changes:
        data[at] = byte
    with contextlib.suppress(GgufInvalid):
        assert header_of(file, bytes(data)).memory(4096) > 0


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.integers(0, 5), st.integers(0, 5))
def test_noise_after_the_magic_is_always_refused(file: Path, noise: bytes, tensors: int, fields: int) -> None:
    with pytest.raises(GgufInvalid):
        header_of(file, b"GGUF" + struct.pack("<IQQ", 3, tensors, fields) + noise)


def test_a_model_that_fits_passes_and_one_that_does_not_is_named(file: Path) -> None:
    header = header_of(file, WHOLE)
    need = header.memory(4096)
    check_fits(header, 4096, round(need / 0.69))
    check_fits(header, 4096, None)
    with pytest.raises(ModelTooLarge, match=r"Tiny needs about 0\.1 GB"):
        check_fits(header, 4096, round(need / 0.71))
    with pytest.raises(ModelTooLarge):
        check_fits(header, 10_000_000, round(need / 0.69))


@pytest.mark.parametrize(("file_type", "name"), [(0, "F32"), (15, "Q4_K_M"), (999, "")])
def test_the_quantization_is_named_where_the_file_says_it(file: Path, file_type: int, name: str) -> None:
    assert header_of(file, gguf({**LLAMA, "general.file_type": file_type})).quantization == name
    assert header_of(file, WHOLE).quantization == ""
