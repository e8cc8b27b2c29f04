"""Request of a receipt as JSON, a curl command or a Python script for the standard library only. Pure functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum

from desktop.receipts.receipt import KEY, Receipt


class RequestForm(StrEnum):
    """Output format of a request."""

    JSON = "json"
    CURL = "curl"
    PYTHON = "python"


_OWN = frozenset({"host", "content-length", "connection", "accept-encoding"})
"""Headers that the sending program sets itself."""

_END, _END_OF_HEADERS = "PARAGONE", "PARAGONE_HEADERS"
_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,200}")
_ENDS = re.compile(r"[\r\n\0]")
_LONGEST_WORD = 100_000
"""Maximum bytes of a command-line argument that every system accepts."""

_VARIABLE = KEY.removeprefix("$")


def request_text(receipt: Receipt, body: bytes, form: RequestForm) -> str:
    """Return the request of a receipt with its body as sent; the key is read from the environment."""
    headers = {name: value for name, value in receipt.headers.items() if name not in _OWN and _NAME.fullmatch(name)}
    match form:
        case RequestForm.JSON:
            return body.decode()
        case RequestForm.CURL:
            return _curl(receipt.url, headers, body.decode())
        case RequestForm.PYTHON:
            return _PYTHON.format(url=_python(receipt.url), headers=_dictionary(headers), body=repr(body.decode()))


def _curl(url: str, headers: Mapping[str, str], body: str) -> str:
    """Return a curl command. Headers with the key come from a here-document, so that no process list shows them."""
    secret = [f"{name}: {value}" for name, value in headers.items() if KEY in value and not _ENDS.search(name + value)]
    lines = [f"curl -gsSN --url {_quoted(url) if KEY in url else _literal(url)}"]
    plain = {name: value for name, value in headers.items() if KEY not in value}
    lines += [f"  -H {_literal(f'{name}: {value}' if value else f'{name};')}" for name, value in plain.items()]
    lines += ["  -H @/dev/fd/3"] if secret else []
    documents = "".join(f"{_filled(each)}\n" for each in secret)
    given, filled = (f" 3<<{_END_OF_HEADERS}", f"{documents}{_END_OF_HEADERS}\n") if secret else ("", "")
    if len(body.encode()) <= _LONGEST_WORD or _ENDS.search(body):  # Paragone's bodies contain no line ends
        return " \\\n".join([*lines, f"  --data-raw {_literal(body)}{given}"]) + f"\n{filled}"
    # A here-document has no length limit; its final newline is not part of the body
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
    """Return a shell word in which only the key variable is expanded, in braces because letters may follow it."""
    before = text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`").replace("$", "\\$")
    return '"' + before.replace(f"\\{KEY}", f"${{{_VARIABLE}}}") + '"'


def _filled(text: str) -> str:
    """Return a line of a here-document in which only the key variable is expanded."""
    return _quoted(text)[1:-1].replace('\\"', '"')


def _literal(text: str) -> str:
    """Return a shell word in which nothing is expanded."""
    return "'" + text.replace("'", "'\\''") + "'"


def _python(text: str) -> str:
    """Return a Python expression that reads the key from the environment."""
    return f' + os.environ["{_VARIABLE}"] + '.join(repr(piece) for piece in text.split(KEY))


def _dictionary(headers: dict[str, str]) -> str:
    rows = [f"        {json.dumps(name)}: {_python(value)}," for name, value in headers.items()]
    return "{\n" + "\n".join(rows) + "\n    }"
