"""Errors of prompts that a check stopped before they were sent."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import NOTHING, Phrase, phrase


class PromptHeld(ParagoneError):
    """A check stopped a prompt before it was sent."""

    code = "prompt_held"


class PromptFlagged(PromptHeld):
    """A prompt seems to contain something private; the user can confirm that it may be sent.

    `found` are the fingerprints to allow then.
    """

    code = "prompt_flagged"
    hint_default = phrase("Remove the flagged text, or send the prompt anyway (`--allow-flagged` in a terminal).")

    def __init__(self, message: Phrase, *, hint: Phrase = NOTHING, found: frozenset[str] = frozenset()) -> None:
        super().__init__(message, hint=hint)
        self.found = found


class PromptUnconfirmed(PromptFlagged):
    """A prompt includes imported content that nobody has confirmed yet."""

    code = "prompt_unconfirmed"
    hint_default = phrase("Check the imported content. Send the prompt anyway (/allow in a terminal), or change it.")


class ParametersUnconfirmed(PromptFlagged):
    """Imported parameters may steer the provider, and nobody has confirmed them yet."""

    code = "parameters_unconfirmed"
    hint_default = phrase("Check the parameters, then allow them (`--allow-parameters` in a terminal).")


class PromptBlocked(PromptHeld):
    """A prompt contains something that must not be sent."""

    code = "prompt_blocked"
    hint_default = phrase("Remove the blocked text, then send the prompt again.")


class BudgetSpent(PromptHeld):
    """The month's budget is used up."""

    code = "budget_spent"
    hint_default = phrase("Wait until next month, use a free model, or ask for a higher budget.")


class AuditFailed(PromptHeld):
    """The audit record is required, and cannot be written."""

    code = "audit_failed"
    hint_default = phrase("Free up some disk space, or check the log folder's permissions.")
