"""Configurations of promptfoo's become suites; what runs code or reads files is refused, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.errors import SuiteInvalid
from desktop.evals.suites.foreign_suite import import_suite
from desktop.evals.suites.promptfoo_config import promptfoo_suite
from desktop.evals.suites.suite import Suite
from desktop.evals.suites.suite_file import read_suite, suite_yaml
from desktop.evals.suites.suite_import import SuiteImport
from desktop.evals.suites.suite_problems import SuiteProblems
from desktop.evals.suites.yaml_text import read_yaml


def imported(text: str) -> SuiteImport:
    problems = SuiteProblems()
    root = read_yaml(text, "p.yaml", problems)
    assert root is not None
    return promptfoo_suite(root, problems, "p")


def suite(text: str) -> Suite:
    found = imported(text).suite
    assert found is not None
    return found


def grader(assertion: str) -> list[tuple[str, object, float | None]]:
    found = suite(f"prompts: [x]\ntests:\n  - assert:\n    - {assertion}\n")
    return [(each.name, each.value or each.options or None, each.threshold) for each in found.cases[0].graders]


WHOLE = """\
description: Shop replies
prompts:
  - "Reply in {{language}}: {{mail}}"
  - raw: "Just {{mail}}"
    label: short
providers:
  - lab/a
  - {id: lab/b, label: Mine, config: {temperature: 0.5, top_k: 4, tools: []}}
  - openai:gpt-4o
  - "anthropic:messages:claude": {config: {max_tokens: 5}}
defaultTest:
  assert: [{type: llm-rubric, value: is polite, threshold: 0.8}]
  vars: {language: German}
tests:
  - description: first
    vars: {mail: [a, b]}
    assert: [{type: icontains, value: "{{mail}}", weight: 2, metric: tone}]
    metadata: {category: mail}
    threshold: 0.5
  - vars: {mail: 012, language: French}
