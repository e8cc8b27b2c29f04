"""Values of other programs' JSON: the expected type, or nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.transfer.archives.loose_json import (
    Unreadable,
    decode,
    items,
    number,
    parted,
    table,
    tables,
    text,
    when,
    whole,
)

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


_WORDS = st.text(st.sampled_from('a",:[]{}\\ é\n'))
_SPELT = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=12,
)
_HALF = '"half of a pair: \\ud83d"'


@given(st.lists(_SPELT, min_size=1, max_size=5), st.sampled_from([None, 1]), st.booleans())
def test_a_list_with_half_a_pair_is_parted_into_the_same_items(
    held: list[object], indent: int | None, ascii_only: bool
) -> None:
    spelt = [json.dumps(each, indent=indent, ensure_ascii=ascii_only) for each in held]
    found = items(parted(f" [{', '.join([_HALF, *spelt])}\n] ".encode()))
    assert all(isinstance(each, msgspec.Raw) for each in found)
    assert [decode(each) for each in found] == ["half of a pair: \ud83d", *held]


@given(st.dictionaries(_WORDS, _SPELT, min_size=1, max_size=5))
def test_an_object_with_half_a_pair_is_parted_into_the_same_values(held: dict[str, object]) -> None:
    found = table(parted(f'{json.dumps(held)[:-1]}, "odd" : {_HALF}}}'.encode()))
    assert all(isinstance(each, msgspec.Raw) for each in found.values())
    assert {key: decode(each) for key, each in found.items()} == {**held, "odd": "half of a pair: \ud83d"}


@pytest.mark.parametrize("data", [b"[1,,2]", b"[1,2", b"[1,2]]", b'{"a" 1}', b'{"a":1,}', b"[,]", b'["\\ud83d",]'])
def test_what_is_no_list_and_no_object_is_not_parted(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parted(data)


def test_an_item_that_is_no_json_costs_only_itself() -> None:
    one, bad, two = items(parted(b'[{"a": 1}, {"a" 1}, {"a": 2}]'))
    assert (decode(one), decode(two)) == ({"a": 1}, {"a": 2})
    with pytest.raises(Unreadable):
        decode(bad)
