"""Words and phrases of a search as FTS5 takes them, and as they are looked for in a text for the index; pure."""

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


MOST_TERMS, MOST_SOUGHT = 64, 400
"""Words or phrases of a search that are sought, and characters of one."""

_WORD = late_pattern(f"(?:{LETTER})+")
_END = f"(?!{LETTER})"
_BETWEEN = "(?:_|[^\\w\ue000-\uf8ff])++"
_TELLING = late_pattern(r"[+#$=<>&|^~@%\\]")
"""Signs that tell one word from another, also where nothing is quoted: C++, $HOME, a->b."""

_SAYING = late_pattern(f"{LETTER}|{UNSPACED}")
_SIGNS = late_pattern(f"{SIGN}{{2,}}")
_PIECE = late_pattern(f"(?P<space>\\s+)|(?P<run>{UNSPACED})|.", re.DOTALL)
_BLANKS = r"\s++"
_APOSTROPHES = late_pattern("(?<=\\w)['ʻʽ](?=\\w)")
"""Within words of many languages. Some signs that are written for it are no part of a folded word, others part it."""


@dataclass(frozen=True)
class Spelling:
    """One way in which a word or phrase may stand in a text for the index; `prefix` where it is a beginning."""

    tokens: tuple[str, ...]
    prefix: bool = False

    @property
    def expression(self) -> str:
        """It as FTS5 takes it."""
        return f'"{" ".join(self.tokens)}"{" *" if self.prefix else ""}'

    def is_in(self, words: str) -> bool:
        """Whether a text for the index has it."""
        return all(token in words for token in self.tokens) and self._pattern.search(words) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        first, *others = map(re.escape, self.tokens)
        return re.compile(f"{_BETWEEN.join((_beginning(first), *others))}{'' if self.prefix else _END}")


@dataclass(frozen=True, eq=False)
class Term:
    """One word or phrase of a search, as it was typed without case; any of its spellings will do.

    Each is another one: they are counted by thousands of texts, and their values would be gone through each time.

    Where signs matter, `literal` is what the text must hold, as a regular expression, and `signs` are pairs of them,
    all of which the index must have. Without spellings and signs the index cannot be asked.
    """

    text: str
    spellings: tuple[Spelling, ...]
    signs: tuple[str, ...] = ()
    literal: str = ""
    marked: tuple[str, ...] = ()
    """What is marked in a snippet: the first of these that is in it."""

    @property
    def prefix(self) -> bool:
        """Whether it is the beginning of a word."""
        return bool(self.spellings) and self.spellings[0].prefix

    @cached_property
    def expression(self) -> str:
        """It as FTS5 takes it; empty where the index cannot be asked."""
        spelled = [f"({self.spelled})"] if self.spelled else []
        return " AND ".join([*spelled, *(f'"{pair}"' for pair in self.signs)])

    @cached_property
    def spelled(self) -> str:
        """The same without its signs, of which an index knows nothing that was not made anew yet."""
        return " OR ".join(each.expression for each in self.spellings)

    @property
    def opening(self) -> str:
        """Its first spelling as FTS5 takes it, as a whole word."""
        return f'"{" ".join(self.spellings[0].tokens)}"' if self.spellings else ""

    def holds(self, words: str) -> bool:
        """Whether it stands in text for the index; as FTS5 would say, and with its signs."""
        if self.literal:
            return self._literal.search(words) is not None
        # Thousands of texts are looked at for each letter that is typed: nothing is called that need not be.
        for core, spellings in self._in_ascii if words.isascii() else self._by_core:
            if core in words and any(each.is_in(words) for each in spellings):
                return True
        return False

    @cached_property
    def cores(self) -> tuple[bytes, ...]:
        """What text for the index, in UTF-8, has one of where it holds this: most that does not need not be decoded."""
        if self.literal:
            return (b"",)
        return tuple(core.encode(errors="surrogatepass") for core, _ in self._by_core)

    @cached_property
    def _by_core(self) -> tuple[tuple[str, tuple[Spelling, ...]], ...]:
        """Spellings by what the first words of some have in common: all endings of a compound are looked for as one."""
        return _grouped(self.spellings)

    @cached_property
    def _in_ascii(self) -> tuple[tuple[str, tuple[Spelling, ...]], ...]:
        """Those that a text of ASCII may have, as most are."""
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
    """Words of a search, and whether each is a phrase to be found exactly; those in which nothing can be sought go.

    Words are taken as they stand: what FTS5 would read as syntax is text. The last one is a beginning, if not exact. Of
    more or longer ones than are sought the first are, and their beginnings: FTS5's time grows with the square of both.
    `loosely`: compounds in two words too.
    """
    kept: list[tuple[str, bool]] = []
    for text, exact in given[:MOST_TERMS]:
        written = _written(text)
        if _is_sought(letter_folds.folded(written[:MOST_SOUGHT]), exact=exact):
            kept.append((written, exact))
    kept = [*_without_lone_signs(kept)]
    unique: dict[tuple[str, str], Term] = {}
    for place, (whole, exact) in enumerate(kept):
        typed = (not exact and place == len(kept) - 1) or len(whole) > MOST_SOUGHT
        term = _term(whole[:MOST_SOUGHT].strip(), exact=exact, typed=typed, loosely=loosely)
        unique[term.expression, term.literal] = term
    return tuple(unique.values())


