"""Garbage is collected on the window's thread, and only there."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from ui.app.application import Collector


class Cycle(QObject):
    def __init__(self, died_on: list[int]) -> None:
        super().__init__()
        self.itself = self
        weakref.finalize(self, lambda: died_on.append(threading.get_ident()))


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()


def allocate() -> None:
    kept = [[number] for number in range(5_000)]
    assert kept


def test_what_hangs_in_a_cycle_dies_on_the_windows_thread(collector: Collector) -> None:
    died_on = list[int]()
    Cycle(died_on)
    thread = threading.Thread(target=allocate)
    thread.start()
    thread.join()
    assert died_on == []
    allocate()
    while not died_on:
        kept = [[number] for number in range(1_000)]
        collector.collect_due()
        del kept
    assert died_on == [threading.get_ident()]


def test_automatic_collection_comes_back(collector: Collector) -> None:
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()


def test_a_full_collection_is_followed_by_a_rest(collector: Collector) -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 0.05  # each look at the clock is 50 ms later: so long does a full collection take
        return now[0]

    timed = Collector(clock=clock)
    full = list[int]()
    gc.callbacks.append(lambda phase, info: full.append(1) if phase == "stop" and info["generation"] == 2 else None)
    try:
        for _ in range(150):
            kept = [[number] for number in range(1_000)]
            timed.collect_due()
            del kept
    finally:
        gc.callbacks.pop()
        timed.stop()
        gc.disable()
    assert len(full) == 1


def test_it_stops_after_qt_has_ended(qapp: QApplication) -> None:
    made = Collector()
    shiboken6.delete(made)
    made.stop()
    assert gc.isenabled()
