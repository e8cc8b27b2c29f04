from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import apsw
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Parameters, Problem
from desktop.domain.message_parts import ImagePart, PartKind, ReasoningPart, TextPart
from desktop.store.records import row_mapping
from desktop.store.sqlite.sql import Cell, Sql
from desktop.text.phrases import LONGEST
from tests.desktop.store import made


@given(st.datetimes(datetime(1900, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)))
def test_times_come_back_to_the_millisecond(at: datetime) -> None:
    assert timedelta(0) <= at - row_mapping.from_ms(row_mapping.to_ms(at)) < timedelta(milliseconds=1)


def test_times_of_other_zones_are_the_same_moment() -> None:
    at = datetime(1969, 12, 31, 23, tzinfo=timezone(timedelta(hours=-3)))
    assert row_mapping.from_ms(row_mapping.to_ms(at)) == at


def test_parts_of_an_unknown_kind_are_left_out() -> None:
    stored = '[{"type":"text","text":"a"},{"type":"hologram","x":1},{"type":"text","text":"b"},7]'
    assert row_mapping.parts(stored) == (TextPart(text="a"), TextPart(text="b"))


def test_damaged_parts_raise() -> None:
    with pytest.raises(msgspec.DecodeError):
        row_mapping.parts("[{")


def test_deltas_of_one_kind_become_one_part_after_those_given() -> None:
    given_ = (TextPart(text="so far"),)
    text, reasoning = PartKind.TEXT, PartKind.REASONING
    deltas = [(text, " and"), (text, " on"), (reasoning, "hm"), (reasoning, "m"), (text, "!")]
    assert row_mapping.merged(given_, deltas) == (
        TextPart(text="so far and on"),
        ReasoningPart(text="hmm"),
        TextPart(text="!"),
    )
    assert row_mapping.merged((), []) == ()
    assert row_mapping.merged((), [(PartKind.TEXT, "")]) == ()


def test_what_utf8_cannot_hold_is_replaced_wherever_it_stands() -> None:
    values = Parameters(values={"stop\udc00": ["\ud800", 1, None], "deep": {"x": "\udfff"}})
    assert row_mapping.parameters(row_mapping.to_json(values)).values == {
        "stop\ufffd": ["\ufffd", 1, None],
        "deep": {"x": "\ufffd"},
    }


def test_the_index_takes_text_and_reasoning_but_no_names_of_files() -> None:
    parts = (ReasoningPart(text="Think"), TextPart(text="Say"), ImagePart(sha256="0", media_type="x", name="hidden"))
    assert row_mapping.searchable(parts) == "say\n\nthink"


def test_what_went_wrong_is_kept_and_given_at_the_length_of_a_few_sentences() -> None:
    word = "x" * 4_000_000
    endless = Problem(code=word, message=word, hint=word, retry_after_s=1.0)
    answer = msgspec.structs.replace(made.answer(made.prompt()), problem=endless)
    kept = row_mapping.facts(answer, counted=False)
    assert len(kept) < 4 * LONGEST
    older = kept.replace("x" * (LONGEST - 1) + "…", "y" * 1_000_000)
    row = row_mapping.MessageRow(
        seq=1,
        id=answer.id,
        parent=None,
        role=answer.role,
        status=answer.status,
        created_at=0,
        facts=older,
        parts="[]",
    )
    given_ = row_mapping.message(row, None).problem
    assert given_ is not None
    assert {len(each) for each in (given_.code, given_.message, given_.hint)} == {LONGEST}
    assert given_.retry_after_s == 1.0


@pytest.mark.parametrize("cell", [1e300, -1e300, 5e-324, 9.3e18, float("inf"), float("nan"), b"", "x", None])
def test_whatever_a_flipped_bit_makes_of_a_number_sqlite_can_hold_it(cell: Cell) -> None:
    number = row_mapping.number_of(cell)
    assert Sql(apsw.Connection(":memory:")).integer("SELECT ?", (number,)) == number
