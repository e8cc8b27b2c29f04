"""Validation of a suite: fields, templates and number of cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from desktop.domain.conversation_types import ModelRef, ToolChoice
from desktop.errors import UsageError
from desktop.evals.graders.grader_check import GraderCheck
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.evals.suites.case_line import CaseLine, checked_line, checked_turns
from desktop.evals.suites.contender_check import checked_contenders
from desktop.evals.suites.suite import SCHEMA, Case, GraderSpec, Suite, SuiteLimits, SuitePrompt, ToolMode
from desktop.evals.suites.suite_fields import SuiteFields
from desktop.evals.suites.suite_node import SuiteNode
from desktop.evals.suites.suite_problems import SuiteProblems, shown
from desktop.evals.suites.templates import times_in
from desktop.text.phrases import Phrase, phrase

FIELDS = (
    *("schema", "name", "description", "system", "prompts", "contenders", "cases", "cases_from"),
    *("repeats", "graders", "judge", "limits", "tags", "tools", "web_search", "response_schema"),
)
LIMITS = ("cost_usd", "concurrency", "per_minute")
PROMPT = ("turns",)
TOOLS = ("servers", "mode")

MOST_CELLS = 1_000_000
MOST_REPEATS = 1_000
MOST_USD, MOST_CONCURRENCY, MOST_A_MINUTE = 1_000_000.0, 64, 100_000

CasesOf = Callable[[SuiteNode, str, GraderCheck], list[CaseLine]]
"""Reads the cases from a file that a suite names."""

_FOREIGN = ("providers", "tests", "defaultTest", "targets")
"""Fields by which a promptfoo file is recognized."""


def checked_suite(
    root: SuiteNode, problems: SuiteProblems, cases_of: CasesOf, name: str = "", schemas: SchemaInspector | None = None
) -> Suite:
    """Return the validated suite of a file.

    Raises:
        SuiteInvalid: If there are problems; the error lists them all.
    """
    _require_schema(root, problems)
    fields = SuiteFields(root, FIELDS, problems)
    check = GraderCheck(problems, _judge(fields, problems), schemas=schemas)
    prompts = _prompts(fields.node("prompts"), problems)
    graders = check.graders(fields.items("graders"))
    contenders = checked_contenders(fields.node("contenders"), problems)
    repeats = fields.whole("repeats", 1, MOST_REPEATS) or 1
    lines = _lines(fields, problems, cases_of, check)
    _require_few_cells(lines, len(prompts), max(1, len(contenders)) * repeats, problems)
    limits = _limits(fields.node("limits"), problems)
    all_prompts, cases = spread(lines, prompts, graders, problems)
    servers, tool_mode = _servers(fields, problems)
    suite = Suite(
        name=fields.text("name") or name,
        prompts=all_prompts,
        contenders=contenders,
        cases=cases,
        system=fields.text("system") if "system" in fields else None,
        repeats=repeats,
        limits=limits,
        planned_tags=fields.texts("tags"),
        description=fields.text("description"),
        tools=_tools(fields, servers),
        tool_mode=tool_mode,
    )
    problems.require_none()
    return suite


def _servers(fields: SuiteFields, problems: SuiteProblems) -> tuple[tuple[str, ...], ToolMode]:
    """Return the tool servers, a list or a table, and how their tools are called."""
    node = fields.node("tools")
    if node is None or not isinstance(node.value, dict):
        return fields.texts("tools"), ToolMode.LIVE
    table = SuiteFields(node, TOOLS, problems)
    mode = table.text("mode", ToolMode.LIVE)
    if mode not in {*ToolMode}:
        problems.add(
            node.place,
            phrase("“mode” must be {modes}, not “{mode}”.", modes=" or ".join(ToolMode), mode=shown(mode)),
        )
        mode = ToolMode.LIVE
    return table.texts("servers"), ToolMode(mode)


def _tools(fields: SuiteFields, servers: tuple[str, ...]) -> ToolChoice:
    """Return the tools that all contenders are offered, and the form of their responses."""
    schema = fields.json("response_schema")
    node = fields.node("response_schema")
    if node is not None and not isinstance(schema, dict):
        fields.tell(node, "response_schema", phrase("a JSON Schema"))
    return ToolChoice(
        servers=servers,
        web_search=fields.flag("web_search"),
        schema=msgspec.json.encode(schema).decode() if isinstance(schema, dict) else "",
    )


def spread(
    lines: list[CaseLine], prompts: tuple[SuitePrompt, ...], graders: tuple[GraderSpec, ...], problems: SuiteProblems
) -> tuple[tuple[SuitePrompt, ...], tuple[Case, ...]]:
    """Combine each case line with each prompt, or with the prompt of the line."""
    prompts_found, cases = [*prompts], list[Case]()
    check = _TemplateCheck(problems)
    for origin, line in enumerate(lines):
        places = range(len(prompts))
        if line.turns is not None:
            places = range(len(prompts_found), len(prompts_found) + 1)
            prompts_found.append(SuitePrompt(turns=line.turns))
        elif not prompts:
            problems.add(line.place, phrase("This case has no prompt."))
        own = (*graders, *line.graders) if line.graders else graders
        check.graders(own, line, origin)
        for place in places:
            check.prompt(prompts_found[place], line, place, origin)
            cases.append(
                Case(
                    prompt=place,
                    origin=origin,
                    vars=line.vars,
                    graders=own,
                    tags=line.tags,
                    cluster=line.cluster,
                    description=line.description,
                    threshold=line.threshold,
                )
            )
    return tuple(prompts_found), tuple(cases)


LONGEST_FILLED = 4 << 20
"""Maximum length that variables may add to one prompt or grader."""


class _TemplateCheck:
    """Reports undefined variables in templates. Each template is parsed once."""

    def __init__(self, problems: SuiteProblems) -> None:
        self._problems = problems
        self._prompts: dict[int, Counter[str]] = {}
        self._graders: dict[int, Counter[str]] = {}

    def prompt(self, prompt: SuitePrompt, line: CaseLine, place: int, origin: int) -> None:
        """Check a prompt that a case line uses."""
        if place not in self._prompts:
            self._prompts[place] = times_in("\n".join(prompt.turns))
        self._require_short(self._prompts[place], line)
        for name in self._prompts[place]:
            if name not in line.vars:
                self._problems.add(
                    line.place,
                    phrase(
                        "Prompt {prompt} uses “{name}”, which case {case} does not define.",
                        prompt=place + 1,
                        name=shown(name),
                        case=origin + 1,
                    ),
                )

    def _require_short(self, times: Counter[str], line: CaseLine) -> None:
        """Report variables that make a text too long."""
        if sum(number * len(line.vars.get(name, "")) for name, number in times.items()) > LONGEST_FILLED:
            most = LONGEST_FILLED >> 20
            self._problems.add(
                line.place,
                phrase("With variables filled in, a text has more than {most} million characters.", most=most),
            )

    def graders(self, specs: tuple[GraderSpec, ...], line: CaseLine, origin: int) -> None:
        """Check the graders of a case line."""
        for at, spec in enumerate(specs, start=1):
            if id(spec) not in self._graders:
                self._graders[id(spec)] = times_in("\n".join(templates_of(spec)))
            self._require_short(self._graders[id(spec)], line)
            for name in self._graders[id(spec)]:
                if name not in line.vars:
                    self._problems.add(
                        line.place,
                        phrase(
                            "Grader {grader} ({type}) uses “{name}”, which case {case} does not define.",
                            grader=at,
                            type=spec.name,
                            name=shown(name),
                            case=origin + 1,
                        ),
                    )


def templates_of(spec: GraderSpec) -> Iterator[str]:
    """Yield a grader's texts that may contain variables."""
    values = spec.value if isinstance(spec.value, list) else [spec.value]
    yield from (each for each in (*values, *spec.options.values()) if isinstance(each, str))


