"""Child processes know no key, are ended when they are late or greedy, and restarted when they are needed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from desktop.attachments.decode_wire import DecodeRequest
from desktop.attachments.decoder import Decoder
from desktop.attachments.media_kind import MediaKind
from desktop.embedded.engine import Engine, EngineOptions
from desktop.errors import EngineError
from desktop.evals.graders.check_child import CheckTask
from desktop.evals.graders.check_desk import CheckDesk
from desktop.evals.graders.schema_inspector import SchemaInspector
from desktop.guards.scanner import Scanner
from desktop.net.proxy_lookups import from_child
from desktop.renderer.render_wire import CodeRequest
from desktop.renderer.renderer import Renderer
from desktop.settings.schema import GUARD_PATTERNS
from desktop.settings.values import Settings
from desktop.spelling.own_words import OwnWords
from desktop.spelling.speller import Speller
from desktop.system.child_bounds import can_leave_network
from desktop.system.child_process import (
    ChildFailed,
    ChildFailure,
    ChildSupervisor,
    MemoryWatch,
    child_environment,
    ended_beyond,
    start_child,
    start_waited_child,
)
from desktop.system.paths import resources
from main import CHECK_SWITCH, DECODE_SWITCH, GUARD_SWITCH, RENDER_SWITCH, SPELLING_SWITCH, child_command
from tests.processes import has_ended, read_of

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


async def _spells(command: Command) -> None:
    folder = resources() / "dictionaries"
    speller = Speller(command, lambda: [folder], OwnWords(lambda: folder / "none"))
    speller.choose("en_US", [])
    await speller.misspelled(["a"])
    await speller.aclose()


STARTS: tuple[Callable[[Command], Coroutine[Any, Any, None]], ...] = (
    *(_decodes, _renders, _checks, _inspects_schemas, _guards, _answers, _looks_up_proxies, _spells),
)


@pytest.mark.parametrize("start", STARTS)
async def test_every_child_knows_what_python_needs_and_no_key_of_the_programs(
    start: Callable[[Command], Coroutine[Any, Any, None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-secret")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/frozen")
    code = f"import os; open({str(tmp_path / 'known')!r}, 'w').write(repr(dict(os.environ)))"
    await start([sys.executable, "-c", code])
    known = (tmp_path / "known").read_text()
    assert known.endswith("}")
    assert "sk-secret" not in known
    assert "'LD_LIBRARY_PATH': '/frozen'" in known


def test_a_child_inherits_what_python_needs_and_what_is_named() -> None:
    needed = {"SystemRoot": "C:\\Windows", "LD_LIBRARY_PATH": "/a", "DYLD_LIBRARY_PATH": "/b"}
    environ = {**needed, "OPENAI_API_KEY": "sk-secret", "PYTHONPATH": "/c", "https_proxy": "http://user:word@proxy"}
    assert child_environment(environ) == needed
    assert child_environment(environ, {"PYTHONPATH"}) == {**needed, "PYTHONPATH": "/c"}
    assert child_environment({}) == {}


@pytest.mark.skipif(not can_leave_network(), reason="this kernel refuses no sockets")
@pytest.mark.parametrize("switch", [DECODE_SWITCH, RENDER_SWITCH, CHECK_SWITCH, GUARD_SWITCH, SPELLING_SWITCH])
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
    assert found == {"child_process", "external_programs", "engine", "proxy_lookups", "server_process"}


EATS = "import sys; print('eats', flush=True); held = bytearray(300 << 20); sys.stdin.read()"
"""A child that nothing bounds from within."""

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
        with ended_beyond(child, seconds, MOST):
            assert child.stdout is not None
            child.stdout.read()
        assert child.wait() != 0


ECHO = """
import os, signal, sys, time
from desktop.system.child_bounds import serve, write_frame
def reply(text):
    if text == "sleep": time.sleep(60)
    if text == "exit": os._exit(3)
    if text == "eat": held = bytearray(300 << 20); time.sleep(60)
    if text == "twice": write_frame(b"once")
    return text.encode() * (1000 if text == "long" else 1)
sys.exit(serve(lambda data: data.decode(), reply, most=100))
"""


@pytest.fixture
async def echo() -> AsyncIterator[ChildSupervisor]:
    child = ChildSupervisor("echo", [sys.executable, "-c", ECHO], start_s=30, memory=MOST, most=1000)
    yield child
    await child.aclose()


async def _echo(child: ChildSupervisor, text: str, seconds: float = 30) -> str:
    async with child.exchange(seconds) as exchange:
        return (await exchange.ask(text.encode("latin-1"))).decode()


async def test_a_child_answers_one_request_after_the_other(echo: ChildSupervisor) -> None:
    assert (echo.pid, echo.starts) == (0, 0)
    assert [await _echo(echo, each) for each in ("a", "b")] == ["a", "b"]
    async with echo.exchange(30) as exchange:
        assert await exchange.ask(b"twice") == b"once"
        assert await exchange.receive() == b"twice"
    assert echo.starts == 1


@pytest.mark.parametrize(
    ("request_text", "seconds", "failure"),
    [
        ("sleep", 0.3, ChildFailure.LATE),
        ("eat", 30, ChildFailure.MEMORY),
        ("exit", 30, ChildFailure.BROKEN),
        ("long", 30, ChildFailure.BROKEN),
        ("x" * 101, 30, ChildFailure.BROKEN),
        ("\xff", 30, ChildFailure.BROKEN),
    ],
)
async def test_a_child_that_fails_is_gone_and_the_next_request_starts_another(
    echo: ChildSupervisor, request_text: str, seconds: float, failure: ChildFailure
) -> None:
    await echo.start()
    first = echo.pid
    with pytest.raises(ChildFailed) as failed:
        await _echo(echo, request_text, seconds)
    assert failed.value.failure is failure
    assert (echo.pid, has_ended(first)) == (0, True)
    assert await _echo(echo, "a") == "a"
    assert echo.starts == 2


async def test_a_child_that_was_killed_is_restarted(echo: ChildSupervisor) -> None:
    await echo.start()
    os.kill(echo.pid, signal.SIGKILL)
    with contextlib.suppress(ChildFailed):  # the loop may not know of its end yet
        await _echo(echo, "a")
    assert await _echo(echo, "b") == "b"


async def test_a_caller_that_gives_up_leaves_no_reply_for_the_next_one(echo: ChildSupervisor) -> None:
    await echo.start()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await _echo(echo, "sleep")
    assert await _echo(echo, "a") == "a"


async def test_a_closed_supervisor_starts_no_child(echo: ChildSupervisor) -> None:
    await echo.start()
    pid = echo.pid
    await echo.aclose()
    assert has_ended(pid)
    with pytest.raises(ChildFailed, match="did not start"):
        await _echo(echo, "a")


@pytest.mark.parametrize("command", [["/no/such/program"], [sys.executable, "-c", "print('hello')"]])
async def test_a_child_that_does_not_start_is_a_failure(command: list[str]) -> None:
    with pytest.raises(ChildFailed, match="did not start"):
        await ChildSupervisor("nothing", command).start()
