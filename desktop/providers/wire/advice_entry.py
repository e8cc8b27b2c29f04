"""One piece of advice: what a service says of a refusal, and what people are told then; pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from desktop.errors import ProviderError
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import Phrase, phrase


class Advice(NamedTuple):
    """What a service says (in its message or one of its codes), with which statuses, and what is said then.

    `of_key` is what says something else to those who signed in with Entra ID.
    """

    words: re.Pattern[str]
    statuses: frozenset[int]
    kind: type[ProviderError]
    sentence: Phrase
    hint: Phrase | None = None
    of_key: bool = False


def words(pattern: str) -> re.Pattern[str]:
    """A pattern for words in either case."""
    return late_pattern(pattern, re.IGNORECASE)


REFUSED = frozenset({400, 403, 404, 410, 422})
ACCESS = frozenset({400, 401, 403, 404})
NOT_ALLOWED = phrase("{host} does not allow this ({status}){said}")
MODEL_NOT_ALLOWED = phrase("{host} does not allow this model ({status}){said}")
NOBODY = phrase("No provider at {host} can serve this model right now ({status}){said}")
NOT_TAKEN = phrase("{host} rejected the request ({status}){said}")
