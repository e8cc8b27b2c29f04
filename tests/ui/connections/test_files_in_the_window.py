"""Files that go with a prompt to models over all wires, through the window: said before, sent, drafted, edited."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef
from desktop.services import Services
from tests.desktop.attachments import made_files
from tests.servers.faults import FaultServer
from tests.servers.messages_streams import CLAUDE
from tests.servers.responses_streams import ONLY_RESPONSES
from tests.ui.driver import Driver, driven
from tests.ui.window.test_given_files import drop, tiles, written
from ui.base.tasks import Tasks
from ui.base.theme import Themes

BLIND = "Llama-3.3-70B-Instruct"


@pytest.fixture
async def foundry(services: Services) -> AsyncIterator[FaultServer]:
    """A resource with models over all wires, one of them blind, as the connection `foundry`."""
    async with FaultServer(deployments=("gpt-4o", ONLY_RESPONSES, CLAUDE, BLIND)) as server:
        made = Connection(name="foundry", kind=Kind.AZURE_INFERENCE, url=f"{server.origin}/openai/v1", auth=Auth.NONE)
        services.use(services.settings_file.update(lambda settings: settings.with_connection(made)))
        yield server


async def test_four_panes_say_what_they_get_and_each_server_is_sent_that(
    services: Services, tasks: Tasks, themes: Themes, foundry: FaultServer, tmp_path: Path
) -> None:
    async with driven(services, tasks, themes, width=1600, height=900) as driver:
        await four(driver, foundry, tmp_path)


async def four(driver: Driver, foundry: FaultServer, tmp_path: Path) -> None:
    window = driver.window
    window.workspace.start_new(ModelRef(connection="foundry", name="gpt-4o"))
    for name in (ONLY_RESPONSES, CLAUDE, BLIND):
        window.workspace.places.add_pane(ModelRef(connection="foundry", name=name))
    report = written(tmp_path, "report.pdf", made_files.pdf("The answer is forty-two and no other."))
    drop(driver.transcript().viewport(), written(tmp_path, "photo.jpg", made_files.photo()), report)
    await driver.until(lambda: len(tiles(driver)) == 2)
    lines = [
        [each.text() for each in pane.findChildren(QLabel) if each.isVisible() and "photo.jpg" in each.text()]
        for pane in window.workspace.line
    ]
    assert lines == [
        ["sees photo.jpg · receives the text of report.pdf"],
        ["sees photo.jpg · receives the text of report.pdf"],
        ["sees photo.jpg · receives the text of report.pdf"],
        ["cannot read photo.jpg: not sent · receives the text of report.pdf"],
    ]
    window.workspace.prompt_editor.setFocus()
    driver.type("What is it?")
    driver.press("Return")
    panes = [*window.workspace.line]
    await driver.until(lambda: all(len(each.conversation.path()) == 2 and not each.is_answering for each in panes))
    assert tiles(driver) == []
    kinds: dict[str, Any] = {}
    for request in foundry.requests:
        if request.method == "POST":
            content = (request.json.get("input") or request.json["messages"])[-1]["content"]
            kinds[request.model] = content if isinstance(content, str) else [part["type"] for part in content]
    assert kinds["gpt-4o"] == ["image_url", "text"]
    assert kinds[ONLY_RESPONSES] == ["input_image", "input_text"]
    assert kinds[CLAUDE] == ["image", "text"]
    assert kinds[BLIND].startswith("report.pdf\n```pdf\n")
    assert driver.messages(3)[0].startswith("Attached: photo.jpg, report.pdf\nWhat is it?")
    assert any("Llama 3.3 70B cannot read photo.jpg: not sent." in each for each in driver.messages(3))


async def test_a_draft_keeps_its_files_and_an_edited_prompt_has_its_own(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path, foundry: FaultServer
) -> None:
    del foundry
    async with driven(services, tasks, themes) as first:
        first.window.workspace.start_new(ModelRef(connection="foundry", name="gpt-4o"))
        drop(first.editor.viewport(), written(tmp_path, "a.txt", b"first"))
        await first.until(lambda: tiles(first) == ["a.txt, 5 bytes"])
        await first.answered("Read it")
        drop(first.editor.viewport(), written(tmp_path, "b.txt", b"second!"))
        await first.until(lambda: tiles(first) == ["b.txt, 7 bytes"])
        conversation = first.window.pane.conversation
    async with driven(services, tasks, themes) as again:
        again.window.desk.open_conversation(conversation.id)
        await again.until(lambda: tiles(again) == ["b.txt, 7 bytes"])
        again.transcript().setFocus()
        again.press("Home")
        again.press("F2")
        await again.until(lambda: tiles(again) == ["a.txt, 5 bytes"])
        again.press("Escape")
        await again.until(lambda: tiles(again) == ["b.txt, 7 bytes"])
