"""Policies on macOS: configuration profiles in /Library/Managed Preferences."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import cast

from desktop.settings.managed import trusted_files
from desktop.settings.managed.policy_places import MACOS
from desktop.settings.managed.policy_sources import PolicyPiece, PolicySources
from desktop.text.phrases import phrase

FILE = "app.paragone.Paragone.plist"
RECOMMENDED = "Recommended"
"""Key of a table whose values are defaults and not locked."""


def read(folder: Path = MACOS, *, owner: int = trusted_files.ROOT, user: str = "") -> PolicySources:
    """Return all policy values: the user's profile before the computer's, and in each, recommended values first."""
    sources = PolicySources()
    if not os.path.lexists(folder):
        return sources
    for path in (folder / (user or getpass.getuser()) / FILE, folder / FILE):
        try:
            trusted_files.require_folders((folder, path.parent), owner=owner)
            table = _parse(trusted_files.read(path, owner=owner))
        except FileNotFoundError:
            continue
        except (trusted_files.Untrusted, OSError, ValueError, RecursionError) as error:
            reason = (
                error.reason
                if isinstance(error, trusted_files.Untrusted)
                else phrase("the file is not a valid property list")
            )
            sources.notices.append(phrase("The policies in {path} are ignored: {reason}.", path=path, reason=reason))
            continue
        recommended = table.pop(RECOMMENDED, {})
        if isinstance(recommended, dict):
            for name, value in cast("dict[str, object]", recommended).items():
                sources.pieces.append(PolicyPiece(name, value, str(path), locked=False))
        else:
            sources.pieces.append(PolicyPiece(RECOMMENDED, recommended, str(path)))
        sources.pieces += [
            PolicyPiece(name, value, str(path)) for name, value in table.items() if not _is_of_profile(name)
        ]
    return sources


def _is_of_profile(name: str) -> bool:
    """Whether a key describes the profile itself, such as PayloadUUID."""
    return name.startswith("Payload")


def _parse(data: bytes) -> dict[str, object]:
    """Return the table in an XML or binary property list.

    Raises:
        ValueError: If the data is not a property list.
        OSError: If the data is corrupt.
        RecursionError: If the data is nested too deeply.
    """
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        held: object = plistlib.loads(data)
    except (plistlib.InvalidFileException, ExpatError, AttributeError, TypeError, KeyError, IndexError) as error:
        raise ValueError(str(error)) from error  # errors of plistlib for damaged property lists
    if not isinstance(held, dict):
        raise ValueError("it holds no table")  # noqa: TRY004 - one error for every broken file
    return {str(name): value for name, value in cast("dict[object, object]", held).items()}
