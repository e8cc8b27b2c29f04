"""Kinds of graders, with their values and bounds."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

import msgspec

from desktop.domain.conversation_types import Value


class Takes(StrEnum):
    """Kind of value that a grader takes."""

    NOTHING = "nothing"
    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    EXPRESSION = "expression"
    SCHEMA = "schema"
    REFERENCE = "reference"  # an optional text
    FIELDS = "fields"  # expectations by the path of a field
    CALL = "call"  # the name of a tool, or a table with it


class OptionKind(StrEnum):
    """Kind of value that a grader's option takes."""

    TEXT = "text"
    COUNT = "count"
    TOLERANCE = "tolerance"
    CHOICE = "choice"
    TABLE = "table"
    MODEL = "model"


class OptionSpec(Value, frozen=True, kw_only=True):
    """An option of a grader. `choices` are its allowed values."""

    kind: OptionKind
    about: str
    choices: tuple[str, ...] = ()


class GraderKind(Value, frozen=True, kw_only=True):
    """One kind of grader. `about` describes it; `folds` means that it has an `i` form, which ignores case.

    `threshold` is the allowed range of its threshold, or None if it takes none.
    """

    name: str
    about: str
    takes: Takes
    folds: bool = False
    threshold: tuple[float, float] | None = None
    needs_threshold: bool = False
    options: dict[str, OptionSpec] = msgspec.field(default_factory=dict[str, OptionSpec])


MOST_MS, MOST_USD, MOST_LENGTH = 86_400_000.0, 1_000_000.0, 100_000_000
LONGEST_EXPRESSION = 10_000
SHARE = (0.0, 1.0)
MOST_COUNT = 1_000
"""Maximum number of tool calls that can be demanded."""

_JUDGE = {
    "model": OptionSpec(kind=OptionKind.MODEL, about="the model that judges, as connection/model"),
    "rubric": OptionSpec(kind=OptionKind.TEXT, about="what makes an answer good"),
    "reference": OptionSpec(kind=OptionKind.TEXT, about="an answer that is right"),
    "system": OptionSpec(kind=OptionKind.TEXT, about="the judge's system prompt, in the place of the usual one"),
    "parameters": OptionSpec(kind=OptionKind.TABLE, about="parameters of the judge's model"),
}
_POSITION = OptionSpec(kind=OptionKind.CHOICE, about="which number of the answer", choices=("last", "first", "only"))
_NUMERIC = {
    "tolerance": OptionSpec(kind=OptionKind.TOLERANCE, about="how far off it may be: a number, or a share as 5%"),
    "position": _POSITION,
}
_LENGTH = {
    "min": OptionSpec(kind=OptionKind.COUNT, about="at least so many"),
    "max": OptionSpec(kind=OptionKind.COUNT, about="at most so many"),
    "unit": OptionSpec(kind=OptionKind.CHOICE, about="of what", choices=("characters", "words")),
}

_ALL = (
    GraderKind(name="equals", about="the answer is this text", takes=Takes.TEXT, folds=True),
    GraderKind(name="contains", about="this text is in it", takes=Takes.TEXT, folds=True),
    GraderKind(name="contains-any", about="one of these texts is in it", takes=Takes.TEXTS, folds=True),
    GraderKind(name="contains-all", about="all these texts are in it", takes=Takes.TEXTS, folds=True),
    GraderKind(name="starts-with", about="it begins with this text", takes=Takes.TEXT, folds=True),
    GraderKind(name="regex", about="this regular expression matches in it", takes=Takes.EXPRESSION, folds=True),
    GraderKind(name="is-json", about="it is JSON and nothing else", takes=Takes.NOTHING),
    GraderKind(name="json-schema", about="it is JSON of this JSON Schema", takes=Takes.SCHEMA),
    GraderKind(
        name="fields",
        about="it is JSON whose fields are as expected",
        takes=Takes.FIELDS,
        threshold=SHARE,
    ),
    GraderKind(name="tool-call", about="it called this tool", takes=Takes.CALL),
    GraderKind(name="numeric", about="its last number is this one", takes=Takes.NUMBER, options=_NUMERIC),
    GraderKind(
        name="similarity",
        about="it is this text but for some share of its characters",
        takes=Takes.TEXT,
        folds=True,
        threshold=SHARE,
    ),
    GraderKind(name="length", about="it is neither shorter nor longer", takes=Takes.NOTHING, options=_LENGTH),
    GraderKind(
        name="latency",
        about="it took at most so many milliseconds",
        takes=Takes.NOTHING,
        threshold=(0.0, MOST_MS),
        needs_threshold=True,
    ),
    GraderKind(
        name="cost",
        about="it cost at most so many US dollars",
        takes=Takes.NOTHING,
        threshold=(0.0, MOST_USD),
        needs_threshold=True,
    ),
    GraderKind(
        name="judge",
        about="a model says that it is good",
        takes=Takes.REFERENCE,
        threshold=SHARE,
        options=_JUDGE,
    ),
    GraderKind(
        name="judge-pair",
        about="a model says which of two contenders' answers is better",
        takes=Takes.REFERENCE,
        options=_JUDGE,
    ),
)

KINDS = MappingProxyType({kind.name: kind for kind in _ALL})
"""Kinds by name, without the prefixes `not-` and `i`."""


class GraderName(Value, frozen=True, kw_only=True):
    """A parsed grader type."""

    kind: GraderKind
    negated: bool
    folded: bool


def parse_name(text: str) -> GraderName | None:
    """Parse a type such as `not-icontains`, or return None if it is unknown."""
    name = text.strip()
    negated = name.startswith("not-")
    name = name.removeprefix("not-")
    if name in KINDS:
        return GraderName(kind=KINDS[name], negated=negated, folded=False)
    kind = KINDS.get(name.removeprefix("i")) if name.startswith("i") else None
    return GraderName(kind=kind, negated=negated, folded=True) if kind is not None and kind.folds else None


def names() -> tuple[str, ...]:
    """Return all types, including `i` forms but without `not-`."""
    return tuple(name for kind in _ALL for name in ((kind.name, f"i{kind.name}") if kind.folds else (kind.name,)))
