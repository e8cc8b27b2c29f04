"""Popovers of the pane header: model picker, parameters and system prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desktop.domain.conversation_types import Conversation, ModelRef, Parameters
from desktop.services import Services
from ui.base import figures_text
from ui.base.model_facts import ModelFacts
from ui.base.model_marks import ModelMarks
from ui.base.strings import tr
from ui.base.tasks import Tasks
from ui.base.theme import Theme, Themes
from ui.pane.pane_header import PaneHeader

if TYPE_CHECKING:
    from ui.pane.model_picker import ModelPicker
    from ui.pane.prompt_forms import ParametersForm, SystemPromptForm


class HeaderControls(QObject):
    """Opens the popovers of a pane's header and emits what the user chose."""

    model_chosen = Signal(object)
    beside_wanted = Signal(object)
    """Emitted with a ModelRef for which a pane is to be added beside this one."""
    replay_wanted = Signal(object)
    """Emitted with the ModelRef whose conversations are to be replayed with a successor."""
    add_connection_wanted = Signal()
    prompting_changed = Signal(str, object)
    """Emitted with the system prompt and the Parameters."""

    def __init__(
        self,
        services: Services,
        tasks: Tasks,
        themes: Themes,
        facts: ModelFacts,
        header: PaneHeader,
        marks: ModelMarks,
    ) -> None:
        super().__init__(header)
        self._marks = marks
        self._themes = themes
        self._facts = facts
        self._header = header
        self._conversation: Conversation | None = None
        self._services = services
        self._tasks = tasks
        self._picker: ModelPicker | None = None
        self._take: Callable[[ModelRef], None] = self.model_chosen.emit
        self.form: ParametersForm | SystemPromptForm | None = None
        header.model_wanted.connect(self.open_models)
        header.replay_wanted.connect(self._replay)
        header.parameters_wanted.connect(self.open_parameters)
        header.system_wanted.connect(self.open_system)

    def show(self, conversation: Conversation, colour: str) -> None:
        """Show a conversation's model, in its color, and parameters in the header."""
        self._conversation = conversation
        ref = conversation.model
        self._header.show_model(self._facts.name(ref), self._facts.place(ref), colour, self._facts.retirement(ref))
        self._header.show_parameters(figures_text.parameters_text(conversation.parameters))
        self._show_schema(conversation)

    def _show_schema(self, conversation: Conversation) -> None:
        """Show whether responses must match a schema, and whether the model can."""
        if not conversation.tools.schema:
            self._header.show_schema("", "")
        elif self._facts.entry(conversation.model).structured_output is False:
            name = self._facts.name(conversation.model)
            self._header.show_schema(
                tr("No schema"), tr("{model} does not support schemas: it is asked without one.", model=name)
            )
        else:
            self._header.show_schema(tr("Schema"), tr("Responses must match a JSON Schema."))

    def themed(self, theme: Theme) -> None:
        """Apply the colors of a theme."""
        if self._picker is not None:
            self._picker.themed(theme)

    @property
    def picker(self) -> ModelPicker:
        """The model picker, created on first use so that the first paint is fast."""
        if self._picker is None:
            from ui.pane.model_picker import ModelPicker

            self._picker = ModelPicker(self._services, self._tasks, self._themes.current, self._marks, self._header)
            self._picker.chosen.connect(self._chosen)
            self._picker.beside_wanted.connect(self.beside_wanted)
            self._picker.replay_wanted.connect(self.replay_wanted)
            self._picker.add_connection_wanted.connect(self.add_connection_wanted)
        return self._picker

    def close(self) -> None:
        """Close open popovers, saving pending input to the conversation it was entered for."""
        for popover in (self._picker, self.form):
            if popover is not None:
                popover.hide()

    @Slot()
    def open_models(self) -> None:
        """Open the model picker for the conversation's model."""
        self.ask_model(self.model_chosen.emit)

    def ask_model(self, take: Callable[[ModelRef], None]) -> None:
        """Open the model picker, and pass on the model that is chosen."""
        self._take = take
        if self._conversation is not None:
            self.picker.choose(self._header.model, self._conversation.model)

    @Slot(object)
    def _chosen(self, model: ModelRef) -> None:
        self._take(model)

    @Slot()
    def open_parameters(self) -> None:
        """Open the form for the parameters."""
        from ui.pane.prompt_forms import ParametersForm

        conversation = self._conversation
        if conversation is not None:
            form = ParametersForm(self._facts.entry(conversation.model), conversation.parameters, self._header)
            form.changed.connect(self._parameters_changed)
            self._open(form)

    @Slot()
    def open_system(self) -> None:
        """Open the form for the system prompt."""
        from ui.pane.prompt_forms import SystemPromptForm

        if self._conversation is not None:
            form = SystemPromptForm(self._conversation.system, self._header)
            form.changed.connect(self._system_changed)
            self._open(form)
            form.editor.setFocus()

    @Slot()
    def _replay(self) -> None:
        if self._conversation is not None:
            self.replay_wanted.emit(self._conversation.model)

    def _open(self, form: ParametersForm | SystemPromptForm) -> None:
        if self.form is not None:
            self.form.deleteLater()
        self.form = form
        form.open_at(self._header.more, right=True)

    @Slot(object)
    def _parameters_changed(self, parameters: Parameters) -> None:
        if self._conversation is not None:
            self.prompting_changed.emit(self._conversation.system, parameters)

    @Slot(str)
    def _system_changed(self, system: str) -> None:
        if self._conversation is not None:
            self.prompting_changed.emit(system, self._conversation.parameters)
