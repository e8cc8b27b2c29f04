"""State shared by the parts of a long table or code block. The parts are laid out separately."""

from __future__ import annotations

from typing import Protocol
from weakref import WeakSet

from msgspec import Struct, field

from ui.transcript.text.documents import Laid


class PartColumns(Protocol):
    """Columns in one part of a table."""

    @property
    def fixed_width(self) -> float:
        """Total width if all columns have fixed widths, otherwise 0. Known without layout."""
        ...

    def widen(self, widths: tuple[float, ...]) -> None:
        """Set the column widths."""
        ...

    def narrow(self) -> bool:
        """Wrap columns that are too wide to read. Returns whether any column has a fixed width then."""
        ...


class ColumnsPart(Protocol):
    """Existing part of a table whose columns can change."""

    laid: Laid

    def outgrow(self) -> None:
        """Use the chain's column widths at the next layout."""
        ...


class SegmentChain(Struct, eq=False):
    """Shared state of the parts of one table or code block, which may have only one part."""

    widths: tuple[float, ...] = ()
    """Column widths in pixels that all parts use. Each fits the longest word of its column."""
    parts: WeakSet[ColumnsPart] = field(default_factory=WeakSet[ColumnsPart])
    """Existing parts of a table."""
    rtl: bool | None = None
    """Whether columns run from right to left, as the table's header does; None until that is known."""
    natural: int = 0
    """Width of the widest known code line in pixels."""
    measured: set[int] = field(default_factory=set[int])
    """Offsets of the table parts that `widths` already includes, so that the layout is stable."""
    shift: float = 0.0
    """Horizontal scroll position of all parts, in pixels."""
    wraps: bool = False
    """Whether long code lines are wrapped."""
    states: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    """State of the highlighter at each offset at which a part begins."""
