"""A receipt's request as text that runs: JSON, curl, and Python with nothing but its standard library; pure."""

from __future__ import annotations

import json
from enum import StrEnum

from desktop.receipts.receipt import KEY, Receipt


class RequestForm(StrEnum):
    """How a request is written."""

    JSON = "json"
    CURL = "curl"
    PYTHON = "python"


_OWN = frozenset({"host", "content-length", "connection", "accept-encoding"})
"""Headers that whoever sends it again makes."""

_END = "PARAGONE"
_LONGEST_WORD = 100_000
"""Bytes that a word of a command may have everywhere."""

_VARIABLE = KEY.removeprefix("$")


def request_text(receipt: Receipt, body: bytes, form: RequestForm) -> str:
    """The request of a receipt with its body as it was sent; the key is read from the environment."""
    headers = {name: value for name, value in receipt.headers.items() if name not in _OWN}
    match form:
        case RequestForm.JSON:
            return body.decode()
        case RequestForm.CURL:
            lines = [f"curl -sSN {_quoted(receipt.url)}"]
            lines += [f"  -H {_quoted(f'{name}: {value}')}" for name, value in headers.items()]
            text = body.decode()
            if len(body) <= _LONGEST_WORD:
                return " \\\n".join([*lines, f"  --data-raw {_literal(text)}"]) + "\n"
            # From a document, which has no bounds; its last line's end is none of the body's
            sent = " \\\n".join([*lines, "  --data-binary @-"])
            return f"tr -d '\\n' <<'{_END}' | {sent}\n{text}\n{_END}\n"
        case RequestForm.PYTHON:
            return _PYTHON.format(url=_python(receipt.url), headers=_dictionary(headers), body=repr(body.decode()))


_PYTHON = """\
import os
import urllib.request

request = urllib.request.Request(
    {url},
    method="POST",
    headers={headers},
    data={body}.encode(),
)
with urllib.request.urlopen(request) as answer:
    for line in answer:
        print(line.decode(), end="")
"""


def _quoted(text: str) -> str:
    """A word of a shell, in which the variable is one."""
    before = text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`").replace("$", "\\$")
    return '"' + before.replace(f"\\{KEY}", KEY) + '"'


def _literal(text: str) -> str:
    """A word of a shell in which nothing means anything."""
    return "'" + text.replace("'", "'\\''") + "'"


def _python(text: str) -> str:
    """A word of Python, in which the variable is looked up."""
    return f' + os.environ["{_VARIABLE}"] + '.join(repr(piece) for piece in text.split(KEY))


def _dictionary(headers: dict[str, str]) -> str:
    rows = [f"        {json.dumps(name)}: {_python(value)}," for name, value in headers.items()]
    return "{\n" + "\n".join(rows) + "\n    }"
