"""Agreement between responses: sentences whose words, especially rare ones, also appear close together in others.

The method knows no language: words that fewer sentences contain weigh more, and meaning is ignored.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from desktop.metrics.pieces import Span, sentences, word_texts

ENOUGH = 0.6
"""Share of a sentence's weight that another response must contain to agree."""

MOST_SENTENCES = 2000
"""Maximum total number of sentences in all responses."""

_FEWEST = 2
"""Minimum number of words of a sentence that others can agree with."""


class Agreed(Struct, frozen=True):
    """A sentence, and the indexes of the other responses that contain its content."""

    span: Span
    others: tuple[int, ...]


def agreement(texts: Sequence[str]) -> list[tuple[Agreed, ...]] | None:
    """Return for each text the sentences that others also say, or None if the texts are too long."""
    spans = [sentences(text) for text in texts]
    if sum(map(len, spans)) > MOST_SENTENCES:
        return None
    said = [[_words(span.of(text)) for span in each] for text, each in zip(texts, spans, strict=True)]
    weights = _weights([sentence for each in said for sentence in each])
    heard = [_Heard(each) for each in said]
    results: list[tuple[Agreed, ...]] = []
    for place, each in enumerate(said):
        agreed: list[Agreed] = []
        for span, sentence in zip(spans[place], each, strict=True):
            others = [at for at in range(len(texts)) if at != place and heard[at].says(sentence, weights)]
            if others:
                agreed.append(Agreed(span, tuple(others)))
        results.append(tuple(agreed))
    return results


def echoed_by_all(texts: Sequence[str]) -> list[Span] | None:
    """Return the sentences in the first text that all others also say, or None if the texts are too long.

    Same result as from `agreement`, in a fraction of the time.
    """
    spans = [sentences(text) for text in texts]
    if sum(map(len, spans)) > MOST_SENTENCES:
        return None
    said = [[_words(span.of(text)) for span in each] for text, each in zip(texts, spans, strict=True)]
    weights = _weights([sentence for each in said for sentence in each])
    others = [_Heard(each) for each in said[1:]]
    return [
        span
        for span, sentence in zip(spans[0], said[0], strict=True)
        if others and all(heard.says(sentence, weights) for heard in others)
    ]


def _words(sentence: str) -> frozenset[str]:
    return frozenset([word for word in map(str.casefold, word_texts(sentence)) if word[0].isalnum()])


def _weights(all_said: Sequence[frozenset[str]]) -> Mapping[str, float]:
    """Return the weight of each word, which decreases with the number of sentences that contain it."""
    counted = Counter(word for sentence in all_said for word in sentence)
    return {word: math.log((len(all_said) + 1) / count) for word, count in counted.items()}


class Alone(Struct, frozen=True):
    """A sentence that only one contender says, and the indexes of that contender's other responses that say it."""

    span: Span
    own: tuple[int, ...] = ()


def said_alone(
    texts: Sequence[str], found: Sequence[Sequence[Agreed]], contenders: Sequence[int]
) -> list[tuple[Alone, ...]]:
    """Return for each text the sentences that only its contender says.

    Sentences that are too short to agree with are excluded.

    Args:
        found: Result of `agreement`.
        contenders: Contender index of each text. If all are equal, each text counts as its own contender.
    """
    several = len({each for each, text in zip(contenders, texts, strict=True) if text}) > 1
    own = contenders if several else range(len(texts))
    alone: list[tuple[Alone, ...]] = []
    for index, (text, each) in enumerate(zip(texts, found, strict=True)):
        others = {agreed.span: agreed.others for agreed in each}
        told = [Alone(span, others.get(span, ())) for span in sentences(text)]
        alone.append(
            tuple(
                one
                for one in told
                if all(own[other] == own[index] for other in one.own) and len(_words(one.span.of(text))) >= _FEWEST
            )
        )
    return alone


def said_by_all(texts: Sequence[str], found: Sequence[Sequence[Agreed]]) -> tuple[int, tuple[Span, ...]]:
    """Return the sentences that all responses say, and the index of the response whose wording is used.

    This is the first response with the most such sentences.
    """
    saying = [place for place, text in enumerate(texts) if text]
    by_all = {
        place: tuple(each.span for each in found[place] if len(each.others) == len(saying) - 1) for place in saying
    }
    return max(by_all.items(), key=lambda item: len(item[1]), default=(0, ()))


class _Heard:
    """Content of a response as pairs of adjacent sentences, since others may use two sentences where one is enough."""

    def __init__(self, said: Sequence[frozenset[str]]) -> None:
        self._pairs = [one | other for one, other in pairwise([*said, frozenset[str]()])]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, pair in enumerate(self._pairs):
            for word in pair:
                self._by_word[word].append(number)

    def says(self, sentence: frozenset[str], weights: Mapping[str, float]) -> bool:
        """Whether any pair contains enough of a sentence's weight."""
        whole = sum(weights[word] for word in sentence)
        if len(sentence) < _FEWEST or whole <= 0:
            return False
        return any(
            sum(weights[word] for word in sentence & self._pairs[number]) >= ENOUGH * whole
            for number in self._candidates(sentence, weights, whole * (1 - ENOUGH))
        )

    def _candidates(self, sentence: frozenset[str], weights: Mapping[str, float], missing: float) -> set[int]:
        """Return the pairs that contain any of the rarest words. All other pairs lack too much weight."""
        pairs: set[int] = set()
        left = missing
        for word in sorted(sentence, key=lambda each: (-weights[each], each)):
            pairs.update(self._by_word.get(word, ()))
            left -= weights[word]
            if left < 0:
                break
        return pairs
