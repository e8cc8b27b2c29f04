"""The record of what was sent: whole lines, private, rotated, and never silently missing."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop.errors import AuditFailed
from desktop.guards.audit import OLD_FILES, Audit


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for file in folder.glob("audit.jsonl*") for line in file.read_text("utf-8").splitlines()]


def test_lines_are_whole_also_from_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(60):
            pool.submit(Audit(tmp_path).write, {"number": number, "text": "ü" * 500})
    assert sorted(entry["number"] for entry in lines(tmp_path)) == [*range(60)]  # pyright: ignore[reportArgumentType]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Audit(tmp_path).write({"a": 1})
    finally:
        os.umask(before)
    assert [each.stat().st_mode & 0o077 for each in tmp_path.glob("audit.*")] == [0, 0]


def test_it_is_rotated_and_the_oldest_go(tmp_path: Path) -> None:
    audit = Audit(tmp_path, most_bytes=200)
    for number in range(100):
        audit.write({"number": number, "text": "x" * 50})
    files = sorted(each.name for each in tmp_path.glob("audit.jsonl*"))
    assert files == ["audit.jsonl", *(f"audit.jsonl.{number}" for number in range(1, OLD_FILES + 1))]
    assert all((tmp_path / name).stat().st_size <= 200 for name in files)
    assert max(int(str(entry["number"])) for entry in lines(tmp_path)) == 99


def test_what_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "audit.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditFailed):
        Audit(tmp_path).write({"a": 1})
    assert (tmp_path / "elsewhere").read_text() == ""
    with pytest.raises(AuditFailed):
        Audit(tmp_path / "elsewhere").write({"a": 1})


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_folders_that_a_link_leads_to_are_made_the_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "logs").symlink_to(tmp_path / "elsewhere" / "logs")
    before = os.umask(0)
    try:
        Audit(tmp_path / "logs").write({"a": 1})
    finally:
        os.umask(before)
    made = tmp_path / "elsewhere", tmp_path / "elsewhere" / "logs"
    assert [each.stat().st_mode & 0o077 for each in made] == [0, 0]
