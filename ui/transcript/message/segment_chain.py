"""What the parts of one long table or block of code share: they are laid out apart and shown as one."""

from __future__ import annotations

from typing import Protocol
from weakref import WeakSet

from msgspec import Struct, field

from ui.transcript.text.documents import Laid


class PartColumns(Protocol):
    """The columns of one part of a table."""

    @property
    def fixed_width(self) -> float:
        """Pixels of all columns where each is held to a width, else 0: it needs not be laid out to tell."""
        ...

    def widen(self, widths: tuple[float, ...]) -> None:
        """Make the columns so wide."""
        ...

    def narrow(self) -> bool:
        """Break lines in columns that are wider than is good to read; whether any is held to a width."""
        ...


class ColumnsPart(Protocol):
    """A part of a table that is made, and whose columns may be given other widths."""

    laid: Laid

    def outgrow(self) -> None:
        """Its columns take the widths of the chain when it is laid out next."""
        ...


class SegmentChain(Struct, eq=False):
    """One for each table and each block of code, also where it has one part only."""

    widths: tuple[float, ...] = ()
    """Pixels of the columns, as all parts have them: each holds its words unbroken."""
    parts: WeakSet[ColumnsPart] = field(default_factory=WeakSet[ColumnsPart])
    """The parts of a table that are made."""
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
