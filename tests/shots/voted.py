"""The pictures of blind rounds: before the prompt, before the vote, and after the reveal."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.voting.vote import best_of
from tests.shots.compared import GPT, LLAMA
from tests.shots.pictures import picture
from tests.shots.stage import Stage
from tests.shots.stored import PROMPT
from ui.voting.blind_view import BlindView
from ui.voting.vote_bar import VoteBar

MINI = ModelRef(connection="foundry", name="gpt-4.1-mini")


async def _begun(stage: Stage, *models: ModelRef) -> BlindView:
    """A round of these models, whose prompt is asked for."""
    states = tuple(PaneState(conversation="", model=model) for model in models)
    stage.window.workspace.show_comparison(new_comparison(states), {})
    stage.window.blind.show()
    (view,) = stage.window.findChildren(BlindView)
    await stage.until(view.isVisible)
    return view


async def _answered(stage: Stage, *models: ModelRef) -> BlindView:
    """The same, answered by all."""
    view = await _begun(stage, *models)
    view.asking.editor.setFocus()
    view.asking.editor.insertPlainText(PROMPT)
    QTest.keyClick(view.asking.editor, Qt.Key.Key_Return)
    (bar,) = view.findChildren(VoteBar)
    await stage.until(bar.isVisible)
    return view


def _models() -> tuple[ModelRef, ...]:
    return GPT, MINI, ModelRef(connection="foundry", name=LLAMA.name)


@picture("blind-prompt")
@picture("blind-prompt-narrow", size=(760, 560))
async def blind_prompt(stage: Stage) -> None:
    await _begun(stage, *_models())


@picture("blind-round")
@picture("blind-round-dark", theme="dark")
@picture("blind-round-high-contrast", theme="high-contrast")
@picture("blind-round-150-percent", scale=1.5, size=(1280, 800))
@picture("blind-round-narrow", size=(760, 560))
async def blind_round(stage: Stage) -> None:
    await _answered(stage, *_models())


@picture("blind-round-two", size=(1280, 800))
async def blind_round_two(stage: Stage) -> None:
    await _answered(stage, *_models()[:2])


@picture("blind-round-right-to-left", language="ar", size=(1280, 800))
async def blind_round_right_to_left(stage: Stage) -> None:
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    await _answered(stage, *_models())


@picture("blind-reveal")
@picture("blind-reveal-dark", theme="dark")
@picture("blind-reveal-150-percent", scale=1.5, size=(1280, 800))
@picture("blind-reveal-narrow", size=(760, 560))
@picture("blind-reveal-right-to-left", language="ar", size=(1280, 800))
async def blind_reveal(stage: Stage) -> None:
    view = await _answered(stage, *_models())
    view.bar.early_ms = 0
    view.bar.voted.emit(best_of(0, 3))
    await stage.settle(1)
