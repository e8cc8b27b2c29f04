"""Builds GGUF files for tests: fields, tensors and data, all as asked for."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

Field = str | int | bool | list[int] | list[str]

LLAMA: dict[str, Field] = {
    "general.architecture": "llama",
    "general.name": "Tiny",
    "general.license": "mit",
    "llama.context_length": 2048,
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.chat_template": "{{ messages }}",
    "tokenizer.ggml.tokens": ["a", "b", "c"],
    "tokenizer.ggml.token_type": [1, 1, 1],
    "llama.flag": True,
}


def text(value: str) -> bytes:
    """A length and UTF-8."""
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def field(value: Field) -> bytes:
    """A type and a value."""
    match value:
        case str():
            return struct.pack("<I", 8) + text(value)
        case bool():
            return struct.pack("<I?", 7, value)
        case int():
            return struct.pack("<II", 4, value)
        case list():
            strings = [item for item in value if isinstance(item, str)]
            numbers = [item for item in value if isinstance(item, int)]
            head = struct.pack("<IIQ", 9, 8 if strings else 4, len(value))
            return head + b"".join(map(text, strings)) + b"".join(struct.pack("<I", number) for number in numbers)


def gguf(
    fields: Mapping[str, Field] = LLAMA,
    *,
    tensors: Sequence[tuple[int, ...]] = ((64, 2), (32,)),
    version: int = 3,
    magic: bytes = b"GGUF",
    kind: int = 0,
) -> bytes:
    """A whole file; its tensors are 32-bit floats (`kind` 0) one after the other, all zero."""
    head = magic + struct.pack("<IQQ", version, len(tensors), len(fields))
    head += b"".join(text(key) + field(value) for key, value in fields.items())
    offset = 0
    for number, shape in enumerate(tensors):
        head += text(f"t{number}") + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        head += struct.pack("<IQ", kind, offset)
        values = 1
        for length in shape:
            values *= length
        offset += -(-values * 4 // 32) * 32
    return head + bytes(-len(head) % 32) + bytes(offset)
