"""Grader that compares the fields of a JSON response with expectations by their paths."""

from __future__ import annotations

from collections import Counter
from typing import cast

import msgspec

from desktop.domain.conversation_types import JsonValue, Value
from desktop.domain.suite_cells import Grade
from desktop.evals.graders.check_child import Checker, CheckTask
from desktop.evals.graders.grading import Graded
from desktop.evals.graders.number_text import number_in, tolerance_of
from desktop.evals.graders.text_share import is_quick, share_of
from desktop.evals.graders.verdicts import quoted, unsure, verdict
from desktop.evals.suites.suite import GraderSpec
from desktop.evals.suites.templates import filled, names_in
from desktop.metrics.json_fields import Absent, Path, canonical, parsed_path, read_json, value_at
from desktop.session.answer_content import last_text
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import Phrase, phrase

MOST_EXPECTED = 500
"""Maximum number of fields of one grader."""

_USUAL_SHARE = 0.8
_ROUNDING = 1e-9
_TOLERANCE = late_pattern(r"\s{0,9}(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})\s{0,9}%?\s{0,9}")
_WAYS = {
    "equals": frozenset[str](),
    "number": frozenset({"tolerance"}),
    "set": frozenset[str](),
    "similarity": frozenset({"threshold"}),
}
"""Ways of comparing a field, each with its options."""


class Expectation(Value, frozen=True, kw_only=True):
    """Expected value of a field: `way` is equals, number, set or similarity."""

    path: Path
    shown: str
    way: str
    value: JsonValue
    tolerance: str = "0"
    least: float = _USUAL_SHARE


def slip_of_fields(value: JsonValue) -> Phrase | None:
    """Return why a grader's value is invalid, or None."""
    found = _expectations(value)
    return found if isinstance(found, Phrase) else None


class FieldGrader:
    """Compares fields. The score is the share of fields that are as expected."""

    def __init__(self, spec: GraderSpec, checker: Checker) -> None:
        self._spec = spec
        self._checker = checker
        self._expected = _expectations(spec.value)

    async def grade(self, graded: Graded) -> Grade:
        """Pass if all fields are as expected, or the share that the threshold demands."""
        if isinstance(self._expected, Phrase):
            return unsure(self._spec, self._expected)
        read = read_json(graded.text)
        if read.problem is not None and graded.parts is not None:
            read = read_json(last_text(graded.parts))
        if read.problem is not None:
            return verdict(self._spec, passed=False, reason=read.problem, score=0.0)
        slips: list[Phrase] = []
        for each in self._expected:
            slip = await self._slip(each, value_at(read.value, each.path), graded)
            if slip is not None:
                slips.append(slip)
        total = len(self._expected)
        share = (total - len(slips)) / total
        least = 1.0 if self._spec.threshold is None else self._spec.threshold
        return verdict(self._spec, passed=share >= least - _ROUNDING, reason=_reason(slips, total), score=share)

    async def _slip(self, expected: Expectation, value: JsonValue | Absent, graded: Graded) -> Phrase | None:
        """Return why a field is not as expected, or None."""
        if isinstance(value, Absent):
            return phrase("{field} is missing", field=expected.shown)
        wanted = _filled(expected.value, graded)
        match expected.way:
            case "number":
                fits = _is_near(value, wanted, expected.tolerance)
            case "set":
                fits = isinstance(value, list) and isinstance(wanted, list) and _bag(value) == _bag(wanted)
            case "similarity":
                fits = (
                    isinstance(value, str) and await self._share(value.strip(), str(wanted).strip()) >= expected.least
                )
            case _:
                fits = _is_equal(value, wanted, is_template=_is_template(expected.value))
        if fits:
            return None
        came, asked = quoted(canonical(value)), quoted(canonical(wanted))
        return phrase("{field}: expected {wanted}, got {value}", field=expected.shown, wanted=asked, value=came)

    async def _share(self, text: str, wanted: str) -> float:
        """Return the similarity of two texts; 0 if it takes too long to compare them."""
        if is_quick(text, wanted):
            return share_of(text, wanted)
        reply = await self._checker.check(CheckTask(kind="similarity", text=text, expected=wanted))
        return reply.share or 0.0


