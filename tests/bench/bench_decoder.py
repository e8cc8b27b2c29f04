"""How long an event of a stream takes from bytes to events: the decoder alone, and the whole way over each wire."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from desktop.domain.conversation_types import Wire
from desktop.net.options import NetworkOptions
from desktop.providers.wire.body_decoder import BodyDecoder
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.sse import EventStreamDecoder
from desktop.providers.wire.wire_format import FORMATS
from tests.bench.reference import Reference
from tests.servers import messages_streams, responses_streams
from tests.servers.wire import chunk, event

_EVENTS = 20_000
_ROUNDS = 5
_REFERENCES = 20
_ONE = event(chunk({"content": " word"}))
_DELTA: dict[str, Any] = {"item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": " word", "logprobs": []}
_PIECE = {"type": "text_delta", "text": " word"}
_WIRES = {
    Wire.CHAT: _ONE,
    Wire.RESPONSES: responses_streams.sse("response.output_text.delta", **_DELTA),
    Wire.MESSAGES: messages_streams.sse("content_block_delta", index=0, delta=_PIECE),
}
"""An event with a word, as each wire has it."""


def measure() -> list[dict[str, object]]:
    """Microseconds of CPU an event, the best of several rounds, one event a piece as servers send them.

    Beside each over a wire stands how many thousandths that is of a piece of the reference's work in the same round.
    """
    found = [_row("decoder, one event a piece", _best(_decoder, _ONE)[0], 12.0)]
    for wire, one in _WIRES.items():
        took, ratio = _best(partial(_whole, wire), one)
        found.append(_row(f"bytes to events over {wire}, one event a piece", took, 12.0))
        beside: dict[str, object] = {"unit": "‰", "target": None, "met": None, "value": round(ratio * 1000, 2)}
        found.append({"name": f"  in thousandths of the reference's work ({wire})", **beside})
    return found


def _decoder() -> Callable[[bytes], object]:
    return EventStreamDecoder().feed


def _whole(wire: Wire) -> Callable[[bytes], object]:
    asked = RequestTarget(host="host")
    return BodyDecoder("text/event-stream", NetworkOptions(), asked, FORMATS[wire].reader(asked)).feed


def _best(make: Callable[[], Callable[[bytes], object]], one: bytes) -> tuple[float, float]:
    """Microseconds an event, and its part of a piece of the reference's work, in the best round."""
    best: tuple[float, float] = (float("inf"), 0.0)
    for _ in range(_ROUNDS):
        feed, reference = make(), Reference()
        for _ in range(_REFERENCES):
            reference.take()
        begun = time.thread_time()
        for _ in range(_EVENTS):
            feed(one)
        took = (time.thread_time() - begun) / _EVENTS
        best = min(best, (took * 1e6, took * 1000 / reference.work_ms))
    return best


def _row(name: str, value: float, target: float) -> dict[str, object]:
    return {"name": name, "value": round(value, 2), "unit": "µs", "target": target, "met": value <= target}


if __name__ == "__main__":
    for row in measure():
        print(f"{row['name']}: {row['value']} {row['unit']} (at most {row['target']})")
    print(f"({len(_ONE)} bytes an event)")
