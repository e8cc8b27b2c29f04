"""Imports promptfoo configurations in YAML or JSON."""

from __future__ import annotations

from desktop.catalog.sampling_parameters import is_sampling
from desktop.domain.conversation_types import JsonValue
from desktop.errors import SuiteInvalid, UsageError
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.evals.suites.contender_check import checked_parameter
from desktop.evals.suites.foreign_prompt import ForeignPrompt, prompt_of, without_system
from desktop.evals.suites.promptfoo_asserts import is_reference, own_model
from desktop.evals.suites.promptfoo_tests import ForeignTest, lines_of, test_of, wrapped
from desktop.evals.suites.suite_check import MOST_CONCURRENCY, MOST_REPEATS
from desktop.evals.suites.suite_import import MOST_CASES, ImportNotes, SuiteImport, Table, suite_of_tables
from desktop.evals.suites.suite_node import NodeMap, SuiteNode, plain
from desktop.evals.suites.suite_problems import SuiteProblems, shown
from desktop.text.phrases import phrase

KIND = "promptfoo"

_TAKEN = frozenset(("prompts", "providers", "targets", "tests", "defaultTest", "description", "evaluateOptions"))
_CODE = frozenset(("extensions", "nunjucksFilters", "transform"))
_UNLIKE = frozenset(("scenarios", "redteam", "assertionTemplates"))
_KINDS = frozenset(("prompts", "providers", "targets", "tests"))


def is_promptfoo(root: SuiteNode) -> bool:
    """Whether a file is a promptfoo configuration."""
    return isinstance(root.value, dict) and bool(_KINDS & root.value.keys()) and "schema" not in root.value


def promptfoo_suite(
    root: SuiteNode, problems: SuiteProblems, name: str, schemas: SchemaInspector | None = None
) -> SuiteImport:
    """Import a configuration, with notes on what was changed or rejected."""
    if not is_promptfoo(root):
        problems.add(root.place, phrase("This is not a valid promptfoo configuration."))
        raise SuiteInvalid(problems.sentences[-1])
    assert isinstance(root.value, dict)
    notes = ImportNotes(schemas)
    for sentence in problems.sentences:
        notes.refuse(root.place._replace(line=0, column=0), sentence)
    fields = root.value
    for each in sorted(fields.keys() - _TAKEN):
        if each in _CODE:
            notes.refuse_code(root.key_place(each), each)
        elif each in _UNLIKE:
            notes.refuse(
                root.key_place(each), phrase("“{name}” was not imported: Paragone has no equivalent.", name=each)
            )
        else:
            notes.left_out(root.key_place(each), each)
    prompts, system = _prompts(fields.get("prompts"), notes)
    contenders, foreign = _contenders(fields.get("providers") or fields.get("targets"), notes)
    prompts, lines = _lines(fields, prompts, root, notes)
    table: Table = {"name": name, "description": _text(fields.get("description"))}
    table |= {"prompts": [_prompt(each) for each in prompts], "contenders": contenders}
    if system:
        table["system"] = system
    _add_options(table, fields.get("evaluateOptions"), notes)
    if not prompts:
        notes.refuse(root.place, phrase("No prompts could be imported."))
        suite = None
    else:
        suite = suite_of_tables(table, lines, root.place.file, notes)
    remarks = (f"Made of {root.place.file}, a configuration of promptfoo's.", *_foreign_remarks(foreign))
    return SuiteImport(kind=KIND, suite=suite, remarks=remarks, changed=notes.changed, refused=notes.refused)


def _foreign_remarks(foreign: list[str]) -> tuple[str, ...]:
    if not foreign:
        return ()
    return (f"It asked {', '.join(foreign)}: name models of your connections as contenders, or with run --model.",)


def _prompts(node: SuiteNode | None, notes: ImportNotes) -> tuple[list[ForeignPrompt], str]:
    if node is None or node.value is None:
        return [], ""
    if isinstance(node.value, dict):
        for name in node.value:
            notes.refuse_code(node.key_place(name), name)
        return [], ""
    items = node.value if isinstance(node.value, tuple) else (node,)
    found = [made for each in items if (made := prompt_of(each, notes)) is not None]
    return without_system(found, node.place, notes) if found else ([], "")


