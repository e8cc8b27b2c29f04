"""The smallest shared library that names the libraries it needs."""

from __future__ import annotations

import struct

_HEADER, _PROGRAM = 64, 56
_LOAD, _DYNAMIC = 1, 2
_NEEDED, _STRTAB, _STRSZ = 1, 5, 10


def library(*needed: str, text: bytes = b"") -> bytes:
    """A 64-bit library without code; `text` follows it."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name in needed)
    start = _HEADER + 2 * _PROGRAM
    entries = [(_NEEDED, names.index(name.encode() + b"\0")) for name in needed]
    size = (len(entries) + 3) * 16
    entries += [(_STRTAB, start + size), (_STRSZ, len(names)), (0, 0)]
    dynamic = b"".join(struct.pack("<QQ", *entry) for entry in entries)
    total = start + size + len(names)
    head = struct.pack(
        "<4s5B7xHHIQQQIHHHHHH", b"\x7fELF", 2, 1, 1, 0, 0, 3, 62, 1, 0, _HEADER, 0, 0, 64, 56, 2, 64, 0, 0
    )
    load = struct.pack("<IIQQQQQQ", _LOAD, 6, 0, 0, 0, total, total, 4096)
    loaded = struct.pack("<IIQQQQQQ", _DYNAMIC, 6, start, start, start, size, size, 8)
    return head + load + loaded + dynamic + names + text
