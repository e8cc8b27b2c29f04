"""The import dialog: nothing before Import, everything said, and a way back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton, QTreeWidgetItem, QWidget

from desktop.errors import StoreFull
from desktop.services import Services
from desktop.settings.schema import RETENTION
from desktop.settings.values import Settings
from desktop.store.conversations import Conversations
from desktop.text.phrases import english
from tests.desktop.settings.test_policy import policy
from tests.desktop.transfer.made import chatgpt_chat
from tests.ui import finding
from tests.ui.waiting import until
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.transfer.import_dialog import ImportDialog, ImportStep


@pytest.fixture
async def dialog(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[ImportDialog]:
    made = ImportDialog(services, tasks, themes)
    made.show()
    yield made
    made.done(0)
    await tasks.settle(10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "conversations.json"
    node = chatgpt_chat("x")
    node["mapping"]["p0"]["message"]["metadata"] = {"attachments": [{"name": "a.pdf"}]}
    made.write_text(json.dumps([chatgpt_chat("a"), chatgpt_chat("b"), node, {"title": "Empty one"}]))
    return made


def shown(dialog: ImportDialog) -> list[str]:
    """The lines of the report."""
    found: list[str] = []
    for place in range(dialog.report.topLevelItemCount()):
        top = dialog.report.topLevelItem(place)
        assert top is not None
        found.append(top.text(0))
        for row in range(top.childCount()):
            child = top.child(row)
            assert child is not None
            found.append(f"{child.text(0)} {child.text(1)}".strip())
    return found


async def test_a_sentence_that_is_said_of_many_is_said_once_and_unfolds_to_them(
    dialog: ImportDialog, tmp_path: Path
) -> None:
    chats = [chatgpt_chat(str(number)) for number in range(1_203)]
    for number, each in enumerate(chats):
        each["title"] = f"Chat {number}"
        each["mapping"]["p0"]["message"]["metadata"] = {"attachments": [{"name": "a.pdf"}, {"name": "b.pdf"}]}
    (tmp_path / "many.json").write_text(json.dumps([*chats, {"title": "Empty one"}, {"title": "Empty two"}]))
    dialog.take([tmp_path / "many.json"])
    await until(lambda: dialog.step is ImportStep.READY)
    assert shown(dialog) == [
        "many.json · ChatGPT · 1,205 conversations, 1,203 new",
        "Attachments: only their names are imported (2,406): 1,203 conversations",
        "The conversation has no messages: 2 conversations",
    ]
    top = dialog.report.topLevelItem(0)
    assert top is not None
    many, empty = rows(top)
    assert not many.isExpanded()
    dialog.report.setCurrentItem(many)
    QTest.keyClick(dialog.report, Qt.Key.Key_Right)
    assert many.isExpanded()
    told = [(each.text(0), each.text(1)) for each in rows(many)]
    assert told == [*((f"Chat {number}", "2") for number in range(500)), ("… and 703 more notes", "")]
    assert [each.text(0) for each in rows(empty)] == ["Empty one", "Empty two"]


def rows(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    """What lies below a row."""
    below = [item.child(place) for place in range(item.childCount())]
    return [each for each in below if each is not None]


async def test_a_folder_is_chosen_by_its_button_and_its_files_are_shown(dialog: ImportDialog, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "vault" / f"{name}.md").parent.mkdir(exist_ok=True)
        (tmp_path / "vault" / f"{name}.md").write_text(f"## User\n\nwhy {name}?\n\n## Assistant\n\nso\n")
    (tmp_path / "vault" / "note.md").write_text("# no chat\n")
    dialog.area.choose_folder.click()
    (chooser,) = dialog.findChildren(QFileDialog)
    assert chooser.fileMode() is QFileDialog.FileMode.Directory
    chooser.filesSelected.emit([str(tmp_path / "vault")])
    chooser.close()
    await until(lambda: dialog.step is ImportStep.READY)
    assert dialog.said == "2 conversations with 4 messages to import"
    assert "Files without conversations are left out (1)." in " ".join(shown(dialog))


async def kept(services: Services) -> int:
    return len(await (await services.store()).conversations.list())


async def test_every_control_has_a_name(dialog: ImportDialog) -> None:
    for each in (*dialog.findChildren(QPushButton), dialog.report, dialog.progress):
        assert isinstance(each, QWidget)
        assert each.accessibleName()
    assert dialog.step is ImportStep.CHOOSING


async def test_a_look_shows_what_would_come_and_changes_nothing(
    dialog: ImportDialog, services: Services, path: Path
) -> None:
    dialog.take([path])
    await until(lambda: dialog.step is ImportStep.READY)
    assert dialog.said == "3 conversations with 6 messages to import\n1 without messages"
    assert shown(dialog) == [
        "conversations.json · ChatGPT · 4 conversations, 3 new",
        "Sky Attachments: only their names are imported (1)",
        "Empty one The conversation has no messages.",
    ]
    assert await kept(services) == 0
    assert finding.button(dialog, "Import").isEnabled()


async def test_import_adds_undo_removes_and_both_are_told(dialog: ImportDialog, services: Services, path: Path) -> None:
    told: list[bool] = []
    dialog.imported.connect(lambda: told.append(True))
    dialog.take([path])
    await until(lambda: dialog.step is ImportStep.READY)
    finding.button(dialog, "Import").click()
    await until(lambda: dialog.step is ImportStep.DONE)
    assert dialog.said.startswith("3 conversations with 6 messages imported")
    assert (await kept(services), len(told)) == (3, 1)
    finding.button(dialog, "Undo import").click()
    await until(lambda: dialog.step is ImportStep.DONE)
    assert dialog.said == "3 conversations removed"
    assert (await kept(services), len(told)) == (0, 2)
    assert not finding.button(dialog, "Undo import").isVisible()


async def test_enter_presses_the_button_that_has_the_keyboard(
    dialog: ImportDialog, services: Services, path: Path
) -> None:
    dialog.take([path])
    await until(lambda: dialog.step is ImportStep.READY)
    press(dialog, "Import")
    await until(lambda: dialog.step is ImportStep.DONE)
    assert await kept(services) == 3
    press(dialog, "Close")
    assert not dialog.isVisible()


async def test_enter_on_cancel_imports_nothing(dialog: ImportDialog, services: Services, path: Path) -> None:
    dialog.take([path])
    await until(lambda: dialog.step is ImportStep.READY)
    press(dialog, "Cancel")
    assert not dialog.isVisible()
    assert await kept(services) == 0


def press(dialog: ImportDialog, name: str) -> None:
    """Go to a button and press Enter."""
    finding.button(dialog, name).setFocus()
    QTest.keyClick(finding.button(dialog, name), Qt.Key.Key_Return)


async def test_files_that_are_dropped_are_looked_at(dialog: ImportDialog, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)), QUrl("https://host/x.json")])
    event = QDropEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    dialog.area.dropEvent(event)
    await until(lambda: dialog.step is ImportStep.READY)
    assert len([line for line in shown(dialog) if "ChatGPT" in line]) == 1


async def test_what_is_no_export_is_said_and_cannot_be_imported(dialog: ImportDialog, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("hello")
    dialog.take([tmp_path / "x.txt", tmp_path / "gone.json"])
    await until(lambda: dialog.step is ImportStep.READY)
    assert dialog.said == "Nothing can be imported.\n2 unsupported files"
    assert not finding.button(dialog, "Import").isEnabled()
    assert finding.button(dialog, "Choose other files…").isVisible()


async def test_cancel_ends_a_run_and_what_came_is_whole(
    dialog: ImportDialog, services: Services, tmp_path: Path
) -> None:
    path = tmp_path / "many.json"
    path.write_text(json.dumps([chatgpt_chat(str(number), 5) for number in range(1_000)]))
    dialog.take([path])
    await until(lambda: dialog.step is ImportStep.READY)
    finding.button(dialog, "Import").click()
    await until(lambda: dialog.progress.value() > 0)
    dialog.reject()
    await until(lambda: dialog.step is ImportStep.DONE)
    assert dialog.said.startswith("Stopped: ")
    assert 0 < await kept(services) < 1_000
    assert all(each.message_count == 10 for each in await (await services.store()).conversations.list())


async def test_closing_while_files_are_read_ends_the_look(dialog: ImportDialog, tasks: Tasks, path: Path) -> None:
    dialog.take([path])
    dialog.reject()
    assert not dialog.isVisible()
    await until(lambda: tasks.names == ())


async def test_a_full_disk_is_said(dialog: ImportDialog, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_args: object, **_others: object) -> frozenset[str]:
        raise StoreFull(english("The disk is full."))

    monkeypatch.setattr(Conversations, "create_all", full)
    dialog.take([path])
    await until(lambda: dialog.step is ImportStep.READY)
    finding.button(dialog, "Import").click()
    await until(lambda: dialog.step is ImportStep.DONE)
    assert dialog.said.startswith("Not imported\nThe disk is full.")


async def test_the_keyboard_imports(dialog: ImportDialog, services: Services, path: Path) -> None:
    from PySide6.QtTest import QTest

    dialog.take([path])
    await until(lambda: dialog.step is ImportStep.READY)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    await until(lambda: dialog.step is ImportStep.DONE)
    assert await kept(services) == 3
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


async def test_where_policy_forbids_it_no_file_is_looked_into(
    dialog: ImportDialog, services: Services, path: Path
) -> None:
    services.use(Settings(policy=policy(Import=False)))
    dialog.take([path])
    await until(lambda: "does not allow importing" in dialog.said)
    assert await kept(services) == 0


async def test_what_is_older_than_conversations_are_kept_is_told_before(
    dialog: ImportDialog, services: Services, path: Path
) -> None:
    services.use(Settings().set(RETENTION, "days"))
    dialog.take([path])
    await until(lambda: dialog.step is ImportStep.READY)
    assert any("deleted permanently at the next start: 3 conversations" in line for line in shown(dialog))
