"""The whole program as a process against a loopback server: start to end of `ask`, CPU an event, fifty at once."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.reference import Reference
from tests.e2e.program import Program
from tests.fork_server import forkable
from tests.servers.threaded import fault_server

KEY = "bench-key-0123456789"
EVENTS = 10_000
_WORKS = 2_000


def measure() -> list[dict[str, object]]:
    """Rows of name, value, unit, target and met; medians where something is repeated."""
    with tempfile.TemporaryDirectory() as folder, fault_server(KEY) as server:
        paragone = Program(Path(folder), {"TEST_KEY": KEY})
        if forkable(paragone.surroundings({})):
            raise RuntimeError("runs would be forked: neither their start nor their CPU could be measured")
        paragone.add("lab", server.url)
        paragone.add("foundry", f"{server.origin}/openai/v1", kind="azure-inference")
        fast, paced = _cpu_an_event(paragone, "long"), _cpu_an_event(paragone, "slow:2000")
        work_us = _work_us()
        return [
            _row("ask, openai-v1, whole process", _ask(paragone, "lab/grok-3"), "ms", 600),
            _row("ask, azure-inference, whole process", _ask(paragone, "foundry/grok-3"), "ms", 600),
            _row("one piece of reference work", work_us, "µs", None),
            _row("CPU an event with store and output, sent as fast as can be", fast, "µs", 100),
            _row("CPU an event, sent as fast as can be, against reference work", fast / work_us, "times", None),
            _row("CPU an event with store and output, 2,000 a second", paced, "µs", 100),
            _row("CPU an event, 2,000 a second, against reference work", paced / work_us, "times", None),
            _row("50 answers at once in one ask", _fifty(paragone), "ms", None),
            _row("embedded model: cold start of the program to first token", _embedded(paragone), "ms", 1500),
        ]


def _row(name: str, value: float, unit: str, target: float | None) -> dict[str, object]:
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "target": target,
        "met": None if target is None else value <= target,
    }


def _ask(paragone: Program, ref: str) -> float:
    taken: list[float] = []
    for _ in range(7):
        started = time.perf_counter()
        ended = paragone("ask", "--model", ref, "hello")
        taken.append((time.perf_counter() - started) * 1000)
        assert ended.status == 0, ended.err
    return statistics.median(taken)


def _cpu_of(paragone: Program, *words: str) -> tuple[float, str]:
    """CPU seconds (user and system) of one run, and its output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = paragone(*words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.status == 0, ended.err
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended.out


def _cpu_an_event(paragone: Program, behaviour: str) -> float:
    """CPU of a long answer less that of a short one, by the events between them."""
    few, _ = _cpu_of(paragone, "ask", "--save", "--json", "--model", f"lab/{behaviour}:10", "hello")
    many, out = _cpu_of(paragone, "ask", "--save", "--json", "--model", f"lab/{behaviour}:{EVENTS}", "hello")
    events = sum(1 for line in out.splitlines() if json.loads(line)["event"] == "text") - 10
    return (many - few) / events * 1_000_000


def _work_us() -> float:
    """CPU of one piece of reference work in this run."""
    reference = Reference()
    for _ in range(_WORKS):
        reference.take()
    return reference.work_ms * 1000


def _fifty(paragone: Program) -> float:
    words = [word for _ in range(50) for word in ("--model", "lab/grok-3")]
    started = time.perf_counter()
    ended = paragone("ask", "--json", "--save", *words, "hello")
    assert ended.out.count('"event":"finish"') == 50, ended.err
    return (time.perf_counter() - started) * 1000


def _embedded(paragone: Program) -> float:
    taken: list[float] = []
    for _ in range(3):
        started = time.perf_counter()
        process = subprocess.Popen(
            paragone.command(["ask", "--json", "Why is the sky blue?"]),
            stdout=subprocess.PIPE,
            text=True,
            env=paragone.surroundings({}),
        )
        with process:
            assert process.stdout is not None
            while '"text"' not in process.stdout.readline():
                pass
            taken.append((time.perf_counter() - started) * 1000)
            process.stdout.read()
    return statistics.median(taken)
