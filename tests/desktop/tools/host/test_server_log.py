"""Logs of servers: bounded, without secrets, and the line that explains a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.tools.host.server_log import MOST_LOG, ServerLog, log_file, quoted


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], ""),
        (["starting", "ready"], "starting"),
        (
            ["Traceback (most recent call last):", '  File "a.py", line 1', "    raise X", "KeyError: 'TOKEN'"],
            "KeyError: 'TOKEN'",
        ),
        (
            ["node:internal/modules", "Error: Cannot find module 'x'", "    at load (a.js:1)", "", "Node.js v20"],
            "Error: Cannot find module 'x'",
        ),
        (["\x1b[31mfatal: failed\x1b[0m \u202etxt"], "fatal: failed txt"),
        (["error " + "x" * 1000], ("error " + "x" * 1000)[:300]),
    ],
)
def test_the_line_that_tells_of_an_error_is_the_reason(tmp_path: Path, lines: list[str], reason: str) -> None:
    log = ServerLog(tmp_path / "a.log")
    log.write(*lines)
    assert log.reason == reason


def test_secrets_are_neither_in_the_file_nor_in_the_reason(tmp_path: Path) -> None:
    log = ServerLog(tmp_path / "a.log", ["hunter22hunter"])
    log.write("error: hunter22hunter is wrong")
    assert log.reason == "error: [secure] is wrong"
    assert (tmp_path / "a.log").read_text() == "error: [secure] is wrong\n"
    assert quoted("a\nhunter22hunter\0", ["hunter22hunter"]) == "a [secure]"


def test_a_log_has_at_most_one_old_file_and_only_its_user_reads_it(tmp_path: Path) -> None:
    log = ServerLog(tmp_path / "logs" / "a.log")
    for _ in range(30):
        log.write(*["x" * 1000] * 100)
    files = [*(tmp_path / "logs").iterdir()]
    assert {file.name for file in files} == {"a.log", "a.log.1"}
    assert max(file.stat().st_size for file in files) <= MOST_LOG
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_folder_that_cannot_be_written_loses_the_log_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    log = ServerLog(tmp_path / "file" / "a.log")
    log.write("error: seen")
    assert log.reason == "error: seen"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a b", "", "ä", "x" * 200, "a/b", "NUL\0"])
def test_each_server_has_a_file_of_its_own_in_the_folder(tmp_path: Path, name: str) -> None:
    file = log_file(tmp_path, name)
    assert file.parent == tmp_path
    assert file != log_file(tmp_path, f"{name}.")
    assert log_file(tmp_path, "plain") == tmp_path / "plain.log"
