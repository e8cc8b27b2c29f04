"""`suites` from its words to its streams and exit status: checked, imported, and the schema printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop.errors import SuiteInvalid
from desktop.evals.suites.suite_file import read_suite
from tests.desktop.terminal.conftest import Desk

SUITE = "schema: paragone-suite/1\nprompts: [a, b]\ncontenders: [lab/a, lab/b]\nrepeats: 3\ncases: [{}, {}]\n"
CONFIG = "prompts: [Hello, file://a.txt]\nproviders: [openai:gpt-4o]\ntests: [{}]\n"


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


async def test_a_suite_is_told_by_its_sizes(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "s.yaml", SUITE)
    assert await desk.run("suites", "check", path) == 0
    assert desk.out == f"{path} is a suite: 2 prompts, 4 cases, 2 contenders, 3 repeats; 24 responses.\n"
    desk.look()
    assert await desk.run("suites", "check", path, "--json") == 0
    found = json.loads(desk.out)
    assert (found["valid"], found["cases"], found["answers"], found["problems"]) == (True, 4, 24, [])


async def test_what_a_suite_lacks_to_be_run_is_told(desk: Desk, tmp_path: Path) -> None:
    text = "schema: paragone-suite/1\nprompts: a\ngraders: [{type: judge, rubric: Good}]\n"
    assert await desk.run("suites", "check", write(tmp_path, "s.yaml", text)) == 0
    assert desk.err.splitlines() == [
        "The suite names no contenders: choose models with run --model.",
        "A judge names no model: add `judge: connection/model`, or its responses are not graded.",
    ]


async def test_parameters_that_may_steer_the_provider_are_listed(desk: Desk, tmp_path: Path) -> None:
    judge = "{type: judge, model: lab/j, rubric: Good, parameters: {tools: [{type: web_search}]}}"
    contender = "{model: lab/a, parameters: {temperature: 0, service_tier: priority}}"
    text = f"schema: paragone-suite/1\nprompts: a\ncontenders: [{contender}]\ngraders: [{judge}]\n"
    path = write(tmp_path, "s.yaml", text)
    assert await desk.run("suites", "check", path) == 0
    assert desk.err.splitlines()[1:] == [
        'lab/a: service_tier = "priority"',
        'lab/j: tools = [{"type": "web_search"}]',
    ]
    desk.look()
    assert await desk.run("suites", "check", path, "--json") == 0
    assert [(each["name"], each["judge"]) for each in json.loads(desk.out)["parameters"]] == [
        ("lab/a", False),
        ("lab/j", True),
    ]


async def test_a_file_that_is_no_suite_is_wrong_use(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "s.yaml", f"{SUITE}nmae: x\nrepeat: 1\n")
    with pytest.raises(SuiteInvalid, match="line 6, column 1"):
        await desk.run("suites", "check", path)
    assert await desk.run("suites", "check", path, "--json") == 2
    found = json.loads(desk.out)
    assert (found["valid"], len(found["problems"])) == (False, 2)


async def test_files_of_others_are_written_beside_them_as_suites(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "mine.yaml", CONFIG)
    assert await desk.run("suites", "import", path) == 1
    assert desk.out == f"{path} (promptfoo): 1 case in {tmp_path / 'mine-2.yaml'}.\n"
    assert desk.err.splitlines() == [
        (
            "Changed: mine.yaml, line 2, column 13: “openai:gpt-4o” does not match any connection: "
            "choose models when you run the suite."
        ),
        "Refused: mine.yaml, line 1, column 18: “file://a.txt” was not imported: it refers to code or a file.",
    ]
    assert read_suite(tmp_path / "mine-2.yaml").prompts[0].turns == ("Hello",)


async def test_a_dry_run_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "mine.jsonl", '{"turns": ["Hello"]}\n')
    assert await desk.run("suites", "import", "--dry-run", path) == 0
    assert desk.out == f"{path} (MT-Bench): 1 case would be imported.\n"
    assert not (tmp_path / "mine.yaml").exists()


async def test_each_of_several_files_is_told(desk: Desk, tmp_path: Path) -> None:
    files = [write(tmp_path, "a.csv", "q\nHello\n"), write(tmp_path, "b.csv", ""), str(tmp_path / "none.yaml")]
    assert await desk.run("suites", "import", "--json", *files) == 1
    found = json.loads(desk.out)["files"]
    assert [(each["kind"], each["cases"], bool(each["written"]), bool(each["problem"])) for each in found] == [
        ("promptfoo CSV", 1, True, False),
        ("", 0, False, True),
        ("", 0, False, True),
    ]


async def test_where_nothing_could_be_taken_that_is_told(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", "prompts: [file://a.txt]\n")
    assert await desk.run("suites", "import", path) == 1
    assert desk.out == f"{path} (promptfoo): nothing was imported.\n"


async def test_of_many_sentences_the_first_are_printed(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", '{"turns": ["a"]}\n' + "{}\n" * 105)
    assert await desk.run("suites", "import", path) == 1
    assert desk.err.splitlines()[-1] == "Refused: 5 more; --json prints all."


async def test_the_schema_is_printed(desk: Desk) -> None:
    assert await desk.run("suites", "schema") == 0
    assert json.loads(desk.out)["title"] == "A suite of Paragone"
