"""Every regular expression of the program, run on texts that are made to hold it up, ends soon."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import desktop
import ui
from desktop.text.late_pattern import LatePattern
from tests.examples import alike
from tests.slowness import slowness
from tests.weak_points import weak_points

ROOT = Path(__file__).resolve().parents[1]

MOST = 16_384
"""Characters of foreign text that an expression meets, where it is not listed below."""

SHORTER: dict[str, int] = {}
"""Expressions that are given less, and how much that is; by whom, says the comment."""

BOUND_S = 0.1
_GROWTH = 8
"""What takes that many times as long for four times the text grows with its square, on whatever machine."""
_LATE_S = 1.0
"""What takes that long is late, and not waited for."""


class _Late(Exception):
    pass


def _late(number: int, frame: FrameType | None) -> None:
    raise _Late


def anchored() -> set[str]:
    """Expressions that are only ever held against the beginning of a text, or all of it: by module and name."""
    used: dict[str, set[str]] = {}
    for path in (*(ROOT / "desktop").rglob("*.py"), *(ROOT / "ui").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        written = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(written)) if "match(" in written else ():
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=how), args=args):
                    used.setdefault(f"{module}.{name}", set()).add(how if len(args) == 1 else "anywhere")
                case ast.Attribute(value=ast.Name(id=name), attr=how) if how not in ("match", "fullmatch"):
                    used.setdefault(f"{module}.{name}", set()).add(how)
                case _:
                    pass
    return {name for name, ways in used.items() if ways <= {"match", "fullmatch"}}


def expressions() -> dict[str, re.Pattern[str] | re.Pattern[bytes]]:
    """All compiled expressions that modules of the program hold, by module and name."""
    found: dict[str, re.Pattern[str] | re.Pattern[bytes]] = {}
    for package in (desktop, ui):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            for name, value in vars(module).items():
                values: list[object] = [*value] if isinstance(value, list | tuple) else [value]
                for place, each in enumerate(values):
                    pattern = each.compiled if isinstance(each, LatePattern) else each
                    if isinstance(pattern, re.Pattern):
                        found[f"{info.name}.{name}{place or ''}"] = pattern
    return found


def texts(pattern: re.Pattern[str] | re.Pattern[bytes], size: int) -> Iterator[str]:
    """Texts of a size that reach what an expression repeats, repeat it, and then fail it: a match costs no more."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    flags = pattern.flags if isinstance(pattern.pattern, str) else pattern.flags | re.UNICODE
    points = weak_points(source, flags)
    for before, pump in dict.fromkeys(
        [*points, *(("", before + pump) for before, pump in points), ("", " "), ("", "a")]
    ):
        for end in ("\0", "\n!"):
            yield (before + pump * (size // max(len(pump), 1)))[: size - len(end)] + end


def seconds(pattern: re.Pattern[str] | re.Pattern[bytes], text: str, *, at_start: bool = False) -> float:
    """What a search for all matches takes, or one at the text's start; at most what it is given."""
    given = text if isinstance(pattern.pattern, str) else text.encode()
    tried: Any = pattern
    begin = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, _LATE_S)
    try:
        if at_start:
            tried.match(given)
            tried.fullmatch(given)
        else:
            for _ in tried.finditer(given):
                pass
    except _Late:
        return _LATE_S
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - begin


def takes_long(
    pattern: re.Pattern[str] | re.Pattern[bytes], texts: tuple[str, str, str], bound: float, *, at_start: bool
) -> bool:
    """Whether the last of texts, each twice as long as the one before, takes more seconds than the bound.

    And grows with its square at least. What is far from it, were it to grow with its cube, is not tried with the longer
    ones.
    """
    for _ in range(6):  # what else runs on the machine may be in some of them
        quarter = seconds(pattern, texts[0], at_start=at_start)
        if quarter < bound / 64 or (half := seconds(pattern, texts[1], at_start=at_start)) < bound / 8:
            return False
        if half >= _LATE_S:
            return True
        taken = seconds(pattern, texts[2], at_start=at_start)
        if taken < _LATE_S and (taken <= bound or taken < _GROWTH * quarter):
            return False
    return True


@pytest.mark.skipif(sys.platform == "win32", reason="needs an alarm")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", [4, pytest.param(1, marks=pytest.mark.long)])
def test_no_expression_takes_long_on_what_it_may_be_given(part: int) -> None:
    """Of a fourth of the text, what grows with the square may take a sixteenth: a minute less."""
    signal.signal(signal.SIGVTALRM, _late)
    found = expressions()
    assert len(found) > 60
    starts = anchored()
    assert 10 < len(starts & found.keys()) < len(found) / 2
    slow: dict[str, str] = {}
    bound = BOUND_S / part**2 * slowness()
    for name, pattern in found.items():
        most, at_start = SHORTER.get(name, MOST) // part, name in starts
        for each in zip(*(texts(pattern, size) for size in (most // 4, most // 2, most)), strict=True):
            if takes_long(pattern, each, bound, at_start=at_start):
                slow[name] = f"{each[2][:30]!r}…{each[2][-4:]!r}"
                break
    assert slow == {}, "\n".join(f"{name}: {each}" for name, each in slow.items())
    assert SHORTER.keys() <= found.keys()


@pytest.mark.parametrize(
    "evil",
    alike(2, [r"(a+)+$", r"<title[^>]*>(.*?)</title", r"\s+$", r"(?:a|aa)*b", r"'(?:\\\\|\\.|[^'\\])*'x"]),
)
def test_the_texts_find_expressions_that_take_for_ever(evil: str) -> None:
    signal.signal(signal.SIGVTALRM, _late)
    pattern = re.compile(evil, re.DOTALL)
    tried = zip(*(texts(pattern, size) for size in (MOST // 4, MOST // 2, MOST)), strict=True)
    assert any(takes_long(pattern, each, BOUND_S, at_start=False) for each in tried)
