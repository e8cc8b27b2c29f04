"""The decision page through its widget: what it says, what it keeps hidden, and what its buttons do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QTableView

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import RunRecord, RunState
from desktop.errors import RunUnknown
from desktop.replay.replay_plan import ReplayPlan
from desktop.services import Services
from tests.ui.finding import button, buttons, named, said, unreachable
from tests.ui.replay.made_replays import NEW, OLD, cell, conversation, failed, item, replay, reviewed, stored
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.marked_text import MarkedText
from ui.replay.decision_view import DecisionView
from ui.replay.preference_plot import PreferencePlot

Open = Callable[[RunRecord], DecisionView]


@pytest.fixture
async def opened(services: Services, tasks: Tasks, themes: Themes, qapp: QApplication) -> AsyncIterator[Open]:
    """Opens the decision on a replay in a window of its own."""
    del qapp
    made: list[DecisionView] = []

    def begin(run: RunRecord) -> DecisionView:
        view = DecisionView(services, tasks, themes)
        made.append(view)
        view.resize(1200, 900)
        view.show()
        view.activateWindow()
        view.show_replay(run.id)
        return view

    yield begin
    await tasks.settle(2)
    for each in made:
        each.close()
        each.deleteLater()


def seen(view: DecisionView) -> str:
    """All that visible labels and buttons say."""
    labels = said(view)
    return "\n".join((labels, *(each.text() for each in buttons(view))))


def cells(view: DecisionView, name: str) -> list[list[str]]:
    """The texts of a table."""
    model = named(view, QTableView, name).model()
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


async def test_a_complete_review_shows_the_verdict_first(services: Services, opened: Open) -> None:
    run = await replay(services, 12)
    await reviewed(services, run, 12)
    view = opened(run)
    await until(view.verdict.isVisible)
    assert view.verdict.headline.text() == "yak-4 is better than zebra-3 on your work."
    assert view.verdict.lead.text() == "50% cheaper, 500 ms faster to the first token."
    described = named(view, PreferencePlot, "Preference, successor minus incumbent").accessibleDescription()
    assert described.startswith("+100 points. 95% interval +")
    assert cells(view, "Cost and speed")[0] == ["Cost per turn", "$0.0040", "$0.0020", "−50%"]
    assert cells(view, "By kind of prompt")[0][:5] == ["Code", "12", "12", "0", "0"]
    assert not button(view, "Export").isHidden()
    assert unreachable(view) == []


async def test_the_verdict_is_hidden_until_the_review_is_complete(services: Services, opened: Open) -> None:
    run = await replay(services, 6)
    await reviewed(services, run, 4)
    view = opened(run)
    continued = QSignalSpy(view.review_wanted)
    await until(lambda: "2 pairs are left to review." in seen(view))
    assert not view.verdict.isVisible()
    assert not any(word in seen(view) for word in ("better than", "points", "cheaper", "Export"))
    button(view, "Continue review").click()
    assert [continued.at(n) for n in range(continued.count())] == [[run.id]]
    assert (await (await services.store()).replays.summary(run.id)).seen_reviews is None


async def test_a_verdict_shown_early_keeps_the_interval_that_is_valid_at_any_time(
    services: Services, opened: Open
) -> None:
    run = await replay(services, 6)
    await reviewed(services, run, 4)
    view = opened(run)
    await until(lambda: "Show verdict now" in seen(view))
    button(view, "Show verdict now").click()
    await until(view.verdict.isVisible)
    assert "valid at any time" in seen(view)
    assert "Review 2 more" in seen(view)
    assert (await (await services.store()).replays.summary(run.id)).seen_reviews == 4


async def test_a_regression_is_compared_side_by_side_with_names(services: Services, opened: Open) -> None:
    run = await replay(services, 3)
    await reviewed(services, run, 3, prefers_new=False)
    view = opened(run)
    wanted = QSignalSpy(view.conversation_wanted)
    await until(lambda: "Question 0 in full?" in seen(view))
    button(view, "Compare: Question 0 in full?").click()
    await until(view.regression.isVisible)
    assert named(view, MarkedText, "Response from zebra-3").toPlainText() == "Old answer 0."
    assert named(view, MarkedText, "Response from yak-4").toPlainText() == "New answer 0."
    button(view, "Open conversation").click()
    assert wanted.count() == 1
    at = QApplication.focusWidget()
    assert at is not None
    QTest.keySequence(at, QKeySequence("Escape"))
    await until(lambda: not view.regression.isVisible())
    assert QApplication.focusWidget() is button(view, "Compare: Question 0 in full?")


async def test_what_failed_and_was_left_out_is_told_and_a_stopped_replay_resumed(
    services: Services, opened: Open
) -> None:
    made = [conversation(f"Question {n}?", f"Old answer {n}.") for n in range(3)]
    items = tuple(map(item, made))
    plan = ReplayPlan(of=str(OLD), models=(NEW,), items=items, review=3, excluded={"guarded": 2}, dropped=("seed",))
    run = await stored(services, made, plan, [cell(0, "New.", "refused"), failed(1)], RunState.STOPPED)
    view = opened(run)
    resumed = QSignalSpy(view.resume_wanted)
    await until(view.verdict.isVisible)
    told = seen(view)
    assert "The replay was stopped after 1 of 3 responses." in told
    assert "Not replayed: 2 (a guard flags the text that would be sent)." in told
    assert "Not sent, because a successor does not accept them: seed." in told
    assert "Failed requests: 1 (rate limited)." in told
    assert "Refused" in told
    button(view, "Resume").click()
    assert resumed.count() == 1


async def test_several_successors_are_chosen_one_at_a_time(services: Services, opened: Open) -> None:
    other = ModelRef(connection="lab", name="wombat-1")
    made = [conversation(f"Question {n}?", f"Old answer {n}.") for n in range(3)]
    plan = ReplayPlan(of=str(OLD), models=(NEW, other), items=tuple(map(item, made)), review=3)
    answers = [cell(n, f"New answer {n}.", contender=contender) for n in range(3) for contender in range(2)]
    run = await stored(services, made, plan, answers)
    await reviewed(services, run, 6)
    view = opened(run)
    await until(view.verdict.isVisible)
    assert "yak-4" in view.verdict.headline.text()
    button(view, "Successor: wombat-1").click()
    assert "wombat-1" in view.verdict.headline.text()
    assert "corrected for 2 successors" in seen(view)


async def test_a_replay_is_deleted_only_after_a_question(services: Services, opened: Open) -> None:
    run = await replay(services, 2)
    view = opened(run)
    deleted = QSignalSpy(view.deleted)
    await until(view.verdict.isVisible)
    button(view, "Delete…").click()
    await until(lambda: "Delete this replay?" in seen(view))
    button(view, "Delete").click()
    await until(lambda: deleted.count() == 1)
    with pytest.raises(RunUnknown):
        await (await services.store()).replays.get(run.id)


async def test_the_report_is_exported_in_the_chosen_format(services: Services, opened: Open, tmp_path: Path) -> None:
    run = await replay(services, 2)
    view = opened(run)
    await until(view.verdict.isVisible)
    menu = button(view, "Export").menu()
    assert [each.text() for each in menu.actions()] == ["Web page", "PDF", "Markdown", "JSON"]
    menu.actions()[2].trigger()
    await until(lambda: any(each.isVisible() for each in view.findChildren(QFileDialog)))
    (dialog,) = view.findChildren(QFileDialog)
    (line,) = (each for each in dialog.findChildren(QLineEdit) if each.objectName() == "fileNameEdit")
    line.setText(str(tmp_path / "report"))
    QTest.keyClick(line, Qt.Key.Key_Return)
    await until(lambda: f"Saved: {tmp_path / 'report.md'}" in seen(view))
    assert (tmp_path / "report.md").read_text("utf-8").startswith("# Replay: ")
