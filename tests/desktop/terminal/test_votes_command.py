"""`votes` from its words to its streams and exit status: listed, written, read again, and deleted."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef
from desktop.errors import PolicyForbids, StoreError, VoteUnknown
from desktop.settings.policy import EXPORT, IMPORT, VOTES, AnyRule, Fixed, Policy
from desktop.settings.values import Settings
from desktop.settings.vote_options import KEEP_VOTES
from desktop.store.opening.store_opener import FILE
from desktop.voting.vote import Vote, both_bad, order
from desktop.voting.vote_lines import written
from tests.desktop.store import made
from tests.desktop.terminal.conftest import Desk
from tests.desktop.voting.made import NOON, vote

BAD = vote("lab/a", "lab/b", number=1, outcome=both_bad(), set_aside="cut", tags=("code",), judge="me")
KEPT = (
    vote("lab/a", "lab/b", "lab/c", outcome=order((1, 0, 1)), prompt="Which?", tags=("code", "text"), note="so"),
    BAD,
    vote("lab/a", "lab/b", number=2, undone=NOON),
    vote("lab/b", "lab/a", number=3, blind=False, judge="you"),
    vote("lab/a", "lab/c", number=4, names_model=True),
)


async def keep(desk: Desk, *votes: Vote) -> None:
    await (await desk.services.store()).votes.add(*(votes or KEPT))


async def there(desk: Desk) -> tuple[Vote, ...]:
    return (await (await desk.services.store()).votes.list()).votes


def forbid(desk: Desk, *rules: AnyRule) -> None:
    entries = {rule.name: Fixed(rule.name, False, locked=True, source="test") for rule in rules}
    desk.services.use(Settings(connections=desk.services.settings.connections, policy=Policy(entries=entries)))


async def imported(desk: Desk, *files: Path, status: int = 0) -> dict[str, Any]:
    desk.look()
    assert await desk.run("votes", "import", *map(str, files), "--json") == status
    return json.loads(desk.out)


async def test_votes_are_listed_for_people_and_for_programs(desk: Desk) -> None:
    assert await desk.run("votes", "list") == 0
    assert "no votes yet" in desk.err
    await keep(desk)
    desk.look()
    assert await desk.run("votes", "list") == 0
    lines = [line.split("\t") for line in desk.out.splitlines()]
    assert [line[0] for line in lines] == [each.id for each in KEPT]
    assert [line[2:] for line in lines] == [
        ["", "lab/b > lab/a = lab/c", "", "code, text"],
        ["me", "lab/a = lab/b: all bad", "cut", "code"],
        ["", "lab/a > lab/b", "undone", ""],
        ["you", "lab/b > lab/a", "sighted", ""],
        ["", "lab/a > lab/c", "", ""],
    ]
    desk.look()
    assert await desk.run("votes", "list", "--json") == 0
    assert msgspec.json.decode(desk.out, type=tuple[Vote, ...]) == KEPT


async def test_what_is_exported_can_be_imported_and_the_second_time_adds_nothing(desk: Desk, tmp_path: Path) -> None:
    await keep(desk)
    file = tmp_path / "votes.jsonl"
    assert await desk.run("votes", "export", "--output", str(file)) == 0
    assert "Wrote 5 votes" in desk.err
    desk.look()
    assert await desk.run("votes", "export") == 0
    assert desk.out.encode() == file.read_bytes() == b"".join(written(KEPT))
    desk.look()
    assert await desk.run("votes", "export", "--output", str(file), "--json") == 0
    assert json.loads(desk.out) == {"path": str(file), "votes": 5}
    for each in KEPT[:3]:
        assert await desk.run("votes", "delete", each.id) == 0
    first = await imported(desk, file)
    assert (first["added"], first["here"], first["left_out"]) == (3, 2, 0)
    assert sorted(await there(desk), key=lambda each: each.id) == [*KEPT]
    again = await imported(desk, file, file)
    assert (again["added"], again["here"], [each["added"] for each in again["files"]]) == (0, 10, [0, 0])
    desk.look()
    assert await desk.run("votes", "import", str(file)) == 0
    assert desk.out == f"{file}: 0 votes added, 5 already here.\n"


async def test_rows_of_an_arena_are_imported_once_each_in_its_place(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "arena.csv"
    rows = 'a,b,model_a,2,"two\nlines",code;text,me,1767225600\na,b,model_a,1,,,,\nb,a,tie (bothbad),1,,,,\n'
    file.write_text(f"model_a,model_b,winner,count,prompt,tag,judge,tstamp\n{rows}a,b,model_a,1,,,,\n")
    found = await imported(desk, file)
    assert (found["added"], found["here"], found["left_out"]) == (5, 0, 0)
    assert "all votes count as blind" in found["files"][0]["notices"][0]
    votes = await there(desk)
    assert len({each.id for each in votes}) == 5
    assert [(each.prompt, each.tags, each.judge) for each in votes[:2]] == [("two\nlines", ("code", "text"), "me")] * 2
    assert f"{votes[0].at:%Y-%m-%d}" == "2026-01-01"
    assert [each.outcome.all_bad for each in votes] == [False, False, False, True, False]
    assert (await imported(desk, file))["added"] == 0
    file.write_text(file.read_text() + "a,c,model_b,1,,,,\n")  # it has grown
    assert (await imported(desk, file))["added"] == 1
    assert len(await there(desk)) == 6


async def test_lines_that_are_none_are_told_the_others_are_kept_and_the_status_says_so(
    desk: Desk, tmp_path: Path
) -> None:
    rows = tmp_path / "votes.csv"
    long = "t" * 2_001
    rows.write_text(
        f'model_a,model_b,winner,count,tag\na,a,tie,1,\n"a","b\nb",tie,1,\na,b,tie,1000001,\na,b,tie,1,{long}\na,b,tie,1,\n'
    )
    found = await imported(desk, rows, status=1)
    assert (found["added"], found["left_out"]) == (2, 3)
    told = found["files"][0]["notices"]
    assert [each.split(":")[0] for each in told[1:]] == [f"Line {n} was left out" for n in (2, 5, 6)]
    assert desk.err.splitlines() == told
    assert (await imported(desk, rows, status=1))["added"] == 0
    lines = tmp_path / "votes.jsonl"
    lines.write_bytes(b"".join(written(KEPT[:2])) + b'{"schema": "paragone-votes/2"}\n[]\n')
    found = await imported(desk, lines, status=1)
    assert (found["added"], found["left_out"]) == (2, 2)


async def test_a_file_that_cannot_be_read_keeps_no_other_from_being_imported(desk: Desk, tmp_path: Path) -> None:
    (good := tmp_path / "good.jsonl").write_bytes(b"".join(written(KEPT)))
    (other := tmp_path / "other.csv").write_text("question,answer\n1,2\n")
    (empty := tmp_path / "empty").write_text("")
    found = await imported(desk, tmp_path / "gone", other, empty, good, status=1)
    assert [bool(each["problem"]) for each in found["files"]] == [True, True, True, False]
    assert found["added"] == 5
    assert "Columns missing from the file: model_a" in desk.err
    with pytest.raises(StoreError, match="in use"):
        await desk.run("votes", "import", str(desk.services.paths.data / FILE))


async def test_a_vote_is_deleted_by_its_id(desk: Desk) -> None:
    await keep(desk)
    assert await desk.run("votes", "delete", BAD.id, "--json") == 0
    assert json.loads(desk.out) == {"id": BAD.id, "state": "deleted"}
    assert BAD not in await there(desk)
    with pytest.raises(VoteUnknown):
        await desk.run("votes", "delete", BAD.id)


async def test_what_a_policy_forbids_is_not_done_and_is_said(desk: Desk, tmp_path: Path) -> None:
    await keep(desk)
    (file := tmp_path / "votes.jsonl").write_bytes(b"".join(written([vote("x", "y", number=9)])))
    forbid(desk, VOTES)
    with pytest.raises(PolicyForbids, match="does not allow saving votes"):
        await desk.run("votes", "import", str(file))
    with pytest.raises(PolicyForbids):
        await keep(desk, vote("x", "y", number=9))
    for words in (("votes", "list"), ("votes", "export"), ("ranking",)):
        desk.look()
        assert await desk.run(*words) == 0
        assert "Your organization does not allow saving votes. These votes were saved earlier." in desk.err + desk.out
    forbid(desk, IMPORT, EXPORT)
    for words in (("votes", "import", str(file)), ("votes", "export")):
        with pytest.raises(PolicyForbids):
            await desk.run(*words)
    assert await there(desk) == KEPT


async def test_the_ranking_counts_what_is_kept_and_says_what_it_leaves_out_and_why(desk: Desk) -> None:
    await keep(desk)
    store = await desk.services.store()
    await store.votes.add(damaged := vote("lab/a", "lab/b", number=9))
    await store._database.write(lambda sql: sql.run("UPDATE votes SET state = '{' WHERE id = ?", (damaged.id,)))
    assert await desk.run("ranking", "--leave-named", "--json") == 0
    found = json.loads(desk.out)
    assert sum(each["votes"] for each in found["models"]) == 3  # one vote on three
    for reason in (
        "1 vote is damaged",
        "1 withdrawn vote",
        "was stopped or truncated",
        "model names visible",
        "names a model",
    ):
        assert [reason in notice for notice in found["notices"]].count(True) == 1, reason
    desk.look()
    assert await desk.run("ranking", "--sighted", "--json") == 0
    assert sum(each["votes"] for each in json.loads(desk.out)["models"]) == 7


async def test_votes_stay_without_their_prompts_where_the_setting_says_so(desk: Desk) -> None:
    store = await desk.services.store()
    for number, stays in enumerate((False, True)):
        desk.services.use(desk.services.settings.set(KEEP_VOTES, value=stays))
        await store.conversations.create(talk := made.said("so"))
        await store.votes.add(vote("a", "b", number=number, answers=(talk.messages[0].id, "m")))
        assert await desk.run("conversations", "delete", talk.id, "--purge") == 0
        assert len(await there(desk)) == stays


async def test_what_was_given_here_is_not_taken_back_with_a_file_that_holds_it(desk: Desk, tmp_path: Path) -> None:
    store, file = await desk.services.store(), tmp_path / "mine.jsonl"
    comparison = new_comparison((PaneState(conversation="", model=ModelRef.parse("lab/a")),))
    await store.comparisons.save(comparison)
    own, others = (
        vote("lab/a", "lab/b", number=number, comparison=id_) for number, id_ in ((7, comparison.id), (8, "c8"))
    )
    await keep(desk, own, others)
    assert await desk.run("votes", "export", "--output", str(file)) == 0
    assert await desk.run("votes", "delete", "--of", str(file)) == 0
    assert await there(desk) == (own,)


async def test_an_import_is_taken_back_by_its_file(desk: Desk, tmp_path: Path) -> None:
    await keep(desk)
    file = tmp_path / "v.csv"
    file.write_text("model_a,model_b,winner,count\na,b,tie,1500\na,b,model_a,1\n", "utf-8")
    assert (await imported(desk, file))["added"] == 1501
    desk.look()
    assert await desk.run("votes", "delete", "--of", str(file), "--json") == 0
    assert json.loads(desk.out) == {"file": str(file), "deleted": 1501}
    assert {each.id for each in await there(desk)} == {each.id for each in KEPT}


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_a_time_at_the_ends_of_the_years_is_told_in_any_zone(
    desk: Desk, tmp_path: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files say so where they have no time."""
    csv, lines = tmp_path / "v.csv", tmp_path / "v.jsonl"
    csv.write_text(f"model_a,model_b,winner,tstamp\na,b,tie,{at}\n", "utf-8")
    lines.write_bytes(b"".join(written([vote("a", "b", at=datetime.fromisoformat(at))])))
    await imported(desk, csv, lines)
    for zone in ("America/New_York", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        try:
            assert await desk.run("votes", "list") == 0
        finally:
            monkeypatch.undo()
            time.tzset()
    assert {each.at.year for each in await there(desk)} <= {1900, 9998}
