"""Output of a command: text and JSON on standard output, everything else on standard error."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO, cast

import msgspec

from desktop.domain.conversation_types import Figures, Usage, meaningful_rate
from desktop.errors import ParagoneError
from desktop.text.phrases import as_text

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters except tab and line feed, because models and servers must not control the terminal."""


_TURNING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
"""Characters that change the text direction or break lines. They are escaped on a terminal."""

_UNSAFE_IN_JSON = re.compile(f"{_TURNING.pattern[:-1]}\x7f-\x9f]")
"""Characters that are valid in JSON but unsafe on a terminal. Escaping them does not change the JSON value."""


_BYTES = re.compile("[\udc80-\udcff]+")
"""Bytes of a file name that are not UTF-8, as Python represents them."""


def readable(text: str) -> str:
    """Return text that can be encoded as UTF-8. Undecodable bytes and lone surrogates become escapes."""
    text = _BYTES.sub(
        lambda found: found[0].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"), text
    )
    return text.encode("utf-8", "backslashreplace").decode()


def clean(text: str, *, terminal: bool = False) -> str:
    """Return text that cannot control a terminal. Control characters become the replacement character.

    Args:
        terminal: Whether to escape characters that change the text direction. Files and pipes receive them
            unchanged.
    """
    text = _CONTROLS.sub("�", readable(text).replace("\r\n", "\n"))
    return _TURNING.sub(_escape, text) if terminal else text


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _all_readable(value: object) -> object:
    """Return a value of built-in types in which all texts can be encoded as UTF-8."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {name: _all_readable(each) for name, each in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_all_readable(each) for each in cast("Iterable[object]", value)]
    return value


def _json(value: object) -> str:
    try:
        text = msgspec.json.encode(value, enc_hook=as_text).decode("utf-8", "replace")
    except UnicodeEncodeError:  # for example in a file name
        text = msgspec.json.encode(_all_readable(builtins({"": value})[""])).decode("utf-8", "replace")
    return _UNSAFE_IN_JSON.sub(_escape, text)


class Console:
    """Standard output and error. Color and status are only used if `fancy`, i.e. both streams are capable terminals."""

    def __init__(self, out: TextIO | None, err: TextIO | None, *, environ: dict[str, str]) -> None:
        # Without standard streams, as under pythonw, output is discarded.
        out = out or Path(os.devnull).open("w")  # noqa: SIM115 - as long as the program
        err = err or Path(os.devnull).open("w")  # noqa: SIM115
        for stream in (out, err):
            if callable(reconfigure := getattr(stream, "reconfigure", None)):
                reconfigure(encoding="utf-8", errors="replace")
        self.out = out
        self.err = err
        self.is_terminal = out.isatty()
        self._err_is_terminal = err.isatty()
        self.fancy = err.isatty() and environ.get("TERM") != "dumb" and "NO_COLOR" not in environ
        self._at_line_start = True
        self._status_shown = False

    def status(self, text: str) -> None:
        """Show a temporary status on the current line until the next output. Only on a terminal."""
        if self.fancy:
            self.err.write(f"\r\x1b[K\x1b[2m{clean(text, terminal=True)}\x1b[0m")
            self.err.flush()
            self._status_shown = True

    def _clean(self, text: str) -> str:
        return clean(text, terminal=self.is_terminal)

    def _clear_status(self) -> None:
        if self._status_shown:
            self.err.write("\r\x1b[K")
            self.err.flush()
            self._status_shown = False

    def write(self, text: str) -> None:
        """Write part of a response and show it immediately."""
        if text:
            self._clear_status()
            self.out.write(self._clean(text))
            self.out.flush()
            self._at_line_start = text.endswith("\n")

    def dim(self, text: str) -> None:
        """Write secondary text within a response. Only on a terminal."""
        if self.is_terminal and self.fancy:
            self._clear_status()
            self.out.write(f"\x1b[2m{self._clean(text)}\x1b[0m")
            self.out.flush()
            self._at_line_start = text.endswith("\n")

    def marked(self, text: str, marks: Sequence[tuple[int, int]]) -> None:
        """Write text with highlighted spans (start, end). Without terminal support, the text is plain."""
        if not self.fancy:
            self.write(text)
            return
        end, pieces = 0, list[str]()
        for start, stop in marks:
            pieces += [self._clean(text[end:start]), "\x1b[1m", self._clean(text[start:stop]), "\x1b[0m"]
            end = stop
        self._clear_status()
        self.out.write("".join((*pieces, self._clean(text[end:]))))
        self.out.flush()
        self._at_line_start = text.endswith("\n")

    def end_line(self) -> None:
        """Start a new line unless the cursor is at the beginning of one."""
        self._clear_status()
        if not self._at_line_start:
            self.write("\n")

    def line(self, text: str = "") -> None:
        """Write a line."""
        self.write(text + "\n")

    def raw(self, text: str) -> None:
        """Write text: unchanged to a file or pipe, but cleaned to a terminal."""
        self.out.write(self._clean(text) if self.is_terminal else text)
        self.out.flush()

    def json(self, value: object) -> None:
        """Write a value as a line of JSON. Characters that could control a terminal are escaped."""
        self.out.write(_json(value) + "\n")
        self.out.flush()

    async def json_array(self, values: AsyncIterator[object]) -> None:
        """Write values as a line with a JSON array. The values are never all in memory at once."""
        self.out.write("[")
        between = ""
        async for value in values:
            self.out.write(between + _json(value))
            between = ","
        self.out.write("]\n")
        self.out.flush()

    def note(self, text: str) -> None:
        """Print a note to standard error."""
        self.end_line()
        text = clean(text, terminal=self._err_is_terminal)
        self.err.write(f"\x1b[2m{text}\x1b[0m\n" if self.fancy else f"{text}\n")
        self.err.flush()

    def error(self, message: str, hint: str = "", *, about: str = "") -> None:
        """Print an error with a hint to standard error."""
        self.end_line()
        head = f"{about}: " if about else ""
        text = clean(head + message, terminal=self._err_is_terminal)
        self.err.write(f"\x1b[31m{text}\x1b[0m\n" if self.fancy else f"{text}\n")
        if hint:
            self.err.write(f"  {clean(hint, terminal=self._err_is_terminal)}\n")
        self.err.flush()

    def problem(self, error: ParagoneError, *, about: str = "") -> None:
        """Print one of Paragone's errors."""
        self.error(error.message, error.hint, about=about)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table to a terminal. Into a pipe, rows are tab-separated and have no header."""
        if not self.is_terminal:
            for row in rows:
                self.line("\t".join(clean(cell).replace("\t", " ").replace("\n", " ") for cell in row))
            return
        from rich.console import Console as RichConsole
        from rich.table import Table
        from rich.text import Text

        first = [head[0], *(row[0] for row in rows)]
        table = Table(box=None, pad_edge=False, header_style="bold")
        for place, title in enumerate(head):
            # The first column is copied most often.
            table.add_column(
                title, overflow="fold", no_wrap=place == 0, min_width=max(map(len, first)) if place == 0 else None
            )
        for row in rows:
            table.add_row(*(Text(self._clean(cell)) for cell in row))
        RichConsole(file=self.out, no_color=not self.fancy, highlight=False).print(table)


def figures_line(figures: Figures | None, usage: Usage | None) -> str:
    """Return TTFT, speed, tokens and cost in one line. Unknown figures are omitted."""
    parts: list[str] = []
    if figures is not None and figures.ttft_ms is not None:
        parts.append(f"{figures.ttft_ms:.0f} ms")
    rate = figures.tokens_per_second if figures is not None else None
    if (rate := meaningful_rate(rate, usage.output_tokens if usage is not None else None)) is not None:
        parts.append(f"{rate:.0f} tok/s")
    if usage is not None and usage.output_tokens is not None:
        parts.append(f"{'~' if usage.estimated else ''}{count(usage.output_tokens, 'token')}")
    if usage is not None and usage.reasoning_tokens:
        parts.append(f"{usage.reasoning_tokens} reasoning")
    if figures is not None and figures.cost:
        parts.append(f"${figures.cost:.4f}" if figures.cost >= 0.0001 else "under $0.0001")
    if figures is not None and figures.finish_reason not in (None, "stop"):
        parts.append(f"ended by {figures.finish_reason}")
    return " · ".join(parts)


def count(number: int, thing: str) -> str:
    """Return a number with its noun, such as 1 model or 2 models."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def builtins(value: object) -> dict[str, Any]:
    """Return a value's fields as built-in types, from which JSON objects can be composed."""
    return cast("dict[str, Any]", msgspec.to_builtins(value, enc_hook=as_text))
