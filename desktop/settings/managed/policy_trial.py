"""What a policy file would change on this computer if it were installed. The file may belong to anybody."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from desktop.domain.conversation_types import Connection, ModelRef
from desktop.errors import PolicyForbids, SettingsError, UsageError
from desktop.settings.managed import linux
from desktop.settings.managed.machine_policy import sources
from desktop.settings.managed.policy_declarations import load
from desktop.settings.managed.policy_sources import PolicyPiece, policy_of
from desktop.settings.managed.trusted_files import MOST_BYTES
from desktop.settings.option import Option
from desktop.settings.policy import Fixed, Policy
from desktop.settings.schema import DEFAULT_MODEL, OPTIONS
from desktop.settings.values import Settings
from desktop.text.phrases import Phrase, phrase


@dataclass(frozen=True)
class PolicyChange:
    """A policy as it is now and as it would be; None where it is not set."""

    name: str
    before: Fixed | None
    after: Fixed | None


@dataclass(frozen=True)
class PolicyTrial:
    """Result of trying a policy file.

    Attributes:
        changes: Policies whose value or enforcement would change.
        effects: Sentences on what this user would notice, such as a connection that no longer works.
        problems: Sentences on values that would be ignored. Empty if the whole file would be used.
    """

    changes: tuple[PolicyChange, ...]
    effects: tuple[Phrase, ...]
    problems: tuple[str, ...]


def try_file(
    path: Path, settings: Settings, declarations_file: Path, *, locked: bool, platform: str = sys.platform
) -> PolicyTrial:
    """Return what a policy file would change for a user with these settings. Nothing is written.

    Args:
        path: A JSON file as for Linux; its policies are the same on every system.
        settings: The user's settings, with the policies now in effect.
        declarations_file: The declarations of all policies, resources/policies.toml.
        locked: Whether the file would be installed as managed, otherwise as recommended.
        platform: The operating system whose policies are in effect.

    Raises:
        SettingsError: If the file cannot be read or is not a JSON object.
    """
    declarations = load(declarations_file)
    pieces = _read(path, locked=locked)
    found = sources(platform, lambda: declarations)
    before = settings.policy
    known = set(policy_of(found, declarations).notices)
    found.pieces += pieces
    after = policy_of(found, declarations)
    changes = tuple(
        PolicyChange(name, old, new)
        for name in sorted({*before.entries, *after.entries})
        if not _is_same(old := before.entries.get(name), new := after.entries.get(name))
    )
    problems = tuple(notice for notice in after.notices if notice not in known)
    return PolicyTrial(changes, tuple(_effects(settings, replace(settings, policy=after))), problems)


def _read(path: Path, *, locked: bool) -> list[PolicyPiece]:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise SettingsError(
                phrase("The policy file {path} is larger than {number} MB.", path=path, number=MOST_BYTES >> 20)
            )
        table = linux.parse(data)
    except OSError as error:
        raise SettingsError(
            phrase("The policy file {path} cannot be read: {reason}.", path=path, reason=error.strerror or error)
        ) from error
    except (ValueError, RecursionError) as error:
        reason = linux.reason_of(error)
        raise SettingsError(phrase("The policy file {path} is invalid: {reason}.", path=path, reason=reason)) from error
    return [PolicyPiece(name, value, str(path), locked) for name, value in table.items()]


def _is_same(old: Fixed | None, new: Fixed | None) -> bool:
    return old == new or (old is not None and new is not None and (old.value, old.locked) == (new.value, new.locked))


def _effects(old: Settings, new: Settings) -> Iterator[Phrase]:
    """Yield what the user would notice: settings, then connections, then the default model."""
    for option in OPTIONS:
        before, after = (each.get(cast("Option[Any]", option)) for each in (old, new))
        if before != after:
            yield phrase(
                "The setting {key} changes from {before} to {after}.",
                key=option.key,
                before=_text(before),
                after=_text(after),
            )
        elif new.policy.locks(option.key) and not old.policy.locks(option.key):
            yield phrase("The setting {key} can no longer be changed.", key=option.key)
    had = {each.name for each in old.all_connections}
    for connection in new.all_connections:
        if connection.name not in had:
            yield phrase("The connection “{name}” is added.", name=connection.name)
    for connection in old.all_connections:
        if (problem := _lost(new.policy, connection, new)) is not None:
            yield phrase(
                "The connection “{name}” no longer works: {reason}", name=connection.name, reason=problem.message
            )
    if (model := new.get(DEFAULT_MODEL)) and (problem := _forbidden(new.policy, model)) is not None:
        yield phrase("The default model no longer works: {reason}", reason=problem.message)


def _lost(policy: Policy, connection: Connection, settings: Settings) -> PolicyForbids | None:
    """Return why a connection that works now would not; None if it would, or if another replaces it."""
    if any(each.name == connection.name for each in settings.all_connections):
        return None
    return policy.problem(connection) or PolicyForbids(
        phrase("Your organization no longer provides the connection “{name}”.", name=connection.name)
    )


def _forbidden(policy: Policy, model: str) -> PolicyForbids | None:
    try:
        policy.require_model(ModelRef.parse(model))
    except PolicyForbids as error:
        return error
    except UsageError:
        return None
    return None


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value) or "–"
