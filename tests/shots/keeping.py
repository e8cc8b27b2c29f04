"""The pictures of what is done with many conversations: found, chosen, tagged, thrown away, kept safe, merged."""

from __future__ import annotations

import json
import math
from typing import cast

import msgspec
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QListView, QMessageBox, QScrollArea

from desktop.domain.answer_timing import AnswerTiming, CostSlice
from desktop.domain.comparison import PaneState, new_comparison
from desktop.domain.conversation_types import ModelRef, now
from desktop.domain.message_parts import TextPart
from desktop.metrics.chart_series import costs_by_day
from desktop.metrics.latency import latencies
from desktop.settings.option import SettingsPage
from tests.desktop.transfer.made import chatgpt_chat
from tests.shots.compared import GPT, GROK, LLAMA, compared
from tests.shots.pictures import open_first, picture
from tests.shots.stage import Stage
from ui.base.strings import tr
from ui.compare.differences_panel import DifferencesPanel
from ui.compare.latency_page import LatencyPage
from ui.compare.pane_facts import ShownPane
from ui.composer.prompt import Prompt
from ui.sidebar.entries import Order
from ui.sidebar.list_view import ListView
from ui.widgets.inputs import ChoiceBox
from ui.window.menu_bar import CommandMenuBar


@picture("new-comparison")
async def empty_comparison(stage: Stage) -> None:
    states = tuple(PaneState(conversation="", model=model) for model in (GROK, GPT, LLAMA))
    stage.window.workspace.show_comparison(new_comparison(states), {})


@picture("sidebar", size=(1366, 768), model="foundry/grok-3-mini")
@picture("sidebar-dark", size=(1366, 768), theme="dark", model="foundry/grok-3-mini")
@picture("sidebar-150-percent", size=(1280, 800), scale=1.5, model="foundry/grok-3-mini")
@picture("sidebar-german", size=(1366, 768), language="de", model="foundry/grok-3-mini")
@picture("sidebar-arabic", size=(1366, 768), language="ar", model="foundry/grok-3-mini")
async def sidebar(stage: Stage) -> None:
    """A comparison unfolded, an answer that waits to be read, one that failed and one that is being made."""
    window = stage.window
    library, rows = window.sidebar.library, window.sidebar.list
    await stage.until(lambda: len(library.comparisons) == 2)
    library.unfold(library.comparisons[0].id, on=True)
    for model, prompt in (("foundry/gpt-4.1", "Explain the CAP theorem to a new colleague"), ("foundry/401", "Hello")):
        window.workspace.start_new(ModelRef.parse(model))
        window.pane.send(Prompt(prompt))
        window.workspace.start_new(ModelRef.parse(model))
        await stage.until(lambda: not window.workspace.is_answering)
    window.workspace.start_new(ModelRef.parse("foundry/grok-3-mini"))
    window.pane.send(Prompt("SQL for monthly cohorts of paying users"))
    await stage.settle(0.5)
    window.desk.open_conversation(next(each.id for each in library.conversations if each.title.startswith("Debounce")))
    await stage.until(lambda: rows.entries.rows_answering and window.desk.shown_id != "")
    await stage.settle(0.5)


@picture("sidebar-by-model", size=(1366, 768))
async def sidebar_by_model(stage: Stage) -> None:
    """Grouped by model, with the menu that groups open."""
    sidebar = stage.window.sidebar
    sidebar.group_by(Order.MODEL)
    await stage.until(lambda: sidebar.list.entries.rowCount() > 8)
    sidebar.library.unfold(sidebar.library.comparisons[1].id, on=True)
    await stage.press("Group by: Model")


@picture("trash-comparison", size=(1366, 768))
@picture("trash-comparison-german", size=(1366, 768), theme="dark", language="de")
async def trash_comparison(stage: Stage) -> None:
    """Chats that are older than their comparison are asked about."""
    library = stage.window.sidebar.library
    await stage.until(lambda: len(library.comparisons) == 2)
    stage.window.desk.open_comparison(library.comparisons[0].id)
    await stage.until(lambda: stage.window.workspace.comparison is not None)
    stage.window.desk.trash()
    await stage.until(lambda: stage.window.sidebar.findChildren(QMessageBox))


@picture("rules")
@picture("rules-dark", theme="dark")
async def rules(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())
    await stage.press("More actions for all panes")
    await stage.choose("History: Own")


