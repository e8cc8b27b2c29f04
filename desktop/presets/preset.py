"""Presets as values: how one is filled in, and how it is known again in a system prompt; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from desktop.domain.conversation_types import Parameters, Value

_BRACES = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Variable(Value, frozen=True, kw_only=True):
    """What is filled in for `{name}`; `choices` are suggestions, and any other text does as well."""

    name: str
    label: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()


class Preset(Value, frozen=True, kw_only=True):
    """A named system prompt with parameters and variables; `{name}` in the prompt stands for a variable's value."""

    id: str
    title: str
    system: str
    description: str = ""
    parameters: Parameters = Parameters()
    variables: tuple[Variable, ...] = ()

    @property
    def defaults(self) -> dict[str, str]:
        """The variables' values where nothing else is filled in."""
        return {variable.name: variable.default for variable in self.variables}


class Applied(Value, frozen=True, kw_only=True):
    """A preset that is in use, with what its variables were filled with."""

    preset: Preset
    values: dict[str, str]


def filled(preset: Preset, values: Mapping[str, str]) -> str:
    """The system prompt with values inserted as they stand: a default where one is blank, else its braces stay."""
    defaults = preset.defaults
    known = {name: values.get(name, "").strip() or default or f"{{{name}}}" for name, default in defaults.items()}
    return _BRACES.sub(lambda found: known.get(found[1], found[0]), preset.system).strip()


def recognised(presets: Iterable[Preset], system: str) -> Applied | None:
    """The preset that a system prompt was filled from, None where there is none or it was edited since.

    So nothing but the prompt need be kept with a conversation. One without variables goes before one with them.
    """
    for preset in sorted(presets, key=lambda each: len(each.variables)):
        values = _values(preset, system)
        if values is not None and filled(preset, values) == system.strip():
            return Applied(preset=preset, values=values)
    return None


def _values(preset: Preset, system: str) -> dict[str, str] | None:
    """What stands in the places of the variables; None where the text between them is another one."""
    values = preset.defaults
    # Texts at even places, names of variables between them; braces that are no variable belong to the text.
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
    for place in range(1, len(pieces), 2):
        text = pieces[place + 1]
        if place + 2 < len(pieces):
            end = system.find(text, at)
        else:
            end = len(system) - len(text) if system.endswith(text) else -1
        if end < at:
            return None
        found = system[at:end]
        values[pieces[place]] = found if found != f"{{{pieces[place]}}}" else ""
        at = end + len(text)
    return values


def written(preset: Preset, system: str) -> Preset:
    """A preset with another text: names in braces become variables, and what was said of those that stay holds."""
    before = {variable.name: variable for variable in preset.variables}
    names = dict.fromkeys(_BRACES.findall(system))
    made = (Variable(name=name, label=name.replace("_", " ").capitalize()) for name in names)
    variables = tuple(before.get(variable.name, variable) for variable in made)
    return msgspec.structs.replace(preset, system=system, variables=variables)


def kept_parameters(parameters: Parameters, before: Preset | None, after: Preset | None) -> Parameters:
    """A conversation's parameters when one preset takes another's place: what the old one set goes, if it stands."""
    old = before.parameters.values if before else {}
    kept = {name: value for name, value in parameters.values.items() if name not in old or old[name] != value}
    return Parameters(values={**kept, **(after.parameters.values if after else {})})
