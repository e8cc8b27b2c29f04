"""Reads and writes presets as TOML and JSON. Invalid presets are reported, and the others are accepted."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec import Struct

from desktop.catalog.catalog_entry import PARAMETERS, parse_parameter
from desktop.domain.conversation_types import JsonValue, Parameters
from desktop.errors import ParagoneError, UsageError
from desktop.presets.preset import Preset, Variable
from desktop.text import toml_text
from desktop.text.phrases import Phrase, phrase

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_OURS = frozenset({"messages", "model", "stream", "stream_options", "n"})
"""Request fields that a preset cannot set."""
TITLE, DESCRIPTION, SYSTEM, MOST_VARIABLES, MOST_CHOICES = 80, 300, 100_000, 20, 200
"""Maximum lengths of title, description and prompt, and maximum numbers of variables and of choices."""


class PresetFile(Struct, frozen=True):
    """Content of a file: presets, invalid tables, and a sentence about each invalid table."""

    presets: tuple[Preset, ...] = ()
    broken: tuple[Mapping[str, Any], ...] = ()
    notices: tuple[Phrase, ...] = ()


def from_text(text: str) -> PresetFile:
    """Return the presets in a file to be imported. Its first character determines whether it is TOML or JSON.

    Raises:
        ValueError: If the file contains no list of presets.
    """
    import json  # imported late, because the first paint does not need it

    start = text.lstrip()[:2]
    if start.startswith("{"):
        return _from_tables(cast("dict[str, object]", json.loads(text)).get("presets"))
    if start.startswith("[") and not text.lstrip().startswith("[["):
        return _from_tables(json.loads(text))
    return from_toml(text)


def from_toml(text: str) -> PresetFile:
    """Return the presets in a TOML file.

    Raises:
        ValueError: If the text is not TOML or contains no list of presets.
    """
    return _from_tables(toml_text.parse(text).get("presets", []))


def to_json(presets: Iterable[Preset]) -> str:
    """Return presets as a JSON file that can be shared."""
    import json

    tables = [_table(preset) for preset in presets]
    return json.dumps({"presets": tables}, ensure_ascii=False, indent=2) + "\n"


def to_toml(presets: Iterable[Preset], broken: Iterable[Mapping[str, Any]] = ()) -> str:
    """Return presets as a TOML file, followed by the unchanged tables in `broken`."""
    import tomlkit

    tables: list[Any] = []
    for table in map(_table, presets):
        table["system"] = tomlkit.string(table["system"], multiline="\n" in table["system"])
        tables.append(table)
    tables.extend(broken)
    document = tomlkit.document()
    document["version"] = 1
    document["presets"] = tables
    return tomlkit.dumps(document)


def checked(preset: Preset) -> Preset:
    """Return a preset with normalized texts.

    Raises:
        UsageError: If the title or prompt is missing, or a limit is exceeded.
    """
    title = " ".join(preset.title.split())
    system = preset.system.strip()
    if not title or not system:
        raise UsageError(phrase("A preset needs a title and a system prompt."))
    if len(title) > TITLE:
        raise UsageError(phrase("A title can have at most {most} characters.", most=TITLE))
    if len(system) > SYSTEM:
        raise UsageError(phrase("A system prompt can have at most {most} characters.", most=f"{SYSTEM:,}"))
    if len(preset.variables) > MOST_VARIABLES or any(len(each.choices) > MOST_CHOICES for each in preset.variables):
        raise UsageError(
            phrase(
                "A preset can have at most {variables} variables with at most {choices} choices each.",
                variables=MOST_VARIABLES,
                choices=MOST_CHOICES,
            )
        )
    names = [variable.name for variable in preset.variables]
    if len(set(names)) < len(names) or not all(map(_NAME.fullmatch, names)):
        raise UsageError(phrase("Each variable needs a unique name that consists of lowercase letters and digits."))
    changed = msgspec.structs.replace(
        preset,
        title=title,
        system=system,
        description=" ".join(preset.description.split())[:DESCRIPTION],
        parameters=_checked_parameters(preset.parameters),
        tools=tuple(" ".join(each.split())[:TITLE] for each in preset.tools[:MOST_CHOICES]),
    )
    try:
        msgspec.json.encode(changed)
    except UnicodeEncodeError as error:
        raise UsageError(phrase("The text is not valid Unicode.")) from error
    return changed


def _from_tables(tables: object) -> PresetFile:
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in cast("list[object]", tables)):
        raise ValueError("`presets` is not a list of tables")
    presets: dict[str, Preset] = {}
    broken: list[Mapping[str, Any]] = []
    notices: list[Phrase] = []
    for number, table in enumerate(cast("list[dict[str, Any]]", tables), 1):
        try:
            preset = checked(_preset(table, f"preset-{number}"))
            if preset.id in presets:
                raise UsageError(phrase("The ID “{id}” already exists.", id=preset.id))
            presets[preset.id] = preset
        except (msgspec.ValidationError, ParagoneError) as error:
            broken.append(table)
            notices.append(_unusable(number, table, error))
    return PresetFile(tuple(presets.values()), tuple(broken), tuple(notices))


def _unusable(number: int, table: Mapping[str, Any], error: Exception) -> Phrase:
    title, message = table.get("title"), error.message if isinstance(error, ParagoneError) else str(error)
    reason = message if message.endswith(".") else f"{message}."
    if not isinstance(title, str):
        return phrase("Preset {number} could not be used: {reason}", number=number, reason=reason)
    name = " ".join(title.split())[:TITLE]
    return phrase("Preset {number} (“{title}”) could not be used: {reason}", number=number, title=name, reason=reason)


def _preset(table: Mapping[str, Any], name: str) -> Preset:
    fields = {**table, "id": table.get("id") or name, "parameters": {"values": table.get("parameters", {})}}
    return msgspec.convert(fields, Preset)


def _checked_parameters(parameters: Parameters) -> Parameters:
    import json

    values: dict[str, JsonValue] = {}
    for name, value in parameters.values.items():
        number = isinstance(value, (int, float)) and abs(value) <= sys.float_info.max  # false for NaN
        texts = isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))
        if not _NAME.fullmatch(name) or name in _OURS or not (number or texts):
            raise UsageError(phrase("“{name}” is not a parameter that a preset can set.", name=name[:TITLE]))
        values[name] = parse_parameter(f"{name}={json.dumps(value)}")[1] if name in PARAMETERS else value
    return Parameters(values=values)


def _table(preset: Preset) -> dict[str, Any]:
    """Return a preset as stored in files, omitting empty fields."""
    table: dict[str, Any] = {"id": preset.id, "title": preset.title, "description": preset.description}
    table["system"] = preset.system
    table["parameters"] = dict(preset.parameters.values)
    table["tools"] = list(preset.tools)
    table["variables"] = [_variable_table(variable) for variable in preset.variables]
    return {key: value for key, value in table.items() if value}


def _variable_table(variable: Variable) -> dict[str, Any]:
    table: dict[str, Any] = {"name": variable.name, "label": variable.label, "default": variable.default}
    table["choices"] = list(variable.choices)
    return {key: value for key, value in table.items() if value}
