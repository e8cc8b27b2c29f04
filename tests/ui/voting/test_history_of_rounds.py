"""What a blind round keeps to itself, where figures of the whole history are shown and prompts are asked again."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from desktop.services import Services
from tests.ui.driver import Driver
from tests.ui.voting.conftest import NAMES, Begin
from tests.ui.voting.test_blind_view import ask, votes
from ui.widgets.rows_table import RowsTable


def told(driver: Driver) -> str:
    """All that labels, tables, choices, notices and the title say."""
    cells = [cell for table in driver.window.findChildren(RowsTable) for row in table.rows.rows for cell in row]
    choices = [box.itemText(at) for box in driver.window.findChildren(QComboBox) for at in range(box.count())]
    return "\n".join([driver.said(), *cells, *choices, *driver.notices, driver.window.windowTitle()])


async def test_a_round_that_is_not_revealed_is_in_no_figures_and_its_prompt_is_not_asked_again(
    driver: Driver, begin: Begin, services: Services
) -> None:
    await begin(2)
    await ask(driver)
    store = await services.store()
    assert await store.timings.since() == []
    driver.window.latency.toggle()
    await driver.until(lambda: "0 responses" in driver.said())
    driver.press("Ctrl+Shift+A")
    assert not any(name in told(driver) for name in NAMES)
    assert driver.window.repeats.popover is None
    driver.press("Ctrl+Shift+B")
    await driver.until(lambda: driver.sees("Your vote"))
    driver.press("1")
    await votes(services)
    assert len(await store.timings.since()) == 2
