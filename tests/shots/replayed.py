"""The pictures of replays: the form, the preview, the progress, and notices about retired models."""

from __future__ import annotations

import msgspec

from desktop.domain.conversation_types import ModelRef
from desktop.domain.suite_cells import CellKey, CellRecord, CellStatus, RunState
from desktop.replay.replay_plan import new_replay
from desktop.replay.turn_selection import ReplayChoice, select
from tests.shots.pictures import picture
from tests.shots.stage import Stage
from tests.ui.replay.imported_chats import OLD, cut, imported
from tests.ui.replay.made_replays import decided, replay, reviewed
from ui.replay.decision_view import DecisionView
from ui.replay.live_replays import replay_tools
from ui.replay.replay_page import ReplayPage

_NEW = ModelRef(connection="foundry", name="gpt-4.1")
_OTHER = ModelRef(connection="foundry", name="grok-3-mini")


async def _filled(stage: Stage) -> None:
    """Chats imported from ChatGPT, one of them stopped."""
    store = (await stage.services.store()).conversations
    for number in range(1, 31):
        await store.create(imported(number, turns=1 + number % 4))
    await store.create(cut(imported(31)))


async def _form(stage: Stage) -> ReplayPage:
    await _filled(stage)
    stage.window.replays.compare(OLD)
    [page] = stage.window.findChildren(ReplayPage)
    await stage.until(lambda: page.setup.form.old.count() > 0)
    page.setup.form.successors.show_models([str(_NEW), str(_OTHER)])
    await stage.settle(0.5)
    return page


@picture("replay-form")
@picture("replay-form-dark", theme="dark", size=(1366, 768))
@picture("replay-form-narrow", size=(560, 800))
@picture("replay-form-150-percent", size=(1067, 700), scale=1.5)
@picture("replay-form-right-to-left", size=(1366, 768), language="ar")
async def replay_form(stage: Stage) -> None:
    await _form(stage)


@picture("replay-preview")
@picture("replay-preview-dark", theme="dark", size=(1366, 768))
@picture("replay-preview-150-percent", size=(1067, 700), scale=1.5)
async def replay_preview(stage: Stage) -> None:
    page = await _form(stage)
    page.setup.form.judge.setCurrentIndex(1)
    page.setup.form.judge.activated.emit(1)
    page.setup.form.preview_wanted.emit()
    await stage.until(page.setup.preview.isVisible)


@picture("replay-stopped")
@picture("replay-stopped-dark", theme="dark", size=(1366, 768))
@picture("replay-stopped-150-percent", size=(1067, 700), scale=1.5)
@picture("replay-stopped-narrow", size=(560, 800))
async def replay_stopped(stage: Stage) -> None:
    await _filled(stage)
    tools = await replay_tools(stage.services)
    plan, _ = await select(tools, ReplayChoice(of=(OLD,), models=(_NEW,)))
    store = (await stage.services.store()).replays
    for state, reason in (
        (RunState.COMPLETE, ""),
        (RunState.CAPPED, "The cost cap of $1.00 is reached."),
    ):
        replay = msgspec.structs.replace(new_replay(plan, cap=1.0), name="gpt-4o → gpt-4.1")
        await store.create(replay)
        await store.take(replay.id)
        await store.release(replay.id, state, reason)
    stage.window.replays.toggle()
    [page] = stage.window.findChildren(ReplayPage)
    await stage.until(page.progress.resume.isVisible)


@picture("replay-running")
@picture("replay-running-narrow", size=(560, 800))
async def replay_running(stage: Stage) -> None:
    await _filled(stage)
    plan, _ = await select(await replay_tools(stage.services), ReplayChoice(of=(OLD,), models=(_NEW,)))
    store = (await stage.services.store()).replays
    replay = msgspec.structs.replace(new_replay(plan, cap=1.0), name="gpt-4o → gpt-4.1")
    await store.create(replay)
    await store.take(replay.id)
    for item in range(50):
        record = CellRecord(key=CellKey(item, 0, 0), status=CellStatus.UNGRADED, score=None, answers=("An answer.",))
        await store.keep(replay.id, record, spent=0.0084)
    await store.release(replay.id, RunState.STOPPED)
    stage.window.replays.toggle()
    [page] = stage.window.findChildren(ReplayPage)
    await stage.until(page.progress.resume.isVisible)
    page.progress.resume.click()
    await stage.until(page.progress.pause.isVisible)
    stage.keep()
    page.live.stop_all()


@picture("evaluate-menu", size=(1366, 768), language="de")
async def evaluate_menu(stage: Stage) -> None:
    stage.window.sidebar.evaluate.click()
    await stage.settle(0.5)


@picture("replay-offered", size=(1366, 768), model="foundry/grok-3-mini")
@picture("replay-offered-dark", size=(1366, 768), model="foundry/grok-3-mini", theme="dark")
async def replay_offered(stage: Stage) -> None:
    await stage.press("Model")
    await stage.settle(1)


async def _complete(stage: Stage, reviews: int) -> ReplayPage:
    """A replay of 60 turns with a judge, of which so many pairs are reviewed."""
    run = await decided(stage.services, reviews)
    stage.window.replays.toggle()
    [page] = stage.window.findChildren(ReplayPage)
    await stage.until(lambda: bool(page.list.runs.place(run.id).isValid()))
    page.list.choose(run.id)
    await stage.settle(1.5)
    return page


@picture("replay-review")
@picture("replay-review-dark", theme="dark", size=(1366, 768))
async def replay_review(stage: Stage) -> None:
    page = await _complete(stage, 11)
    [decision] = page.findChildren(DecisionView)
    decision.review_wanted.emit(page.list.runs.runs[0].id)
    await stage.settle(1.5)


@picture("replay-decision")
@picture("replay-decision-dark", theme="dark", size=(1366, 768))
@picture("replay-decision-150-percent", size=(1067, 700), scale=1.5)
async def replay_decision(stage: Stage) -> None:
    await _complete(stage, 1_000)


@picture("replay-proven")
async def replay_proven(stage: Stage) -> None:
    page = await _complete(stage, 0)
    run = await replay(stage.services, 40)
    await reviewed(stage.services, run, 40)
    page.proven.click()
    await stage.settle(1.5)
