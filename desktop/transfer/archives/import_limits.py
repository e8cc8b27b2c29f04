"""How much of a file is imported."""

from __future__ import annotations

from msgspec import Struct

from desktop.transfer.archives.json_weight import MOST_LISTED


class Limits(Struct, frozen=True):
    """Bytes of a file and of all that is unpacked from one, files in a zip, and how far a file may be packed.

    `items` are conversations of all exports in one file.
    """

    size: int = 1 << 30
    members: int = 200_000
    exports: int = 5_000
    items: int = MOST_LISTED
    ratio: int = 400
    free_size: int = 16 << 20
    """Below this many bytes unpacked, of one file or all together, no ratio is too much."""


LIMITS = Limits()
