"""The shipped catalog's text, kept as it was parsed: to parse it takes a fortieth of the time until the first paint."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from desktop import toml_text
from desktop.domain import Value
from desktop.plain_files import read_plain
from desktop.private_files import write_private


class _Parsed(Value, frozen=True):
    """A text's SHA-256, and the table in it, packed, with its own: a disk may change what was kept."""

    digest: bytes
    packed: bytes
    sum: bytes


def parsed(file: Path, kept: Path | None) -> Mapping[str, Any]:
    """The table in the shipped `file`; `kept` is where it is found again as long as the file says the same."""
    text = file.read_text("utf-8")
    digest = sha256(text.encode()).digest()
    if kept is None:
        return toml_text.parse(text)
    with suppress(OSError, msgspec.MsgspecError, ValueError):  # not there yet, or not ours
        found = msgspec.msgpack.decode(read_plain(kept), type=_Parsed)
        if found.digest == digest and found.sum == sha256(found.packed).digest():
            return msgspec.msgpack.decode(found.packed, type=dict[str, Any])
    document = toml_text.parse(text)
    with suppress(OSError):  # a folder that cannot be written: it is parsed each time
        packed = msgspec.msgpack.encode(document)
        write_private(kept, msgspec.msgpack.encode(_Parsed(digest, packed, sha256(packed).digest())))
    return document
