"""Prompts of a chat: an editable line with history on a terminal, or plain lines from a pipe."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from desktop.system.log import logger
from desktop.system.private_files import private_file, write_private
from desktop.terminal.console import Console

if TYPE_CHECKING:
    from prompt_toolkit.history import History

_log = logger("terminal")


class Prompts(Protocol):
    """Source of prompts."""

    async def next(self) -> str | None:
        """Return the next prompt, or None after the last one.

        Raises:
            KeyboardInterrupt: If the user pressed Ctrl+C.
        """
        ...

    async def answer(self, label: str, text: str = "") -> str | None:
        """Return the answer to a question, which is in no history, or None at the end of the input.

        Raises:
            KeyboardInterrupt: If the user pressed Ctrl+C.

        Args:
            text: Text that the user can edit.
        """
        ...


class PipedPrompts:
    """Lines of a stream other than a terminal.

    They are read on a thread, so that a slow writer does not block the loop.
    """

    def __init__(self, stream: TextIO, ask: Callable[[str], None] = lambda _label: None) -> None:
        """`ask` prints a question."""
        self._stream = stream
        self._ask = ask
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._started = False

    async def next(self) -> str | None:
        """Return the next line, or None at the end of the stream."""
        if not self._started:
            self._started = True
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._read, args=(loop,), name="prompts", daemon=True).start()
        return await self._lines.get()

    async def answer(self, label: str, text: str = "") -> str | None:
        """Return the next line as the answer to a question."""
        del text  # a line of a pipe replaces it
        self._ask(label)
        line = await self.next()
        if line is None:
            self._lines.put_nowait(None)  # the end is also the end of the prompts
        return line

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nothing awaits the line
            for line in self._stream:
                loop.call_soon_threadsafe(self._lines.put_nowait, line.rstrip("\r\n"))
            loop.call_soon_threadsafe(self._lines.put_nowait, None)


class TypedPrompts:
    """Prompts typed on a terminal.

    Arrow keys recall earlier prompts, Alt+Enter breaks the line, Ctrl+D ends the chat.
    """

    def __init__(self, history_file: Path | None, label: Callable[[], str]) -> None:
        """Create the session. Without a history file, only prompts of this session can be recalled."""
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory, InMemoryHistory

        class KeptHistory(FileHistory):
            """History that falls back to the prompts of this session if the file cannot be written."""

            def store_string(self, string: str) -> None:
                """Store a prompt in a private file, also if the original one was removed."""
                file = Path(os.fsdecode(self.filename))
                with suppress(OSError):
                    private_file(file)
                    super().store_string(string)

        if history_file is not None:
            try:
                private_file(history_file)
            except OSError as error:
                _log.warning("prompt history is not saved: %s", type(error).__name__)
                history_file = None
        self._label = label
        self.history: History = InMemoryHistory() if history_file is None else KeptHistory(str(history_file))
        """Prompts typed earlier."""
        self._session: PromptSession[str] = PromptSession(history=self.history, enable_open_in_editor=False)

    async def next(self) -> str | None:
        """Return the next prompt, or None after Ctrl+D."""
        try:
            return await self._session.prompt_async(self._label(), handle_sigint=False)
        except EOFError:
            return None

    async def answer(self, label: str, text: str = "") -> str | None:
        """Return the answer to a question, or None after Ctrl+D."""
        from prompt_toolkit import PromptSession

        session: PromptSession[str] = PromptSession(enable_open_in_editor=False)
        try:
            return await session.prompt_async(label, default=text, handle_sigint=False)
        except EOFError:
            return None


async def whole_input(console: Console) -> str:
    """Return all of standard input, read on a thread so that Ctrl+C can interrupt the wait."""
    if sys.stdin is None:
        return ""
    if sys.stdin.isatty():
        console.note("Type the prompt. Ctrl+D on an empty line ends it.")
    source = PipedPrompts(sys.stdin)
    found: list[str] = []
    while (line := await source.next()) is not None:
        found.append(line)
    return "\n".join(found)


def forget(history_file: Path, texts: Collection[str]) -> None:
    """Remove prompts permanently from the history file.

    Raises:
        OSError: If the file cannot be written.
    """
    if not history_file.is_file():
        return
    from prompt_toolkit.history import FileHistory

    history = FileHistory(str(history_file))
    kept = [entry for entry in reversed([*history.load_history_strings()]) if entry not in texts]
    write_private(history_file, "")
    for entry in kept:
        history.store_string(entry)


def from_standard_input(
    history_file: Path | None, label: Callable[[], str], ask: Callable[[str], None] = lambda _label: None
) -> Prompts:
    """Return typed prompts if standard input and output are terminals, otherwise lines of standard input."""
    if sys.stdin is None:
        return PipedPrompts(StringIO())
    if sys.stdin.isatty() and sys.stdout.isatty():
        return TypedPrompts(history_file, label)
    return PipedPrompts(sys.stdin, ask)
