"""The pictures by name: how large, in which theme, over what data, and what is done before each is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QListView, QListWidget, QMenu

from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import Conversation, ModelRef
from desktop.settings.schema import COLUMN
from tests.shots.compared import GPT, GROK, LLAMA, compared
from tests.shots.stage import Stage
from tests.shots.stored import KEY, PROMPT, rtl_sections, sections, two_versions
from ui.base.strings import tr
from ui.base.theme import Choice
from ui.transcript.list.message_list import MessageList
from ui.transcript.list.selection import Selection, TextPlace
from ui.transcript.transcript_view import TranscriptView

SetUp = Callable[[Stage], Awaitable[None]]
MODEL = "foundry/gpt-4.1"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture. `stored` puts connections and conversations there; `size` is in logical pixels."""

    set_up: SetUp
    size: tuple[int, int] = (1600, 1000)
    theme: Choice = "light"
    scale: float = 1.0
    stored: bool = True
    model: str = MODEL
    language: str = "en"


PICTURES: dict[str, Picture] = {}
"""All of them, in the order in which they are drawn."""


def picture(
    name: str,
    *,
    size: tuple[int, int] = (1600, 1000),
    theme: Choice = "light",
    scale: float = 1.0,
    stored: bool = True,
    model: str = MODEL,
    language: str = "en",
) -> Callable[[SetUp], SetUp]:
    """Registers what sets a picture; a function may set several."""

    def register(set_up: SetUp) -> SetUp:
        PICTURES[name] = Picture(
            set_up=set_up, size=size, theme=theme, scale=scale, stored=stored, model=model, language=language
        )
        return set_up

    return register


async def open_first(stage: Stage, words: str) -> None:
    """Open a conversation whose line in the sidebar begins with these words."""
    listed = await stage.find(QListView, tr("Conversations"))

    def row() -> int:
        model = listed.model()
        names = (str(model.index(at, 0).data(Qt.ItemDataRole.DisplayRole)) for at in range(model.rowCount()))
        return next((at for at, name in enumerate(names) if name.startswith(words)), -1)

    await stage.until(lambda: row() >= 0)
    listed.setCurrentIndex(listed.model().index(row(), 0))
    QTest.keyClick(listed, Qt.Key.Key_Return)
    await _transcript(stage)
    stage.window.workspace.prompt_editor.setFocus()


@picture("first-start", stored=False)
@picture("first-start-narrow", stored=False, size=(560, 800))
async def first_start(stage: Stage) -> None:
    await stage.find(QAbstractButton, "Add connection")


