"""Child processes get no key of the program, and are killed if they take too much memory."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from desktop.attachments.decode_wire import DecodeRequest
from desktop.attachments.decoder import Decoder
from desktop.attachments.media_kind import MediaKind
from desktop.embedded.engine import Engine, EngineOptions
from desktop.errors import EngineError
from desktop.evals.graders.check_desk import CheckDesk
from desktop.evals.graders.check_task import CheckTask
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.guards.scanner import Scanner
from desktop.net.proxy_lookups import from_child
from desktop.renderer.render_wire import CodeRequest
from desktop.renderer.renderer import Renderer
from desktop.settings.schema import GUARD_PATTERNS
from desktop.settings.values import Settings
from desktop.system.child_bounds import can_leave_network
from desktop.system.child_process import MemoryWatch, ended_beyond, start_child, start_waited_child
from main import CHECK_SWITCH, DECODE_SWITCH, GUARD_SWITCH, RENDER_SWITCH, child_command
from tests.processes import read_of

ROOT = Path(__file__).resolve().parents[3]

Command = Sequence[str]


async def _decodes(command: Command) -> None:
    await Decoder(command).decode(DecodeRequest(MediaKind.TEXT, "text/plain", "a", b"x", 1))


async def _renders(command: Command) -> None:
    await Renderer(command).ask(CodeRequest(language="python", text="x"))


async def _checks(command: Command) -> None:
    await CheckDesk(command).check(CheckTask(kind="regex", text="a", expected="a"))


async def _inspects_schemas(command: Command) -> None:
    with SchemaInspector(command) as schemas:
        await asyncio.to_thread(schemas.slip, True)


async def _guards(command: Command) -> None:
    await Scanner(command).look(["a"], Settings(MappingProxyType({GUARD_PATTERNS.key: "flag x: a"})))


async def _answers(command: Command) -> None:
    with contextlib.suppress(EngineError):
        await Engine(command=command, options=EngineOptions(model=Path("none"))).endpoint()


async def _looks_up_proxies(command: Command) -> None:
    await asyncio.to_thread(from_child, command, "https://far.example/")


STARTS: tuple[Callable[[Command], Coroutine[Any, Any, None]], ...] = (
    *(_decodes, _renders, _checks, _inspects_schemas, _guards, _answers, _looks_up_proxies),
)


@pytest.mark.parametrize("start", STARTS)
async def test_no_child_knows_a_key_of_the_programs(
    start: Callable[[Command], Coroutine[Any, Any, None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-secret")
    code = f"import os; open({str(tmp_path / 'known')!r}, 'w').write(repr(dict(os.environ)))"
    await start([sys.executable, "-c", code])
    known = (tmp_path / "known").read_text()
    assert known.endswith("}")
    assert "sk-secret" not in known


@pytest.mark.skipif(not can_leave_network(), reason="this kernel refuses no sockets")
@pytest.mark.parametrize("switch", [DECODE_SWITCH, RENDER_SWITCH, CHECK_SWITCH, GUARD_SWITCH])
async def test_each_child_that_reads_foreign_text_filters_its_calls(switch: str) -> None:
    child = await start_child(child_command(switch))
    try:
        async with asyncio.timeout(20):
            while "Seccomp:\t2\n" not in read_of(child.pid, "status"):  # noqa: ASYNC110 - a process begins
                await asyncio.sleep(0.01)
    finally:
        child.kill()
        await child.wait()


def test_whatever_starts_a_process_says_what_it_knows() -> None:
    starts = re.compile(r"subprocess_exec\(|subprocess\.(run|Popen|call|check_\w+)\(|os\.(spawn|posix_spawn)")
    found = {path.stem for path in (ROOT / "desktop").rglob("*.py") if starts.search(path.read_text())}
    assert found == {"child_process", "external_programs", "engine", "proxy_lookups"}


EATS = "import sys; print('eats', flush=True); held = bytearray(300 << 20); sys.stdin.read()"
"""Child without limits of its own."""

MOST = 100 << 20


async def test_a_child_that_takes_too_much_memory_is_ended() -> None:
    child = await start_child([sys.executable, "-c", EATS])
    assert child.stdout is not None
    async with asyncio.timeout(30):
        with (watch := MemoryWatch(child, MOST)):
            assert await child.stdout.read() == b"eats\n"
        await child.wait()
    assert watch.ended


@pytest.mark.parametrize(("code", "seconds"), [(EATS, 30.0), ("import time; time.sleep(60)", 0.2)])
def test_a_child_that_a_thread_waits_for_is_ended_too(code: str, seconds: float) -> None:
    with start_waited_child([sys.executable, "-c", code]) as child:
        began = time.monotonic()
        with ended_beyond(child, seconds, MOST):
            assert child.stdout is not None
            child.stdout.read()
        assert time.monotonic() - began < 20
        assert child.wait() != 0
