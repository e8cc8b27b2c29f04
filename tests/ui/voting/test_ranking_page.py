"""The ranking through the window: what is drawn and said, filters, the votes behind a cell, files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QListWidget, QTableView

from desktop.services import Services
from desktop.voting.contender import Contender
from desktop.voting.vote import Outcome, Vote, best_of, tie
from tests.ui.driver import Driver
from ui.voting.interval_plot import IntervalPlot
from ui.voting.ranking_page import RankingPage

START = datetime(2026, 11, 1, tzinfo=UTC)


def vote(number: int, outcome: Outcome, *, tag: str = "", blind: bool = True) -> Vote:
    return Vote(
        id=f"v{number}",
        at=START + timedelta(hours=number),
        judge="you",
        prompt=f"Prompt {number}",
        contenders=(Contender(model="lab/zebra"), Contender(model="lab/yak")),
        outcome=outcome,
        tags=(tag,) if tag else (),
        blind=blind,
    )


async def opened(driver: Driver, services: Services, *votes: Vote) -> RankingPage:
    """The page over these votes, once it is ranked."""
    await (await services.store()).votes.add(*votes)
    driver.press("Ctrl+Shift+R")
    page = driver.find(RankingPage, "Ranking")
    await driver.until(lambda: any(each.endswith((" vote", " votes")) for each in driver.said().splitlines()))
    return page


async def test_without_votes_it_says_how_to_begin(driver: Driver, services: Services) -> None:
    await opened(driver, services)
    assert "Ctrl+Shift+B" in driver.said()


async def test_twelve_to_none_is_claimed_and_drawn(driver: Driver, services: Services) -> None:
    await opened(driver, services, *(vote(number, best_of(0)) for number in range(12)))
    assert "lab/zebra is better than lab/yak." in driver.said()
    plot = driver.find(IntervalPlot, "Scores with their intervals")
    first, last = plot.rows
    assert (first.name, last.name) == ("lab/zebra", "lab/yak")
    assert first.low > last.high
    assert "lab/zebra" in plot.accessibleDescription()
    colours = {driver.pixels(plot).pixelColor(x, 19).name() for x in range(200, plot.width() - 150)}
    assert first.colour.casefold() in colours


async def test_few_votes_claim_nothing_and_say_how_many_more(driver: Driver, services: Services) -> None:
    await opened(driver, services, *(vote(number, best_of(number % 2)) for number in range(4)))
    assert "Nothing can be claimed from these votes yet." in driver.said()
    assert "more prompts are needed" in driver.said()


async def test_filters_count_other_votes(driver: Driver, services: Services) -> None:
    coded = [vote(number, best_of(0), tag="code") for number in range(9)]
    seen = [vote(number, best_of(1), blind=False) for number in range(20, 25)]
    await opened(driver, services, *coded, *seen, vote(30, tie()))
    assert "10 votes" in driver.said()
    tag = driver.find(QComboBox, "Tag")
    tag.setCurrentIndex(tag.findText("code"))
    tag.activated.emit(tag.currentIndex())
    await driver.until(lambda: "9 votes" in driver.said().splitlines())
    tag.setCurrentIndex(0)
    tag.activated.emit(0)
    [box] = [each for each in driver.window.findChildren(QCheckBox) if each.text().startswith("Votes in sight")]
    driver.click(box)
    await driver.until(lambda: "15 votes" in driver.said().splitlines())


async def test_a_cell_opens_the_votes_behind_it(driver: Driver, services: Services) -> None:
    await opened(driver, services, *(vote(number, best_of(0)) for number in range(3)))
    table = driver.find(QTableView, "Wins of the rows against the columns")
    index = table.model().index(0, 1)
    assert "won 3, lost 0" in str(table.model().data(index, Qt.ItemDataRole.AccessibleTextRole))
    table.setCurrentIndex(index)
    table.setFocus()
    driver.press("Return")
    behind = driver.find(QListWidget, "Votes behind the cell")
    assert behind.count() == 3
    assert "Prompt 2" in behind.item(0).text()


async def test_votes_ranking_and_picture_are_written(driver: Driver, services: Services, tmp_path: Path) -> None:
    page = await opened(driver, services, *(vote(number, best_of(0)) for number in range(3)))
    for name in ("votes.csv", "votes.jsonl", "ranking.json", "plot.png"):
        page.export(tmp_path / name)
        await driver.until(lambda name=name: (tmp_path / name).exists() and f"Written: {name}" in driver.said())
    assert (tmp_path / "votes.csv").read_text("utf-8").splitlines()[0].startswith("model_a,model_b,winner")
    assert json.loads((tmp_path / "ranking.json").read_text("utf-8"))["models"][0]["model"] == "lab/zebra"
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


async def test_esc_leads_back_to_the_panes(driver: Driver, services: Services) -> None:
    await opened(driver, services)
    driver.press("Esc")
    await driver.until(lambda: not driver.sees("Ranking"))
    assert driver.editor.hasFocus()
