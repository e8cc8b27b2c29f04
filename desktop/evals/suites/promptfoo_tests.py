"""Converts promptfoo tests to case lines. A variable with a list of values yields a case for each value."""

from __future__ import annotations

import math
from itertools import product

from msgspec import Struct, field

from desktop.domain.conversation_types import JsonValue
from desktop.evals.suites.foreign_prompt import ForeignPrompt
from desktop.evals.suites.promptfoo_asserts import grader_tables, is_reference, judge_of
from desktop.evals.suites.suite_import import MOST_CASES, ImportNotes, Table, add_empty
from desktop.evals.suites.suite_node import NodeMap, SuiteNode
from desktop.evals.suites.suite_problems import shown
from desktop.text.phrases import phrase

TESTS = frozenset(("vars", "assert", "description", "threshold", "options", "metadata"))
_CODE = frozenset(("assertScoringFunction",))
OPTIONS = frozenset(("prefix", "suffix"))
_CODE_OPTIONS = frozenset(("transform", "transformVars", "postprocess"))
TAGS = ("tags", "tag", "category")
"""Metadata keys that are imported as tags."""


class ForeignTest(Struct, kw_only=True):
    """A promptfoo test before its variables' lists are expanded to cases."""

    node: SuiteNode
    variables: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    graders: list[Table] = field(default_factory=list[Table])
    tags: tuple[str, ...] = ()
    description: str = ""
    threshold: JsonValue = None
    prefix: str = ""
    suffix: str = ""
    judge: str = ""

    @property
    def judged(self) -> list[JsonValue]:
        """The test's graders, with the default judge model where they need one."""
        named: Table = {"model": self.judge} if self.judge else {}
        return [{**named, **each} if str(each["type"]).endswith("judge") else each for each in self.graders]

    def over(self, usual: ForeignTest) -> ForeignTest:
        """Return this test with another test's values as defaults."""
        return ForeignTest(
            node=self.node,
            variables={**usual.variables, **self.variables},
            graders=[*usual.graders, *self.graders],
            tags=tuple(dict.fromkeys((*usual.tags, *self.tags))),
            description=self.description or usual.description,
            threshold=usual.threshold if self.threshold is None else self.threshold,
            prefix=self.prefix or usual.prefix,
            suffix=self.suffix or usual.suffix,
            judge=self.judge or usual.judge,
        )


def test_of(node: SuiteNode, notes: ImportNotes) -> ForeignTest | None:
    """Convert a test, or return None if the test is rejected."""
    if not isinstance(node.value, dict):
        if node.is_scalar and node.value is not None:
            notes.refuse_code(node.place, node.text)
        else:
            notes.refuse(node.place, phrase("A test must be a table, not {kind}.", kind=node.kind))
        return None
    fields = node.value
    for name in sorted(fields.keys() - TESTS):
        if name in _CODE:
            notes.refuse_code(node.key_place(name), name)
        else:
            notes.left_out(node.key_place(name), name)
    test = ForeignTest(node=node)
    if not _add_variables(test, fields.get("vars"), notes):
        return None
    _add_graders(test, fields.get("assert"), notes)
    _add_options(test, fields.get("options"), notes)
    _add_tags(test, fields.get("metadata"), notes)
    if (said := fields.get("description")) is not None and said.is_scalar and said.value is not None:
        test.description = said.text
    if (threshold := fields.get("threshold")) is not None and threshold.value is not None:
        if isinstance(threshold.value, int | float) and 0 <= threshold.value <= 1:
            test.threshold = float(threshold.value)
        else:
            notes.left_out(threshold.place, "threshold")
    return test


