"""Opens the panels with figures and differences of a comparison, and handles the choice of a winner."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.comparison import ContextRule, PanelName
from desktop.domain.conversation_types import Conversation
from desktop.errors import ParagoneError
from desktop.settings.schema import TOOLS_IN_DIFFERENCES
from desktop.settings.values import Settings
from desktop.text.phrases import phrase
from ui.base import strings
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.compare.pane_facts import ShownPane
from ui.compare.panel_frame import Panel
from ui.pane.pane import Pane
from ui.widgets.announcement import announce
from ui.widgets.notice_bar import NoticeBar, NoticeStack
from ui.window.drawer import Drawer
from ui.window.tab_order import controls_of
from ui.window.title_bar import TitleBar
from ui.workspace.workspace import Workspace

_NOTICE_MS = 6_000
_TITLES = {
    PanelName.FIGURES: phrase("Figures"),
    PanelName.DIFFERENCES: phrase("Differences"),
    PanelName.MERGED: phrase("Merged response"),
    PanelName.FIELDS: phrase("Fields"),
    PanelName.TOOL_CALLS: phrase("Tool calls"),
}


class ComparisonPanels(QObject):
    """Creates the panels on first use and connects them to the workspace."""

    opened = Signal(str)
    """Emitted with the name of the panel that is open, or an empty string if none is."""
    history_wanted = Signal()
    """Emitted when the user opens the figures of the whole history."""

    def __init__(
        self,
        facts: ModelFacts,
        settings: Callable[[], Settings],
        tasks: Tasks,
        themes: Themes,
        workspace: Workspace,
        bar: TitleBar,
        drawer: Drawer,
        notices: NoticeStack,
    ) -> None:
        super().__init__(workspace)
        self._facts = facts
        self._settings = settings
        self._tasks = tasks
        self._themes = themes
        self._workspace = workspace
        self._bar = bar
        self._drawer = drawer
        self._notices = notices
        self._panels: dict[str, Panel] = {}
        self.makers: dict[str, Callable[[], Panel]] = {}
        """Functions that create further panels, by name."""
        self._offer: NoticeBar | None = None
        bar.figures.toggled.connect(self.toggle_figures)
        bar.differences.toggled.connect(self.toggle_differences)
        bar.merged.toggled.connect(self.toggle_merged)
        bar.fields.toggled.connect(self.toggle_fields)
        bar.calls.toggled.connect(self.toggle_calls)
        bar.prompts_wanted.connect(workspace.prompts.set_on)
        workspace.prompts.changed.connect(bar.show_prompts_only)
        bar.step_wanted.connect(workspace.read_in_step)
        workspace.panes_changed.connect(self._show)
        workspace.comparison_shown.connect(self._show)
        workspace.comparison_shown.connect(self._take_offer_away)
        drawer.dragged.connect(self._dragged)
        workspace.line.shown_changed.connect(self._refresh)
        workspace.line.answering_changed.connect(self._refresh)
        workspace.line.choose_wanted.connect(self._choose)
        themes.changed.connect(self._themed)

    @property
    def panes(self) -> tuple[ShownPane, ...]:
        """Current facts about the panes."""
        return tuple(
            ShownPane(
                self._facts.name(pane.conversation.model),
                pane.colour,
                pane.body.asked,
                pane.pace,
                pane.conversation.created_at,
                _contender(pane.conversation),
                pane.conversation.tools.schema,
            )
            for pane in self._workspace.line
        )

    @Slot()
    def toggle_figures(self) -> None:
        """Open or close the figures panel."""
        self._toggle(PanelName.FIGURES)

    @Slot()
    def toggle_differences(self) -> None:
        """Open or close the differences panel."""
        self._toggle(PanelName.DIFFERENCES)

    @Slot()
    def toggle_fields(self) -> None:
        """Open or close the panel that compares structured responses by field."""
        self._toggle(PanelName.FIELDS)

    @Slot()
    def toggle_calls(self) -> None:
        """Open or close the panel that compares tool calls."""
        self._toggle(PanelName.TOOL_CALLS)

    @Slot()
    def show_again(self) -> None:
        """Reopen the panel after a page had replaced the panes."""
        self._show()

    @Slot()
    def choose(self) -> None:
        """Choose the active pane's response as the winner, or withdraw that choice."""
        if self._workspace.comparison is not None:
            self._choose(self._workspace.pane)

    @Slot()
    def toggle_merged(self) -> None:
        """Open or close the panel with the merged response."""
        self._toggle(PanelName.MERGED)

    def open_panel(self, name: str) -> Panel:
        """Return a panel, which is open from now on."""
        self._workspace.kept.change(panel=name, panel_width=0)
        self._show()
        return self._panels[name]

    def _toggle(self, name: str) -> None:
        comparison = self._workspace.comparison
        if comparison is None:
            self._say(tr("Figures and differences need several panes: add a pane."))
            return
        wanted = "" if comparison.panel == name else name
        window = self._workspace.window()
        beside = self._workspace.isAncestorOf(window.focusWidget() or window)
        focused = self._drawer.panel is not None and self._drawer.panel.isAncestorOf(window.focusWidget() or window)
        self._workspace.kept.change(panel=wanted, panel_width=0)
        self._show()
        title = tr(_TITLES[PanelName(name)])
        said = (
            tr("The {panel} panel is open beside the panes.", panel=title)
            if wanted
            else tr("The {panel} panel is closed.", panel=title)
        )
        announce(self._workspace, said)
        if not wanted and not beside:
            self._workspace.focus_composer()
        elif (
            focused or not self._workspace.isVisible()
        ) and self._drawer.panel is not None:  # else it is on nothing seen
            next(iter(controls_of(self._drawer.panel)), self._workspace.prompt_editor).setFocus()

    @Slot()
    def _show(self) -> None:
        """Show the panel that is open in this comparison. A single chat has none."""
        comparison = self._workspace.comparison
        name = comparison.panel if comparison is not None and comparison.panel in {*PanelName} else ""
        if comparison is None or not name:
            self._drawer.close_panel()
        else:
            panel = self._panels.get(name) or self._made(name)
            width = comparison.panel_width or self._drawer.width_of(panel) or panel.sizeHint().width()
            self._drawer.open(panel, width)
        self._bar.show_open(name)
        self._refresh()
        self.opened.emit(name)

    @Slot()
    def _refresh(self) -> None:
        panel = self._drawer.panel
        if isinstance(panel, Panel):
            panel.refresh()

    def _made(self, name: str) -> Panel:
        """Return a new panel. Its code is imported on first use."""
        theme = self._themes.current
        panel: Panel
        if name in self.makers:
            panel = self.makers[name]()
        elif name == PanelName.FIGURES:
            from ui.compare.figures_panel import FiguresPanel

            figures = FiguresPanel(theme, lambda: self.panes)
            figures.said.connect(self._say)
            figures.failed.connect(self._say_error)
            figures.history_wanted.connect(self.history_wanted)
            panel = figures
        elif name == PanelName.FIELDS:
            from desktop.evals.graders.check_desk import schema_mismatches
            from ui.compare.fields_panel import FieldsPanel

            fields = FieldsPanel(theme, lambda: self.panes, self._tasks, schema_mismatches)
            fields.said.connect(self._say)
            panel = fields
        elif name == PanelName.TOOL_CALLS:
            from ui.compare.tool_calls_panel import ToolCallsPanel

            calls = ToolCallsPanel(theme, lambda: self.panes)
            calls.said.connect(self._say)
            calls.call_wanted.connect(self._show_call)
            panel = calls
        else:
            from ui.compare.differences_panel import DifferencesPanel

            panel = DifferencesPanel(theme, lambda: self.panes, self._tasks, self._compares_calls)
        panel.close_wanted.connect(self._close)
        self._panels[name] = panel
        return panel

    def _compares_calls(self) -> bool:
        return self._settings().get(TOOLS_IN_DIFFERENCES)

    @Slot(int, str, str)
    def _show_call(self, place: int, message: str, call: str) -> None:
        """Scroll a pane to a tool call."""
        if place < len(self._workspace.line):
            self._workspace.line[place].transcript.go_to_call(message, call)

    @Slot()
    def _close(self) -> None:
        if self._workspace.comparison is not None and self._workspace.comparison.panel:
            self._toggle(self._workspace.comparison.panel)

    @Slot(int)
    def _dragged(self, width: int) -> None:
        self._workspace.kept.change(panel_width=width)

    @Slot(object)
    def _choose(self, pane: Pane) -> None:
        """Choose a response as the winner, or withdraw that choice.

        If the choice has no effect yet, offer the context rule that uses it.
        """
        chosen = self._workspace.sending.choose_winner(pane)
        self._take_offer_away()
        if chosen is None:
            return
        if not chosen:
            self._say(tr("The response is no longer marked."))
            return
        announce(self._workspace, tr("Chosen: {pane}", pane=pane.accessibleName()))
        if self._workspace.sending.rule is ContextRule.WINNER:
            return
        self._offer = self._notices.show_notice(
            tr("Response chosen. Each model still continues with its own history."),
            tone="plain",
            action=tr("Continue from chosen responses"),
            act=self._use_winner,
            life_ms=_NOTICE_MS,
        )
        self._offer.dismissed.connect(self._forget_offer)

    @Slot()
    def _forget_offer(self) -> None:
        self._offer = None

    @Slot()
    def _take_offer_away(self) -> None:
        """Remove the offer to change the context rule, because another choice or comparison is current."""
        if self._offer is not None:
            self._offer.dismiss()

    @Slot()
    def _use_winner(self) -> None:
        self._workspace.set_rule(ContextRule.WINNER)

    @Slot(str)
    def _say(self, sentence: str) -> None:
        self._notices.show_notice(sentence, tone="plain", life_ms=_NOTICE_MS)

    @Slot(object)
    def _say_error(self, error: ParagoneError) -> None:
        self._notices.show_notice(strings.sentence(error), tone="bad")

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        for panel in self._panels.values():
            panel.themed(theme)
        self._refresh()


def _contender(conversation: Conversation) -> object:
    """Return the key of a conversation's contender: model, system prompt and parameters."""
    return (conversation.model, conversation.system, conversation.parameters)