def _prompt(prompt: ForeignPrompt) -> JsonValue:
    return {"turns": [*prompt.turns]}


def _lines(
    fields: NodeMap, prompts: list[ForeignPrompt], root: SuiteNode, notes: ImportNotes
) -> tuple[list[ForeignPrompt], list[Table]]:
    """Return the prompts, and the case lines with the defaults applied."""
    usual = fields.get("defaultTest")
    default = ForeignTest(node=root)
    if usual is not None and usual.value is not None:
        default = test_of(usual, notes) or default
    tests = _tests(fields.get("tests"), root, notes)
    if not any(test.prefix or test.suffix for test in tests):
        prompts = [wrapped(each, default.prefix, default.suffix) for each in prompts]
        default.prefix = default.suffix = ""
    lines: list[Table] = []
    for test in tests:
        lines += lines_of(test.over(default), prompts, notes)
        if len(lines) * max(len(prompts), 1) > MOST_CASES:
            place = test.node.place
            notes.refuse(
                place, phrase("Additional cases were not imported: a suite can have at most {most}.", most=MOST_CASES)
            )
            return prompts, lines[: MOST_CASES // max(len(prompts), 1)]
    return prompts, lines


def _tests(node: SuiteNode | None, root: SuiteNode, notes: ImportNotes) -> list[ForeignTest]:
    """Return the accepted tests. If the file has no tests, one empty test is returned."""
    if node is None or node.value is None:
        return [ForeignTest(node=root)]
    items = node.value if isinstance(node.value, tuple) else (node,)
    return [made for each in items if (made := test_of(each, notes)) is not None]


def _contenders(node: SuiteNode | None, notes: ImportNotes) -> tuple[list[JsonValue], list[str]]:
    """Return the models of the user's connections, and the names of other providers."""
    contenders: list[JsonValue] = []
    foreign: list[str] = []
    if node is None or node.value is None:
        return contenders, foreign
    for each in node.value if isinstance(node.value, tuple) else (node,):
        name, fields = _provider(each)
        if not name or is_reference(name):
            notes.refuse_code(each.place, name or "providers")
        elif (model := own_model(name)) is not None:
            contender: Table = {"model": str(model), "parameters": _parameters(fields.get("config"), notes)}
            contender["label"] = _text(fields.get("label"))
            contenders.append(contender)
        else:
            foreign.append(shown(name))
            notes.change(
                each.place,
                phrase(
                    "“{name}” does not match any connection: choose models when you run the suite.", name=shown(name)
                ),
            )
    return contenders, foreign


def _provider(node: SuiteNode) -> tuple[str, NodeMap]:
    """Return a provider's name and options."""
    if not isinstance(node.value, dict):
        return (node.text if node.is_scalar else ""), {}
    if "id" in node.value:
        return _text(node.value["id"]), node.value
    name = next(iter(node.value), "")
    inner = node.value[name].value if name else None
    return name, inner if isinstance(inner, dict) else {}


def _parameters(config: SuiteNode | None, notes: ImportNotes) -> Table:
    """Return those provider options that are model parameters."""
    values: Table = {}
    if config is None or not isinstance(config.value, dict):
        return values
    for name, each in config.value.items():
        try:
            if is_sampling(name, value := checked_parameter(name, plain(each))):
                values[name] = value
                continue
        except (UsageError, ValueError):
            pass
        notes.left_out(config.key_place(name), name)
    return values


def _add_options(table: Table, node: SuiteNode | None, notes: ImportNotes) -> None:
    """Add the number of repeats and the concurrency."""
    if node is None or not isinstance(node.value, dict):
        return
    for name, each in node.value.items():
        number = each.value if isinstance(each.value, int) and not isinstance(each.value, bool) else 0
        if name == "repeat" and 1 <= number <= MOST_REPEATS:
            table["repeats"] = number
        elif name == "maxConcurrency" and 1 <= number <= MOST_CONCURRENCY:
            table["limits"] = {"concurrency": number}
        else:
            notes.left_out(node.key_place(name), name)


def _text(node: SuiteNode | None) -> str:
    """Return a scalar's text, or an empty string."""
    if node is None or not node.is_scalar or node.value is None:
        return ""
    return node.text
