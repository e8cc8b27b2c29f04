"""Fields as forms of the window have them: a choice, a number, segments and a search, by keys, wheel and mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDoubleSpinBox, QWidget

from desktop.services import Services
from tests.ui.compare.test_panels_by_key import NEW, OLD, show, talk
from tests.ui.driver import Driver, driven
from tests.ui.ink import LEFT, RIGHT, read_from
from ui.base.tasks import Tasks
from ui.base.theme import Themes


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A window with a comparison of two answers, at the page of latency and cost."""
    async with driven(services, tasks, themes, width=1100, height=800) as made:
        await show(made, services, talk("a", OLD, 90, 0.2), talk("b", NEW, 60, 0.1))
        made.press("Ctrl+Shift+G")
        made.push("Latency and cost")
        yield made


def turn(onto: QWidget, eighths: int) -> None:
    """Turn the wheel over a control, or over what is around it where it takes none."""
    at = QPointF(onto.rect().center())
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    held = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        onto, QWheelEvent(at, onto.mapToGlobal(at), QPoint(), QPoint(0, eighths), none, held, phase, False)
    )


def heard(control: QWidget) -> tuple[str, str]:
    """The name and the value of a control as a screen reader has them."""
    told = QAccessible.queryAccessibleInterface(control)
    return told.text(QAccessible.Text.Name), told.text(QAccessible.Text.Value)


async def test_the_wheel_changes_no_field_that_it_only_passes_over(driver: Driver) -> None:
    period, times = driver.find(QComboBox, "Period"), driver.find(QDoubleSpinBox, "Conversations per month")
    driver.button("Close").setFocus()
    before = (period.currentText(), times.text())
    for each in (period, times):
        turn(each, -120)
    assert (period.currentText(), times.text()) == before
    for each in (period, times):
        each.setFocus()
        turn(each, -120)
    assert period.currentText() == "Last 30 days"
    assert times.value() == int(before[1]) - 1


async def test_a_choice_is_opened_typed_at_and_left_by_keys_and_heard_with_its_value(driver: Driver) -> None:
    period = driver.find(QComboBox, "Period")
    period.setFocus()
    assert heard(period) == ("Period", "All time")
    driver.press("Alt+Down")
    assert period.view().isVisible()
    assert period.view().accessibleName() == "Period"
    driver.press("Down")
    driver.press("Esc")
    driver.come_back()
    assert (period.currentText(), driver.focused) == ("All time", period)
    driver.press("Alt+Down")
    assert period.view().currentIndex().row() == 0  # what was only looked at is forgotten
    driver.press("Down")
    driver.press("Return")
    driver.come_back()
    assert heard(period) == ("Period", "Last 30 days")
    driver.press("End")
    assert heard(period) == ("Period", "Last 7 days")
    driver.press("Esc")
    assert not driver.sees("Period")


async def test_what_a_number_refuses_is_said_until_the_next_that_will_do(driver: Driver) -> None:
    times = driver.find(QDoubleSpinBox, "Conversations per month")
    times.setFocus()
    for typed in ("0", "99999999999"):
        driver.press("Ctrl+A")
        driver.type(typed)
        driver.press("Return")
        assert f"not “{typed}”. The previous value was kept." in driver.said()
        assert times.value() == 10_000
    driver.press("Ctrl+A")
    driver.type("x-1e9")  # letters do nothing
    driver.press("Ctrl+A")
    driver.type("250")
    driver.press("Return")
    assert times.text() == "250"
    assert "The previous value was kept." not in driver.said()
    driver.press("Up")
    driver.press("PgUp")
    assert times.value() == 261
    assert driver.focused is times


@pytest.mark.parametrize("direction", [LEFT, RIGHT])
async def test_arrows_of_segments_follow_the_eye_end_at_the_ends_and_tab_comes_to_the_chosen_one(
    direction: Qt.LayoutDirection, services: Services, tasks: Tasks, themes: Themes
) -> None:
    with read_from(direction):
        async with driven(services, tasks, themes, width=1100, height=800) as driver:
            await show(driver, services, talk("a", OLD, 90, 0.2), talk("b", NEW, 60, 0.1))
            driver.press("Ctrl+Shift+E")
            onwards, back = ("Right", "Left") if direction is LEFT else ("Left", "Right")
            views = [f"View: {each}" for each in ("Inline", "Side by side", "Agreement", "Distance")]
            driver.button(views[0]).setFocus()
            gone: list[str] = []
            for key in (back, onwards, onwards, onwards, onwards, back):
                driver.press(key)
                gone.append(driver.focused.accessibleName())
            assert gone == [views[0], views[1], views[2], views[3], views[3], views[2]]
            places = [driver.button(each).mapTo(driver.window, QPoint()).x() for each in views]
            assert places == sorted(places, reverse=direction is RIGHT)
            driver.press("Tab")
            driver.press("Shift+Tab")
            assert driver.focused.accessibleName() == views[2]
            told = QAccessible.queryAccessibleInterface(driver.focused)
            assert told.role() == QAccessible.Role.RadioButton
            assert told.state().checked
            chosen = [each for each in views if _is_on(driver, each)]
            assert chosen == [views[2]]


def _is_on(driver: Driver, name: str) -> bool:
    """Whether a button is on."""
    button = driver.button(name)
    assert isinstance(button, QAbstractButton)
    return button.isChecked()
