"""Measures what the worst code costs each of Pygments' lexers: why code is coloured in a child process, all of it.

    python -m tests.bench.lexer_costs             the commonest languages
    python -m tests.bench.lexer_costs lua rust    these
    python -m tests.bench.lexer_costs --all       all that there are, which takes an hour

Each regular expression is taken apart: for each of its repetitions there are texts that reach it, repeat what it
repeats and then fail it; a lexer reads them from the state that the expression belongs to. A lexer would be fit to
run in the window where no text, of one line or of several, took longer than the bound.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from types import FrameType
from typing import Any, cast

from pygments.lexer import DelegatingLexer, ExtendedRegexLexer, RegexLexer
from pygments.lexers import get_all_lexers, get_lexer_by_name  # pyright: ignore[reportUnknownVariableType]

from desktop.markdown.fences import PART_CHARACTERS
from desktop.renderer.highlight import LONGEST
from tests.weak_points import weak_points

_NAMES = (
    "ada applescript awk bash bat bibtex c clojure cmake cobol common-lisp console cpp csharp css "
    "cuda cython d dart diff docker elixir elm erlang fish fortran fsharp gherkin glsl go graphql groovy "
    "haskell hcl html http ini java javascript jinja json json5 jsx julia kotlin latex less llvm lua make "
    "markdown matlab mysql nasm nginx nim nix objective-c ocaml octave pascal perl php plpgsql "
    "postgresql powershell prolog properties protobuf python pycon r rst ruby rust sas scala scheme "
    "scss solidity sparql sql swift systemverilog tcl terraform text toml tsx typescript vb.net "
    "verilog vhdl vim vue wast xml yaml zig zsh "
)
CANDIDATES = tuple(_NAMES.split())
BOUND_S = 0.02
"""A text may take so long: a fifth of what the window may stand still for."""

_GIVE_UP_S = 0.25
_MOST_TEXTS = 4_000
_ENDS = ("", "\0", "\n", "!\n", '"')
_PUMPS = (
    *"a0 \t\n\\/*-=:.,@#$%&([{<\"'`|~",
    *("a.", "a ", "a,", "(a", "\\a", '\\"', "/*", "<a ", "a=", "::", "a:", "$(", "${", "[[", "{{", "<<", "a\n", " \n"),
    *("0.", "()", "[]", "{}", "<>", "-- ", "// ", "a(", "a<", "'''", '"""', "a\\\n", "@a ", "#{", "{%"),
)


class _Late(Exception):
    pass


def measured(name: str) -> tuple[str, float, str]:
    """A lexer's name, the seconds of its worst text (at most what a measurement waits for), and how that begins."""
    lexer: Any = get_lexer_by_name(name, stripnl=False, ensurenl=False)  # pyright: ignore[reportUnknownVariableType]
    signal.signal(signal.SIGALRM, _late)
    texts = list(_texts(lexer))
    if len(texts) > _MOST_TEXTS:
        texts = random.Random(1).sample(texts, _MOST_TEXTS)
    worst, words = 0.0, ""
    for state, text in texts:
        seconds = _seconds(lexer, state, text)
        if seconds > worst:
            seconds = min(seconds, _seconds(lexer, state, text), _seconds(lexer, state, text))
        if seconds > worst:
            worst, words = seconds, f"{state}: {text[:40]!r}…{text[-4:]!r}"
        if worst >= _GIVE_UP_S:
            break
    return name, worst, words


def _late(number: int, frame: FrameType | None) -> None:
    raise _Late


def _seconds(lexer: Any, state: str, text: str) -> float:  # noqa: ANN401 - untyped library
    begin = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, _GIVE_UP_S)
    try:
        for _ in _tokens(lexer, state, text):
            pass
    except _Late:
        return _GIVE_UP_S
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return time.perf_counter() - begin


def _tokens(lexer: Any, state: str, text: str) -> Iterator[object]:  # noqa: ANN401 - untyped library
    """What a lexer makes of a text, from a state of its own where one is named."""
    if not state:
        return iter(lexer.get_tokens_unprocessed(text))
    return iter(RegexLexer.get_tokens_unprocessed(lexer, text, ("root", state)))


def _texts(lexer: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - untyped library
    """States and texts: the longest line that is coloured, or several as a part of a block has them."""
    for pump in _PUMPS:
        for end in _ENDS:
            yield "", _filled("", pump, end)
    if isinstance(lexer, DelegatingLexer):
        for part in (lexer.root_lexer, lexer.language_lexer):
            yield from (("", text) for _, text in _texts(part))
    if not isinstance(lexer, RegexLexer):
        return
    seen: set[tuple[str, str, str]] = set()
    # `_tokens`: the table of states, which there is no other door to
    only_whole = isinstance(lexer, ExtendedRegexLexer)
    for state, rules in cast("dict[str, list[Any]]", getattr(type(lexer), "_tokens", {})).items():
        for matches, _, _ in rules:
            pattern = getattr(getattr(matches, "__self__", None), "pattern", None)
            if not isinstance(pattern, str):
                continue
            for before, pump in weak_points(pattern, matches.__self__.flags):
                if (state, before, pump) in seen:
                    continue
                seen.add((state, before, pump))
                named = "" if only_whole else state
                for end in _ENDS:
                    yield named, _filled(before, pump, end)
                yield named, _filled("", before + pump, "")


def _filled(before: str, pump: str, end: str) -> str:
    most = LONGEST if "\n" not in before + pump else PART_CHARACTERS + LONGEST
    times = max((most - len(before) - len(end)) // max(len(pump), 1), 1)
    return before + pump * times + end


def main(words: list[str]) -> int:
    """Measure and print, the worst last."""
    names: Iterable[str] = words or CANDIDATES
    if words == ["--all"]:
        names = [aliases[0] for _, aliases, _, _ in cast("Any", get_all_lexers)() if aliases]
    with ProcessPoolExecutor(2) as pool:
        results = sorted(pool.map(measured, names), key=lambda each: each[1])
    for name, seconds, text in results:
        print(f"{seconds * 1000:8.1f} ms  {'fit' if seconds <= BOUND_S else '   '}  {name:16} {text}")
    fit = sorted(name for name, seconds, _ in results if seconds <= BOUND_S)
    print(f"\n{len(fit)} of {len(results)} are fit: {' '.join(fit)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
