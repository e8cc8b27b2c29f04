from __future__ import annotations

import subprocess
import sys
import time

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from tests.ui.test_theme import NAMES, contrast
from ui.theme import Theme
from ui.transcript.formats import inks
from ui.transcript.highlight import COMMON, LONGEST, Highlighter, Word, lexer, warm
from ui.transcript.look import Look

PYTHON = '''import asyncio

class Waits:
    """Waits
    for long."""

    def run(self, n: int = 3) -> None:
        return f"{n} times"  # done
'''

RUST = '/* a\n b */\nfn main() {\n    let s = "x";\n}\n'


def told(language: str, code: str) -> list[list[Word]]:
    """The whole block's words in one run."""
    return [line for lines in Highlighter(language).check(code) for line in lines]


def by_lines(language: str, code: str) -> list[list[Word]]:
    highlighter = Highlighter(language)
    return [words for line in code.splitlines(keepends=True) for words in highlighter.lines(line)]


def test_words_are_told_apart() -> None:
    line = Highlighter("python").lines("def f(): return 'x'  # no\n")[0]
    assert ("def", "keyword") in line
    assert ("f", "name") in line
    assert ("'x'", "string") in line
    assert ("# no", "comment") in line
    assert "".join(text for text, _ in line) == "def f(): return 'x'  # no"


@pytest.mark.parametrize(("language", "code"), [("python", PYTHON), ("rust", RUST)])
def test_line_by_line_the_words_are_those_of_the_whole(language: str, code: str) -> None:
    assert by_lines(language, code) == told(language, code)


@pytest.mark.parametrize("language", COMMON)
def test_each_common_language_has_a_lexer_that_loses_nothing(language: str) -> None:
    code = 'a = {"b": [1, 2.5]}\n\n  <p class="x">/* y */</p>\n-- z\n'
    lines = by_lines(language, code)
    assert ["".join(text for text, _ in line) for line in lines] == code.splitlines()


@pytest.mark.parametrize("language", ["json", "yaml", "ruby"])
def test_what_cannot_be_resumed_is_told_line_by_line(language: str) -> None:
    highlighter = Highlighter(language)
    assert not highlighter._resumes
    assert highlighter.lines("a: 1\n") == highlighter.lines("a: 1\n")


def test_the_open_line_leaves_no_trace() -> None:
    highlighter = Highlighter("python")
    assert highlighter.open_line('"""open')[-1][1] == "string"
    assert highlighter.lines("x = 1\n")[0][0] == ("x = ", "")


def test_an_unknown_language_is_plain() -> None:
    highlighter = Highlighter("no-such-language")
    assert not highlighter.knows
    assert highlighter.lines("a = 1\n\nb\n") == [[("a = 1", "")], [], [("b", "")]]
    assert list(highlighter.check("a = 1\n")) == []
    assert lexer("no-such-language") is None


def test_a_very_long_line_is_plain() -> None:
    line = "x = 1; " * LONGEST
    assert Highlighter("python").lines(line + "\n") == [[(line, "")]]


def test_the_check_works_in_slices_of_about_a_millisecond() -> None:
    steps, longest, before = 0, 0.0, time.perf_counter()
    for _ in Highlighter("python").check(PYTHON * 100):
        longest = max(longest, time.perf_counter() - before)
        steps += 1
        before = time.perf_counter()
    assert steps > 3
    assert longest < 0.5, "a few milliseconds, with much room for slow machines"


def test_common_languages_are_made_ready_one_by_one() -> None:
    assert tuple(warm()) == COMMON


@pytest.mark.parametrize("name", NAMES)
def test_words_of_code_have_a_contrast_of_four_and_a_half(name: str, qapp: QApplication) -> None:
    theme = Theme.load(name)
    colours = inks(Look.of(theme, QFont(qapp.font())))
    for ground in (theme.surface, theme.bubble):
        weak = {word: contrast(colour, ground) for word, colour in colours.items() if contrast(colour, ground) < 4.5}
        assert weak == {}


@pytest.mark.parametrize("module", ["ui.transcript.writer", "ui.transcript.highlight", "ui.transcript.mathematics"])
def test_what_is_slow_is_not_loaded_with_the_module(module: str) -> None:
    code = f"import sys, {module}; print([n for n in ('pygments', 'ziamath') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
