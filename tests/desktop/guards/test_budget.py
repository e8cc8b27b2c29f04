"""What a month cost, in one file for all programs that run."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from desktop.errors import SettingsError
from desktop.guards.budget import Ledger


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_costs_add_up_within_a_month_of_utc_and_begin_anew(tmp_path: Path) -> None:
    file = tmp_path / "spending.json"
    now = at("2026-11-30T23:00:00+00:00")
    ledger = Ledger(file, clock=lambda: now)
    assert ledger.add(1.5) == 1.5
    assert Ledger(file, clock=lambda: now).add(0.25) == 1.75
    now = datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert ledger.spent() == 1.75  # in UTC it is November still
    now = at("2026-12-01T00:00:00+00:00")
    assert ledger.spent() == 0
    assert ledger.month == datetime(2026, 12, 1, tzinfo=UTC)


def test_what_the_store_knows_only_raises_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "spending.json")
    assert ledger.at_least(3.0) == 3.0
    assert ledger.at_least(1.0) == 3.0
    assert ledger.add(-5) == 3.0


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"x": 1}', '{"2026-11": "much"}', '{"2026-11": -1}', "[" * 50_000,
        '{"2026-11": 1%s}' % ("0" * 400), '{"2026-11": 1e999}', '{"2026-11": NaN}',
    ],
)  # fmt: skip
def test_a_broken_file_counts_nothing_and_is_written_anew(tmp_path: Path, text: str) -> None:
    file = tmp_path / "spending.json"
    file.write_text(text)
    ledger = Ledger(file, clock=lambda: at("2026-11-02T00:00:00+00:00"))
    assert ledger.spent() == 0
    assert ledger.add(2) == 2
    assert ledger.spent() == 2
    assert file.stat().st_mode & 0o077 == 0


def test_a_file_beyond_all_measure_counts_nothing(tmp_path: Path) -> None:
    file = tmp_path / "spending.json"
    file.touch()
    os.truncate(file, 1 << 40)
    assert Ledger(file).spent() == 0


def test_many_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "spending.json"
    with ThreadPoolExecutor(8) as pool:
        for _ in range(40):
            pool.submit(Ledger(file).add, 0.5)
    assert Ledger(file).spent() == 20


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError):
        Ledger(tmp_path / "file" / "spending.json").add(1)