def lines_of(test: ForeignTest, prompts: list[ForeignPrompt], notes: ImportNotes) -> list[Table]:
    """Return the case lines of a test."""
    test_place = test.node.place
    count = math.prod(map(len, test.variables.values()))
    if count > MOST_CASES:
        problem = phrase(
            "The lists result in {count} cases, but at most {most} can be imported.",
            count=f"{count:,}",
            most=MOST_CASES,
        )
        notes.refuse(test_place, problem)
        return []
    lines: list[Table] = []
    for values in product(*test.variables.values()):
        variables: dict[str, JsonValue] = dict(zip(test.variables, values, strict=True))
        turns = [wrapped(prompt, test.prefix, test.suffix).turns for prompt in prompts]
        templates = (text for problem_text in turns for text in problem_text)
        if missing := add_empty(variables, (*templates, *_templates(test.graders))):
            names = ", ".join(map(shown, missing))
            notes.change(
                test_place,
                phrase("The row has no value for {names}. Empty text is used, as in promptfoo.", names=names),
            )
        line: Table = {"vars": variables, "graders": test.judged, "tags": [*test.tags]}
        line |= {"description": test.description, "threshold": test.threshold}
        if test.prefix or test.suffix:
            line["cluster"] = f"line {test_place.line}"  # one case of several prompts
            lines += [_with_turns(line, problem_text) for problem_text in turns]
        else:
            lines.append(line)
    return lines


def wrapped(prompt: ForeignPrompt, prefix: str, suffix: str) -> ForeignPrompt:
    """Return a prompt with a prefix and a suffix."""
    first, *rest = prompt.turns
    turns = [f"{prefix}{first}", *rest]
    turns[-1] = f"{turns[-1]}{suffix}"
    return ForeignPrompt(turns=tuple(turns), system=prompt.system)


def _with_turns(line: Table, turns: tuple[str, ...]) -> Table:
    asked: list[JsonValue] = [*turns]
    return {**line, "turns": asked}


def _templates(graders: list[Table]) -> list[str]:
    """Return the graders' texts that may contain variables."""
    texts: list[str] = []
    for value in (value for grader in graders for value in grader.values()):
        texts += [each for each in (value if isinstance(value, list) else (value,)) if isinstance(each, str)]
    return texts


def _add_variables(test: ForeignTest, node: SuiteNode | None, notes: ImportNotes) -> bool:
    """Add a test's variables. Returns False if one of them makes the test unusable."""
    if node is None or node.value is None:
        return True
    if not isinstance(node.value, dict):
        notes.refuse_code(node.place, node.text or "vars")
        return False
    usable = True
    for name, each in node.value.items():
        items = each.value if isinstance(each.value, tuple) else (each,)
        bad = next((item for item in items if not item.is_scalar), None)
        code = next((item for item in items if isinstance(item.value, str) and is_reference(item.text)), None)
        if bad is not None:
            problem = phrase("The variable “{name}” must be text, not {kind}.", name=shown(name), kind=bad.kind)
            notes.refuse(bad.place, problem)
        elif code is not None:
            notes.refuse_code(code.place, code.text)
        elif not items:
            notes.refuse(each.place, phrase("The list is empty."))
        else:
            test.variables[name] = tuple("" if item.value is None else item.text for item in items)
            continue
        usable = False
    return usable


def _add_graders(test: ForeignTest, node: SuiteNode | None, notes: ImportNotes) -> None:
    if node is None or node.value is None:
        return
    if not isinstance(node.value, tuple):
        notes.refuse_code(node.place, node.text or "assert")
        return
    for each in node.value:
        if isinstance(each.value, str):
            notes.refuse_code(each.place, each.text)
        else:
            test.graders += grader_tables(each, notes)


def _add_options(test: ForeignTest, node: SuiteNode | None, notes: ImportNotes) -> None:
    if node is None or not isinstance(node.value, dict):
        return
    fields: NodeMap = node.value
    if (provider := fields.get("provider")) is not None:
        test.judge = judge_of(provider, notes)
    for name in sorted(fields.keys() - OPTIONS - {"provider"}):
        if name in _CODE_OPTIONS:
            notes.refuse_code(node.key_place(name), name)
        else:
            notes.left_out(node.key_place(name), name)
    texts = {name: fields[name].text for name in OPTIONS & fields.keys() if fields[name].is_scalar}
    test.prefix, test.suffix = texts.get("prefix", ""), texts.get("suffix", "")


def _add_tags(test: ForeignTest, node: SuiteNode | None, notes: ImportNotes) -> None:
    if node is None or not isinstance(node.value, dict):
        return
    tags: list[str] = []
    for name, each in node.value.items():
        items = each.value if isinstance(each.value, tuple) else (each,)
        if name in TAGS and all(item.is_scalar and item.text.strip() for item in items):
            tags += [item.text.strip() for item in items]
        else:
            notes.left_out(node.key_place(name), name)
    test.tags = tuple(dict.fromkeys(tags))
