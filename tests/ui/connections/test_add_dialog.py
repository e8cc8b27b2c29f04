"""The dialog that adds a connection: a real check against a loopback server, and nothing kept before it passed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Kind
from desktop.services import Services
from tests.desktop.credentials.fakes import LockedKeyring, MemoryKeyring, none_found
from tests.desktop.embedded.gguf_files import LLAMA, gguf
from tests.servers.faults import FaultServer
from tests.ui import finding
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.connections.add_dialog import AddConnectionDialog

KEY = "test-key-0123456789"


class Driver:
    """Fills the dialog in as a user does."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes) -> None:
        self.tasks = tasks
        self.dialog = AddConnectionDialog(services, tasks, themes)
        self.added: list[str] = []
        self.dialog.added.connect(self.added.append)
        self.dialog.show()

    def fill(self, url: str, key: str = "", models: str = "") -> None:
        self.kind("OpenAI-compatible")
        self.dialog.endpoint.address.setText(url)
        self.dialog.endpoint.key.setText(key)
        self.dialog.endpoint.models.setText(models)

    def kind(self, title: str) -> None:
        finding.button(self.dialog, f"Connection type: {title}").click()

    @property
    def last(self) -> QPushButton:
        return next(each for each in self.dialog.findChildren(QPushButton) if each.isDefault())

    async def go(self) -> None:
        """Press the last button and wait for what it began."""
        self.last.click()
        await self.settle()

    async def settle(self) -> None:
        assert await self.tasks.settle(20)

    @property
    def text(self) -> str:
        return finding.said(self.dialog)


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    made = Driver(services, tasks, themes)
    yield made
    made.dialog.reject()


def use(services: Services, keys: Keys) -> None:
    services.gateway._keys = services.keys = keys


async def test_keys_that_were_typed_for_one_server_do_not_go_to_the_next(driver: Driver) -> None:
    form = driver.dialog.endpoint
    async with FaultServer() as server:
        driver.fill("https://first.example/v1", KEY)
        form.reach.add.click()
        QTest.keyClicks(form.reach.headers[0].name, "X-Api-Key")
        QTest.keyClicks(form.reach.headers[0].value, KEY)
        form.address.setText(server.url)
        await driver.go()
        assert (form.key.text(), form.reach.headers[0].value.text()) == ("", "")
        assert "entered for https://first.example was removed" in driver.text
        assert "The key was entered for another server" in driver.text
        await driver.go()
        assert "was entered for another server. Enter its value again, or remove the header" in driver.text
        form.reach.headers[0].remove.click()
        assert server.requests == []
        await driver.go()
        assert server.requests
    assert KEY not in f"{server.requests}"


@pytest.mark.parametrize("bad", ["", "http://refused.example/v1"])
async def test_an_address_that_will_not_do_hides_no_change_of_servers(driver: Driver, bad: str) -> None:
    """Whatever else is typed while there is none, a key and a secret header stay those of the server before."""
    form = driver.dialog.endpoint
    async with FaultServer() as server:
        driver.fill("https://first.example/v1", KEY)
        form.reach.add.click()
        QTest.keyClicks(form.reach.headers[0].name, "X-Api-Key")
        QTest.keyClicks(form.reach.headers[0].value, KEY)
        form.address.setText(bad)
        form.put_right()
        QTest.keyClicks(form.reach.times["connect_timeout_s"], "20")
        form.address.setText(server.url)
        await driver.go()
        assert (form.key.text(), form.reach.headers[0].value.text()) == ("", "")
        assert server.requests == []


async def test_a_key_that_is_typed_anew_is_the_next_servers(driver: Driver) -> None:
    form = driver.dialog.endpoint
    async with FaultServer(key=KEY) as server:
        driver.fill("https://first.example/v1", "sk-of-the-first-0123456789")
        form.address.setText(server.url)
        form.key.selectAll()
        QTest.keyClicks(form.key, KEY)
        await driver.go()
        assert {each.headers["authorization"] for each in server.requests if "authorization" in each.headers} == {
            f"Bearer {KEY}"
        }


