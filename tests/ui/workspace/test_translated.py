"""Everything that the panes and what stands beside them say goes through the translation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPlainTextEdit, QWidget

from desktop.domain.comparison import PaneState, new_comparison
from desktop.services import Services
from tests.desktop.session.fakes import REF
from tests.ui.pane.conftest import shared
from tests.ui.workspace.test_badge_awards import talk
from ui.base.tasks import Tasks
from ui.base.theme import Themes
from ui.compare.differences_panel import DifferencesPanel
from ui.compare.figures_panel import FiguresPanel
from ui.compare.pane_facts import ShownPane
from ui.presets.presets_popover import PresetPopover
from ui.transcript.transcript_view import TranscriptView
from ui.widgets.tips import plain_tip
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

MARK = "⟦"


class Marked(QTranslator):
    """Puts a mark before all that it is asked for."""

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1, /) -> str:
        """The source, marked."""
        del disambiguation, n
        return f"{MARK}{source}" if context == "Paragone" else source


@pytest.fixture
def translated(qapp: QApplication) -> Iterator[None]:
    """A language in which every sentence begins with a mark."""
    made = Marked()
    qapp.installTranslator(made)
    yield
    qapp.removeTranslator(made)


def english(within: QWidget, *, known: tuple[str, ...]) -> set[str]:
    """What is said in English outside of transcripts; `known` are names and what was typed."""
    said: set[str] = set()
    views = within.findChildren(TranscriptView)
    for each in (within, *within.findChildren(QWidget)):
        if any(view.isAncestorOf(each) for view in views):
            continue
        said |= {each.accessibleName(), each.toolTip()}
        if isinstance(each, (QLabel, QAbstractButton)):
            said.add(each.text())
        if isinstance(each, (QLineEdit, QPlainTextEdit)):
            said.add(each.placeholderText())
    # Bare figures, keys and names are the same in all languages
    return {text for text in said if any(map(str.isalpha, text)) and MARK not in text and _bare(text) not in known}


def _bare(text: str) -> str:
    """A name without blanks and the marks that keep its order among right-to-left words."""
    return text.strip(" \u2068\u2069")


@pytest.mark.usefixtures("translated")
async def test_panes_and_the_composer_speak_the_users_language(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    workspace = Workspace(services, tasks, themes, shared(services, tasks))
    talks = [talk("a", 90, 0.2), talk("b", 60, 0.1)]
    states = tuple(PaneState(conversation=each.id, model=each.model) for each in talks)
    workspace.show_comparison(new_comparison(states), {each.id: each for each in talks})
    workspace.line[0].start_new(REF)
    found = english(workspace, known=("a", "b", "scripted", "lab", "scripted, lab", plain_tip("scripted, lab")))
    workspace.deleteLater()
    assert found == set()


@pytest.mark.usefixtures("translated")
async def test_the_bar_the_panels_and_the_presets_speak_the_users_language(
    services: Services, tasks: Tasks, themes: Themes
) -> None:
    panes = [ShownPane(name, "#000000", talk(name, 90, 0.2).path()) for name in "ab"]
    bar, theme = TitleBar(), themes.current
    figures, differences = FiguresPanel(theme, lambda: panes), DifferencesPanel(theme, lambda: panes, tasks)
    presets = PresetPopover(services, tasks, theme, bar)
    bar.show_comparison(new_comparison(()))
    for panel in (figures, differences):
        panel.refresh()
    found = {each for widget in (bar, figures, differences, presets) for each in english(widget, known=("a", "b"))}
    for widget in (bar, figures, differences):
        widget.deleteLater()
    assert found == set()
