"""The render child: real processes that answer, hang, crash, eat memory and lose their program."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.renderer import render_child
from desktop.renderer.render_wire import (
    CodeReply,
    CodeRequest,
    FormulaReply,
    FormulaRequest,
    Refusal,
    encode,
    parse_reply,
    parse_request,
)
from desktop.renderer.renderer import Renderer, RenderLimits
from desktop.system import child_bounds
from main import RENDER_SWITCH, child_command
from tests.processes import has_ended, open_files

EVIL = CodeRequest(language="bash", text="$'" + "\\\\" * 100 + "\n")
"""On which the lexer that Pygments has for bash takes for ever."""

GOOD = CodeRequest(language="python", text="def f(): pass\n")


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer(child_command(RENDER_SWITCH))
    yield made
    await made.aclose()


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(20):
        while not has_ended(pid):  # noqa: ASYNC110 - nobody says when a process of somebody else's ends
            await asyncio.sleep(0.02)


async def test_it_starts_when_it_is_first_asked_and_goes_on(renderer: Renderer) -> None:
    assert renderer.pid == 0
    reply = await renderer.ask(GOOD)
    assert isinstance(reply, CodeReply)
    assert ("def", "keyword") in reply.lines[0]
    pid = renderer.pid
    assert pid
    assert await renderer.ask(GOOD) == reply
    assert renderer.pid == pid


async def test_what_takes_too_long_has_no_reply_and_the_next_has(renderer: Renderer) -> None:
    await renderer.ask(GOOD)
    first = renderer.pid
    assert await renderer.ask(EVIL) is None
    await until_gone(first)
    assert isinstance(await renderer.ask(GOOD), CodeReply)
    assert renderer.pid not in (0, first)
    second = renderer.pid
    assert await renderer.ask(EVIL) is None, "what was late is not tried again"
    assert renderer.pid == second


KILLER = FormulaRequest(source=r"\def\a#1{#1#1#1#1}" + r"\a{" * 6 + "x" + "}" * 6, size=16)
"""Four times as long at each level."""


async def test_a_formula_that_takes_too_long_is_refused_by_a_child_that_goes_on() -> None:
    """The child counts the time of its processor, and the program that of the clock, which here is no limit."""
    renderer = Renderer(child_command(RENDER_SWITCH), limits=RenderLimits(request_s=60))
    good = FormulaRequest(source=r"\frac{a}{b}", size=16)
    first = await renderer.ask(good)
    assert isinstance(first, FormulaReply)
    assert first.outlines
    pid = renderer.pid
    assert isinstance(await renderer.ask(KILLER), Refusal)
    assert await renderer.ask(good) == first
    assert renderer.pid == pid
    assert isinstance(await renderer.ask(FormulaRequest(source=r"\unknown", size=16)), Refusal)
    await renderer.aclose()


async def test_what_has_to_be_loaded_first_is_not_taken_for_late() -> None:
    made = Renderer(child_command(RENDER_SWITCH), limits=RenderLimits(request_s=0.15))
    assert isinstance(await made.ask(FormulaRequest(source="x", size=16)), FormulaReply)
    await made.aclose()


async def test_the_loop_goes_on_while_the_child_hangs(renderer: Renderer) -> None:
    await renderer.ask(GOOD)
    asking = asyncio.ensure_future(renderer.ask(EVIL))
    longest, last = 0.0, time.perf_counter()
    while not asking.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    assert longest < 0.5, "milliseconds, with much room for slow machines"


async def test_it_opens_no_file(renderer: Renderer) -> None:
    await renderer.ask(GOOD)
    targets = open_files(renderer.pid)
    assert [each for each in targets if not each.startswith(("pipe:", "/dev/null", "socket:"))] == []


async def test_its_memory_is_bounded(renderer: Renderer) -> None:
    await renderer.ask(GOOD)
    (line,) = (each for each in _of_process(renderer, "limits").splitlines() if each.startswith("Max address space"))
    assert line.split()[3:5] == [str(child_bounds.MOST_MEMORY)] * 2


def _of_process(renderer: Renderer, name: str) -> str:
    return Path(f"/proc/{renderer.pid}/{name}").read_text()


@pytest.mark.parametrize("text", ["GOOD", "EVIL"])
async def test_it_ends_when_the_program_dies(text: str) -> None:
    code = (
        "import asyncio, os, sys; sys.path.insert(0, os.getcwd())\n"
        "from desktop.renderer.renderer import Renderer, RenderLimits\n"
        "from main import RENDER_SWITCH, child_command\n"
        "from tests.desktop.renderer.test_renderer import EVIL, GOOD\n"
        "async def run():\n"
        "    made = Renderer(child_command(RENDER_SWITCH), limits=RenderLimits(request_s=60))\n"
        "    await made.ask(GOOD)\n"
        "    print(made.pid, flush=True)\n"
        f"    await asyncio.gather(made.ask({text}), asyncio.sleep(60))\n"
        "asyncio.run(run())\n"
    )
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert program.stdout is not None
    pid = int(await program.stdout.readline())
    await asyncio.sleep(0.3)
    assert not has_ended(pid)
    program.kill()
    await program.wait()
    await until_gone(pid)


@pytest.mark.parametrize("command", [["/no/such/program"], [sys.executable, "-c", "print('hello')"]])
async def test_a_child_that_cannot_start_is_given_up(command: list[str]) -> None:
    made = Renderer(command, limits=RenderLimits(starts=2))
    assert [await made.ask(GOOD) for _ in range(4)] == [None] * 4
    await made.aclose()


def test_what_a_library_raises_becomes_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(request: CodeRequest) -> CodeReply:
        raise MemoryError

    monkeypatch.setitem(render_child.HANDLERS, CodeRequest, raises)
    assert parse_reply(render_child.reply_to(GOOD)) == Refusal(error="MemoryError")


def test_halves_of_surrogate_pairs_pass_the_pipe_as_unknown_characters() -> None:
    sent = CodeRequest(language="python", text="a\ud800b")
    assert parse_request(encode(sent)) == CodeRequest(language="python", text="a?b")
