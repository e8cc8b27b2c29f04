"""Signing in with Entra ID in the dialogs: by the browser or a code, given up, kept, signed out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.net.options import NetworkOptions
from desktop.services import Services
from desktop.settings.policy import Fixed, Policy
from desktop.settings.schema import ENTRA_AUTHORITY
from desktop.system.external_programs import Launch
from tests.desktop.credentials.fakes import MemoryKeyring
from tests.servers.authority import StandIn, refusal
from tests.servers.faults import FaultServer
from tests.servers.tls import make_certificates
from tests.servers.visitor import Visitor
from tests.ui import finding
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.add_dialog import AddConnectionDialog
from ui.connections.connections_page import ConnectionsPage


class Browser:
    """What is handed web pages to here. Follows them while `follows`."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.follows = True
        self.opened: list[str] = []
        self.visits: list[asyncio.Task[bool]] = []

    def open(self, url: str) -> Launch:
        self.opened.append(url)
        if self.follows and "/authorize" in url:
            self.visits.append(asyncio.ensure_future(self.visitor.visit(url)))
        return Launch(None)


@dataclass
class World:
    """The dialog over an authority and a server that takes its tokens."""

    services: Services
    authority: StandIn
    server: FaultServer
    browser: Browser
    tasks: Tasks
    themes: Themes

    def dialog(self) -> AddConnectionDialog:
        made = AddConnectionDialog(self.services, self.tasks, self.themes)
        made.endpoint.address.setText(f"{self.server.origin}/openai/v1")
        finding.button(made, "Sign in with: Entra ID").click()
        made.show()
        return made

    def go(self, dialog: AddConnectionDialog) -> None:
        next(each for each in dialog.findChildren(QPushButton) if each.isDefault()).click()