evaluateOptions: {repeat: 2, maxConcurrency: 8}
"""


def test_a_configuration_is_taken_whole() -> None:
    found = imported(WHOLE)
    made = found.suite
    assert made is not None
    assert (made.name, made.description, made.repeats, made.limits.concurrency) == ("p", "Shop replies", 2, 8)
    assert [each.turns for each in made.prompts] == [("Reply in {{language}}: {{mail}}",), ("Just {{mail}}",)]
    assert [(each.name, each.parameters) for each in made.contenders] == [
        ("lab/a", {}),
        ("Mine", {"temperature": 0.5, "top_k": 4}),
    ]
    assert [case.vars for case in made.cases[::2]] == [
        {"language": "German", "mail": "a"},
        {"language": "German", "mail": "b"},
        {"language": "French", "mail": "012"},
    ]
    first = made.cases[0]
    assert (first.tags, first.threshold, first.description) == (("mail",), 0.5, "first")
    assert [(each.name, each.weight, each.metric, each.threshold) for each in first.graders] == [
        ("judge", 1.0, "", 0.8),
        ("icontains", 2.0, "tone", None),
    ]
    assert found.refused == ()
    assert [str(each) for each in found.changed] == [
        "p.yaml, line 8, column 67: “tools” was not imported.",
        (
            "p.yaml, line 9, column 5: “openai:gpt-4o” does not match any connection: choose models when "
            "you run the suite."
        ),
        (
            "p.yaml, line 10, column 5: “anthropic:messages:claude” does not match any connection: "
            "choose models when you run the suite."
        ),
    ]
    assert "openai:gpt-4o, anthropic:messages:claude" in found.remarks[1]


@pytest.mark.parametrize(
    ("assertion", "taken"),
    [
        ("{type: equals, value: a}", ("equals", "a", None)),
        ("{type: icontains-any, value: [a, b]}", ("icontains-any", ["a", "b"], None)),
        ("{type: not-contains-all, value: 'a, b'}", ("not-contains-all", ["a", "b"], None)),
        ("{type: starts-with, value: a}", ("starts-with", "a", None)),
        ("{type: regex, value: a+}", ("regex", "a+", None)),
        ("{type: is-json}", ("is-json", None, None)),
        ("{type: not-is-json}", ("not-is-json", None, None)),
        ("{type: is-json, value: {type: object}}", ("json-schema", {"type": "object"}, None)),
        ("""{type: is-json, value: '{"type": "array"}'}""", ("json-schema", {"type": "array"}, None)),
        ("{type: latency, threshold: 500}", ("latency", None, 500.0)),
        ("{type: cost, threshold: 0.01}", ("cost", None, 0.01)),
        ("{type: similar, value: a, threshold: 0.7}", ("similarity", "a", 0.7)),
        ("{type: word-count, value: {min: 2}}", ("length", {"unit": "words", "min": 2}, None)),
        ("{type: word-count, value: 5}", ("length", {"unit": "words", "min": 5, "max": 5}, None)),
        ("{type: llm-rubric, value: kind}", ("judge", {"rubric": "kind"}, None)),
        (
            "{type: factuality, value: Paris, provider: lab/j}",
            ("judge", {"reference": "Paris", "model": "lab/j"}, None),
        ),
        ("{type: llm-rubric, value: kind, provider: openai:gpt-4}", ("judge", {"rubric": "kind"}, None)),
    ],
)
def test_assertions_are_graders(assertion: str, taken: tuple[object, ...]) -> None:
    assert grader(assertion) == [taken]


def test_a_set_of_assertions_is_taken_apart_where_all_have_to_pass() -> None:
    assert len(grader("{type: assert-set, assert: [{type: is-json}, {type: equals, value: a}]}")) == 2
    assert grader("{type: assert-set, threshold: 0.5, assert: [{type: is-json}]}") == []
    assert grader("{type: assert-set, assert: [{type: assert-set, assert: []}, {type: is-json}]}") == [
        ("is-json", None, None)
    ]


@pytest.mark.parametrize(
    ("assertion", "why"),
    [
        ("{type: javascript, value: output.length}", "“javascript” was not imported: it refers to code or a file."),
        ("{type: python, value: 'len(output)'}", "it refers to code or a file."),
        ("{type: webhook, value: 'https://example.com'}", "it refers to code or a file."),
        ("{type: equals, value: 'file://a.txt'}", "“file://a.txt” was not imported: it refers to code or a file."),
        (
            "{type: contains, value: a, transform: output.a}",
            "“transform” was not imported: it refers to code or a file.",
        ),
        ("file://assert.js", "“file://assert.js” was not imported: it refers to code or a file."),
        ("{type: contains-json}", "There is no grader for “contains-json”."),
        ("{type: not-invented}", "There is no grader for “invented”."),
        ("{type: regex, value: '('}", "Invalid regular expression: missing )"),
        ("{type: is-json, value: a.json}", "not a valid JSON Schema"),
        ("{type: similar, value: [a, b]}", "“similar” is imported only with a single text value."),
        ("{type: equals, value: {a: 1}}", "“value” must be text, not a table."),
        ("{type: contains, value: '{{a | upper}}'}", "imported: templates can contain only variables."),
        ("{type: word-count, value: many}", "with a number, or with min and max."),
        ("{value: a}", "An assertion without a type was not imported."),
        ("[1]", "An assertion without a type was not imported."),
        ("{type: latency, threshold: .inf}", "a number"),
        ("{type: contains, value: .nan}", "The assertion contains a number that is not valid JSON."),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_place(assertion: str, why: str) -> None:
    found = imported(f"prompts: [x]\ntests:\n  - assert:\n    - {assertion}\n")
    (refused,) = found.refused
    assert refused.startswith("p.yaml, line 4, column 7: ")
    assert why in refused
    assert found.suite is not None
    assert found.suite.cases[0].graders == ()


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("file://prompt.txt", "code or a file"),
        ("prompts/main.txt", "code or a file"),
        ("exec:python make.py", "code or a file"),
        ("make.py:create", "code or a file"),
        ("'{{a | upper}}'", "only variables"),
        ("'{% if a %}b{% endif %}'", "only variables"),
        ("'{{user.name}}'", "only variables"),
        ("{id: file://a.js}", "code or a file"),
        ("[a]", "not text"),
        ("' '", "not text"),
        ("""'[{"role": "assistant", "content": "a"}]'""", "the user"),
        ("""'[{"role": "user", "content": [{"type": "text"}]}]'""", "the user"),
        ("""'[{"role": "system", "content": "a"}]'""", "not text"),
    ],
)
def test_prompts_that_are_more_than_text_are_refused(prompt: str, why: str) -> None:
    found = imported(f"prompts:\n  - {prompt}\n  - Hello\n")
    (refused,) = found.refused
    assert refused.startswith("p.yaml, line 2, column 5: ")
    assert why in refused
    assert found.suite is not None
    assert len(found.suite.prompts) == 1


def test_conversations_give_the_system_prompt_that_all_of_them_have() -> None:
    one = """'[{"role": "system", "content": "Be kind."}, {"role": "user", "content": "{{a}}"}]'"""
    other = """"- role: system\\n  content: Be kind.\\n- role: user\\n  content: '{{b}}'\\n\""""
    found = suite(f"prompts:\n  - {one}\n  - {other}\n")
    assert (found.system, [each.turns for each in found.prompts]) == ("Be kind.", [("{{a}}",), ("{{b}}",)])
    found = suite(f"prompts:\n  - {one}\n  - Hello\n")
    assert (found.system, found.prompts[0].turns) == (None, ("Be kind.\n\n{{a}}",))


def test_lists_among_variables_multiply_the_cases() -> None:
    found = suite("prompts: ['{{a}}{{b}}{{c}}']\ntests: [{vars: {a: [1, 2], b: [x, y], c: z}}]")
    assert ["".join(case.vars.values()) for case in found.cases] == ["1xz", "1yz", "2xz", "2yz"]


