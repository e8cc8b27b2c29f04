"""Search terms as FTS5 expressions and as patterns for index text. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from desktop.store.records import index_text, letter_folds
from desktop.store.records.index_additions import ENDING, SIGN, backwards, pairs_of_signs, with_two_letters
from desktop.store.records.index_text import LETTER, RUN, UNSPACED
from desktop.text.late_pattern import late_pattern

_ARABIC, _HEBREW, _LATIN = (
    re.compile("[\u0621-\u064a]{3,40}"),
    re.compile("[\u05d0-\u05ea]{3,40}"),
    re.compile("[a-z]{4,40}"),
)
_ARTICLE = "ال"
_ARABIC_PREFIXES = "ال و ب ل ف ك وال بال فال كال لل ولل وب ول".split()  # noqa: SIM905 - easier to read
"""Arabic prefixes written without a space: the, and, in, for, so, like, and combinations."""

_HEBREW_PREFIXES = "ה ו ב ל מ ש כ וה שה וב ול ומ".split()  # noqa: SIM905
"""Hebrew prefixes written without a space."""

_INFLECTIONS = ("", "e", "en", "n", "s", "es", "er")
"""Inflectional endings of the last part of a compound."""

_TWO_LETTERS = late_pattern("ae|oe|ue|aa")
_NASAL_END, _DOT = re.compile("[\u0919\u091e\u0923\u0928\u092e]\u094d?\\Z"), "\u0902"
"""Devanagari nasals at the end of a typed prefix, which are written as a dot before other letters."""

_JOINED = late_pattern(r"[^\W\d_]+(?:[-.][^\W\d_]+)+")
_VERSION = late_pattern(r"v?[0-9]+(?:\.[0-9]+)+")
_SUFFIXED = late_pattern(r"([a-z]{2,20})(js|net|io|ai|py)")
_SHORT_PREFIXES = ("e", "co", "re")
"""Prefixes that are written with or without a hyphen: email, e-mail."""

_HALF, _MOST_PARTED = 4, 24
"""Minimum length of each half of a compound, and maximum length of the whole word."""

_HEX = late_pattern(r"(?=[a-f]*[0-9])[0-9a-f]{4,32}|0x[0-9a-f]{4,32}")


def variants(folded: str, written: str) -> Iterator[tuple[str, bool]]:
    """Yield other words to search for instead of a word, folded as in the index, each with whether it is only a prefix.

    `written` is the word as typed, case-folded but with its accents.
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
    """Yield texts that may be highlighted for a word found by a variant."""
    if folded.startswith(_ARTICLE):
        yield folded.removeprefix(_ARTICLE)
    if folded.startswith("0x"):
        yield folded.removeprefix("0x")
    yield with_two_letters(written)
    yield _TWO_LETTERS.sub(lambda pair: pair[0][0], folded)


def other_joints(written: str, *, loosely: bool) -> Iterator[str]:
    """Yield other ways to join or split a word: e-mail and email, node.js and nodejs, v1.2 and 1.2."""
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


MOST_TERMS, MOST_SOUGHT = 64, 400
"""Maximum number of terms and their maximum length."""

_WORD = late_pattern(f"(?:{LETTER})+")
_END = f"(?!{LETTER})"
_BETWEEN = "(?:_|[^\\w\ue000-\uf8ff])++"
_TELLING = late_pattern(r"[+#$=<>&|^~@%\\]")
"""Symbols that are significant even without quotes: C++, $HOME, a->b."""

_SAYING = late_pattern(f"{LETTER}|{UNSPACED}")
_SIGNS = late_pattern(f"{SIGN}{{2,}}")
_PIECE = late_pattern(f"(?P<space>\\s+)|(?P<run>{UNSPACED})|.", re.DOTALL)
_BLANKS = r"\s++"
_APOSTROPHES = late_pattern("(?<=\\w)['ʻʽ](?=\\w)")
"""Apostrophes within words, some of which separate a folded word into tokens."""


@dataclass(frozen=True)
class Spelling:
    """One form in which a term may occur in index text; `prefix` is whether it is only the beginning of a word."""

    tokens: tuple[str, ...]
    prefix: bool = False

    @property
    def expression(self) -> str:
        """FTS5 expression of the spelling."""
        return f'"{" ".join(self.tokens)}"{" *" if self.prefix else ""}'

    def is_in(self, words: str) -> bool:
        """Whether index text contains the spelling."""
        return all(token in words for token in self.tokens) and self._pattern.search(words) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        first, *others = map(re.escape, self.tokens)
        return re.compile(f"{_BETWEEN.join((_beginning(first), *others))}{'' if self.prefix else _END}")


