"""A receipt's request as text that runs: JSON, curl, and Python with nothing but its standard library; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum

from desktop.receipts.receipt import KEY, Receipt


class RequestForm(StrEnum):
    """How a request is written."""

    JSON = "json"
    CURL = "curl"
    PYTHON = "python"


_OWN = frozenset({"host", "content-length", "connection", "accept-encoding"})
"""Headers that whoever sends it again makes."""

_END, _END_OF_HEADERS = "PARAGONE", "PARAGONE_HEADERS"
_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,200}")
_ENDS = re.compile(r"[\r\n\0]")
_LONGEST_WORD = 100_000
"""Bytes that a word of a command may have everywhere."""

_VARIABLE = KEY.removeprefix("$")


def request_text(receipt: Receipt, body: bytes, form: RequestForm) -> str:
    """The request of a receipt with its body as it was sent; the key is read from the environment."""
    headers = {name: value for name, value in receipt.headers.items() if name not in _OWN and _NAME.fullmatch(name)}
    match form:
        case RequestForm.JSON:
            return body.decode()
        case RequestForm.CURL:
            return _curl(receipt.url, headers, body.decode())
        case RequestForm.PYTHON:
            return _PYTHON.format(url=_python(receipt.url), headers=_dictionary(headers), body=repr(body.decode()))


def _curl(url: str, headers: Mapping[str, str], body: str) -> str:
    """Headers with the key come from a document, which the shell fills in: no list of processes has them."""
    secret = [f"{name}: {value}" for name, value in headers.items() if KEY in value and not _ENDS.search(name + value)]
    lines = [f"curl -gsSN --url {_quoted(url) if KEY in url else _literal(url)}"]
    plain = {name: value for name, value in headers.items() if KEY not in value}
    lines += [f"  -H {_literal(f'{name}: {value}' if value else f'{name};')}" for name, value in plain.items()]
    lines += ["  -H @/dev/fd/3"] if secret else []
    documents = "".join(f"{_filled(each)}\n" for each in secret)
    given, filled = (f" 3<<{_END_OF_HEADERS}", f"{documents}{_END_OF_HEADERS}\n") if secret else ("", "")
    if len(body.encode()) <= _LONGEST_WORD or _ENDS.search(body):  # no body of ours has ends of lines
        return " \\\n".join([*lines, f"  --data-raw {_literal(body)}{given}"]) + f"\n{filled}"
    # From a document, which has no bounds; its last line's end is none of the body's
    sent = " \\\n".join([*lines, f"  --data-binary @-{given}"])
    return f"tr -d '\\n' <<'{_END}' | {sent}\n{body}\n{_END}\n{filled}"


_PYTHON = """\
import os
import urllib.request


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *told):
        return None  # the key goes to this server alone


request = urllib.request.Request(
    {url},
    method="POST",
    headers={headers},
    data={body}.encode(),
)
with urllib.request.build_opener(Stay).open(request) as answer:
    for line in answer:
        print(line.decode(), end="")
"""


def _quoted(text: str) -> str:
    """A word of a shell, in which the variable is one; in braces, since letters may follow."""
    before = text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`").replace("$", "\\$")
    return '"' + before.replace(f"\\{KEY}", f"${{{_VARIABLE}}}") + '"'


def _filled(text: str) -> str:
    """A line of a shell's document, in which the variable is filled in and nothing else means anything."""
    return _quoted(text)[1:-1].replace('\\"', '"')


def _literal(text: str) -> str:
    """A word of a shell in which nothing means anything."""
    return "'" + text.replace("'", "'\\''") + "'"


def _python(text: str) -> str:
    """A word of Python, in which the variable is looked up."""
    return f' + os.environ["{_VARIABLE}"] + '.join(repr(piece) for piece in text.split(KEY))


def _dictionary(headers: dict[str, str]) -> str:
    rows = [f"        {json.dumps(name)}: {_python(value)}," for name, value in headers.items()]
    return "{\n" + "\n".join(rows) + "\n    }"
