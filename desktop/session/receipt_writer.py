"""Writes an answer's receipt from what its stream tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

import msgspec

from desktop.domain import Message, now
from desktop.events import (
    Fingerprinted,
    ModelNamed,
    ReasoningDelta,
    RequestSent,
    RetryWait,
    Started,
    StreamEvent,
    TextDelta,
)
from desktop.providers.provider import ChatRequest
from desktop.receipts.receipt import EarlierTry, Receipt
from desktop.receipts.references import SentText, referred

_MOST_TRIES = 20


class ReceiptWriter:
    """Of one answer; `request` is what is being sent for it, `own` are the messages that are kept with it."""

    def __init__(self, request: ChatRequest, own: Sequence[Message]) -> None:
        self.request = request
        self._own = own
        self.receipt: Receipt | None = None
        self._tries: list[EarlierTry] = []

    def takes(self, event: StreamEvent) -> bool:
        """Note what happened; whether that is for the receipt alone."""
        match event:
            case TextDelta() | ReasoningDelta():  # thousands, and nothing to note
                return False
            case RequestSent():
                self.receipt = self._begun(event)
            case RetryWait():
                self._tries = [*self._tries, EarlierTry(reason=event.reason, wait_s=event.wait_s)][-_MOST_TRIES:]
            case Started():
                self._set(answered=event.headers, server_model=event.model or "")
            case ModelNamed():
                self._set(server_model=event.model)
            case Fingerprinted():
                self._set(fingerprint=event.fingerprint)
            case _:
                pass
        return isinstance(event, (RequestSent, Fingerprinted))

    def _begun(self, sent: RequestSent) -> Receipt:
        ids = {each.text: each.id for each in self._own}
        texts = [SentText(ids[each.text], each.text) for each in self.request.messages if each.text in ids]
        kept = referred(sent.body, texts, self._files())
        return Receipt(
            at=now(),
            wire=sent.wire,
            url=sent.url,
            headers=sent.headers,
            body=(sent.body if kept is None else kept).decode(),
            whole=kept is None,
            tries=tuple(self._tries),
        )

    def _files(self) -> Mapping[str, str]:
        """The digests of what is attached, by what stands for it in the body."""
        data = [part.data for message in self.request.messages for part in message.attached if part.data]
        return {each: sha256(each.encode()).hexdigest() for each in data}

    def _set(self, **facts: object) -> None:
        if self.receipt is not None:
            self.receipt = msgspec.structs.replace(self.receipt, **facts)
