"""Check 25: killed while an answer streams, all that was shown within the bound is there, and the database is whole."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from desktop.domain.conversation_types import Status
from desktop.store.sqlite import backups
from desktop.store.store import Store
from tests.fork_server import start

KILLS = int(os.environ.get("PARAGONE_TEST_KILLS", "20"))
_BEHIND_S = 0.5  # so far what is kept may be behind what was shown
_SLACK_S = 0.4  # and so long a busy machine may take to let the journal's thread write


def _killed(folder: Path, after_s: float) -> tuple[str, list[int], int]:
    """Its conversation, what it showed, and how much of that was shown longer ago than the bound."""
    child = start("tests.desktop.session.streaming", [str(folder)])
    assert child.stdout is not None
    lines = [child.stdout.readline() for _ in range(2)]
    time.sleep(after_s)
    at = time.monotonic()
    child.kill()
    lines += child.communicate()[0].splitlines(keepends=True)
    shown = [line.split() for line in lines[1:] if line.endswith("\n")]
    due = [int(number) for number, when in shown if float(when) < at - _BEHIND_S - _SLACK_S]
    return lines[0].strip(), [int(number) for number, _ in shown], len(due)


@pytest.mark.slow
@pytest.mark.timeout(4 * (60 + 5 * KILLS))
async def test_what_was_shown_half_a_second_before_a_kill_is_there(tmp_path: Path) -> None:
    chance = random.Random(3)
    behind = 0
    for number in range(KILLS):
        conversation, shown, due = _killed(tmp_path, chance.uniform(0.0, 1.4))
        async with await Store.open(tmp_path) as store:
            assert (store.recovered, store.notices) == (1, ()), number
            prompt, answer = (await store.conversations.get(conversation)).messages
            await store._database.read(lambda sql: backups.check(sql, "integrity_check"))
        assert (prompt.text, answer.status) == ("Count!", Status.INTERRUPTED)
        kept = [int(each) for each in answer.text.split()]
        assert kept == list(range(len(kept))), number
        assert len(kept) >= due, number
        behind += due
        assert shown == list(range(len(shown)))
    assert behind > KILLS
