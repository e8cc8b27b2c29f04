"""What the last import added, kept in a file so that it can be undone later: ids and counts, no text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from desktop.domain import Value
from desktop.errors import TransferError
from desktop.phrases import phrase
from desktop.plain_files import read_plain
from desktop.private_files import write_private
from desktop.transfer.import_report import ItemState, ReportItem

_NAME = "last-import.json"


class _Record(Value, frozen=True, kw_only=True):
    items: tuple[ReportItem, ...] = ()


def remember(folder: Path, added: Sequence[ReportItem]) -> None:
    """Keep what was added, in the place of an older import; where nothing was, that stays. Raises TransferError."""
    if not added:
        return
    kept = tuple(
        ReportItem(
            title="",
            state=ItemState.NEW,
            id=each.id,
            messages=each.messages,
            updated_at=each.updated_at,
            is_comparison=each.is_comparison,
            is_vote=each.is_vote,
        )
        for each in added
    )
    try:
        write_private(folder / _NAME, msgspec.json.encode(_Record(items=kept)).decode())
    except OSError as error:
        raise TransferError(
            phrase("What was imported is here, but cannot be undone later: {reason}.", reason=error.strerror or error),
            hint=phrase("Free some space in the data folder."),
        ) from error


def recall(folder: Path) -> tuple[ReportItem, ...]:
    """What the last import added. Raises TransferError where there is none to be undone."""
    try:
        return msgspec.json.decode(read_plain(folder / _NAME), type=_Record).items
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TransferError(phrase("There is no import that could be undone.")) from error


def forget(folder: Path) -> None:
    """It was undone, or another one begins: where that is killed, the one before is not to be undone in its place.

    Raises TransferError.
    """
    try:
        (folder / _NAME).unlink(missing_ok=True)
    except OSError as error:
        raise TransferError(
            phrase("What is known of the last import cannot be removed: {reason}.", reason=error.strerror or error)
        ) from error
