"""What all tests share: nothing of the user's own is read or written, and no network but loopback is reached."""

from __future__ import annotations

import builtins
import faulthandler
import gc
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

from desktop.store.opening import keyfiles
from tests import memory_disk
from tests.examples import examples
from ui.app.startup import make_enums_simply

make_enums_simply()
_usual_import = builtins.__import__
import_module("PySide6.QtCore")
builtins.__import__ = _usual_import
"""As in the program (ui/app/startup.py). Imports go past Qt for Python's hook, a tenth of what tests take."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Ctrl+C does not reach what a shell began in the background, nor what is begun by that: the programs that tests
    # interrupt would never end.
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest.MonkeyPatch().setattr(keyfiles, "SCRYPT_N", 16)
"""Codes are tried hundreds of times here. What one costs in the program: opening/test_keyfiles.py of the store."""

# How long examples take, and to be made, says something of the machine alone
settings.register_profile(
    "paragone", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("paragone")


_HANGS_AFTER_S, _SET_EVERY_S = 230, 5.0
_numbers = itertools.count()
_watch = {"set": 0.0}
_errors: list[int] = []
"""Where errors go while pytest takes what tests print."""
_in_memory: list[Path] = []
"""The folder of all tests, where this process made it."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep the stream of errors, and choose where tests write unless that was chosen already."""
    if config.option.basetemp is None and (folder := memory_disk.begin()):
        _in_memory.append(folder)
        config.option.basetemp = str(folder)
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        _errors.append(os.dup(2))


def pytest_runtest_logstart() -> None:
    """Tell where all threads are when a test hangs.

    Pytest's own way starts a thread for each test, which takes a fiftieth of the time of all.
    """
    if time.monotonic() - _watch["set"] > _SET_EVERY_S:
        _watch["set"] = time.monotonic()
        faulthandler.dump_traceback_later(_HANGS_AFTER_S, file=_errors[-1])


def pytest_unconfigure() -> None:
    """Nothing hangs any more, and what tests wrote is given up."""
    faulthandler.cancel_dump_traceback_later()
    for folder in _in_memory:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own. Pytest's own fixture also moves a link to the newest, which costs more than tests."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    path = tmp_path_factory.getbasetemp() / f"{name}{next(_numbers)}"
    path.mkdir(mode=0o700)
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes the longest by itself begins first: at the end the other processes would wait for it."""
    items.sort(key=lambda item: item.path.name != "test_types.py")


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end: collections need not look at them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    """A home of the test's own, and no proxies, displays or keyrings of the machine's."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for name in [*os.environ]:
        if name.lower().endswith("_proxy") or name.startswith(("XDG_", "PARAGONE", "DBUS_", "KEYRING_")):
            monkeypatch.delenv(name)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(place)]
    if (
        sys.platform != "linux"
        or shutil.which("mount") is None
        or subprocess.run(command, capture_output=True).returncode
    ):
        pytest.skip("only root may mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run one test, and report what came of it.

    That the ways into and out of it went well is not told: to tell the process that counts costs a millisecond a test,
    and half of the tests take less than three.
    """
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in runtestprotocol(item, nextitem=nextitem, log=False):
        if report.when == "call" or not report.passed:
            hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
