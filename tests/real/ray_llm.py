"""`ray.serve.llm`, Ray's own server of models, with vLLM as its engine."""

from __future__ import annotations

from pathlib import Path

from tests.real import chat_checks, ray_serve, vllm_server
from tests.real.environments import version_of
from tests.real.outcome_table import Row
from tests.real.paragone_client import ParagoneClient
from tests.real.server_process import ServerProcess, free_port, says_ready
from tests.real.target import Target

PACKAGES = ("ray[serve]==2.60.0", "pyarrow==26.0.1")
_SCRIPT = Path(__file__).parent / "scripts" / "ray_llm_app.py"
_WITHIN_S = 300


def install(folder: Path) -> Path:
    """Its Python, with vLLM. Raises NotTriedError."""
    return vllm_server.install(folder, "ray-llm", PACKAGES)


def run(folder: Path, work: Path, *, alone: bool) -> list[Row]:
    """All checks. Raises NotTriedError."""
    ray_serve.need_alone(alone=alone)
    python, port = install(folder), free_port()
    weights = vllm_server.weights(folder, work, python)
    words = (str(python), str(_SCRIPT), str(weights), str(port), str(vllm_server.CONTEXT), str(work))
    environ = {**vllm_server.ENVIRON, "RAY_USAGE_STATS_ENABLED": "0", "HOME": str(work)}
    log = work / "ray-llm.log"
    with ServerProcess(words, log=log, ready=says_ready(log), within_s=_WITHIN_S, environ=environ):
        target = Target(
            name="ray.serve.llm, engine vLLM",
            version=version_of(python, "ray"),
            url=f"http://127.0.0.1:{port}/v1",
            model=vllm_server.MODEL,
            context=vllm_server.CONTEXT,
            lists_context=True,
            wrong_value="top_logprobs=3",  # without logprobs
        )
        return chat_checks.run(target, ParagoneClient(work / "paragone"))
