"""The servers that can be tried, by name: how each is installed, and how it is run through its checks."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.real import (
    chat_checks,
    litellm_gateway,
    llama_behind_haproxy,
    llama_cpp,
    proxy_checks,
    ray_llm,
    ray_serve,
    transformers_server,
    vendor_sdks,
    vllm_server,
)
from tests.real.outcome_table import Row
from tests.real.paragone_client import ParagoneClient
from tests.real.reverse_proxies import PROXIES, ReverseProxy
from tests.real.target import Target

ALONE = "PARAGONE_REAL_ALONE"
"""The variable that says whether the run has a network with loopback alone."""


@dataclass(frozen=True)
class Server:
    """`install` makes it ready below a folder; `run` starts it with a folder for its files and tries it."""

    install: Callable[[Path], object]
    run: Callable[[Path, Path], list[Row]]


def _chat(running: Callable[[Path, Path], AbstractContextManager[Target]]) -> Callable[[Path, Path], list[Row]]:
    def run(folder: Path, work: Path) -> list[Row]:
        with running(folder, work) as target:
            return chat_checks.run(target, ParagoneClient(work / "paragone"))

    return run


def _proxy(proxy: ReverseProxy) -> Server:
    def install(folder: Path) -> None:
        llama_cpp.install(folder)
        proxy.install(folder)

    return Server(install, lambda folder, work: proxy_checks.run(proxy, folder, work))


def _ray(folder: Path, work: Path) -> list[Row]:
    return ray_serve.run(folder, work, alone=os.environ.get(ALONE) == "yes")


def _ray_llm(folder: Path, work: Path) -> list[Row]:
    return ray_llm.run(folder, work, alone=os.environ.get(ALONE) == "yes")


SERVERS: dict[str, Server] = {
    "llama.cpp": Server(llama_cpp.install, _chat(llama_cpp.running)),
    "litellm": Server(litellm_gateway.install, litellm_gateway.run),
    **{name: _proxy(proxy) for name, proxy in PROXIES.items()},
    "three-llamas": Server(llama_behind_haproxy.install, llama_behind_haproxy.run),
    "ray": Server(ray_serve.install, _ray),
    "vllm": Server(vllm_server.install, _chat(vllm_server.running)),
    "transformers": Server(vllm_server.install, _chat(transformers_server.running)),
    "ray-llm": Server(ray_llm.install, _ray_llm),
    "sdks": Server(vendor_sdks.install, vendor_sdks.run),
}
