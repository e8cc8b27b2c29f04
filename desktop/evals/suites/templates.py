"""Templates of suites: `{{name}}` stands for a case's variable; there is nothing else that a template can do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{\s{0,20}([^{}|%#\s]{1,200})\s{0,20}\}\}")
_OTHER = re.compile(r"\{%|\{\{[^{}]{0,200}\}\}")


def names_in(template: str) -> tuple[str, ...]:
    """The variables that a template names, each once, in their order."""
    return tuple(dict.fromkeys(match[1] for match in _PLACE.finditer(template)))


def slip_in(template: str) -> str:
    """The first thing in a template that is written as if it did more than name a variable; empty where none is."""
    return next((match[0] for match in _OTHER.finditer(template) if not _PLACE.fullmatch(match[0])), "")


def times_in(template: str) -> Counter[str]:
    """How often a template names each variable."""
    return Counter(match[1] for match in _PLACE.finditer(template))


def filled(template: str, variables: Mapping[str, str]) -> str:
    """A template with its variables in their places; what a variable holds is not looked at again.

    One that is not there stays as it is written: suites are checked for those before anything is sent.
    """
    return _PLACE.sub(lambda match: variables.get(match[1], match[0]), template)
