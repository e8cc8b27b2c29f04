"""Suite templates. Only `{{name}}` has a special meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{\s{0,20}([^{}|%#\s]{1,200})\s{0,20}\}\}")
_OTHER = re.compile(r"\{%|\{\{[^{}]{0,200}\}\}")


def names_in(template: str) -> tuple[str, ...]:
    """Return the distinct variables of a template in order of appearance."""
    return tuple(dict.fromkeys(match[1] for match in _PLACE.finditer(template)))


def slip_in(template: str) -> str:
    """Return the first unsupported template syntax, or an empty string."""
    return next((match[0] for match in _OTHER.finditer(template) if not _PLACE.fullmatch(match[0])), "")


def times_in(template: str) -> Counter[str]:
    """Count how often a template uses each variable."""
    return Counter(match[1] for match in _PLACE.finditer(template))


def filled(template: str, variables: Mapping[str, str]) -> str:
    """Replace the variables in a template. Values are not expanded again.

    Undefined variables are left unchanged.
    """
    return _PLACE.sub(lambda match: variables.get(match[1], match[0]), template)
