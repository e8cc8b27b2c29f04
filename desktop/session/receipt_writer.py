"""Receipt of a response, built while its request is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zlib import crc32

import msgspec

from desktop.domain.conversation_types import Message, now
from desktop.domain.events import (
    Fingerprinted,
    ModelNamed,
    Notice,
    ReasoningDelta,
    RequestSent,
    RetryWait,
    Started,
    StreamEvent,
    TextDelta,
)
from desktop.providers.provider import AttachedPart, ChatRequest
from desktop.receipts.receipt import EarlierTry, Receipt, SentFile, SentFileForm
from desktop.receipts.references import digest_of, referred

_MOST_TRIES = 20


class ReceiptWriter:
    """Builds the receipt of one response while its request is sent.

    Args:
        request: Request that is being sent.
        own: The conversation's messages in the request; the receipt refers to them instead of storing their texts.
        program: Version of Paragone.
    """

    def __init__(self, request: ChatRequest, own: Sequence[Message], program: str = "") -> None:
        self._request = request
        self._own = own
        self._program = program
        self.receipt: Receipt | None = None
        self._tries: list[EarlierTry] = []
        self._said = ""

    def takes(self, event: StreamEvent) -> bool:
        """Record an event and return whether only the receipt needs it."""
        match event:
            case TextDelta() | ReasoningDelta():  # thousands, and nothing to note
                return False
            case RequestSent():
                self._begin(event)
                return True
            case RetryWait():
                self._add_try(event.reason, event.wait_s)
                self._said = ""
            case Notice():
                self._said = event.message
            case Started():
                self._set(answered=event.headers, server_model=event.model or "")
            case ModelNamed():
                self._set(server_model=event.model)
            case Fingerprinted():
                self._set(fingerprint=event.fingerprint)
                return True
            case _:
                pass
        return False

    def sends_instead(self, request: ChatRequest, why: str) -> None:
        """Replace the request after the server rejected the first one; `why` is the reason."""
        self._request = request
        self._said = why

    def sends_next(self, request: ChatRequest) -> None:
        """Replace the request by the next round's, which contains all earlier ones."""
        self._request = request

    def _begin(self, sent: RequestSent) -> None:
        if self.receipt is not None and self._said:  # refused, and sent otherwise at once
            self._add_try(self._said, 0.0)
        self._said = ""
        ids = {each.text: each.id for each in self._own}
        said = (each.text if each.said is None else each.said for each in self._request.messages)
        texts = [(ids[text], text) for text in said if text in ids]
        files = dict(self._files())
        stored = referred(sent.body, texts, {text: file.digest for text, file in files.items()})
        self.receipt = Receipt(
            at=now(),
            program=self._program,
            wire=sent.wire,
            url=sent.url,
            headers=sent.headers,
            body=stored.body.decode(),
            mark=stored.mark,
            check=crc32(sent.body),
            files=tuple(each for each in files.values() if each.digest.encode() in stored.body),
            tries=tuple(self._tries),
        )

    def _add_try(self, reason: str, wait_s: float) -> None:
        self._tries = [*self._tries, EarlierTry(reason=reason, wait_s=wait_s)][-_MOST_TRIES:]

    def _files(self) -> Iterator[tuple[str, SentFile]]:
        """Yield the files that may appear in the body, each with the text that identifies it."""
        for message in self._request.messages:
            for quoted in message.quoted:
                yield quoted.text, quoted.origin
            for part in message.attached:
                if part.data:
                    yield part.data, part.origin or _unknown(part, part.data)
                if part.text:
                    yield part.text, part.text_origin or _unknown(part, part.text)

    def _set(self, **facts: object) -> None:
        if self.receipt is not None:
            self.receipt = msgspec.structs.replace(self.receipt, **facts)


def _unknown(part: AttachedPart, text: str) -> SentFile:
    """Return an entry for a part of unknown origin, whose file is not stored and cannot be restored."""
    return SentFile(
        digest=digest_of(text), sha256="", media_type=part.media_type, name=part.name, form=SentFileForm.BYTES
    )