async def test_another_path_of_the_server_keeps_a_typed_key_and_so_does_a_first_address(driver: Driver) -> None:
    form = driver.dialog.endpoint
    QTest.keyClicks(form.key, KEY)
    for url in ("https://first.example/v1", "https://first.example/other/v1"):
        form.address.setText(url)
        form.put_right()
        assert form.key.text() == KEY


async def test_a_checked_connection_is_kept_with_its_key(
    driver: Driver, services: Services, keyring: MemoryKeyring
) -> None:
    async with FaultServer(key=KEY) as server:
        driver.fill(server.url.removeprefix("http://") + "/chat/completions", KEY)
        await driver.go()
        assert driver.dialog.endpoint.address.text() == server.url
        for step in ("Reachable on this computer", "Key accepted", "TTFT for"):
            assert step in driver.text
        assert (driver.last.text(), driver.last.accessibleName()) == ("Add 4 models", "Add 4 models")
        assert (driver.added, services.settings.connections) == ([], ())
        await driver.go()
    (kept,) = services.settings.connections
    assert driver.added == [kept.name]
    assert (kept.url, kept.auth, kept.models) == (server.url, Auth.KEY, ())
    assert [*keyring.items.values()] == [KEY]
    assert driver.dialog.endpoint.key.text() == ""
    assert not driver.dialog.isVisible()


async def test_models_that_were_found_are_shown_and_retired_ones_say_so(driver: Driver) -> None:
    models = {"data": [{"id": "gpt-4o"}, {"id": "grok-3-mini"}]}
    async with FaultServer(models=models) as server:
        driver.fill(server.url)
        await driver.go()
    plain, retired = driver.dialog.check.chips.texts
    assert plain == "gpt-4o"
    assert retired.startswith("grok-3-mini · retired ")
    chips = [each for each in driver.dialog.findChildren(QLabel) if each.property("role") == "chip"]
    assert [each.property("tone") for each in chips] == ["plain", "warn"]


