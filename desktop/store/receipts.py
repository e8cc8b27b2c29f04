"""Receipts of answers, read from the store with what they refer to."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Sequence
from zlib import crc32

import msgspec

from desktop.attachments.attachment import Attachment, plain_name
from desktop.attachments.sent_forms import fenced
from desktop.domain.conversation_types import Role
from desktop.domain.message_parts import FilePart
from desktop.errors import MessageAmbiguous, MessageUnknown, StoreCorrupt
from desktop.receipts.receipt import Receipt, SentFile, SentFileForm
from desktop.receipts.references import Referring, digest_of, messages_in, resolved
from desktop.store.files.attached_files import AttachedFiles
from desktop.store.migrations import WITH_RECEIPTS, version
from desktop.store.records import index_text, row_mapping
from desktop.store.sqlite.database import Database
from desktop.store.sqlite.sql import Sql
from desktop.text.phrases import phrase

_STATES = "SELECT id, state FROM receipts JOIN messages ON seq = message WHERE id IN (SELECT value FROM json_each(?))"
_ANSWERS = (
    "SELECT m.id, c.id FROM messages m JOIN conversations c ON c.seq = m.conversation"
    " WHERE m.role = ? AND m.id >= ? AND m.id < ? AND (m.id = ? OR c.trashed_at IS NULL) ORDER BY m.id LIMIT 2"
)
_LAST = "\U0010ffff"


class Unresolved(msgspec.Struct, frozen=True):
    """What of a body is not kept any more: how many messages, what stood there of which files, by their names.

    `changed` says that nothing is known to be gone, and it is not what was sent, or not known to be: something of it is
    damaged.
    """

    messages: int = 0
    files: tuple[str, ...] = ()
    changed: bool = False


class SentRequest(msgspec.Struct, frozen=True):
    """A receipt, its body as it was sent, and what of that is not kept any more: there a reference stands.

    `attached` are the files that went with it and are there still, as they are now; `found` the digests of what stood
    there of those.
    """

    receipt: Receipt
    body: bytes
    missing: Unresolved
    attached: tuple[Attachment, ...] = ()
    found: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether the body is what was sent, to the byte."""
        return self.missing == Unresolved()


class AnswerPlace(msgspec.Struct, frozen=True):
    """The whole ids of an answer and of its conversation."""

    message: str
    conversation: str


class Receipts:
    """Every method raises StoreError's tree."""

    def __init__(self, database: Database, files: AttachedFiles) -> None:
        self._database = database
        self._files = files

    async def get(self, message_id: str) -> SentRequest | None:
        """What was sent for an answer; None where that is not kept, as of older answers and imported ones.

        One at a time: with what is attached each may be many megabytes.
        """
        read = await self._database.read(lambda sql: _read(sql, message_id))
        if read is None:
            return None
        receipt, texts = read
        found = [(file, await self._files.find(_part(file))) for file in receipt.files if file.sha256]
        said = {file.digest: await self._said(file, attached) for file, attached in found if attached is not None}
        return await asyncio.to_thread(_put_together, receipt, texts, said, [each for _, each in found if each])

    async def place(self, id_or_prefix: str) -> AnswerPlace:
        """Where an answer is. The beginning of an id is enough where it is the only one; in the trash a whole id finds.

        An answer of a blind round is not found before the reveal. Raises MessageUnknown, MessageAmbiguous.
        """
        wanted = index_text.clean(id_or_prefix)
        values = (Role.ASSISTANT.value, wanted, wanted + _LAST, wanted)
        found = await self._database.read(lambda sql: sql.rows(_ANSWERS, values)) if wanted else []
        if not found:
            raise MessageUnknown(phrase("There is no response “{id}”.", id=id_or_prefix))
        if len(found) > 1 and found[0][0] != wanted:
            raise MessageAmbiguous(phrase("Several responses' IDs begin with “{id}”.", id=id_or_prefix))
        return AnswerPlace(*map(row_mapping.text_of, found[0]))

    async def _said(self, file: SentFile, attached: Attachment) -> str | None:
        """What stood in a request of a file; None where something else would be made of it today."""
        match file.form:
            case SentFileForm.TEXT:
                made = await asyncio.to_thread(fenced, file.name, attached.decoded.text)
            case SentFileForm.PICTURE:
                drawn = attached.decoded.pictures[file.picture : file.picture + 1]
                made = await asyncio.to_thread(base64.b64encode, drawn[0].data) if drawn else b""
            case SentFileForm.BYTES:
                try:
                    data = await self._files.data(file.sha256)
                except StoreCorrupt:
                    return None
                made = await asyncio.to_thread(base64.b64encode, data or b"")
        said = made.decode() if isinstance(made, bytes) else made
        return said if await asyncio.to_thread(digest_of, said) == file.digest else None


def _part(file: SentFile) -> FilePart:
    return FilePart(sha256=file.sha256, media_type=file.media_type, name=file.name, size=0)


def _put_together(
    receipt: Receipt, texts: dict[str, str], said: dict[str, str | None], attached: Sequence[Attachment]
) -> SentRequest:
    """On a thread: what is attached may be many megabytes."""
    whole = resolved(Referring(receipt.body.encode(), receipt.mark), texts.get, said.get)
    gone = tuple(dict.fromkeys(plain_name(each.name) for each in receipt.files if each.digest in whole.files))
    # What no file of the receipt stands for is named by nobody; without a check nobody knows
    changed = not (whole.messages or gone) and (bool(whole.files) or receipt.check != crc32(whole.body))
    used = {each.sha256: each for each in attached}
    missing = Unresolved(whole.messages, gone, changed)
    found = frozenset(digest for digest, text in said.items() if text is not None)
    return SentRequest(receipt, whole.body, missing, tuple(used.values()), found)


def _states(sql: Sql, ids: Sequence[str]) -> dict[str, Receipt]:
    """Receipts by the ids of their answers; a damaged one is as if there were none."""
    if version(sql) < WITH_RECEIPTS:
        return {}
    found: dict[str, Receipt] = {}
    for id_, state in sql.rows(_STATES, (_listed(ids),)):
        try:
            found[id_] = msgspec.json.decode(state, type=Receipt)
        except (msgspec.DecodeError, RecursionError, TypeError):
            continue
    return found


def _read(sql: Sql, id_: str) -> tuple[Receipt, dict[str, str]] | None:
    """A receipt with the texts of messages that it refers to."""
    receipt = _states(sql, [id_]).get(index_text.clean(id_))
    if receipt is None:
        return None
    return receipt, _texts(sql, sorted(messages_in(Referring(receipt.body.encode(), receipt.mark))))


def _texts(sql: Sql, ids: Sequence[str]) -> dict[str, str]:
    """The texts of the messages that are there still, by their ids."""
    rows = sql.rows("SELECT id, parts FROM messages WHERE id IN (SELECT value FROM json_each(?))", (_listed(ids),))
    return {id_: row_mapping.text(row_mapping.readable(row_mapping.text_of(parts))) for id_, parts in rows}


def _listed(ids: Sequence[str]) -> str:
    return json.dumps([index_text.clean(each) for each in ids])
