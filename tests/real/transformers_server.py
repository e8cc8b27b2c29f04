"""The server of transformers (`transformers serve`), in vLLM's environment, with the weights that vLLM has."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.real import vllm_server
from tests.real.environments import version_of
from tests.real.server_process import ServerProcess, answers, free_port
from tests.real.target import Target

_WITHIN_S = 120


@contextmanager
def running(folder: Path, work: Path) -> Generator[Target]:
    """The server, held to one model, which is called after its folder."""
    python, port = vllm_server.install(folder), free_port()
    model = str(vllm_server.weights(folder, work, python))
    words = (
        *(str(python.parent / "transformers"), "serve", model, "--device", "cpu", "--dtype", "bfloat16"),
        *("--host", "127.0.0.1", "--port", str(port)),
    )
    environ = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "2", "HOME": str(work)}
    ready = answers(f"http://127.0.0.1:{port}/health")
    with ServerProcess(words, log=work / "transformers.log", ready=ready, within_s=_WITHIN_S, environ=environ):
        yield Target(
            name="transformers serve",
            version=version_of(python, "transformers"),
            url=f"http://127.0.0.1:{port}/v1",
            model=model,
            context=0,
            lists=False,
            at_once=False,
            refused=((model, "foo_bar=1"),),
        )
