"""Attachments in the form a model receives them, and notices about those it does not receive."""

from __future__ import annotations

import asyncio
import base64
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from desktop.attachments import sent_forms
from desktop.attachments.attachment import Attachment, plain_name
from desktop.attachments.attachment_limits import limits_of
from desktop.attachments.decode_wire import PlainPicture
from desktop.attachments.sent_forms import SentAs, Taken, fenced, picture_tokens, sent_as
from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import FileLeftOut, Kind, Message, ModelRef, Role
from desktop.domain.message_parts import FilePart, ImagePart
from desktop.errors import ConnectionUnknown
from desktop.net.origin import host_of
from desktop.providers.provider import AttachedPart, QuotedFile
from desktop.receipts.receipt import SentFile, SentFileForm
from desktop.receipts.references import digest_of
from desktop.session.gateway import Gateway
from desktop.session.history import FilesAsSent

_READS_FILES = re.compile(
    r"(?:.+\.)?api\.(?:openai|anthropic)\.com"
    r"|.+\.(?:services\.ai|openai|cognitiveservices)\.azure\.(?:com|us)"
    r"|bedrock-(?:runtime|mantle)(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com|api\.aws)"
)
"""Hosts whose models accept files: OpenAI, Anthropic, Azure and Amazon Bedrock."""

_MOST_ENCODED = 48 << 20
"""Maximum base64 characters in the cache, through which panes and later prompts share encoded files."""


class DigestedText(NamedTuple):
    """A text and its digest for a receipt."""

    text: str
    digest: str


class FileSource(Protocol):
    """Source of attached files."""

    async def find(self, part: ImagePart | FilePart) -> Attachment | None:
        """Return an attachment, or None if it is missing.

        Raises:
            StoreError: If the store cannot be read.
        """
        ...

    async def data(self, sha256: str) -> bytes | None:
        """Return the bytes of a file, or None if it is missing.

        Raises:
            StoreError: If the store cannot be read.
        """
        ...


def taken_by(gateway: Gateway, model: ModelRef, entry: Entry) -> Taken:
    """Return the inputs a model accepts besides text, by the catalog or earlier rejections; none if it is embedded.

    Files are sent only to servers known to accept them; others ignore them silently and the model invents a response.
    """
    kinds = limits_of(gateway.settings).kinds
    vision = gateway.accepts(gateway.options.sight, model) if entry.vision is None else entry.vision
    try:
        connection = gateway.settings.connection(model.connection)
    except ConnectionUnknown:
        return Taken(vision, entry.files, kinds=kinds)
    if connection.kind is Kind.EMBEDDED:
        return Taken(vision=False, files=False, kinds=kinds)
    reads = gateway.accepts(gateway.options.files, model)
    if reads is None:
        reads = _READS_FILES.fullmatch(host_of(connection.url)) is not None
    return Taken(vision, entry.files if reads else False, gateway.wire(model, entry.wire), kinds)


def _digested(text: str) -> DigestedText:
    return DigestedText(text, digest_of(text))


def _quoted(found: Attachment, name: str) -> QuotedFile:
    """Return a file's text as quoted in a prompt. Slow for long files."""
    text = fenced(name, found.decoded.text)
    return QuotedFile(text=text, origin=_origin(found, name, SentFileForm.TEXT, digest_of(text)))


def _origin(found: Attachment, name: str, form: SentFileForm, digest: str, picture: int = 0) -> SentFile:
    return SentFile(
        digest=digest, sha256=found.sha256, media_type=found.media.type, name=name, form=form, picture=picture
    )


def _is_asked(message: Message) -> bool:
    return message.role is Role.USER and bool(message.files)


class PromptFiles:
    """Attachments of all conversations of one run. Encoded files are cached."""

    def __init__(self, source: FileSource) -> None:
        self._source = source
        self._encoded: OrderedDict[str, DigestedText] = OrderedDict()

    async def given(self, path: Sequence[Message], taken: Taken, model: str) -> dict[str, FilesAsSent]:
        """Return the files of prompts as the model receives them, by message id; prompts without files are omitted.

        Images in imported responses are displayed but never sent, because most API formats do not accept images there.

        Raises:
            StoreError: If the store cannot be read.
        """
        return {message.id: await self._of(message, taken, model) for message in path if _is_asked(message)}

    async def _of(self, message: Message, taken: Taken, model: str) -> FilesAsSent:
        quoted: list[QuotedFile] = []
        parts: list[AttachedPart] = []
        nothing: list[FileLeftOut] = []
        tokens = 0
        for part in message.files:
            name = plain_name(part.name)  # an import may have called it anything
            attachment = await self._source.find(part)
            if attachment is None:
                nothing.append(FileLeftOut(name=name, model=model, gone=True))
                continue
            form = sent_as(attachment, taken)
            tokens += sent_forms.tokens(attachment, form, model)
            if form is SentAs.NOTHING:
                nothing.append(FileLeftOut(name=name, model=model))
            elif form is SentAs.TEXT:
                quoted.append(await asyncio.to_thread(_quoted, attachment, name))
            elif form is SentAs.FILE:
                data = await self._source.data(part.sha256)
                if data is None:
                    nothing.append(FileLeftOut(name=name, model=model, gone=True))
                    continue
                (whole,) = await self._base64(part.sha256, [data])
                quotation = (
                    await asyncio.to_thread(_quoted, attachment, name) if attachment.decoded.text.strip() else None
                )
                parts.append(
                    AttachedPart(
                        name=name,
                        media_type=attachment.media.type,
                        data=whole.text,
                        text=quotation.text if quotation is not None else "",
                        tokens=sent_forms.tokens(attachment, form, model),
                        origin=_origin(attachment, name, SentFileForm.BYTES, whole.digest),
                        text_origin=quotation.origin if quotation is not None else None,
                    )
                )
            else:
                parts += await self._pictures(attachment, name, model)
        return FilesAsSent(tuple(quoted), tuple(parts), tokens, tuple(nothing))

    async def _pictures(self, found: Attachment, name: str, model: str) -> Iterable[AttachedPart]:
        drawn: tuple[PlainPicture, ...] = found.decoded.pictures
        encoded = await self._base64(f"{found.sha256}/drawn", [each.data for each in drawn])
        return [
            AttachedPart(
                name=name,
                media_type=each.media_type,
                data=data.text,
                tokens=picture_tokens(each.width, each.height, model),
                origin=_origin(found, name, SentFileForm.PICTURE, data.digest, picture=number),
            )
            for number, (each, data) in enumerate(zip(drawn, encoded, strict=True))
        ]

    async def _base64(self, key: str, pieces: Sequence[bytes]) -> list[DigestedText]:
        """Encode bytes in base64, on a thread unless they are in the cache."""
        keys = [f"{key}/{number}" for number in range(len(pieces))]
        if any(each not in self._encoded for each in keys):
            encoded = await asyncio.to_thread(lambda: [_digested(base64.b64encode(piece).decode()) for piece in pieces])
            self._encoded.update(zip(keys, encoded, strict=True))
        else:
            encoded = [self._encoded[each] for each in keys]
        for each in keys:
            self._encoded.move_to_end(each)
        while len(self._encoded) > len(keys) and sum(len(each.text) for each in self._encoded.values()) > _MOST_ENCODED:
            self._encoded.popitem(last=False)
        return encoded
