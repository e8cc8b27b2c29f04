"""Applies presets to one pane or to all active panes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Parameters
from desktop.presets.preset import Preset, filled, kept_parameters, kept_servers
from desktop.services import Services
from desktop.settings.schema import SYSTEM_PROMPT
from ui.base.model_facts import ModelFacts
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.composer.composer import Composer
from ui.pane.pane import Pane
from ui.widgets.announcement import announce
from ui.workspace.pane_list import PaneList

if TYPE_CHECKING:
    from ui.presets.presets_popover import PresetPopover


class ReplacedPrompt(NamedTuple):
    """The system prompt and parameters of a pane that a preset replaced."""

    pane: Pane
    conversation: str
    system: str
    parameters: Parameters


class WorkspacePresets(QObject):
    """Opens the preset popover and applies presets, but only with parameters that each model accepts."""

    applied = Signal()
    """Emitted after panes got a new system prompt."""
    replaced = Signal(str, object)
    """Emitted with the title of a preset, and the ReplacedPrompts that users had written themselves."""

    def __init__(self, services: Services, tasks: Tasks, themes: Themes, line: PaneList, composer: Composer) -> None:
        super().__init__(composer)
        self._services = services
        self._tasks = tasks
        self._themes = themes
        self._line = line
        self._composer = composer
        self._facts = ModelFacts(services)
        self._meant: Sequence[Pane] = ()
        self._popover: PresetPopover | None = None
        line.preset_wanted.connect(self.open_for)
        line.prompting_changed.connect(self.show)
        line.shown_changed.connect(self.show)
        composer.preset_wanted.connect(self.open_for_all)
        themes.changed.connect(self._themed)

    @property
    def popover(self) -> PresetPopover:
        """The popover, created on first use so that the first paint is fast."""
        if self._popover is None:
            from ui.presets.presets_popover import PresetPopover

            self._popover = PresetPopover(self._services, self._tasks, self._themes.current, self._composer)
            self._popover.chosen.connect(self._apply)
            self._popover.changed.connect(self._name_all)
        return self._popover

    @Slot()
    def show(self) -> None:
        """Show in the shared composer which preset the active panes have in common."""
        titles = {self._facts.preset(pane.conversation) for pane in self._taking_part}
        self._composer.line.show_preset(titles.pop() if len(titles) == 1 else tr("multiple") if titles else "")

    @Slot(object)
    def open_for(self, pane: Pane) -> None:
        """Open the popover to choose a preset for one pane."""
        self._open(pane.composer.line.anchor, [pane])

    @Slot()
    def open_for_all(self) -> None:
        """Open the popover to choose a preset for all active panes."""
        self._open(self._composer.line.anchor, self._taking_part)

    def choose(self, preset: Preset) -> None:
        """Apply a preset to all active panes, asking for its variables first."""
        panes = self._taking_part
        if not panes:
            return
        self._meant = panes
        control = panes[0].composer if self._composer.isHidden() else self._composer
        if preset.variables:
            self.popover.choose(control.line.anchor, panes[0].conversation)
            self.popover.take(preset)
        else:
            self._apply(preset, {})

    @property
    def _taking_part(self) -> list[Pane]:
        return [pane for pane, on in zip(self._line, self._line.on, strict=True) if on]

    def _open(self, control: QWidget, panes: Sequence[Pane]) -> None:
        self._meant = panes
        if panes:
            self.popover.choose(control, panes[0].conversation)

    @Slot(object, object)
    def _apply(self, preset: Preset | None, values: dict[str, str]) -> None:
        """Apply a preset to the panes. Parameters that the user has changed since the last preset stay."""
        own: list[ReplacedPrompt] = []
        for pane in self._meant:
            if pane not in self._line:
                continue  # closed meanwhile
            conversation = pane.conversation
            before = self._services.presets.applied(conversation.system)
            taken = _taken(preset, self._facts.entry(conversation.model)) if preset else None
            system = filled(preset, values) if preset else self._services.settings.get(SYSTEM_PROMPT)
            parameters = kept_parameters(conversation.parameters, before.preset if before else None, taken)
            usual = ("", system, self._services.settings.get(SYSTEM_PROMPT))
            if before is None and conversation.system.strip() not in usual:
                own.append(ReplacedPrompt(pane, conversation.id, conversation.system, conversation.parameters))
            pane.set_prompting(system, parameters)
            servers = kept_servers(conversation.tools.servers, before.preset if before else None, preset)
            if servers != conversation.tools.servers:
                pane.set_tools(msgspec.structs.replace(conversation.tools, servers=servers))
        self.applied.emit()
        title = tr(preset.title) if preset else tr("None")
        if self._meant:
            announce(self._meant[0], tr("Preset: {title}", title=title))
        if own:
            self.replaced.emit(preset.title if preset else tr("None"), own)

    def put_back(self, replaced: Sequence[ReplacedPrompt]) -> None:
        """Restore the system prompts and parameters of panes that still show the same conversation."""
        for each in replaced:
            if each.pane in self._line and each.pane.conversation_id == each.conversation:
                each.pane.set_prompting(each.system, each.parameters)
        self.applied.emit()

    @Slot()
    def _name_all(self) -> None:
        for pane in self._line:
            pane.composer.line.show_preset(self._facts.preset(pane.conversation))
        self.show()

    @Slot(object)
    def _themed(self, theme: Theme) -> None:
        if self._popover is not None:
            self._popover.themed(theme)


def _taken(preset: Preset, entry: Entry) -> Preset:
    """Return the preset with only those parameters that a model accepts."""
    values = {
        name: value
        for name, value in preset.parameters.values.items()
        if entry.takes(name) and not (name == "reasoning_effort" and entry.efforts and value not in entry.efforts)
    }
    return msgspec.structs.replace(preset, parameters=Parameters(values=values))
