"""One pane's fault is shown in its place, and the others go on: against a server with every fault, and the engine's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef, Status
from desktop.domain.events import TextDelta
from desktop.errors import EngineCrashed
from desktop.net.options import Credential, NetworkOptions
from desktop.providers.provider import Provider
from desktop.providers.registry import Registry, default_factories
from desktop.services import Services
from desktop.session.gateway import Gateway
from desktop.settings.current import CurrentSettings
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.system.paths import Paths, resources
from desktop.text.phrases import english
from tests.desktop.credentials.fakes import none_found
from tests.desktop.session.fakes import ScriptedProvider
from tests.servers.faults import FaultServer
from tests.ui.pane.conftest import shared
from tests.ui.waiting import until
from tests.ui.workspace.test_workspace import compare
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.composer.prompt import Prompt
from ui.pane.pane import Pane
from ui.workspace.workspace import Workspace


@pytest.fixture
async def faulty(tmp_path: Path, tasks: Tasks, themes: Themes, qtbot: QtBot) -> AsyncIterator[Workspace]:
    """A workspace whose connections are `lab` (every fault by name), `keyless`, and an engine that crashes."""
    crashing = ScriptedProvider([[TextDelta(text="Half"), EngineCrashed(english("The engine ended."))]])

    def engine(connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        del connection, credential, options
        return crashing

    paths = Paths.find(tmp_path / "paragone", {})
    paths.make()
    async with FaultServer() as server:
        lab = Connection(name="lab", kind=Kind.OPENAI_V1, url=server.url, auth=Auth.NONE)
        keyless = Connection(name="keyless", kind=Kind.OPENAI_V1, url=server.url, auth=Auth.KEY, key_env="NOT_SET")
        settings = Settings(connections=(lab, keyless))
        keys = Keys(service="test", environ={}, find=none_found)
        factory = Registry({**default_factories(), Kind.EMBEDDED: engine})
        services = Services(
            version="0",
            paths=paths,
            environ={},
            settings_file=SettingsFile(paths.settings_file),
            catalog=Catalog.load(resources() / "catalog.toml"),
            keys=keys,
            gateway=Gateway(settings=CurrentSettings(settings), keys=keys, factory=factory, options=NetworkOptions()),
        )
        made = Workspace(services, tasks, themes, shared(services, tasks))
        qtbot.addWidget(made)
        made.resize(2000, 900)
        made.show()
        yield made
        made.stop_all()
        await tasks.settle(5)
        await services.aclose()


def ended(pane: Pane) -> tuple[Status, str]:
    """How the last answer of a pane ended, and the code of its problem."""
    last = pane.conversation.path()[-1]
    return last.status, last.problem.code if last.problem else ""


async def test_each_fault_is_shown_in_its_pane_and_the_others_answer(faulty: Workspace) -> None:
    refs = ["lab/plain", "lab/401", "lab/404-deployment", "lab/410", "keyless/plain", "gone/plain"]
    compare(faulty, *map(ModelRef.parse, refs), ModelRef.parse("embedded/smollm2"))
    faulty.sending.send(Prompt("Hello?"))
    await until(lambda: not faulty.is_answering, 20)
    found = [ended(pane) for pane in faulty.line]
    assert found[0] == (Status.COMPLETE, "")
    assert [status for status, _ in found[1:]] == [Status.FAILED] * 6
    assert [code for _, code in found[1:]] == [
        "authentication_failed",
        "deployment_not_found",
        "route_retired",
        "key_unset",
        "connection_unknown",
        "engine_crashed",
    ]
    assert faulty.line[6].conversation.path()[-1].text == "Half"
    assert not any(pane.composer.notices.texts for pane in faulty.line)
    for pane in faulty.line:
        assert pane.failed is (pane is not faulty.line[0])


async def test_one_that_is_limited_or_silent_holds_nobody_up_and_stops_alone(faulty: Workspace) -> None:
    compare(faulty, *map(ModelRef.parse, ["lab/plain", "lab/429-long", "lab/stall"]))
    first, limited, silent = faulty.line
    faulty.sending.send(Prompt("Hello?"))
    await until(lambda: ended(first)[0] is Status.COMPLETE if first.conversation.messages else False, 10)
    assert limited.answers
    assert silent.answers
    silent.stop()
    await until(lambda: not silent.answers)
    assert limited.answers
    faulty.sending.send(Prompt("And now?"))
    await until(lambda: len(first.conversation.path()) == 4 and not first.answers, 10)
    assert len(faulty.sending.waiting) == 1
    faulty.sending.stop()
    await until(lambda: not faulty.is_answering)
    assert ended(limited)[0] is Status.STOPPED


async def test_what_a_connection_or_a_model_lacks_is_said_in_the_header(faulty: Workspace) -> None:
    compare(faulty, ModelRef.parse("gone/plain"), ModelRef.parse("lab/grok-3"))
    gone, retired = (pane.header.model.accessibleDescription() for pane in faulty.line)
    assert "no longer connected" in gone
    assert "retired" in retired
