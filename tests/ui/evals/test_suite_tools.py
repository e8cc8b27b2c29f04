"""Tools of runs in the window: chosen in the form, allowed before the start, shown in a case, and recorded."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Auth, Connection, JsonValue, Kind
from desktop.domain.suite_cells import RunState
from desktop.domain.tool_types import ToolServer
from desktop.evals.execution.run_plan import new_run
from desktop.evals.suites.suite_file import suite_of
from desktop.providers.registry import Registry, default_factories
from desktop.services import Services
from desktop.tools.server_file import added
from main import TOOLS_SWITCH, child_command
from tests.servers.faults import FaultServer
from tests.ui.driver import Driver, driven
from tests.ui.evals.conftest import leave
from tests.ui.evals.steps import case_of, choices, form_of, page, push
from ui.base.tasks import Tasks
from ui.base.theme import Themes

SERVER = Path(__file__).parents[2] / "servers" / "mcp" / "counting_server.py"
ALLOW = "Allow these tools during this run"


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """A server with a model that calls tools."""
    async with FaultServer() as made:
        yield made


@pytest.fixture
async def driver(
    services: Services, server: FaultServer, tmp_path: Path, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> AsyncIterator[Driver]:
    """A window with a connection and a tool server, `counter`, which counts its calls."""
    del qtbot
    services.gateway._factory = Registry(default_factories())
    made = Connection(name="foundry", kind=Kind.OPENAI_V1, url=server.url, auth=Auth.NONE)
    services.use(services.settings_file.update(lambda settings: settings.with_connection(made)))
    services.tools_command = tuple(child_command(TOOLS_SWITCH))
    counter = ToolServer(name="counter", command=(sys.executable, str(SERVER), str(tmp_path / "calls.txt")))
    await services.tools.change(lambda held: added(held, counter))
    async with driven(services, tasks, themes) as window:
        yield window
        leave(window)


def counting(**more: JsonValue) -> dict[str, JsonValue]:
    """A suite whose prompt makes the model call the tool."""
    return {
        "schema": "paragone-suite/1",
        "name": "Counts",
        "prompts": ['count {"text": "a"}'],
        "contenders": [{"model": "foundry/caller"}],
        "cases": [{}],
        "repeats": 2,
        **more,
    }


async def test_tools_are_chosen_allowed_and_their_calls_are_seen(driver: Driver, tmp_path: Path) -> None:
    shown = await form_of(driver, counting())
    await driver.until(lambda: driver.sees("counter"))
    driver.find(QCheckBox, "counter").click()
    driver.find(QCheckBox, "Call each tool once per case and reuse its results").click()
    assert shown.maker.form.data()["tools"] == {"servers": ["counter"], "mode": "recorded"}
    push(driver, "Next")
    await driver.until(lambda: driver.sees("Before the run"))
    assert "The tools of counter are not known" in driver.said()
    driver.find(QCheckBox, ALLOW).click()
    push(driver, "Start")
    await driver.until(lambda: shown.results.head.state.startswith("Complete"))
    assert (tmp_path / "calls.txt").read_text().splitlines() == ["x"]
    await case_of(driver, shown)
    assert 'counter/count {"text": "a"}: done' in driver.said()
    assert "→ a1" in driver.said()
    driver.push("New run…")
    shown.maker.form.show_data(counting(tools=["counter"]))
    push(driver, "Next")
    await driver.until(lambda: driver.sees("Tool results"))
    assert driver.sees(ALLOW)
    assert "denied" in driver.said()
    assert len(choices(driver, "Tool results")) == 2
    driver.find(QComboBox, "Tool results").setCurrentIndex(1)
    assert "No tools are called" in driver.said()
    assert not driver.sees(ALLOW)
    push(driver, "Start")
    await driver.until(lambda: not driver.sees("Before the run") and shown.results.head.state.startswith("Complete"))
    assert (tmp_path / "calls.txt").read_text().splitlines() == ["x"]


async def test_a_run_from_elsewhere_is_resumed_with_the_tools_that_are_allowed_then(
    driver: Driver, services: Services, tmp_path: Path
) -> None:
    runs = (await services.store()).suite_runs
    run = new_run(suite_of(counting(tools=["counter"])))
    await runs.create(run)
    shown = page(driver)
    await driver.until(lambda: driver.sees("Resume"))
    push(driver, "Resume")
    await driver.until(lambda: f"{ALLOW}?" in driver.said())
    assert not (tmp_path / "calls.txt").exists()
    push(driver, "Allow")
    await driver.until(lambda: shown.results.head.state.startswith("Complete"))
    assert len((tmp_path / "calls.txt").read_text().splitlines()) == 2
    assert (await runs.get(run.id)).state is RunState.COMPLETE
