"""The replay page from the choice of models to the last response, over a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import msgspec
import pytest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QListView, QProgressBar, QWidget
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef
from desktop.domain.suite_cells import RunState
from desktop.providers.registry import Registry, default_factories
from desktop.services import Services
from desktop.settings.policy import ALLOWED_MODELS, Fixed, Policy
from desktop.settings.values import Settings
from tests.servers.batch_server import BatchServer
from tests.servers.faults import FaultServer
from tests.ui.driver import Driver, driven
from tests.ui.evals.conftest import leave
from tests.ui.evals.steps import fill, pick, rows_of
from tests.ui.finding import unreachable
from tests.ui.replay.imported_chats import cut, imported
from ui.base.commands import Command
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.replay.decision_view import DecisionView
from ui.replay.replay_page import ReplayPage
from ui.replay.review_view import ReviewView

OLD = "gpt-4o, imported from ChatGPT · {n} conversations"


@pytest.fixture
async def server() -> AsyncIterator[BatchServer]:
    """A server of models of which each has its own fault, and with a Batch API."""
    async with BatchServer() as made:
        yield made


@pytest.fixture
async def driver(
    services: Services, server: FaultServer, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> AsyncIterator[Driver]:
    """A window over three imported chats, whose only connection, `foundry`, is the server."""
    del qtbot
    services.gateway._factory = Registry(default_factories())
    made = Connection(name="foundry", kind=Kind.OPENAI_V1, url=server.url, auth=Auth.NONE)
    services.use(services.settings_file.update(lambda settings: settings.with_connection(made)))
    store = await services.store()
    for number in range(1, 4):
        await store.conversations.create(imported(number))
    async with driven(services, tasks, themes) as window:
        yield window
        leave(window)


async def form(driver: Driver) -> ReplayPage:
    """The page with the form of a new replay, which is there at once without any replays."""
    driver.push("Evaluate")
    driver.choose("Replay")
    await driver.until(lambda: driver.sees("New replay"))
    await driver.until(lambda: driver.find(QComboBox, "Old model").count() > 0)
    return driver.find(ReplayPage, "Replay")


async def previewed(driver: Driver, *successors: str) -> ReplayPage:
    """The page with the preview of a replay."""
    shown = await form(driver)
    for number, name in enumerate(successors, 1):
        if number > 1:
            driver.push("+ Successor")
        fill(driver, driver.find(QComboBox, f"Successor {number}"), name)
    driver.push("Preview")
    await driver.until(lambda: driver.sees("Preview of the replay"))
    return shown


async def begun(driver: Driver, *successors: str) -> ReplayPage:
    """The page with a replay that is started without a cap."""
    shown = await previewed(driver, *successors)
    if shown.setup.preview.capped.isChecked():
        driver.push("Cost cap")
    driver.push("Start replay")
    return shown


def serving(*models: str) -> Callable[[Settings], Settings]:
    """A change of settings by which `foundry` is known to serve some models."""

    def change(settings: Settings) -> Settings:
        return settings.with_connection(msgspec.structs.replace(settings.connection("foundry"), models=models))

    return change


def sees(driver: Driver, kind: type[QWidget]) -> bool:
    return any(each.isVisible() for each in driver.window.findChildren(kind))


async def test_an_imported_model_is_replayed_and_its_responses_are_reviewed(
    driver: Driver, server: FaultServer, services: Services
) -> None:
    await form(driver)
    assert driver.find(QComboBox, "Old model").currentText() == OLD.format(n=3)
    fill(driver, driver.find(QComboBox, "Successor 1"), "foundry/echo")
    driver.push("Preview")
    await driver.until(lambda: driver.sees("Preview of the replay"))
    assert "6 turns from 3 conversations" in driver.said()
    assert "6 reviewed pairs" in driver.said()
    assert rows_of(driver, "Estimate by model") == [["foundry/echo", "6", "unknown"]]
    assert server.asked("echo") == []
    driver.push("Start replay")
    await driver.until(lambda: sees(driver, ReviewView))
    assert len(server.asked("echo")) == 6
    (kept,) = await (await services.store()).replays.list()
    assert kept.state is RunState.COMPLETE
    driver.window.findChildren(ReviewView)[0].finished.emit()
    await driver.until(lambda: sees(driver, DecisionView))


async def test_a_replay_is_sent_as_a_batch_and_paused_and_resumed(driver: Driver, server: BatchServer) -> None:
    shown = await previewed(driver, "foundry/echo")
    driver.push("Send as a batch: half the price, within a day")
    driver.push("Start replay")
    await driver.until(lambda: "within a day. You can quit Paragone" in driver.said())
    assert server.asked("echo") == []
    driver.push("Pause")
    await driver.until(lambda: driver.sees("Resume"))
    shown.live.poll_s = 0.01
    driver.push("Resume")
    await driver.until(lambda: sees(driver, ReviewView))
    assert len(server.batches) == 1
    assert server.files == {}


async def test_what_cannot_be_replayed_is_counted_with_its_reason(driver: Driver, services: Services) -> None:
    await (await services.store()).conversations.create(cut(imported(4)))
    await previewed(driver, "foundry/echo")
    assert "1: the answer failed, was stopped or was cut" in driver.said()


async def test_a_selection_without_responses_says_so_and_starts_nothing(driver: Driver) -> None:
    await form(driver)
    fill(driver, driver.find(QComboBox, "Successor 1"), "foundry/echo")
    fill(driver, driver.find(QLineEdit, "Text in the title"), "nowhere")
    driver.push("Preview")
    await driver.until(lambda: "No response from gpt-4o, imported from ChatGPT matches" in driver.said())
    assert not driver.button("Start replay").isEnabled()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Choose a successor."),
        ("echo", "is not a valid model name"),
        ("nowhere/echo", "no connection named “nowhere”"),
    ],
)
async def test_a_successor_that_does_not_exist_is_refused_in_the_form(driver: Driver, name: str, said: str) -> None:
    await form(driver)
    if name:
        fill(driver, driver.find(QComboBox, "Successor 1"), name)
    driver.push("Preview")
    await driver.until(lambda: said in driver.said())
    assert driver.sees("New replay")


async def test_a_model_that_policy_forbids_is_refused_in_the_form(driver: Driver, services: Services) -> None:
    await form(driver)
    fixed = Fixed(ALLOWED_MODELS.name, ("gpt-5*",), locked=True, source="/etc/paragone")
    services.use(replace(services.settings, policy=Policy(entries={ALLOWED_MODELS.name: fixed})))
    fill(driver, driver.find(QComboBox, "Successor 1"), "foundry/echo")
    driver.push("Preview")
    await driver.until(lambda: "Your organization does not allow the model foundry/echo." in driver.said())


async def test_a_day_that_is_none_is_refused_in_the_form(driver: Driver) -> None:
    await form(driver)
    fill(driver, driver.find(QComboBox, "Successor 1"), "foundry/echo")
    pick(driver, "Period", "Since a day")
    fill(driver, driver.find(QLineEdit, "First day"), "yesterday")
    driver.push("Preview")
    await driver.until(lambda: "The day “yesterday” must be written as YYYY-MM-DD." in driver.said())


async def test_a_judge_reviews_all_pairs_and_the_user_a_part(driver: Driver) -> None:
    shown = await form(driver)
    assert not shown.setup.form.control.isEnabled()  # the old model can no longer be asked
    fill(driver, driver.find(QComboBox, "Successor 1"), "foundry/echo")
    pick(driver, "Judge model", "embedded/smollm2")
    assert driver.find(QAbstractSpinBox, "Number of pairs to review").isEnabled()
    driver.push("Preview")
    await driver.until(lambda: driver.sees("Preview of the replay"))
    assert ["embedded/smollm2 (judge model)", "12"] in [row[:2] for row in rows_of(driver, "Estimate by model")]


async def test_a_paused_replay_is_resumed_and_reviewed_while_it_runs(driver: Driver, server: FaultServer) -> None:
    shown = await begun(driver, "foundry/slow:60:30")
    await driver.until(lambda: driver.sees("Progress of the replay") and driver.sees("Pause"))
    assert driver.button("Evaluate (1)").accessibleDescription() == "1 replay in progress"
    assert driver.find(QProgressBar, "Progress of the replay").maximum() == 6
    driver.push("Pause")
    await driver.until(lambda: driver.sees("Resume"))
    assert "The replay was stopped." in driver.said()
    assert driver.focused is driver.button("Resume")
    driver.press("Space")
    await driver.until(lambda: sees(driver, ReviewView))
    assert len(server.asked("slow:60:30")) == 6
    assert not shown.live.ids


async def test_failed_responses_are_shown_and_asked_again(driver: Driver, server: FaultServer) -> None:
    await begun(driver, "foundry/403")
    await driver.until(lambda: driver.sees("Retry failed"))
    assert "6 responses failed, one of them with:" in driver.said()
    assert not sees(driver, ReviewView)
    driver.push("Retry failed")
    await driver.until(lambda: len(server.asked("403")) == 12 and driver.sees("Retry failed"))


async def test_at_its_cap_a_replay_asks_for_a_higher_one(driver: Driver, server: FaultServer) -> None:
    shown = await previewed(driver, "foundry/gpt-4o")
    assert shown.setup.preview.capped.isChecked()
    fill(driver, driver.find(QAbstractSpinBox, "Cap"), "0")
    driver.push("Start replay")
    await driver.until(lambda: "Stopped at its cap" in driver.said() and driver.sees("Resume"))
    assert server.asked("gpt-4o") == []
    driver.push("Resume")
    await driver.until(lambda: driver.sees("Question about the replay"))
    driver.press("Escape")
    assert not driver.sees("Question about the replay")
    driver.push("Resume")
    await driver.until(lambda: driver.sees("Question about the replay"))
    driver.press("Ctrl+A")
    driver.type("2")
    driver.press("Return")
    await driver.until(lambda: sees(driver, ReviewView))


async def test_a_deleted_replay_leaves_the_list(driver: Driver, services: Services) -> None:
    await begun(driver, "foundry/403")
    await driver.until(lambda: driver.sees("Retry failed"))
    assert [each.partition(".")[0] for each in driver.rows("Replays")] == ["gpt-4o → 403"]
    driver.push("Delete…")
    driver.push("Delete")
    await driver.until(lambda: driver.sees("New replay"))
    assert await (await services.store()).replays.list() == []


async def test_the_command_fills_the_form_for_a_retiring_model(driver: Driver, services: Services) -> None:
    old, new = ModelRef(connection="foundry", name="grok-3"), "foundry/grok-4.7"
    services.use(services.settings_file.update(serving(old.name, "grok-4.7")))
    driver.window.workspace.pane.start_new(old)
    driver.window.replays.handlers[Command.REPLAY]()
    await driver.until(lambda: driver.find(QComboBox, "Old model").currentText().startswith("foundry/grok-3"))
    await driver.until(lambda: driver.sees("Successor 1"))
    assert driver.find(QComboBox, "Successor 1").currentText() == new


async def test_every_control_of_the_form_is_named_and_reached_by_keys(driver: Driver) -> None:
    shown = await form(driver)
    assert unreachable(shown) == []
    assert driver.focused is driver.find(QComboBox, "Old model")


async def test_escape_leaves_the_form_and_the_page(driver: Driver) -> None:
    await begun(driver, "foundry/403")
    await driver.until(lambda: driver.sees("Retry failed"))
    driver.push("New replay…")
    await driver.until(lambda: driver.sees("New replay"))
    driver.press("Escape")
    await driver.until(lambda: driver.sees("Retry failed"))
    driver.find(QListView, "Replays").setFocus()
    driver.press("Escape")
    assert driver.window.drawer.page is None
