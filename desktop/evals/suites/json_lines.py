"""Reads JSON Lines files with line numbers, reporting invalid lines."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.evals.suites.suite_import import MOST_CASES, ImportNotes
from desktop.evals.suites.suite_problems import Place, shown
from desktop.text.phrases import phrase


def objects(text: str, file: str, notes: ImportNotes) -> Iterator[tuple[Place, dict[str, JsonValue]]]:
    """Yield each object with its place. Empty lines are skipped."""
    count = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        line_place = Place(file, number)
        if count >= MOST_CASES:
            notes.refuse(
                line_place,
                phrase("Additional cases were not imported: a suite can have at most {most}.", most=MOST_CASES),
            )
            return
        try:
            decoded = msgspec.json.decode(line, type=dict[str, JsonValue])
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            notes.refuse(line_place, phrase("Invalid JSON object: {reason}.", reason=shown(str(error))))
            continue
        count += 1
        yield line_place, decoded


def first_object(text: str) -> dict[str, JsonValue] | None:
    """Return the first object in a text, or None if the first nonempty line is not an object."""
    line = next((each for each in text.split("\n", 1000) if each.strip()), "")
    try:
        return msgspec.json.decode(line, type=dict[str, JsonValue])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
