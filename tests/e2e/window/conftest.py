"""Fixtures of the tests in a real window: one screen for all, a data folder for each."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.conftest import KEY
from tests.e2e.program import Program
from tests.e2e.window import atspi, keyboard
from tests.e2e.window.atspi import Reader
from tests.e2e.window.keyboard import Keyboard, NoKeyboard
from tests.e2e.window.screen import Screen, compositor, missing_packages, screen
from tests.e2e.window.window import Desk
from tests.servers.faults import FaultServer
from tests.servers.threaded import fault_server


@pytest.fixture(scope="session")
def on_screen(tmp_path_factory: pytest.TempPathFactory) -> Generator[Screen]:
    """The screen; skipped only where its packages are missing and cannot be installed by whoever runs the tests."""
    _need_packages()
    with screen(tmp_path_factory.mktemp("screen")) as running:
        yield running


@pytest.fixture
def on_wayland(tmp_path_factory: pytest.TempPathFactory) -> Generator[Screen]:
    """The same with a Wayland compositor and without any X server."""
    _need_packages()
    with screen(tmp_path_factory.mktemp("wayland"), compositor) as running:
        yield running


@pytest.fixture(scope="session")
def reader(on_screen: Screen) -> Generator[Reader]:
    with atspi.reader(on_screen.environ["DBUS_SESSION_BUS_ADDRESS"]) as running:
        yield running


@pytest.fixture(scope="session")
def keys(on_screen: Screen) -> Generator[Keyboard]:
    with keyboard.keyboard(on_screen.display) as made:
        yield made


@pytest.fixture
def desk(on_screen: Screen, reader: Reader, keys: Keyboard, paragone: Program) -> Generator[Desk]:
    """Where windows of a data folder of the test's own are opened."""
    made = Desk(on_screen, reader, keys, paragone)
    yield made
    made.close()


@pytest.fixture(params=["X11", pytest.param("Wayland", marks=pytest.mark.long)])
def silent_desk(request: pytest.FixtureRequest, paragone: Program) -> Generator[Desk]:
    """Where windows are worked through a screen reader's door alone: there is no key to press."""
    on: Screen = request.getfixturevalue("on_screen" if request.param == "X11" else "on_wayland")
    with atspi.reader(on.environ["DBUS_SESSION_BUS_ADDRESS"]) as reader:
        made = Desk(on, reader, NoKeyboard(), paragone)
        yield made
        made.close()


@pytest.fixture
def trio() -> Generator[tuple[FaultServer, ...]]:
    """Three servers that nobody has asked anything yet."""
    with fault_server(KEY) as one, fault_server(KEY) as two, fault_server(KEY) as three:
        yield one, two, three


@pytest.fixture
def lab_desk(desk: Desk, lab: Program) -> Desk:
    """The same with a connection `lab` to the fault server, whose slow model answers new conversations."""
    settings = lab.folder / "data" / "config" / "settings.toml"
    settings.write_text('[chat]\ndefault_model = "lab/slow:40:400"\n\n' + settings.read_text())
    return desk


@pytest.fixture
def elsewhere(tmp_path: Path) -> Program:
    """The program with another data folder."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Program(folder)


def _need_packages() -> None:
    if sys.platform != "linux":
        pytest.skip("the screens for tests are Linux's")
    if missing := missing_packages():
        reason = f"these packages are missing: {' '.join(missing)}"
        (pytest.fail if os.geteuid() == 0 else pytest.skip)(reason)
