"""LiteLLM's proxy, a gateway in front of llama.cpp's server, with models that it takes for those of vendors.

A second one lets nobody spend anything, by a rule of its own (`scripts/litellm_budget_auth.py`): budgets of its keys
want a database, and its check and words are the same.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.real import chat_checks, llama_cpp
from tests.real.environments import python_with, version_of
from tests.real.outcome_table import Row, filled
from tests.real.paragone_client import ParagoneClient
from tests.real.server_process import ServerProcess, answers, free_port
from tests.real.target import Target

# Newer ones than 1.106 ask for a package that the registry does not have; of 1.107 a release was taken back.
PACKAGES = ("litellm[proxy]==1.106.12", "prisma==0.15.0")
_KEY = "sk-real-gateway-key-0123456789"
_UPSTREAM = "sk-real-llama-key-0123456789"
_WITHIN_S = 120
_NAME = "LiteLLM's proxy"
_BUDGET_AUTH = Path(__file__).parent / "scripts" / "litellm_budget_auth.py"


def install(folder: Path) -> Path:
    """Its Python, and the server behind it. Raises NotTriedError."""
    llama_cpp.install(folder)
    return python_with(folder, "litellm", *PACKAGES)


def run(folder: Path, work: Path) -> list[Row]:
    """All checks of a chat, and a budget that is spent."""
    with running(folder, work) as target:
        rows = chat_checks.run(target, ParagoneClient(work / "paragone"))
    rows.append(filled(_NAME, target.version, "a budget that is spent", _spent(folder, work)))
    return rows


@contextmanager
def running(folder: Path, work: Path) -> Generator[Target]:
    """Both; the gateway has a key of its own and does not pass it on."""
    behind, port = free_port(), free_port()
    with (
        llama_cpp.server(folder, work, behind, _UPSTREAM),
        _gateway(folder, work / "litellm.json", port, _config(behind)),
    ):
        yield Target(
            name=_NAME,
            version=version_of(install(folder), "litellm"),
            url=f"http://127.0.0.1:{port}/v1",
            model="small",
            context=llama_cpp.CONTEXT,
            key=_KEY,
            wrong_key_code="server_failed",  # without a database it knows no key but its own
            refused=(("thinker", "temperature=0.2"), ("claude", "seed=7")),
            locked="locked",
            inference=(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/openai/deployments/small"),
            wires=("responses", "messages"),
        )


def _gateway(folder: Path, config: Path, port: int, content: dict[str, object]) -> ServerProcess:
    config.write_text(json.dumps(content), "utf-8")  # JSON is YAML
    program = install(folder).parent / "litellm"
    words = (str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port))
    environ = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "HOME": str(config.parent)}
    ready = answers(f"http://127.0.0.1:{port}/health/liveliness")
    return ServerProcess(words, log=config.with_suffix(".log"), ready=ready, within_s=_WITHIN_S, environ=environ)


def _spent(folder: Path, work: Path) -> Iterator[str]:
    port = free_port()
    shutil.copy(_BUDGET_AUTH, work)
    config = _config(free_port())  # nothing is there: it refuses before it asks
    rules = {"custom_auth": f"{_BUDGET_AUTH.stem}.user_api_key_auth", "custom_auth_run_common_checks": True}
    config["general_settings"] = {"master_key": _KEY, **rules}
    client = ParagoneClient(work / "paragone-budget")
    client.key = "sk-real-spent-key-0123456789"
    client.add("real", f"http://127.0.0.1:{port}/v1", key=True)
    with _gateway(folder, work / "litellm-budget.json", port, config):
        asked = client.ask("--model", "real/small", "Name three colours.")
    yield "" if asked.end().get("code") == "quota_exhausted" else asked.in_short


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
