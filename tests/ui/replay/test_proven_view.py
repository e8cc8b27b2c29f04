"""Proven models are shown with their evidence in the page of replays, and exported as chosen."""

from __future__ import annotations

from pathlib import Path

import yaml

from desktop.services import Services
from tests.ui.driver import Driver
from tests.ui.replay.made_replays import replay, reviewed
from tests.ui.replay.test_replay_page import driver, server
from ui.replay.proven_view import ProvenView
from ui.replay.replay_page import ReplayPage

__all__ = ["driver", "server"]


async def test_the_cheapest_model_that_is_not_worse_is_shown_and_exported(
    driver: Driver, services: Services, tmp_path: Path
) -> None:
    run = await replay(services, 40)
    await reviewed(services, run, 40)
    driver.push("Evaluate")
    driver.choose("Replay")
    await driver.until(lambda: driver.sees("Proven models"))
    driver.push("Proven models")
    page = driver.find(ReplayPage, "Replay")
    (view,) = page.findChildren(ProvenView)
    await driver.until(lambda: bool(view.rows))
    assert [(row.of, row.kind, row.model) for row in view.rows] == [
        ("lab/zebra-3", "", "lab/yak-4"),
        ("lab/zebra-3", "code", "lab/yak-4"),
    ]
    assert view.csv.isVisible()
    await view.write("litellm", tmp_path / "litellm.yaml")
    assert yaml.safe_load((tmp_path / "litellm.yaml").read_text()) == {"model_list": []}  # no connection named lab
    await view.write("csv", tmp_path / "proven.csv")
    assert (tmp_path / "proven.csv").read_text().count("lab/yak-4") == 2


async def test_without_evidence_the_page_says_what_gives_some(driver: Driver) -> None:
    driver.push("Evaluate")
    driver.choose("Replay")
    await driver.until(lambda: driver.sees("New replay"))
    page = driver.find(ReplayPage, "Replay")
    assert not page.proven.isVisible()  # the form of the first replay is shown
