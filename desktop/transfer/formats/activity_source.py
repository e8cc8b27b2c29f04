"""Google's list of activities to import from: those of Gemini, put together to conversations."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.errors import TransferError
from desktop.text.phrases import phrase
from desktop.transfer.archives.loose_json import decode
from desktop.transfer.formats import gemini
from desktop.transfer.import_notices import together
from desktop.transfer.source import Source

_GUESSED = phrase(
    "Google's file does not say which prompts belong to one chat: prompts within 30 minutes of each other are combined."
)


def of_activities(name: str, held: Sequence[object]) -> Source:
    """The conversations that activities are put into. Raises TransferError where there is none."""
    found = gemini.grouped(held)
    if not found.groups:
        raise TransferError(phrase("{name} contains no conversations.", name=name))
    left_out = phrase("Activities that are not prompts were left out ({count}).", count=f"{found.left_out:,}")
    return Source(
        name=name,
        format=gemini.FORMAT,
        count=len(found.groups),
        read=lambda place: {"activities": [decode(held[each]) for each in found.groups[place]]},
        notice=together((_GUESSED if found.guessed else "", left_out if found.left_out else "")),
    )
