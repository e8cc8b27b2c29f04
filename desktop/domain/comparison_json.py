"""JSON of a comparison for the store and for exports: all fields, with models as `connection/name`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec

from desktop.domain.comparison import MOST_PANES, Comparison, PaneState
from desktop.domain.conversation_types import ModelRef
from desktop.domain.shallow_parameters import shallow
from desktop.text.phrases import as_text, bounded

_SHARES = (0.001, 1000.0)
_WIDEST = 32_000
_FARTHEST = (1 << 20, 1 << 24)
"""Limits: range of a pane's share of the space, panel width in pixels, and the turn and pixels of a scroll position."""


def fields(comparison: Comparison) -> dict[str, Any]:
    """Return all fields as plain values; times remain datetimes."""
    plain: dict[str, Any] = msgspec.to_builtins(comparison, enc_hook=as_text, builtin_types=(datetime,))
    del plain["left_out"]  # describes this reading only
    for pane, state in zip(plain["panes"], comparison.panes, strict=True):
        pane["model"] = str(state.model)
    return plain


def comparison(held: Mapping[str, object]) -> Comparison:
    """Return the comparison with these fields. Unknown fields are ignored.

    Raises:
        msgspec.ValidationError: If a field is invalid.
    """
    panes = held.get("panes", ())
    if isinstance(panes, (list, tuple)):
        panes = [_with_model(pane) for pane in cast("Sequence[object]", panes)[:MOST_PANES]]
    found = msgspec.convert({**held, "panes": panes}, Comparison)
    if found.created_at.tzinfo is None or found.updated_at.tzinfo is None:
        raise msgspec.ValidationError("Expected a time with its zone")
    return _within_bounds(found)


def written(found: Comparison) -> int:
    """Return the length in bytes of a comparison as JSON."""
    return len(msgspec.json.encode(found, enc_hook=as_text))


def as_far_as_possible(held: Mapping[str, object]) -> Comparison:
    """Return the comparison with defaults for invalid fields, and without invalid panes.

    `left_out` is the number of skipped parts, including unknown fields.

    Raises:
        msgspec.ValidationError: If the id, the title or the times are invalid.
    """
    panes = held.get("panes")
    readable: dict[str, object] = {"panes": [pane for pane in _listed(panes) if _fits(_with_model(pane), PaneState)]}
    for field in msgspec.structs.fields(Comparison):
        if field.name != "panes" and field.name in held and (field.required or _fits(held[field.name], field.type)):
            readable[field.name] = held[field.name]
    missing = (
        len(_listed(panes)) - len(_listed(readable["panes"])) + (panes is not None and not isinstance(panes, list))
    )
    unread = [name for name in held if name not in readable and name != "left_out"]
    return msgspec.structs.replace(comparison(readable), left_out=missing + len(unread))


def _listed(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else ()


def _fits(value: object, kind: Any) -> bool:  # noqa: ANN401 - a type as msgspec takes it
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _with_model(pane: object) -> object:
    """Return a pane with its model parsed into a ModelRef.

    Other values are returned unchanged, so validation rejects them.
    """
    if not isinstance(pane, Mapping):
        return pane
    held = cast("Mapping[str, object]", pane)
    model = held.get("model")
    connection, slash, name = model.partition("/") if isinstance(model, str) else ("", "", "")
    return {**held, "model": ModelRef(connection=connection, name=name)} if slash else held


def _within_bounds(source: Comparison) -> Comparison:
    """Return a comparison with defaults for values that no window produces and that would overflow Qt's integers."""
    most = len(source.panes)
    return msgspec.structs.replace(
        source,
        panes=tuple(_pane_within_bounds(pane) for pane in source.panes),
        heights=tuple(_share(height) for height in source.heights[:MOST_PANES]),
        panel_width=source.panel_width if 0 <= source.panel_width <= _WIDEST else 0,
        maximised=source.maximised if source.maximised is not None and 0 <= source.maximised < most else None,
        winners=tuple(place if place is not None and 0 <= place < most else None for place in source.winners),
    )


def _pane_within_bounds(pane: PaneState) -> PaneState:
    turn, pixels = pane.scroll or (0, 0)
    near = 0 <= turn <= _FARTHEST[0] and abs(pixels) <= _FARTHEST[1]
    model = ModelRef(connection=bounded(pane.model.connection), name=bounded(pane.model.name))
    scroll, parameters = pane.scroll if near else None, shallow(pane.parameters)
    mark = pane.mark if pane.mark is not None and 0 <= pane.mark < _COLOURS else None
    within = msgspec.structs.replace(pane, model=model, size=_share(pane.size), scroll=scroll, parameters=parameters)
    return msgspec.structs.replace(within, mark=mark)


_COLOURS = 8
"""Number of pane colors in every theme."""


def _share(size: float) -> float:
    least, most = _SHARES
    return size if least <= size <= most else 1.0
