from __future__ import annotations

import subprocess
import sys

import pytest

from desktop.renderer.highlight import LONGEST, Highlighter, Word, coloured, lexer
from desktop.renderer.render_wire import CodeRequest

COMMON = (
    *("python", "bash", "javascript", "typescript", "json", "html", "css", "sql"),
    *("java", "c", "cpp", "csharp", "go", "rust", "yaml", "ruby"),
)

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
    return Highlighter(language).whole(code)


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
    assert not highlighter.resumes
    assert highlighter.lines("a: 1\n") == highlighter.lines("a: 1\n")


def test_the_open_line_leaves_no_trace() -> None:
    highlighter = Highlighter("python")
    assert highlighter.open_line('"""open')[-1][1] == "string"
    assert highlighter.lines("x = 1\n")[0][0] == ("x = ", "")


def test_an_unknown_language_is_plain() -> None:
    highlighter = Highlighter("no-such-language")
    assert not highlighter.knows
    assert highlighter.lines("a = 1\n\nb\n") == [[("a = 1", "")], [], [("b", "")]]
    assert coloured(CodeRequest(language="no-such-language", text="a = 1\n")).lines == ()
    assert lexer("no-such-language") is None


def test_a_very_long_line_is_plain() -> None:
    line = "x = 1; " * LONGEST
    assert Highlighter("python").lines(line + "\n") == [[(line, "")]]


def test_only_the_lines_that_are_too_long_are_plain() -> None:
    long = "x = 1; " * LONGEST
    words = Highlighter("python").lines(f"def f(): pass\n{long}\ndef g(): pass\n")
    assert words[1] == [(long, "")]
    assert ("def", "keyword") in words[0]
    assert ("def", "keyword") in words[2]


def test_a_request_has_its_words_line_by_line_and_what_they_leave_open() -> None:
    reply = coloured(CodeRequest(language="python", text="x = '''a\nb"))
    assert ["".join(text for text, _ in line) for line in reply.lines] == ["x = '''a", "b"]
    later = coloured(CodeRequest(language="python", text="b'''\n", state=reply.state))
    assert later.lines[0][0][1] == "string"
    assert later.state == ("root",)


def test_a_whole_block_is_read_as_a_whole() -> None:
    code = '{\n "a":\n 1}\n'
    whole = coloured(CodeRequest(language="json", text=code, whole=True))
    assert [list(line) for line in whole.lines] == told("json", code)


@pytest.mark.parametrize(
    "module",
    [
        "ui.transcript.text.document_writer",
        "ui.transcript.text.formula_pictures",
        "desktop.renderer.renderer",
        "ui.window.main_window",
    ],
)
def test_what_is_slow_or_hangs_is_not_loaded_with_the_module(module: str) -> None:
    names = ("pygments", "quickjs", "desktop.renderer.formula_drawing")
    code = f"import sys, {module}; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
