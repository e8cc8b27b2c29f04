"""A suite's file is taken whole, or every problem in it is told with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import msgspec
import pytest

from desktop.domain.conversation_types import JsonValue, ModelRef
from desktop.errors import SuiteInvalid, UsageError
from desktop.evals.suites.suite import Suite, SuiteLimits, SuitePrompt, ToolMode
from desktop.evals.suites.suite_file import read_suite, suite_from_json, suite_json, suite_of, suite_yaml

WHOLE = """\
schema: paragone-suite/1
name: Support replies
description: What customers ask
system: You answer customers of a bicycle shop.
tags: [de]
prompts:
  - "Reply in {{language}}: {{mail}}"
  - [Read this., "Now reply in {{language}} to {{mail}}"]
  - {turns: ["{{mail}}"]}
contenders:
  - lab/plain
  - {model: lab/other, parameters: {temperature: 0, stop: END}, system: "", label: Cold}
cases:
  - vars: {language: German, mail: no}
    graders: [{type: not-icontains, value: "{{mail}}", weight: 2, metric: tone}, is-json]
    tags: [de, mail]
    cluster: a
    threshold: 0.5
  - {vars: {language: 1.30, mail: 012}, description: numbers}
  - {turns: [Hello, "And {{x}}?"], vars: {x: on}}
