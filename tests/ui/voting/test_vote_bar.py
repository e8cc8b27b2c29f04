"""An order of three answers by dragging letters and by keys, with ties, through the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton

from desktop.services import Services
from tests.ui.driver import Driver
from tests.ui.voting.conftest import Begin
from tests.ui.voting.test_blind_view import ask, votes
from ui.voting.vote_bar import OrderStrip


def strip(driver: Driver) -> OrderStrip:
    return driver.find(OrderStrip, "Order, best first")


def said(driver: Driver) -> list[str]:
    """What a screen reader hears of the letters, from the first to the last as they are seen."""
    QApplication.processEvents()
    right_to_left = -1 if strip(driver).layoutDirection() is Qt.LayoutDirection.RightToLeft else 1
    letters = sorted(strip(driver).findChildren(QPushButton), key=lambda each: right_to_left * each.x())
    return [each.accessibleName() for each in letters if each.isVisible()]


def letter(driver: Driver, name: str) -> QPushButton:
    (found,) = (each for each in strip(driver).findChildren(QPushButton) if each.text() == name)
    return found


def drag(driver: Driver, name: str, onto: str, share: float) -> None:
    """Drag one letter to a share of another one's width."""
    QApplication.processEvents()
    moved, target = letter(driver, name), letter(driver, onto)
    to = moved.mapFromGlobal(target.mapToGlobal(QPoint(int(target.width() * share), target.height() // 2)))
    QTest.mousePress(moved, Qt.MouseButton.LeftButton, pos=moved.rect().center())
    QTest.mouseMove(moved, (moved.rect().center() + to) / 2)
    QTest.mouseMove(moved, to)
    QApplication.processEvents()
    QTest.mouseRelease(moved, Qt.MouseButton.LeftButton, pos=to)
    QApplication.processEvents()


async def test_keys_move_a_letter_out_of_a_tie_and_the_boxes_follow(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(3)
    await ask(driver)
    assert said(driver) == ["A, rank 1", "B, rank 1", "C, rank 1"]
    letter(driver, "C").setFocus()
    driver.press("Alt+Left")
    assert said(driver) == ["C, rank 1", "A, rank 2", "B, rank 2"]
    assert driver.focused is letter(driver, "C")
    letter(driver, "A").setFocus()
    driver.press("Alt+Down")
    QApplication.processEvents()
    assert said(driver) == ["C, rank 1", "B, rank 2", "A, rank 3"]
    assert [driver.find(QComboBox, f"Rank of {each}").currentText() for each in "ABC"] == ["A: 3", "B: 2", "C: 1"]
    assert strip(driver).accessibleDescription() == "C > B > A"
    driver.push("Vote for this order")
    (vote,) = await votes(services)
    assert vote.outcome.ranks == (2, 1, 0)


async def test_boxes_move_the_letters(driver: Driver, begin: Begin) -> None:
    await begin(3)
    await ask(driver)
    driver.find(QComboBox, "Rank of A").setCurrentIndex(2)
    QApplication.processEvents()
    assert said(driver) == ["B, rank 1", "C, rank 1", "A, rank 2"]


async def test_letters_are_dragged_beside_and_onto_one_another(
    driver: Driver, services: Services, begin: Begin
) -> None:
    await begin(3)
    await ask(driver)
    drag(driver, "C", "A", 0.1)
    assert strip(driver).accessibleDescription() == "C is best"
    drag(driver, "A", "B", 0.95)
    assert strip(driver).accessibleDescription() == "C > B > A"
    drag(driver, "A", "C", 0.5)
    assert strip(driver).accessibleDescription() == "A=C > B"
    drag(driver, "B", "B", 0.9)
    assert strip(driver).accessibleDescription() == "A=C > B"
    driver.push("Vote for this order")
    (vote,) = await votes(services)
    assert vote.outcome.ranks == (0, 1, 0)


async def test_the_next_round_begins_with_all_equal(driver: Driver, begin: Begin) -> None:
    await begin(3)
    await ask(driver)
    letter(driver, "B").setFocus()
    driver.press("Alt+Left")
    driver.push("Vote for this order")
    driver.press("Return")
    await driver.until(lambda: driver.sees("Prompt for this round"))
    await ask(driver)
    assert strip(driver).accessibleDescription() == "tie"


@pytest.mark.parametrize("width", [760, 560])
async def test_in_a_narrow_window_nothing_is_cut(driver: Driver, begin: Begin, width: int) -> None:
    driver.window.resize(width, 560)
    await begin(3)
    await ask(driver)
    QApplication.processEvents()
    for each in [*driver.window.findChildren(QComboBox), *strip(driver).findChildren(QPushButton)]:
        if each.isVisible():
            assert each.width() >= each.sizeHint().width(), each.accessibleName()
