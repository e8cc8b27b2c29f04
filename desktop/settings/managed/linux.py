"""Policies on Linux: JSON files in /etc/paragone/policies. Files in `managed` are locked, in `recommended` defaults."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn, cast

from desktop.settings.managed import trusted_files
from desktop.settings.managed.policy_places import LINUX
from desktop.settings.managed.policy_sources import TWICE, PolicyPiece, PolicySources
from desktop.text.phrases import phrase

_MOST_FILES = 200


def read(folder: Path = LINUX, *, owner: int = trusted_files.ROOT) -> PolicySources:
    """Return all policy values: recommended before managed, and files sorted by name. Later values take precedence."""
    sources = PolicySources()
    if not os.path.lexists(folder):
        return sources
    for name, locked in (("recommended", False), ("managed", True)):
        try:
            trusted_files.require_folders((folder.parent, folder, folder / name), owner=owner)
            files = sorted(each.name for each in os.scandir(folder / name) if each.name.endswith(".json"))
        except FileNotFoundError:
            continue
        except (trusted_files.Untrusted, OSError) as error:
            _ignored(sources, error.path if isinstance(error, trusted_files.Untrusted) else folder / name, error)
            continue
        for file in files[:_MOST_FILES]:
            _read_file(folder / name / file, sources, locked=locked, owner=owner)
        if len(files) > _MOST_FILES:
            sources.notices.append(
                phrase(
                    "Only the first {number} policy files in {folder} are read.",
                    number=_MOST_FILES,
                    folder=folder / name,
                )
            )
    return sources


def _read_file(path: Path, found: PolicySources, *, locked: bool, owner: int) -> None:
    try:
        table = parse(trusted_files.read(path, owner=owner))
    except (trusted_files.Untrusted, OSError, ValueError, RecursionError) as error:
        _ignored(found, path, error)
        return
    found.pieces += [PolicyPiece(name, value, str(path), locked) for name, value in table.items()]


def _ignored(found: PolicySources, path: Path, error: Exception) -> None:
    found.notices.append(phrase("The policies in {path} are ignored: {reason}.", path=path, reason=reason_of(error)))


def reason_of(error: Exception) -> str:
    """Return why a file cannot be used, to be put into a sentence."""
    match error:
        case trusted_files.Untrusted():
            return error.reason
        case RecursionError():
            return phrase("the file is nested too deeply")
        case OSError():
            return error.strerror or str(error)
        case _:
            return phrase(
                "the file does not contain JSON in the expected format: {reason}", reason=str(error)[:200].rstrip(".")
            )


def parse(data: bytes) -> dict[str, object]:
    """Return the object in a JSON file.

    Raises:
        ValueError: If the file is not a JSON object.
        RecursionError: If the JSON is nested too deeply.
    """
    import json

    held: object = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse)
    if not isinstance(held, dict):
        raise ValueError("it holds no object")  # noqa: TRY004 - as json raises
    table = cast("dict[str, object]", held)
    table.pop("$schema", None)  # for editors
    return table


def _once(pairs: list[tuple[str, Any]]) -> dict[str, object]:
    held: dict[str, object] = {}
    for name, value in pairs:
        held[name] = TWICE if name in held else value
    return held


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
