"""Questions that commands ask. The reply is a line of standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from desktop.errors import UsageError
from desktop.terminal.console import Console
from desktop.terminal.prompt_lines import PipedPrompts
from desktop.text.phrases import english


async def agreed(console: Console, question: str) -> bool:
    """Ask a yes-or-no question, and return whether the reply is yes.

    Raises:
        UsageError: If standard input has ended.
    """
    return (await asked(console, f"{question} [y/N]")).strip().casefold() in ("y", "yes")


async def asked(console: Console, question: str) -> str:
    """Ask a question, and return a line of standard input.

    Raises:
        UsageError: If standard input has ended.
    """
    console.note(question)
    line = None if sys.stdin is None else await PipedPrompts(sys.stdin).next()
    if line is None:
        raise UsageError(
            english("No answer was given."),
            hint=english("Answer on standard input, or use --yes where available."),
        )
    return line


def somebody_answers() -> bool:
    """Whether standard input is a terminal. Scripts are not asked questions."""
    return sys.stdin is not None and sys.stdin.isatty()


async def may_replace(console: Console, path: Path) -> bool:
    """Whether a file may be replaced. On a terminal, the user is asked first."""
    if not somebody_answers() or await agreed(console, f"{path} already exists. Replace it?"):
        return True
    console.note("Nothing was saved.")
    return False