@picture("merge")
@picture("merge-dark", theme="dark")
async def merge(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())
    await stage.press("More actions for all panes")
    await stage.choose("Merge answers")


@picture("merged")
@picture("merged-1366-dark", size=(1366, 768), theme="dark")
@picture("merged-150-percent", size=(1280, 800), scale=1.5)
@picture("merged-right-to-left", size=(1366, 768), language="ar")
async def merged(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared((GPT, LLAMA)))
    await stage.press(tr("More actions for all panes"))
    await stage.choose(tr("Merge answers"))
    await stage.press(tr("Merge"))
    await stage.settle(1)
    await stage.until(lambda: not stage.window.workspace.is_answering)


@picture("ask-several-times")
@picture("ask-several-times-dark", theme="dark")
async def ask_several_times(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared((GPT, LLAMA)))
    stage.window.repeats.open()


@picture("distance")
@picture("distance-dark", theme="dark")
@picture("distance-right-to-left", language="ar")
@picture("distance-translated", size=(1000, 700), language="de")
async def distance(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared((GPT, GROK, LLAMA, LLAMA)))
    stage.window.comparing.toggle_differences()  # in a narrow bar its button is in a menu
    await stage.press(f"{tr('View')}: {tr('Distance')}")


@picture("distance-of-eight", size=(1366, 768))
@picture("distance-of-eight-150-percent", size=(1280, 800), scale=1.5)
@picture("distance-of-eight-high-contrast", size=(1366, 768), theme="high-contrast")
async def distance_of_eight(stage: Stage) -> None:
    """Eight models, three of which answered twice, with one value read out."""
    stage.window.workspace.show_comparison(*compared((GPT, LLAMA)))
    stage.window.comparing.toggle_differences()
    await stage.settle()
    panel = stage.window.findChildren(DifferencesPanel)[0]
    ((_, talk), *_) = compared((GPT,))[1].items()
    panes: list[ShownPane] = []
    for at, model in enumerate((*_MODELS, *_MODELS[:3])):
        prompt, said = talk.messages[:2]
        words = " ".join(f"word{number * (at % 8 + 3) % 61}" for number in range(40 + at))
        said = msgspec.structs.replace(said, parts=(TextPart(text=f"{words}."),))
        panes.append(ShownPane(model.name, stage.themes.current.panes[at % 8], (prompt, said), contender=model))
    panel._panes_of = lambda: panes
    await stage.press("View: Distance")
    panel.distance.chart.setFocus()
    QTest.keyClick(panel.distance.chart, Qt.Key.Key_Right)


@picture("said-by-one")
async def said_by_one(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())
    await stage.press("Differences")
    await stage.press("View: Agreement")
    kind = await stage.find(ChoiceBox, "Sentences to show")
    kind.setCurrentIndex(2)
    kind.activated.emit(2)


@picture("latency")
@picture("latency-dark", theme="dark")
@picture("latency-high-contrast", theme="high-contrast")
@picture("latency-laptop", size=(1366, 768))
@picture("latency-150-percent", size=(1280, 800), scale=1.5)
@picture("latency-german", size=(1366, 768), language="de")
@picture("latency-right-to-left", language="ar")
async def latency(stage: Stage) -> None:
    page = await _latency(stage, 3)
    page.models.clicked.emit(page.models.model().index(1, 0))


@picture("latency-eight-models")
@picture("latency-eight-models-dark", theme="dark")
@picture("latency-eight-models-150-percent", size=(1280, 800), scale=1.5)
async def latency_of_eight(stage: Stage) -> None:
    """Tokens per second of eight models, one value read out."""
    page = await _latency(stage, 8)
    page.measure.setCurrentIndex(2)
    page.measure.activated.emit(2)
    page.percentiles.chart.setFocus()
    for _ in range(12):
        QTest.keyClick(page.percentiles.chart, Qt.Key.Key_Right)


@picture("cost-bars", size=(1366, 768))
@picture("cost-bars-dark", size=(1366, 768), theme="dark")
async def cost_bars(stage: Stage) -> None:
    page = await _latency(stage, 8)
    page.findChildren(QScrollArea)[0].ensureWidgetVisible(page.spending)


