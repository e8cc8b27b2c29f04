"""What makes the window's modules cheaper to import, before any of them is."""

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
"""Sources within Qt for Python that only write its stub files, and that it compiles anew at each start."""

_DESCRIBED = ("name", "value")
"""Members of these names stand behind what every member has under them."""

_KINDS = (enum.Enum, enum.IntEnum, enum.Flag, enum.IntFlag)


def speed_up_imports() -> None:
    """Leave out what importing them would cost a fifth of the time until the first paint.

    Garbage is not looked for while hundreds of modules make nothing but what stays: ui/app/application.py does from the
    window's first moment on. Qt for Python has every import go by a function of its own, for a spelling of names with
    underscores that ours never use; it reads each module's source for it, and keeps all of it in memory. And it
    compiles what is within its library, its writers of stub files too, which are compiled as empty ones here. Where a
    version has none under these names, nothing is left out.
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
    """Have enums that are called into being (Qt's, 250 of them until the first paint) made in a third of the time.

    Python has a way of its own for those whose members are known to be sound, and its own modules use it; a version
    without it, and an enum that is more than names of whole numbers, goes the usual way.
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
    """Have the members found as those of other enums are: the simple way leaves a function before each of them.

    Asking for one would take twice as long, and each paint asks for hundreds.
    """
    for name, member in made.__members__.items():
        if name not in _DESCRIBED and isinstance(made.__dict__.get(name), enum.property):
            type.__setattr__(made, name, member)


def _numbers(names: object) -> dict[str, object]:
    """The members of an enum that is nothing but names of whole numbers; else nothing."""
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
