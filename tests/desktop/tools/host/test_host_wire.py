"""Lines between Paragone and the host: bounded, and never an unexpected error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.tools.host import host_wire
from desktop.tools.host.host_wire import (
    CallTool,
    Changed,
    OAuthSpec,
    Open,
    ServerSpec,
    encode,
    parse_reply,
    parse_request,
)


def test_messages_are_read_as_they_were_written() -> None:
    spec = ServerSpec(name="a", command=("run", "it"), env={"A": "1"}, headers={"B": "2"})
    call = CallTool(id=2, server="a", tool="t", arguments='{"a": "\\n"}', timeout_s=1.5, most_bytes=9)
    for request in (Open(id=1, server=spec), call):
        line = encode(request)
        assert line.count(b"\n") == 1
        assert parse_request(line) == request
    assert parse_reply(encode(Changed(server="a"))) == Changed(server="a")


@given(st.binary(max_size=200))
def test_what_is_no_message_raises_only_value_errors(line: bytes) -> None:
    for parse in (parse_request, parse_reply):
        try:
            parse(line)
        except ValueError:
            continue


@pytest.mark.parametrize("line", [b"[" * 200_000, b'{"type":"output","id":1,"output":' + b'{"a":' * 200_000])
def test_deep_nesting_is_a_value_error(line: bytes) -> None:
    for parse in (parse_request, parse_reply):
        with pytest.raises(ValueError, match=r"."):
            parse(line)


def test_a_line_that_is_too_long_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    line = encode(Changed(server="a"))
    monkeypatch.setattr(host_wire, "MOST_REPLY", len(line) - 1)
    with pytest.raises(ValueError, match="too long"):
        parse_reply(line)


def test_a_spec_prints_without_its_secrets() -> None:
    spec = ServerSpec(
        name="a", command=("run", "--key=hunter2"), env={"TOKEN": "hunter2"}, headers={"Authorization": "hunter2"}
    )
    assert "hunter2" not in repr(spec)
    assert "hunter2" not in repr(ServerSpec(name="a", url="https://me:hunter2@example.org/mcp?key=hunter2"))


def test_values_of_headers_and_long_variables_are_secrets() -> None:
    spec = ServerSpec(name="a", env={"A": "1", "TOKEN": "hunter22"}, headers={"Authorization": "Bearer abcd"})
    assert {*spec.secrets} == {"Bearer abcd", "abcd", "hunter22"}


def test_the_parents_side_does_not_import_the_sdk() -> None:
    code = (
        "import sys, desktop.tools.host.tool_host\n"
        "print([name for name in ('mcp', 'pydantic', 'httpx2') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[4], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_a_sign_in_prints_without_its_credentials() -> None:
    made = OAuthSpec(redirect_uri="http://127.0.0.1:7/", saved="hunter2", client_secret="hunter2")
    assert "hunter2" not in repr(made)
