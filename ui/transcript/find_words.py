"""Words that are sought in a conversation, as regular expressions: whatever their case, accents and blanks; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from desktop.store import letter_folds

_BLANKS = "[\u2066\u2069]*\\s[\\s\u2066\u2069]*"
"""What may stand between two words, with what keeps code from being turned round."""

_WORD = re.compile(r"[^\W_]+")
_SIGNS = r"(?:\]\([^()\s]{0,300}\)|\]\[[^\[\]]{0,300}\]|[\W_])*+"
"""What of Markdown may stand between two words: signs, and where a link leads."""


class FindWords:
    """What is typed into the find bar.

    In a text of plain letters alone no other spelling is tried, which is ten times as quick.
    """

    def __init__(self, words: str) -> None:
        parts = words.split()
        typed = _WORD.findall(" ".join(parts))
        bare = [_bare(part) for part in parts]
        self.has_digits = any(map(str.isdigit, words))
        self._plain = _compiled(_BLANKS.join(map(re.escape, bare)))
        self._spelled = _compiled(_BLANKS.join(map(_spelled, bare)))
        self.is_loose = bool(typed)
        """Whether it holds words, between which Markdown's signs may stand."""
        self._plain_loose = _compiled(_SIGNS.join(map(re.escape, map(_bare, typed))))
        self._spelled_loose = _compiled(_SIGNS.join(_spelled(_bare(word)) for word in typed))

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
    return letter_folds.folded(unicodedata.normalize("NFKC", word).casefold()).strip() or word


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
