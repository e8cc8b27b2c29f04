"""The catalog: entries from the shipped file with the user's laid over them, found by any name a server uses."""

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


_PRICES = frozenset({"price_in", "price_out"})
_DERIVED = frozenset({"price_cached", "price_steps", "as_of"})
"""What goes with the prices of one list, and stands for nothing beside those of another."""

_DATED = late_pattern(r"[-_.@]?(?:20\d\d-?\d\d-?\d\d|\d{4}|latest|preview|beta|v\d+)$")


class Catalog:
    """Entries by name. Models that it lacks get an entry of their name alone, so that nothing need ask."""

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
        """The shipped catalog, the user's own file over it, and one `given` by IT on top.

        What is wrong with the two is named in `notices`; the user's need not be there. In `kept` the shipped one is
        found again without being parsed.
        """
        tables = {_id(table): table for table in _tables(parsed(shipped, kept))}
        notices: list[str] = []
        for file in (own, given):
            if file is None or (file is own and not is_file(file)):
                continue
            try:
                for table in _tables(toml_text.parse(read_plain(file).decode("utf-8"))):
                    known = tables.get(_id(table), {})
                    if table.keys() & _PRICES:  # another price list: the rest of the known one is of no use
                        known = {name: value for name, value in known.items() if name not in _DERIVED}
                    merged = {**known, **table}
                    msgspec.convert(merged, Entry)
                    tables[_id(table)] = merged
            except (OSError, ValueError, RecursionError, msgspec.ValidationError) as error:
                notices.append(phrase("The catalog file {file} cannot be used: {reason}.", file=file, reason=error))
        return cls((msgspec.convert(table, Entry) for table in tables.values()), notices)

    def find(self, name: str) -> Entry | None:
        """The entry of a model's name: exact but for case and signs, then without a date or version at its end."""
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
        """The entry of the first of the names that is known, else one that knows only the last name given."""
        given = [name for name in names if name]
        for name in given:
            if (entry := self.find(name)) is not None:
                return entry
        return Entry(id=given[-1] if given else "")


def normalised(name: str) -> str:
    """A name as it is looked up: lower case, blanks and underscores as hyphens."""
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
