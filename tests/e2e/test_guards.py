"""Guards, budget and record as the terminal has them, and the file for support."""

from __future__ import annotations

import json
import zipfile

from tests.e2e.program import Program

KEY = "sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"


def put(program: Program, text: str) -> None:
    settings = program.folder / "data" / "config" / "settings.toml"
    settings.write_text(settings.read_text("utf-8") + text, "utf-8")


def test_a_flagged_prompt_fails_with_its_code_and_goes_where_that_is_allowed(lab: Program) -> None:
    ended = lab("ask", "--model", "lab/echo", "--json", f"use {KEY}")
    assert ended.status == 1
    (error,) = [line for line in ended.lines if line["event"] == "error"]
    assert error["code"] == "prompt_flagged"
    assert "an API key" in error["message"]
    assert "lab/echo at 127.0.0.1" in error["message"]
    assert "--allow-flagged" in error["hint"]
    ended = lab("ask", "--model", "lab/echo", "--allow-flagged", f"use {KEY}")
    assert (ended.status, KEY in ended.out) == (0, True)


def test_a_blocked_prompt_does_not_go_even_so(lab: Program) -> None:
    put(lab, '\n[guards]\npatterns = "block customer number: C-\\\\d{8}"\n')
    ended = lab("ask", "--model", "lab/echo", "--allow-flagged", "about C-12345678")
    assert ended.status == 1
    assert "customer number" in ended.err
    assert lab("ask", "--model", "lab/echo", "about C-1234").status == 0


def test_the_record_names_what_was_sent_and_holds_no_text(lab: Program) -> None:
    put(lab, "\n[audit]\nlog = true\n")
    assert lab("ask", "--model", "lab/echo", "hello there").status == 0
    file = lab.folder / "data" / "logs" / "audit.jsonl"
    (entry,) = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert (entry["event"], entry["model"], entry["host"]) == ("sent", "lab/echo", "127.0.0.1")
    assert "hello" not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_file_for_support_is_written_and_holds_no_key(lab: Program) -> None:
    target = lab.folder / "bundle.zip"
    ended = lab("doctor", "--bundle", str(target))
    assert "bundle.zip" in ended.err
    with zipfile.ZipFile(target) as bundle:
        held = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert "connection lab" in held["checks.txt"]
    assert lab.environ
    assert not any(value in text for value in lab.environ.values() for text in held.values())


def test_a_bundle_that_cannot_be_written_is_an_error_in_words(lab: Program) -> None:
    ended = lab("doctor", "--bundle", str(lab.folder / "nowhere" / "b.zip"))
    assert ended.status == 1
    assert "could not be written" in ended.err
    assert "Traceback" not in ended.err


def test_a_key_for_a_connection_that_is_there_needs_a_keyring_and_says_so(paragone: Program) -> None:
    ended = paragone("connections", "add", "far", "--kind", "openai-v1", "--url", "https://far.example/v1")
    assert ended.status == 0
    ended = paragone("connections", "key", "far", given="sk-0123456789\n")
    assert ended.status == 1
    assert "keyring" in ended.err
    assert paragone("connections", "key", "embedded", given="x\n").status == 2
