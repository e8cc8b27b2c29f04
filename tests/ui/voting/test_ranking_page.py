"""The ranking through the window: what is drawn and said, filters, the votes behind a cell, files."""

from __future__ import annotations

import json
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QListWidget, QTableView

from desktop.domain.conversation_types import Status, now
from desktop.services import Services
from desktop.voting.contender import Contender
from desktop.voting.vote import Outcome, Vote, best_of, tie
from tests.desktop.store import made
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
    plot = driver.find(IntervalPlot, "Scores with 95% confidence intervals")
    first, last = plot.rows
    assert (first.name, last.name) == ("lab/zebra", "lab/yak")
    assert first.low > last.high
    assert "lab/zebra" in plot.accessibleDescription()
    colours = {driver.pixels(plot).pixelColor(x, 19).name() for x in range(200, plot.width() - 150)}
    assert first.colour.casefold() in colours


async def test_few_votes_claim_nothing_and_say_how_many_more(driver: Driver, services: Services) -> None:
    await opened(driver, services, *(vote(number, best_of(number % 2)) for number in range(4)))
    assert "These votes do not support any conclusion yet." in driver.said()
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
    [box] = [each for each in driver.window.findChildren(QCheckBox) if each.text().startswith("Include votes")]
    driver.click(box)
    await driver.until(lambda: "15 votes" in driver.said().splitlines())


async def test_of_thousands_of_tags_the_most_used_are_offered(driver: Driver, services: Services) -> None:
    made = [vote(number, tie(), tag=f"t{number % 600}") for number in range(1_100)]
    await opened(driver, services, *made, vote(2_000, tie(), tag="x" * 201))
    tag = driver.find(QComboBox, "Tag")
    assert tag.count() == 501
    assert all(tag.findText(f"t{number}") > 0 for number in range(500))


async def test_a_cell_opens_the_votes_behind_it(driver: Driver, services: Services) -> None:
    await opened(driver, services, *(vote(number, best_of(0)) for number in range(3)))
    table = driver.find(QTableView, "Wins (row against column)")
    index = table.model().index(0, 1)
    assert "won 3, lost 0" in str(table.model().data(index, Qt.ItemDataRole.AccessibleTextRole))
    table.setCurrentIndex(index)
    table.setFocus()
    driver.press("Return")
    behind = driver.find(QListWidget, "Votes in this cell")
    assert behind.count() == 3
    assert "Prompt 2" in behind.item(0).text()


async def test_a_time_is_chosen(driver: Driver, services: Services) -> None:
    lately = [
        msgspec.structs.replace(vote(number, best_of(0)), at=now() - timedelta(days=number)) for number in range(12)
    ]
    await opened(driver, services, *lately)
    time = driver.find(QComboBox, "Time")
    time.setCurrentIndex(time.findText("Last 7 days"))
    time.activated.emit(time.currentIndex())
    await driver.until(lambda: "7 votes" in driver.said().splitlines())
    assert "5 votes do not match the selected tag, judge or date." in driver.said()


async def test_whether_the_longer_answers_won_is_said(driver: Driver, services: Services) -> None:
    store = await services.store()
    votes: list[Vote] = []
    for number in range(12):
        answers: list[str] = []
        for count in (40, 4):
            question = made.prompt(f"Prompt {number}")
            answer = made.answer(question, "word " * count, Status.COMPLETE)
            await store.conversations.create(made.conversation(question, answer))
            answers.append(answer.id)
        votes.append(msgspec.structs.replace(vote(number, best_of(0)), answers=tuple(answers)))
    await opened(driver, services, *votes)
    said = "won 100% of decided pairs (95% CI 76–100%; median length: winners 200, losers 20 characters)"
    assert f"Length bias: the longer response {said}" in driver.said()


async def test_a_model_called_like_markup_is_shown_as_it_is_called(driver: Driver, services: Services) -> None:
    """Qt takes tooltips for rich text, and would open the file that an image names."""
    odd = '<img src="/etc/hostname">'
    pair = Contender(model=odd), Contender(model="lab/yak")
    await opened(driver, services, msgspec.structs.replace(vote(0, best_of(0)), contenders=pair))
    table = driver.find(QTableView, "Wins (row against column)").model()
    tips = [
        *(table.data(table.index(row, column), Qt.ItemDataRole.ToolTipRole) for row in (0, 1) for column in (0, 1)),
        *(table.headerData(0, each, Qt.ItemDataRole.ToolTipRole) for each in Qt.Orientation),
    ]
    assert any(tips)
    assert not any("<img" in str(each) for each in tips)


