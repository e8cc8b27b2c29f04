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
from desktop.late_pattern import LatePattern
from tests.slowness import slowness
from tests.weak_points import weak_points

ROOT = Path(__file__).resolve().parents[1]

MOST = 16_384
"""Characters of foreign text that an expression meets, where it is not listed below."""

SHORTER: dict[str, int] = {}
"""Expressions that are given less, and how much that is; by whom, says the comment."""

BOUND_S = 0.1
QUARTER_S = BOUND_S / 64
"""What takes less of a quarter of the text takes less than the bound of all of it, were it to grow with its cube."""
_GROWTH = 8
"""What takes that many times as long for four times the text grows with its square, on whatever machine."""
_LATE_S = 1.0


class _Late(Exception):
    pass


def _late(number: int, frame: FrameType | None) -> None:
    raise _Late


def anchored() -> set[str]:
    """Expressions that are only ever held against the beginning of a text, or all of it: by module and name."""
    used: dict[str, set[str]] = {}
    for path in (*(ROOT / "desktop").rglob("*.py"), *(ROOT / "ui").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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


def takes_long(pattern: re.Pattern[str] | re.Pattern[bytes], quarter: str, text: str, *, at_start: bool) -> bool:
    """Whether a text takes more than the bound, and not only since the machine is slow: then it grows with the text."""
    for _ in range(3):
        taken = seconds(pattern, text, at_start=at_start)
        if taken >= _LATE_S:
            return True
        if taken <= BOUND_S * slowness() or taken < _GROWTH * seconds(pattern, quarter, at_start=at_start):
            return False
    return True


@pytest.mark.skipif(sys.platform == "win32", reason="needs an alarm")
@pytest.mark.timeout(300)
def test_no_expression_takes_long_on_what_it_may_be_given() -> None:
    signal.signal(signal.SIGVTALRM, _late)
    found = expressions()
    assert len(found) > 60
    starts = anchored()
    assert 10 < len(starts & found.keys()) < len(found) / 2
    slow: dict[str, tuple[float, str]] = {}
    for name, pattern in found.items():
        most, at_start = SHORTER.get(name, MOST), name in starts
        for quarter, text in zip(texts(pattern, most // 4), texts(pattern, most), strict=True):
            taken = seconds(pattern, quarter, at_start=at_start)
            if taken >= QUARTER_S and takes_long(pattern, quarter, text, at_start=at_start):
                slow[name] = (taken, f"{text[:30]!r}…{text[-4:]!r}")
                break
    assert slow == {}, "\n".join(f"{name}: {each}" for name, each in slow.items())
    assert SHORTER.keys() <= found.keys()


def test_the_texts_find_expressions_that_take_for_ever() -> None:
    signal.signal(signal.SIGVTALRM, _late)
    for evil in (r"<title[^>]*>(.*?)</title", r"(a+)+$", r"(?:a|aa)*b", r"\s+$", r"'(?:\\\\|\\.|[^'\\])*'x"):
        pattern = re.compile(evil, re.DOTALL)
        assert any(seconds(pattern, text) > BOUND_S for text in texts(pattern, MOST)), evil
