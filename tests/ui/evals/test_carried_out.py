"""Runs over a real server: asked, failed, paused, gone on with, tried again, and what goes wrong meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QDoubleSpinBox, QProgressBar, QTableView
from pytestqt.qtbot import QtBot

from desktop.domain.conversation_types import Auth, Connection, JsonValue, Kind
from desktop.domain.suite_cells import CellRecord, RunState
from desktop.errors import StoreFull
from desktop.providers.registry import Registry, default_factories
from desktop.receipts.receipt import Receipt
from desktop.services import Services
from desktop.store.suite_runs import SuiteRuns
from desktop.text.phrases import english
from tests.servers.faults import FaultServer
from tests.ui.driver import Driver, driven
from tests.ui.evals.conftest import leave
from tests.ui.evals.steps import column_of, fill, form_of, kept, name_file, page, push, shows
from ui.base.tasks import Tasks
from ui.base.theme import Themes

FULL = "The disk is full."


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """A server of models of which each has its own fault."""
    async with FaultServer() as made:
        yield made


@pytest.fixture
async def driver(
    services: Services, server: FaultServer, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> AsyncIterator[Driver]:
    """A window whose only connection, `foundry`, is the server."""
    del qtbot
    services.gateway._factory = Registry(default_factories())
    connect(services, server)
    async with driven(services, tasks, themes) as made:
        yield made
        leave(made)


def connect(services: Services, server: FaultServer) -> None:
    made = Connection(name="foundry", kind=Kind.OPENAI_V1, url=server.url, auth=Auth.NONE)
    services.use(services.settings_file.update(lambda settings: settings.with_connection(made)))


def echoes(*models: str, words: Sequence[str] = ("one", "two", "three"), **more: JsonValue) -> dict[str, JsonValue]:
    """A suite that asks to say words, and looks for them."""
    return {
        "schema": "paragone-suite/1",
        "name": "Words",
        "prompts": ["Say {{word}}"],
        "contenders": [{"model": f"foundry/{name}"} for name in models],
        "cases": [{"vars": {"word": word, "expected": word}} for word in words],
        "graders": [{"type": "contains", "value": "{{expected}}"}],
        **more,
    }


async def begun(driver: Driver, data: dict[str, JsonValue]) -> None:
    """A suite that is started."""
    await form_of(driver, data)
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))
    driver.push("Start")


def lasting(driver: Driver) -> list[str]:
    """What can be done with the run that is shown."""
    names = ("Pause", "Resume", "Retry errors", "Review…", "Compare…", "Report…", "Delete…")
    seen = {each.text() for each in driver.window.findChildren(QAbstractButton) if each.isVisible()}
    return [name for name in names if name in seen]


async def test_each_answer_is_graded_and_errors_are_no_failures(driver: Driver, server: FaultServer) -> None:
    await begun(driver, echoes("echo", "plain", "403", "filter-answer"))
    await shows(driver, "Words", "Complete · 12 responses · 6 errors")
    await driver.until(lambda: column_of(driver, "Contenders", "Errors")[-2:] == ["3", "3"])
    assert column_of(driver, "Contenders", "Score")[:2] == ["100%", "0%"]
    assert column_of(driver, "Contenders", "Passed") == ["3", "0", "0", "0"]
    assert column_of(driver, "Contenders", "Failed") == ["0", "3", "0", "0"]
    assert len(server.asked("echo")) == len(server.asked("403")) == 3
    assert lasting(driver) == ["Retry errors", "Review…", "Report…", "Delete…"]
    assert driver.sees("Score and run cost")
    assert "excluding unknown prices" not in driver.said()  # the server names a model that has one
    push(driver, "Score: Score and latency")
    assert driver.sees("Score and p50 latency")


async def test_a_judge_grades_and_a_judge_that_fails_gives_no_grade_and_the_reason(driver: Driver) -> None:
    judges: list[JsonValue] = [
        {"type": "judge", "model": "foundry/judge:Say", "rubric": "Says it."},
        {"type": "judge", "model": "foundry/403", "rubric": "Says it."},
    ]
    await begun(driver, echoes("echo", words=["one"], graders=judges))
    await shows(driver, "Words", "Complete · 1 response")
    push(driver, "View: Cases")
    await driver.until(lambda: driver.sees("Cases and responses"))
    driver.find(QTableView, "Cases and responses").setFocus()
    driver.press("Return")
    await driver.until(lambda: "It is about Say." in driver.said())
    assert "The judge did not respond" in driver.said()
    assert "not graded" in driver.said()


async def test_a_paused_run_ends_what_is_under_way_and_goes_on_after_it(driver: Driver, server: FaultServer) -> None:
    limits: JsonValue = {"concurrency": 1}
    await begun(driver, echoes("slow:200:40", words=[f"w{n}" for n in range(30)], limits=limits))
    await driver.until(lambda: driver.sees("Run progress") and len(server.asked("slow:200:40")) > 1)
    assert lasting(driver)[0] == "Pause"
    assert "Resume" not in lasting(driver)
    assert driver.button("Evaluate (1)").accessibleDescription() == "1 run in progress"
    driver.button("Pause").setFocus()
    driver.press("Space")
    assert "Requests already sent will still be completed." in driver.said()
    await driver.until(lambda: "Resume" in lasting(driver))
    await shows(driver, "Words", "Stopped")
    assert "The run was stopped." in driver.said()
    assert driver.focused is driver.button("Resume")  # the button that was pressed is gone
    asked = len(server.asked("slow:200:40"))
    assert 1 < asked < 30
    assert not driver.sees("Run progress")
    driver.press("Space")
    await driver.until(lambda: driver.sees("Run progress"))
    assert driver.find(QProgressBar, "Run progress").maximum() == 30
    assert "The run was stopped." not in driver.said()
    driver.push("Pause")
    await driver.until(lambda: "Resume" in lasting(driver))


async def test_a_server_that_is_gone_stops_the_run_and_errors_are_tried_again(
    driver: Driver, server: FaultServer, services: Services
) -> None:
    await begun(driver, echoes("403", words=[f"w{n}" for n in range(24)]))
    await shows(driver, "Words", "Stopped")
    assert "20 consecutive calls to “foundry” failed" in driver.said()
    assert lasting(driver)[0] == "Resume"
    asked = len(server.asked("403"))
    assert 20 <= asked < 24
    driver.push("Resume")
    await shows(driver, "Words", "Complete")
    await driver.until(lambda: "Retry errors" in lasting(driver))
    assert len(server.asked("403")) == 24  # nothing is asked twice
    driver.push("Retry errors")
    await driver.until(lambda: len(server.asked("403")) > 40)
    await driver.until(lambda: "Resume" in lasting(driver))


async def test_a_run_whose_connection_vanished_says_so_and_makes_errors(driver: Driver, services: Services) -> None:
    run = await kept(services, ((), ()), "echo", data=echoes("echo", words=["a", "b"]), state=RunState.STOPPED)
    services.use(services.settings_file.update(lambda settings: settings.without_connection("foundry")))
    page(driver)
    await shows(driver, run.name, "Stopped")
    driver.push("Resume")
    await shows(driver, run.name, "Complete · 2 responses · 2 errors")
    push(driver, "View: Cases")
    driver.find(QTableView, "Cases and responses").setFocus()
    driver.press("Return")
    await driver.until(lambda: "error: There is no connection named “foundry”." in driver.said())
    print("SAID", driver.said())


async def test_a_suite_of_models_that_are_nowhere_is_not_started(driver: Driver, services: Services) -> None:
    await form_of(driver, {**echoes("echo"), "contenders": [{"model": "elsewhere/echo"}]})
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))
    driver.push("Start")
    await driver.until(lambda: "elsewhere" in driver.said())
    assert driver.sees("Before the run")
    assert await (await services.store()).suite_runs.list() == []


async def test_a_full_disk_stops_the_run_and_says_so_and_it_goes_on_once_there_is_room(
    driver: Driver, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, full = SuiteRuns.keep, True

    async def kept_or_not(
        runs: SuiteRuns, run_id: str, record: CellRecord, spent: float = 0.0, receipt: Receipt | None = None
    ) -> CellRecord:
        if full:
            raise StoreFull(english(FULL))
        return await keep(runs, run_id, record, spent, receipt)

    monkeypatch.setattr(SuiteRuns, "keep", kept_or_not)
    await begun(driver, echoes("echo"))
    await driver.until(lambda: FULL in driver.said())
    await shows(driver, "Words", "Stopped · 0 of 3 responses")
    full = False
    driver.push("Resume")
    await shows(driver, "Words", "Complete · 3 responses")
    assert FULL not in driver.said()


async def test_a_full_disk_before_the_start_is_said_where_it_was_pressed(
    driver: Driver, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def create(runs: SuiteRuns, run: object) -> None:
        raise StoreFull(english(FULL))

    monkeypatch.setattr(SuiteRuns, "create", create)
    await begun(driver, echoes("echo"))
    await driver.until(lambda: FULL in driver.said())
    assert driver.sees("Before the run")
    assert server.asked("echo") == []


async def test_a_report_of_each_kind_is_written_to_the_file_that_is_named(
    driver: Driver, services: Services, tmp_path: Path
) -> None:
    await begun(driver, echoes("echo", "plain"))
    await shows(driver, "Words", "Complete · 6 responses")
    for name, begins, holds in (
        ("run.html", "<!doctype html>", "foundry/plain"),
        ("run.csv", "case,", "foundry/plain"),
        ("run.jsonl", "{", '"text":"Say one'),
        ("run.xml", "<?xml", "<testsuite"),
    ):
        driver.push("Report…")
        await name_file(driver, tmp_path / name)
        await driver.until(lambda name=name: f"Saved: {tmp_path / name}" in driver.said())
        text = (tmp_path / name).read_text("utf-8")
        assert text.lstrip("\ufeff").startswith(begins)
        assert holds in text
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
        assert "127.0.0.1" not in text  # where its server stands is nobody's
    driver.push("Report…")
    await name_file(driver, tmp_path / "run.docx")
    await driver.until(lambda: "run.docx does not have a supported file extension." in driver.said())


async def test_the_cap_holds_and_a_higher_one_is_asked_for_by_keys(driver: Driver, server: FaultServer) -> None:
    await form_of(driver, echoes("gpt-4o", words=["one", "two"]))
    driver.push("Next")
    await driver.until(lambda: driver.sees("Before the run"))
    driver.push("Cost cap")
    fill(driver, driver.find(QDoubleSpinBox, "Cap"), "0")
    driver.push("Start")
    await shows(driver, "Words", "Stopped at its cap")
    assert server.asked("gpt-4o") == []
    driver.push("Resume")
    await driver.until(lambda: "Total cost cap" in driver.said())
    assert driver.focused.accessibleName() == "Cap"
    driver.press("Escape")
    assert "Total cost cap" not in driver.said()
    assert driver.focused is driver.button("Resume")
    driver.press("Space")
    driver.press("Ctrl+A")
    driver.type("2")
    driver.press("Return")
    await shows(driver, "Words", "Complete · 2 responses")
    assert "of $2.00" in driver.said()
