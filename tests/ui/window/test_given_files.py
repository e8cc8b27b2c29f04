"""Files dropped on the field, pasted into it, chosen or dropped on the transcript: they go with the prompt as tiles."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QClipboard, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget

from desktop.services import Services
from desktop.settings.schema import MOST_ATTACHMENTS
from desktop.settings.values import Settings
from tests.desktop.attachments import made_files
from tests.desktop.session.fakes import REF, ScriptedProvider
from tests.desktop.settings.test_policy import policy
from tests.examples import alike
from tests.ui.driver import Driver, driven
from tests.ui.window.test_reading_keys import chat
from ui.attachments.tile_row import AttachmentTile, TileRow
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.pane import attachment_intake as given_files
from ui.pane.pane_header import PaneHeader
from ui.sidebar.sidebar import Sidebar
from ui.widgets.drop_frame import DropFrame
from ui.window import dropped_files

Place = Callable[[Driver], QWidget]
PLACES: tuple[Place, ...] = (
    lambda driver: driver.editor.viewport(),
    lambda driver: driver.transcript().viewport(),
    lambda driver: driver.button("Attach"),
    lambda driver: driver.window.findChildren(PaneHeader)[0],
    lambda driver: driver.window.findChildren(Sidebar)[0],
)


@pytest.fixture
async def driver(services: Services, tasks: Tasks, themes: Themes) -> AsyncIterator[Driver]:
    """A window with a chat in it."""
    async with driven(services, tasks, themes, chat("Long", 3)) as made:
        yield made


@pytest.fixture
def clipboard(qapp: QApplication) -> Iterator[QClipboard]:
    """The clipboard, emptied in the end: what Python gave it would be let go of when Python is gone."""
    yield qapp.clipboard()
    qapp.clipboard().clear()


def dropped(*paths: Path) -> QMimeData:
    """Files as a file manager gives them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(onto: QWidget, *paths: Path) -> None:
    """Drag files onto a widget and let them go there, or on what is around it, as Qt gives them on."""
    while not onto.acceptDrops() and (around := onto.parentWidget()) is not None:
        onto = around
    mime, copy = dropped(*paths), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    at = onto.rect().center()
    QApplication.sendEvent(onto, QDragEnterEvent(at, copy, mime, left, none))
    QApplication.sendEvent(onto, QDropEvent(QPointF(at), copy, mime, left, none))


def dialogs(driver: Driver) -> list[str]:
    """The dialogs that are open."""
    return [each.windowTitle() for each in driver.window.findChildren(QDialog) if each.isVisible()]


def tiles(driver: Driver) -> list[str]:
    """The names of the tiles that are seen."""
    return [each.accessibleName() for each in driver.window.findChildren(AttachmentTile) if each.isVisible()]


def written(folder: Path, name: str, content: bytes) -> Path:
    place = folder / name
    place.write_bytes(content)
    return place


@pytest.mark.parametrize("place", alike(2, PLACES))
async def test_what_is_dropped_becomes_a_tile_and_is_sent_by_nobody(
    driver: Driver, tmp_path: Path, place: Place
) -> None:
    driver.write("See")
    drop(
        place(driver), written(tmp_path, "notes.md", b"# Why"), written(tmp_path, "a.png", made_files.photo(kind="PNG"))
    )
    await driver.until(lambda: len(tiles(driver)) == 2)
    assert tiles(driver)[0] == "notes.md, 5 bytes"
    assert tiles(driver)[1].startswith("a.png, ")
    assert driver.editor.toPlainText() == "See"
    assert driver.focused is driver.editor
    assert dialogs(driver) == driver.notices == []


