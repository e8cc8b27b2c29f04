"""Model catalog: the user's entries override the shipped ones. Entries are found by any name that servers use."""

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
    """Cached table in MessagePack form.

    `digest` is the SHA-256 of its source text, `sum` that of the packed table itself.
    """

    digest: bytes
    packed: bytes
    sum: bytes


def parsed(file: Path, kept: Path | None) -> Mapping[str, Any]:
    """Return the table in the shipped `file`. `kept` is its cache file, which is valid while `file` is unchanged."""
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
"""Fields that depend on the prices of one price list and are invalid for prices from another list."""

_DATED = late_pattern(r"[-_.@]?(?:20\d\d-?\d\d-?\d\d|\d{4}|latest|preview|beta|v\d+)$")


class Catalog:
    """Entries by name. Unknown models get an entry that only has a name, so that callers need no check."""

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
        """Load the shipped catalog, then the user's own file and the administrator's `given` file on top of it.

        Problems in the latter two are in `notices`. The user's file is optional. `kept` is the cache of the shipped
        catalog.
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
        """Return the entry for a model's name, ignoring case and separators.

        If there is none, a trailing date or version is ignored, too.
        """
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
        """Return the entry for the first known name. If none is known, return an entry with only the last name."""
        given = [name for name in names if name]
        for name in given:
            if (entry := self.find(name)) is not None:
                return entry
        return Entry(id=given[-1] if given else "")


def normalised(name: str) -> str:
    """Return a name in the form used for lookup: lower case, with hyphens for spaces and underscores."""
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