@picture("conversation")
@picture("dark", theme="dark")
@picture("high-contrast", theme="high-contrast")
@picture("150-percent", scale=1.5, size=(1280, 800))
async def conversation(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    await stage.type("Message", "And as a class with a flush() method?")


@picture("wide-column", size=(1600, 1000))
@picture("wide-column-150-percent", scale=1.5, size=(1366, 768))
@picture("wide-column-right-to-left", language="ar", size=(1366, 768))
async def wide_column(stage: Stage) -> None:
    await _use_column(stage, "wide")
    await conversation(stage)


@picture("temporary-chat", size=(1366, 768))
@picture("temporary-chat-german-dark", theme="dark", language="de", size=(1366, 768))
async def temporary_chat(stage: Stage) -> None:
    stage.window.temporary.begin()
    await stage.settle(0.3)


@picture("full-column", size=(1366, 768))
async def full_column(stage: Stage) -> None:
    await _use_column(stage, "full")
    await conversation(stage)


async def _use_column(stage: Stage, name: str) -> None:
    services = stage.services
    services.use(services.settings_file.update(lambda settings: settings.set(COLUMN, name)))
    stage.window.setup.column_changed.emit()


@picture("versions")
@picture("versions-150-percent", scale=1.5, size=(1280, 800))
@picture("versions-translated-dark", theme="dark", language="de", size=(1366, 768))
@picture("versions-right-to-left", language="ar", size=(1366, 768))
async def versions(stage: Stage) -> None:
    await open_made(stage, two_versions())


async def open_made(stage: Stage, made: Conversation) -> None:
    """Store a conversation and open it at its beginning."""
    await (await stage.services.store()).conversations.create(made)
    stage.window.desk.open_conversation(made.id)
    await stage.until(lambda: stage.window.desk.shown_id == made.id)
    (transcript,) = stage.window.pane.findChildren(MessageList)
    await stage.until(lambda: bool(transcript.placed))
    transcript.scroll_by(-100_000)
    await stage.settle(0.5)


@picture("sections", size=(1366, 1000))
@picture("sections-dark-150-percent", theme="dark", scale=1.5, size=(1366, 768))
async def sections_of_an_answer(stage: Stage) -> None:
    await open_made(stage, sections())


@picture("sections-right-to-left", language="ar", size=(1366, 768))
async def sections_right_to_left(stage: Stage) -> None:
    await open_made(stage, rtl_sections())


@picture("spelling", size=(1366, 768))
@picture("spelling-dark-150-percent", theme="dark", scale=1.5, size=(1366, 768))
@picture("spelling-translated", language="de", size=(1366, 768))
@picture("spelling-right-to-left", language="ar", size=(1366, 768))
async def spelling(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    editor = stage.window.workspace.prompt_editor
    editor.setFocus()
    editor.insertPlainText(
        "Pleese write it as a class with a `flsh()` method, see https://exmple.com/clss for the definiton of it.\n"
        "Is it a dropin replacment?"
    )
    await stage.settle(1.5)
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    QTest.keyClick(stage.window, Qt.Key.Key_F7)
    await stage.until(lambda: QApplication.activePopupWidget() is not None)
    await stage.settle()
    stage.keep()


@picture("narrow")
async def narrow(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    stage.window.resize(560, 800)


@picture("streaming", model="foundry/grok-3-mini")
async def streaming(stage: Stage) -> None:
    await stage.ask(PROMPT)
    await stage.find(QAbstractButton, "Stop")
    await stage.settle(2.5)


@picture("queued", model="foundry/grok-3-mini", size=(1366, 768))
@picture("queued-translated-dark", model="foundry/grok-3-mini", theme="dark", language="de", size=(1366, 768))
@picture("queued-right-to-left", model="foundry/grok-3-mini", language="ar", size=(1366, 768))
async def queued(stage: Stage) -> None:
    """Two prompts wait, a third one is typed; the question stands at the top, the answer grows below it."""
    await stage.ask(PROMPT)
    await stage.settle(0.8)
    for text in ("And as a class?", "With a test, please."):
        await stage.ask(text)
    await stage.type("Message", "And what about threads?")
    await stage.settle(0.5)


@picture("message-menu", size=(1366, 768))
async def message_menu(stage: Stage) -> None:
    await open_first(stage, "Debounce")
    (transcript,) = stage.window.pane.findChildren(MessageList)
    transcript.setFocus()
    QTest.keyClick(transcript, Qt.Key.Key_End)
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(transcript.viewport(), asked)
    await stage.settle(0.3)


@picture("stalled", model="vllm-lab/stall-middle", size=(1366, 768))
@picture("stalled-150-percent", model="vllm-lab/stall-middle", scale=1.5, size=(1280, 800))
@picture("stalled-translated-dark", model="vllm-lab/stall-middle", theme="dark", language="de", size=(1366, 768))
@picture("stalled-right-to-left", model="vllm-lab/stall-middle", language="ar", size=(1366, 768))
async def stalled(stage: Stage) -> None:
    pane = stage.window.pane
    pane.composer.editor.setPlainText(PROMPT)
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Return)
    await stage.settle(1.5)
    if (live := pane._chats.shown.live) is not None:  # as if it had come to rest so long ago
        live.data_at -= 12
        live.pace.sent -= 12
    await stage.settle(1)
    stage.keep()


@picture("quitting", model="foundry/grok-3-mini", size=(1366, 768))
@picture("quitting-150-percent", model="foundry/grok-3-mini", scale=1.5, size=(1280, 800))
@picture("quitting-translated-dark", model="foundry/grok-3-mini", theme="dark", language="de", size=(1366, 768))
@picture("quitting-right-to-left", model="foundry/grok-3-mini", language="ar", size=(1366, 768))
async def quitting(stage: Stage) -> None:
    pane = stage.window.pane
    pane.composer.editor.setPlainText(PROMPT)
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Return)
    await stage.until(lambda: stage.window.workspace.arriving)
    stage.window.close()
    await stage.settle(1)
    stage.keep()
    stage.window.quitting.session_ends()


@picture("stopped-by-quitting", model="foundry/grok-3-mini", size=(1366, 768))
@picture("stopped-by-quitting-translated-dark", model="foundry/grok-3-mini", theme="dark", language="de")
@picture("stopped-by-quitting-right-to-left", model="foundry/grok-3-mini", scale=1.5, language="ar", size=(1280, 800))
async def stopped_by_quitting(stage: Stage) -> None:
    pane = stage.window.pane
    pane.composer.editor.setPlainText(PROMPT)
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Return)
    await stage.until(lambda: pane.transcript.rows[1:] and pane.transcript.rows[-1].text)
    stage.window.workspace.stop_all()
    await stage.until(lambda: not stage.window.workspace.is_answering)
    await stage.settle(1)