async def test_of_very_many_models_those_that_lead_are_in_the_table(driver: Driver, services: Services) -> None:
    pairs = [(Contender(model=f"lab/m{number}"), Contender(model="lab/m99")) for number in range(99)]
    votes = [msgspec.structs.replace(vote(place, best_of(0)), contenders=pair) for place, pair in enumerate(pairs)]
    await opened(driver, services, *votes)
    await driver.until(lambda: "Wins for 40 more models are not shown." in driver.said())
    assert driver.find(QTableView, "Wins (row against column)").model().rowCount() == 60


async def test_more_models_than_can_be_ranked_are_said_and_a_tag_chosen_among_them_is_ranked(
    driver: Driver, services: Services
) -> None:
    many = [
        msgspec.structs.replace(
            vote(number, best_of(0)), contenders=(Contender(model=f"m{number}"), Contender(model="z"))
        )
        for number in range(401)
    ]
    await (await services.store()).votes.add(*many, vote(500, best_of(0), tag="few"))
    driver.press("Ctrl+Shift+R")
    await driver.until(lambda: "are too many to rank at once (at most 400)" in driver.said())
    tag = driver.find(QComboBox, "Tag")
    tag.setCurrentIndex(tag.findText("few"))
    tag.activated.emit(tag.currentIndex())
    await driver.until(lambda: "1 vote" in driver.said().splitlines())


async def test_what_is_written_is_ones_own_alone_and_whole_or_not_at_all(
    driver: Driver, services: Services, tmp_path: Path, small_disk: Path
) -> None:
    page = await opened(driver, services, *(vote(number, best_of(0)) for number in range(3)))
    (tmp_path / "open.csv").write_text("before")
    (tmp_path / "open.csv").chmod(0o666)
    (tmp_path / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (tmp_path / "elsewhere.csv").write_text("another file")
    for name in ("open.csv", "link.csv"):
        page.export(tmp_path / name)
        await driver.until(lambda name=name: f"Saved: {name}" in driver.said())
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert (tmp_path / "elsewhere.csv").read_text() == "another file"
    (small_disk / "votes.csv").write_text("before")
    with suppress(OSError):
        (small_disk / "full").write_bytes(bytes(2 << 20))
    for ending in ("csv", "html", "png"):
        page.export(small_disk / f"votes.{ending}")
        await driver.until(lambda ending=ending: f"votes.{ending} could not be written: No space left" in driver.said())
        page.export(tmp_path / "gone" / f"votes.{ending}")
        await driver.until(lambda: "could not be written: No such file" in driver.said())
    assert (small_disk / "votes.csv").read_text() == "before"
    page.export((await services.store()).path)
    await driver.until(lambda: "conversations.db does not have a supported file extension." in driver.said())


async def test_votes_ranking_and_picture_are_written(driver: Driver, services: Services, tmp_path: Path) -> None:
    page = await opened(driver, services, *(vote(number, best_of(0)) for number in range(3)))
    for name in ("votes.csv", "votes.jsonl", "ranking.json", "ranking.html", "plot.png"):
        page.export(tmp_path / name)
        await driver.until(lambda name=name: (tmp_path / name).exists() and f"Saved: {name}" in driver.said())
    assert (tmp_path / "votes.csv").read_text("utf-8").splitlines()[0].startswith("model_a,model_b,winner")
    assert json.loads((tmp_path / "ranking.json").read_text("utf-8"))["models"][0]["model"] == "lab/zebra"
    assert "lab/zebra" in (tmp_path / "ranking.html").read_text("utf-8")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


async def test_a_table_of_votes_holds_those_that_count_and_says_so(
    driver: Driver, services: Services, tmp_path: Path
) -> None:
    undone = msgspec.structs.replace(vote(3, best_of(1)), undone=START)
    set_aside = msgspec.structs.replace(vote(4, best_of(1)), set_aside="stopped")
    page = await opened(driver, services, vote(1, best_of(0)), undone, set_aside, vote(5, best_of(1), blind=False))
    page.export(tmp_path / "votes.csv")
    await driver.until(lambda: "Saved: votes.csv. 3 votes that do not count were not exported." in driver.said())
    assert len((tmp_path / "votes.csv").read_text("utf-8").splitlines()) == 2
    page.export(tmp_path / "votes.jsonl")
    await driver.until((tmp_path / "votes.jsonl").exists)
    assert len((tmp_path / "votes.jsonl").read_text("utf-8").splitlines()) == 4


async def test_esc_leads_back_to_the_panes(driver: Driver, services: Services) -> None:
    await opened(driver, services)
    driver.press("Esc")
    await driver.until(lambda: not driver.sees("Ranking"))
    assert driver.editor.hasFocus()
