"""Texts are brought into one form, in a time that grows with them."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.runs.graders.unicode_form import composed

LETTERS = st.sampled_from(["a", "e\u0301", "\u1112\u1161\u11ab", "\u4e2d", "\u0915\u093c", " ", "\u0327\u0301"])


@settings(max_examples=30)
@given(st.lists(LETTERS, min_size=1, max_size=50), st.integers(1, 200))
def test_pieces_make_the_same_form_as_the_whole(letters: list[str], times: int) -> None:
    text = "".join(letters) * times
    assert composed(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("marks", ["\u0315\u0300", "\u0300"])
def test_marks_without_end_are_composed_soon(marks: str) -> None:
    started = time.monotonic()
    composed("a" + marks * 100_000)
    assert time.monotonic() - started < 5