@picture("answered")
async def answered(stage: Stage) -> None:
    await stage.ask(PROMPT)
    await stage.settle(1)
    await stage.answered()


@picture("error", model="foundry/401")
@picture("broken", model="vllm-lab/cut:5")
async def error(stage: Stage) -> None:
    await stage.ask(PROMPT)
    await stage.settle(1)
    await stage.answered()


@picture("retry-countdown", model="foundry/429-long")
@picture("trying-again", model="vllm-lab/503")
async def retry_countdown(stage: Stage) -> None:
    await stage.ask(PROMPT)
    await stage.settle(1)


@picture("search")
async def search(stage: Stage) -> None:
    await stage.type("Search conversations", "cancel pending")
    await stage.until(lambda: stage.window.sidebar.finding.hits)
    for _ in range(2):
        stage.window.sidebar.next_hit()
        await stage.settle()


@picture("search-title", size=(1366, 768))
@picture("search-title-german", size=(1366, 768), theme="dark", language="de")
async def search_title(stage: Stage) -> None:
    """Titles that hold the words, one of them a comparison's, and messages."""
    stage.window.sidebar.search_field.setText("debounce")
    await stage.until(lambda: stage.window.sidebar.finding.hits)
    stage.window.sidebar.next_hit()


@picture("model-picker")
async def model_picker(stage: Stage) -> None:
    await stage.press("Model")
    offered = await stage.find(QListView, "Models")
    await stage.until(lambda: offered.model().rowCount() > 8)