def _written(text: str) -> str:
    """A word as it was typed, without case; a character more than is sought where it is longer."""
    cut = index_text.composed(text[: MOST_SOUGHT + 1]).casefold()
    return cut[: MOST_SOUGHT + 1].replace('"', " ")


def _without_lone_signs(kept: Sequence[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Words without single signs among them, which tell no word from another: Tom & Jerry."""
    lone = [not exact and len(text.strip()) == 1 and not _SAYING.search(text) for text, exact in kept]
    yield from kept if all(lone) else (each for each, is_lone in zip(kept, lone, strict=True) if not is_lone)


def _is_sought(folded: str, *, exact: bool) -> bool:
    return bool(_WORD.search(folded) or RUN.search(folded)) or _are_signs_meant(folded.strip(), exact=exact)


def _are_signs_meant(text: str, *, exact: bool) -> bool:
    """Whether signs tell this word or phrase from others: in quotes all do."""
    if exact:
        return any(not character.isalnum() and not character.isspace() for character in RUN.sub("", text))
    return _TELLING.search(text) is not None


def _term(written: str, *, exact: bool, typed: bool, loosely: bool) -> Term:
    """A word or phrase; `typed` where it may be the beginning of one, `exact` where it stood in quotes."""
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
    """A word with an apostrophe as it is where the other kind of it was written: oʻzbek, o'zbek."""
    whole = _APOSTROPHES.sub("'", letter_folds.folded(written.replace("ʻ", "'").replace("ʽ", "'")))
    if "'" in whole:
        yield from (whole, _APOSTROPHES.sub("", whole))


def _without_accents(text: str) -> str:
    """A text as FTS5's tokenizer compares it."""
    return "".join(each for each in unicodedata.normalize("NFD", text) if not "\u0300" <= each < "\u0370")


def _pairs(folded: str) -> Iterator[str]:
    for run in _SIGNS.findall(folded):
        yield from pairs_of_signs(run)


def _spelling(text: str, *, typed: bool) -> Spelling:
    """A text's tokens for one FTS5 phrase, and whether the last one is only the beginning of a word, or of a pair."""
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
    """What text for the index must hold where signs matter: all of them as they stand, any blanks between words.

    No quantifier goes back over what it took: a text may be a megabyte of blanks.
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
    """What begins a word; looked for first, and then looked back from: so it is found quickly."""
    return f"{escaped}(?<![^\\W_]{escaped})(?<![\ue000-\uf8ff]{escaped})"
