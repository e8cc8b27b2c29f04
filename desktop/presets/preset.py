"""Presets and their variables: filling in values, and recognizing a preset in a system prompt. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from desktop.domain.conversation_types import Parameters, Value

_BRACES = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Variable(Value, frozen=True, kw_only=True):
    """A placeholder `{name}` in a preset. `choices` are suggestions; any other text is allowed, too."""

    name: str
    label: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()


class Preset(Value, frozen=True, kw_only=True):
    """A named system prompt with parameters, variables and tool servers.

    `{name}` in the prompt stands for a variable's value. `tools` are names of tool servers to use.
    """

    id: str
    title: str
    system: str
    description: str = ""
    parameters: Parameters = Parameters()
    variables: tuple[Variable, ...] = ()
    tools: tuple[str, ...] = ()

    @property
    def defaults(self) -> dict[str, str]:
        """Default values of the variables."""
        return {variable.name: variable.default for variable in self.variables}


class Applied(Value, frozen=True, kw_only=True):
    """A preset in use, with the values of its variables."""

    preset: Preset
    values: dict[str, str]


def filled(preset: Preset, values: Mapping[str, str]) -> str:
    """Return the system prompt with values inserted unchanged.

    Blank values are replaced by the default, or else by the placeholder.
    """
    defaults = preset.defaults
    known = {name: values.get(name, "").strip() or default or f"{{{name}}}" for name, default in defaults.items()}
    return _BRACES.sub(lambda found: known.get(found[1], found[0]), preset.system).strip()


def recognised(presets: Iterable[Preset], system: str) -> Applied | None:
    """Return the preset from which a system prompt was made, or None if there is none or the prompt was edited.

    Therefore, only the prompt has to be stored with a conversation. Presets without variables take precedence.
    """
    for preset in sorted(presets, key=lambda each: len(each.variables)):
        values = _values(preset, system)
        if values is not None and filled(preset, values) == system.strip():
            return Applied(preset=preset, values=values)
    return None


def _values(preset: Preset, system: str) -> dict[str, str] | None:
    """Return the values of the variables in a system prompt, or None if the text between them differs."""
    values = preset.defaults
    # Texts are at even indexes, variable names at odd ones. Other braces are part of the text.
    pieces = [""]
    for number, piece in enumerate(_BRACES.split(preset.system.strip())):
        if number % 2 and piece in values:
            pieces += [piece, ""]
        else:
            pieces[-1] += f"{{{piece}}}" if number % 2 else piece
    system = system.strip()
    if not system.startswith(pieces[0]):
        return None
    at = len(pieces[0])
    for index in range(1, len(pieces), 2):
        text = pieces[index + 1]
        if index + 2 < len(pieces):
            end = system.find(text, at)
        else:
            end = len(system) - len(text) if system.endswith(text) else -1
        if end < at:
            return None
        found = system[at:end]
        values[pieces[index]] = found if found != f"{{{pieces[index]}}}" else ""
        at = end + len(text)
    return values


def written(preset: Preset, system: str) -> Preset:
    """Return a preset with a new prompt. Names in braces become variables; existing variables keep their properties."""
    before = {variable.name: variable for variable in preset.variables}
    names = dict.fromkeys(_BRACES.findall(system))
    made = (Variable(name=name, label=name.replace("_", " ").capitalize()) for name in names)
    variables = tuple(before.get(variable.name, variable) for variable in made)
    return msgspec.structs.replace(preset, system=system, variables=variables)


def kept_servers(servers: Sequence[str], before: Preset | None, after: Preset | None) -> tuple[str, ...]:
    """Return a conversation's tool servers after one preset is replaced by another."""
    old = before.tools if before else ()
    return tuple(dict.fromkeys([*(each for each in servers if each not in old), *(after.tools if after else ())]))


def kept_parameters(parameters: Parameters, before: Preset | None, after: Preset | None) -> Parameters:
    """Return a conversation's parameters after one preset is replaced by another.

    Parameters that the old preset set are removed unless they were changed.
    """
    old = before.parameters.values if before else {}
    kept = {name: value for name, value in parameters.values.items() if name not in old or old[name] != value}
    return Parameters(values={**kept, **(after.parameters.values if after else {})})
