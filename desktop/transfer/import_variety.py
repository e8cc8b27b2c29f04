"""How many different tags and models one import may bring: the list of conversations carries all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from msgspec import structs

from desktop.domain import ModelRef
from desktop.phrases import Phrase, phrase
from desktop.transfer.import_drafts import Draft, model_ref
from desktop.transfer.import_losses import told

MOST_TAGS, MOST_MODELS = 2_000, 1_000
"""Different tags, and different models, of all that one import brings."""

_OTHER = model_ref("other", "other")
"""Stands for the models that are too many."""


@dataclass
class Variety:
    """The tags and models that an import brought so far."""

    _tags: set[str] = field(default_factory=set[str])
    _models: set[ModelRef] = field(default_factory=set[ModelRef])

    def bounded(self, draft: Draft) -> Draft:
        """A draft without what there is too much of; that is told among what it lost."""
        tags = tuple(tag for tag in draft.tags if _has_room(self._tags, tag.casefold(), MOST_TAGS))
        conversation, losses = draft.conversation, draft.losses
        if len(tags) < len(draft.tags):
            losses = (*losses, _of_tags(len(draft.tags) - len(tags)))
        if not _has_room(self._models, conversation.model, MOST_MODELS):
            conversation = structs.replace(conversation, model=_OTHER)
            losses = (*losses, _TOO_MANY_MODELS)
        if len(losses) == len(draft.losses):
            return draft
        return structs.replace(draft, conversation=conversation, tags=tags, losses=losses)


_TOO_MANY_MODELS = phrase("Too many models for one import: the conversation is listed under none of them")


@lru_cache
def _of_tags(count: int) -> Phrase:
    """Made once: there may be a hundred thousand such conversations."""
    return told(phrase("Too many tags for one import: the rest are left out"), count)


def _has_room(held: set[Any], one: object, most: int) -> bool:
    if one in held:
        return True
    if len(held) >= most:
        return False
    held.add(one)
    return True
