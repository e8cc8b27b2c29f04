"""What a receipt costs an answer: the time to write it, and its bytes in the database."""

from __future__ import annotations

import statistics
import time

import msgspec

from desktop.domain.conversation_types import Message, Role, Status, Wire, new_id, now
from desktop.domain.events import RequestSent
from desktop.domain.message_parts import TextPart
from desktop.providers.provider import ChatMessage, ChatRequest
from desktop.session.receipt_writer import ReceiptWriter
from tests.bench.bench_window import row

MESSAGES, TIMES = 20, 2_000
_TEXT = "The sky is blue because short waves are scattered more than long ones. " * 9
_HEADERS = {
    "authorization": "Bearer $PARAGONE_KEY",
    "content-type": "application/json",
    "accept": "text/event-stream",
    "user-agent": "Paragone",
    "accept-encoding": "identity",
}


def measure() -> list[dict[str, object]]:
    """Rows of name, value, unit, target and met."""
    own = [_message(number) for number in range(MESSAGES)]
    messages = tuple(ChatMessage(role=each.role, text=each.text) for each in own)
    request = ChatRequest(model="grok-4.7", messages=messages)
    told = [{"role": each.role.value, "content": each.text} for each in own]
    body = msgspec.json.encode({"model": "grok-4.7", "messages": told, "stream": True})
    url = "https://resource.services.ai.azure.com/openai/v1/chat/completions"
    sent = RequestSent(wire=Wire.CHAT, url=url, headers=_HEADERS, body=body)
    taken: list[float] = []
    written = b""
    for _ in range(TIMES):
        begun = time.perf_counter()
        writer = ReceiptWriter(request, own)
        writer.takes(sent)
        written = msgspec.json.encode(writer.receipt)
        taken.append((time.perf_counter() - begun) * 1000)
    return [
        row(f"a receipt, {MESSAGES} messages sent", statistics.median(taken), "ms", 0.05),
        row("its bytes", len(written), "B", 2048),
    ]


def _message(number: int) -> Message:
    return Message(
        id=new_id(),
        parent=None,
        role=Role.USER if number % 2 == 0 else Role.ASSISTANT,
        parts=(TextPart(text=f"{number} {_TEXT}"),),
        status=Status.COMPLETE,
        created_at=now(),
    )
