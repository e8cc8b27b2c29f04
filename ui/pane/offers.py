"""What the model picker offers: models of all connections, sought by words, with what the catalog knows; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct

from desktop.catalog.catalog import Catalog
from desktop.domain import Connection, ModelRef, Wire
from desktop.errors import UsageError
from desktop.phrases import phrase
from desktop.providers.provider import ModelInfo
from ui.figures_text import facts_text, retired_text
from ui.strings import holds_every, tr

_OVER = {Wire.RESPONSES: phrase("over Responses"), Wire.MESSAGES: phrase("over Messages")}


class Offer(Struct, frozen=True):
    """One line of the picker. Without a `ref` it only says something of a connection."""

    ref: ModelRef | None
    name: str
    detail: str = ""
    mark: str = ""
    typed: bool = False

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        where = f", {self.ref.connection}" if self.ref else ""
        return ", ".join(each for each in (f"{self.name}{where}", self.detail, self.mark) if each)


def offer(ref: ModelRef, info: ModelInfo, catalog: Catalog, today: date, wire: Wire = Wire.CHAT) -> Offer:
    """A model that a connection serves, and asks over a wire."""
    entry = catalog.entry(info.base, info.name)
    facts = [facts_text(entry, info.context_window), tr(_OVER[wire]) if wire in _OVER else ""]
    if info.suggested:
        facts.append(tr("may need a deployment"))
    name = entry.name if entry.name and ref.connection == "embedded" else ref.name
    return Offer(ref, name, " · ".join(each for each in facts if each), retired_text(entry, today))


def sought(offers: Sequence[Offer], words: str, connections: Iterable[Connection]) -> list[Offer]:
    """The offers that hold every word; and what was typed itself, where it names a connection and a model."""
    wanted = words.casefold().split()
    found = [each for each in offers if not wanted or (each.ref and holds_every(wanted, f"{each.ref} {each.name}"))]
    try:
        typed = ModelRef.parse(words)
    except UsageError:
        return found
    known = {connection.name for connection in connections}
    if typed.connection in known and all(each.ref != typed for each in found):
        found.append(
            Offer(
                typed,
                tr("Use “{model}”", model=typed.name),
                tr("from {connection}, as typed", connection=typed.connection),
                typed=True,
            )
        )
    return found
