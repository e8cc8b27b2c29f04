r"""Policies on Windows: values in SOFTWARE\Policies\Paragone of user and computer, defaults in Recommended below it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from itertools import product
from typing import cast

from desktop.settings.managed.policy_declarations import Declarations, DeclaredPolicy
from desktop.settings.managed.policy_places import WINDOWS
from desktop.settings.managed.policy_sources import PolicyPiece, PolicySources
from desktop.text.phrases import phrase

KEY = WINDOWS
REG_SZ, REG_EXPAND_SZ, REG_DWORD, REG_MULTI_SZ, REG_QWORD = 1, 2, 4, 7, 11

Value = tuple[str, object, int]
"""Name, data and type, as returned by winreg.EnumValue."""

HIVES = ("HKCU", "HKLM")
"""Policies of the user, then those of the computer, which take precedence."""

Registry = Callable[[str], Iterable[Value] | None]
"""Returns the values of a key such as `HKLM\\SOFTWARE`, or None if there is no such key. May raise OSError."""


def read(declarations: Callable[[], Declarations], registry: Registry | None = None) -> PolicySources:
    """Return all policy values: the user's before the computer's, and of each, recommended ones first.

    Windows only lets administrators write these keys.
    """
    registry = registry or machine
    sources = PolicySources()
    for hive, (key, locked) in product(HIVES, ((rf"{KEY}\Recommended", False), (KEY, True))):
        source = rf"{hive}\{key}"
        try:
            values = registry(source)
        except OSError as error:
            sources.notices.append(
                phrase("The policies in {path} are ignored: {reason}.", path=source, reason=error.strerror or error)
            )
            continue
        for name, data, kind in values or ():
            declared = declarations().by_name.get(name)
            sources.pieces.append(PolicyPiece(name, plain(declared, data, kind), source, locked))
    return sources


def plain(declared: DeclaredPolicy | None, data: object, kind: int) -> object:
    """Return a registry value converted to its policy's type, or unchanged if it cannot be converted."""
    if declared is None:
        return data
    match declared.type, kind:
        case "bool", 4 | 11 if data in (0, 1):
            return bool(data)
        case "decimal", 1 | 2:
            return _number(str(data))
        case "connections", 1 | 2 | 7:
            return _tables(data)
        case (("list" | "lines"), 7):
            return [each for each in cast("list[str]", data or []) if each.strip()]
        case (("text" | "choice"), 7):
            return "\n".join(cast("list[str]", data or []))  # several lines, as stored by the policy editor
        case _:
            return data


def _number(text: str) -> object:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _tables(data: object) -> object:
    """Return the list of tables in a JSON array, or in JSON objects on separate lines."""
    lines = [data] if isinstance(data, str) else cast("list[str]", data or [])
    text = "\n".join(lines).strip()
    try:
        if text.startswith("["):
            return json.loads(text)
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return data


def machine(key: str) -> Iterable[Value] | None:
    """Return the values of a registry key (64-bit view), or None if there is no such key.

    Raises:
        OSError: If the key cannot be read.
    """
    assert sys.platform == "win32"
    import winreg

    hive, _, path = key.partition("\\")
    root = winreg.HKEY_CURRENT_USER if hive == "HKCU" else winreg.HKEY_LOCAL_MACHINE
    try:
        opened = winreg.OpenKey(root, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY)
    except FileNotFoundError:
        return None
    with opened:
        return [winreg.EnumValue(opened, index) for index in range(winreg.QueryInfoKey(opened)[1])]
