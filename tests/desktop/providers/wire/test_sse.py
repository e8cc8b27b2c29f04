"""Event streams: any line end, any cut, bounded memory."""

from __future__ import annotations

import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.errors import AnswerTooLarge
from desktop.providers.wire.sse import EventStreamDecoder, ServerSentEvent


def decode(*pieces: bytes, most: int = 1 << 20) -> list[ServerSentEvent]:
    decoder = EventStreamDecoder(most)
    found = [event for piece in pieces for event in decoder.feed(piece)]
    return found + decoder.flush()


def data(*pieces: bytes) -> list[str]:
    return [event.data for event in decode(*pieces)]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_end_in_any_way(end: bytes) -> None:
    assert data(b"data: a" + end * 2 + b"data:b" + end + b"data:  c" + end * 2) == ["a", "b\n c"]


def test_crlf_cut_in_two_is_one_end() -> None:
    assert data(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == ["a\nb"]


def test_bom_comments_and_unknown_fields_are_passed_over() -> None:
    assert data(b"\xef", b"\xbb\xbfdata: a\n: hello\nretry: 10\nfoo: bar\nfoo\n\n") == ["a"]


def test_a_type_is_its_events_alone_and_ids_are_passed_over() -> None:
    found = decode(b"event: ping\nid: 7\ndata: a\n\nid: x\0y\ndata: b\n\n")
    assert found == [ServerSentEvent("ping", "a"), ServerSentEvent("", "b")]


@pytest.mark.parametrize("line", [b"id: " + b"x" * 900_000, b"event: " + b"x" * 900_000, b": " + b"x" * 900_000])
def test_what_is_said_once_is_not_held_by_every_event_after_it(line: bytes) -> None:
    decoder = EventStreamDecoder()
    tracemalloc.start()
    found = decoder.feed(line + b"\ndata: a\n\n")
    del line
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(200):
        found += decoder.feed(b"data: a\n\n" * 50)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found) == 10_001
    assert after - before < 3_000_000
    assert all(len(each.event) <= 100 for each in found)


def test_an_event_without_data_is_none_and_loses_its_type() -> None:
    assert decode(b"event: ping\n\ndata: a\n\n") == [ServerSentEvent("", "a")]


def test_empty_data_is_an_event() -> None:
    assert data(b"data:\n\ndata\ndata\n\n") == ["", "\n"]


def test_the_last_event_counts_without_closing_lines() -> None:
    assert data(b"data: a\n") == data(b"data: a") == ["a"]


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    assert data(b"data: a\xff\n\n") == ["a\ufffd"]


STREAM = st.lists(
    st.sampled_from(
        [
            b"data: ",
            b"data:",
            b"data",
            b"event: x",
            b"id: 1",
            b":c",
            b"\r",
            b"\n",
            b"\r\n",
            "é🌍".encode(),
            b" ",
            b"\xef\xbb\xbf",
        ]
    ),
    max_size=40,
).map(b"".join)


@given(STREAM, st.lists(st.integers(1, 5), min_size=1))
def test_any_cut_gives_the_same(stream: bytes, sizes: list[int]) -> None:
    pieces: list[bytes] = []
    at = 0
    while at < len(stream):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(stream[at : at + size])
        at += size
    assert decode(*pieces) == decode(stream)


@given(st.lists(st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"])), min_size=1))
def test_what_was_written_is_read(lines: list[str]) -> None:
    stream = "".join(f"data: {line}\n" for line in lines) + "\n"
    assert data(stream.encode()) == ["\n".join(lines)]


@pytest.mark.parametrize("endless", [b"data: " + b"x" * 64, b": " + b"x" * 64, b"x" * 64])
def test_a_line_beyond_the_bound_is_refused(endless: bytes) -> None:
    with pytest.raises(AnswerTooLarge):
        decode(*([endless] * 20), most=1000)


@pytest.mark.parametrize(("character", "size"), [("字", 3), ("д", 2), ("😀", 4), ("a", 1)])
@pytest.mark.parametrize("piece", [1 << 16, 1 << 30])
def test_the_bound_is_on_the_text_however_it_is_escaped(character: str, size: int, piece: int) -> None:
    most = 1 << 20
    for ascii_ in (True, False):
        fits, over = ((most + each) // size for each in (-100, 100))
        for count, refused in ((fits, False), (over, True)):
            line = f"data: {json.dumps(character * count, ensure_ascii=ascii_)}\n\n".encode()
            pieces = [line[at : at + piece] for at in range(0, len(line), piece)]
            if refused:
                with pytest.raises(AnswerTooLarge):
                    decode(*pieces)
            else:
                assert len(decode(*pieces)) == 1


def test_many_lines_of_one_event_are_bounded_together() -> None:
    decoder = EventStreamDecoder(1000)
    for _ in range(90):
        decoder.feed(b"data: 0123456789\n")
    with pytest.raises(AnswerTooLarge):
        decoder.feed(b"data: 0123456789\n" * 10)


def test_events_before_one_that_is_too_large_are_given_first() -> None:
    decoder = EventStreamDecoder(100)
    assert [event.data for event in decoder.feed(b"data: a\n\ndata: " + b"x" * 200)] == ["a"]
    with pytest.raises(AnswerTooLarge):
        decoder.feed(b"")


def test_a_line_in_small_pieces_takes_linear_time() -> None:
    decoder = EventStreamDecoder(1 << 20)
    for _ in range(500_000):
        decoder.feed(b"x")
