"""Text for sizes in bytes."""

from __future__ import annotations

from ui.base.strings import decimal, tr


def size_text(size: int) -> str:
    """Format a size with few digits, such as "12 MB" or "1.4 GB"."""
    if not size:
        return tr("empty")
    if size < 1_000_000:
        return tr("{number} kB", number=max(1, round(size / 1000)))
    if size < 1_000_000_000:
        return tr("{number} MB", number=f"{size / 1_000_000:.0f}")
    return tr("{number} GB", number=decimal(size / 1_000_000_000, 1))
