"""A prompt to several panes that a guard holds back for some: each says where it would have gone, the others go on."""

from __future__ import annotations

import sys
from pathlib import Path

from desktop.domain.conversation_types import ModelRef
from desktop.guards.audit import Audit
from desktop.guards.budget import Ledger
from desktop.guards.gate import GuardedGate
from desktop.guards.scanner import Scanner
from desktop.services import Services
from tests.desktop.session.fakes import ScriptedProvider
from tests.ui import finding
from tests.ui.waiting import until
from tests.ui.workspace.test_workspace import ask, compare, texts
from ui.composer.prompt import Prompt
from ui.widgets.notice_bar import NoticeBar
from ui.workspace.workspace import Workspace

KEY = "sk-aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY"


async def test_panes_ask_together_and_the_embedded_model_is_spared(
    workspace: Workspace, services: Services, provider: ScriptedProvider, tmp_path: Path
) -> None:
    child = (sys.executable, "-m", "desktop.guards.pattern_child")
    services.gateway._gate = GuardedGate(Scanner(child), Ledger(tmp_path / "spending.json"), Audit(tmp_path))
    refs = [ModelRef.parse(each) for each in ("lab/one", "embedded/smollm2", "lab/two")]
    compare(workspace, *refs)
    await ask(workspace, f"use {KEY}")
    assert texts(workspace) == [[], [f"use {KEY}", "An answer."], []]
    said = [finding.said(pane.composer.notices) for pane in workspace.line]
    assert "lab/one at 127.0.0.1" in said[0]
    assert said[1] == ""
    assert "lab/two at 127.0.0.1" in said[2]
    common = workspace.composer.notices
    await until(lambda: any(not each.isHidden() for each in common.findChildren(NoticeBar)))
    (bar,) = (each for each in common.findChildren(NoticeBar) if not each.isHidden())
    assert all(name in finding.said(common) for name in ("lab/one", "lab/two"))
    finding.button(bar, "Send anyway").click()
    await until(lambda: len(provider.requests) == 3 and not workspace.is_answering)
    assert texts(workspace) == [[f"use {KEY}", "An answer."]] * 3
    assert all(pane.composer.isHidden() for pane in workspace.line)


async def test_sent_anyway_is_what_was_held_and_what_was_typed_before_stays(
    workspace: Workspace, services: Services, provider: ScriptedProvider, tmp_path: Path
) -> None:
    child = (sys.executable, "-m", "desktop.guards.pattern_child")
    services.gateway._gate = GuardedGate(Scanner(child), Ledger(tmp_path / "spending.json"), Audit(tmp_path))
    compare(workspace, *map(ModelRef.parse, ("lab/one", "lab/two")))
    workspace.line[0].composer.put(Prompt("beta waits"))
    await ask(workspace, f"use {KEY}")
    common = workspace.composer.notices
    await until(lambda: any(not each.isHidden() for each in common.findChildren(NoticeBar)))
    (bar,) = (each for each in common.findChildren(NoticeBar) if not each.isHidden())
    finding.button(bar, "Send anyway").click()
    await until(lambda: len(provider.requests) == 2 and not workspace.is_answering)
    assert texts(workspace) == [[f"use {KEY}", "An answer."]] * 2
    assert [pane.composer.text for pane in workspace.line] == ["beta waits", ""]
