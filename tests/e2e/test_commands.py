"""`connections`, `models`, `doctor` and `chat` as processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import main
from tests.e2e.conftest import KEY
from tests.e2e.program import Program
from tests.servers.faults import FaultServer
from tests.servers.secret_service import is_installed, secret_service

NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
has_keyring = pytest.mark.skipif(
    sys.platform != "linux" or not is_installed(), reason="needs dbus-daemon and gnome-keyring"
)


def test_an_address_is_put_right_and_said(paragone: Program) -> None:
    url = "mine.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21"
    ended = paragone("connections", "add", "foundry", "--kind", "azure-inference", "--url", url, "--key-env", "K")
    assert ended.status == 0
    assert ended.err
    (_, added) = paragone("connections", "list", "--json").json
    assert added["url"].startswith("https://mine.openai.azure.com/openai/deployments/gpt")
    assert "chat/completions" not in added["url"]


def test_plain_http_to_another_machine_is_refused_and_nothing_is_added(paragone: Program) -> None:
    ended = paragone("connections", "add", "x", "--kind", "openai-v1", "--url", "http://example.com/v1")
    assert ended.status == 1
    assert "https" in ended.err
    assert len(paragone("connections", "list", "--json").json) == 1


def test_a_name_is_taken_once(lab: Program, server: FaultServer) -> None:
    ended = lab("connections", "add", "lab", "--kind", "openai-v1", "--url", server.url)
    assert ended.status == 2
    assert "lab" in ended.err


def test_adding_makes_no_call_and_testing_does(paragone: Program, server: FaultServer) -> None:
    before = len(server.requests)
    paragone.add("lab", server.url)
    assert len(server.requests) == before
    ended = paragone("connections", "test", "lab", "--json")
    assert (ended.status, ended.json["state"]) == (0, "ok")
    assert "grok-3-mini" in ended.json["models"]
    assert len(server.requests) > before


def test_a_failing_test_says_why(paragone: Program) -> None:
    paragone.add("gone", "http://127.0.0.1:9/v1")
    ended = paragone("connections", "test", "gone")
    assert ended.status == 1
    assert "127.0.0.1" in ended.err


def test_a_removed_connection_is_gone(lab: Program) -> None:
    assert lab("connections", "remove", "lab").status == 0
    assert len(lab("connections", "list", "--json").json) == 1
    assert lab("connections", "remove", "lab").status == 1
    assert lab("connections", "remove", "embedded").status == 2


def test_without_a_keyring_a_key_is_not_kept_and_it_is_said(paragone: Program, server: FaultServer) -> None:
    words = ("connections", "add", "lab", "--kind", "openai-v1", "--url", server.url, "--key-stdin")
    ended = paragone(*words, given=KEY + "\n")
    assert ended.status == 0
    assert "only kept until the program ended" in ended.err
    assert "--key-env" in ended.err
    assert not any(KEY.encode() in data for data in paragone.files().values())


@has_keyring
def test_with_a_keyring_the_key_serves_the_next_run_and_leaves_with_the_connection(
    paragone: Program, server: FaultServer, tmp_path: Path
) -> None:
    with secret_service(tmp_path / "bus") as service:
        environ = service.environ
        words = ("connections", "add", "lab", "--kind", "openai-v1", "--url", server.url, "--key-stdin")
        ended = paragone(*words, given=KEY, environ=environ)
        assert "GNOME Keyring" in ended.out
        assert paragone("ask", "--model", "lab/grok-3", "hello", environ=environ).status == 0
        assert paragone("connections", "remove", "lab", environ=environ).status == 0
        paragone(*words[:-1], environ=environ)
        ended = paragone("ask", "--model", "lab/grok-3", "hello", environ=environ)
        assert (ended.status, "no key" in ended.err.lower()) == (1, True)


def test_models_are_listed_with_what_the_catalog_knows(lab: Program) -> None:
    rows = {row["ref"]: row for row in lab("models", "--json").json}
    mini = rows["lab/grok-3-mini"]
    assert {*mini} >= {
        "ref", "connection", "name", "publisher", "context_window", "max_output", "reasoning", "vision",
        "price_in", "price_out", "retired_on", "successor",
    }  # fmt: skip
    assert (mini["publisher"], mini["retired_on"]) == ("xAI", "2026-05-01")
    assert "embedded/smollm2" in rows


def test_a_connection_that_fails_does_not_hide_the_others(lab: Program) -> None:
    lab.add("gone", "http://127.0.0.1:9/v1")
    ended = lab("models", "--json")
    assert ended.status == 1
    assert "gone" in ended.err
    assert any(row["connection"] == "lab" for row in ended.json)


def test_doctor_explains_the_machine_and_a_missing_keyring_is_a_warning(lab: Program) -> None:
    ended = lab("doctor", "--json")
    checks = {check["name"]: check for check in ended.json}
    assert ended.status == 0, checks
    assert all({"name", "state", "detail", "hint"} == {*check} for check in checks.values())
    assert checks["keyring"]["state"] == "warning"
    assert checks["connection lab"]["state"] == "ok"
    assert checks["connection embedded"]["state"] == "ok"


def test_doctor_fails_with_a_connection_that_does_not_answer(paragone: Program) -> None:
    paragone.add("gone", "http://127.0.0.1:9/v1")
    ended = paragone("doctor")
    assert ended.status == 1
    assert "connection gone" in ended.out


def test_prompts_piped_into_chat_are_answered_line_by_line_and_kept(lab: Program) -> None:
    ended = lab("chat", "--model", "lab/echo", given="first\n\nsecond\n")
    assert ended.status == 0
    assert ended.out.index("first") < ended.out.index("second")
    (only,) = lab("conversations", "list", "--json").json
    assert only["title"] == "first"
    assert only["message_count"] == 4


def test_a_chat_goes_on_after_a_failure_and_says_so_at_the_end(lab: Program) -> None:
    ended = lab("chat", "--model", "lab/500", given="hello\n/model lab/grok-3\nhello\n")
    assert ended.status == 1
    assert "Hello from" in ended.out


def test_without_a_command_and_a_display_the_embedded_model_answers(paragone: Program) -> None:
    ended = paragone(given="What is the capital of France?\n", environ=NO_DISPLAY)
    assert ended.status == 0, ended.err
    assert "Paris" in ended.out


def test_the_data_folder_that_cannot_be_made_is_a_sentence(paragone: Program) -> None:
    (paragone.folder / "data").write_text("a file in the way")
    ended = paragone("models")
    assert ended.status == 1
    assert "Traceback" not in ended.err


def test_a_model_cannot_steer_the_terminal(lab: Program) -> None:
    ended = lab("ask", "--model", "lab/echo", "a\x1b]0;evil\x07b\x9bc")
    assert "\x1b" not in ended.out
    assert "\x9b" not in ended.out


def test_the_portals_own_page_is_no_endpoint(paragone: Program) -> None:
    url = "https://ai.azure.com/resource/overview?wsid=x"
    ended = paragone("connections", "add", "x", "--kind", "azure-inference", "--url", url, "--key-env", "K")
    assert ended.status == 1
    assert "portal" in ended.err


def test_a_file_that_is_no_model_is_refused_when_it_is_added(paragone: Program) -> None:
    (paragone.folder / "note.gguf").write_text("not a model")
    ended = paragone("connections", "add", "own", "--kind", "embedded", "--file", "note.gguf")
    assert ended.status == 1
    assert len(paragone("connections", "list", "--json").json) == 1


def test_a_mistyped_command_is_not_sent(lab: Program, server: FaultServer) -> None:
    before = len(server.requests)
    ended = lab("chat", "--model", "lab/echo", given="/quite\n")
    assert "/quite" in ended.err
    assert len(server.requests) == before


@pytest.mark.parametrize("surroundings", [{"TZ": "<+99>99"}, {"SSLKEYLOGFILE": "/nowhere/at/all"}])
def test_surroundings_that_libraries_fail_at_are_left_out(lab: Program, surroundings: dict[str, str]) -> None:
    lab.add("far", "https://127.0.0.1:9/v1")
    asked = lab("ask", "--model", "lab/grok-3", "--save", "Hello", environ=surroundings)
    assert asked.status == 0, asked.err
    assert lab("conversations", "list", environ=surroundings).status == 0
    refused = lab("ask", "--model", "far/x", "Hello", environ=surroundings)
    assert "127.0.0.1:9 is not reachable" in refused.err


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such file")
def test_the_log_of_session_keys_that_somebody_wants_is_written(tmp_path: Path) -> None:
    environ = {"SSLKEYLOGFILE": str(tmp_path / "keys.log")}
    main.mend_surroundings(environ)
    assert environ["SSLKEYLOGFILE"]
    os.mkfifo(tmp_path / "pipe")
    environ["SSLKEYLOGFILE"] = str(tmp_path / "pipe")
    main.mend_surroundings(environ)
    assert environ == {}
