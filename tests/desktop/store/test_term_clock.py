"""Nothing goes for its age by a clock that jumped ahead, until a day of it has passed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from desktop.store.retention import RetentionRule, TermClock
from desktop.store.store import Store
from tests.desktop.store import made

HOUR, DAY, YEAR = 3_600_000, 86_400_000, 365 * 86_400_000
START = 1_790_000_000_000


def asked(folder: Path, *times: int) -> list[bool]:
    """What the clock is held for at each time, by a process of its own."""
    return [TermClock(folder).is_believed(START + at) for at in times]


@pytest.mark.parametrize(
    ("times", "believed"),
    [
        ([0, HOUR, 5 * DAY, 12 * DAY], [True] * 4),
        ([0, YEAR, YEAR + HOUR, 2 * HOUR, 3 * HOUR], [True, False, False, True, True]),
        ([0, YEAR, 0, YEAR, YEAR + HOUR], [True, False, True, False, False]),
        ([0, 30 * DAY, 30 * DAY + HOUR, 31 * DAY, 31 * DAY + HOUR], [True, False, False, True, True]),
        ([0, 10 * DAY, 20 * DAY, 30 * DAY, 40 * DAY], [True, False, True, False, True]),
        ([0, 9 * YEAR, 5 * YEAR, 5 * YEAR + HOUR, 5 * YEAR + DAY], [True, False, False, False, True]),
        ([0, -9 * YEAR, -9 * YEAR + HOUR, 0, HOUR, DAY], [True, True, True, False, False, True]),
    ],
)
def test_a_clock_that_jumped_ahead_is_believed_a_day_later(
    tmp_path: Path, times: list[int], believed: list[bool]
) -> None:
    assert asked(tmp_path, *times) == believed


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"believed":"x"}', '{"believed":1e400}', "\x00" * 9_999])
def test_what_cannot_be_read_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "clock.json").write_text(text)
    assert asked(tmp_path, 0, YEAR) == [True, False]


def test_where_it_cannot_be_written_a_jump_is_never_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    assert asked(tmp_path, 0) == [True]
    monkeypatch.setattr("desktop.store.retention.write_private", full)
    assert asked(tmp_path, DAY, YEAR, YEAR + 2 * DAY) == [True, False, False]


async def test_what_is_kept_for_days_outlives_an_hour_of_a_clock_that_is_ahead(tmp_path: Path) -> None:
    rule = RetentionRule(90, {"lab": 0})
    for days, gone in ((0, 0), (400, 0), (1, 0), (95, 0), (96, 1)):
        at = made.START + timedelta(days=days)
        async with await Store.open(tmp_path / "data", clock=lambda at=at: at) as store:
            if not days:
                await store.conversations.create(made.conversation(made.prompt("Sky?")))
            assert await store.retention.tidy(rule) == gone
