"""LiteLLM's proxy, a gateway in front of llama.cpp's server, with models that it takes for those of vendors."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.real import llama_cpp
from tests.real.environments import python_with, version_of
from tests.real.server_process import ServerProcess, answers, free_port
from tests.real.target import Target

# Newer ones than 1.106 ask for a package that the registry does not have; of 1.107 a release was taken back.
PACKAGES = ("litellm[proxy]==1.106.12", "prisma==0.15.0")
_KEY = "sk-real-gateway-key-0123456789"
_UPSTREAM = "sk-real-llama-key-0123456789"
_WITHIN_S = 120


def install(folder: Path) -> Path:
    """Its Python, and the server behind it. Raises NotTriedError."""
    llama_cpp.install(folder)
    return python_with(folder, "litellm", *PACKAGES)


@contextmanager
def running(folder: Path, work: Path) -> Generator[Target]:
    """Both; the gateway has a key of its own and does not pass it on."""
    python, behind, port = install(folder), free_port(), free_port()
    config = work / "litellm.json"  # JSON is YAML
    config.write_text(json.dumps(_config(behind)), "utf-8")
    words = (str(python.parent / "litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port))
    environ = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "HOME": str(work)}
    ready = answers(f"http://127.0.0.1:{port}/health/liveliness")
    with (
        llama_cpp.server(folder, work, behind, _UPSTREAM),
        ServerProcess(words, log=work / "litellm.log", ready=ready, within_s=_WITHIN_S, environ=environ),
    ):
        yield Target(
            name="LiteLLM's proxy",
            version=version_of(python, "litellm"),
            url=f"http://127.0.0.1:{port}/v1",
            model="small",
            context=llama_cpp.CONTEXT,
            key=_KEY,
            wrong_key_code="server_failed",  # without a database it knows no key but its own
            refused=(("thinker", "temperature=0.2"), ("claude", "seed=7")),
            locked="locked",
        )


def _config(behind: int) -> dict[str, object]:
    def model(name: str, called: str, key: str = _UPSTREAM, path: str = "/v1") -> dict[str, object]:
        base = f"http://127.0.0.1:{behind}{path}"
        return {"model_name": name, "litellm_params": {"model": called, "api_base": base, "api_key": key}}

    return {
        "model_list": [
            model("small", f"openai/{llama_cpp.MODEL}"),
            model("thinker", "openai/o3-mini"),
            model("claude", "anthropic/claude-sonnet-4-5", path=""),
            model("locked", f"openai/{llama_cpp.MODEL}", key="sk-real-old-key-0123456789"),
        ],
        "general_settings": {"master_key": _KEY},
        "litellm_settings": {"num_retries": 0, "telemetry": False},
    }
