"""How long an event of a stream takes from bytes to events: the decoder alone, and the whole way."""

from __future__ import annotations

import time
from collections.abc import Callable

from desktop.providers.provider import NetworkOptions
from desktop.providers.wire.body_decoder import BodyDecoder
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.sse import EventStreamDecoder
from tests.servers.wire import chunk, event

_EVENTS = 20_000
_ROUNDS = 5
_ONE = event(chunk({"content": " word"}))


def measure() -> list[dict[str, object]]:
    """Microseconds an event, the best of several rounds, one event a piece as servers send them."""
    return [
        _row("decoder, one event a piece", _best(_decoder), 12.0),
        _row("bytes to events, one event a piece", _best(_whole), 12.0),
    ]


def _decoder() -> Callable[[bytes], object]:
    return EventStreamDecoder().feed


def _whole() -> Callable[[bytes], object]:
    return BodyDecoder("text/event-stream", NetworkOptions(), RequestTarget(host="host")).feed


def _best(make: Callable[[], Callable[[bytes], object]]) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        feed = make()
        begun = time.perf_counter()
        for _ in range(_EVENTS):
            feed(_ONE)
        best = min(best, time.perf_counter() - begun)
    return best / _EVENTS * 1e6


def _row(name: str, value: float, target: float) -> dict[str, object]:
    return {"name": name, "value": round(value, 2), "unit": "µs", "target": target, "met": value <= target}


if __name__ == "__main__":
    for row in measure():
        print(f"{row['name']}: {row['value']} {row['unit']} (at most {row['target']})")
    print(f"({len(_ONE)} bytes an event)")
