"""Reads the header of a GGUF file in pure Python and within limits, before the file is passed to the engine.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (versions 2 and 3, little-endian).
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from desktop.errors import GgufInvalid, ModelTooLarge
from desktop.system.plain_files import open_plain
from desktop.text.phrases import phrase

MAX_HEADER_BYTES = 128 << 20
MAX_TEXT_BYTES = 1 << 20
MAX_FIELDS = 10_000
MAX_TENSORS = 100_000
MAX_ARRAY = 4 << 20

_CACHE_VALUE_BYTES = 2  # keys and values are stored as 16-bit floats
_OVERHEAD_BYTES = 64 << 20  # buffers in addition to weights and cache; 45 MB measured with the bundled model
_MAX_SHARE = 0.7

_STRING, _ARRAY = 8, 9
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
# Values and bytes per block by tensor type, as in ggml.c. Types that are not listed have no known size.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip

# general.file_type, as in llama.h (LLAMA_FTYPE)
_QUANTIZATIONS = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS",
    21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S",
    29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip

Scalar = str | int | float | bool
_Fields = Mapping[str, Scalar | list[Scalar]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHeader:
    """Header of a model file. Sizes are in bytes; missing fields are empty, 0 or None.

    `cache_bytes_per_token` is an estimate of the memory for one token of context.
    """

    version: int
    architecture: str
    name: str
    licence: str
    context_length: int | None
    has_chat_template: bool
    parameters: int
    tensor_bytes: int
    cache_bytes_per_token: int
    file_bytes: int
    quantization: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings for the user about a file that loads but may disappoint."""
        if self.has_chat_template:
            return ()
        return ("This file has no chat template: it may be a base model, which continues text and does not answer.",)

    def memory(self, context: int) -> int:
        """Estimate the bytes that the model needs with `context` tokens in all slots together."""
        return self.tensor_bytes + self.cache_bytes_per_token * context + _OVERHEAD_BYTES


def read_header(path: Path) -> GgufHeader:
    """Read a file's header. This takes half a second for a vocabulary of 250,000 tokens.

    Raises GgufInvalid unless the file is a complete GGUF file of a language model.
    """
    try:
        with open_plain(path) as file:
            size = os.fstat(file.fileno()).st_size
            return _Reader(file, path.name, size).header()
    except (OSError, ValueError) as error:  # includes names that no file can have
        raise GgufInvalid(
            phrase("{name} could not be read: {value}.", name=path.name, value=getattr(error, "strerror", "") or error)
        ) from error


def check_fits(header: GgufHeader, context: int, free_memory: int | None) -> None:
    """Raise ModelTooLarge if model and cache need more than 70% of the free memory. Passes if that is unknown."""
    need = header.memory(context)
    if free_memory is not None and need > free_memory * _MAX_SHARE:
        raise ModelTooLarge(
            phrase(
                "{name} needs about {need} GB of memory. {free} GB is free, and a model can use at most "
                "{share} of that.",
                name=header.name or "The model",
                need=f"{need / 1e9:.1f}",
                free=f"{free_memory / 1e9:.1f}",
                share=f"{_MAX_SHARE:.0%}",
            )
        )


