"""Model catalog: the user's entries over the shipped ones, found by any name a server uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import msgspec

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Value
from desktop.system.paths import is_file
from desktop.system.plain_files import read_plain
from desktop.system.private_files import write_private
from desktop.text import toml_text
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import phrase


class _Parsed(Value, frozen=True):
    """SHA-256 of a text, and its packed table with its own checksum, because a disk may corrupt the cache."""

    digest: bytes
    packed: bytes
    sum: bytes


def parsed(file: Path, kept: Path | None) -> Mapping[str, Any]:
    """Return the table in the shipped `file`; `kept` is its cache, valid while the file is unchanged."""
    text = file.read_text("utf-8")
    digest = sha256(text.encode()).digest()
    if kept is None:
        return toml_text.parse(text)
    with suppress(OSError, msgspec.MsgspecError, ValueError):  # missing or invalid cache
        found = msgspec.msgpack.decode(read_plain(kept), type=_Parsed)
        if found.digest == digest and found.sum == sha256(found.packed).digest():
            return msgspec.msgpack.decode(found.packed, type=dict[str, Any])
    document = toml_text.parse(text)
    with suppress(OSError):  # the folder may not be writable
        packed = msgspec.msgpack.encode(document)
        write_private(kept, msgspec.msgpack.encode(_Parsed(digest, packed, sha256(packed).digest())))
    return document


_PRICES = frozenset({"price_in", "price_out"})
_DERIVED = frozenset({"price_cached", "price_steps", "as_of"})
"""Fields that belong to the prices of one list and mean nothing beside those of another."""

_DATED = late_pattern(r"[-_.@]?(?:20\d\d-?\d\d-?\d\d|\d{4}|latest|preview|beta|v\d+)$")


class Catalog:
    """Entries by name. Unknown models get an entry with only their name, so that callers need no check."""

    def __init__(self, entries: Iterable[Entry] = (), notices: Sequence[str] = ()) -> None:
        self.entries = tuple(entries)
        self.notices = tuple(notices)
        self._by_name = {
            normalised(name): entry for entry in self.entries for name in (*entry.aliases, entry.name, entry.id) if name
        }

    @classmethod
    def load(
        cls, shipped: Path, own: Path | None = None, given: Path | None = None, *, kept: Path | None = None
    ) -> Catalog:
        """Load the shipped catalog, the user's own file over it, and one `given` by IT on top.

        Problems in the latter two are in `notices`; the user's file is optional. `kept` is the cache of the
        shipped one.
        """
        tables = {_id(table): table for table in _tables(parsed(shipped, kept))}
        notices: list[str] = []
        for file in (own, given):
            if file is None or (file is own and not is_file(file)):
                continue
            try:
                for table in _tables(toml_text.parse(read_plain(file).decode("utf-8"))):
                    known = tables.get(_id(table), {})
                    if table.keys() & _PRICES:  # a different price list replaces the known one entirely
                        known = {name: value for name, value in known.items() if name not in _DERIVED}
                    merged = {**known, **table}
                    msgspec.convert(merged, Entry)
                    tables[_id(table)] = merged
            except (OSError, ValueError, RecursionError, msgspec.ValidationError) as error:
                notices.append(phrase("The catalog file {file} cannot be used: {reason}.", file=file, reason=error))
        return cls((msgspec.convert(table, Entry) for table in tables.values()), notices)

    def find(self, name: str) -> Entry | None:
        """Return the entry of a model's name, ignoring case and separators, then without a trailing date or version."""
        key = normalised(name.rpartition("/")[2])
        while key:
            if (entry := self._by_name.get(key)) is not None:
                return entry
            shorter = _DATED.sub("", key)
            if shorter == key:
                return None
            key = shorter
        return None

    def entry(self, *names: str | None) -> Entry:
        """Return the entry of the first known name, or else one with only the last name."""
        given = [name for name in names if name]
        for name in given:
            if (entry := self.find(name)) is not None:
                return entry
        return Entry(id=given[-1] if given else "")


def normalised(name: str) -> str:
    """Return a name for look-up: lower case, spaces and underscores as hyphens."""
    return re.sub(r"[\s_]+", "-", name.strip().casefold())


def _id(table: Mapping[str, Any]) -> str:
    return normalised(str(table.get("id", "")))


def _tables(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    tables: object = document.get("models", [])
    dated = {"as_of": document["as_of"]} if "as_of" in document else {}
    if not isinstance(tables, list):
        raise ValueError("`models` must be a list of tables")  # noqa: TRY004 - as tomllib raises
    for table in cast("list[object]", tables):
        if not isinstance(table, dict) or not isinstance(cast("dict[str, Any]", table).get("id"), str):
            raise ValueError("each of `models` must be a table with an `id`")  # noqa: TRY004 - likewise
    return [{**dated, **table} for table in cast("list[dict[str, Any]]", tables)]