@picture("add-pane", size=(1366, 768))
@picture("add-pane-right-to-left", size=(1366, 768), language="ar", theme="dark")
async def add_pane(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared([GROK, GPT]))
    await stage.settle()
    QTest.keyClick(stage.window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    offered = await stage.find(QListView, tr("Models"))
    await stage.until(lambda: offered.model().rowCount() > 8)


@picture("settings")
@picture("settings-dark", theme="dark")
async def settings(stage: Stage) -> None:
    await stage.press("Settings")


@picture("connections")
async def connections(stage: Stage) -> None:
    await stage.press("Settings")
    pages = await stage.find(QListWidget, "Pages")
    pages.setCurrentItem(pages.findItems("Connections", Qt.MatchFlag.MatchExactly)[0])


@picture("parameters")
async def parameters(stage: Stage) -> None:
    await stage.press("More actions for this conversation")
    await stage.choose("Parameters…")


@picture("add-connection", stored=False)
async def add_connection(stage: Stage) -> None:
    await stage.press("Add connection")
    await stage.type("Address", f"{stage.server.origin}/models/chat/completions?api-version=2024-05-01-preview")
    await stage.type("Key", KEY)
    await stage.press("Check")
    await stage.until(lambda: any(each.text().startswith("Add ") and "model" in each.text() for each in _buttons()))


@picture("add-connection-refused", stored=False)
async def add_connection_refused(stage: Stage) -> None:
    await stage.press("Add connection")
    await stage.type("Address", f"{stage.server.origin}/openai/v1")
    await stage.type("Key", "a-wrong-key")
    await stage.press("Check")
    await stage.settle(1.5)


@picture("long-answer")
@picture("long-answer-dark", theme="dark")
@picture("long-answer-150-percent", scale=1.5, size=(1280, 800))
async def long_answer(stage: Stage) -> None:
    await open_first(stage, "Waiting")
    (await _transcript(stage)).scroll_by(-10_000)
    await stage.settle(1.5)  # the child draws the formulas meanwhile


@picture("long-answer-end")
async def long_answer_end(stage: Stage) -> None:
    await open_first(stage, "Waiting")


@picture("find")
@picture("find-dark", theme="dark")
async def find(stage: Stage) -> None:
    await open_first(stage, "Waiting")
    cast("TranscriptView", (await _transcript(stage)).parent()).open_find()
    await stage.type("Find in conversation", "cancel")


@picture("selection")
@picture("selection-dark", theme="dark")
async def selection(stage: Stage) -> None:
    await open_first(stage, "Waiting")
    shown = await _transcript(stage)
    shown.select(Selection(TextPlace(0, 1, 0, 7), TextPlace(1, 2, 1, 60)))
    shown.scroll_by(-10_000)


@picture("outline")
async def outline(stage: Stage) -> None:
    await open_first(stage, "Waiting")
    shown = await _transcript(stage)
    shown.scroll_by(-10_000)
    row = shown.row_of(shown.placed[-1])
    shown.menu_wanted.emit(row, shown.viewport().mapToGlobal(shown.viewport().rect().center()))
    await stage.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = cast("QMenu", QApplication.activePopupWidget())
    menu.setActiveAction(next(each for each in menu.actions() if each.text() == "Outline"))
    QTest.keyClick(menu, Qt.Key.Key_Right)


@picture("comparison")
@picture("comparison-dark", theme="dark")
async def comparison(stage: Stage) -> None:
    workspace = stage.window.workspace
    workspace.show_comparison(*compared())
    workspace.sending.choose_winner(workspace.line[1])
    await stage.type("Message", "And as a class with a flush() method?")


@picture("mentions", size=(1366, 768))
@picture("mentions-150-percent", scale=1.5, size=(1280, 800))
@picture("mentions-translated-dark", theme="dark", language="de", size=(1366, 768))
@picture("mentions-right-to-left", language="ar", size=(1366, 768))
async def mentions(stage: Stage) -> None:
    workspace = stage.window.workspace
    workspace.show_comparison(*compared())
    workspace.focus_composer()
    QTest.keyClicks(workspace.composer.editor, "@opus @")
    QTest.keyClick(workspace.composer.editor, Qt.Key.Key_Down)
    await stage.settle(1)


@picture("comparison-streaming")
async def comparison_streaming(stage: Stage) -> None:
    refused = ModelRef(connection="vllm-lab", name="429-long")
    states = tuple(PaneState(conversation="", model=model) for model in (GROK, GPT, refused))
    stage.window.workspace.show_comparison(new_comparison(states), {})
    await stage.ask(PROMPT)
    await stage.settle(2.2)


@picture("comparison-menu", size=(1366, 768))
@picture("comparison-menu-right-to-left", size=(1366, 768), language="ar", theme="dark")
async def comparison_menu(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())
    await stage.press(tr("More actions for all panes"))
    await stage.settle()


@picture("turn-actions", size=(1366, 768))
@picture("turn-actions-narrow", size=(760, 700), scale=1.5, language="de", theme="dark")
async def turn_actions(stage: Stage) -> None:
    """One pane failed and the others answered, so that both may be asked again."""
    refused = ModelRef(connection="vllm-lab", name="401")
    states = tuple(PaneState(conversation="", model=model) for model in (GPT, LLAMA, refused))
    stage.window.workspace.show_comparison(new_comparison(states), {})
    await stage.settle()
    QTest.keyClicks(stage.window.workspace.composer.editor, PROMPT)
    QTest.keyClick(stage.window.workspace.composer.editor, Qt.Key.Key_Return)
    await stage.settle(1)
    await stage.until(lambda: not stage.window.workspace.is_answering)


@picture("eight-panes")
@picture("eight-panes-1024", size=(1024, 768))
@picture("eight-panes-1366-dark", size=(1366, 768), theme="dark")
@picture("eight-panes-150-percent", size=(1366, 768), scale=1.5)
@picture("eight-panes-right-to-left", size=(1280, 720), language="ar")
async def eight_panes(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared([GROK, GPT, LLAMA, GPT, GROK, LLAMA, GPT, GROK]))
    await stage.settle()


@picture("figures")
@picture("figures-dark", theme="dark")
@picture("figures-high-contrast", theme="high-contrast")
async def figures(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())
    await stage.press("Figures")


@picture("figures-right-to-left")
async def figures_right_to_left(stage: Stage) -> None:
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    await figures(stage)


@picture("differences")
@picture("differences-dark", theme="dark")
async def differences(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())
    await stage.press("Differences")
    await stage.press("Next difference")


@picture("differences-side-by-side")
async def differences_side_by_side(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())
    await stage.press("Differences")
    await stage.press("View: Side by side")


@picture("agreement")
async def agreement(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())
    await stage.press("Differences")
    await stage.press("View: Agreement")


@picture("right-to-left")
@picture("right-to-left-dark", theme="dark")
async def right_to_left(stage: Stage) -> None:
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    await open_first(stage, "קנברה")


async def _transcript(stage: Stage) -> MessageList:
    """The transcript once messages are in it: it is there before, below the welcome."""
    shown = cast("MessageList", await stage.find(QListView, tr("Transcript")))
    await stage.until(lambda: bool(shown.placed))
    return shown


def _buttons() -> list[QAbstractButton]:
    return [each for each in QApplication.allWidgets() if isinstance(each, QAbstractButton) and each.isVisible()]


@picture("about")
async def about(stage: Stage) -> None:
    await stage.press("Settings")
    pages = await stage.find(QListWidget, "Pages")
    pages.setCurrentItem(pages.findItems("About", Qt.MatchFlag.MatchExactly)[0])
