"""Writes an answer's receipt from what its stream tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zlib import crc32

import msgspec

from desktop.domain import Message, now
from desktop.events import (
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
    """Of one answer; `request` is what is being sent for it, `own` are the messages that are kept with it.

    `program` is this program's version.
    """

    def __init__(self, request: ChatRequest, own: Sequence[Message], program: str = "") -> None:
        self._request = request
        self._own = own
        self._program = program
        self.receipt: Receipt | None = None
        self._tries: list[EarlierTry] = []
        self._said = ""

    def takes(self, event: StreamEvent) -> bool:
        """Note what happened; whether that is for the receipt alone."""
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
        """Another request goes out in the place of the one that was refused."""
        self._request = request
        self._said = why

    def _begin(self, sent: RequestSent) -> None:
        if self.receipt is not None and self._said:  # refused, and sent otherwise at once
            self._add_try(self._said, 0.0)
        self._said = ""
        ids = {each.text: each.id for each in self._own}
        said = (each.text if each.said is None else each.said for each in self._request.messages)
        texts = [(ids[text], text) for text in said if text in ids]
        files = dict(self._files())
        kept = referred(sent.body, texts, {text: file.digest for text, file in files.items()})
        self.receipt = Receipt(
            at=now(),
            program=self._program,
            wire=sent.wire,
            url=sent.url,
            headers=sent.headers,
            body=kept.body.decode(),
            mark=kept.mark,
            check=crc32(sent.body),
            files=tuple(each for each in files.values() if each.digest.encode() in kept.body),
            tries=tuple(self._tries),
        )

    def _add_try(self, reason: str, wait_s: float) -> None:
        self._tries = [*self._tries, EarlierTry(reason=reason, wait_s=wait_s)][-_MOST_TRIES:]

    def _files(self) -> Iterator[tuple[str, SentFile]]:
        """What of files may stand in the body, and what each is found by."""
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
    """Of what nobody said whose it is: it is found no more, and its copy is not kept all the same."""
    return SentFile(
        digest=digest_of(text), sha256="", media_type=part.media_type, name=part.name, form=SentFileForm.BYTES
    )
