"""Questions of commands, answered by a line of standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from desktop.errors import UsageError
from desktop.terminal.console import Console
from desktop.terminal.prompt_lines import PipedPrompts
from desktop.text.phrases import english


async def agreed(console: Console, question: str) -> bool:
    """Whether a question was answered by yes. Raises UsageError where nothing comes."""
    return (await asked(console, f"{question} [y/N]")).strip().casefold() in ("y", "yes")


async def asked(console: Console, question: str) -> str:
    """A line of standard input. Raises UsageError where nothing comes."""
    console.note(question)
    line = None if sys.stdin is None else await PipedPrompts(sys.stdin).next()
    if line is None:
        raise UsageError(
            english("No answer was given."),
            hint=english("Answer on standard input, or use --yes where available."),
        )
    return line


def somebody_answers() -> bool:
    """Whether somebody sits at a terminal: a script is not asked."""
    return sys.stdin is not None and sys.stdin.isatty()


async def may_replace(console: Console, path: Path) -> bool:
    """Whether a file that is there may go for a new one: whoever sits at a terminal is asked, and told if not."""
    if not somebody_answers() or await agreed(console, f"{path} already exists. Replace it?"):
        return True
    console.note("Nothing was saved.")
    return False
