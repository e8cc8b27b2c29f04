"""Text, figures and the message field share their edges, wherever the user wants them."""

from __future__ import annotations

import pytest
from msgspec import structs
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desktop.domain.conversation_types import Figures
from desktop.services import Services
from desktop.settings.schema import COLUMN
from tests.desktop.store.made import answer, conversation, finished, prompt
from tests.ui.driver import Driver, driven
from tests.ui.window.test_palette_offers import use
from ui.base.tasks import Tasks
from ui.base.theme import Themes


def edges(driver: Driver, widget: QWidget, left: int, width: int) -> tuple[int, int]:
    """The left and the right edge of a part of a widget, in the window."""
    at = widget.mapTo(driver.window, QPoint(left, 0)).x()
    return at, at + width


@pytest.mark.parametrize(("name", "width"), [("Comfortable", 760), ("Wide", 960), ("Full", 0)])
async def test_text_and_fields_share_the_edges_of_the_chosen_column(
    services: Services, tasks: Tasks, themes: Themes, qapp: QApplication, name: str, width: int
) -> None:
    del qapp
    asked = prompt("About the sky?")
    said = structs.replace(finished(answer(asked), "It is blue."), figures=Figures(duration_ms=900, ttft_ms=100))
    kept = conversation(asked, said, title="Sky")
    async with driven(services, tasks, themes, kept, width=1500) as driver:
        if name != "Comfortable":
            use(driver, f"Text width: {name}")
            await driver.until(lambda: services.settings.get(COLUMN) == name.casefold())
        pane, messages = driver.window.pane, driver.transcript()
        wanted = width or pane.width() - 48
        await driver.until(lambda: messages.column[1] == wanted)
        frame = pane.composer.frame
        first, *_ = (each for each in pane.figures.findChildren(QLabel) if each.isVisible())

        def text() -> tuple[int, int]:
            return edges(driver, messages.viewport(), *messages.column)

        await driver.until(lambda: edges(driver, frame, 0, frame.width()) == text())
        await driver.until(lambda: edges(driver, first, 0, 0)[0] == text()[0])