repeats: 3
graders: [{type: judge, model: lab/judge, rubric: Polite.}]
limits: {cost_usd: 2.00, concurrency: 8, per_minute: 60}
"""


EMPTY: dict[str, JsonValue] = {}


def write(folder: Path, text: str, name: str = "suite.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def suite(**fields: object) -> Suite:
    """A small suite with some fields of its own."""
    usual: dict[str, object] = {"schema": "paragone-suite/1", "prompts": ["Hello"], "contenders": ["lab/a"]}
    return suite_of(cast("dict[str, JsonValue]", {**usual, **fields}))


def told(path: Path) -> list[str]:
    with pytest.raises(UsageError) as caught:
        read_suite(path)
    return str(caught.value.message).splitlines()


def test_every_field_is_read(tmp_path: Path) -> None:
    found = read_suite(write(tmp_path, WHOLE))
    assert (found.name, found.repeats, found.planned_tags) == ("Support replies", 3, ("de",))
    assert found.limits == SuiteLimits(cost_usd=2.0, concurrency=8, per_minute=60)
    assert [len(prompt.turns) for prompt in found.prompts] == [1, 2, 1, 2]
    first, second = found.contenders
    assert (first.model, first.name, first.system) == (ModelRef(connection="lab", name="plain"), "lab/plain", None)
    assert (second.name, second.parameters, second.system) == ("Cold", {"temperature": 0.0, "stop": ["END"]}, "")
    assert [(case.origin, case.prompt) for case in found.cases] == [
        (0, 0),
        (0, 1),
        (0, 2),
        (1, 0),
        (1, 1),
        (1, 2),
        (2, 3),
    ]
    case = found.cases[0]
    assert (case.tags, case.cluster, case.threshold) == (("de", "mail"), "a", 0.5)
    assert [grader.name for grader in case.graders] == ["judge", "not-icontains", "is-json"]
    assert (case.graders[1].weight, case.graders[1].metric) == (2.0, "tone")


def test_numbers_and_words_of_variables_are_texts_as_they_are_written(tmp_path: Path) -> None:
    found = read_suite(write(tmp_path, WHOLE))
    assert [case.vars for case in found.cases[::3]] == [
        {"language": "German", "mail": "no"},
        {"language": "1.30", "mail": "012"},
        {"x": "on"},
    ]
    assert found.turns(found.cases[-1]) == ("Hello", "And on?")


def test_a_suite_is_kept_as_json_and_made_of_it_again(tmp_path: Path) -> None:
    found = read_suite(write(tmp_path, WHOLE))
    kept = suite_json(found)
    assert suite_from_json(json.loads(json.dumps(kept))) == found
    assert len(cast("list[JsonValue]", kept["graders"])) == 3


NO_SUITES: list[dict[str, JsonValue]] = [
    {},
    {"name": 1},
    {"name": "", "prompts": [], "contenders": [], "cases": [EMPTY]},
    {"name": "", "prompts": [{"turns": []}], "contenders": [], "cases": [EMPTY]},
]


@pytest.mark.parametrize("kept", NO_SUITES)
def test_what_no_suite_was_kept_as_is_refused(kept: dict[str, JsonValue]) -> None:
    with pytest.raises(SuiteInvalid):
        suite_from_json(kept)


def test_toml_is_read_as_yaml_is(tmp_path: Path) -> None:
    text = (
        'schema = "paragone-suite/1"\nprompts = ["{{a}}"]\ncontenders = ["lab/a"]\nrepeats = 2\n'
        '[[cases]]\ntags = ["x"]\n[cases.vars]\na = 1.30\n[[cases.graders]]\ntype = "contains"\nvalue = "b"\n'
    )
    found = read_suite(write(tmp_path, text, "suite.toml"))
    assert (found.name, found.repeats, found.cases[0].vars) == ("suite", 2, {"a": "1.30"})
    assert read_suite(write(tmp_path, text, "suite.txt")) == found


def test_without_cases_there_is_one_without_variables() -> None:
    assert len(suite().cases) == 1
    assert suite(prompts="Hello", contenders=[]).contenders == ()


def test_contenders_of_one_model_are_told_apart_by_what_differs() -> None:
    found = suite(contenders=["lab/a", {"model": "lab/a", "parameters": {"temperature": 1}}, "lab/a", "lab/b"])
    names = [each.name for each in found.contenders]
    assert names == ["lab/a #1", "lab/a (temperature 1.0)", "lab/a #2", "lab/b"]


def test_a_contender_s_name_has_an_end() -> None:
    with pytest.raises(SuiteInvalid, match="can have at most 300 characters"):
        suite(contenders=[{"model": "lab/a", "label": "x" * 301}])
    with pytest.raises(SuiteInvalid, match="can have at most 300 characters"):
        suite(contenders=["lab/" + "a" * 300])
    many = {f"name{number}": "x" * 50 for number in range(200)}
    found = suite(contenders=[{"model": "lab/a", "parameters": {**many, "seed": seed}} for seed in range(3)])
    assert len({each.name for each in found.contenders}) == 3
    assert suite_from_json(suite_json(found)) == found


def test_a_judge_that_all_share_is_named_once() -> None:
    found = suite(
        judge="lab/judge",
        graders=[{"type": "judge", "rubric": "Good"}, {"type": "judge", "rubric": "x", "model": "a/b"}],
    )
    assert [each.options["model"] for each in found.cases[0].graders] == ["lab/judge", "a/b"]


def test_all_problems_are_told_at_once_each_with_line_and_column(tmp_path: Path) -> None:
    bad = """\
schema: paragone-suite/1
nmae: x
prompts: ["{{a}} {{b|upper}}", [hi, "{% if %}"]]
contenders: [foo, {model: a/b, parameters: {temperature: 9}}]
cases:
  - {vars: {c: 1}, graders: [{type: contians, value: 1}, {type: latency}]}
  - {vrs: 1}
