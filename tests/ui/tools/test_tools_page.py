"""The settings page of tools: servers are added, pasted, tested, decided on and removed."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.domain.tool_types import ToolServer
from desktop.services import Services
from desktop.settings.policy import Fixed, Policy
from desktop.settings.values import Settings
from desktop.tools.consent import Permission
from desktop.tools.server_changes import keep_server
from desktop.tools.server_file import added
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.settings.option_saver import OptionSaver
from ui.tools.command_line import joined_command, split_command
from ui.tools.paste_dialog import PasteDialog
from ui.tools.server_dialog import ServerDialog
from ui.tools.tools_page import ToolsPage


@pytest.fixture
async def page(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot, echo: ToolServer
) -> AsyncIterator[ToolsPage]:
    """The page with one server."""
    del themes
    made = ToolsPage(services, tasks, OptionSaver(services, tasks), locked=lambda _: "")
    qtbot.addWidget(made)
    made.show()
    await until(lambda: echo.name in made.entries)
    yield made
    await tasks.settle(2)


async def test_a_test_starts_the_server_and_lists_its_tools(page: ToolsPage, services: Services) -> None:
    entry = page.entries["echo"]
    assert entry.state == "Not started yet"
    entry.test.click()
    await until(lambda: entry.outcome.startswith("Started in"))
    assert entry.state == "4 tools"
    assert [*entry.boxes] == ["", "echo", "environ", "sleep", "canceled"]
    entry.boxes["echo"].setCurrentIndex(2)
    await until(lambda: services.tools.file.load().rules)
    (rule,) = (await services.tools.load()).rules
    assert (rule.tool, rule.verdict) == ("echo", Permission.ALLOW)
    assert rule.fingerprint


async def test_a_server_that_cannot_be_started_says_why_and_has_a_log(page: ToolsPage, services: Services) -> None:
    missing = ToolServer(name="gone", command=("/nonexistent/program",))
    await services.tools.change(lambda held: added(held, missing))
    page.refresh()
    await until(lambda: "gone" in page.entries)
    entry = page.entries["gone"]
    entry.test.click()
    await until(lambda: "could not be started" in entry.outcome)
    assert entry.log.isVisible()


async def test_a_server_is_removed_after_a_question(page: ToolsPage, services: Services) -> None:
    entry = page.entries["echo"]
    entry.remove.click()
    entry.keep.click()
    entry.remove.click()
    entry.really.click()
    await until(lambda: "echo" not in page.entries)
    assert (await services.tools.load()).servers == ()


async def test_a_policy_that_forbids_tools_disables_adding(page: ToolsPage, services: Services) -> None:
    fixed = Fixed(name="Tools", value=False, locked=True, source="test")
    services.use(Settings(policy=Policy(entries={"Tools": fixed})))
    page.refresh()
    await until(lambda: "does not allow tools" in page.entries["echo"].state)
    assert not page.add.isEnabled()
    assert not page.entries["echo"].test.isEnabled()
    assert "does not allow tools" in page.said


async def test_a_typed_command_is_shown_as_a_list_and_saved_as_one(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    del themes
    dialog = ServerDialog(services, tasks)
    qtbot.addWidget(dialog)
    dialog.open()
    QTest.keyClicks(dialog.name, "git")
    QTest.keyClicks(dialog.command, 'uvx git --at "/my work"; rm $HOME')
    assert dialog.preview.splitlines()[1:] == ["1. uvx", "2. git", "3. --at", "4. /my work;", "5. rm", "6. $HOME"]
    dialog.variables.add.click()
    (row,) = dialog.variables.rows
    assert row.secret.isChecked()
    row.secret.setChecked(False)
    QTest.keyClicks(row.name, "MODE")
    QTest.keyClicks(row.value, "fast")
    dialog.go.click()
    await until(lambda: not dialog.isVisible())
    (server,) = (await services.tools.load()).servers
    assert server.command == ("uvx", "git", "--at", "/my work;", "rm", "$HOME")
    assert server.env == {"MODE": "fast"}
    assert services.tools.host.pid == 0


async def test_a_secret_that_may_not_be_kept_in_memory_keeps_the_server_from_being_added(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    del themes
    services.keys.keyring_only = True  # as a policy says
    dialog = ServerDialog(services, tasks)
    qtbot.addWidget(dialog)
    dialog.open()
    QTest.keyClicks(dialog.name, "git")
    QTest.keyClicks(dialog.command, "uvx git")
    dialog.variables.add.click()
    (row,) = dialog.variables.rows
    QTest.keyClicks(row.name, "TOKEN")
    QTest.keyClicks(row.value, "0123456789")
    dialog.go.click()
    await until(lambda: dialog.problem)
    assert (await services.tools.load()).servers == ()
    dialog.close()


async def test_without_a_keyring_secrets_last_until_the_end_and_the_page_says_so(
    page: ToolsPage, services: Services
) -> None:
    page.add.click()
    dialog = page.findChild(ServerDialog)
    assert dialog is not None
    dialog.kind.choose(1)
    QTest.keyClicks(dialog.name, "search")
    QTest.keyClicks(dialog.url, "https://example.com/mcp")
    for name, value in (("X-Region", "eu"), ("X-Token", "0123456789"), ("Bad name", "x")):
        dialog.headers.add.click()
        row = dialog.headers.rows[-1]
        QTest.keyClicks(row.name, name)
        QTest.keyClicks(row.value, value)
    dialog.headers.rows[0].secret.setChecked(False)
    dialog.go.click()
    assert "“Bad name” is not a valid name" in dialog.problem
    dialog.headers.rows[2].remove.click()
    dialog.go.click()
    await until(lambda: "search" in page.entries)
    assert "Secrets are kept only until Paragone quits" in page.said
    assert "Secrets are kept only until Paragone quits" in page.entries["search"].state
    server = services.tools.file.load().server("search")
    assert (server.headers, server.secret_headers) == ({"X-Region": "eu"}, ("X-Token",))
    assert "0123456789" not in services.paths.tools_file.read_text()
    assert (await services.tools._spec(server)).headers == {"X-Region": "eu", "X-Token": "0123456789"}


async def test_a_stored_header_keeps_its_value_until_another_one_is_typed(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    del themes
    server = ToolServer(name="search", url="https://example.com/mcp", headers={"A": "1"}, secret_headers=("B", "C"))
    await keep_server(services.tools, server, {"B": "old-b", "C": "old-c"})
    dialog = ServerDialog(services, tasks, server)
    qtbot.addWidget(dialog)
    dialog.open()
    assert [row.name.text() for row in dialog.headers.rows] == ["A", "B", "C"]
    QTest.keyClicks(dialog.headers.rows[2].value, "new-c")
    dialog.go.click()
    await until(lambda: not dialog.isVisible())
    assert await services.tools.secrets.values(server) == {"B": "old-b", "C": "new-c"}


async def test_a_pasted_configuration_is_shown_before_it_is_added(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    del themes
    dialog = PasteDialog(services, tasks)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.text.setPlainText("{")
    await until(lambda: "not valid JSON" in dialog.said)
    dialog.text.setPlainText(
        '{{"mcpServers": {{"a": {{"command": "{}", "args": ["-m", "x"]}}, "b": {{"url": "http://example.com"}}}}}}'.format(
            sys.executable.replace("\\", "\\\\")
        )
    )
    await until(lambda: len(dialog.chosen) == 2)
    assert [box.isEnabled() for box, _ in dialog.chosen] == [True, False]
    assert dialog.go.text() == "Add 1 server"
    dialog.go.click()
    await until(lambda: not dialog.isVisible())
    (server,) = (await services.tools.load()).servers
    assert server.command == (sys.executable, "-m", "x")
    assert services.tools.host.pid == 0


async def test_pasted_headers_are_secret_and_those_of_the_protocol_are_left_out(
    services: Services, tasks: Tasks, themes: Themes, qtbot: QtBot
) -> None:
    del themes
    dialog = PasteDialog(services, tasks)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.text.setPlainText(
        '{"mcpServers": {"docs": {"type": "http", "url": "https://example.com/mcp",'
        ' "headers": {"Authorization": "Bearer abc-123", "Accept": "application/json"}},'
        ' "bad": {"url": "https://example.com/mcp", "headers": {"X": "a\\nb"}}}}'
    )
    await until(lambda: len(dialog.chosen) == 2)
    assert [box.isEnabled() for box, _ in dialog.chosen] == [True, False]
    assert "“Accept” is left out" in dialog.chosen[0][1].notices[0]
    dialog.go.click()
    await until(lambda: not dialog.isVisible())
    (server,) = (await services.tools.load()).servers
    assert (server.headers, server.secret_headers) == ({}, ("Authorization",))
    assert await services.tools.secrets.values(server) == {"Authorization": "Bearer abc-123"}


@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("words", [("a", "b c"), ("C:\\x\\y z", "--n=1"), ("say", 'he "said"'), ("x", "")])
def test_a_command_line_splits_into_the_words_it_was_joined_from(words: tuple[str, ...], windows: bool) -> None:
    assert split_command(joined_command(words, windows=windows), windows=windows) == words