async def test_a_file_and_a_picture_that_are_pasted_go_along_too(
    driver: Driver, clipboard: QClipboard, tmp_path: Path
) -> None:
    driver.editor.setFocus()
    clipboard.setMimeData(dropped(written(tmp_path, "a.py", b"x = 1\n")))
    driver.press("Ctrl+V")
    await driver.until(lambda: tiles(driver) == ["a.py, 6 bytes"])
    image = QImage(30, 20, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    mime = QMimeData()
    mime.setImageData(image)
    clipboard.setMimeData(mime)
    driver.press("Ctrl+V")
    await driver.until(lambda: len(tiles(driver)) == 2)
    assert tiles(driver)[1].startswith("image.png, ")


async def test_files_are_chosen_by_the_button(driver: Driver, tmp_path: Path) -> None:
    driver.push("Attach")
    (dialog,) = driver.window.findChildren(QFileDialog)
    dialog.filesSelected.emit([str(written(tmp_path, "a.txt", b"text"))])
    dialog.close()
    await driver.until(lambda: tiles(driver) == ["a.txt, 4 bytes"])


async def test_a_tile_is_taken_off_by_keys_and_by_its_button(driver: Driver, tmp_path: Path) -> None:
    files = [written(tmp_path, f"{name}.txt", name.encode()) for name in ("a", "bb", "ccc")]
    drop(driver.editor.viewport(), *files)
    await driver.until(lambda: len(tiles(driver)) == 3)
    driver.editor.setFocus()
    driver.press("Shift+Tab")
    assert driver.focused.accessibleName() == "ccc.txt, 3 bytes"
    driver.press("Left")
    driver.press("Delete")
    assert tiles(driver) == ["a.txt, 1 byte", "ccc.txt, 3 bytes"]
    assert driver.focused.accessibleName() == "ccc.txt, 3 bytes"
    driver.push("Remove a.txt")
    driver.press("Backspace")
    assert tiles(driver) == []
    assert driver.focused is driver.editor


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("image.png", b"\x89PNG\r\n\x1a\n\0\0", "damaged"),
        ("program.exe", b"MZ\0\0", "type of program.exe is not supported"),
        ("empty.txt", b"", "is empty"),
    ],
)
async def test_of_what_cannot_be_read_one_sentence_is_said_and_nothing_attached(
    driver: Driver, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    drop(driver.editor.viewport(), written(tmp_path, name, content))
    await driver.until(lambda: any(said in each for each in driver.notices))
    (notice,) = driver.notices
    assert name in notice
    assert tiles(driver) == dialogs(driver) == []


async def test_what_is_no_file_that_can_be_read_is_said_and_the_rest_goes_along(driver: Driver, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    drop(driver.editor.viewport(), pipe, tmp_path, tmp_path / "gone", written(tmp_path, "good.txt", b"good"))
    said: set[str] = set()  # each goes by itself after some seconds
    await driver.until(
        lambda: said.update(driver.notices) or (len(said) > 2 and tiles(driver) == ["good.txt, 4 bytes"])
    )


async def test_where_a_policy_forbids_files_it_is_said_and_none_is_taken(
    driver: Driver, services: Services, tmp_path: Path
) -> None:
    made = policy(Attachments=False)
    services.use(Settings(services.settings.values, services.settings.connections, made))
    drop(driver.editor.viewport(), written(tmp_path, "notes.txt", b"notes"))
    await driver.until(lambda: driver.notices)
    (said,) = driver.notices
    assert said.startswith("Your organization does not allow attaching files. Set by your organization's policy")
    driver.push("Attach")
    assert tiles(driver) == dialogs(driver) == []


async def test_an_export_on_the_transcript_is_imported_after_a_question_elsewhere_at_once(
    driver: Driver, tmp_path: Path
) -> None:
    export = written(tmp_path, "export.zip", b"PK\x03\x04\0\0")
    drop(driver.transcript().viewport(), export)
    await driver.until(lambda: driver.notices)
    assert dialogs(driver) == []
    driver.push("Import…")
    await driver.until(lambda: dialogs(driver) == ["Import conversations"])
    for each in driver.window.findChildren(QDialog):
        each.close()
    drop(driver.window, export)
    await driver.until(lambda: dialogs(driver) == ["Import conversations"])


async def test_a_file_that_may_be_an_export_goes_along_and_its_import_is_offered(
    driver: Driver, tmp_path: Path
) -> None:
    drop(driver.transcript().viewport(), written(tmp_path, "conversations.json", b"[]"))
    await driver.until(lambda: tiles(driver) == ["conversations.json, 2 bytes"])
    await driver.until(lambda: driver.notices)
    assert driver.sees("Import…")


async def test_attaching_never_holds_the_window(driver: Driver, tmp_path: Path) -> None:
    drop(driver.editor.viewport(), written(tmp_path, "long.pdf", made_files.pdf(*["words on a page"] * 1_500)))
    longest = 0.0
    while not tiles(driver):
        before = time.thread_time()
        await asyncio.sleep(0.005)
        longest = max(longest, time.thread_time() - before)
    assert "1,500 pages" in tiles(driver)[0]
    assert longest < 0.5


async def test_a_prompt_waits_for_its_files_and_goes_with_them(
    driver: Driver, provider: ScriptedProvider, tmp_path: Path
) -> None:
    driver.window.workspace.start_new(REF)
    driver.write("Read it")
    drop(driver.editor.viewport(), written(tmp_path, "a.txt", b"the words"))
    driver.press("Return")  # before the tile is there
    await driver.until(lambda: provider.requests and not driver.window.workspace.is_answering)
    assert provider.requests[0].messages[-1].text == "a.txt\n```txt\nthe words\n```\n\nRead it"
    assert tiles(driver) == []
    assert driver.editor.toPlainText() == ""


async def test_a_prompt_of_files_alone_is_sent(driver: Driver, provider: ScriptedProvider, tmp_path: Path) -> None:
    driver.window.workspace.start_new(REF)
    drop(driver.editor.viewport(), written(tmp_path, "a.txt", b"the words"))
    await driver.until(lambda: tiles(driver))
    driver.press("Return")
    await driver.until(lambda: provider.requests and not driver.window.workspace.is_answering)
    assert provider.requests[0].messages[-1].text == "a.txt\n```txt\nthe words\n```"
    assert tiles(driver) == []


async def test_what_is_typed_while_a_prompt_waits_for_its_files_does_not_go_along(
    driver: Driver, tmp_path: Path, provider: ScriptedProvider
) -> None:
    driver.write("first")
    drop(driver.editor.viewport(), written(tmp_path, "photo.jpg", made_files.photo(4000, 3000)))
    driver.press("Return")
    driver.type(" second")
    await driver.until(lambda: tiles(driver))
    assert driver.editor.toPlainText() == "first second"
    assert provider.requests == []


async def test_a_prompt_whose_file_cannot_be_read_waits_for_its_user(
    driver: Driver, provider: ScriptedProvider, tmp_path: Path
) -> None:
    driver.window.workspace.start_new(REF)
    driver.write("Read it")
    drop(driver.editor.viewport(), written(tmp_path, "a.exe", b"MZ\0\0"))
    driver.press("Return")
    await driver.until(lambda: driver.notices)
    assert provider.requests == []
    assert driver.editor.toPlainText() == "Read it"
    driver.press("Return")
    await driver.until(lambda: provider.requests)


async def test_a_file_that_was_dropped_on_one_chat_goes_with_no_other(driver: Driver, tmp_path: Path) -> None:
    drop(driver.editor.viewport(), written(tmp_path, "a.txt", b"for the first"))
    await asyncio.sleep(0)
    driver.window.workspace.start_new(REF)
    await driver.until(lambda: any("opened while the file was being read" in each for each in driver.notices))
    assert tiles(driver) == []


async def test_what_is_attached_is_heard_with_what_the_model_gets_of_it(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def hear(_field: QWidget, text: str) -> None:
        told.append(text)

    monkeypatch.setattr(given_files, "announce", hear)
    drop(driver.editor.viewport(), written(tmp_path, "notes.md", b"# Why"))
    await driver.until(lambda: told)
    assert told == ["notes.md attached. receives the text of notes.md"]


def frames(driver: Driver) -> list[str]:
    """What frames say that are seen over what files are dragged over."""
    return [each.accessibleName() for each in driver.window.findChildren(DropFrame) if each.isVisible()]


def drag(onto: QWidget, *paths: Path) -> None:
    """Drag files over a widget and hold them there."""
    mime, left, none = dropped(*paths), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(onto.rect().center(), Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(onto, event)


@pytest.mark.parametrize(
    ("name", "said"),
    [("a.yaml", "Attach to the prompt"), ("a.zip", "Import conversations"), ("folder", "Attach to the prompt")],
)
async def test_nothing_on_another_machine_is_looked_at_before_it_is_let_go(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    looked: list[Path] = []
    share = Path("//files.example/share")

    def look(path: Path) -> bool:
        if path.is_relative_to(share):  # a thread of the store may look at its own folders meanwhile
            looked.append(path)
        return False

    monkeypatch.setattr(Path, "is_dir", look)
    monkeypatch.setattr(dropped_files, "open_plain", look)
    drag(driver.window, share / name)
    assert frames(driver) == [said]
    assert looked == []
    assert not (share / name).is_dir()
    assert looked == [share / name]


async def test_a_frame_says_what_becomes_of_files_while_they_are_dragged(driver: Driver, tmp_path: Path) -> None:
    note, export = written(tmp_path, "a.txt", b"text"), written(tmp_path, "export.zip", b"PK")
    for onto, path, said in (
        (driver.editor.viewport(), note, "Attach to the prompt"),
        (driver.window.pane, export, "Attach to the prompt"),
        (driver.window, note, "Attach to the prompt"),
        (driver.window, export, "Import conversations"),
        (driver.window, tmp_path, "Import conversations"),
    ):
        before = driver.pixels(driver.window)
        drag(onto, path)
        assert frames(driver) == [said]
        assert driver.pixels(driver.window) != before
        QApplication.sendEvent(onto, QDragLeaveEvent())
        assert frames(driver) == []
    drop(driver.editor.viewport(), note)
    assert frames(driver) == []
    await driver.until(lambda: tiles(driver) == ["a.txt, 4 bytes"])


async def test_a_row_of_many_tiles_goes_to_the_newest_one_and_to_the_one_that_has_the_keyboard(
    driver: Driver, tmp_path: Path
) -> None:
    drop(driver.editor.viewport(), *(written(tmp_path, f"note{n}.txt", f"text {n}".encode()) for n in range(14)))
    await driver.until(lambda: len(tiles(driver)) == 14)
    (row,) = (each for each in driver.window.findChildren(TileRow) if each.isVisible())
    bar = row.horizontalScrollBar()
    await driver.until(lambda: bar.maximum() and bar.value() == bar.maximum())
    bar.setValue(0)
    driver.editor.setFocus()
    driver.press("Shift+Tab")
    assert driver.focused.accessibleName().startswith("note13.txt")
    assert bar.value() == bar.maximum()


async def test_a_file_of_the_same_content_is_not_attached_twice_and_that_is_said(
    driver: Driver, tmp_path: Path
) -> None:
    drop(driver.editor.viewport(), *(written(tmp_path, f"note{number}.txt", b"text") for number in range(3)))
    await driver.until(lambda: "Already attached: note1.txt, note2.txt." in driver.notices)
    await driver.until(lambda: tiles(driver) == ["note0.txt, 4 bytes"])


async def test_a_file_that_cannot_be_read_takes_no_place_and_those_left_out_are_named(
    driver: Driver, services: Services, tmp_path: Path
) -> None:
    services.use(Settings(MappingProxyType({MOST_ATTACHMENTS.key: 3}), services.settings.connections))
    good = [written(tmp_path, f"n{number}.txt", f"text {number}".encode()) for number in range(4)]
    drop(driver.editor.viewport(), *good[:2], written(tmp_path, "broken.exe", b"MZ\0\0"), *good[2:])
    await driver.until(lambda: len(driver.notices) == 2)
    assert len(tiles(driver)) == 3
    assert driver.notices[1] == "A prompt can have at most 3 files. Not attached: n3.txt."


async def test_what_is_pasted_on_a_tile_goes_with_the_prompt(
    driver: Driver, clipboard: QClipboard, tmp_path: Path
) -> None:
    drop(driver.editor.viewport(), *(written(tmp_path, f"n{n}.txt", f"text {n}".encode()) for n in range(2)))
    await driver.until(lambda: len(tiles(driver)) == 2)
    driver.editor.setFocus()
    driver.press("Shift+Tab")
    driver.press("Delete")
    clipboard.setMimeData(dropped(written(tmp_path, "right.txt", b"right")))
    driver.press("Ctrl+V")
    await driver.until(lambda: tiles(driver) == ["n0.txt, 6 bytes", "right.txt, 5 bytes"])


async def test_of_many_files_it_is_said_how_many_there_are(driver: Driver, tmp_path: Path) -> None:
    drop(driver.editor.viewport(), *(written(tmp_path, f"n{n}.txt", f"text {n}".encode()) for n in range(5)))
    await driver.until(lambda: len(tiles(driver)) == 5)
    assert driver.window.pane.given.text == "receives the text of 5 files"


async def test_the_keyboard_comes_when_a_file_is_given_and_not_once_it_is_read(driver: Driver, tmp_path: Path) -> None:
    drop(driver.transcript().viewport(), written(tmp_path, "a.txt", b"text"))
    assert driver.focused is driver.editor
    driver.press("Ctrl+Shift+F")
    search = driver.focused
    await driver.until(lambda: tiles(driver))
    assert driver.focused is search


async def test_files_in_the_field_of_all_are_there_again_after_a_look_elsewhere(driver: Driver, tmp_path: Path) -> None:
    listed = driver.window.desk.shown_id
    driver.window.desk.new_comparison()
    driver.type("about these")
    drop(driver.focused, written(tmp_path, "a.txt", b"text"))
    await driver.until(lambda: tiles(driver))
    comparison = driver.window.desk.shown_id
    driver.window.desk.open_conversation(listed)
    await driver.until(lambda: driver.window.desk.shown_id == listed)
    assert tiles(driver) == []
    assert driver.window.pane.given.text == ""
    await driver.until(lambda: driver.window.sidebar.library.comparison(comparison))
    driver.window.desk.open_comparison(comparison)
    await driver.until(lambda: driver.window.desk.shown_id == comparison)
    assert tiles(driver) == ["a.txt, 4 bytes"]
    assert driver.window.workspace.composer.text == "about these"
    assert driver.window.workspace.line[1].given.text == "receives the text of a.txt"


async def test_files_of_a_draft_go_into_the_comparison_that_a_chat_becomes(driver: Driver, tmp_path: Path) -> None:
    listed = driver.window.desk.shown_id
    driver.write("about these")
    drop(driver.focused, written(tmp_path, "a.txt", b"text"))
    await driver.until(lambda: tiles(driver))
    driver.window.desk.add_pane()
    comparison = driver.window.desk.shown_id
    driver.window.desk.open_conversation(listed)
    await driver.until(lambda: driver.window.desk.shown_id == listed)
    await driver.until(lambda: driver.window.sidebar.library.comparison(comparison))
    driver.window.desk.open_comparison(comparison)
    await driver.until(lambda: driver.window.desk.shown_id == comparison)
    assert tiles(driver) == ["a.txt, 4 bytes"]
