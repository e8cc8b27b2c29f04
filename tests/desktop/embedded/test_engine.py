"""The supervisor, with children that misbehave in every way."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from desktop.embedded.engine import (
    Engine,
    EngineOptions,
    allowed_environment,
    default_threads,
    is_illegal_instruction,
    load_error,
    status_in_words,
)
from desktop.errors import (
    EngineCrashed,
    EngineError,
    EngineMissing,
    EngineTimeout,
    EngineUnsupported,
    GgufInvalid,
    ModelLoadFailed,
)
from desktop.text.phrases import english
from tests.desktop.embedded.conftest import READY, gone, until

Make = Callable[..., Engine]
UNTIL_CLOSED = f"{READY}; sys.stdin.read()"


@pytest_asyncio.fixture
async def make(fake_child: Callable[[str], Sequence[str]]) -> AsyncGenerator[Make]:
    """Makes engines over a child of the code given, and closes them."""
    engines: list[Engine] = []

    def make(code: str, *, model: Path | Callable[[], Path] = Path("a.gguf"), ready_s: float = 30) -> Engine:
        options = EngineOptions(model=model, ready_timeout_s=ready_s, grace_s=0.2)
        engines.append(Engine(command=fake_child(code), options=options, environ={"PATH": "/x", "API_KEY": "k"}))
        return engines[-1]

    yield make
    for engine in engines:
        await engine.aclose()


async def test_callers_at_once_share_one_start(make: Make) -> None:
    engine = make(UNTIL_CLOSED)
    first, second = await asyncio.gather(engine.endpoint(), engine.endpoint())
    assert first is second
    assert first.url == "http://127.0.0.1:1/v1"
    assert engine.running
    assert engine.pid == first.pid


async def test_a_cancelled_caller_leaves_the_start_to_the_others(make: Make) -> None:
    engine = make(UNTIL_CLOSED)
    caller, other = asyncio.create_task(engine.endpoint()), asyncio.create_task(engine.endpoint())
    await asyncio.sleep(0)
    caller.cancel()
    assert (await other).pid == engine.pid
    assert caller.cancelled()


async def test_closing_ends_the_child_and_refuses_another_start(make: Make) -> None:
    engine = make(UNTIL_CLOSED)
    pid = (await engine.endpoint()).pid
    await engine.aclose()
    await engine.aclose()
    assert gone(pid)
    assert engine.pid is None
    with pytest.raises(EngineError, match="closed"):
        await engine.endpoint()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
async def test_a_child_deaf_to_stdin_and_sigterm_is_killed(make: Make) -> None:
    engine = make(f"signal.signal(signal.SIGTERM, signal.SIG_IGN); {READY}; time.sleep(600)")
    pid = (await engine.endpoint()).pid
    async with asyncio.timeout(5):
        await engine.aclose()
    assert gone(pid)


async def test_a_start_that_is_stopped_is_named_and_leaves_nothing(make: Make) -> None:
    engine = make("time.sleep(600)")
    caller = asyncio.create_task(engine.endpoint())
    await until(lambda: engine.running)
    pid = engine.pid
    await engine.stop()
    with pytest.raises(EngineCrashed, match="stopped"):
        await caller
    assert pid
    assert gone(pid)


async def test_not_ready_in_time_is_named_and_leaves_nothing(make: Make) -> None:
    engine = make("time.sleep(600)", ready_s=0.2)
    with pytest.raises(EngineTimeout, match=r"0\.2 seconds"):
        await engine.endpoint()
    assert not engine.running


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ("os._exit(3)", EngineCrashed, "status 3"),
        ("os.abort()", EngineCrashed, "SIGABRT"),
        ("os.kill(os.getpid(), signal.SIGILL)", EngineUnsupported, "processor"),
        ("print('hello', flush=True); time.sleep(600)", EngineCrashed, "report its port"),
        ("print('x' * 100_000, flush=True); time.sleep(600)", EngineCrashed, "report its port"),
        ("""print('{"type":"error","error":"missing","message":"No module"}')""", EngineMissing, "No module"),
        ("""print('{"type":"error","error":"load","message":"refused"}')""", ModelLoadFailed, r"a\.gguf: refused"),
    ],
)
async def test_each_failure_to_start_has_its_name(make: Make, code: str, error: type[EngineError], words: str) -> None:
    if sys.platform == "win32" and error is not EngineMissing:
        pytest.skip("signals")
    engine = make(code)
    with pytest.raises(error, match=words):
        await engine.endpoint()
    assert not engine.running


async def test_the_engines_own_words_about_a_model_are_shown(make: Make) -> None:
    said = "0.00.1 E llama_model_load: error loading model: unknown architecture"
    engine = make(f"""print({said!r}, file=sys.stderr); print('{{"type":"error","error":"load","message":"m"}}')""")
    with pytest.raises(ModelLoadFailed, match=r"a\.gguf: unknown architecture\."):
        await engine.endpoint()


async def test_words_that_come_later_than_the_report_are_waited_for(make: Make) -> None:
    report = """print('{"type":"error","error":"load","message":"m"}', flush=True)"""
    said = "0.00.1 E llama_model_load: error loading model: unknown architecture"
    engine = make(f"{report}; import time; time.sleep(0.6); print({said!r}, file=sys.stderr)")
    with pytest.raises(ModelLoadFailed, match=r"a\.gguf: unknown architecture\."):
        await engine.endpoint()


async def test_a_missing_system_library_comes_with_its_cure(make: Make) -> None:
    engine = make("""print('{"type":"error","error":"missing","message":"libgomp.so.1: cannot open"}')""")
    with pytest.raises(EngineMissing) as caught:
        await engine.endpoint()
    assert "apt install libgomp1" in caught.value.hint


async def test_a_program_that_cannot_run_is_missing(tmp_path: Path) -> None:
    engine = Engine(command=[str(tmp_path / "none")], options=EngineOptions(model=Path("a.gguf")))
    with pytest.raises(EngineMissing):
        await engine.endpoint()
    await engine.aclose()


async def test_a_model_that_is_not_found_starts_no_child(make: Make) -> None:
    def refuse() -> Path:
        raise GgufInvalid(english("not a model"))

    engine = make(UNTIL_CLOSED, model=refuse)
    with pytest.raises(GgufInvalid):
        await engine.endpoint()
    assert not engine.running


async def test_a_dead_child_is_named_once_and_the_next_use_starts_another(make: Make) -> None:
    engine = make(UNTIL_CLOSED)
    first = await engine.endpoint()
    assert await engine.death(first, within_s=0) is None
    os.kill(first.pid, signal.SIGTERM)
    death = await engine.death(first, within_s=10)
    assert isinstance(death, EngineCrashed)
    second = await engine.endpoint()
    assert second.pid != first.pid
    assert second.token.value != first.token.value
    assert isinstance(await engine.death(first), EngineCrashed)
    assert await engine.death(second, within_s=0) is None


async def test_a_failed_start_is_tried_anew(make: Make, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    engine = make(
        f"m = {str(mark)!r}; seen = os.path.exists(m); open(m, 'w').close(); seen or os._exit(3); {UNTIL_CLOSED}"
    )
    with pytest.raises(EngineCrashed):
        await engine.endpoint()
    assert (await engine.endpoint()).pid == engine.pid


async def test_a_flood_on_stderr_neither_blocks_nor_grows(make: Make) -> None:
    engine = make(f"sys.stderr.write('noise ' * 200_000); sys.stderr.flush(); {READY}; os._exit(9)")
    endpoint = await engine.endpoint()
    assert isinstance(await engine.death(endpoint, within_s=10), EngineCrashed)
    assert engine._child is not None
    assert 0 < len(engine._child.tail) <= 16 * 1024


async def test_the_environment_is_an_allow_list_and_the_token_is_not_in_it(make: Make) -> None:
    report = """print('{"type":"error","error":"load","message":' + json.dumps(json.dumps(dict(os.environ))) + '}')"""
    with pytest.raises(ModelLoadFailed) as caught:
        await make(f"import json; {report}").endpoint()
    environ = json.loads(caught.value.message.partition(": ")[2].removesuffix("."))
    assert environ.pop("PATH") == "/x"
    assert not set(environ) - {"LC_CTYPE", "SYSTEMROOT", "__CF_USER_TEXT_ENCODING"}  # which Python and macOS set


def test_secrets_stay_out_of_the_environment() -> None:
    given = {"Path": "p", "HOME": "h", "AZURE_API_KEY": "k", "HTTPS_PROXY": "http://u:p@h", "PYTHONPATH": "x"}
    assert allowed_environment(given) == {"Path": "p", "HOME": "h"}


def test_options_are_brought_within_bounds() -> None:
    wild = EngineOptions(model=Path("a"), threads=0, context=1_000_000, parallel=99)
    assert (wild.threads, wild.context, wild.parallel) == (1, 32_768, 8)
    assert 1 <= default_threads() <= max(1, (os.cpu_count() or 2) - 1)


@pytest.mark.parametrize("status", [-4, 0xC000001D, 0xC000001D - (1 << 32)])
def test_an_illegal_instruction_is_known_on_each_system(status: int) -> None:
    assert is_illegal_instruction(status)
    assert not is_illegal_instruction(status + 1)
    assert not is_illegal_instruction(None)


def test_statuses_are_put_in_words() -> None:
    words = [status_in_words(status) for status in (-9, 3, 0xC0000005, -4242, None)]
    assert words == ["SIGKILL", "status 3", "status 0xC0000005", "signal 4242", "no status"]


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ("", ""),
        ("0.0.1 E srv load_model: failed to load model, 'x'", ""),
        (
            "0.0.1 E llama_model_load: error loading model: tensor is out of bounds\n0.0.2 E x: y",
            "tensor is out of bounds",
        ),
        (
            "0.0.1 E gguf_init: invalid magic\n0.0.2 E m: error loading model: loader: failed to load model from /p/x",
            "invalid magic",
        ),
    ],
)
def test_the_most_telling_line_of_the_log_is_found(tail: str, reason: str) -> None:
    assert load_error(tail) == reason