def _reason(slips: list[Phrase], total: int) -> Phrase:
    if not slips:
        return phrase("All {n} fields are as expected.", n=total)
    some = "; ".join(map(str, slips[:3])) + ("; …" if len(slips) > 3 else "")
    return phrase("{n} of {total} fields are as expected: {slips}.", n=total - len(slips), total=total, slips=some)


def _expectations(value: JsonValue) -> tuple[Expectation, ...] | Phrase:
    """Return the expectations of a grader's value, a table or one as JSON text, or why it is invalid."""
    if isinstance(value, str):
        try:
            value = cast("JsonValue", msgspec.json.decode(value))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return phrase("“value” must be a table of fields, or one as JSON.")
    if not isinstance(value, dict) or not value:
        return phrase("“value” must be a table of fields, or one as JSON.")
    if len(value) > MOST_EXPECTED:
        return phrase("“fields” can have at most {most} fields.", most=MOST_EXPECTED)
    found: list[Expectation] = []
    for name, each in value.items():
        path = parsed_path(name)
        if path is None:
            return phrase("“{name}” is not the path of a field, such as items[0].name.", name=name)
        made = _expectation(path, name, each)
        if isinstance(made, Phrase):
            return made
        found.append(made)
    return tuple(found)


def _expectation(path: Path, name: str, value: JsonValue) -> Expectation | Phrase:
    if not isinstance(value, dict):
        return Expectation(path=path, shown=name, way="equals", value=value)
    ways = [way for way in _WAYS if way in value]
    if len(ways) != 1 or set(value) - {ways[0]} - _WAYS[ways[0]]:
        said = "{name}: expected one of equals, number (with tolerance), set, similarity (with threshold)."
        return phrase(said, name=name)
    way, wanted = ways[0], value[ways[0]]
    tolerance, least = value.get("tolerance", 0), value.get("threshold", _USUAL_SHARE)
    slip = _slip_of_way(name, way, wanted)
    if slip is not None:
        return slip
    if isinstance(tolerance, bool) or not _TOLERANCE.fullmatch(str(tolerance)):
        return phrase("{name}: the tolerance must be a number or a percentage such as 5%.", name=name)
    if isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least <= 1:
        return phrase("{name}: the threshold must be a number from 0 to 1.", name=name)
    return Expectation(path=path, shown=name, way=way, value=wanted, tolerance=str(tolerance), least=float(least))


def _slip_of_way(name: str, way: str, wanted: JsonValue) -> Phrase | None:
    if way == "number" and not _is_template(wanted) and _number(wanted) is None:
        return phrase("{name}: “number” must be a number.", name=name)
    if way == "set" and not isinstance(wanted, list):
        return phrase("{name}: “set” must be a list.", name=name)
    if way == "similarity" and not isinstance(wanted, str):
        return phrase("{name}: “similarity” must be a text.", name=name)
    return None


def _filled(value: JsonValue, graded: Graded) -> JsonValue:
    """Return a value with the variables in its texts filled in."""
    match value:
        case str():
            return filled(value, graded.variables)
        case list():
            return [_filled(each, graded) for each in value]
        case dict():
            return {key: _filled(each, graded) for key, each in value.items()}
        case _:
            return value


def _is_template(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(names_in(value))


def _is_equal(value: JsonValue, wanted: JsonValue, *, is_template: bool) -> bool:
    """Whether values are equal as canonical JSON. Variables are text, so text from one also equals a number."""
    if canonical(value) == canonical(wanted):
        return True
    return is_template and isinstance(wanted, str) and not isinstance(value, str) and canonical(value) == wanted.strip()


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    return number_in(value, "only") if isinstance(value, str) else None


def _is_near(value: JsonValue, wanted: JsonValue, tolerance: str) -> bool:
    number = _number(wanted)
    if number is None or isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value - number) <= tolerance_of(tolerance, number) + _ROUNDING * abs(number)


def _bag(values: list[JsonValue]) -> Counter[str]:
    return Counter(map(canonical, values))
