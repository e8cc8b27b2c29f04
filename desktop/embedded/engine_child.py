"""What runs in the engine's child process: settings in on stdin, its address out on stdout, until stdin closes."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from desktop.embedded.engine_wire import ChildSettings, Failed, Ready, Report, decode_settings, encode
from desktop.system import child_bounds

LOADED_WITHIN_S = 300.0
"""A model that takes longer ends the child by itself; who started it does not wait as long."""

_MAX_SETTINGS = 64 * 1024
_NOBODY = "http://127.0.0.1:9"  # the discard port: an origin that no page has; the engine's default is any
_QUIET = 1  # errors only: from 2 on it writes a line for each request


def main() -> int:
    """Serve until stdin closes; 0 then, 1 where the engine could not start, 2 where stdin held no settings.

    Reads and writes file descriptors: a frozen program without a console has no sys.stdin and sys.stdout.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the parent, which closes stdin
    child_bounds.end_with_parent()
    out = _take_stdout()
    try:
        settings = decode_settings(_read_line())
    except msgspec.DecodeError:
        return 2
    with child_bounds.ended_after(LOADED_WITHIN_S):  # while it loads, Python cannot see that stdin was closed
        report, server = _start(settings)
    os.write(out, encode(report))
    os.close(out)
    if server is None:
        return 1
    while os.read(0, 4096):
        pass
    os._exit(0)  # the library's own shutdown would wait for answers that nobody will read


def _take_stdout() -> int:
    """The real stdout under a new number; 1 becomes stderr, because llama.cpp prints there."""
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
    """The library's parameters, set for one user on this machine and nothing else."""
    params.model.path = settings.model
    params.model_alias = {Path(settings.model).stem}  # else each chunk names the path, and the user's home with it
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings.token]
    params.cors_origins = _NOBODY
    params.cors_credentials = False
    params.offline = True
    params.ui = False
    params.endpoint_slots = False
    params.sse_ping_interval = -1
    params.verbosity = _QUIET
    # The engine divides n_ctx among its slots: without the factor two slots would have half a context each.
    params.n_ctx = settings.context * settings.parallel
    params.n_parallel = settings.parallel
    params.n_batch = params.n_ubatch = 64
    params.cache_ram_mib = 256
    params.cpuparams.n_threads = settings.threads
    params.cpuparams_batch.n_threads = settings.threads
    return params


if __name__ == "__main__":
    sys.exit(main())
