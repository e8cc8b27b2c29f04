"""Stored receipts of responses, with the texts they refer to."""

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
    """Parts of a request body that are no longer stored.

    `changed` is whether the body differs from what was sent although nothing is known to be missing.
    """

    messages: int = 0
    files: tuple[str, ...] = ()
    changed: bool = False


class SentRequest(msgspec.Struct, frozen=True):
    """A receipt with its request body, in which missing parts remain references.

    `attached` are the attachments that still exist.
    """

    receipt: Receipt
    body: bytes
    missing: Unresolved
    attached: tuple[Attachment, ...] = ()
    found: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether the body is exactly the one that was sent."""
        return self.missing == Unresolved()


class AnswerPlace(msgspec.Struct, frozen=True):
    """Full ids of a response and of its conversation."""

    message: str
    conversation: str


class Receipts:
    """Receipts stored in one database. All methods may raise StoreError."""

    def __init__(self, database: Database, files: AttachedFiles) -> None:
        self._database = database
        self._files = files

    async def get(self, message_id: str) -> SentRequest | None:
        """Return the request of a response, or None if there is no receipt (older or imported responses).

        Load one request at a time, because attachments may be large.
        """
        read = await self._database.read(lambda sql: _read(sql, message_id))
        if read is None:
            return None
        receipt, texts = read
        found = [(file, await self._files.find(_part(file))) for file in receipt.files if file.sha256]
        said = {file.digest: await self._said(file, attached) for file, attached in found if attached is not None}
        return await asyncio.to_thread(_put_together, receipt, texts, said, [each for _, each in found if each])

    async def place(self, id_or_prefix: str) -> AnswerPlace:
        """Return the full ids for a response, given its id or a unique prefix.

        Responses in the trash are found only by the full id, those of blind rounds not at all.
        """
        wanted = index_text.clean(id_or_prefix)
        values = (Role.ASSISTANT.value, wanted, wanted + _LAST, wanted)
        found = await self._database.read(lambda sql: sql.rows(_ANSWERS, values)) if wanted else []
        if not found:
            raise MessageUnknown(phrase("There is no response “{id}”.", id=id_or_prefix))
        if len(found) > 1 and found[0][0] != wanted:
            raise MessageAmbiguous(phrase("Several responses have IDs that begin with “{id}”.", id=id_or_prefix))
        return AnswerPlace(*map(row_mapping.text_of, found[0]))

    async def _said(self, file: SentFile, attached: Attachment) -> str | None:
        """Return the text of an attachment as sent in a request, or None if it would be different today."""
        match file.form:
            case SentFileForm.TEXT:
                encoded = await asyncio.to_thread(fenced, file.name, attached.decoded.text)
            case SentFileForm.PICTURE:
                drawn = attached.decoded.pictures[file.picture : file.picture + 1]
                encoded = await asyncio.to_thread(base64.b64encode, drawn[0].data) if drawn else b""
            case SentFileForm.BYTES:
                try:
                    data = await self._files.data(file.sha256)
                except StoreCorrupt:
                    return None
                encoded = await asyncio.to_thread(base64.b64encode, data or b"")
        said = encoded.decode() if isinstance(encoded, bytes) else encoded
        return said if await asyncio.to_thread(digest_of, said) == file.digest else None


def _part(file: SentFile) -> FilePart:
    return FilePart(sha256=file.sha256, media_type=file.media_type, name=file.name, size=0)


def _put_together(
    receipt: Receipt, texts: dict[str, str], said: dict[str, str | None], attached: Sequence[Attachment]
) -> SentRequest:
    """Assemble the request body. Runs on a thread, because attachments may be large."""
    whole = resolved(Referring(receipt.body.encode(), receipt.mark), texts.get, said.get)
    gone = tuple(dict.fromkeys(plain_name(each.name) for each in receipt.files if each.digest in whole.files))
    # References without a file have no name; without a digest they cannot be verified
    changed = not (whole.messages or gone) and (bool(whole.files) or receipt.check != crc32(whole.body))
    used = {each.sha256: each for each in attached}
    missing = Unresolved(whole.messages, gone, changed)
    found = frozenset(digest for digest, text in said.items() if text is not None)
    return SentRequest(receipt, whole.body, missing, tuple(used.values()), found)


def _states(sql: Sql, ids: Sequence[str]) -> dict[str, Receipt]:
    """Return receipts by response id. Damaged ones are omitted."""
    if version(sql) < WITH_RECEIPTS:
        return {}
    receipts: dict[str, Receipt] = {}
    for id_, state in sql.rows(_STATES, (_listed(ids),)):
        try:
            receipts[id_] = msgspec.json.decode(state, type=Receipt)
        except (msgspec.DecodeError, RecursionError, TypeError):
            continue
    return receipts


def _read(sql: Sql, id_: str) -> tuple[Receipt, dict[str, str]] | None:
    """Return a receipt, and the message texts to which it refers."""
    receipt = _states(sql, [id_]).get(index_text.clean(id_))
    if receipt is None:
        return None
    return receipt, _texts(sql, sorted(messages_in(Referring(receipt.body.encode(), receipt.mark))))


def _texts(sql: Sql, ids: Sequence[str]) -> dict[str, str]:
    """Return the texts of existing messages by id."""
    rows = sql.rows("SELECT id, parts FROM messages WHERE id IN (SELECT value FROM json_each(?))", (_listed(ids),))
    return {id_: row_mapping.text(row_mapping.readable(row_mapping.text_of(parts))) for id_, parts in rows}


def _listed(ids: Sequence[str]) -> str:
    return json.dumps([index_text.clean(each) for each in ids])
