"""Words that are sought in a conversation, as regular expressions: whatever their case, accents and blanks; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property

from desktop.store import letter_folds
from desktop.unicode_form import composed

_BLANKS = "[\u2066\u2069]*\\s[\\s\u2066\u2069]*"
"""What may stand between two words, with what keeps code from being turned round."""

_WORD = re.compile(r"[^\W_]+")
_SIGNS = r"(?:\]\([^()\s]{0,300}\)|\]\[[^\[\]]{0,300}\]|[\W_])*+"
"""What of Markdown may stand between two words: signs, and where a link leads."""


_MOST = 100
"""Characters that are sought: each is a class of hundreds, and to compile one of these takes a millisecond."""


class FindWords:
    """What is typed into the find bar; of a longer text its beginning.

    In a text of plain letters alone no other spelling is tried, which is ten times as quick.
    """

    def __init__(self, words: str) -> None:
        parts = words.lstrip()[:_MOST].split()
        self._parts = _beginning(map(_bare, parts))
        self._typed = _beginning(map(_bare, _WORD.findall(" ".join(parts))))
        self.has_digits = any(map(str.isdigit, words))
        self._plain = _compiled(_BLANKS.join(map(re.escape, self._parts)))
        self.is_loose = bool(self._typed)
        """Whether it holds words, between which Markdown's signs may stand."""
        self._plain_loose = _compiled(_SIGNS.join(map(re.escape, self._typed)))

    @cached_property
    def _spelled(self) -> re.Pattern[str]:
        return _compiled(_BLANKS.join(map(_spelled, self._parts)))

    @cached_property
    def _spelled_loose(self) -> re.Pattern[str]:
        return _compiled(_SIGNS.join(map(_spelled, self._typed)))

    def places(self, text: str) -> Iterator[re.Match[str]]:
        """Where they stand in a text, one after the other."""
        return (self._plain if text.isascii() else self._spelled).finditer(text)

    def loose_places(self, text: str) -> Iterator[re.Match[str]]:
        """The same with anything between the words that may be Markdown's signs."""
        return (self._plain_loose if text.isascii() else self._spelled_loose).finditer(text)


def find_words(words: str) -> FindWords | None:
    """What finds words; None where there are none."""
    return FindWords(words) if words.split() else None


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _bare(word: str) -> str:
    """A word as it is compared; as it stands where nothing would be left of it."""
    return letter_folds.folded(composed(word, "NFKC").casefold()).strip() or word


def _beginning(words: Iterable[str]) -> list[str]:
    """Words as far as they are sought: one character may stand for eighteen."""
    kept: list[str] = []
    room = _MOST
    for word in words:
        kept += [word[:room]] if room > 0 else []
        room -= len(word)
    return kept


def _spelled(bare: str) -> str:
    """A pattern of every way to write a word."""
    single, double, marks = _spellings()
    pieces: list[str] = []
    place = 0
    while place < len(bare):
        pair = bare[place : place + 2]
        one = f"{single.get(pair[0], re.escape(pair[0]))}{marks}"
        if pair in double:
            other = f"{single.get(pair[1], re.escape(pair[1]))}{marks}"
            pieces.append(f"(?:{one}{other}|{double[pair]}{marks})")
            place += 2
        else:
            pieces.append(one)
            place += 1
    return "".join(pieces)


@cache
def _spellings() -> tuple[Mapping[str, str], Mapping[str, str], str]:
    """By what stands for them: letters of one, letters of two, and what is left out."""
    gathered: dict[str, list[str]] = {"ss": ["ß"], "": []}
    for code, base in letter_folds.table().items():
        gathered.setdefault(base, []).append(chr(code))
    classes = {base: f"[{''.join(map(re.escape, (*letters, base[:1])))}]" for base, letters in gathered.items()}
    single = {base: letters for base, letters in classes.items() if len(base) == 1}
    double = {base: f"[{''.join(map(re.escape, gathered[base]))}]" for base in gathered if len(base) == 2}
    return single, double, f"[{''.join(map(re.escape, gathered['']))}]*"