@dataclass(frozen=True, eq=False)
class Term:
    """A word or phrase of a query; any of its spellings matches.

    Compared by identity, because cached values are used for thousands of texts.
    """

    text: str
    spellings: tuple[Spelling, ...]
    signs: tuple[str, ...] = ()
    literal: str = ""
    marked: tuple[str, ...] = ()
    """Texts to highlight in a snippet, in order of preference."""

    @property
    def prefix(self) -> bool:
        """Whether the term may be only the beginning of a word."""
        return bool(self.spellings) and self.spellings[0].prefix

    @cached_property
    def expression(self) -> str:
        """Return the FTS5 expression, or an empty string if the index does not support the term."""
        spelled = [f"({self.spelled})"] if self.spelled else []
        return " AND ".join([*spelled, *(f'"{pair}"' for pair in self.signs)])

    @cached_property
    def spelled(self) -> str:
        """Return the FTS5 expression without symbols, for an index without symbol pairs."""
        return " OR ".join(each.expression for each in self.spellings)

    @property
    def opening(self) -> str:
        """FTS5 expression of the first spelling as complete words."""
        return f'"{" ".join(self.spellings[0].tokens)}"' if self.spellings else ""

    def holds(self, words: str) -> bool:
        """Whether index text contains the term, including symbols, by the same rules as FTS5."""
        if self.literal:
            return self._literal.search(words) is not None
        # Runs for thousands of texts per typed letter, so calls are avoided.
        for core, spellings in self._in_ascii if words.isascii() else self._by_core:
            if core in words and any(each.is_in(words) for each in spellings):
                return True
        return False

    @cached_property
    def cores(self) -> tuple[bytes, ...]:
        """Return byte strings for a fast pre-check: any matching index text contains at least one of them."""
        if self.literal:
            return (b"",)
        return tuple(core.encode(errors="surrogatepass") for core, _ in self._by_core)

    @cached_property
    def _by_core(self) -> tuple[tuple[str, tuple[Spelling, ...]], ...]:
        """Group spellings by their common prefix."""
        return _grouped(self.spellings)

    @cached_property
    def _in_ascii(self) -> tuple[tuple[str, tuple[Spelling, ...]], ...]:
        """Group the spellings that ASCII text may contain."""
        return _grouped([each for each in self.spellings if all(map(str.isascii, each.tokens))])

    @cached_property
    def _literal(self) -> re.Pattern[str]:
        return re.compile(self.literal)


def _grouped(spellings: Sequence[Spelling]) -> tuple[tuple[str, tuple[Spelling, ...]], ...]:
    cores: dict[str, list[Spelling]] = {}
    for each in sorted(spellings, key=lambda spelling: len(spelling.tokens[0])):
        first = each.tokens[0].lstrip(ENDING)
        core = next((known for known in cores if known in first), first)
        cores.setdefault(core, []).append(each)
    return tuple((core, tuple(held)) for core, held in cores.items())


def terms(given: Sequence[tuple[str, bool]], *, loosely: bool = False) -> tuple[Term, ...]:
    """Return the terms for words and exact phrases. Words that cannot match anything are omitted."""
    words: list[tuple[str, bool]] = []
    for text, exact in given[:MOST_TERMS]:
        written = _written(text)
        if _is_sought(letter_folds.folded(written[:MOST_SOUGHT]), exact=exact):
            words.append((written, exact))
    words = [*_without_lone_signs(words)]
    unique: dict[tuple[str, str], Term] = {}
    for place, (whole, exact) in enumerate(words):
        typed = (not exact and place == len(words) - 1) or len(whole) > MOST_SOUGHT
        term = _term(whole[:MOST_SOUGHT].strip(), exact=exact, typed=typed, loosely=loosely)
        unique[term.expression, term.literal] = term
    return tuple(unique.values())


def _written(text: str) -> str:
    """Return a word case-folded and truncated to the maximum length."""
    cut = index_text.composed(text[: MOST_SOUGHT + 1]).casefold()
    return cut[: MOST_SOUGHT + 1].replace('"', " ")


