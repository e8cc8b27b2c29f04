"""Bodies with the texts of kept messages by reference are put together again to the byte."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.receipts.references import Resolved, digest_of, messages_in, referred, resolved
from tests.cpu_time import assert_growth

LONG = "The sky is blue because short waves are scattered more. "


def body(*texts: str) -> bytes:
    return msgspec.json.encode({"model": "m", "messages": [{"role": "user", "content": each} for each in texts]})


def test_long_texts_stand_by_reference_and_come_back() -> None:
    texts = {"one": LONG + "1", "two": LONG + '\n"2" \u20ac'}
    sent = body(*texts.values(), "short")
    kept = referred(sent, list(texts.items()))
    assert len(kept.body) < len(sent)
    assert messages_in(kept) == {"one", "two"}
    assert resolved(kept, texts.get) == Resolved(sent)


@given(st.lists(st.text(min_size=0, max_size=120), max_size=6), st.data())
def test_whatever_is_sent_comes_back_to_the_byte(texts: list[str], data: st.DataObject) -> None:
    sent = body(*texts, "\n\n".join(texts))
    known = data.draw(st.lists(st.sampled_from(texts or [""]), max_size=6))
    ids = {f"m{number}": text for number, text in enumerate(known)}
    files = {text: digest_of(text) for text in data.draw(st.lists(st.sampled_from(texts or ["f"]), max_size=2)) if text}
    said = {digest: text for text, digest in files.items()}
    kept = referred(sent, list(ids.items()), files)
    assert resolved(kept, ids.get, said.get).body == sent


@pytest.mark.parametrize("said", ['{"@":"one"}', "paragone:said:one;", f"paragone:attached:{'a' * 64};", "paragone-1:"])
def test_a_request_that_says_what_a_reference_says_comes_back_too(said: str) -> None:
    quoted = body(said, LONG)
    plain = b'{"x":' + (said if said.startswith("{") else '"' + said + '"').encode() + b"," + quoted[1:]
    kept = referred(plain, [("one", LONG)], {LONG[:20]: "b" * 64})
    assert LONG.encode() not in kept.body
    assert resolved(kept, {"one": LONG}.get) == Resolved(plain)


def test_what_a_file_says_is_not_sought_in_the_reference_to_another_one() -> None:
    files = {text: digest_of(text) for text in ("00", "0", "said", "attached", "")}
    sent = body("00", "0", "said", LONG, "attached")
    kept = referred(sent, [("one", LONG)], files)
    assert resolved(kept, {"one": LONG}.get, {digest: text for text, digest in files.items()}.get) == Resolved(sent)


def test_own_words_after_those_of_a_file_stand_by_reference() -> None:
    file = "a.txt\n```\n" + "line\n" * 100 + "```"
    sent = body(f"{file}\n\n{LONG}")
    kept = referred(sent, [("one", LONG)], {file: digest_of(file)})
    assert len(kept.body) < 250
    assert resolved(kept, {"one": LONG}.get, {digest_of(file): file}.get) == Resolved(sent)


def test_an_id_that_no_reference_can_hold_is_none() -> None:
    sent = body(LONG)
    for id_ in ('o"n e', "", "é1", "a" * 65):
        assert referred(sent, [(id_, LONG)]).body == sent


def test_what_is_gone_is_counted_and_its_reference_stands() -> None:
    kept = referred(body(LONG), [("one", LONG)])
    assert resolved(kept, lambda _id: None) == Resolved(kept.body, 1)


def test_bytes_of_a_file_go_with_no_receipt() -> None:
    data, digest = "QUJD" * 1000, "a" * 64
    sent = body(f"data:image/png;base64,{data}")
    kept = referred(sent, [], {data: digest})
    assert len(kept.body) < 300
    assert resolved(kept, lambda _id: None) == Resolved(kept.body, 0, frozenset({digest}))
    assert resolved(kept, lambda _id: None, lambda _digest: data).body == sent


@pytest.mark.parametrize("found", [True, False])
def test_a_long_history_takes_no_longer_by_the_square(found: bool) -> None:
    def refer(count: int) -> None:
        texts = [f"{number} {LONG}" * 3 for number in range(count)]
        sent = body(*texts)
        asked = [(f"m{number}", text if found else f"x{text}") for number, text in enumerate(texts)]
        referred(sent, asked)

    assert_growth(refer, 100, 2_000, at_most=60)