def test_lists_that_make_too_many_cases_are_refused_before_they_are_made() -> None:
    items = f"[{', '.join(['1'] * 50)}]"
    found = imported(f"prompts: [x]\ntests: [{{vars: {{a: {items}, b: {items}, c: {items}, d: {items}}}}}, {{}}]")
    assert found.refused == (
        ("p.yaml, line 2, column 9: The lists result in 6,250,000 cases, but at most 100000 can be imported."),
    )
    assert found.suite is not None
    assert len(found.suite.cases) == 1


def test_variables_that_a_prompt_names_and_a_test_lacks_are_empty() -> None:
    found = imported("prompts: ['{{a}}{{b}}']\ntests: [{vars: {a: 1}}]")
    assert found.suite is not None
    assert found.suite.cases[0].vars == {"a": "1", "b": ""}
    assert found.changed == (
        "p.yaml, line 2, column 9: The row has no value for b. Empty text is used, as in promptfoo.",
    )


def test_what_stands_around_every_prompt_becomes_a_part_of_it() -> None:
    found = suite("prompts: [x]\ndefaultTest: {options: {prefix: '<', suffix: '>'}}\ntests: [{}, {}]")
    assert [each.turns for each in found.prompts] == [("<x>",)]
    found = suite("prompts: [x, y]\ntests: [{options: {prefix: '<'}}, {}]")
    assert [found.turns(case) for case in found.cases] == [("<x",), ("<y",), ("x",), ("y",)]
    assert found.cases[0].cluster == found.cases[1].cluster != found.cases[2].cluster


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("file://tests.yaml", "code or a file"),
        ("{vars: {a: file://a.txt}}", "code or a file"),
        ("{vars: vars.yaml}", "code or a file"),
        ("{vars: {a: {b: 1}}}", "The variable “a” must be text, not a table."),
        ("{vars: {a: []}}", "The list is empty."),
        ("[1]", "A test must be a table, not a list."),
    ],
)
def test_tests_that_cannot_be_asked_are_refused(test: str, why: str) -> None:
    found = imported(f"prompts: [x]\ntests:\n  - {test}\n  - {{}}\n")
    (refused,) = found.refused
    assert refused.startswith("p.yaml, line 3, column ")
    assert why in refused
    assert found.suite is not None
    assert len(found.suite.cases) == 1


def test_nothing_is_left_out_in_silence() -> None:
    found = imported(
        "prompts: [x]\nscenarios: []\nextensions: [a]\noutputPath: a\nproviders: ['file://a.js']\n"
        "tests: [{provider: x, options: {transform: a, rubricPrompt: b}, metadata: {a: 1}, assert: x, threshold: 7}]\n"
    )
    assert [each.rpartition("“")[2] for each in found.changed] == [
        f"{name}” was not imported." for name in ("outputPath", "provider", "rubricPrompt", "a", "threshold")
    ]
    assert [each.rpartition("“")[2].partition("”")[0] for each in found.refused] == [
        *("extensions", "scenarios", "file://a.js", "x", "transform"),
    ]


def test_a_file_with_nothing_that_can_be_asked_makes_no_suite() -> None:
    assert imported("prompts: [file://a.txt]\ntests: [{}]").suite is None
    assert imported("prompts: [x]\ntests: [file://a.csv]").suite is None
    assert imported("prompts: {a.txt: x}").suite is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"prompts: \xff",
        b"prompts: [x",
        b"prompts: !!js/function 'x'\n? [a]",
        b"a: 1",
        b"- 1",
        b"schema: paragone-suite/1\nprompts: [x]",
        b"prompts: " + b"[" * 500,
    ],
)
def test_what_is_no_configuration_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "promptfooconfig.yaml"
    path.write_bytes(data)
    with pytest.raises(SuiteInvalid):
        import_suite(path)


@settings(max_examples=40)
@given(st.integers(0, len(WHOLE)), st.sampled_from(["", "\n", "[", "- ", "{{", "9" * 400, "\ufeff", "&a ", "*a", ": "]))
def test_a_torn_configuration_is_taken_or_told(at: int, torn: str) -> None:
    problems = SuiteProblems()
    root = read_yaml(WHOLE[:at] + torn + ("" if at % 2 else WHOLE[at:]), "p.yaml", problems)
    if root is None:
        assert problems
        return
    try:
        found = promptfoo_suite(root, problems, "p")
    except SuiteInvalid:
        return
    assert found.suite is not None or found.refused


def test_what_is_written_is_a_suite(tmp_path: Path) -> None:
    found = imported(WHOLE)
    assert found.suite is not None
    path = tmp_path / "s.yaml"
    path.write_text(suite_yaml(found.suite, remarks=found.remarks), "utf-8")
    assert read_suite(path) == found.suite


def test_the_usual_judge_is_that_of_every_rubric_that_names_none() -> None:
    made = suite(
        "prompts: [x]\ndefaultTest: {options: {provider: lab/judge}}\n"
        "tests:\n- assert: [{type: llm-rubric, value: good}, {type: llm-rubric, value: short, provider: lab/other}]\n"
    )
    assert [each.options.get("model") for each in made.cases[0].graders] == ["lab/judge", "lab/other"]
