"""Writes a suite as YAML that is read back as the same suite, with multi-line texts in block style."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby, takewhile
from typing import Any, cast

import msgspec
import yaml

from desktop.evals.suites.suite import (
    SCHEMA,
    Case,
    GraderSpec,
    Suite,
    SuiteContender,
    SuiteLimits,
    SuitePrompt,
    ToolMode,
)
from desktop.evals.suites.yaml_text import scalar_of
from desktop.text.late_pattern import late_pattern

_AWKWARD = late_pattern("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that must be escaped, because some parsers treat them as line breaks."""

_WIDTH = 1 << 30


def written(suite: Suite, remarks: tuple[str, ...] = ()) -> str:
    """Return the text of the file, with remarks at the top.

    Raises:
        ValueError: If the cases cannot be expressed as case lines.
    """
    return "".join(f"# {' '.join(each.split())}\n" for each in remarks) + yaml_of(table_of(suite))


def table_of(suite: Suite) -> dict[str, Any]:
    """Return the data of the file.

    Raises:
        ValueError: If the cases cannot be expressed as case lines.
    """
    shared, lines = _lines(suite)
    common = _common(suite.cases)
    table: dict[str, Any] = {"schema": SCHEMA, "name": suite.name}
    table |= _filled({"description": suite.description, "tags": list(suite.planned_tags)})
    if suite.system is not None:
        table["system"] = suite.system
    table |= _filled({"prompts": [_prompt(each) for each in suite.prompts[:shared]]})
    table["contenders"] = [_contender(each) for each in suite.contenders]
    if suite.repeats != 1:
        table["repeats"] = suite.repeats
    tools = suite.tools
    schema: Any = msgspec.json.decode(tools.schema) if tools.schema else None
    servers: Any = list(tools.servers)
    if suite.tool_mode is not ToolMode.LIVE:
        servers = {"servers": servers, "mode": suite.tool_mode.value}
    table |= _filled({"tools": servers, "web_search": tools.web_search or None, "response_schema": schema})
    table |= _filled({"limits": _limits(suite.limits), "graders": [grader_json(each) for each in common]})
    table["cases"] = [_line(case, len(common), turns) for case, turns in lines]
    return table


def yaml_of(value: object) -> str:
    """Return Python data as YAML."""
    return yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=_WIDTH, indent=2
    )


def grader_json(spec: GraderSpec) -> dict[str, Any]:
    """Return a grader in the format of a suite file."""
    table: dict[str, Any] = {"type": spec.name}
    if spec.value is not None:
        table["value"] = spec.value
    if spec.weight != 1.0:
        table["weight"] = spec.weight
    if spec.threshold is not None:
        table["threshold"] = spec.threshold
    return {**table, **_filled({"metric": spec.metric}), **spec.options}


class _Dumper(yaml.SafeDumper):
    """Quotes texts so that YAML 1.1 and YAML 1.2 parsers read the same values."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the library's
        """Write values out in full instead of using aliases."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the library's
        """Indent lists below their key."""
        super().increase_indent(flow, False)  # noqa: FBT003


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    text = text.encode("utf-8", "replace").decode()
    style = None
    if _AWKWARD.search(text) or not isinstance(scalar_of(text), str):
        style = '"'
    elif "\n" in text:
        style = '"' if re.search(r"[ \t]\n|^\s|\s\Z(?<!\n)", text) else "|"
    return cast("Any", dumper).represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


def _lines(suite: Suite) -> tuple[int, list[tuple[Case, SuitePrompt | None]]]:
    """Return the number of prompts shared by all lines, and for each line a case with its own prompt, if it has one."""
    groups = [[*cases] for _, cases in groupby(suite.cases, key=lambda case: case.origin)]
    if [group[0].origin for group in groups] != [*range(len(groups))]:
        raise ValueError("lines are missing")
    most = {len(suite.prompts) - len(groups), *(len(group) for group in groups), len(suite.prompts)}
    for shared in sorted(most, reverse=True):  # treats the prompt of a single case as shared
        if shared >= 0 and (lines := _as_lines(suite, groups, shared)) is not None:
            return shared, lines
    raise ValueError("cases are missing")


def _as_lines(suite: Suite, groups: list[list[Case]], shared: int) -> list[tuple[Case, SuitePrompt | None]] | None:
    """Return the case lines for a given number of shared prompts, or None if that is impossible."""
    lines: list[tuple[Case, SuitePrompt | None]] = []
    own = shared
    for group in groups:
        first = group[0]
        if [case.prompt for case in group] == [own] and own < len(suite.prompts):
            lines.append((first, suite.prompts[own]))
            own += 1
        elif [case.prompt for case in group] == [*range(shared)]:
            lines.append((first, None))
        else:
            return None
    return lines if own == len(suite.prompts) else None


def _common(cases: tuple[Case, ...]) -> tuple[GraderSpec, ...]:
    """Return the graders with which the list of every case begins."""
    if not cases:
        return ()
    first = cases[0].graders
    count = len(first)
    for case in cases:
        same = takewhile(lambda pair: pair[0] is pair[1] or pair[0] == pair[1], zip(first, case.graders, strict=False))
        count = min(count, sum(1 for _ in same))
    return first[:count]


def _line(case: Case, common: int, turns: SuitePrompt | None) -> dict[str, Any]:
    line: dict[str, Any] = {"description": case.description, "vars": case.vars}
    if turns is not None:
        line["turns"] = list(turns.turns)
    line |= {
        "graders": [grader_json(spec) for spec in case.graders[common:]],
        "tags": list(case.tags),
        "cluster": case.cluster,
    }
    filled = _filled(line)
    return filled if case.threshold is None else {**filled, "threshold": case.threshold}


def _prompt(prompt: SuitePrompt) -> str | dict[str, Any]:
    return prompt.turns[0] if len(prompt.turns) == 1 else {"turns": list(prompt.turns)}


def _contender(contender: SuiteContender) -> dict[str, Any]:
    table: dict[str, Any] = {"model": str(contender.model)}
    table |= _filled({"parameters": contender.parameters, "label": contender.label})
    return table if contender.system is None else {**table, "system": contender.system}


def _limits(limits: SuiteLimits) -> dict[str, Any]:
    usual = SuiteLimits()
    names = ("cost_usd", "concurrency", "per_minute")
    return {name: getattr(limits, name) for name in names if getattr(limits, name) != getattr(usual, name)}


def _filled(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a table without empty values."""
    return {name: value for name, value in table.items() if value not in ("", [], {}, None)}
