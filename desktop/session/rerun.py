"""Resends a stored request unchanged, through the gateway like any other request. Nothing is stored."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from msgspec import Struct

from desktop.attachments.attachment_limits import limits_of
from desktop.catalog.catalog import Catalog
from desktop.catalog.sampling_parameters import described
from desktop.domain.conversation_types import (
    Connection,
    Conversation,
    JsonValue,
    Kind,
    Message,
    ModelRef,
    Role,
    Status,
    Wire,
    new_id,
    now,
)
from desktop.domain.events import Event
from desktop.domain.message_parts import TextPart
from desktop.errors import ParametersUnconfirmed, ReceiptMissing, RequestIncomplete, UsageError
from desktop.net.origin import same_origin
from desktop.providers.provider import ChatMessage, ChatRequest, ExactBody
from desktop.providers.wire_choice import chosen_wire
from desktop.receipts.body_texts import BodyTexts, texts_of
from desktop.receipts.receipt import Receipt
from desktop.session.answer import Answer, AnswerTask
from desktop.session.continuation import CONTINUE
from desktop.session.gateway import NO_PARAMETERS, Gateway
from desktop.session.journal import NoJournal
from desktop.session.kept_body import foreign_parameters, require_own
from desktop.session.payment import pay_for
from desktop.settings.policy import REQUESTS
from desktop.store.receipts import SentRequest
from desktop.store.store import Store
from desktop.text.phrases import counted, phrase

_WIRES = (Wire.CHAT, Wire.RESPONSES, Wire.MESSAGES)


class KeptRequest(Struct, frozen=True, kw_only=True):
    """A stored response with its complete request.

    `foreign` are parameters that may change the provider's behavior.
    """

    conversation: str
    answer: Message
    model: ModelRef
    sent: SentRequest
    foreign: Mapping[str, JsonValue] = NO_PARAMETERS


class RerunAnswer(Struct, frozen=True, kw_only=True):
    """Response to a resent request, with its receipt; it belongs to no conversation.

    The receipt is None if no server was reached. `elsewhere` is whether the connection's address has changed since the
    request was stored.
    """

    answer: Message
    receipt: Receipt | None
    elsewhere: bool = False


async def kept_request(store: Store, gateway: Gateway, message_id: str) -> KeptRequest:
    """Return the stored request of a response, ready to be resent.

    Args:
        message_id: Id of the response, or a prefix of it.

    Raises:
        PolicyForbids: If a policy forbids resending.
        MessageUnknown: If there is no such message.
        MessageAmbiguous: If several ids have the prefix.
        ReceiptMissing: If the response has no receipt.
        RequestIncomplete: If the request is not stored completely, or Paragone could not have written it.
        ConnectionUnknown: If the connection no longer exists.
        StoreError: If the store cannot be read.
    """
    gateway.settings.policy.require(REQUESTS)
    place = await store.receipts.place(message_id)
    conversation = await store.conversations.get(place.conversation)
    answer = next(each for each in conversation.messages if each.id == place.message)
    if answer.status is Status.STREAMING:
        raise UsageError(phrase("This response is still being generated."))
    sent = await store.receipts.get(answer.id)
    if sent is None:
        raise ReceiptMissing(
            phrase(
                "This response has no receipt: it was generated before receipts existed, it was imported, "
                "or its request never reached a server."
            )
        )
    if answer.model is None:
        raise _damaged()
    _require_whole(sent)
    gateway.settings.policy.require_model(answer.model)
    connection = gateway.settings.connection(answer.model.connection)
    limits = limits_of(gateway.settings)
    for each in sent.attached:
        limits.require(each.media.kind)
    wire = _wire_of(sent, connection, answer.model.name)
    await asyncio.to_thread(
        require_own,
        wire,
        sent.body,
        model=answer.model.name,
        parameters=conversation.parameters.values,
        files=sent.found,
    )
    foreign = foreign_parameters(wire, sent.body)
    return KeptRequest(conversation=conversation.id, answer=answer, model=answer.model, sent=sent, foreign=foreign)


class Rerun:
    """A stored request being resent. Call `run` once; `stop` may be called on the same event loop at any time.

    `listener` receives each event immediately; it must be quick and must not raise.
    """

    def __init__(
        self,
        kept: KeptRequest,
        gateway: Gateway,
        catalog: Catalog,
        *,
        listener: Callable[[Event], None] = lambda _event: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept = kept
        self._gateway = gateway
        self._catalog = catalog
        self._listener = listener
        self._clock = clock
        self._answer: Answer | None = None
        self._stopped = False

    @property
    def text(self) -> str:
        """The response's text so far."""
        return self._answer.message.text if self._answer is not None else ""

    def stop(self) -> None:
        """Stop generating. Has no effect after the end."""
        self._stopped = True
        if self._answer is not None:
            self._answer.stop()

    async def run(
        self, allowed: frozenset[str] = frozenset(), *, flagged_too: bool = False, allow_parameters: bool = False
    ) -> RerunAnswer:
        """Send the request and return the response with its status and problem. Server errors are not raised.

        Checks, budget and receipt are the same as for every prompt; `allowed` and `flagged_too` are as in Session.
        `allow_parameters` permits parameters that may change the provider's behavior.

        Raises:
            PolicyForbids: If a policy forbids it. Nothing was sent after this or any following error.
            PromptHeld: If the prompt may not be sent.
            ConnectionUnknown: If the connection no longer exists.
            RequestIncomplete: If the request can no longer be sent as it was.
            SettingsError: If a settings file cannot be used.
            StoreError: If the store cannot be read.
        """
        stored, gateway = self._kept, self._gateway
        # Checked again, because settings may have changed while the user was asked
        gateway.settings.policy.require(REQUESTS)
        connection = gateway.settings.connection(stored.model.connection)
        _wire_of(stored.sent, connection, stored.model.name)
        if connection.kind is not Kind.EMBEDDED and not same_origin(connection.url, stored.sent.receipt.url):
            await self._require_no_key()
        if not allow_parameters:
            self._require_parameters(allowed)
        texts = await asyncio.to_thread(texts_of, stored.sent.body)
        task = self._task(texts)
        files = [each.decoded.text for each in stored.sent.attached if each.decoded.text]
        async with gateway.ask(
            conversation=stored.conversation,
            model=stored.model,
            entry=task.entry,
            texts=[*texts.beside, *files, *(text for text in texts.texts if text != CONTINUE)],
            newest=max(texts.newest, 1),
            parameters=stored.foreign,
            allowed=allowed,
            flagged_too=flagged_too,
        ) as passage:
            self._answer = Answer(
                task,
                NoJournal(),
                passage.open,
                listener=self._listener,
                find_entry=self._catalog.find,
                clock=self._clock,
            )
            if self._stopped:
                self._answer.stop()
            for notice in passage.notices:
                self._listener(notice)
            message = await self._answer.run()
            await pay_for(passage, self._answer.charge, self._listener)
        receipt = self._answer.receipt
        elsewhere = (
            receipt is not None and connection.kind is not Kind.EMBEDDED and receipt.url != stored.sent.receipt.url
        )
        return RerunAnswer(answer=message, receipt=receipt, elsewhere=elsewhere)

    def _require_parameters(self, allowed: frozenset[str]) -> None:
        """Check that parameters that may change the provider's behavior were allowed.

        Raises:
            ParametersUnconfirmed: If they were not allowed.
        """
        stored = self._kept
        kept_as = f"parameters {stored.answer.id} {described(stored.foreign)}"
        if stored.foreign and kept_as not in allowed:
            raise ParametersUnconfirmed(
                phrase(
                    "This request has parameters that can change how the provider handles it: "
                    "{parameters}. Nothing was sent.",
                    parameters=described(stored.foreign),
                ),
                found=frozenset({kept_as}),
            )

    async def _require_no_key(self) -> None:
        """Check that the body contains no key, since it goes to a different server.

        Raises:
            RequestIncomplete: If it contains a key.
        """
        text = self._kept.sent.body.decode("utf-8", "replace")
        if await self._gateway.without_keys(text) != text:
            raise RequestIncomplete(
                phrase(
                    "This request cannot be repeated: it contains a key, and the connection "
                    "“{connection}” now points to a different server.",
                    connection=self._kept.model.connection,
                )
            )

    def _task(self, said: BodyTexts) -> AnswerTask:
        stored = self._kept
        known = self._gateway.known(stored.model)
        entry = self._catalog.entry(known.base, known.name)
        goes_on = said.is_open or said.texts[-1:] == (CONTINUE,)
        begun = said.answer if goes_on and stored.answer.text.startswith(said.answer) else ""
        at = now()
        return AnswerTask(
            conversation=Conversation(
                id=stored.conversation, title="", model=stored.model, created_at=at, updated_at=at
            ),
            prompt=None,
            answer=Message(
                id=new_id(),
                parent=None,
                role=Role.ASSISTANT,
                parts=(TextPart(text=begun),) if begun else (),
                status=Status.STREAMING,
                created_at=at,
                model=stored.model,
            ),
            request=ChatRequest(
                model=stored.model.name,
                messages=tuple(ChatMessage(role=Role.USER, text=text) for text in said.texts),
                wire=Wire(stored.sent.receipt.wire),
                exact=ExactBody(wire=Wire(stored.sent.receipt.wire), json=stored.sent.body),
            ),
            entry=entry,
            program=self._gateway.program,
        )


