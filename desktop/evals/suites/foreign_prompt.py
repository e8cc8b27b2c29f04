"""Converts other programs' prompts (texts, or conversations with a system prompt) to turns."""

from __future__ import annotations

import re
from typing import cast

import msgspec

from desktop.domain.conversation_types import JsonValue, Value
from desktop.evals.suites.promptfoo_asserts import is_reference
from desktop.evals.suites.suite_import import ImportNotes, template_problem
from desktop.evals.suites.suite_node import SuiteNode, plain
from desktop.evals.suites.suite_problems import Place, SuiteProblems
from desktop.evals.suites.templates import names_in, slip_in
from desktop.text.phrases import phrase

_FILE_NAME = re.compile(r"[^\s{}]{1,500}\.(?:txt|md|j2|json|jsonl|yaml|yml|js|cjs|mjs|ts|py|csv|rb|sh)(?::\S{1,200})?")
_FIELD = re.compile(r"[.\[(]")
_INSTRUCTING = ("system", "developer")


class ForeignPrompt(Value, frozen=True, kw_only=True):
    """A prompt of another program. `system` is its system prompt, or empty."""

    turns: tuple[str, ...]
    system: str = ""


def prompt_of(node: SuiteNode, notes: ImportNotes) -> ForeignPrompt | None:
    """Convert a promptfoo prompt, or return None if it is rejected."""
    if isinstance(node.value, dict):
        raw = node.value.get("raw")
        if raw is not None and raw.is_scalar:
            return prompt_of(raw, notes)
        named = node.value.get("id") or node.value.get("label")
        notes.refuse_code(node.place, named.text if named is not None else "id")
        return None
    if not node.is_scalar or not node.text.strip():
        notes.refuse(node.place, phrase("A prompt that is not text was not imported."))
        return None
    text = node.text
    if is_reference(text) or _FILE_NAME.fullmatch(text.strip()):
        notes.refuse_code(node.place, text)
        return None
    if slip := other_template(text):
        notes.refuse(node.place, template_problem(slip))
        return None
    messages = _messages(text)
    return ForeignPrompt(turns=(text,)) if messages is None else conversation(messages, node.place, notes)


def conversation(messages: list[dict[str, JsonValue]], place: Place, notes: ImportNotes) -> ForeignPrompt | None:
    """Convert messages to a system prompt and turns, or return None if they contain other roles."""
    system: list[str] = []
    turns: list[str] = []
    for each in messages:
        role, content = each.get("role"), each.get("content")
        if role not in (*_INSTRUCTING, "user") or not isinstance(content, str) or each.get("name"):
            notes.refuse(place, phrase("A conversation is imported only if all its messages are text from the user."))
            return None
        (system if role in _INSTRUCTING else turns).append(content)
    text = "\n\n".join(turns)
    if not text.strip():
        notes.refuse(place, phrase("A prompt that is not text was not imported."))
        return None
    return ForeignPrompt(turns=(text,), system="\n\n".join(system))


def without_system(prompts: list[ForeignPrompt], place: Place, notes: ImportNotes) -> tuple[list[ForeignPrompt], str]:
    """Return the prompts, and the system prompt they share.

    If their system prompts differ, these become part of the prompts.
    """
    system, *others = {prompt.system for prompt in prompts} or {""}
    if not others and not names_in(system) and not slip_in(system):
        return [ForeignPrompt(turns=each.turns) for each in prompts], system
    notes.change(
        place, phrase("System prompts that differ or contain variables were prepended to the prompts that use them.")
    )
    return [_joined(each) for each in prompts], ""


def other_template(text: str) -> str:
    """Return the first template syntax other than plain variables, or an empty string."""
    return slip_in(text) or next((f"{{{{{name}}}}}" for name in names_in(text) if _FIELD.search(name)), "")


def _joined(prompt: ForeignPrompt) -> ForeignPrompt:
    first, *rest = prompt.turns
    return ForeignPrompt(turns=(f"{prompt.system}\n\n{first}" if prompt.system else first, *rest))


def _messages(text: str) -> list[dict[str, JsonValue]] | None:
    """Parse a list of messages from JSON or YAML, or return None if the text is not such a list."""
    start = text.lstrip()
    if start.startswith("["):
        try:
            decoded = cast("JsonValue", msgspec.json.decode(text))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None
    elif start.startswith("- role:"):
        decoded = _yaml(text)
    else:
        return None
    if not isinstance(decoded, list) or not decoded:
        return None
    messages = [each for each in decoded if isinstance(each, dict) and isinstance(each.get("role"), str)]
    return messages if len(messages) == len(decoded) else None


def _yaml(text: str) -> JsonValue:
    from desktop.evals.suites.yaml_text import read_yaml

    problems = SuiteProblems()
    node = read_yaml(text, "", problems)
    try:
        return None if node is None or problems else plain(node)
    except ValueError:
        return None
