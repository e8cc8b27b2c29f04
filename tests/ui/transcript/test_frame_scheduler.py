"""Tests of the beat: the first delta at once, then in turns, and no beat where there is nothing to draw."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from tests.ui.transcript.makers import prompt
from ui.base.theme import Themes
from ui.transcript.frame_scheduler import BUDGET_S, FrameScheduler
from ui.transcript.transcript_view import TranscriptView


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


class Drawing:
    """Takes so long to draw, by the clock; says in `log` when it was its turn."""

    def __init__(self, name: str, clock: Clock, log: list[str], cost: float = 0.0) -> None:
        self.name, self.clock, self.log, self.cost = name, clock, log, cost
        self.is_shown = True
        self.left = 0

    def draw_gathered(self) -> bool:
        self.log.append(self.name)
        self.clock.at += self.cost
        self.left = max(self.left - 1, 0)
        return self.left > 0


def made(*costs: float) -> tuple[FrameScheduler, Clock, list[str], list[Drawing]]:
    clock, log = Clock(), list[str]()
    drawings = [Drawing(str(number), clock, log, cost) for number, cost in enumerate(costs)]
    return FrameScheduler(clock=clock), clock, log, drawings


def test_the_first_delta_is_drawn_at_once_and_the_next_at_the_beat(qapp: QApplication) -> None:
    scheduler, clock, log, (one,) = made(0.0)
    scheduler.gathered(one)
    assert log == ["0"]
    scheduler.gathered(one)
    scheduler.gathered(one)
    assert log == ["0"]
    clock.at += 0.017
    scheduler.beat()
    assert log == ["0", "0"]


def test_what_ends_soon_is_left_to_its_end_for_a_turn_and_drawn_after_it(qapp: QApplication) -> None:
    scheduler, clock, log, (one,) = made(0.0)
    scheduler.gathered(one)
    scheduler.gathered(one)
    clock.at += 0.017
    scheduler.postpone(one)
    scheduler.beat()
    assert log == ["0"]
    clock.at += 0.017
    scheduler.beat()
    assert log == ["0", "0"]


@pytest.mark.parametrize(("many", "pictures"), [(2, 60), (3, 30), (4, 30), (5, 15), (8, 15)])
def test_the_more_stream_the_fewer_pictures_of_each(qapp: QApplication, many: int, pictures: int) -> None:
    scheduler, clock, log, drawings = made(*[0.0] * many)
    for _ in range(60):
        for each in drawings:
            scheduler.gathered(each)
        clock.at += 1 / 60
        scheduler.beat()
    counts = [log.count(each.name) for each in drawings]
    assert all(abs(count - pictures) <= 2 for count in counts)


def test_those_that_do_not_fit_into_the_frame_come_first_in_the_next(qapp: QApplication) -> None:
    scheduler, clock, log, drawings = made(*[BUDGET_S * 0.6] * 4)
    for each in drawings:
        scheduler.gathered(each)
    for _ in range(6):
        clock.at += 1 / 30
        for each in drawings:
            scheduler.gathered(each)
        scheduler.beat()
    counts = [log.count(each.name) for each in drawings]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) <= 4 + 6 * 2


def test_one_that_is_slower_than_a_frame_is_drawn_all_the_same(qapp: QApplication) -> None:
    scheduler, clock, log, (one,) = made(0.05)
    for _ in range(3):
        scheduler.gathered(one)
        clock.at += 0.02
        scheduler.beat()
    assert len(log) >= 3


def test_what_nobody_sees_only_gathers_until_it_is_shown(qapp: QApplication) -> None:
    scheduler, clock, log, (one,) = made(0.0)
    one.is_shown = False
    scheduler.gathered(one)
    clock.at += 1
    scheduler.beat()
    assert log == []
    assert not scheduler._timer.isActive()
    one.is_shown = True
    scheduler.shown(one)
    assert scheduler._timer.isActive()
    scheduler.beat()
    assert log == ["0"]


def test_the_beat_rests_when_nothing_comes_and_forgets_what_ended(qapp: QApplication) -> None:
    scheduler, clock, log, (one,) = made(0.0)
    scheduler.gathered(one)
    scheduler.gathered(one)
    scheduler.forget(one)
    clock.at += 1
    scheduler.beat()
    assert log == ["0"]
    assert not scheduler._timer.isActive()


def test_an_answer_whose_server_says_with_each_token_that_it_was_the_last_is_drawn_as_it_comes(themes: Themes) -> None:
    clock = Clock()
    scheduler = FrameScheduler(clock=clock)
    view = TranscriptView(themes, scheduler, lambda ref: ref.name, lambda _message: "")
    view.show()
    view.begin(prompt("Go on."), "live", "scripted")
    for _ in range(20):
        view.text("a ")
        view.ending()
        clock.at += 0.01
        scheduler.beat()
    drawn = view.rows[-1].text
    delete(view)
    assert len(drawn) >= 30


def test_a_view_that_goes_while_its_answer_comes_waits_no_more(themes: Themes) -> None:
    scheduler = FrameScheduler()
    view = TranscriptView(themes, scheduler, lambda ref: ref.name, lambda _message: "")
    view.show()
    view.show_messages([])
    view.begin(None, "live", "scripted")
    view.text("On its ")
    view.text("way")
    assert scheduler._waiting
    delete(view)
    scheduler.beat()
    assert not scheduler._waiting
