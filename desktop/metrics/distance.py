"""Distance between responses by the words in their sentences, within a contender and between contenders.

Each sentence is matched with the most similar sentence of the other response, in any position (Dice coefficient of word
sets). Longer sentences weigh more; the distance of two responses is the mean unmatched share of both. 0 means equal
words in every sentence, 1 means no words in common. Meaning is ignored, so a paraphrase has a large distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from msgspec import Struct

from desktop.metrics.pieces import sentences, words
from desktop.text.unicode_form import composed

MOST_SENTENCES = 2000
"""Maximum total number of sentences in all responses."""

FEWEST_WORDS = 40
"""Minimum number of words for a meaningful distance."""


class Apart(Struct, frozen=True):
    """Mean distance of pairs of responses, from 0 to 1, and the number of pairs."""

    mean: float
    pairs: int


class ContenderDistance(Struct, frozen=True):
    """Mean distances of a contender's responses to each other and to all other responses; None without pairs.

    `beside` are the mean distances to each other contender, by index.
    """

    contender: int
    answers: int
    itself: Apart | None
    others: Apart | None
    beside: tuple[tuple[int, Apart], ...] = ()


class Distances(Struct, frozen=True):
    """Distances of all contenders. `short` means that a response has too few words for meaningful distances."""

    contenders: tuple[ContenderDistance, ...]
    short: bool


def noise_pairs(found: Distances) -> tuple[tuple[int, int], ...]:
    """Return the contenders that differ from each other no more than one of them does from itself."""
    itself = {each.contender: each.itself.mean for each in found.contenders if each.itself is not None}
    return tuple(
        (each.contender, other)
        for each in found.contenders
        for other, apart in each.beside
        if each.contender < other
        and each.contender in itself
        and other in itself
        and apart.mean <= max(itself[each.contender], itself[other])
    )


def normal(text: str) -> frozenset[str]:
    """Return the words of a sentence, normalized for case, width, Markdown and punctuation."""
    folded = composed(text, "NFKC").casefold()
    stripped = (span.of(folded).strip("_") for span in words(folded))
    return frozenset(word for word in stripped if word and word[0].isalnum())


def distance(left: str, right: str) -> float | None:
    """Return the distance between two responses, from 0 to 1, or None if one is empty or they are too long."""
    found = distances([left, right], [0, 1])
    return found.contenders[0].others.mean if found and found.contenders and found.contenders[0].others else None


def distances(texts: Sequence[str], contenders: Sequence[int]) -> Distances | None:
    """Return the distances between responses by contender, or None if they are too long. Empty texts are ignored."""
    sentence_words = [_told(text) for text in texts]
    if sum(map(len, sentence_words)) > MOST_SENTENCES:
        return None
    places = [place for place, each in enumerate(sentence_words) if each]
    masks = _Masks(sentence_words)
    apart = {pair: masks.apart(*pair) for pair in combinations(places, 2)}
    numbers = list(dict.fromkeys(contenders[place] for place in places))
    of = {each: [place for place in places if contenders[place] == each] for each in numbers}

    def between(mine: int, theirs: Sequence[int]) -> Apart | None:
        """Return the mean distance between responses of two contenders. Within one contender, each pair counts once."""
        pairs = {(min(a, b), max(a, b)) for each in theirs for a in of[mine] for b in of[each] if a != b}
        return Apart(sum(apart[pair] for pair in pairs) / len(pairs), len(pairs)) if pairs else None

    contender_distances = tuple(
        ContenderDistance(
            each,
            len(of[each]),
            between(each, [each]),
            between(each, others := [other for other in numbers if other != each]),
            tuple((other, side) for other in others if (side := between(each, [other])) is not None),
        )
        for each in numbers
    )
    return Distances(
        contender_distances, short=any(sum(map(len, sentence_words[place])) < FEWEST_WORDS for place in places)
    )


def _told(text: str) -> list[frozenset[str]]:
    return [said for span in sentences(text) if (said := normal(span.of(text)))]


class _Masks:
    """Sentences as bit masks of words, so that an intersection is a single operation."""

    def __init__(self, told: Sequence[Sequence[frozenset[str]]]) -> None:
        bits: dict[str, int] = {}
        for word in sorted({word for each in told for sentence in each for word in sentence}):
            bits[word] = 1 << len(bits)
        self._of = [[(sum(bits[word] for word in sentence), len(sentence)) for sentence in each] for each in told]

    def apart(self, one: int, other: int) -> float:
        """Return the distance between two responses, given by their indexes."""
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
