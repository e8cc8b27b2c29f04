from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.store.records import index_text


def test_lone_halves_are_replaced_and_pairs_joined() -> None:
    assert index_text.clean("a\ud83d\ude00b") == "a😀b"
    assert index_text.clean("a\ud83db") == "a\ufffdb"
    assert index_text.clean("plain \0 text") == "plain \0 text"


WRITTEN = st.text(
    st.one_of(
        st.sampled_from("aé ß㌖東京ｶﾞ각\u0301\u0316\u1161\u11a8\ud83d\ude00🙂\ufdfa。 \0\n"),
        st.characters(),
    ),
    max_size=60,
)


@given(st.lists(WRITTEN, max_size=40), st.integers(1, 3))
def test_in_pieces_it_is_indexed_as_it_would_be_whole(texts: list[str], often: int) -> None:
    text = "".join(texts) * often
    text += "x" * max(0, 1_000 - len(text)) + "".join(texts)  # across the end of a block
    whole = index_text.RUN.sub(
        lambda run: f" {' '.join(index_text.pairs(run.group(), ended=True))} ", index_text.folded(text)
    )
    assert index_text.said(index_text.indexed(text)).split() == whole.split()


@pytest.mark.parametrize("text", ["word " * 600_000, "東京都" * 200_000, "㌖" * 500_000])
def test_what_is_beyond_the_bound_is_not_indexed_and_nothing_is_torn(text: str) -> None:
    made = index_text.indexed(text)
    assert len(made.encode()) <= index_text.LONGEST
    assert set(made.split()) <= set(index_text.indexed(text[:9_000]).split())


@pytest.mark.timeout(80)
def test_marks_without_end_are_put_in_order_block_by_block() -> None:
    assert len(index_text.indexed("a" + "\u0301\u0316" * 1_000_000).encode()) <= index_text.LONGEST
