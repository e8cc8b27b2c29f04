"""The real child with the real model: where it listens, whom it answers, what it holds, how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from desktop.embedded.bundled_model import MODEL_FILE
from desktop.embedded.engine import Endpoint, Engine, EngineOptions
from desktop.errors import EngineCrashed, ModelLoadFailed
from tests.desktop.embedded.conftest import ROOT, gone, until
from tests.desktop.embedded.gguf_files import gguf
from tests.processes import has_ended, open_files

pytestmark = pytest.mark.asyncio(loop_scope="module")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(real_child: Sequence[str], model: Path) -> AsyncGenerator[Engine]:
    environ = {**os.environ, "SOME_API_KEY": "hidden-from-the-child"}
    engine = Engine(command=real_child, options=EngineOptions(model=model, threads=1, parallel=1), environ=environ)
    yield engine
    pid = engine.pid
    await engine.aclose()
    assert pid is None or gone(pid)


async def post(endpoint: Endpoint, key: str) -> tuple[int, str, dict[str, str]]:
    body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2}
    headers = {"Authorization": f"Bearer {key}", "Connection": "close", "Origin": "https://example.org"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{endpoint.url}/chat/completions", json=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text(), dict(answer.headers)


async def test_it_answers_who_has_the_token_and_shows_no_path(engine: Engine, model: Path) -> None:
    endpoint = await engine.endpoint()
    status, text, headers = await post(endpoint, endpoint.token.value)
    assert status == 200
    assert MODEL_FILE.removesuffix(".gguf") in text
    assert str(model.parent) not in text
    assert headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:9"  # no web page may read it


@pytest.mark.parametrize("key", ["", "wrong"])
async def test_it_refuses_who_has_not(engine: Engine, key: str) -> None:
    status, text, _ = await post(await engine.endpoint(), key)
    assert status == 401
    assert "authentication_error" in text


def listening(pid: int) -> list[str]:
    """The protocols and addresses at which a process takes connections or datagrams, as the kernel writes them."""
    mine = open_files(pid)
    found: list[str] = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] in {"0A", "07"} and f"socket:[{fields[9]}]" in mine:
                found.append(f"{table} {fields[1]}")
    return found


@on_linux
async def test_it_listens_on_127_0_0_1_alone(engine: Engine) -> None:
    endpoint = await engine.endpoint()
    port = int(endpoint.url.split(":")[2].removesuffix("/v1"))
    assert listening(endpoint.pid) == [f"tcp 0100007F:{port:04X}"]


@on_linux
async def test_neither_secrets_nor_the_token_are_in_its_environment_or_arguments(engine: Engine) -> None:
    endpoint = await engine.endpoint()
    process = Path(f"/proc/{endpoint.pid}")
    environ, arguments = (process / "environ").read_bytes(), (process / "cmdline").read_bytes()
    assert b"PATH=" in environ
    assert b"hidden-from-the-child" not in environ
    assert endpoint.token.value.encode() not in environ + arguments


async def test_killed_it_is_named_and_the_next_use_starts_another(engine: Engine) -> None:
    first = await engine.endpoint()
    os.kill(first.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    death = await engine.death(first, within_s=10)
    assert isinstance(death, EngineCrashed)
    second = await engine.endpoint()
    assert second.pid != first.pid
    assert gone(first.pid)
    assert (await post(second, second.token.value))[0] == 200


async def test_two_programs_have_two_children(engine: Engine, real_child: Sequence[str], model: Path) -> None:
    other = Engine(command=real_child, options=EngineOptions(model=model, threads=1, parallel=1))
    try:
        mine, others = await engine.endpoint(), await other.endpoint()
        assert mine.pid != others.pid
        assert (await post(mine, others.token.value))[0] == 401
    finally:
        await other.aclose()
    assert engine.running


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("none.gguf", None, "No such file"),
        ("noise.gguf", b"nothing like a model", "invalid magic"),
        ("tiny.gguf", gguf(), "llama"),
        ("cut.gguf", gguf()[:-1], ""),
    ],
)
async def test_a_bad_model_is_refused_in_the_engines_own_words(
    real_child: Sequence[str], tmp_path: Path, name: str, data: bytes | None, words: str
) -> None:
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    engine = Engine(command=real_child, options=EngineOptions(model=file))
    with pytest.raises(ModelLoadFailed, match=rf"could not load {name}: .*{words}"):
        await engine.endpoint()
    await engine.aclose()


@on_linux
async def test_kill_minus_9_of_the_program_ends_its_child(tmp_path: Path, model: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        f"""
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from desktop.embedded.engine import Engine, EngineOptions

async def main():
    command = [sys.executable, "-c", "import sys; sys.path.insert(0, {str(ROOT)!r});"
               "from desktop.embedded.engine_child import main; sys.exit(main())"]
    engine = Engine(command=command, options=EngineOptions(model=Path({str(model)!r}), threads=1, parallel=1))
    print((await engine.endpoint()).pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
    )
    parent = await asyncio.create_subprocess_exec(sys.executable, str(program), stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(await parent.stdout.readline())
    assert not has_ended(child)
    parent.kill()
    await parent.communicate()
    await until(lambda: has_ended(child), within_s=5)
