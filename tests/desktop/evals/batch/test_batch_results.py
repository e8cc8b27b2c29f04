"""Lines of a job's files are joined to its cells within bounds, whatever a server sends."""

from __future__ import annotations

import json
from functools import partial

from desktop.domain.suite_cells import CellKey
from desktop.evals.batch.batch_results import ResultJoiner
from desktop.providers.wire.batch_files import result_head, result_of
from desktop.providers.wire.faults import RequestTarget

ASKED = RequestTarget(host="lab")
CELLS = [CellKey(case, 0, 0) for case in range(3)]


def line(name: str, status: int, word: str = "") -> bytes:
    return json.dumps({"custom_id": name, "response": {"status_code": status, "body": {"word": word}}}).encode()


def joiner(most: int = 1_000_000) -> ResultJoiner:
    return ResultJoiner(CELLS, CELLS[:2], result_head, most)


def test_the_first_answered_one_counts_and_only_what_is_wanted_is_held() -> None:
    lines = [line("0-0-0", 500, "no"), line("0-0-0", 200, "one"), line("0-0-0", 200, "two"), line("2-0-0", 200)]
    found = joiner()
    assert found.take(lines)
    results = found.results(partial(result_of, target=ASKED))
    assert {key: result.body for key, result in results.items() if result is not None} == {CELLS[0]: b'{"word":"one"}'}


def test_of_strangers_only_some_names_are_held() -> None:
    found = joiner()
    assert found.take([*(line(f"{number}-9-9", 200) for number in range(1000)), b"{half", b""])
    assert (found.strangers, found.names, found.unreadable) == (1000, ["0-9-9", "1-9-9", "2-9-9"], 2)


def test_a_full_one_wants_no_more_and_holds_at_least_one() -> None:
    found = joiner(10)
    assert found.take([line("0-0-0", 200, "one")])
    assert not found.take([line("1-0-0", 200, "two"), b"{half"])
    assert (found.is_full, found.unreadable) == (True, 0)
    assert list(found.results(partial(result_of, target=ASKED))) == CELLS[:1]
