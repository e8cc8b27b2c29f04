"""Fixtures of the interface's tests: no screen, a data folder of the test's own, an owner of tasks, a theme."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import PySide6
import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_ACCESSIBILITY"] = "1"

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.services import Services
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.system.paths import Paths, resources
from main import DECODE_SWITCH, PAPER_SWITCH, child_command
from tests.desktop.credentials.fakes import none_found
from tests.desktop.session.fakes import LOOPBACK, ScriptedProvider, gateway, said
from tests.desktop.store.new_database import put_database
from ui.base.language import Language
from ui.base.tasks import Tasks
from ui.base.theme import Themes

_begun: list[str] = []
"""The tests that have begun."""


@pytest.fixture(autouse=True)
def collected_here(qapp: QApplication, request: pytest.FixtureRequest) -> None:
    """Widgets that hang in cycles die on this thread, before the next test: never on a thread that happens to allocate.

    At the end of their own test, its loop still holds some. What outlives it is not looked at again after the others.
    A window that stays would slow down all tests that follow: each event of Qt's goes through Python while its colours
    are made anew.
    """
    gc.disable()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # no loop of Qt's does it between tests
    gc.collect()
    gc.freeze()
    before = _begun[-1] if _begun else ""
    _begun.append(request.node.nodeid)
    if left := QApplication.topLevelWidgets():
        names = sorted({type(each).__name__ for each in left})
        for each in left:
            delete(each)
        pytest.fail(f"{before} left {len(left)} windows: {', '.join(names)}")


@pytest.fixture
def provider() -> ScriptedProvider:
    """What answers on every connection."""
    return ScriptedProvider([said("An answer.")])


@pytest.fixture(scope="session")
def shipped_catalog() -> Catalog:
    """The catalog as it is shipped, parsed once: nothing changes one."""
    return Catalog.load(resources() / "catalog.toml")


@pytest.fixture
async def services(tmp_path: Path, provider: ScriptedProvider, shipped_catalog: Catalog) -> AsyncIterator[Services]:
    """Services over a folder of the test's own; the connection `lab` needs no key."""
    paths = Paths.find(tmp_path / "paragone", {})
    paths.make()
    put_database(paths.data)
    settings = Settings(connections=(LOOPBACK,))
    made = Services(
        version="0",
        paths=paths,
        environ={},
        settings_file=SettingsFile(paths.settings_file),
        catalog=shipped_catalog,
        keys=Keys(service="test", environ={}, find=none_found),
        gateway=gateway(provider, settings),
        decode_command=tuple(child_command(DECODE_SWITCH)),
        paper_command=tuple(child_command(PAPER_SWITCH)),
    )
    yield made
    await made.aclose()


@pytest.fixture
async def tasks(qapp: QApplication) -> AsyncIterator[Tasks]:
    """An owner of tasks; none of them may end in a bug."""
    made = Tasks()
    bugs: list[object] = []
    made.bug.connect(bugs.append)
    yield made
    await made.cancel_all()
    made.deleteLater()
    assert bugs == []


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[Themes]:
    """Light colours on the application. They go after the windows, which they would keep for ever: Qt calls those."""
    made = Themes()
    made.choose("light")
    made.apply()
    yield made
    made.deleteLater()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The translations that ship, made ready for Qt."""
    folder, release = tmp_path_factory.mktemp("i18n"), Path(PySide6.__file__).parent / "lrelease"
    for source in Path("resources/i18n").glob("paragone_*.ts"):
        subprocess.run([release, "-silent", source, "-qm", folder / f"{source.stem}.qm"], check=True)
    return folder


@pytest.fixture
def language(qapp: QApplication, compiled: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A language, before the window is made."""
    made = Language(qapp, compiled)
    made.use(request.param)
    yield request.param
    made.leave()
