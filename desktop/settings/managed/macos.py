"""Policies of macOS: what a configuration profile puts into /Library/Managed Preferences."""

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
"""The key of a table whose values are defaults, not locked."""


def read(folder: Path = MACOS, *, owner: int = trusted_files.ROOT, user: str = "") -> PolicySources:
    """All pieces: the user's profile, then the machine's, which wins; in each the recommended ones first."""
    found = PolicySources()
    if not os.path.lexists(folder):
        return found
    for path in (folder / (user or getpass.getuser()) / FILE, folder / FILE):
        try:
            trusted_files.require_folders((folder, path.parent), owner=owner)
            table = _parse(trusted_files.read(path, owner=owner))
        except FileNotFoundError:
            continue
        except (trusted_files.Untrusted, OSError, ValueError, RecursionError) as error:
            reason = error.reason if isinstance(error, trusted_files.Untrusted) else phrase("it is not a property list")
            found.notices.append(phrase("The policies in {path} are ignored: {reason}.", path=path, reason=reason))
            continue
        recommended = table.pop(RECOMMENDED, {})
        if isinstance(recommended, dict):
            for name, value in cast("dict[str, object]", recommended).items():
                found.pieces.append(PolicyPiece(name, value, str(path), locked=False))
        else:
            found.pieces.append(PolicyPiece(RECOMMENDED, recommended, str(path)))
        found.pieces += [
            PolicyPiece(name, value, str(path)) for name, value in table.items() if not _is_of_profile(name)
        ]
    return found


def _is_of_profile(name: str) -> bool:
    """Whether a key describes the profile itself (PayloadUUID and the like)."""
    return name.startswith("Payload")


def _parse(data: bytes) -> dict[str, object]:
    """The table in a property list, of XML or binary. Raises ValueError, OSError and RecursionError."""
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        held: object = plistlib.loads(data)
    except (plistlib.InvalidFileException, ExpatError, AttributeError, TypeError, KeyError, IndexError) as error:
        raise ValueError(str(error)) from error  # what a broken list makes of plistlib
    if not isinstance(held, dict):
        raise ValueError("it holds no table")  # noqa: TRY004 - one error for every broken file
    return {str(name): value for name, value in cast("dict[object, object]", held).items()}
