"""What goes along before what is typed in a pane's own field: counted, and said where it has outgrown its model."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from desktop.domain import Conversation
from ui.model_facts import ModelFacts
from ui.pane.composer import Composer
from ui.pane.composer_controller import ComposerController
from ui.pane.context_notice import ContextNotice
from ui.pane.send_line import SendTarget


class PromptBase(QObject):
    """Of an old prompt that is edited only what was said before it goes along."""

    def __init__(self, composer: Composer, facts: ModelFacts, writing: ComposerController) -> None:
        super().__init__(composer)
        self._composer = composer
        self._facts = facts
        self._writing = writing
        self.notice = ContextNotice(composer.notices, facts)
        writing.editing_changed.connect(self.show)

    def target(self, conversation: Conversation) -> SendTarget:
        """What a prompt goes to that is sent after all that is said in a conversation."""
        ref = conversation.model
        tokens = partial(self._facts.history_tokens, conversation)
        answers, window = self._facts.connection(ref) is not None, self._facts.window(ref)
        return SendTarget(self._facts.name(ref), self._facts.entry(ref), tokens, window, answers)

    @Slot()
    def show(self) -> None:
        """Count it anew."""
        base = self._writing.base
        self._composer.set_targets([self.target(base)])
        self.notice.show(base)
