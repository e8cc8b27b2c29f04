"""A text file as a prompt takes it: told by its content, bounded, between fences below its name; needs no Qt."""

from __future__ import annotations

import stat
from pathlib import Path

from desktop.evaluation.merge_prompt import fenced
from desktop.phrases import Phrase, phrase

MOST_BYTES = 1_000_000
"""Longer ones fit into no model's window, and would be a burden to the field."""

_NEVER = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\x1b")
"""Control characters that no text has."""
_NO_TEXT = ("%PDF-", "{\\rtf")
"""What files begin with that are made of letters, and yet are none to be read."""


class NoText(Exception):
    """A file that cannot be inserted: the sentence that says why."""

    def __init__(self, said: Phrase) -> None:
        super().__init__(said)
        self.said = said


def as_prompt(path: Path) -> str:
    """What is inserted for a file. Raises NoText. Reads from the disk: not on the window's thread."""
    name = shown_name(path)
    text = _text(path, name).replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not text.strip():
        raise NoText(phrase("“{name}” is empty.", name=name))
    return f"{name}\n{fenced(text)}\n"


def shown_name(path: Path) -> str:
    """A file's name on one line."""
    name = path.name.encode("utf-8", "replace").decode()
    return " ".join("".join(char if char.isprintable() else " " for char in name).split())


def _text(path: Path, name: str) -> str:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would keep whoever reads it for ever
            raise NoText(phrase("“{name}” is no file that can be read.", name=name))
        if about.st_size > MOST_BYTES:
            raise NoText(_too_long(name))
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NoText(phrase("“{name}” cannot be read ({reason}).", name=name, reason=error.strerror)) from error
    if len(content) > MOST_BYTES:
        raise NoText(_too_long(name))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoText(_other(name)) from error
    if text.startswith(_NO_TEXT) or not _NEVER.isdisjoint(text):
        raise NoText(_other(name))
    return text


def _too_long(name: str) -> Phrase:
    return phrase("“{name}” is longer than a prompt can be: text files up to 1 MB can be inserted.", name=name)


def _other(name: str) -> Phrase:
    return phrase("“{name}” is no text file: only text can be put into a prompt so far.", name=name)
