"""Which words of a turn's answers are others than those of its first answer, by the window's engine; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from desktop.evaluation import agreement
from desktop.evaluation.differences import difference
from desktop.evaluation.pieces import Span

LEAST_SHARE = 0.25
"""Of the words of two answers that are the same: with fewer, nearly all would be marked, which says nothing."""

MOST_COMPARED = 1_000_000
"""Characters of two answers together that are compared: beyond, they have too many words, whose places fill memory."""

MOST_AGREED = 40_000
"""Characters of a turn's answers together that are searched for what all of them say."""


class AnswerMarks(Struct, frozen=True):
    """Of one answer: places of its words that the first answer has not, and the share of its own words that both have.

    `share` is None of the first answer, of one without words, and of answers that are too long to be compared, which
    `too_long` says. Without marks but with a share, the two have too little in common to be marked.
    """

    spans: tuple[Span, ...] = ()
    share: float | None = None
    too_long: bool = False


def marks_of(words: Sequence[str]) -> tuple[AnswerMarks, ...]:
    """The marks of a turn's answers by what is read of each, empty for none. Of two answers both are marked."""
    saying = [place for place, text in enumerate(words) if text.strip()]
    found = [AnswerMarks() for _ in words]
    if len(saying) < 2:
        return tuple(found)
    first = saying[0]
    for place in saying[1:]:
        is_short = len(words[first]) + len(words[place]) <= MOST_COMPARED
        compared = difference(words[first], words[place]) if is_short else None
        if compared is None:
            found[place] = AnswerMarks(too_long=True)
            continue
        own = compared.share_of_right
        changes = [] if own < LEAST_SHARE else [each for each in compared.changes if not each.same]
        found[place] = AnswerMarks(tuple(each.right for each in changes), own)
        if len(saying) == 2 and compared.share >= LEAST_SHARE:
            found[first] = AnswerMarks(tuple(each.left for each in changes))
    return tuple(found)


def said_by_all(words: Sequence[str]) -> tuple[str, ...]:
    """Sentences of a turn's first answer that all others say too, by their words; none where they are too long."""
    saying = [text for text in words if text.strip()]
    if len(saying) < 2 or sum(map(len, saying)) > MOST_AGREED:
        return ()
    found = agreement.echoed_by_all(saying)
    return tuple(span.of(saying[0]) for span in found or ())
