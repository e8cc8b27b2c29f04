"""A resource with models over three wires, in the window: each says its wire, it can be chosen, and all are asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QListView

from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef, Wire
from desktop.services import Services
from tests.servers.faults import FaultServer
from tests.servers.messages_streams import CLAUDE
from tests.servers.responses_streams import ONLY_RESPONSES
from tests.ui.driver import Driver, driven
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane.model_picker import REST_MS

SERVED = ("gpt-4o", CLAUDE, "grok-3-mini", "grok-4.1-fast-reasoning", ONLY_RESPONSES)


@pytest.fixture
async def foundry(services: Services) -> AsyncIterator[FaultServer]:
    """A resource with all wires, as the connection `foundry`."""
    async with FaultServer(deployments=SERVED) as server:
        made = Connection(name="foundry", kind=Kind.AZURE_INFERENCE, url=f"{server.origin}/openai/v1", auth=Auth.NONE)
        services.use(services.settings_file.update(lambda settings: settings.with_connection(made)))
        yield server


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes, foundry: FaultServer) -> AsyncIterator[Driver]:
    """A window with the picker open on what the resource serves."""
    del foundry
    async with driven(services, tasks, themes) as made:
        made.push("Model")
        await made.until(lambda: any(row.startswith(f"{CLAUDE}, foundry") for row in made.rows("Models")))
        yield made


def asked_over(driver: Driver) -> str:
    """What the footer says of the model that the keyboard is on."""
    return driver.find(QComboBox, "API format").currentText()


def search(driver: Driver) -> QLineEdit:
    """Where models are sought."""
    return driver.find(QLineEdit, "Search models")


async def test_each_model_says_over_which_wire_it_is_asked(driver: Driver) -> None:
    for typed, said in (("gpt-4o", "Chat Completions"), (CLAUDE, "Messages"), (ONLY_RESPONSES, "Responses")):
        search(driver).setText(f"foundry {typed}")
        assert asked_over(driver) == f"automatic: {said}"
    (row,) = (each for each in driver.rows("Models") if each.startswith(ONLY_RESPONSES))
    assert "Responses API" in row
    assert "accepts images" in row


async def test_a_wire_that_is_chosen_is_kept_and_gone_over(
    driver: Driver, foundry: FaultServer, services: Services
) -> None:
    search(driver).setText("foundry gpt-4o")
    for key in ("Tab", "Tab", "Tab", "Down", "Down"):  # past the list and the offer of a replay, to the choice
        driver.press(key)
    assert driver.focused is driver.find(QComboBox, "API format")
    await driver.until(lambda: services.settings.connection("foundry").wires == {"gpt-4o": Wire.RESPONSES})
    assert services.settings_file.load().settings.connection("foundry").wires == {"gpt-4o": Wire.RESPONSES}
    assert asked_over(driver) == "Responses"
    search(driver).setFocus()
    driver.press("Return")
    driver.ask("hi")
    await driver.until(lambda: any(each.path.endswith("/responses") for each in foundry.asked("gpt-4o")))


async def test_a_retired_model_offers_a_pane_with_its_successor(driver: Driver) -> None:
    search(driver).setText("foundry grok-3-mini")
    driver.push("Open grok-4.1-fast-reasoning in new pane")
    line = driver.window.workspace.line
    assert len(line) == 2
    assert line[1].conversation.model == ModelRef(connection="foundry", name="grok-4.1-fast-reasoning")
    assert not driver.sees("Search models")


async def test_nothing_is_to_be_chosen_of_the_embedded_model(driver: Driver) -> None:
    search(driver).setText("embedded")
    assert not driver.sees("API format")


async def test_one_prompt_streams_over_three_wires_side_by_side(driver: Driver, foundry: FaultServer) -> None:
    names = ("gpt-4o", ONLY_RESPONSES, CLAUDE)
    search(driver).setText(f"foundry {names[0]}")
    driver.press("Return")
    for name in names[1:]:
        driver.window.workspace.places.add_pane(ModelRef(connection="foundry", name=name))
    driver.ask("hi")
    panes = [*driver.window.workspace.line]
    await driver.until(lambda: all(len(each.conversation.path()) == 2 and not each.is_answering for each in panes))
    answers = [each.conversation.path()[-1] for each in panes]
    assert [each.figures and each.figures.wire for each in answers] == ["chat", "responses", "messages"]
    assert all(each.text for each in answers)
    assert [bool(each.reasoning) for each in answers] == [False, True, True]
    assert all(each.figures and each.figures.cost for each in answers)
    assert [each.figures and each.figures.summarised for each in answers] == [False, True, True]
    asked = {each.model: each.path for each in foundry.requests if each.method == "POST"}
    assert {path.rpartition("/")[2] for path in asked.values()} == {"completions", "responses", "messages"}


async def test_the_footer_is_of_the_model_that_is_pointed_at_and_names_it(driver: Driver) -> None:
    models = driver.find(QListView, "Models")
    names = [row.partition(",")[0] for row in driver.rows("Models")]
    for name, said in ((CLAUDE, "Messages"), ("gpt-4o", "Chat Completions")):
        place = models.visualRect(models.model().index(names.index(name), 0)).center()
        QTest.mouseMove(models.viewport(), place)
        await driver.until(lambda name=name: f"API format for {name}" in driver.said())
        assert asked_over(driver) == f"automatic: {said}"
    crossed = models.visualRect(models.model().index(names.index(CLAUDE), 0)).center()
    QTest.mouseMove(models.viewport(), crossed)
    QTest.mouseMove(driver.find(QComboBox, "API format"))  # rows on the way are not meant
    await asyncio.sleep(3 * REST_MS / 1000)
    assert "API format for gpt-4o" in driver.said()


async def test_that_a_model_declined_is_said_once(driver: Driver, services: Services, foundry: FaultServer) -> None:
    made = Connection(name="r", kind=Kind.OPENAI_V1, url=foundry.url, auth=Auth.NONE, wire=Wire.RESPONSES)
    services.use(services.settings_file.update(lambda settings: settings.with_connection(made)))
    driver.window.workspace.start_new(ModelRef(connection="r", name="declined"))
    await driver.answered("hi")
    assert driver.messages()[-1].split("\n") == ["I cannot help.", "The model declined to answer."]


async def test_why_a_model_declined_is_said_once(driver: Driver, services: Services, foundry: FaultServer) -> None:
    url = f"{foundry.url.removesuffix('/v1')}/anthropic"
    made = Connection(name="a", kind=Kind.ANTHROPIC, url=url, auth=Auth.NONE)
    services.use(services.settings_file.update(lambda settings: settings.with_connection(made)))
    driver.window.workspace.start_new(ModelRef(connection="a", name="declined"))
    await driver.answered("hi")
    assert [line.partition(":")[0] for line in driver.messages()[-1].split("\n") if "declined" in line] == [
        "The model declined to answer"
    ]
    assert "The model declined to answer: " in driver.messages()[-1]
