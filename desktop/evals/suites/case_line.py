"""Case lines of a suite: variables and expectations, before they are combined with prompts."""

from __future__ import annotations

import msgspec

from desktop.domain.conversation_types import Value
from desktop.evals.graders.grader_check import GraderCheck
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.suite_fields import SuiteFields, text_of
from desktop.evals.suites.suite_node import SuiteNode
from desktop.evals.suites.suite_problems import Place, SuiteProblems
from desktop.evals.suites.templates import slip_in
from desktop.text.phrases import phrase

FIELDS = ("vars", "graders", "tags", "cluster", "description", "threshold", "turns")


class CaseLine(Value, frozen=True, kw_only=True):
    """One case line. `graders` are those of this line only; if `turns` is not None, it replaces the suite's prompts."""

    place: Place
    vars: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    graders: tuple[GraderSpec, ...] = ()
    tags: tuple[str, ...] = ()
    cluster: str = ""
    description: str = ""
    threshold: float | None = None
    turns: tuple[str, ...] | None = None


def checked_line(node: SuiteNode, problems: SuiteProblems, check: GraderCheck) -> CaseLine:
    """Validate a case line, and return its readable parts."""
    fields = SuiteFields(node, FIELDS, problems)
    turns = fields.node("turns")
    return CaseLine(
        place=node.place,
        vars=_variables(fields, problems),
        graders=check.graders(fields.items("graders")),
        tags=fields.texts("tags"),
        cluster=fields.text("cluster"),
        description=fields.text("description"),
        threshold=fields.number("threshold", 0.0, 1.0),
        turns=None if turns is None else checked_turns(turns, problems),
    )


def checked_turns(node: SuiteNode, problems: SuiteProblems) -> tuple[str, ...]:
    """Validate turns given as a list of texts or as one text."""
    items = node.value if isinstance(node.value, tuple) else (node,)
    if not items:
        problems.add(node.place, phrase("The list is empty."))
    turns: list[str] = []
    for each in items:
        text = text_of(each) if each.is_scalar else ""
        if not each.is_scalar:
            problems.add(each.place, phrase("A turn must be text, not {kind}.", kind=each.kind))
        elif not text.strip():
            problems.add(each.place, phrase("This prompt contains no text."))
        elif slip := slip_in(text):
            problems.add(
                each.place,
                phrase(
                    "“{text}” is not supported: templates can contain only variables, such as {example}. "
                    "Put literal text in a variable.",
                    text=slip,
                    example="{{name}}",
                ),
            )
        turns.append(text)
    return tuple(turns)


def _variables(fields: SuiteFields, problems: SuiteProblems) -> dict[str, str]:
    node = fields.node("vars")
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        fields.tell(node, "vars", phrase("a table"))
        return {}
    for name, each in node.value.items():
        if not each.is_scalar:
            problems.add(
                each.place, phrase("The variable “{name}” must be text, not {kind}.", name=name, kind=each.kind)
            )
    return {name: text_of(each) for name, each in node.value.items() if each.is_scalar}
