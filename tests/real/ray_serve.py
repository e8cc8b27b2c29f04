"""Ray Serve with two replicas, each with an engine of its own: the checks of a server, and of a deployment."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from desktop.embedded.bundled_model import find_model
from tests.real import chat_checks, deployment_checks, llama_cpp
from tests.real.deployment_checks import Deployment
from tests.real.environments import python_with, version_of
from tests.real.outcome_table import NotTriedError, Row, filled
from tests.real.paragone_client import ParagoneClient
from tests.real.server_process import ServerProcess, free_port, says_ready
from tests.real.target import Target

PACKAGES = ("ray[serve]==2.60.0", *llama_cpp.PACKAGES)
_SCRIPT = Path(__file__).parent / "scripts" / "ray_serve_app.py"
_WITHIN_S = 150
_ANEW_S = 60


def install(folder: Path) -> Path:
    """Its Python. Raises NotTriedError."""
    return python_with(folder, "ray", *PACKAGES)


def need_alone(*, alone: bool) -> None:
    """Ray listens on every address, whatever it is told: only in a network of our own is it started."""
    if not alone:
        raise NotTriedError("it listens on every address, and this system gives no network with loopback alone")


def run(folder: Path, work: Path, *, alone: bool) -> list[Row]:
    """All checks. Raises NotTriedError."""
    need_alone(alone=alone)
    python, port = install(folder), free_port()
    words = (str(python), str(_SCRIPT), str(find_model(cache=work)), str(port), str(llama_cpp.CONTEXT), str(work))
    environ = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DEDUP_LOGS": "0", "HOME": str(work)}
    log = work / "ray.log"
    target = Target(
        name="Ray Serve, two replicas",
        version=version_of(python, "ray"),
        url=f"http://127.0.0.1:{port}/v1",
        model=llama_cpp.MODEL,
        context=llama_cpp.CONTEXT,
        any_name=True,
    )

    def counts() -> list[int]:
        return [len(path.read_text().splitlines()) for path in sorted(work.glob("replica-*"))]

    def lose() -> None:
        (first, *_) = sorted(work.glob("replica-*"))
        os.kill(int(first.name.partition("-")[2]), signal.SIGKILL)

    with ServerProcess(words, log=log, ready=says_ready(log), within_s=_WITHIN_S, environ=environ):
        rows = chat_checks.run(target, ParagoneClient(work / "paragone"))
        rows += deployment_checks.run(Deployment(target, 2, counts, lose), work)
        rows.append(filled(target.name, target.version, "the killed replica is started anew", _anew(work)))
        return rows


def _anew(work: Path) -> Iterator[str]:
    until = time.monotonic() + _ANEW_S
    while (found := len([*work.glob("replica-*")])) < 3 and time.monotonic() < until:
        time.sleep(0.5)
    yield "" if found == 3 else f"{found} replicas were seen after {_ANEW_S} s"
