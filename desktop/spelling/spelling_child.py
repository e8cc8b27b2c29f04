"""Spelling child: checks words with Hunspell, which may block for a second or crash on a damaged dictionary."""

from __future__ import annotations

import codecs
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import msgspec

from desktop.domain.conversation_types import Value
from desktop.system.child_bounds import serve

SWITCH = "--spelling-child"
"""Private: check spelling for another process's window. The same as in main.py."""

MOST_BYTES = 4 << 20
"""Maximum size of a message in bytes. A larger one ends the child."""

MOST_SUGGESTIONS = 5

_SUGGESTING_S = 0.4
"""Time after which no further dictionary is asked for suggestions. One takes 20 to 400 ms."""
_SAMPLE_BYTES = 1 << 18
_ENCODING = re.compile(rb"^(?:\xef\xbb\xbf)?SET[ \t]+(\S+)", re.MULTILINE)


class DictionaryRequest(Value, frozen=True, kw_only=True, tag="load", tag_field="type"):
    """Request to load a dictionary, given by its folder and code. May take a second."""

    folder: str
    code: str


class DictionaryLoaded(Value, frozen=True, kw_only=True, tag="loaded", tag_field="type"):
    """Reply to a DictionaryRequest. `script` is the script of its words, or empty if it cannot be used."""

    script: str


class SpellingRequest(Value, frozen=True, kw_only=True, tag="check", tag_field="type"):
    """Words to look up in loaded dictionaries, given by their codes."""

    codes: tuple[str, ...]
    words: tuple[str, ...]


class SpellingReply(Value, frozen=True, kw_only=True, tag="checked", tag_field="type"):
    """The words that no dictionary of their script contains. A word of another script is not one of them."""

    misspelled: tuple[str, ...]


class SuggestionRequest(Value, frozen=True, kw_only=True, tag="suggest", tag_field="type"):
    """A misspelled word to find corrections for."""

    codes: tuple[str, ...]
    word: str


class SuggestionReply(Value, frozen=True, kw_only=True, tag="suggestions", tag_field="type"):
    """Corrections, the most similar one first."""

    words: tuple[str, ...]


SpellingChildRequest = DictionaryRequest | SpellingRequest | SuggestionRequest
SpellingChildReply = DictionaryLoaded | SpellingReply | SuggestionReply

parse_request = msgspec.json.Decoder[SpellingChildRequest](SpellingChildRequest).decode
parse_reply = msgspec.json.Decoder[SpellingChildReply](SpellingChildReply).decode


class Lexicon(Protocol):
    """What this module uses of hunspell.Hunspell. Words that its encoding cannot represent raise UnicodeError."""

    def spell(self, word: str) -> bool:
        """Whether the dictionary contains a word."""
        ...

    def suggest(self, word: str) -> Sequence[str]:
        """Return similar words."""
        ...


class Lexicons:
    """The dictionaries that are loaded, by code, and the script of each."""

    def __init__(self) -> None:
        self._loaded: dict[str, Lexicon] = {}
        self._scripts: dict[str, str] = {}

    def reply_to(self, request: SpellingChildRequest) -> bytes:
        """Return the encoded reply to a request."""
        if isinstance(request, DictionaryRequest):
            return msgspec.json.encode(DictionaryLoaded(script=self._load(request)))
        if isinstance(request, SpellingRequest):
            wrong = tuple(word for word in request.words if self._is_misspelled(word, request.codes))
            return msgspec.json.encode(SpellingReply(misspelled=wrong))
        return msgspec.json.encode(SuggestionReply(words=self._suggest(request)))

    def _load(self, request: DictionaryRequest) -> str:
        try:
            hunspell: Any = import_module("hunspell")  # compiled, and without types
            path = Path(request.folder) / f"{request.code}.dic"
            # Its paths are UTF-8 on Windows too, where the library then accepts long ones.
            loaded = hunspell.Hunspell(request.code, str(path.parent.absolute()), "UTF-8")
            encoding = loaded._dic_encoding = encoding_of(path.with_suffix(".aff"))  # noqa: SLF001 - it knows fewer
            script = script_of_sample(path, encoding)
        except (ImportError, OSError, ValueError):
            return ""
        if script:
            self._loaded[request.code], self._scripts[request.code] = loaded, script
        return script

    def _of_script(self, word: str, codes: Sequence[str]) -> list[Lexicon]:
        script = script_of(word[0])
        return [self._loaded[code] for code in codes if self._scripts.get(code) == script]

    def _is_misspelled(self, word: str, codes: Sequence[str]) -> bool:
        lexicons = self._of_script(word, codes)
        return bool(lexicons) and not any(_contains(lexicon, word) for lexicon in lexicons)

    def _suggest(self, request: SuggestionRequest) -> tuple[str, ...]:
        from rapidfuzz.distance import OSA

        began, word = time.monotonic(), request.word
        found: dict[str, None] = {}
        for lexicon in self._of_script(word, request.codes):
            if found and time.monotonic() - began > _SUGGESTING_S:
                break
            try:
                found.update(dict.fromkeys(each for each in lexicon.suggest(word) if each))
            except UnicodeError:
                continue

        letters = _letters(word)

        def distance(each: str) -> tuple[int, bool]:
            """Number of changed letters; among equals, those that only swap or double letters come first."""
            return OSA.distance(word, each), _letters(each) != letters

        return tuple(sorted(found, key=distance)[:MOST_SUGGESTIONS])


def _contains(lexicon: Lexicon, word: str) -> bool:
    try:
        return lexicon.spell(word)
    except UnicodeError:
        return False


def _letters(word: str) -> list[str]:
    """Return the letters of a word in alphabetical order, with single letters in place of double ones."""
    return sorted(letter for letter, before in zip(word, f" {word}", strict=False) if letter != before)


def script_of(letter: str) -> str:
    """Return the script of a letter, such as LATIN."""
    return unicodedata.name(letter, "").partition(" ")[0]


def encoding_of(path: Path) -> str:
    """Return Python's name of the encoding that an .aff file declares, or ASCII if Python does not know it."""
    with path.open("rb") as file:
        declared = _ENCODING.search(file.read(_SAMPLE_BYTES))
    name = declared[1].decode("ascii", "ignore") if declared is not None else "ISO8859-1"  # Hunspell's default
    try:
        return codecs.lookup(name.removeprefix("microsoft-")).name
    except LookupError:
        return "ascii"


def script_of_sample(path: Path, encoding: str) -> str:
    """Return the script in which most words at the beginning of a dictionary begin; empty if it contains none."""
    with path.open("rb") as file:
        lines = file.read(_SAMPLE_BYTES).decode(encoding, "ignore").splitlines()
    first = Counter(script_of(line[0]) for line in lines if line[:1].isalpha())
    return first.most_common(1)[0][0] if first else ""


def main() -> int:
    """Serve requests until stdin closes. Returns the exit status."""
    return serve(parse_request, Lexicons().reply_to, most=MOST_BYTES, writes_files=False)


if __name__ == "__main__":
    sys.exit(main())
