"""Routers: names under which a server chooses a model for each request. What answered is then the model it reports."""

from __future__ import annotations

import re

from desktop.domain.conversation_types import ModelRef

_ROUTER = re.compile(r"(?:.*[/_.-])?(?:auto|router)(?:[/_.:-].*)?", re.IGNORECASE)
"""`auto`, `openrouter/auto`, `model-router`, `router-2025-11-18`; not `autocoder`."""


def is_router(name: str) -> bool:
    """Whether a model's name stands for one that the server chooses."""
    return _ROUTER.fullmatch(name) is not None


def answering_model(requested: ModelRef, reported: str | None) -> ModelRef:
    """Return the model that answered: for a router the one its server reported, else the one requested."""
    if not reported or reported == requested.name or not is_router(requested.name):
        return requested
    return ModelRef(connection=requested.connection, name=reported)
