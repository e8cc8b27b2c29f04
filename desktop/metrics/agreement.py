"""What several answers agree on: sentences whose words, the rare ones above all, the others say close together; pure.

It knows no language: a word weighs the more the fewer sentences have it, and no meaning is understood.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from desktop.metrics.pieces import Span, sentences, word_texts

ENOUGH = 0.6
"""Part of a sentence's weight that another answer has to say for the two to agree."""

MOST_SENTENCES = 2000
"""Of all answers together; with more nothing is worked out."""

_FEWEST = 2
"""Words that a sentence needs for anybody to agree with it."""


class Agreed(Struct, frozen=True):
    """A sentence of an answer, and the places of the other answers that say it too."""

    span: Span
    others: tuple[int, ...]


def agreement(texts: Sequence[str]) -> list[tuple[Agreed, ...]] | None:
    """For each text the sentences that others say too; None where they are too long together."""
    spans = [sentences(text) for text in texts]
    if sum(map(len, spans)) > MOST_SENTENCES:
        return None
    said = [[_words(span.of(text)) for span in each] for text, each in zip(texts, spans, strict=True)]
    weights = _weights([sentence for each in said for sentence in each])
    heard = [_Heard(each) for each in said]
    found: list[tuple[Agreed, ...]] = []
    for place, each in enumerate(said):
        agreed: list[Agreed] = []
        for span, sentence in zip(spans[place], each, strict=True):
            others = [at for at in range(len(texts)) if at != place and heard[at].says(sentence, weights)]
            if others:
                agreed.append(Agreed(span, tuple(others)))
        found.append(tuple(agreed))
    return found


def echoed_by_all(texts: Sequence[str]) -> list[Span] | None:
    """The sentences of the first text that all others say too; None where they are too long together.

    The same as `agreement` finds, in a fraction of its time.
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
    """What a word weighs by how many sentences have it."""
    counted = Counter(word for sentence in all_said for word in sentence)
    return {word: math.log((len(all_said) + 1) / count) for word, count in counted.items()}


class Alone(Struct, frozen=True):
    """A sentence that no other contender says, and the places of its own contender's other answers that say it too."""

    span: Span
    own: tuple[int, ...] = ()


def said_alone(
    texts: Sequence[str], found: Sequence[Sequence[Agreed]], contenders: Sequence[int]
) -> list[tuple[Alone, ...]]:
    """For each text the sentences that only its contender says, by what they agree on.

    `contenders` are numbers, the same for answers of one; where all are of one, each answer stands by itself. Sentences
    that are too short to be agreed on are no one's own.
    """
    several = len({each for each, text in zip(contenders, texts, strict=True) if text}) > 1
    own = contenders if several else range(len(texts))
    alone: list[tuple[Alone, ...]] = []
    for place, (text, each) in enumerate(zip(texts, found, strict=True)):
        others = {agreed.span: agreed.others for agreed in each}
        told = [Alone(span, others.get(span, ())) for span in sentences(text)]
        alone.append(
            tuple(
                one
                for one in told
                if all(own[other] == own[place] for other in one.own) and len(_words(one.span.of(text))) >= _FEWEST
            )
        )
    return alone


def said_by_all(texts: Sequence[str], found: Sequence[Sequence[Agreed]]) -> tuple[int, tuple[Span, ...]]:
    """The sentences that all answers say, in the words of one of them: the first that has the most; and its place."""
    saying = [place for place, text in enumerate(texts) if text]
    by_all = {
        place: tuple(each.span for each in found[place] if len(each.others) == len(saying) - 1) for place in saying
    }
    return max(by_all.items(), key=lambda item: len(item[1]), default=(0, ()))


class _Heard:
    """What an answer says, in pairs of neighbouring sentences: one may say in two what another says in one."""

    def __init__(self, said: Sequence[frozenset[str]]) -> None:
        self._pairs = [one | other for one, other in pairwise([*said, frozenset[str]()])]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, pair in enumerate(self._pairs):
            for word in pair:
                self._by_word[word].append(number)

    def says(self, sentence: frozenset[str], weights: Mapping[str, float]) -> bool:
        """Whether some pair has enough of a sentence's weight."""
        whole = sum(weights[word] for word in sentence)
        if len(sentence) < _FEWEST or whole <= 0:
            return False
        return any(
            sum(weights[word] for word in sentence & self._pairs[number]) >= ENOUGH * whole
            for number in self._candidates(sentence, weights, whole * (1 - ENOUGH))
        )

    def _candidates(self, sentence: frozenset[str], weights: Mapping[str, float], missing: float) -> set[int]:
        """The pairs that have one of the rarest words: whoever has none of them lacks too much."""
        found: set[int] = set()
        left = missing
        for word in sorted(sentence, key=lambda each: (-weights[each], each)):
            found.update(self._by_word.get(word, ()))
            left -= weights[word]
            if left < 0:
                break
        return found
