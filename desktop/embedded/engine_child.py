"""The embedded engine's child process and its messages: settings on stdin, the server's address on stdout.

The child serves until stdin closes.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import msgspec

from desktop.domain.conversation_types import Value
from desktop.system import child_bounds

LOADED_WITHIN_S = 300.0
"""Seconds after which the child exits if the model is still loading. The program does not wait as long."""

_MAX_SETTINGS = 64 * 1024
_NO_ORIGIN = "http://127.0.0.1:9"  # an origin that no page has (the discard port); the engine's default allows any
_QUIET = 1  # errors only; 2 and above write a line for each request


class ChildSettings(Value, frozen=True, kw_only=True):
    """Settings that the child reads from stdin, because other users can read its arguments and environment.

    `context` is the number of tokens per slot, `parallel` the number of slots, `token` the key that requests must send.
    """

    model: str
    token: str
    threads: int
    context: int
    parallel: int


class Ready(Value, frozen=True, kw_only=True, tag="ready", tag_field="type"):
    """Report that the engine listens at `url`, for example http://127.0.0.1:41234."""

    url: str


class Failed(Value, frozen=True, kw_only=True, tag="error", tag_field="type"):
    """Report that the engine did not start, because the library is `missing` or could not `load` the model."""

    error: Literal["missing", "load"]
    message: str


Report = Ready | Failed

parse_report = msgspec.json.Decoder[Report](Report).decode


def encode(value: ChildSettings | Report) -> bytes:
    """Encode a message as one line of JSON."""
    return msgspec.json.encode(value) + b"\n"


def main() -> int:
    """Serve until stdin closes. Returns 0 then, 1 if the engine could not start, 2 if stdin contained no settings.

    Uses file descriptors, because a frozen program without a console has no sys.stdin and sys.stdout.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is handled by the program, which then closes stdin
    child_bounds.end_with_parent()
    out = _take_stdout()
    try:
        settings = msgspec.json.decode(_read_line(), type=ChildSettings)
    except msgspec.DecodeError:
        return 2
    with child_bounds.ended_after(LOADED_WITHIN_S):  # loading holds the GIL: nothing else notices a closed stdin
        report, server = _start(settings)
    os.write(out, encode(report))
    os.close(out)
    if server is None:
        return 1
    while os.read(0, 4096):
        pass
    os._exit(0)  # the library's own shutdown waits for responses that nobody will read


def _take_stdout() -> int:
    """Move stdout to a new descriptor, which is returned, and stderr to 1, because llama.cpp prints to 1."""
    out = os.dup(1)
    os.dup2(2, 1)
    return out


def _read_line() -> bytes:
    line = b""
    while not line.endswith(b"\n") and len(line) < _MAX_SETTINGS:
        more = os.read(0, 4096)
        if not more:
            break
        line += more
    return line


def _start(settings: ChildSettings) -> tuple[Report, object | None]:
    try:
        xllamacpp = import_module("xllamacpp")
    except ImportError as error:
        return Failed(error="missing", message=str(error)), None
    try:
        server = xllamacpp.Server(parameters(xllamacpp.CommonParams(), settings))
    except RuntimeError as error:
        return Failed(error="load", message=str(error)), None
    return Ready(url=str(server.listening_address)), server


def parameters(params: Any, settings: ChildSettings) -> Any:  # noqa: ANN401  (the library has no types)
    """Return the library's parameters, set so that the server is only reachable by this user on this computer."""
    params.model.path = settings.model
    params.model_alias = {
        Path(settings.model).stem
    }  # otherwise each chunk contains the path, which includes the user's home folder
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings.token]
    params.cors_origins = _NO_ORIGIN
    params.cors_credentials = False
    params.offline = True
    params.ui = False
    params.endpoint_slots = False
    params.sse_ping_interval = -1
    params.verbosity = _QUIET
    # The engine divides n_ctx among its slots
    params.n_ctx = settings.context * settings.parallel
    params.n_parallel = settings.parallel
    params.n_batch = params.n_ubatch = 64
    params.cache_ram_mib = 256
    params.cpuparams.n_threads = settings.threads
    params.cpuparams_batch.n_threads = settings.threads
    return params


if __name__ == "__main__":
    sys.exit(main())