def _require_whole(sent: SentRequest) -> None:
    """Check that the request is stored completely.

    Raises:
        RequestIncomplete: If a part is missing.
    """
    missing = sent.missing
    if missing.files:
        names = ", ".join(missing.files)
        raise RequestIncomplete(
            phrase("This request cannot be repeated because these attachments no longer exist: {names}.", names=names)
        )
    if missing.messages:
        raise RequestIncomplete(
            counted(
                "This request cannot be repeated: a message sent with it was deleted.",
                "This request cannot be repeated: {n} messages sent with it were deleted.",
                missing.messages,
            )
        )
    if missing.changed:
        raise _damaged()


def _damaged() -> RequestIncomplete:
    return RequestIncomplete(phrase("This request cannot be repeated because its receipt is damaged."))


def _wire_of(sent: SentRequest, connection: Connection, model: str) -> Wire:
    """Return the API format in which the request was sent, if the connection still uses it for the model.

    Raises:
        RequestIncomplete: If the connection now uses another format.
    """
    chosen = Wire.CHAT if connection.kind is Kind.EMBEDDED else chosen_wire(connection, model)
    wire = sent.receipt.wire
    if wire not in _WIRES or (chosen is not Wire.AUTO and wire != chosen):
        raise RequestIncomplete(
            phrase(
                "This request cannot be repeated: the connection “{connection}” now uses a different API format.",
                connection=connection.name,
            )
        )
    return Wire(wire)
