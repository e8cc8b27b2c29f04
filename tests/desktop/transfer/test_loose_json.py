"""Values of others: what was hoped for, or nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from desktop.transfer.loose_json import Unreadable, decode, items, number, table, tables, text, when, whole

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        1_700_000_000,
        1_700_000_000.0,
        1_700_000_000_000,
        1_700_000_000_000_000,
        1_700_000_000_000_000_000,
        "2023-11-14T22:13:20Z",
        "2023-11-14T23:13:20+01:00",
        "2023-11-14 22:13:20",
        " 2023-11-14T22:13:20.000999+00:00 ",
    ],
)
def test_a_time_is_read_in_any_unit(value: object) -> None:
    assert when(value) == AT


@pytest.mark.parametrize(
    "value", [None, True, 0, -5, "", "soon", "1969-01-01", "9999-12-31T23:59:59-12:00", [], {}, 1e308, float("nan")]
)
def test_what_is_no_time_is_none(value: object) -> None:
    found = when(value)
    assert found is None or found.year >= 1970


def test_others_are_of_their_kind_or_empty() -> None:
    assert (text("a"), text(3), text(True), text(None), text(["a"])) == ("a", "3", "", "", "")
    assert (number(2), number("2"), number(True), number(-1), number(float("inf"))) == (2.0, None, None, None, None)
    assert (whole(2.9), whole(1 << 60), whole(None)) == (2, None, None)
    assert (dict(table([])), list(items({})), tables([1, {"a": 1}])) == ({}, [], [{"a": 1}])


@pytest.mark.parametrize("data", [b"", b"{", b'{"a" 1}', b"[1,]", b"[" * 100_000, b"9" * 5_000, b"nul", b'"\\x"'])
def test_what_cannot_be_read_says_so_without_its_content(data: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        decode(data)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 100


def test_the_last_of_equal_keys_counts_and_decoded_values_stay() -> None:
    assert decode(b'{"a": 1, "a": 2}') == {"a": 2}
    held = {"a": object()}
    assert decode(held) is held
    assert decode(json.dumps({"a": "\ud83d\ude42"}).encode()) == {"a": "🙂"}
