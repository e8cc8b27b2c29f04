"""State shared by the parts of one long table or code block, which are laid out separately."""

from __future__ import annotations

from typing import Protocol
from weakref import WeakSet

from msgspec import Struct, field

from ui.transcript.text.documents import Laid


class PartColumns(Protocol):
    """Columns of one part of a table."""

    @property
    def fixed_width(self) -> float:
        """Total width if all columns have fixed widths, otherwise 0; known without layout."""
        ...

    def widen(self, widths: tuple[float, ...]) -> None:
        """Set the column widths."""
        ...

    def narrow(self) -> bool:
        """Wrap columns that are too wide to read. Returns whether any has a fixed width."""
        ...


class ColumnsPart(Protocol):
    """An existing part of a table whose columns can change."""

    laid: Laid

    def outgrow(self) -> None:
        """Use the chain's column widths at the next layout."""
        ...


class SegmentChain(Struct, eq=False):
    """One per table or code block, even if it has only one part."""

    widths: tuple[float, ...] = ()
    """Common column widths in pixels; each fits its longest word."""
    parts: WeakSet[ColumnsPart] = field(default_factory=WeakSet[ColumnsPart])
    """Existing parts of a table."""
    rtl: bool | None = None
    """Whether columns run right to left, from the table's header; None until known."""
    natural: int = 0
    """Width of the widest known code line in pixels."""
    measured: set[int] = field(default_factory=set[int])
    """Offsets of table parts already included in `widths`, for a stable layout."""
    shift: float = 0.0
    """Horizontal scroll position of all parts in pixels."""
    wraps: bool = False
    """Whether long code lines are wrapped."""
    states: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    """Highlighter state at offsets where a part begins."""