repeats: 0
limits: {concurency: 1}
"""
    found = told(write(tmp_path, bad))
    assert [line.partition(": ")[0].removeprefix("suite.yaml, ") for line in found] == [
        "line 2, column 1",
        "line 3, column 11",
        "line 3, column 37",
        "line 4, column 14",
        "line 4, column 58",
        "line 6, column 5",
        "line 6, column 37",
        "line 6, column 58",
        "line 7, column 5",
        "line 7, column 6",
        "line 8, column 10",
        "line 9, column 10",
    ]
    assert found[0].endswith("“nmae” is not a known field. Did you mean “name”?")
    assert found[5].endswith("Prompt 1 uses “a”, which case 1 does not define.")
    assert found[6].endswith("Did you mean “contains”?")


def test_no_more_than_twenty_problems_are_told_one_by_one(tmp_path: Path) -> None:
    names = "".join(f"wrong{number}: 1\n" for number in range(30))
    found = told(write(tmp_path, f"schema: paragone-suite/1\nprompts: [Hello]\n{names}"))
    assert (len(found), found[-1]) == (21, "There are 10 more problems.")


def test_nobody_looks_for_more_than_a_thousand_problems(tmp_path: Path) -> None:
    names = "".join(f"wrong{number}: 1\n" for number in range(20_000))
    assert told(write(tmp_path, f"schema: paragone-suite/1\n{names}"))[-1] == "There are 980 more problems."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("prompts: [x]", "This file is not marked as a suite: suites begin with `schema: paragone-suite/1`."),
        ("schema: paragone-suite/2", "The schema must be paragone-suite/1, not “paragone-suite/2”."),
        ("providers: [x]\ntests: []", "This looks like a promptfoo file: import it with `paragone suites import`."),
        ("[1]", "A suite must be a table, not a list."),
        ("", "The file is empty."),
    ],
)
def test_what_is_no_suite_is_told_once(tmp_path: Path, text: str, problem: str) -> None:
    (found,) = told(write(tmp_path, text))
    assert found.endswith(problem)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"cases": []}, "The suite has no cases."),
        ({"prompts": [], "cases": [EMPTY]}, "This case has no prompt."),
        ({"prompts": [" "]}, "This prompt contains no text."),
        ({"prompts": [[["x"]]]}, "A turn must be text, not a list."),
        ({"prompts": [{"turn": ["x"]}]}, "Did you mean “turns”?"),
        ({"cases": [{"vars": {"a": ["1", "2"]}}]}, "The variable “a” must be text, not a list."),
        (
            {"contenders": [{"model": "lab/a", "label": "x"}, {"model": "lab/b", "label": "x"}]},
            "have the same name: “x”.",
        ),
        ({"contenders": [{"label": "x"}]}, "A contender needs a model"),
        ({"repeats": 1001}, "“repeats” must be a whole number from 1 to 1,000, not “1001”."),
        ({"limits": {"cost_usd": -1}}, "must be a number from 0 to"),
        ({"limits": {"cost_usd": "x"}}, "“cost_usd” must be a number, not “x”."),
        ({"graders": {"type": "is-json"}}, "“graders” must be a list, not a table."),
        (
            {"graders": [{"type": "contains", "value": "{{b}}"}]},
            "Grader 1 (contains) uses “b”, which case 1 does not define.",
        ),
        ({"cases_from": "cases.csv"}, "“cases.csv” is not in the suite's folder"),
        ({"judge": "x"}, "“x” is not a valid model name."),
        ({"graders": ["is-json"] * 101}, "A list can have at most 100 graders."),
        (
            {"prompts": ["{{x}}" * 1000], "cases": [{"vars": {"x": "y" * 5000}}]},
            "With variables filled in, a text has more than 4 million characters.",
        ),
        ({"name": ["x"]}, "“name” must be text, not a list."),
    ],
)
def test_each_problem_has_a_sentence(fields: dict[str, object], problem: str) -> None:
    with pytest.raises(SuiteInvalid) as caught:
        suite(**fields)
    assert problem in caught.value.message


def test_more_answers_than_can_be_held_are_refused_before_they_are_spread() -> None:
    assert len(suite(cases=[EMPTY] * 1000, repeats=1000).cases) == 1000
    with pytest.raises(SuiteInvalid, match="would produce 1,001,000 responses; the maximum is 1,000,000"):
        suite(cases=[EMPTY] * 1001, repeats=1000)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"schema: \xff", "line 1: This file is not encoded in UTF-8"),
        ("schema = ".encode("utf-16"), "This file is not marked|A suite must be a table"),
        (b"x" * ((16 << 20) + 1), "larger than 16 MB"),
    ],
)
def test_bytes_that_are_no_suite_are_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "suite.yaml"
    path.write_bytes(data)
    with pytest.raises(SuiteInvalid, match=problem):
        read_suite(path)


def test_a_byte_order_mark_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    plain = read_suite(write(tmp_path, WHOLE))
    for encoding in ("utf-8-sig", "utf-16"):
        path.write_bytes(WHOLE.encode(encoding))
        assert read_suite(path) == plain


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    assert "could not be read" in told(tmp_path / "none.yaml")[0]
    assert "could not be read" in told(tmp_path)[0]


@pytest.mark.parametrize("text", ["a = 1\na = 2", "a = [", "[a]\n[a]", "a = " + "[" * 2000])
def test_toml_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (found,) = told(write(tmp_path, text, "suite.toml"))
    assert found.startswith("suite.toml")


def test_what_is_written_reads_back_equal(tmp_path: Path) -> None:
    found = read_suite(write(tmp_path, WHOLE))
    text = suite_yaml(found, remarks=("Made of\nsomething",))
    assert text.startswith("# Made of something\nschema: paragone-suite/1\n")
    assert read_suite(write(tmp_path, text)) == found


def test_a_suite_of_own_turns_alone_reads_back_equal(tmp_path: Path) -> None:
    found = suite(prompts=[], cases=[{"turns": ["a", "b"]}, {"turns": "c"}], contenders=[])
    assert found.prompts == (SuitePrompt(turns=("a", "b")), SuitePrompt(turns=("c",)))
    text = suite_yaml(found)
    assert read_suite(write(tmp_path, text)).cases == found.cases


def test_a_suite_that_lost_cases_cannot_be_written(tmp_path: Path) -> None:
    found = suite(cases=[EMPTY, EMPTY])
    with pytest.raises(ValueError, match="missing"):
        suite_yaml(msgspec.structs.replace(found, cases=found.cases[1:]))


@pytest.mark.parametrize("name", ["../other.csv", "/etc/hostname", "link.csv", "https://a/b.csv"])
def test_cases_come_from_beside_the_suite_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "other.csv").write_text("a\n1\n")
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "other.csv")
    file = folder / "suite.yaml"
    file.write_text(
        f"schema: paragone-suite/1\nname: x\nprompts: ['{{{{a}}}}']\ncontenders: [lab/a]\ncases_from: {name}\n"
    )
    with pytest.raises(SuiteInvalid, match="is not in the suite's folder"):
        read_suite(file)


def test_a_key_of_a_thousand_parts_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "suite.toml"
    file.write_text("a" + ".a" * 20_000 + " = 1\n")
    with pytest.raises(SuiteInvalid, match="line 1: Lists and tables are nested more than 64"):
        read_suite(file)


@pytest.mark.parametrize(
    ("tools", "servers", "mode"),
    [
        ("time", ("time",), ToolMode.LIVE),
        (["time", "web"], ("time", "web"), ToolMode.LIVE),
        ({"servers": ["time"]}, ("time",), ToolMode.LIVE),
        ({"servers": ["time", "web"], "mode": "recorded"}, ("time", "web"), ToolMode.RECORDED),
    ],
)
def test_tools_are_a_list_or_a_table_with_a_mode(
    tmp_path: Path, tools: JsonValue, servers: tuple[str, ...], mode: ToolMode
) -> None:
    data: dict[str, JsonValue] = {"schema": "paragone-suite/1", "name": "suite", "prompts": ["x"], "tools": tools}
    found = suite_of(data)
    assert (found.tools.servers, found.tool_mode) == (servers, mode)
    assert suite_from_json(suite_json(found)) == found
    path = tmp_path / "suite.yaml"
    path.write_text(suite_yaml(found))
    assert read_suite(path) == found


@pytest.mark.parametrize("tools", [{"servers": ["time"], "mode": "frozen"}, {"server": "time"}])
def test_tools_of_an_unknown_kind_are_refused(tools: JsonValue) -> None:
    data: dict[str, JsonValue] = {"schema": "paragone-suite/1", "name": "suite", "prompts": ["x"], "tools": tools}
    with pytest.raises(SuiteInvalid, match="mode|server"):
        suite_of(data)
