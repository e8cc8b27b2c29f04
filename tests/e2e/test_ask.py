"""`ask` as a process: what it prints, how it ends, and what each fault looks like to its user."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from itertools import groupby

import pytest

from desktop.store.store import Store
from tests.e2e.conftest import KEY
from tests.e2e.program import Program
from tests.servers.faults import FaultServer


def test_the_answer_goes_to_standard_output_alone(lab: Program) -> None:
    ended = lab("ask", "--model", "lab/grok-3", "hello")
    assert ended.status == 0
    assert ended.out.strip()
    assert ended.err == ""


def test_a_dash_reads_the_prompt_from_standard_input(lab: Program, server: FaultServer) -> None:
    ended = lab("ask", "--model", "lab/grok-3", "-", given="from a pipe, in 日本語")
    assert ended.status == 0
    assert server.asked("grok-3")[-1].json["messages"][-1]["content"] == "from a pipe, in 日本語"


def test_system_prompt_and_parameters_are_sent_and_nothing_else(lab: Program, server: FaultServer) -> None:
    lab("ask", "--model", "lab/grok-3", "--system", "Be brief.", "--param", "temperature=0.5", "hello")
    sent = server.asked("grok-3")[-1].json
    assert sent["temperature"] == 0.5
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    assert {*sent} == {"model", "messages", "stream", "stream_options", "temperature"}


def test_what_an_ordinary_prompt_does_not_touch_is_not_imported(lab: Program) -> None:
    """Each module is a part of a millisecond, of what a command in a script takes."""
    words = ("ask", "--save", "--json", "--model", "lab/grok-3", "hello")
    assert lab(*words).status == 0  # the first makes the database
    ended = lab(*words, environ={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in ended.err.splitlines() if line.startswith("import time:")}
    assert {"desktop.session.answer", "desktop.store.store"} <= imported
    late = {f"desktop.{name}" for name in ("attachments.attachment_desk", "heap", "evaluation.distance")}
    late |= {f"desktop.store.{name}" for name in ("opening.salvage", "search.query", "restore", "rounds", "receipts")}
    assert not late & imported


def test_json_lines_end_with_usage_and_one_finish(lab: Program) -> None:
    lines = lab("ask", "--json", "--model", "lab/grok-3-mini", "hello").lines
    events = [line["event"] for line in lines]
    assert events[0] == "start"
    assert events[-2:] == ["usage", "finish"]
    assert {"text", "reasoning"} <= {*events}
    assert all(line["model"] == "lab/grok-3-mini" for line in lines)
    finish = lines[-1]
    assert finish["reason"] == "stop"
    assert finish["ttft_ms"] > 0
    assert finish["duration_ms"] >= finish["ttft_ms"]
    assert finish["cost"] > 0


def test_several_models_answer_and_one_that_fails_leaves_the_others(lab: Program) -> None:
    refs = ["lab/grok-3", "lab/cut", "lab/gpt-4o", "nowhere/x"]
    ended = lab("ask", "--json", *(word for ref in refs for word in ("--model", ref)), "hello")
    assert ended.status == 1
    lines = sorted(ended.lines, key=lambda line: line["model"])
    last = {ref: [line["event"] for line in of][-1] for ref, of in groupby(lines, key=lambda line: line["model"])}
    assert last == {"lab/grok-3": "finish", "lab/cut": "error", "lab/gpt-4o": "finish", "nowhere/x": "error"}
    ends = [line for line in lines if line["event"] in ("finish", "error")]
    assert len(ends) == len(refs)


def test_the_same_model_may_be_asked_twice(lab: Program) -> None:
    ended = lab("ask", "--json", "--model", "lab/grok-3", "--model", "lab/grok-3", "hello")
    assert [line["event"] for line in ended.lines].count("finish") == 2


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("cut", "interrupted"),
        ("rst", None),
        ("html", "not_a_stream"),
        ("redirect", "redirected"),
        ("401", "authentication_failed"),
        ("403", "permission_denied"),
        ("404-deployment", "deployment_not_found"),
        ("410", "route_retired"),
        ("500", "server_failed"),
        ("filter-prompt", "content_filter"),
        ("error-in-stream", None),
    ],
)
def test_each_fault_is_an_error_with_a_sentence_and_a_hint(lab: Program, model: str, code: str | None) -> None:
    ended = lab("ask", "--json", "--model", f"lab/{model}", "hello")
    error = ended.lines[-1]
    assert ended.status == 1
    assert error["event"] == "error"
    if code is not None:
        assert error["code"] == code
    assert error["message"]
    assert error["hint"]
    assert "Traceback" not in ended.err


def test_in_words_an_error_is_a_sentence_and_a_hint_on_standard_error(lab: Program) -> None:
    ended = lab("ask", "--model", "lab/html", "hello")
    assert (ended.status, ended.out) == (1, "")
    sentence, hint = ended.err.splitlines()
    assert sentence.endswith(".")
    assert hint.startswith("  ")


def test_text_so_far_is_printed_before_the_error(lab: Program) -> None:
    ended = lab("ask", "--model", "lab/cut", "hello")
    assert ended.out.strip()
    assert ended.status == 1


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("ask", "--model", "noslash", "hello"),
        ("ask", "--param", "temperature=hot", "hello"),
        ("ask", " "),
        ("frobnicate",),
        ("conversations",),
    ],
)
def test_wrong_use_has_status_2_and_no_traceback(paragone: Program, words: tuple[str, ...]) -> None:
    ended = paragone(*words)
    assert ended.status == 2
    assert ended.err
    assert "Traceback" not in ended.err


def test_a_wrong_address_is_named(paragone: Program) -> None:
    paragone.add("gone", "http://127.0.0.1:9/v1")
    ended = paragone("ask", "--json", "--model", "gone/x", "hello")
    assert ended.lines[-1]["code"] == "connect_failed"
    assert "127.0.0.1" in ended.lines[-1]["message"]


def test_a_wrong_key_is_refused_in_words(lab: Program) -> None:
    ended = lab("ask", "--json", "--model", "lab/grok-3", "hello", environ={"TEST_KEY": "wrong-key-0123456789"})
    assert ended.lines[-1]["code"] == "authentication_failed"
    assert "wrong-key" not in ended.out + ended.err


def test_an_unset_variable_is_named(lab: Program) -> None:
    ended = lab("ask", "--model", "lab/grok-3", "hello", environ={"TEST_KEY": ""})
    assert ended.status == 1
    assert "TEST_KEY" in ended.err


def test_nothing_is_kept_without_save(lab: Program) -> None:
    lab("ask", "--model", "lab/grok-3", "a secret thought")
    assert lab("conversations", "list", "--json").json == []
    assert not any(b"a secret thought" in data for data in lab.files().values())


async def test_several_models_that_are_kept_make_a_comparison(lab: Program) -> None:
    lab("ask", "--save", "--model", "lab/grok-3", "--model", "lab/500", "What is the capital?")
    lab("ask", "--save", "--model", "lab/grok-3", "alone")
    async with await Store.open(lab.folder / "data" / "data") as store:
        (listed,) = await store.comparisons.list()
        assert listed.title == "What is the capital?"
        assert [model.name for model in listed.models] == ["grok-3", "500"]
        answered = await store.conversations.get(listed.conversations[0])
        assert answered.path()[0].text == "What is the capital?"


def test_fifty_answers_at_once(lab: Program) -> None:
    words = [word for _ in range(50) for word in ("--model", "lab/grok-3")]
    ended = lab("ask", "--json", "--save", *words, "hello")
    assert ended.status == 0, ended.err
    assert sum(line["event"] == "finish" for line in ended.lines) == 50
    assert len(lab("conversations", "list", "--json").json) == 50


def test_the_key_is_in_no_file(lab: Program) -> None:
    for model in ("grok-3", "401", "500", "cut"):
        lab("ask", "--save", "--model", f"lab/{model}", "hello")
    lab("doctor")
    assert not any(KEY.encode() in data for data in lab.files().values())


def test_azure_foundry_answers_under_all_three_addresses(paragone: Program, server: FaultServer) -> None:
    for name, path in (
        ("v1", "/openai/v1"),
        ("inference", "/models"),
        ("deployment", "/openai/deployments/grok-3?api-version=2024-10-21"),
    ):
        paragone.add(name, server.origin + path, kind="azure-inference")
        ended = paragone("ask", "--json", "--model", f"{name}/grok-3", "hello")
        assert ended.status == 0, (name, ended.out, ended.err)
        assert ended.lines[-1]["reason"] == "stop"


def test_a_reader_that_goes_away_is_no_crash(lab: Program) -> None:
    process = lab.start("ask", "--json", "--model", "lab/long:3000", "hello")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "start"
    process.stdout.close()
    assert process.stderr is not None
    with process:
        assert "Traceback" not in process.stderr.read()
        assert process.wait(20) == 1


def test_a_reader_that_goes_away_stops_the_answer_and_what_came_is_kept(lab: Program) -> None:
    process = lab.start("ask", "--save", "--model", "lab/slow:200:2000", "hello")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(20)
    process.stdout.close()
    with process:
        process.wait(20)
    (only,) = lab("conversations", "list", "--json").json
    answer = lab("conversations", "export", only["id"]).json["conversations"][0]["messages"][1]
    assert (answer["status"], "problem" in answer) == ("stopped", False)


@pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/full and a shell")
@pytest.mark.parametrize("redirection", [">&-", "<&-", ">/dev/full", "2>&-"])
def test_closed_or_full_standard_streams_are_no_crash(lab: Program, redirection: str) -> None:
    command = " ".join(shlex.quote(word) for word in lab.command(["ask", "--model", "lab/plain", "-"]))
    done = subprocess.run(
        f"printf hi | {command} {redirection}", shell=True, capture_output=True, text=True, env=lab.surroundings({})
    )
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are text there")
def test_bytes_that_are_no_text_in_an_argument_are_replaced(lab: Program) -> None:
    done = subprocess.run(
        [*(os.fsencode(word) for word in lab.command(["ask", "--model", "lab/echo"])), b"caf\xe9"],
        capture_output=True,
        env=lab.surroundings({}),
    )
    assert done.returncode == 0, done.stderr
    assert b"caf" in done.stdout