def _require_schema(root: SuiteNode, problems: SuiteProblems) -> None:
    """Check the schema field first, because other problems would be misleading if the file is not a suite.

    Raises:
        SuiteInvalid: If the file is not a suite.
    """
    if not isinstance(root.value, dict):
        problems.add(root.place, phrase("A suite must be a table, not {kind}.", kind=root.kind))
        problems.require_none()
        return
    schema_node = root.value.get("schema")
    if schema_node is not None and schema_node.text == SCHEMA:
        return
    if schema_node is None and any(name in root.value for name in _FOREIGN):
        command = "paragone suites import"
        problems.add(
            root.place, phrase("This looks like a promptfoo file: import it with `{command}`.", command=command)
        )
    elif schema_node is None:
        line = f"schema: {SCHEMA}"
        problems.add(root.place, phrase("This file is not marked as a suite: suites begin with `{line}`.", line=line))
    else:
        said = _schema_problem(schema_node)
        problems.add(schema_node.place, said)
    problems.require_none()


def _schema_problem(found: SuiteNode) -> Phrase:
    return phrase("The schema must be {schema}, not {kind}.", schema=SCHEMA, kind=found.kind)


def _judge(fields: SuiteFields, problems: SuiteProblems) -> str:
    """Return the default judge model, or an empty string."""
    node = fields.node("judge")
    if node is None:
        return ""
    try:
        return str(ModelRef.parse(fields.text("judge")))
    except UsageError as error:
        problems.add(node.place, error.message)
        return ""


