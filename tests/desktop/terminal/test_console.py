"""The console: what reaches a terminal cannot steer it, and a pipe gets plain lines."""

from __future__ import annotations

import json
import unicodedata
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.conversation_types import Figures, Usage
from desktop.terminal.console import Console, clean, count, figures_line
from tests.desktop.terminal.conftest import Screen

_ANY = st.text(st.characters(codec="utf-8"), max_size=40)


def made(*, fancy: bool = False, **environ: str) -> tuple[Console, StringIO, StringIO]:
    out, err = (Screen(), Screen()) if fancy else (StringIO(), StringIO())
    return Console(out, err, environ=environ), out, err


@given(_ANY)
def test_no_text_steers_the_terminal_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean(text)
    assert all(character in "\t\n" or character.isprintable() or ord(character) >= 0xA0 for character in cleaned)
    assert clean(cleaned) == cleaned


@given(st.lists(_ANY, max_size=6))
def test_a_line_that_was_begun_is_ended_once(pieces: list[str]) -> None:
    console, out, _ = made()
    for piece in pieces:
        console.write(piece)
    console.end_line()
    console.end_line()
    said = clean("".join(pieces))
    assert out.getvalue().replace("�", "") == (said + "\n" * (bool(said) and said[-1] != "\n")).replace("�", "")


@given(st.lists(st.lists(_ANY, min_size=2, max_size=2), max_size=5))
def test_a_pipe_gets_one_line_a_row_with_as_many_cells_whatever_they_hold(rows: list[list[str]]) -> None:
    console, out, _ = made()
    console.table(("a", "b"), rows)
    lines = out.getvalue().split("\n")[:-1]
    assert [line.count("\t") for line in lines] == [1] * len(rows)


def test_a_terminals_table_has_a_head_and_what_people_copy_is_whole() -> None:
    console, out, _ = made(fancy=True)
    console.table(("Id", "Title"), [("x" * 60, "a \x1b[31mred\x1b[0m title " * 9)])
    assert "Id" in out.getvalue().split("\n")[0]
    assert "x" * 60 in out.getvalue()
    assert "\x1b[31m" not in out.getvalue()


@pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_a_terminal_that_can_or_shall_do_nothing_gets_no_colour(environ: dict[str, str]) -> None:
    console, out, err = made(fancy=True, **environ)
    console.status("going on")
    console.dim("aside")
    console.marked("found it\n", [(0, 5)])
    console.note("a note")
    console.error("a failure", "a cure")
    assert "\x1b" not in out.getvalue() + err.getvalue()
    assert out.getvalue() == "found it\n"
    assert err.getvalue() == "a note\na failure\n  a cure\n"


def test_marks_stand_out_and_the_text_stays_what_it_was() -> None:
    console, out, _ = made(fancy=True)
    console.marked("one two three\n", [(0, 3), (8, 13)])
    assert out.getvalue() == "\x1b[1mone\x1b[0m two \x1b[1mthree\x1b[0m\n"


def test_what_is_going_on_is_wiped_before_anything_else_is_said() -> None:
    console, out, err = made(fancy=True)
    console.status("half")
    console.write("so")
    console.end_line()
    assert err.getvalue().endswith("\r\x1b[K")
    assert out.getvalue() == "so\n"


def test_an_error_within_an_answer_begins_on_its_own_line() -> None:
    console, out, err = made()
    console.write("half")
    console.error("It broke.", about="lab/x")
    assert out.getvalue() == "half\n"
    assert err.getvalue() == "lab/x: It broke.\n"


def test_a_program_without_streams_prints_nowhere() -> None:
    console = Console(None, None, environ={})
    with console.out, console.err:
        console.line("x")
        console.json({"a": 1})
        assert not console.is_terminal
        assert not console.fancy


FIGURES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {}, ""),
    ({"ttft_ms": 12.4, "tokens_per_second": 88.6}, {"output_tokens": 20}, "12 ms · 89 tok/s · 20 tokens"),
    ({"ttft_ms": 12.4, "tokens_per_second": 88.6}, {"output_tokens": 1}, "12 ms · 1 token"),
    ({}, {"output_tokens": 20, "estimated": True, "reasoning_tokens": 5}, "~20 tokens · 5 reasoning"),
    ({"cost": 0.00001}, {}, "under $0.0001"),
    ({"cost": 0.25, "finish_reason": "length"}, {}, "$0.2500 · ended by length"),
    ({"cost": 0.0, "finish_reason": "stop"}, {}, ""),
]


@pytest.mark.parametrize(("figures", "usage", "line"), FIGURES)
def test_figures_that_are_not_known_are_left_out(figures: dict[str, Any], usage: dict[str, Any], line: str) -> None:
    assert figures_line(Figures(**figures), Usage(**usage)) == line


def test_one_is_no_plural() -> None:
    assert [count(number, "model") for number in (0, 1, 2)] == ["0 models", "1 model", "2 models"]


_EVIL = "a\x9b31mb\x85c\x7fd\u202ee\u2066f\u200fg\u061ch\u2028i"


def test_what_turns_text_around_is_written_out_on_a_terminal() -> None:
    console, out, err = made(fancy=True)
    console.write(_EVIL + "\n")
    console.dim(_EVIL)
    console.marked(_EVIL, [(0, 5)])
    console.line(_EVIL)
    console.raw(_EVIL)
    console.json({"text": _EVIL})
    console.table(("Id", "Title"), [(_EVIL, _EVIL)])
    console.status(_EVIL)
    console.note(_EVIL)
    console.error(_EVIL, _EVIL)
    for stream in (out, err):
        said = stream.getvalue()
        assert not {character for character in said if unicodedata.category(character) in ("Cf", "Zl", "Zp")}
        assert not {character for character in said if "\x7f" <= character <= "\x9f"}
        assert "d\\u202ee\\u2066f" in said


def test_a_pipe_gets_what_turns_text_around_as_it_is() -> None:
    console, out, _ = made()
    console.write("a\u202eb")
    assert out.getvalue() == "a\u202eb"


@given(_ANY)
def test_json_means_what_it_did_and_steers_no_terminal(text: str) -> None:
    console, out, _ = made()
    console.json({"text": text + _EVIL})
    assert json.loads(out.getvalue()) == {"text": text + _EVIL}
    assert not any("\x7f" <= each <= "\x9f" or each in "\u202e\u2066\u200f\u061c\u2028" for each in out.getvalue())
