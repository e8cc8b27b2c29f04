"""Lines of an output file are the same however its bytes come, and none is longer than it may be."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from desktop.providers.wire.result_lines import ResultLines

_TEXTS = st.lists(st.sampled_from([b"a", b"bc", b" ", b"\r", b"\n", b"\xef\xbb\xbf", b"long" * 3]), max_size=40)


def cut(pieces: list[bytes], most: int = 8) -> list[bytes]:
    lines = ResultLines(most)
    return [*(line for piece in pieces for line in lines.feed(piece)), *lines.finish()]


@given(_TEXTS)
@example([b"\n", b" ", b"12345678", b"\n"])
def test_pieces_make_no_difference(pieces: list[bytes]) -> None:
    assert cut(pieces) == cut([b"".join(pieces)]) == cut([bytes([each]) for each in b"".join(pieces)])


def test_blank_lines_and_a_mark_at_the_beginning_are_none_and_one_that_is_too_long_is_empty() -> None:
    assert cut([b"\xef\xbb\xbf{}\r\n\n \n12345678\n", b"1234567", b"89\n[]"]) == [b"{}", b"12345678", b"", b"[]"]
