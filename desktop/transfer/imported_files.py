"""Saves the attachments of imported conversations, before the conversations that refer to them."""

from __future__ import annotations

import asyncio

from msgspec import structs

from desktop.attachments.attachment import fingerprint, plain_name
from desktop.attachments.media_kind import Media, MediaKind
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import StoreCorrupt, StoreNewer
from desktop.store.files.attached_files import AttachedFiles
from desktop.text.phrases import Phrase, phrase
from desktop.transfer.import_drafts import Draft, with_count
from desktop.transfer.import_report import ReportItem
from desktop.transfer.import_shelf import Shelf

_MOST_NAMED = 3
_LACKING = phrase("Attached files missing from the export: only their names are imported")
_AGAIN = phrase("Attached files that were missing are restored")
_UNREAD = phrase("Attached files that could not be read: only their names are imported")


async def with_files(
    files: AttachedFiles, shelf: Shelf, draft: Draft, item: ReportItem, *, keep: bool
) -> tuple[Draft, ReportItem]:
    """Save a draft's files if `keep`. Return the draft and its report line, or only the line if the draft is unusable.

    Raises StoreFull, StoreReadOnly and StoreBusy.
    """
    reasons: list[Phrase] = []
    if keep:
        conversation, unread = await asyncio.to_thread(shelf.resolved, draft.conversation)
        draft = structs.replace(draft, conversation=conversation)
        if unread:
            reasons.append(with_count(_UNREAD, unread))
    named = {part.sha256: part for message in draft.conversation.messages for part in message.files}
    lacking = [each for each in named if not shelf.holds(each)]
    try:
        if gone := len(lacking) - len(await files.sizes(lacking) if lacking else ()):
            reasons.append(with_count(_LACKING, gone))
        if keep:
            unfit = [name for part in named.values() if (name := await _brought(files, shelf, part)) is not None]
            reasons += [_unfit(name) for name in unfit[:_MOST_NAMED]]
            if len(unfit) > _MOST_NAMED:
                reasons.append(with_count(_UNREAD, len(unfit) - _MOST_NAMED))
    except (
        StoreNewer,
        StoreCorrupt,
    ) as error:  # files are in a database of their own: the conversation is saved all the same
        reasons.append(error.message)
    return draft, structs.replace(item, reasons=(*item.reasons, *reasons)) if reasons else item


async def with_files_again(files: AttachedFiles, shelf: Shelf, draft: Draft, item: ReportItem) -> ReportItem:
    """Restore missing files of a conversation that is already saved. Raises the same errors as `with_files`."""
    named = {part.sha256: part for message in draft.conversation.messages for part in message.files}
    try:
        here = await files.sizes(named)
        back: list[str] = []
        for sha256, part in named.items():
            if sha256 not in here and shelf.carries(sha256) and await _brought(files, shelf, part) is None:
                back.append(sha256)
        await files.sent(back)
    except (StoreNewer, StoreCorrupt) as error:
        return structs.replace(item, reasons=(*item.reasons, error.message))
    return structs.replace(item, reasons=(*item.reasons, with_count(_AGAIN, len(back)))) if back else item


async def _brought(files: AttachedFiles, shelf: Shelf, part: ImagePart | FilePart) -> str | None:
    """Save a file from the shelf, and return its name if the content does not match the hash."""
    if part.sha256 in shelf.kept or not shelf.holds(part.sha256):
        return None
    data = await asyncio.to_thread(shelf.load, part.sha256)
    if data is None or await asyncio.to_thread(fingerprint, data) != part.sha256:
        return plain_name(part.name)
    await files.bring(part.sha256, Media(MediaKind.OTHER, part.media_type), data)
    shelf.kept.add(part.sha256)
    return None


def _unfit(name: str) -> Phrase:
    return phrase("{name} does not match its hash and is left out.", name=name)
