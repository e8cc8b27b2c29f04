"""Three of llama.cpp's servers behind HAProxy: what one machine after the other is added to."""

from __future__ import annotations

import csv
import signal
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from tests.real import deployment_checks, llama_cpp
from tests.real.deployment_checks import Deployment
from tests.real.outcome_table import Row
from tests.real.reverse_proxies import PROXIES, ProxySettings
from tests.real.server_process import free_port
from tests.real.target import Target

_SERVERS = 3


def install(folder: Path) -> None:
    """Both programs. Raises NotTriedError."""
    llama_cpp.install(folder)
    PROXIES["haproxy"].install(folder)


def run(folder: Path, work: Path) -> list[Row]:
    """The checks of a deployment."""
    proxy = PROXIES["haproxy"]
    ports = tuple(free_port() for _ in range(_SERVERS))
    settings = ProxySettings(work=work, port=free_port(), behind=ports)
    with ExitStack() as stack:
        servers = [stack.enter_context(llama_cpp.server(folder, work, port)) for port in ports]
        stack.enter_context(proxy.process(folder, settings))
        target = Target(
            name="three of llama.cpp's behind HAProxy",
            version=proxy.version(folder),
            url=settings.url,
            model=llama_cpp.MODEL,
            context=llama_cpp.CONTEXT,
            any_name=True,
        )
        return deployment_checks.run(
            Deployment(target, _SERVERS, lambda: _counts(settings.port), lambda: servers[0].end(signal.SIGKILL)), work
        )


def _counts(port: int) -> list[int]:
    """How many requests HAProxy gave each server."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats;csv", timeout=5) as reply:
        rows = csv.DictReader(reply.read().decode().lstrip("# ").splitlines())
        return [int(row["stot"]) for row in rows if row["svname"].startswith("model-")]
