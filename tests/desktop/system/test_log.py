"""Redaction, file modes and failures of the log."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.redaction.redactor import Mask
from desktop.system import log


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    root = logging.getLogger(log.ROOT)
    before = root.handlers[:]
    yield root
    for handler in [each for each in root.handlers if each not in before]:
        root.removeHandler(handler)
        handler.close()


@pytest.mark.parametrize(
    "text",
    [
        "api-key: 0123456789abcdef0123",
        "Authorization: Bearer 0123456789abcdef0123",
        "{'api_key': '0123456789abcdef0123'}",
        "token=0123456789abcdef0123&x=1",
        "sk-0123456789abcdef0123",
        "nvapi-0123456789abcdef0123",
        "it said AIza0123456789abcdef0123, no",
        "http://user:0123456789abcdef0123@proxy:3128/",
        "http://0123456789abcdef0123@proxy:3128/",
        "http://user:a@0123456789abcdef0123@proxy:3128/",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    assert "0123456789abcdef0123" not in log.redact(text)
    assert "[secure]" in log.redact(text)


def test_ordinary_text_stays() -> None:
    assert log.redact("Secret Service is not there: locked") == "Secret Service is not there: locked"
    assert log.redact("secret Service12 and secret service1234") == "secret [secure] and secret [secure]"
    assert log.redact("https://a.example/b@c and https://d.example") == "https://a.example/b@c and https://d.example"
    assert log.redact("grok-3-mini failed: rate_limited") == "grok-3-mini failed: rate_limited"


def test_what_looks_like_a_secret_is_in_no_line(tmp_path: Path, root: logging.Logger) -> None:
    handler = log.set_up(tmp_path)
    assert handler is not None
    log.logger("test").warning("it said %s", "api-key: 0123456789abcdef0123")
    handler.flush()
    assert (tmp_path / "paragone.log").read_text().endswith("it said api-key: [secure]\n")


def test_tracebacks_are_masked_too(tmp_path: Path, root: logging.Logger) -> None:
    handler = log.set_up(tmp_path)
    assert handler is not None
    try:
        raise ValueError("api-key: 0123456789abcdef0123")
    except ValueError:
        log.logger("test").exception("broke")
    handler.flush()
    text = (tmp_path / "paragone.log").read_text()
    assert "broke" in text
    assert "0123456789abcdef0123" not in text


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_file_is_the_owners_alone(tmp_path: Path, root: logging.Logger) -> None:
    before = os.umask(0)
    try:
        log.set_up(tmp_path)
    finally:
        os.umask(before)
    assert (tmp_path / "paragone.log").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_costs_the_log_alone(tmp_path: Path, root: logging.Logger) -> None:
    assert log.set_up(tmp_path / "missing") is None
    log.logger("test").warning("said into nothing")


WORDS = "a prompt of nobody's business"


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
def test_what_an_error_says_is_in_no_log_but_where_it_came_from_is(
    tmp_path: Path, root: logging.Logger, level: str
) -> None:
    handler = log.set_up(tmp_path, level)
    assert handler is not None

    def inner() -> None:
        """Raise an error that quotes a prompt, from another one that does."""
        try:
            raise KeyError(WORDS)
        except KeyError as error:
            raise ExceptionGroup(WORDS, [ValueError(WORDS), OSError(13, "Permission denied", WORDS)]) from error

    try:
        inner()
    except ExceptionGroup:
        log.logger("test").exception("broke")
    handler.flush()
    text = (tmp_path / "paragone.log").read_text()
    assert WORDS not in text
    for kind in ("builtins.KeyError", "builtins.ValueError", "ExceptionGroup", "PermissionError: Permission denied"):
        assert kind in text
    assert "in inner" in text
    assert __file__ in text


def test_a_key_of_this_run_is_in_no_line_however_it_is_spelled(tmp_path: Path, root: logging.Logger) -> None:
    mask = Mask()
    handler = log.set_up(tmp_path, hide=mask.hide)
    assert handler is not None
    mask.add("abc/DEF+9")
    log.logger("test").warning("one %s, two %s, three %s", "abc/DEF+9", "abc\\/DEF+9", "abc%2FDEF%2B9")
    handler.flush()
    assert (tmp_path / "paragone.log").read_text().endswith("one [secure], two [secure], three [secure]\n")


def test_libraries_print_no_warning_of_their_own(tmp_path: Path) -> None:
    said = "from pathlib import Path; from desktop.system import log; import logging; log.set_up(Path('.'));"
    said += "logging.getLogger('msal.oauth2').warning('Token response is not in json format: secret')"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    done = subprocess.run([sys.executable, "-c", said], cwd=tmp_path, env=environ, capture_output=True, timeout=200)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
