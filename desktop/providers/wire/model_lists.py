"""Parses the model lists of many servers. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime

from desktop.providers.provider import ModelInfo
from desktop.providers.wire.error_bodies import plain
from desktop.providers.wire.json_shapes import JsonObject, count, inner, is_object, items

_WINDOWS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
_LONGEST_NAME = 200
_MOST_MODELS = 20_000


def read_models(value: object, *, suggested: bool = False) -> list[ModelInfo]:
    """Return the models in `{"data": [...]}`, `{"models": [...]}` or a bare list, sorted by name.

    Invalid entries, and models that declare that they do not support chat, are skipped.
    """
    return _sorted(_model(item, suggested=suggested) for item in _items(value))


def read_deployments(value: object) -> list[ModelInfo]:
    """Return Azure's deployments that are ready, each with its model."""
    return _sorted(_deployment(item) for item in _items(value))


def read_info(value: object) -> list[ModelInfo]:
    """Return the single model of a serverless endpoint's `/info`."""
    if not is_object(value):
        return []
    name = _text(value.get("model_name"))
    return [ModelInfo(name=name, base=name)] if name else []


def _items(value: object) -> list[object]:
    if is_object(value):
        value = next((value[name] for name in ("data", "models", "value") if isinstance(value.get(name), list)), None)
    return items(value)[:_MOST_MODELS]


def _model(item: object, *, suggested: bool) -> ModelInfo | None:
    if isinstance(item, str):
        return ModelInfo(name=item, suggested=suggested) if _text(item) else None
    if not is_object(item):
        return None
    if inner(item, "capabilities").get("chat_completion") is False:
        return None
    name = _text(item.get("id")) or _text(item.get("name")) or _text(item.get("model"))
    if not name:
        return None
    return ModelInfo(name=name, context_window=_window(item), suggested=suggested, retires_on=_retires_on(item))


def _deployment(item: object) -> ModelInfo | None:
    if not is_object(item) or item.get("status", "succeeded") != "succeeded":
        return None
    name = _text(item.get("id"))
    return ModelInfo(name=name, base=_text(item.get("model")) or None, retires_on=_retires_on(item)) if name else None


def _sorted(found: Iterable[ModelInfo | None]) -> list[ModelInfo]:

    by_name = {model.name: model for model in found if model is not None}
    return [by_name[name] for name in sorted(by_name)]


def _window(item: JsonObject) -> int | None:
    """Return the context window of a single request, which may be smaller than the model's."""
    meta, metadata = inner(item, "meta"), inner(item, "metadata")
    named = [*(item.get(name) for name in _WINDOWS), meta.get("n_ctx"), metadata.get("max_request_context_length")]
    return next((window for each in (*named, meta.get("n_ctx_train")) if (window := count(each))), None)


def _retires_on(item: JsonObject) -> date | None:
    """Return the day of retirement: OpenAI's `shutdown_date`, or `deprecation.inference` of Azure's lists.

    The first is YYYY-MM-DD; the second is in seconds since 1970, or a time in ISO 8601.
    """
    for value in (item.get("shutdown_date"), inner(item, "deprecation").get("inference")):
        with suppress(ValueError, OverflowError, OSError):
            if isinstance(value, str):
                return date.fromisoformat(value[:10])
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                return datetime.fromtimestamp(value, UTC).date()
    return None


def _text(value: object) -> str:
    """Return a name unchanged; empty if it cannot be sent back or shown on one line."""
    return value if isinstance(value, str) and value == plain(value, _LONGEST_NAME) else ""
