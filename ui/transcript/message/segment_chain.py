"""What the parts of one long table or block of code share: they are laid out apart and shown as one."""

from __future__ import annotations

from typing import Protocol
from weakref import WeakSet

from msgspec import Struct, field

from ui.transcript.text.documents import Laid


class ColumnsPart(Protocol):
    """A part of a table that is laid out, and whose columns may be given other widths."""

    laid: Laid

    def measure(self) -> None:
        """Its columns have other widths."""
        ...


class SegmentChain(Struct, eq=False):
    """One for each table and each block of code, also where it has one part only."""

    widths: tuple[float, ...] = ()
    """Pixels of the columns, as all parts have them: each holds its words unbroken."""
    parts: WeakSet[ColumnsPart] = field(default_factory=WeakSet[ColumnsPart])
    """The parts of a table that are laid out."""
    rtl: bool | None = None
    """Whether the columns run from right to left, as the table's head says; None before it is known."""
    natural: int = 0
    """Pixels of the widest line of code that is known."""
    measured: set[int] = field(default_factory=set[int])
    """Where the parts of a table begin whose words `widths` hold already, so that they are laid out alike each time."""
    shift: float = 0.0
    """Pixels that all parts are moved sideways."""
    wraps: bool = False
    """Whether long lines of code are broken."""
    states: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    """What the lines before a place of the message leave open for the colours of those behind it."""
