"""Unicode normalization in linear time."""

from __future__ import annotations

import time
import unicodedata
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.text.unicode_form import composed

FORMS: tuple[Literal["NFC", "NFKC"], ...] = ("NFC", "NFKC")
JOINED = ("e\u0301", "\u1112\u1161\u11ab", "\u0915\u093c", "\u0327\u0301", "\uff76\uff9e", "\u1112\uffc2")
LETTERS = st.sampled_from(["a", "\u4e2d", " ", "\ufb01", "\u09c7\u09be", *JOINED])


@settings(max_examples=30)
@given(st.lists(LETTERS, min_size=1, max_size=50), st.integers(1, 200))
def test_pieces_make_the_same_form_as_the_whole(letters: list[str], times: int) -> None:
    text = "".join(letters) * times
    for form in FORMS:
        assert composed(text, form) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("marks", ["\u0315\u0300", "\u0300"])
def test_marks_without_end_are_composed_soon(marks: str) -> None:
    started = time.monotonic()
    composed("a" + marks * 100_000)
    assert time.monotonic() - started < 5
