"""llama.cpp's own server, of the package xllamacpp, with the embedded model."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from desktop.embedded.bundled_model import MODEL_FILE, find_model
from tests.real.environments import python_with, version_of
from tests.real.server_process import ServerProcess, answers, free_port
from tests.real.target import Target

PACKAGES = ("xllamacpp==2026.10.11549",)
CONTEXT = 2048
MODEL = Path(MODEL_FILE).stem
_KEY = "sk-real-llama-key-0123456789"
_SCRIPT = Path(__file__).parent / "scripts" / "llama_server.py"


def install(folder: Path) -> Path:
    """Its Python. Raises NotTriedError."""
    return python_with(folder, "llama", *PACKAGES)


def server(folder: Path, work: Path, port: int, key: str = "") -> ServerProcess:
    """A server that is not started yet."""
    words = (str(install(folder)), str(_SCRIPT), str(find_model(cache=work)), str(port), key, str(CONTEXT))
    ready = answers(f"http://127.0.0.1:{port}/health")
    return ServerProcess(words, log=work / f"llama-{port}.log", ready=ready, within_s=90)


@contextmanager
def running(folder: Path, work: Path) -> Generator[Target]:
    """The server, with a key."""
    port = free_port()
    with server(folder, work, port, _KEY):
        yield Target(
            name="llama.cpp (xllamacpp)",
            version=version_of(install(folder), "xllamacpp"),
            url=f"http://127.0.0.1:{port}/v1",
            model=MODEL,
            context=CONTEXT,
            key=_KEY,
            any_name=True,
            lists_context=True,
            inference=(f"http://127.0.0.1:{port}",),
            wires=("responses", "messages"),
        )