@picture("latency-table", size=(1366, 768))
async def latency_table(stage: Stage) -> None:
    page = await _latency(stage, 3)
    page.percentiles.toggle.click()
    page.responses.toggle.click()


@picture("latency-empty", size=(1366, 768))
async def latency_empty(stage: Stage) -> None:
    await _latency(stage, 0)


async def _latency(stage: Stage, models: int) -> LatencyPage:
    """The page over some weeks of so many models."""
    stage.window.workspace.show_comparison(*compared())
    stage.window.latency.toggle()
    await stage.settle(1)
    page = stage.window.findChildren(LatencyPage)[0]
    timings, costs = _timings(models), _costs(models)
    page.show_history(latencies(timings), costs_by_day(costs))
    await stage.settle(0.2)
    return page


_MODELS = (
    *(GPT, GROK, LLAMA),
    *(
        ModelRef(connection="foundry", name=name)
        for name in ("gpt-4.1-mini", "Mistral-Large-3", "DeepSeek-V3.1", "claude-sonnet-4-5", "Phi-4-reasoning")
    ),
)
_COUNTS = (1412, 638, 7, 300, 211, 180, 96, 45)


def _timings(models: int) -> list[AnswerTiming]:
    """Some weeks of answers, of one model few and of some many a day."""
    end, timings = round(now().timestamp() * 1000), list[AnswerTiming]()
    for place, (model, count) in enumerate(zip(_MODELS[:models], _COUNTS, strict=False)):
        for number in range(count):
            wave = math.sin(number / 61 + place) * 60 + (number * 7919 % 1009 / 1009) ** 3 * 500
            ttft, tokens = 380.0 + 160 * place + wave, 120 + number * 53 % 300
            speed = 48.0 + 11 * (place * 5 % 8) + number * 7919 % 40 - wave / 30
            status = "complete" if number % 19 else "stopped" if number % 2 else "failed"
            at, whole = end - number * 30 * 86_400_000 // count, ttft + tokens / speed * 1000
            timings.append(AnswerTiming(at, status, model.connection, model.name, ttft, whole, speed, tokens))
    return timings


def _costs(models: int) -> list[CostSlice]:
    """What they cost in these weeks, and a run."""
    end = round(now().timestamp() * 1000)
    spent = [
        CostSlice(end - day * 86_400_000, model.connection, model.name, 0.04 + (day * 7 + place * 3) % 11 / 90)
        for place, model in enumerate(_MODELS[:models])
        for day in range(30)
        if (day + place) % 7 and model is not LLAMA
    ]
    return [*spent, CostSlice(end - 9 * 86_400_000, "", "", 0.62)] if models else []


@picture("prompts-only")
async def prompts_only(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())
    await stage.press("More actions for all panes")
    await stage.choose("Prompts only")


@picture("palette")
async def palette(stage: Stage) -> None:
    stage.window.palette_().open()


@picture("search-filters")
@picture("search-filters-dark", theme="dark")
async def search_filters(stage: Stage) -> None:
    await _tag(stage)
    await stage.type("Search conversations", "cancel tag:python has:code ")


@picture("several-chosen")
async def several_chosen(stage: Stage) -> None:
    listed = await _listed(stage)
    listed.setFocus()
    listed.setCurrentIndex(listed.model().index(3, 0))
    for row in (4, 5, 7):
        listed.selectionModel().select(listed.model().index(row, 0), QItemSelectionModel.SelectionFlag.Select)
    listed.customContextMenuRequested.emit(listed.visualRect(listed.model().index(5, 0)).center())


@picture("tags")
async def tags(stage: Stage) -> None:
    await _tag(stage)
    listed = await _listed(stage)
    listed.tags_asked.emit(tuple(each.id for each in stage.window.sidebar.library.conversations[:2]))


@picture("trash")
async def trash(stage: Stage) -> None:
    await _listed(stage)
    library = stage.window.sidebar.library
    library.trash(tuple(each.id for each in library.conversations[2:5]))
    await stage.settle(0.5)
    stage.window.sidebar.show_trash(shown=True)


@picture("storage")
@picture("storage-dark", theme="dark")
async def storage(stage: Stage) -> None:
    await (await stage.services.store()).backup_daily()
    stage.window.setup.open_page(SettingsPage.STORAGE)
    await stage.settle(1)


