"""Startup optimizations that make importing the window's modules faster."""

from __future__ import annotations

import builtins
import enum
import gc
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

_WRITERS_OF_STUBS = (
    "shibokensupport/signature/lib/pyi_generator.py",
    "shibokensupport/signature/lib/enum_sig.py",
)
"""Source files inside Qt for Python that only write stub files, yet are compiled at every start."""

_DESCRIBED = ("name", "value")
"""Enum member names that collide with attributes of every member."""

_KINDS = (enum.Enum, enum.IntEnum, enum.Flag, enum.IntFlag)


def speed_up_imports() -> None:
    """Skip import work that takes a fifth of the time to the first paint.

    Garbage collection is off while hundreds of modules create permanent objects; ui/app/application.py takes over once
    the window exists. Qt for Python wraps every import to support a snake_case spelling that we never use, and keeps
    each module's source in memory for it. It also compiles its stub writers, which are replaced by empty sources here.
    Versions of the library without these hooks are left as they are.
    """
    gc.disable()
    make_enums_simply()
    usual, compiled = builtins.__import__, cast("Callable[..., object]", builtins.compile)

    def compile_needed(source: str | bytes, filename: str, mode: str, **named: int) -> object:
        return compiled("" if filename in _WRITERS_OF_STUBS else source, filename, mode, **named)

    builtins.compile = compile_needed
    try:
        import_module("PySide6.QtCore")
    finally:
        builtins.__import__ = usual
        builtins.compile = compiled


def make_enums_simply() -> None:
    """Create enums from lists of names, such as Qt's 250 before the first paint, in a third of the time.

    Uses the shortcut that Python's own modules use for enums with valid members. Versions without this shortcut,
    and enums that are more than names of integers, take the normal path.
    """
    simple = cast("Any", getattr(enum, "_simple_enum", None))
    usual = cast("Any", vars(enum.EnumMeta).get("_create_"))
    if simple is None or usual is None:
        return

    def create(kind: type, name: str, names: object, **named: object) -> object:
        members = _numbers(names)
        caller = sys._getframe(2).f_globals  # noqa: SLF001 - the usual way looks there as well
        module = named.get("module") or caller.get("__name__")
        if not members or kind not in _KINDS or named.get("type") is not None:
            return usual(kind, name, names, **{**named, "module": module})
        body = {"__module__": module, "__qualname__": named.get("qualname") or name}
        made = simple(kind, boundary=named.get("boundary"))(type(name, (), members | body))
        _put_members(made)
        return made

    enum.EnumMeta._create_ = create  # type: ignore[attr-defined]


def _put_members(made: Any) -> None:  # noqa: ANN401 - a class that is just made
    """Store the members as plain class attributes, which the shortcut would leave behind descriptors.

    Looking up members through descriptors would take twice as long, and each paint does so hundreds of times.
    """
    for name, member in made.__members__.items():
        if name not in _DESCRIBED and isinstance(made.__dict__.get(name), enum.property):
            type.__setattr__(made, name, member)


def _numbers(names: object) -> dict[str, object]:
    """Return the members of an enum made only of names and integers, or else an empty dict."""
    if not isinstance(names, list):
        return {}
    pairs = cast("list[tuple[object, ...]]", names)
    if not all(type(pair) is tuple and _is_number(pair) for pair in pairs):
        return {}
    members = cast("dict[str, object]", dict(cast("Any", pairs)))
    return members if len(members) == len(pairs) else {}


def _is_number(pair: tuple[object, ...]) -> bool:
    match pair:
        case (str(name), value):
            return not name.startswith("_") and name != "mro" and type(value) is int
        case _:
            return False
