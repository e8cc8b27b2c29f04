"""The blind review through its widget: what is told, what keys do, and where it continues."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLabel, QLineEdit, QWidget

from desktop.domain.suite_cells import PairChoice, PairVerdict, RunRecord, RunState
from desktop.replay.replay_plan import ReplayPlan
from desktop.replay.review import REPEAT_EVERY, REVIEWER
from desktop.services import Services
from tests.ui.finding import button, said, unreachable
from tests.ui.replay.made_replays import MODELS, NEW, OLD, cell, conversation, item, replay, reviewed, stored
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.replay.review_sheet import ReviewAnswer
from ui.replay.review_view import ReviewView

Open = Callable[[RunRecord], ReviewView]


@pytest.fixture
async def opened(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Open]:
    """Opens the review of a replay in a window of its own."""
    del qapp
    made: list[ReviewView] = []

    def begin(run: RunRecord) -> ReviewView:
        view = ReviewView(services, tasks, themes)
        made.append(view)
        view.resize(1000, 700)
        view.show()
        view.activateWindow()
        view.show_replay(run.id)
        view.focus()
        return view

    yield begin
    await tasks.settle(2)
    for each in made:
        each.close()
        each.deleteLater()


def press(keys: str) -> None:
    """Press keys wherever the keyboard is."""
    at = QApplication.focusWidget()
    assert at is not None
    QTest.keySequence(at, QKeySequence.fromString(keys))


def told(window: QWidget) -> Iterator[str]:
    """All that a window tells anybody: texts, names, descriptions, tips and rows."""
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    for each in (window, *window.findChildren(QWidget)):
        yield from (each.windowTitle(), each.accessibleName(), each.accessibleDescription(), each.toolTip())
        if isinstance(each, QLabel | QAbstractButton | QLineEdit):
            yield each.text()
        if isinstance(each, QAbstractItemView):
            model = each.model()
            indexes = [model.index(row, 0) for row in range(model.rowCount())]
            yield from (str(model.data(index, role)) for index in indexes for role in (0, 3, 11, 12))


def answers(view: ReviewView) -> list[str]:
    """What the answers on the left and on the right say, as a screen reader hears them."""
    shown = [each for each in view.findChildren(ReviewAnswer) if each.isVisible()]
    models = [each.findChildren(QAbstractItemView)[0].model() for each in shown]
    return [str(each.data(each.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)) for each in models if each.rowCount()]


async def verdicts(services: Services, run: RunRecord, count: int) -> Sequence[PairVerdict]:
    """The verdicts on a replay, once there are so many."""
    rows = (await services.store()).judge_verdicts
    for _ in range(2_000):
        if len(found := await rows.list(run.id)) == count:
            return found
        await until(lambda: True)
    raise AssertionError(f"{len(await rows.list(run.id))} verdicts")


async def test_nothing_tells_a_model_during_the_review(services: Services, opened: Open) -> None:
    long = conversation("First?", "An earlier answer.", "And in French?", "Une réponse.")
    plan = ReplayPlan(of=str(OLD), models=(NEW,), items=(item(long),), review=1)
    view = opened(await stored(services, [long], plan, [cell(0, "Une autre réponse.")]))
    await until(lambda: "Pair 1 of 1" in said(view))
    assert "An earlier answer." not in " ".join(told(view))
    press("E")
    seen = " ".join(told(view))
    assert all(each in seen for each in ("An earlier answer.", "And in French?", "Une réponse.", "Une autre réponse."))
    assert not [each for each in (*MODELS, "900 ms", "400 ms", "$", "tokens") if each in seen]
    assert unreachable(view) == []


async def test_digits_give_verdicts_and_u_withdraws_the_last(services: Services, opened: Open) -> None:
    run = await replay(services, 6)
    view = opened(run)
    for number, key in enumerate(("1", "2", "3", "4", "5"), 1):
        await until(lambda number=number: f"Pair {number} of 6" in said(view))
        press(key)
    await until(lambda: "Pair 6 of 6" in said(view))
    choices = [each.choices[each.shown or 0] for each in await verdicts(services, run, 5)]
    given = [PairChoice.FIRST, PairChoice.SECOND, PairChoice.TIE, PairChoice.BOTH_BAD, PairChoice.SKIPPED]
    assert sorted(map(str, choices)) == sorted(map(str, given))
    press("U")
    await until(lambda: "Pair 5 of 6" in said(view))
    assert PairChoice.SKIPPED not in [each.choices[0] for each in await verdicts(services, run, 4)]
    press("Ctrl+Z")
    await until(lambda: "Pair 4 of 6" in said(view))


async def test_sixty_pairs_are_reviewed_by_keyboard_and_each_verdict_is_of_the_pair_shown(
    services: Services, opened: Open
) -> None:
    run = await replay(services, 60)
    view = opened(run)
    finished = QSignalSpy(view.finished)
    pairs = 60 + 60 // REPEAT_EVERY
    for number in range(1, pairs + 1):
        await until(lambda number=number: f"Pair {number} of {pairs}" in said(view) and answers(view))
        press("1" if "New answer" in answers(view)[0] else "2")
    await until(lambda: finished.count() == 1)
    found = await verdicts(services, run, pairs)
    assert {each.winner for each in found} == {-1}  # the new model's


async def test_a_review_continues_at_the_same_pair(services: Services, opened: Open) -> None:
    run = await replay(services, 5)
    first = opened(run)
    await until(lambda: "Pair 1 of 5" in said(first))
    press("3")
    await until(lambda: "Pair 2 of 5" in said(first))
    before = answers(first)
    await verdicts(services, run, 1)
    first.close()
    again = opened(run)
    await until(lambda: "Pair 2 of 5" in said(again))
    assert answers(again) == before


async def test_answers_that_arrive_meanwhile_join(services: Services, opened: Open) -> None:
    made = [conversation(f"Question {n}?", f"Old answer {n}.") for n in range(3)]
    plan = ReplayPlan(of=str(OLD), models=(NEW,), items=tuple(map(item, made)), review=3)
    run = await stored(services, made, plan, [cell(0, "New answer 0.")], RunState.RUNNING)
    view = opened(run)
    finished = QSignalSpy(view.finished)
    await until(lambda: "Pair 1 of 1" in said(view))
    press("1")
    await until(lambda: "Waiting for further answers" in said(view))
    store = await services.store()
    await store.replays.keep(run.id, cell(2, "New answer 2."))
    await until(lambda: "Pair 2 of 2" in said(view))
    await store.replays.release(run.id, RunState.COMPLETE)
    assert finished.count() == 0
    press("2")
    await until(lambda: finished.count() == 1)


async def test_the_last_verdict_or_escape_finishes(services: Services, opened: Open) -> None:
    run = await replay(services, 3)
    await reviewed(services, run, 1)
    view = opened(run)
    finished = QSignalSpy(view.finished)
    await until(lambda: "Pair 2 of 3" in said(view))
    press("Escape")
    assert finished.count() == 1
    for number in (2, 3):
        await until(lambda number=number: f"Pair {number} of 3" in said(view))
        button(view, "Both bad").click()
    await until(lambda: finished.count() == 2)
    assert {each.judge for each in await verdicts(services, run, 3)} == {REVIEWER}