def _prompts(node: SuiteNode | None, problems: SuiteProblems) -> tuple[SuitePrompt, ...]:
    if node is None:
        return ()
    items = node.value if isinstance(node.value, tuple) else (node,)
    return tuple(_prompt(each, problems) for each in items)


def _prompt(node: SuiteNode, problems: SuiteProblems) -> SuitePrompt:
    """Parse a prompt from a text, a list of texts, or a table with such a list."""
    if isinstance(node.value, dict):
        turns = SuiteFields(node, PROMPT, problems).node("turns")
        if turns is None:
            problems.add(node.place, phrase("A prompt must be text, a list of turns, or a table with turns."))
            return SuitePrompt(turns=())
        node = turns
    return SuitePrompt(turns=checked_turns(node, problems))


def _lines(fields: SuiteFields, problems: SuiteProblems, cases_of: CasesOf, check: GraderCheck) -> list[CaseLine]:
    """Return the case lines in the suite, then those of case files. If there are none, one empty line is returned."""
    if "cases" not in fields and "cases_from" not in fields:
        return [CaseLine(place=fields.place)]
    lines = [checked_line(each, problems, check) for each in fields.items("cases")]
    if (named := fields.node("cases_from")) is not None:
        for file in dict.fromkeys(fields.texts("cases_from")):
            if len(lines) <= MOST_CELLS:  # more are rejected anyway and need not be read
                lines += cases_of(named, file, check)
    if not lines:
        problems.add(fields.place, phrase("The suite has no cases."))
    return lines


def _require_few_cells(lines: list[CaseLine], prompts: int, times: int, problems: SuiteProblems) -> None:
    """Check the number of cells.

    Raises:
        SuiteInvalid: If there are too many.
    """
    own = sum(line.turns is not None for line in lines)
    cells = (own + (len(lines) - own) * prompts) * times
    if cells > MOST_CELLS:
        suite_place = lines[0].place._replace(line=0, column=0, path="")
        sentence = phrase(
            "The suite would produce {cells} responses; the maximum is {most}.",
            cells=f"{cells:,}",
            most=f"{MOST_CELLS:,}",
        )
        problems.add(suite_place, sentence)
        problems.require_none()


def _limits(node: SuiteNode | None, problems: SuiteProblems) -> SuiteLimits:
    if node is None:
        return SuiteLimits()
    fields = SuiteFields(node, LIMITS, problems)
    return SuiteLimits(
        cost_usd=fields.number("cost_usd", 0.0, MOST_USD),
        concurrency=fields.whole("concurrency", 1, MOST_CONCURRENCY) or SuiteLimits().concurrency,
        per_minute=fields.whole("per_minute", 1, MOST_A_MINUTE),
    )