@dataclass(slots=True)
class _Reader:
    """Reads a header in a single pass. Never reads beyond the file's size or the limits above."""

    file: BinaryIO
    name: str
    size: int
    at: int = field(default=0)

    def header(self) -> GgufHeader:
        """Read the whole header. Raises GgufInvalid."""
        if self.take(4) != b"GGUF":
            raise GgufInvalid(phrase("{name} is not a GGUF file.", name=self.name))
        version = self.number("I")
        if version not in {2, 3}:
            odd = "big-endian" if version & 0xFFFF == 0 else f"version {version}"
            raise GgufInvalid(phrase("{name} is an unsupported type of GGUF file ({odd}).", name=self.name, odd=odd))
        tensors = self.count(MAX_TENSORS, "tensors")
        fields = {self.text(): self.value() for _ in range(self.count(MAX_FIELDS, "fields"))}
        self.check_kind(fields)
        parameters, tensor_bytes = self.tensors(tensors, _int(fields, "general.alignment") or 32)
        architecture = _text(fields, "general.architecture")
        file_type = fields.get("general.file_type")
        return GgufHeader(
            version=version,
            architecture=_shown(fields, "general.architecture"),
            name=_shown(fields, "general.name"),
            licence=_shown(fields, "general.license"),
            context_length=_int(fields, f"{architecture}.context_length"),
            has_chat_template=bool(_text(fields, "tokenizer.chat_template")),
            parameters=parameters,
            tensor_bytes=tensor_bytes,
            cache_bytes_per_token=_cache_bytes(fields, architecture),
            file_bytes=self.size,
            quantization=_QUANTIZATIONS.get(file_type, "") if isinstance(file_type, int) else "",
        )

    def check_kind(self, fields: _Fields) -> None:
        """Raise GgufInvalid if the file is not a complete language model."""
        parts = _int(fields, "split.count") or 1
        if parts > 1:
            raise GgufInvalid(
                phrase("{name} is one of {parts} parts of a model.", name=self.name, parts=parts),
                hint=phrase("Merge the parts first."),
            )
        kind = _text(fields, "general.type") or "model"
        architecture = _shown(fields, "general.architecture")
        if kind != "model" or architecture in {"", "clip"}:
            raise GgufInvalid(
                phrase(
                    "{name} contains no language model ({value}).",
                    name=self.name,
                    value=architecture or "no architecture",
                )
            )

    def tensors(self, count: int, alignment: int) -> tuple[int, int]:
        """Return the number of values and bytes of all tensors. Raises GgufInvalid if they exceed the file."""
        parameters = total = end = 0
        for _ in range(count):
            self.text()
            dimensions = self.number("I")
            if not 1 <= dimensions <= 4:
                raise self.malformed(f"a tensor of {dimensions} dimensions")
            values = math.prod(self.number("Q") for _ in range(dimensions))
            kind, offset = self.number("I"), self.number("Q")
            per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
            size = -(-values // per_block) * block_bytes
            parameters += values
            total += size
            end = max(end, offset + size)
        if not count:
            raise self.malformed("no tensors")
        start = -(-self.at // alignment) * alignment
        if start + end > self.size:
            raise GgufInvalid(
                phrase(
                    "{name} is incomplete ({size} of {value} bytes).",
                    name=self.name,
                    size=f"{self.size:,}",
                    value=f"{start + end:,}",
                ),
                hint=phrase("Download it again."),
            )
        # Tensor types newer than this table count as 0 bytes above, so the size of the file is used.
        return parameters, max(total, self.size - start)

    def value(self) -> Scalar | list[Scalar]:
        """Read a field's value. Arrays of more than 1,024 items are skipped, and an empty list is returned."""
        kind = self.number("I")
        if kind == _STRING:
            return self.text()
        if kind != _ARRAY:
            return self.number(self.format(kind))
        kind, count = self.number("I"), self.count(MAX_ARRAY, "values")
        if kind == _STRING:
            for _ in range(count):
                self.skip(self.number("Q"))
            return []
        form = self.format(kind)
        if count > 1024:
            self.skip(count * struct.calcsize(f"<{form}"))
            return []
        return [self.number(form) for _ in range(count)]

    def format(self, kind: int) -> str:
        """Return the `struct` format of one of GGUF's scalar types. Raises GgufInvalid."""
        if kind not in _SCALARS:
            raise self.malformed(f"a value of type {kind}")
        return _SCALARS[kind]

    def text(self) -> str:
        """Read a text, replacing invalid UTF-8. Raises GgufInvalid if it is too long."""
        length = self.number("Q")
        if length > MAX_TEXT_BYTES:
            raise self.malformed(f"a text of {length:,} bytes")
        return self.take(length).decode(errors="replace")

    def count(self, most: int, what: str) -> int:
        """Read a count. Raises GgufInvalid if it exceeds `most`; `what` names the counted items in the error."""
        count = self.number("Q")
        if count > most:
            raise self.malformed(f"{count:,} {what}")
        return count

    def number(self, form: str) -> int:
        """Read a little-endian number in a `struct` format."""
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0]

    def skip(self, length: int) -> None:
        """Skip bytes without reading them."""
        self.advance(length)
        self.file.seek(length, 1)

    def take(self, length: int) -> bytes:
        """Read exactly `length` bytes. Raises GgufInvalid."""
        self.advance(length)
        taken = self.file.read(length) if self.size else b""
        if len(taken) != length:  # the file has shrunk since its size was read
            raise GgufInvalid(
                phrase("The header of {name} is truncated.", name=self.name), hint=phrase("Download it again.")
            )
        return taken

    def advance(self, length: int) -> None:
        """Advance the position. Raises GgufInvalid beyond the end of the file or the maximum header size."""
        self.at += length
        if self.at > self.size:
            raise GgufInvalid(
                phrase("The header of {name} is truncated.", name=self.name), hint=phrase("Download it again.")
            )
        if self.at > MAX_HEADER_BYTES:
            raise self.malformed("no end in sight")

    def malformed(self, what: str) -> GgufInvalid:
        """Return an error that includes the current position."""
        return GgufInvalid(
            phrase("{name} has a malformed header: {what} at byte {at}.", name=self.name, what=what, at=f"{self.at:,}")
        )


def _text(fields: _Fields, key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _shown(fields: _Fields, key: str) -> str:
    """Return a text field for display, with non-printable characters removed because its contents are untrusted."""
    return "".join(character for character in _text(fields, key)[:200] if character.isprintable())


def _int(fields: _Fields, key: str) -> int | None:
    value = fields.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _cache_bytes(fields: _Fields, architecture: str) -> int:
    """Return the bytes for the keys and values of one token in all layers, which may have different heads."""
    layers = _int(fields, f"{architecture}.block_count") or 0
    heads = _int(fields, f"{architecture}.attention.head_count") or 0
    width = (_int(fields, f"{architecture}.embedding_length") or 0) // heads if heads else 0
    key = _int(fields, f"{architecture}.attention.key_length") or width
    value = _int(fields, f"{architecture}.attention.value_length") or width
    kv_heads = fields.get(f"{architecture}.attention.head_count_kv")
    if isinstance(kv_heads, list):
        all_heads = sum(count for count in kv_heads if isinstance(count, int) and count > 0)
    else:
        all_heads = layers * (_int(fields, f"{architecture}.attention.head_count_kv") or heads)
    return all_heads * (key + value) * _CACHE_VALUE_BYTES
