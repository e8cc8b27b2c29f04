"""Where a program may open nothing more, errors say that, and not that a server is away."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples import alike

ROOT = Path(__file__).resolve().parents[3]
# The first request of a provider imports its libraries; a later one only connects.
SCRIPT = """
import asyncio, json, os, resource, sys
from desktop.domain.conversation_types import Connection, Kind
from tests.desktop.providers.asking import ask, make_of

async def main(url, kind, begun):
    resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))
    provider = make_of(Connection(name="x", kind=Kind(kind), url=url))
    if begun:
        await ask(provider, "m")
    held = []
    try:
        while True:
            held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    error = (await ask(provider, "m")).error
    for each in held:
        os.close(each)
    await provider.aclose()
    print(json.dumps([type(error).__name__, str(error), str(error.hint)]))

asyncio.run(main(sys.argv[1], sys.argv[2], bool(sys.argv[3])))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
@pytest.mark.parametrize("kind", ["openai-v1", "azure-inference"])
@pytest.mark.parametrize("begun", alike(1, ["begun", ""]))
@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "https://models.invalid/v1"])
def test_that_nothing_more_can_be_opened_is_named_as_the_cause(url: str, kind: str, begun: str) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, url, kind, begun], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    name, message, hint = json.loads(done.stdout)
    assert name == "ConnectFailed"
    assert "is not reachable: too many files and connections are open" in message
    assert "ulimit -n" in hint
