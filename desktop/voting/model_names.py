"""Detects names of models and makers in responses, using a word list and the models' own names."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from desktop.system.paths import resources
from desktop.system.plain_files import read_plain

_LOOKED_AT = 200_000
_LEAST = 4
"""Minimum length of a model name to search for. Shorter names are common words."""


def names_model(text: str, names: Iterable[str] = ()) -> bool:
    """Whether a text contains a listed word or one of these model names as a word.

    In a very long text, only the beginning and the end are searched.
    """
    if len(text) > 2 * _LOOKED_AT:
        text = f"{text[:_LOOKED_AT]}\n{text[-_LOOKED_AT:]}"
    wanted = {*_listed(), *(each.casefold() for each in names if len(each) >= _LEAST)}
    folded = text.casefold()
    return any(_stands_alone(folded, each) for each in wanted)


def _stands_alone(text: str, name: str) -> bool:
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not (text[max(at - 1, 0) : at].isalnum() or text[end : end + 1].isalpha()):
            return True
        at = text.find(name, at + 1)
    return False


@cache
def _listed() -> frozenset[str]:
    """Return the makers and model families in the list, which has one per line."""
    lines = read_plain(resources() / "voting" / "names.txt").decode("utf-8").splitlines()
    return frozenset(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))