async def test_many_models_leave_the_buttons_in_sight_and_what_was_found_too(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    window = QWidget()
    window.resize(1024, 592)
    driver = Driver(services, tasks, themes)
    driver.dialog.setParent(window, driver.dialog.windowFlags())
    driver.dialog.show()
    async with FaultServer(models={"data": [{"id": f"a-model-of-a-long-name-{n}"} for n in range(300)]}) as server:
        driver.fill(server.url)
        await driver.go()
    await until(lambda: driver.dialog.outcome.visibleRegion().boundingRect().height() > 100)
    assert driver.last.text() == "Add 300 models"
    assert driver.dialog.height() <= window.height() * 0.8
    assert finding.cut_off(driver.dialog) == []
    driver.dialog.reject()
    driver.dialog.setParent(None)
    window.deleteLater()


async def test_a_refused_key_is_explained_and_nothing_is_kept(driver: Driver, services: Services) -> None:
    async with FaultServer(key=KEY) as server:
        driver.fill(server.url, "another-key-0123456789")
        await driver.go()
    assert "rejected the key" in driver.text
    assert driver.last.text() == "Check"
    assert driver.last.isEnabled()
    assert services.settings.connections == ()


async def test_nobody_there_is_the_first_step_that_fails(driver: Driver) -> None:
    async with FaultServer() as server:
        pass
    driver.fill(server.url)
    await driver.go()
    assert "Not reachable" in driver.text
    assert driver.dialog.check.steps.count == 2


async def test_a_changed_field_asks_for_another_check(driver: Driver) -> None:
    async with FaultServer(key=KEY) as server:
        driver.fill(server.url, KEY)
        await driver.go()
        assert driver.last.text().startswith("Add")
        QTest.keyClicks(driver.dialog.endpoint.key, "x")
    assert driver.last.text() == "Check"
    assert driver.dialog.models == ()


async def test_several_names_are_each_tried_and_those_without_answer_are_left_out(
    driver: Driver, services: Services
) -> None:
    async with FaultServer(models={"data": []}) as server:
        driver.fill(server.url, models="grok-3, nowhere ,grok-3-mini, grok-3")
        await driver.go()
        assert [request.model for request in server.requests if request.method == "POST"] == [
            "grok-3",
            "nowhere",
            "grok-3-mini",
        ]
        assert "No response from nowhere" in driver.text
        assert "left out" in driver.text
        assert driver.last.text() == "Add 2 models"
        await driver.go()
    assert services.settings.connections[0].models == ("grok-3", "grok-3-mini")


async def test_a_server_that_lists_nothing_asks_for_a_name(driver: Driver) -> None:
    async with FaultServer(models={"data": []}) as server:
        driver.fill(server.url)
        await driver.go()
    assert "list its deployments. Enter a deployment name" in driver.text


async def test_the_address_is_put_right_for_all_to_see_and_can_be_put_back(driver: Driver) -> None:
    driver.dialog.endpoint.address.setText("contoso.services.ai.azure.com/models/chat/completions?api-version=1")
    driver.dialog.endpoint.put_right()
    assert driver.dialog.endpoint.address.text().startswith("https://contoso.services.ai.azure.com/")
    assert "Corrected from “contoso" in driver.text
    assert driver.dialog.endpoint.name.text() == "contoso"
    finding.button(driver.dialog, "Undo address correction").click()
    driver.dialog.endpoint.put_right()
    assert driver.dialog.endpoint.address.text().startswith("contoso")
    assert "The address was kept as typed. Paragone corrects it" in driver.text


async def test_what_an_address_was_put_right_from_is_said_on_one_line(driver: Driver) -> None:
    long = f"https://contoso.services.ai.azure.com/models/chat/completions?api-version={'2' * 80}"
    driver.dialog.endpoint.address.setText(long)
    driver.dialog.endpoint.put_right()
    said = driver.dialog.endpoint._said
    assert said.text().startswith("Corrected from “contoso.services")
    assert said.text().endswith("…”.")
    assert said.fontMetrics().horizontalAdvance(said.text()) <= driver.dialog.endpoint.width()


async def test_what_an_address_was_put_right_from_is_said_as_it_was_typed(driver: Driver) -> None:
    driver.dialog.endpoint.resize(600, 300)
    said = driver.dialog.endpoint._put_right_from("http://127.0.0.1:1/v1/models")
    assert said == "Corrected from “http://127.0.0.1:1/v1/models”."


async def test_a_name_given_by_hand_stays(driver: Driver) -> None:
    QTest.keyClicks(driver.dialog.endpoint.name, "mine")
    driver.dialog.endpoint.address.setText("https://contoso.services.ai.azure.com")
    driver.dialog.endpoint.put_right()
    assert driver.dialog.endpoint.name.text() == "mine"


async def test_the_keyring_is_named_before_anything_is_asked(driver: Driver) -> None:
    await driver.settle()
    stored = "The key is stored in this computer's keyring (memory), never in a file."
    assert driver.dialog.where == f"{stored} Choose Check to send a very short prompt to one model."


async def test_without_a_keyring_it_is_said_at_once_and_again_before_the_dialog_goes(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    use(services, Keys(service="test", environ={}, find=none_found))
    driver = Driver(services, tasks, themes)
    await driver.settle()
    assert "until Paragone quits" in driver.dialog.where
    async with FaultServer(key=KEY) as server:
        driver.fill(server.url, KEY)
        await driver.go()
        await driver.go()
    assert driver.dialog.isVisible()
    assert "until Paragone quits" in driver.dialog.check.said
    assert await services.keys.get(services.settings.connections[0]) == KEY
    finding.button(driver.dialog, "Cancel").click()
    assert not driver.dialog.isVisible()


async def test_a_locked_keyring_is_said_too(services: Services, tasks: Tasks, themes: Themes) -> None:
    use(services, Keys(service="test", environ={}, find=LockedKeyring))
    driver = Driver(services, tasks, themes)
    async with FaultServer(key=KEY) as server:
        driver.fill(server.url, KEY)
        await driver.go()
        await driver.go()
    assert "is locked. The key is kept until Paragone quits." in driver.dialog.check.said
    driver.dialog.reject()


async def test_an_unsafe_address_is_refused_in_words(driver: Driver) -> None:
    await driver.settle()
    driver.fill("http://example.com/v1", KEY)
    driver.last.click()
    assert "https" in driver.text
    assert driver.tasks.names == ()


async def test_escape_during_a_check_ends_it_without_a_trace(driver: Driver, services: Services) -> None:
    async with FaultServer() as server:
        driver.fill(server.url, models="stall")
        driver.last.click()
        await until(lambda: server.asked("stall"))
        QTest.keyClick(driver.dialog, Qt.Key.Key_Escape)
        assert not driver.dialog.isVisible()
        await driver.settle()
        await until(lambda: not server.open)
    assert services.settings.connections == ()


async def test_a_second_connection_to_a_host_gets_a_number(services: Services, tasks: Tasks, themes: Themes) -> None:
    async with FaultServer(key=KEY) as server:
        for _ in range(2):
            driver = Driver(services, tasks, themes)
            driver.fill(server.url, KEY)
            await driver.go()
            await driver.go()
    assert [each.name for each in services.settings.connections] == ["127.0.0.1", "127.0.0.1-2"]


async def test_a_model_file_is_described_before_it_is_loaded(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "my model.gguf"
    path.write_bytes(gguf({**LLAMA, "general.file_type": 15}))
    driver.kind("GGUF file")
    assert not driver.dialog.endpoint.isVisible()
    assert "Nothing is sent" in driver.dialog.where
    driver.dialog.file.take(str(path))
    await driver.settle()
    facts = driver.dialog.file.facts
    assert (facts["Model"], facts["Quantization"], facts["Context"]) == ("Tiny", "Q4_K_M", "2,048 tokens")
    assert "MB" in facts["Memory needed"]
    made = driver.dialog.file.connection()
    assert (made.name, made.kind, made.auth, made.file) == ("my-model", Kind.EMBEDDED, Auth.NONE, str(path))


async def test_what_is_no_model_file_is_said(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "notes.gguf"
    path.write_text("not a model")
    driver.kind("GGUF file")
    driver.dialog.file.take(str(path))
    await driver.settle()
    assert "is not a GGUF file" in driver.dialog.file.said
    driver.dialog.file.take(str(tmp_path / "nowhere.gguf"))
    await driver.settle()
    driver.last.click()
    assert "This file does not exist" in driver.dialog.file.said


async def test_every_control_has_a_name_and_can_be_reached_by_keyboard(driver: Driver) -> None:
    for title in ("Azure AI Foundry", "OpenAI-compatible", "GGUF file"):
        driver.kind(title)
        assert finding.unreachable(driver.dialog) == []


async def test_a_press_on_check_counts_though_the_address_is_put_right_by_it(driver: Driver) -> None:
    await driver.settle()
    dialog, check, told = driver.dialog, driver.last, list[bool]()
    dialog.activateWindow()
    dialog.endpoint.address.setFocus()
    QTest.keyClicks(dialog.endpoint.address, "http://example.com/v1/chat/completions")
    check.clicked.connect(lambda: told.append(True))
    window, at = dialog.windowHandle(), check.mapTo(dialog, check.rect().center())
    QTest.mousePress(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    await until(lambda: not dialog.endpoint.address.hasFocus())
    QApplication.processEvents()
    assert check.mapTo(dialog, check.rect().center()) == at
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    await until(lambda: told)


async def test_an_address_that_is_left_by_a_press_elsewhere_is_put_right_after_it(driver: Driver) -> None:
    await driver.settle()
    dialog = driver.dialog
    dialog.endpoint.address.setFocus()
    QTest.keyClicks(dialog.endpoint.address, "contoso.services.ai.azure.com")
    window, name = dialog.windowHandle(), dialog.endpoint.name
    at = name.mapTo(dialog, name.rect().center())
    QTest.mousePress(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    await until(lambda: dialog.endpoint.address.text().startswith("https://"))