@picture("import-folder")
@picture("import-folder-dark", theme="dark")
async def import_folder(stage: Stage) -> None:
    folder = stage.services.paths.data.parent / "Old chats"
    (folder / "notes").mkdir(parents=True)
    (folder / "conversations.json").write_text(json.dumps([chatgpt_chat(f"c{number}", 3) for number in range(12)]))
    (folder / "trip.md").write_text(
        "---\ntitle: A week in Łódź\ncreated: 2026-03-01\nmodel: gpt-4.1\n---\n\n"
        "## User\n\nWhat is there to see?\n\n## Assistant\n\nThe street with the longest row of pubs.\n"
    )
    (folder / "notes" / "list.md").write_text("# To buy\n\n- bread\n")
    stage.window.moving.open_import([folder])
    await stage.settle(2)


@picture("search-renewing")
@picture("search-renewing-translated-dark", theme="dark", language="de")
async def search_renewing(stage: Stage) -> None:
    await stage.type(tr("Search conversations"), "pending")
    stage.window.sidebar.finding.show_renewal(43)


@picture("backup-preview")
async def backup_preview(stage: Stage) -> None:
    store = await stage.services.store()
    await store.backup_daily()
    listing = stage.window.sidebar.library.conversations
    await store.conversations.trash([listing[1].id])
    stage.window.setup.open_page(SettingsPage.STORAGE)
    await stage.settle(1)
    buttons = [each for each in QApplication.allWidgets() if isinstance(each, QAbstractButton) and each.isVisible()]
    names = [each.accessibleName() for each in buttons]
    await stage.press(next(name for name in names if name.startswith("Restore backup from")))
    await stage.settle(0.5)


@picture("shortcuts")
async def shortcuts(stage: Stage) -> None:
    stage.window.setup.open_page(SettingsPage.SHORTCUTS)


@picture("presets")
async def presets(stage: Stage) -> None:
    await stage.press("Preset")


@picture("notifications")
async def notifications(stage: Stage) -> None:
    stage.window.setup.open_page(SettingsPage.APPEARANCE)
    await stage.type("Search settings", "notify")


@picture("arabic", language="ar")
async def arabic(stage: Stage) -> None:
    stage.window.workspace.show_comparison(*compared())


@picture("arabic-first-start", language="ar", stored=False)
@picture("german-first-start", language="de", stored=False)
async def translated(stage: Stage) -> None:
    await stage.settle()


@picture("arabic-settings", language="ar")
@picture("german-settings", language="de")
async def translated_settings(stage: Stage) -> None:
    stage.window.setup.open_page(SettingsPage.STORAGE)
    await stage.settle(1)


async def _listed(stage: Stage) -> ListView:
    await stage.until(lambda: stage.window.sidebar.library.loaded)
    return cast("ListView", await stage.find(QListView, "Conversations"))


async def _tag(stage: Stage) -> None:
    await _listed(stage)
    library = stage.window.sidebar.library
    store = await stage.services.store()
    for tag in ("python", "work"):
        await store.tags.add([each.id for each in library.conversations[:3]], tag)
    library.refresh()
    await stage.settle(0.5)


@picture("windows", size=(1366, 768))
@picture("windows-dark", size=(1366, 768), theme="dark")
@picture("windows-150-percent", size=(1280, 800), scale=1.5)
async def windows(stage: Stage) -> None:
    """A chat that was moved to a second window, which lies over the first one."""
    await open_first(stage, "Debounce")
    stage.window.links.move_shown_out()
    other = stage.group.all[-1]
    other.resize(1000, 600)
    other.move(stage.window.pos() + QPoint(300, 120))
    await stage.until(lambda: other.title.text.startswith("Debounce"))


@picture("menu-bar", size=(1366, 768))
@picture("menu-bar-dark", size=(1366, 768), theme="dark")
@picture("menu-bar-150-percent", size=(1280, 800), scale=1.5)
async def menu_bar(stage: Stage) -> None:
    """The menu bar with the menu of comparisons open."""
    await open_first(stage, "Debounce")
    bar = stage.window.menuBar()
    assert isinstance(bar, CommandMenuBar)
    bar.set_shown(shown=True)
    QTimer.singleShot(0, bar, lambda: bar.setActiveAction(bar.actions()[4]))
    await stage.until(QApplication.activePopupWidget)
