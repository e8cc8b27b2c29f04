"""Other ways in which a word that is sought may stand in a text: with an article, as the end of a compound; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from desktop.late_pattern import late_pattern
from desktop.store import letter_folds
from desktop.store.index_additions import backwards, with_two_letters

_ARABIC, _HEBREW, _LATIN = (
    re.compile("[\u0621-\u064a]{3,40}"),
    re.compile("[\u05d0-\u05ea]{3,40}"),
    re.compile("[a-z]{4,40}"),
)
_ARTICLE = "ال"
_ARABIC_PREFIXES = "ال و ب ل ف ك وال بال فال كال لل ولل وب ول".split()  # noqa: SIM905 - easier to read
"""What Arabic writes without a space before a word: the, and, in, for, so, like, and these together."""

_HEBREW_PREFIXES = "ה ו ב ל מ ש כ וה שה וב ול ומ".split()  # noqa: SIM905
"""The same in Hebrew."""

_INFLECTIONS = ("", "e", "en", "n", "s", "es", "er")
"""What may stand behind the last part of a compound."""

_TWO_LETTERS = late_pattern("ae|oe|ue|aa")
_NASAL_END, _DOT = re.compile("[\u0919\u091e\u0923\u0928\u092e]\u094d?\\Z"), "\u0902"
"""Letters of Devanagari that are a dot before others: the last one that was typed may be before another."""

_JOINED = late_pattern(r"[^\W\d_]+(?:[-.][^\W\d_]+)+")
_VERSION = late_pattern(r"v?[0-9]+(?:\.[0-9]+)+")
_SUFFIXED = late_pattern(r"([a-z]{2,20})(js|net|io|ai|py)")
_SHORT_PREFIXES = ("e", "co", "re")
"""What is written before a word with a hyphen or without one: email, e-mail."""

_HALF, _MOST_PARTED = 4, 24
"""Letters of each half of a compound that may be written in two, and of all of it."""

_HEX = late_pattern(r"(?=[a-f]*[0-9])[0-9a-f]{4,32}|0x[0-9a-f]{4,32}")


def variants(folded: str, written: str) -> Iterator[tuple[str, bool]]:
    """Other words to be sought for one, folded as in the index, and whether each is but the beginning of one.

    `written` is what was typed, without case but with its accents: only there umlauts are seen.
    """
    if _ARABIC.fullmatch(folded):
        yield from ((prefix + folded, False) for prefix in _ARABIC_PREFIXES)
        if folded.startswith(_ARTICLE) and len(folded) > len(_ARTICLE) + 2:
            yield folded.removeprefix(_ARTICLE), False
    elif _HEBREW.fullmatch(folded):
        yield from ((prefix + folded, False) for prefix in _HEBREW_PREFIXES)
    elif _LATIN.fullmatch(folded):
        yield from ((backwards(folded + ending), True) for ending in _INFLECTIONS)
    elif dotted := _NASAL_END.search(written):
        yield folded[: dotted.start() - len(written)] + letter_folds.folded(_DOT), True
    spelled = with_two_letters(written)
    if spelled != written and spelled.isascii():
        yield spelled, False
    if _HEX.fullmatch(folded):
        yield folded.removeprefix("0x") if folded.startswith("0x") else f"0x{folded}", False


def lookalikes(folded: str, written: str) -> Iterator[str]:
    """What may stand in a text in the place of a word, where it was found by one of its variants."""
    if folded.startswith(_ARTICLE):
        yield folded.removeprefix(_ARTICLE)
    if folded.startswith("0x"):
        yield folded.removeprefix("0x")
    yield with_two_letters(written)
    yield _TWO_LETTERS.sub(lambda pair: pair[0][0], folded)


def other_joints(written: str, *, loosely: bool) -> Iterator[str]:
    """A word as it stands where it is joined or parted otherwise: e-mail and email, node.js and nodejs, v1.2 and 1.2.

    In the index a hyphen or a point between two words is like a blank: some texts that have the two apart are found.
    `loosely` also as two words of any compound, which costs much where both are common: for where nothing was found.
    """
    if _JOINED.fullmatch(written):
        yield written.replace("-", "").replace(".", "")
    elif _VERSION.fullmatch(written):
        yield written[1:] if written.startswith("v") else f"v{written}"
    elif _LATIN.fullmatch(written) and len(written) <= _MOST_PARTED:
        if suffixed := _SUFFIXED.fullmatch(written):
            yield f"{suffixed[1]}.{suffixed[2]}"
        for prefix in _SHORT_PREFIXES:
            if written.startswith(prefix) and len(written) >= len(prefix) + _HALF:
                yield f"{prefix}-{written.removeprefix(prefix)}"
        for end in range(_HALF, len(written) - _HALF + 1) if loosely else ():
            yield f"{written[:end]}-{written[end:]}"