@pytest.fixture
async def world(
    services: Services, tasks: Tasks, themes: Themes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    ca_file, context = make_certificates(tmp_path / "tls")
    async with StandIn(context) as authority, FaultServer() as server:
        services.use(services.settings_file.update(lambda found: found.set(ENTRA_AUTHORITY, authority.authority)))
        services.gateway.options = NetworkOptions(ca_file=str(ca_file))
        browser = Browser(Visitor(ca_file))
        monkeypatch.setattr("ui.base.link_opener.launch", browser.open)
        yield World(services, authority, server, browser, tasks, themes)
        await asyncio.gather(*browser.visits)


def added(services: Services) -> Connection:
    (only,) = services.settings.connections
    return only


async def test_the_browser_signs_in_the_check_goes_on_and_the_connection_is_kept(world: World) -> None:
    dialog = world.dialog()
    world.go(dialog)
    assert await world.tasks.settle(20)
    assert "Signed in as anna@contoso.example" in finding.said(dialog)
    assert dialog.check.signing.isHidden()
    world.go(dialog)
    assert await world.tasks.settle(20)
    kept = added(world.services)
    assert (kept.auth, kept.kind) == (Auth.ENTRA, Kind.AZURE_INFERENCE)
    account = await world.services.entra.account(kept)
    assert account is not None
    assert account.name == "anna@contoso.example"


async def test_a_name_that_is_typed_after_the_check_keeps_the_sign_in(world: World) -> None:
    dialog = world.dialog()
    world.go(dialog)
    assert await world.tasks.settle(20)
    dialog.endpoint.name.clear()
    QTest.keyClicks(dialog.endpoint.name, "mine")
    world.go(dialog)
    assert await world.tasks.settle(20)
    assert added(world.services).name == "mine"
    assert (await world.services.entra.token(added(world.services))).value


async def test_a_code_is_shown_where_the_browser_will_not_do(world: World) -> None:
    world.browser.follows = False
    dialog = world.dialog()
    world.go(dialog)
    view = dialog.check.signing
    await until(lambda: bool(world.browser.opened))
    view.other_way.click()
    await until(lambda: view.code.text() == "ABCD-1234")
    assert "https://microsoft.example/devicelogin" in view.said
    view.copy_code.click()
    assert QGuiApplication.clipboard().text() == "ABCD-1234"
    assert await world.tasks.settle(20)
    assert "Signed in as anna@contoso.example" in finding.said(dialog)


async def test_closing_the_dialog_gives_the_sign_in_up(world: World) -> None:
    world.browser.follows = False
    dialog = world.dialog()
    world.go(dialog)
    await until(lambda: bool(world.browser.opened))
    dialog.reject()
    assert await world.tasks.settle(5)
    assert world.services.settings.connections == ()


async def test_a_sign_in_for_what_is_not_kept_is_forgotten(world: World, keyring: MemoryKeyring) -> None:
    dialog = world.dialog()
    world.go(dialog)
    assert await world.tasks.settle(20)
    assert keyring.items
    dialog.reject()
    assert await world.tasks.settle(5)
    assert keyring.items == {}


async def test_a_refusal_is_said_with_its_cure(world: World) -> None:
    answer = refusal(65001, words="The administrator has not consented.")
    world.authority.refuse_code = {name: value for name, value in answer.items() if name != "error_codes"}
    dialog = world.dialog()
    world.go(dialog)
    assert await world.tasks.settle(20)
    assert "Your organization has not approved Paragone for this sign-in: AADSTS65001" in dialog.check.said
    assert "administrator" in dialog.check.said


async def test_entra_is_offered_for_azure_alone(world: World) -> None:
    dialog = AddConnectionDialog(world.services, world.tasks, world.themes)
    dialog.show()
    assert dialog.endpoint.signing.ways.isVisible()
    finding.button(dialog, "Connection type: OpenAI-compatible").click()
    assert not dialog.endpoint.signing.ways.isVisible()
    dialog.reject()


async def test_the_policys_tenant_is_shown_and_cannot_be_changed(world: World, tasks: Tasks, themes: Themes) -> None:
    fixed = {
        "EntraTenant": Fixed("EntraTenant", "contoso.example", locked=True, source="a file"),
        "SignIn": Fixed("SignIn", ("entra",), locked=True, source="a file"),
    }
    world.services.use(replace(world.services.settings, policy=Policy(entries=fixed)))
    dialog = AddConnectionDialog(world.services, tasks, themes)
    form = dialog.endpoint.signing
    assert form.by_entra or form.ways.current == 1
    assert (form.tenant.text(), form.tenant.isEnabled()) == ("contoso.example", False)
    assert "EntraTenant" in form.tenant.toolTip()
    assert not finding.button(dialog, "Sign in with: Key").isEnabled()
    dialog.reject()


async def test_a_tenant_that_cannot_be_one_is_refused(world: World) -> None:
    dialog = world.dialog()
    dialog.endpoint.signing.tenant.setText("a/b")
    world.go(dialog)
    assert "is not a valid tenant" in finding.said(dialog)
    dialog.reject()


async def test_the_page_says_who_is_signed_in_and_signs_out(world: World) -> None:
    dialog = world.dialog()
    for _ in range(2):
        world.go(dialog)
        assert await world.tasks.settle(20)
    page = ConnectionsPage(world.services, world.tasks, world.themes)
    page.show()
    assert await world.tasks.settle(5)
    entry = page.entries[added(world.services).name]
    assert "Entra ID as anna@contoso.example" in entry.about
    entry.sign_out.click()
    assert await world.tasks.settle(5)
    assert "anna@" not in entry.about
    assert entry.sign_out.isHidden()
    assert "Signed out of the account anna@contoso.example" in page.said
    assert (entry.test.text(), "not signed in" in entry.about) == ("Sign in", True)
    entry.test.click()
    assert await world.tasks.settle(20)
    assert entry.test.text() == "Test"
    assert "Entra ID as anna@contoso.example" in entry.about


async def test_a_rule_that_refuses_to_renew_leads_to_a_new_sign_in(world: World) -> None:
    world.authority.expires_in = 60
    dialog = world.dialog()
    for _ in range(2):
        world.go(dialog)
        assert await world.tasks.settle(20)
    world.authority.refuse = [refusal(53003, words="Access has been blocked by Conditional Access policies.")]
    page = ConnectionsPage(world.services, world.tasks, world.themes)
    page.show()
    page.test(added(world.services).name)
    assert await world.tasks.settle(20)
    entry = page.entries[added(world.services).name]
    assert "Signed in as anna@contoso.example" in finding.said(entry)
