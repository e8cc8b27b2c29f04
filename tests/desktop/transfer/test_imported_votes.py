"""Votes in Paragone's exports: unchanged after a round trip, saved once; malformed ones are reported."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.errors import PolicyForbids
from desktop.store.store import Store
from desktop.text.phrases import english
from desktop.transfer import imported_votes, last_import
from desktop.transfer.export import export
from desktop.transfer.export.export import ExportFormat
from desktop.transfer.import_report import ItemState, Report
from desktop.transfer.importer import Importer, undo
from desktop.voting.vote import Vote, order
from tests.desktop.store import made
from tests.desktop.store.new_database import put_database
from tests.desktop.voting.made import NOON, vote

RICH = vote(
    "lab/a", "lab/b", "lab/c", outcome=order((0, 1, 1)), comparison="k", turn="0", prompt="Which\ncity?",
    answers=("x", "y", "z"), tags=("code",), note="“so”", undone=NOON, set_aside="cut", names_model=True, judge="me",
)  # fmt: skip
PLAIN = vote("lab/a", "lab/b", number=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(put_database(tmp_path / "one")) as opened:
        await opened.votes.add(RICH, PLAIN)
        pane = PaneState(conversation="c", model=made.MODEL)
        await opened.comparisons.save(msgspec.structs.replace(new_comparison((pane,)), id="k"))
        yield opened


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[Store]:
    async with await Store.open(tmp_path / "two") as opened:
        yield opened


async def brought(store: Store, path: Path, *, keep: bool = True) -> Report:
    importing = Importer(store, [path])
    try:
        return await (importing.run() if keep else importing.look())
    finally:
        importing.close()


async def kept(store: Store) -> tuple[Vote, ...]:
    return (await store.votes.list()).votes


def written(path: Path, *votes: object) -> Path:
    held: dict[str, object] = {
        "schema": "paragone/1",
        "exported_at": "2026-01-01T00:00:00Z",
        "conversations": [],
        "votes": votes,
    }
    path.write_text(json.dumps(held))
    return path


def plain(given: Vote = PLAIN, **other: object) -> dict[str, Any]:
    return {**json.loads(msgspec.json.encode(given)), **other}


@pytest.mark.parametrize("form", [ExportFormat.JSON, ExportFormat.ZIP])
async def test_they_come_back_as_they_were_and_only_once(
    store: Store, other: Store, tmp_path: Path, form: ExportFormat
) -> None:
    path = tmp_path / f"all.{form}"
    await export.export(store, await export.choose_all(store), form, path, at=NOON)
    looked = await brought(other, path, keep=False)
    assert (looked.votes, await kept(other)) == (2, ())
    report = await brought(other, path)
    assert (report.votes, report.comparisons, report.count(*ItemState), report.failed) == (2, 1, 0, False)
    assert await kept(other) == (RICH, PLAIN)
    again = await brought(other, path)
    assert (again.votes, again.files[0].voted(ItemState.HERE)) == (0, 2)


async def test_an_export_of_a_comparison_brings_the_votes_that_were_given_in_it(store: Store) -> None:
    assert (await export.choose(store, ["k"])).votes == (RICH,)
    await store.conversations.create(talk := made.said("so"))
    assert (await export.choose(store, [talk.id])).votes == ()


async def test_an_export_without_votes_is_as_it_always_was(other: Store, tmp_path: Path) -> None:
    await export.export(other, await export.choose_all(other), ExportFormat.JSON, tmp_path / "x.json")
    assert '"votes"' not in (tmp_path / "x.json").read_text()


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        plain(id=1),
        plain(at="2026-01-01T00:00:00"),
        plain(at="soon"),
        plain(contenders=[{"model": "a"}]),
        plain(contenders=[{"model": ""}, {"model": "b"}]),
        plain(contenders=[{"model": "a" * 501}, {"model": "b"}]),
        plain(outcome={"ranks": [0, 2]}),
        plain(outcome={"ranks": [0, 1], "all_bad": True}),
        plain(answers=["x"]),
        plain(id="i" * 5_000),
        plain(comparison="i" * 5_000),
        plain(note="n" * (4 << 20)),
        plain(note="\ud800"),
        plain(tags=3),
    ],
)
async def test_one_that_is_none_is_told_and_keeps_no_other_out(other: Store, tmp_path: Path, wrong: object) -> None:
    report = await brought(other, written(tmp_path / "x.json", plain(RICH), wrong, plain(), plain()))
    assert [each.state for each in report.items] == [ItemState.NEW, ItemState.BROKEN, ItemState.NEW, ItemState.HERE]
    (reason,) = next(each.reasons for each in report.items if each.state is ItemState.BROKEN)
    assert len(reason) < 3_000
    assert (report.failed, await kept(other)) == (True, (RICH, PLAIN))


@pytest.mark.parametrize("votes", ["x", {"a": 1}, 7])
async def test_a_list_that_is_none_is_told(other: Store, tmp_path: Path, votes: object) -> None:
    path = written(tmp_path / "x.json")
    path.write_text(path.read_text().replace('"votes": []', f'"votes": {json.dumps(votes)}'))
    report = await brought(other, path)
    assert report.failed
    assert await kept(other) == ()


async def test_many_are_kept_some_at_a_time_and_no_more_than_a_file_may_bring(
    other: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imported_votes, "MOST_VOTES", 1_100)
    many = [plain(id=f"{number % 1_050}", later=1) for number in range(1_200)]
    looked = await brought(other, written(tmp_path / "x.json", *many), keep=False)
    report = await brought(other, tmp_path / "x.json")
    assert (report.votes, report.files[0].voted(ItemState.HERE), len(await kept(other))) == (1_050, 50, 1_050)
    assert (looked.votes, looked.files[0].voted(ItemState.HERE)) == (1_050, 50)
    assert report.items.__next__().is_vote
    (left,) = [each.reasons for each in report.items if each.state is ItemState.BROKEN]
    assert left == ("Votes beyond the limit for one file are left out (100)",)


async def test_where_a_policy_forbids_votes_the_rest_is_imported(store: Store, other: Store, tmp_path: Path) -> None:
    def forbid() -> None:
        raise PolicyForbids(english("Votes are not allowed."))

    other.votes.require = forbid
    await export.export(store, await export.choose_all(store), ExportFormat.JSON, tmp_path / "x.json")
    report = await brought(other, tmp_path / "x.json")
    assert (report.comparisons, report.votes, await kept(other)) == (1, 0, ())
    assert [each.reasons for each in report.items if each.is_vote] == [
        ("Votes are left out: your organization does not allow saving votes (2)",)
    ]


async def test_undoing_an_import_takes_its_votes_away_and_no_other(store: Store, other: Store, tmp_path: Path) -> None:
    await store.conversations.create(talk := made.said("so"))
    await store.votes.add(on_it := vote("a", "b", number=2, answers=(talk.messages[0].id, "m")))
    await other.votes.add(RICH)
    await export.export(store, await export.choose_all(store), ExportFormat.JSON, tmp_path / "x.json")
    report = await brought(other, tmp_path / "x.json")
    assert await kept(other) == (RICH, PLAIN, on_it)
    last_import.remember(tmp_path, report.added)
    added = last_import.recall(tmp_path)
    assert await undo(other, added) == len(added) == 4
    assert await kept(other) == (RICH,)
