"""The pictures of tools: the popover, calls that wait for approval, and the page of the settings."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace
from PySide6.QtWidgets import QAbstractButton

from desktop.domain.conversation_types import ToolChoice
from desktop.domain.tool_types import ToolAuth, ToolInfo, ToolServer
from desktop.settings.option import SettingsPage
from desktop.text.phrases import phrase
from desktop.tools.approvals import Asked, Question
from desktop.tools.consent import Permission, ToolChange, ToolRule
from desktop.tools.host.host_wire import Elicitation
from desktop.tools.server_file import SeenTools, ToolSettings, added
from tests.shots.compared import GROK, compared
from tests.shots.pictures import open_first, picture
from tests.shots.stage import Stage
from ui.base.tasks import Tasks
from ui.tools.paste_dialog import PasteDialog
from ui.tools.server_dialog import ServerDialog
from ui.tools.tools_page import ToolsPage

TIME = ToolServer(name="time", command=("uvx", "mcp-server-time", "--local-timezone", "Europe/Rome"))
FILES = ToolServer(
    name="files", command=("npx", "-y", "@modelcontextprotocol/server-filesystem", "/home/ada/Documents and notes")
)
SEARCH = ToolServer(name="tracker", url="https://tracker.example.com/mcp")
CLOCK = ToolInfo(
    server="time",
    tool="get_current_time",
    title="Get Current Time",
    description="Get current time in a specific timezone.",
    read_only=True,
    destructive=False,
    open_world=False,
)
CONVERT = ToolInfo(
    server="time", tool="convert_time", description="Convert time between timezones.", read_only=True, open_world=False
)
WRITE = ToolInfo(
    server="files",
    tool="write_file",
    title="Write File",
    description="Create a new file or completely overwrite an existing file with new content. Use with caution.",
    read_only=False,
    destructive=True,
    open_world=False,
)


def _filled(held: ToolSettings) -> ToolSettings:
    for each in (TIME, FILES, SEARCH):
        held = added(held, each)
    seen = {
        "time": SeenTools(fingerprint="a", tools=(CLOCK, CONVERT)),
        "files": SeenTools(fingerprint="b", tools=(WRITE,)),
    }
    rule = ToolRule(server="time", tool="get_current_time", verdict=Permission.ALLOW, fingerprint="a")
    return replace(replace(held, seen=seen).with_rule(rule))


@picture("tools-popover", size=(1366, 768))
@picture("tools-popover-dark", theme="dark", size=(1366, 768))
async def tools_popover(stage: Stage) -> None:
    await stage.services.tools.change(_filled)
    await open_first(stage, "Debounce")
    stage.window.pane.set_tools(ToolChoice(servers=("time", "paragone")))
    stage.window.workspace.tools.open()
    await stage.until(lambda: stage.look(QAbstractButton, "Manage tools…"))


@picture("tools-chip", size=(1366, 768))
async def tools_chip(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    stage.window.pane.set_tools(ToolChoice(servers=("time", "paragone")))
    await stage.type("Message", "And as a class with a flush() method?")


def _asked(stage: Stage, number: int, **fields: object) -> Asked:
    conversation = stage.window.pane.conversation_id
    given: dict[str, object] = {"panes": [(conversation, GROK)], **fields}
    return Asked(id=number, **given)  # pyright: ignore[reportArgumentType]


@picture("tools-approval", size=(1366, 768))
@picture("tools-approval-dark", theme="dark", size=(1366, 768))
async def tools_approval(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    clock = _asked(stage, 1, server=TIME, info=CLOCK, arguments='{"timezone": "Asia/Tokyo"}')
    await _show(stage, clock)


@picture("tools-approvals", size=(1366, 900))
@picture("tools-approvals-dark", theme="dark", size=(1366, 768))
async def tools_approvals(stage: Stage) -> None:
    comparison, conversations = compared()
    store = await stage.services.store()
    for each in conversations.values():
        await store.conversations.create(each)
    await store.comparisons.save(comparison)
    stage.window.desk.open_comparison(comparison.id)
    await stage.until(lambda: stage.window.workspace.comparison is not None)
    panes = [(pane.conversation_id, pane.conversation.model) for pane in stage.window.workspace.line]
    note = '{"path": "notes/meetings.md", "text": "# Tokyo\\nCall at 9:00\\u202e", "mode": "overwrite"}'
    reason = phrase("The server has changed since you allowed this tool.")
    write = _asked(
        stage,
        1,
        server=FILES,
        info=WRITE,
        arguments=note,
        panes=panes[:2],
        reasons=(reason,),
        change=ToolChange(added=("delete_file",), changed=("write_file",)),
    )
    clock = _asked(stage, 2, server=TIME, info=CLOCK, arguments='{"timezone": "Asia/Tokyo"}', panes=panes[2:])
    await _show(stage, write, clock)
    stage.window.tool_calls.answer()


SCHEMA = """{"type": "object", "required": ["name"],
"properties": {"name": {"type": "string", "title": "Project", "description": "As it is called in the tracker"},
"priority": {"type": "string", "enum": ["low", "high"], "default": "low"},
"hours": {"type": "number", "title": "Estimate in hours"},
"notify": {"type": "boolean", "title": "Notify the team"}}}"""


@picture("tools-question", size=(1366, 768))
async def tools_question(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    said = "Which project does the new issue belong to?"
    form = Elicitation(id=1, server="tracker", message=said, schema=SCHEMA, timeout_s=60)
    await _show(stage, Question(id=1, elicitation=form))


@picture("tools-address", size=(1366, 768), theme="dark")
async def tools_address(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    url = "https://xn--trcker-9xa.example.com/authorize?client=paragone&state=1f3a"
    asked = Elicitation(id=1, server="tracker", message="Sign in to continue.", url=url, timeout_s=60)
    await _show(stage, Question(id=1, elicitation=asked))


async def _show(stage: Stage, *pending: Asked | Question) -> None:
    approvals = stage.services.tools.approvals
    for each in pending:
        approvals._add(each)
    await stage.until(lambda: stage.window.tool_calls.is_pending)
    await asyncio.sleep(0.5)


@picture("tools-settings", size=(1366, 768))
@picture("tools-settings-dark", theme="dark", size=(1366, 768))
async def tools_settings(stage: Stage) -> None:
    page = await _page(stage)
    page.entries["time"].unfold.click()
    assert stage.window.setup.settings is not None
    stage.window.setup.settings.resize(900, 720)


async def _page(stage: Stage) -> ToolsPage:
    await stage.services.tools.change(_filled)
    stage.window.setup.open_page(SettingsPage.TOOLS)
    assert stage.window.setup.settings is not None
    page = stage.window.setup.settings.page_of(SettingsPage.TOOLS)
    assert isinstance(page, ToolsPage)
    await stage.until(lambda: len(page.entries) == 3)
    return page


@picture("tools-add", size=(1366, 768))
@picture("tools-add-dark", theme="dark", size=(1366, 768))
async def tools_add(stage: Stage) -> None:
    dialog = ServerDialog(stage.services, Tasks(), None, stage.window)
    dialog.open()
    await stage.type("Name", "git")
    await stage.type("Command", 'uvx mcp-server-git --repository "/home/ada/my work"')
    await stage.press("Add variable")
    await stage.type("Name of variable 1", "GIT_TOKEN")
    await stage.type("Value of variable 1", "0123456789")


@picture("tools-add-address", size=(1366, 768))
async def tools_add_address(stage: Stage) -> None:
    dialog = ServerDialog(stage.services, Tasks(), None, stage.window)
    dialog.open()
    dialog.kind.choose(1)
    await stage.type("Name", "tracker")
    await stage.type("Address", "https://tracker.example.com/mcp")
    dialog.auth.choose(2)
    await stage.press("Add header")
    await stage.type("Name of header 1", "X-Workspace-Key")
    await stage.type("Value of header 1", "0123456789")


SAVED = '{"tokens": "{\\"access_token\\": \\"0123456789\\"}"}'


@picture("tools-signing-in", size=(1366, 768))
async def tools_signing_in(stage: Stage) -> None:
    desk = stage.services.tools
    wiki = ToolServer(name="wiki", url="https://wiki.example.com/mcp", auth=ToolAuth.OAUTH)
    await desk.change(lambda held: added(added(held, replace(SEARCH, auth=ToolAuth.OAUTH)), wiki))
    await desk.change(lambda held: replace(held, seen={"wiki": SeenTools(fingerprint="a", tools=(CLOCK,))}))
    await desk.secrets.keep_sign_in(wiki, SAVED)
    stage.window.setup.open_page(SettingsPage.TOOLS)
    assert stage.window.setup.settings is not None
    page = stage.window.setup.settings.page_of(SettingsPage.TOOLS)
    assert isinstance(page, ToolsPage)
    await stage.until(lambda: bool(page.entries))
    stage.window.setup.settings.resize(900, 720)


@picture("tools-sign-in", size=(1366, 768))
async def tools_sign_in(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    stage.services.tools.approvals.offer_sign_in("tracker", stage.window.pane.conversation_id)
    await stage.until(lambda: stage.window.tool_calls.is_pending)
    await asyncio.sleep(0.5)


DAYS = """{"type": "object", "required": ["days"], "properties": {"days": {"type": "array", "title": "Days",
"items": {"type": "string", "enum": ["Monday", "Tuesday", "Wednesday"]}, "default": ["Monday"]}}}"""


@picture("tools-question-several", size=(1366, 768))
async def tools_question_several(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    form = Elicitation(id=1, server="tracker", message="When do you work on it?", schema=DAYS, timeout_s=60)
    await _show(stage, Question(id=1, elicitation=form))


CONFIGURATION = """{
  "mcpServers": {
    "github": {"command": "docker", "args": ["run", "-i", "--rm", "ghcr.io/github/github-mcp-server"],
      "env": {"GITHUB_TOKEN": "${input:token}"}},
    "docs": {"url": "https://docs.example.com/mcp", "headers": {"Authorization": "Bearer abc"}},
    "plain": {"url": "http://example.com/mcp"}
  }
}"""


@picture("tools-paste", size=(1366, 900))
async def tools_paste(stage: Stage) -> None:
    await _page(stage)
    await stage.press("Paste configuration…")
    await stage.type("Configuration", CONFIGURATION)
    await stage.until(lambda: stage.look(PasteDialog, "Paste configuration"))
    await stage.settle(0.6)
