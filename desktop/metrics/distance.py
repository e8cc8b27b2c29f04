"""How far answers lie apart by the words of their sentences: a contender's from one another, and from others'; pure.

Of each sentence the likest one of the other answer counts, wherever that stands: twice the words that both have, by the
words of both. An answer is said again as far as its sentences are, the long ones weighing more; two answers lie as far
apart as the part of each that the other does not say, on average. 0 is the same words, sentence by sentence; 1 none.
No language and no meaning is known: what is said in other words lies far apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from msgspec import Struct

from desktop.metrics.pieces import sentences, words
from desktop.text.unicode_form import composed

MOST_SENTENCES = 2000
"""Of all answers together; with more nothing is worked out."""

FEWEST_WORDS = 40
"""Of an answer with fewer a word more or less is much: its distances say little."""


class Apart(Struct, frozen=True):
    """The mean distance over so many pairs of answers, from 0 to 1."""

    mean: float
    pairs: int


class ContenderDistance(Struct, frozen=True):
    """How far a contender's answers lie from one another, and from those of all others; None where there is no pair.

    `beside` are its distances from each other contender that answered, by their numbers.
    """

    contender: int
    answers: int
    itself: Apart | None
    others: Apart | None
    beside: tuple[tuple[int, Apart], ...] = ()


class Distances(Struct, frozen=True):
    """Of all contenders that answered; `short` where some answer has too few words to say much."""

    contenders: tuple[ContenderDistance, ...]
    short: bool


def normal(text: str) -> frozenset[str]:
    """The words of a sentence as they are compared: without case, width, marks of Markdown and signs."""
    folded = composed(text, "NFKC").casefold()
    found = (span.of(folded).strip("_") for span in words(folded))
    return frozenset(word for word in found if word and word[0].isalnum())


def distance(left: str, right: str) -> float | None:
    """How far two answers lie apart, from 0 to 1; None where one has no words, or both too many sentences."""
    found = distances([left, right], [0, 1])
    return found.contenders[0].others.mean if found and found.contenders and found.contenders[0].others else None


def distances(texts: Sequence[str], contenders: Sequence[int]) -> Distances | None:
    """The distances of answers, each of a contender by its number; None where they are too long together.

    Texts without words are no answers.
    """
    told = [_told(text) for text in texts]
    if sum(map(len, told)) > MOST_SENTENCES:
        return None
    places = [place for place, each in enumerate(told) if each]
    masks = _Masks(told)
    apart = {pair: masks.apart(*pair) for pair in combinations(places, 2)}
    numbers = list(dict.fromkeys(contenders[place] for place in places))
    of = {each: [place for place in places if contenders[place] == each] for each in numbers}

    def between(mine: int, theirs: Sequence[int]) -> Apart | None:
        """Over all pairs of answers of a contender and of others; with itself each pair once."""
        pairs = {(min(a, b), max(a, b)) for each in theirs for a in of[mine] for b in of[each] if a != b}
        return Apart(sum(apart[pair] for pair in pairs) / len(pairs), len(pairs)) if pairs else None

    found = tuple(
        ContenderDistance(
            each,
            len(of[each]),
            between(each, [each]),
            between(each, others := [other for other in numbers if other != each]),
            tuple((other, side) for other in others if (side := between(each, [other])) is not None),
        )
        for each in numbers
    )
    return Distances(found, short=any(sum(map(len, told[place])) < FEWEST_WORDS for place in places))


def _told(text: str) -> list[frozenset[str]]:
    return [said for span in sentences(text) if (said := normal(span.of(text)))]


class _Masks:
    """Sentences as numbers with a bit for each word: what two have in common is counted in one step."""

    def __init__(self, told: Sequence[Sequence[frozenset[str]]]) -> None:
        bits: dict[str, int] = {}
        for word in sorted({word for each in told for sentence in each for word in sentence}):
            bits[word] = 1 << len(bits)
        self._of = [[(sum(bits[word] for word in sentence), len(sentence)) for sentence in each] for each in told]

    def apart(self, one: int, other: int) -> float:
        """The distance of two answers by their places."""
        lefts, rights = self._of[one], self._of[other]
        forth, back = [0.0] * len(lefts), [0.0] * len(rights)
        for at, (mask, count) in enumerate(lefts):
            for beside, (theirs, counted) in enumerate(rights):
                common = (mask & theirs).bit_count()
                if common:
                    like = 2 * common / (count + counted)
                    forth[at] = max(forth[at], like)
                    back[beside] = max(back[beside], like)
        return 1 - (_weighed(lefts, forth) + _weighed(rights, back)) / 2


def _weighed(said: Sequence[tuple[int, int]], like: Sequence[float]) -> float:
    whole = sum(count for _, count in said)
    return sum(count * each for (_, count), each in zip(said, like, strict=True)) / whole