def _without_lone_signs(kept: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Yield the words without single symbols between them, such as in “Tom & Jerry”."""
    lone = [not exact and len(text.strip()) == 1 and not _SAYING.search(text) for text, exact in kept]
    yield from kept if all(lone) else (each for each, is_lone in zip(kept, lone, strict=True) if not is_lone)


def _is_sought(folded: str, *, exact: bool) -> bool:
    return bool(_WORD.search(folded) or RUN.search(folded)) or _are_signs_meant(folded.strip(), exact=exact)


def _are_signs_meant(text: str, *, exact: bool) -> bool:
    """Whether symbols are significant in a term; in quotes they always are."""
    if exact:
        return any(not character.isalnum() and not character.isspace() for character in RUN.sub("", text))
    return _TELLING.search(text) is not None


def _term(written: str, *, exact: bool, typed: bool, loosely: bool) -> Term:
    """Return a term. `typed` is whether the word may be incomplete, `exact` whether it was quoted."""
    folded = letter_folds.folded(written)
    first = _spelling(folded, typed=typed)
    spellings = [first] if first.tokens else []
    if first.tokens and folded != _without_accents(written):
        spellings.append(_spelling(written, typed=typed))  # as an index has it that was not made anew yet
    marked = [folded]
    if not exact and first.tokens:
        parted = [*_otherwise_parted(written), *other_joints(written, loosely=loosely)]
        spellings += (_spelling(way, typed=typed) for way in parted)
        marked += parted
    if not exact and first.tokens == (folded,):
        spellings += (Spelling((word,), prefix or first.prefix) for word, prefix in variants(folded, written))
        marked += lookalikes(folded, written)
    meant = _are_signs_meant(folded, exact=exact)
    return Term(
        text=written,
        spellings=tuple(dict.fromkeys(each for each in spellings if each.tokens)),
        signs=tuple(dict.fromkeys(_pairs(folded))) if meant else (),
        literal=_literal(folded, first) if meant else "",
        marked=tuple(marked),
    )


def _otherwise_parted(written: str) -> Iterator[str]:
    """Yield a word with other kinds of apostrophes: oʻzbek, o'zbek."""
    whole = _APOSTROPHES.sub("'", letter_folds.folded(written.replace("ʻ", "'").replace("ʽ", "'")))
    if "'" in whole:
        yield from (whole, _APOSTROPHES.sub("", whole))


def _without_accents(text: str) -> str:
    """Return text without accents, as FTS5's tokenizer compares it."""
    return "".join(each for each in unicodedata.normalize("NFD", text) if not "\u0300" <= each < "\u0370")


def _pairs(folded: str) -> Iterator[str]:
    for run in _SIGNS.findall(folded):
        yield from pairs_of_signs(run)


def _spelling(text: str, *, typed: bool) -> Spelling:
    """Return the tokens of a text as an FTS5 phrase. If `typed`, the last token is a prefix."""
    pieces: list[str] = []
    end = 0
    prefix = False
    for run in RUN.finditer(text):
        pieces.append(text[end : run.start()])
        end = run.end()
        followed = bool(_WORD.search(text, end) or RUN.search(text, end))
        pieces.extend(index_text.pairs(run.group(), ended=followed))
        prefix = not followed and len(run.group()) == 1
    pieces.append(text[end:])
    last = text[-1:]
    typed = typed and bool(re.match(LETTER, last)) and not RUN.fullmatch(last)
    return Spelling(tuple(_WORD.findall(" ".join(pieces))), prefix or typed)


def _literal(folded: str, spelling: Spelling) -> str:
    """Return a pattern that matches index text with all symbols of a term.

    The pattern does not backtrack.
    """
    pattern: list[str] = []
    is_blank_due = False
    for match in _PIECE.finditer(folded):
        if match["space"] or match["run"] or is_blank_due:
            pattern += [_BLANKS] if pattern and pattern[-1] != _BLANKS else []
            is_blank_due = bool(match["run"])
        if match["run"]:
            pattern += [_BLANKS.join(index_text.pairs(match["run"], ended=match.end() < len(folded)))]
        elif not match["space"]:
            pattern += [re.escape(match[0])]
    if _WORD.match(folded) and not RUN.match(folded):
        pattern[0] = _beginning(pattern[0])
    last = folded[-1:]
    end = _END if re.match(LETTER, last) and not RUN.match(last) and not spelling.prefix else ""
    return f"{''.join(pattern)}{end}"


def _beginning(escaped: str) -> str:
    """Return a pattern for text at the start of a word. The look-behind follows the text, which is faster."""
    return f"{escaped}(?<![^\\W_]{escaped})(?<![\ue000-\uf8ff]{escaped})"
