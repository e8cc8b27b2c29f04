"""How an answer ended elsewhere, in our words."""

from __future__ import annotations

import functools
from typing import NamedTuple

from desktop.domain.conversation_types import Status
from desktop.providers.wire.finish_reasons import FAILED, REFUSAL, reason_of
from desktop.transfer.archives.loose_json import text

_STATUSES = {
    **dict.fromkeys(("interrupted", "client_abort", "abort", "aborted", "user_canceled"), Status.STOPPED),
    **dict.fromkeys(("canceled", "cancelled", "stopped"), Status.STOPPED),
    **dict.fromkeys(("in_progress", "finished_partial_completion", "incomplete"), Status.INTERRUPTED),
    **dict.fromkeys(("issue", FAILED), Status.FAILED),
}
_WORDS = ("length", "content_filter", REFUSAL)
_CUT = {"out_of_tokens": "length", "filter": "content_filter", **{word: word for word in _WORDS}}


class Ending(NamedTuple):
    """What became of an answer, and the finish reason where it is whole but was cut."""

    status: Status = Status.COMPLETE
    reason: str = ""


_WHOLE = Ending()
_LONGEST = 200  # characters of a word that tells of an end


def ending(*said: object) -> Ending:
    """The ending by the first of some words of another program that tells of more than a good end."""
    for each in said:
        word = text(each)
        if word and len(word) <= _LONGEST and (found := _told_by(word)) is not None:
            return found
    return _WHOLE


@functools.lru_cache(maxsize=256)
def _told_by(said: str) -> Ending | None:
    """An export has a handful of words for all its answers."""
    word = said.strip().casefold().replace("-", "_")
    status = _STATUSES.get(word) or _STATUSES.get(reason_of(word))
    reason = _CUT.get(word) or _CUT.get(reason_of(word))
    return Ending(status or Status.COMPLETE, reason or "") if status or reason else None
