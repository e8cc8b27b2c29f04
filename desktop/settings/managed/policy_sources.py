"""Unvalidated policy values and their sources, in ascending order of precedence."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from desktop.settings.managed.policy_declarations import Declarations, check, expected
from desktop.settings.policy import HISTORY, NO_POLICY, Fixed, Policy
from desktop.settings.schema import RETENTION, RETENTION_DAYS
from desktop.text.phrases import Phrase, phrase

TWICE = object()
"""Marker for a value that occurs twice in one file."""


@dataclass(frozen=True, slots=True)
class PolicyPiece:
    """Value of one policy. `source` is the file or registry key, for display."""

    name: str
    value: object
    source: str
    locked: bool = True


@dataclass(slots=True)
class PolicySources:
    """Policy values in ascending order of precedence, and notices about unreadable ones."""

    pieces: list[PolicyPiece] = field(default_factory=list[PolicyPiece])
    notices: list[Phrase] = field(default_factory=list[Phrase])

    def __bool__(self) -> bool:
        return bool(self.pieces or self.notices)


def policy_of(found: PolicySources, declarations: Declarations) -> Policy:
    """Return the resulting policy: the last valid value of each name. Managed values override recommended ones."""
    if not found:
        return NO_POLICY
    notices = list(found.notices)
    entries: dict[str, Fixed] = {}
    by_name = declarations.by_name
    for piece in found.pieces:
        declared = by_name.get(piece.name)
        if declared is None:
            notices.append(_said(piece, phrase("there is no such policy")))
            continue
        if piece.value is TWICE:
            notices.append(_said(piece, phrase("it occurs twice")))
            continue
        if not piece.locked and not declared.option:
            notices.append(_said(piece, phrase("it can only be set as managed, not as recommended")))
            continue
        checked = check(declared, piece.value)
        if checked.value is None:
            notices.append(_said(piece, phrase("it must be {expected}", expected=expected(declared))))
            continue
        notices += [_partly(piece, problem) for problem in checked.problems]
        before = entries.get(piece.name)
        if before is None or piece.locked or not before.locked:
            entries[piece.name] = Fixed(piece.name, checked.value, piece.locked, piece.source)
    options = {by_name[name].option: fixed for name, fixed in entries.items() if by_name[name].option}
    _imply(entries, options)
    return Policy(MappingProxyType(entries), MappingProxyType(options), tuple(notices))


def _imply(entries: dict[str, Fixed], options: dict[str, Fixed]) -> None:
    """Add implied settings: disabled history limits retention to the session; managed days select retention by days."""
    history = entries.get(HISTORY.name)
    days = options.get(RETENTION_DAYS.key)
    kept = options.get(RETENTION.key)
    if history is not None and history.locked and not history.value:
        options[RETENTION.key] = Fixed(history.name, "run", locked=True, source=history.source)
    elif days is not None and days.locked and (kept is None or not kept.locked):
        options[RETENTION.key] = Fixed(days.name, "days", locked=True, source=days.source)


def _said(piece: PolicyPiece, reason: Phrase) -> Phrase:
    return phrase(
        "The policy {name} in {source} is ignored: {reason}.", name=piece.name[:80], source=piece.source, reason=reason
    )


def _partly(piece: PolicyPiece, reason: Phrase) -> Phrase:
    return phrase(
        "The policy {name} in {source} is only partly applied: {reason}.",
        name=piece.name,
        source=piece.source,
        reason=reason,
    )
