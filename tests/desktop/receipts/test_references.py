"""Bodies with the texts of kept messages by reference are put together again to the byte."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.receipts.references import SentText, Unresolved, messages_in, referred, resolved

LONG = "The sky is blue because short waves are scattered more. "


def body(*texts: str) -> bytes:
    return msgspec.json.encode({"model": "m", "messages": [{"role": "user", "content": each} for each in texts]})


def sure(kept: bytes | None) -> bytes:
    assert kept is not None
    return kept


def test_long_texts_stand_by_reference_and_come_back() -> None:
    texts = {"one": LONG + "1", "two": LONG + '\n"2" \u20ac'}
    sent = body(*texts.values(), "short")
    kept = sure(referred(sent, [SentText(id_, text) for id_, text in texts.items()]))
    assert len(kept) < len(sent)
    assert messages_in(kept) == {"one", "two"}
    assert resolved(kept, texts.get) == (sent, Unresolved(0, 0))


@given(st.lists(st.text(min_size=0, max_size=120), max_size=6), st.data())
def test_whatever_is_sent_comes_back_to_the_byte(texts: list[str], data: st.DataObject) -> None:
    sent = body(*texts)
    known = data.draw(st.lists(st.sampled_from(texts or [""]), max_size=6))
    ids = {f"m{number}": text for number, text in enumerate(known)}
    assert resolved(sure(referred(sent, [SentText(*each) for each in ids.items()])), ids.get)[0] == sent


def test_a_body_that_says_what_a_reference_says_has_none() -> None:
    assert referred(b'{"x":{"@":"one"},"y":' + msgspec.json.encode(LONG) + b"}", [SentText("one", LONG)]) is None
    assert referred(body("paragone:attached:x"), []) is None


def test_a_text_that_speaks_of_references_is_none() -> None:
    said = body('{"@":"one"}', LONG)
    kept = sure(referred(said, [SentText("one", LONG)]))
    assert resolved(kept, {"one": LONG}.get) == (said, Unresolved(0, 0))


def test_what_is_gone_is_counted_and_its_reference_stands() -> None:
    kept = sure(referred(body(LONG), [SentText("one", LONG)]))
    assert resolved(kept, lambda _id: None) == (kept, Unresolved(1, 0))


def test_bytes_of_a_file_go_with_no_receipt() -> None:
    data, digest = "QUJD" * 1000, "a" * 64
    sent = body(f"data:image/png;base64,{data}")
    kept = sure(referred(sent, [], {data: digest}))
    assert len(kept) < 300
    assert resolved(kept, lambda _id: None) == (kept, Unresolved(0, 1))
    assert resolved(kept, lambda _id: None, lambda _digest: data)[0] == sent


@pytest.mark.parametrize("found", [True, False])
def test_a_long_history_takes_no_longer_by_the_square(found: bool) -> None:
    def took(count: int) -> float:
        texts = [f"{number} {LONG}" * 3 for number in range(count)]
        sent = body(*texts)
        asked = [SentText(f"m{number}", text if found else f"x{text}") for number, text in enumerate(texts)]
        begun = time.thread_time()
        referred(sent, asked)
        return time.thread_time() - begun

    took(100)
    assert took(2_000) < 60 * max(took(100), 0.0005)
