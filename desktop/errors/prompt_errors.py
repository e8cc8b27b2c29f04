"""Errors of prompts that were stopped by a check before they were sent."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import NOTHING, Phrase, phrase


class PromptHeld(ParagoneError):
    """A check stopped a prompt before it was sent."""

    code = "prompt_held"


class PromptFlagged(PromptHeld):
    """A prompt seems to contain something private. The user can confirm that it may be sent.

    `found` are the fingerprints of the findings, which are then allowed.
    """

    code = "prompt_flagged"
    hint_default = phrase("Remove the flagged text, or send the prompt anyway (`--allow-flagged` in a terminal).")

    def __init__(self, message: Phrase, *, hint: Phrase = NOTHING, found: frozenset[str] = frozenset()) -> None:
        super().__init__(message, hint=hint)
        self.found = found


class PromptUnconfirmed(PromptFlagged):
    """A prompt includes imported content that the user has not confirmed yet."""

    code = "prompt_unconfirmed"
    hint_default = phrase("Check the imported content. Send the prompt anyway (/allow in a terminal), or change it.")


class ParametersUnconfirmed(PromptFlagged):
    """Imported parameters may affect how the provider handles requests, and the user has not confirmed them."""

    code = "parameters_unconfirmed"
    hint_default = phrase("Check the parameters, then allow them (`--allow-parameters` in a terminal).")


class PromptBlocked(PromptHeld):
    """A prompt contains something that must not be sent."""

    code = "prompt_blocked"
    hint_default = phrase("Remove the blocked text, then send the prompt again.")


class BudgetSpent(PromptHeld):
    """The monthly budget is used up."""

    code = "budget_spent"
    hint_default = phrase("Wait until next month, use a free model, or ask for a higher budget.")


class AuditFailed(PromptHeld):
    """An audit record is required but cannot be written."""

    code = "audit_failed"
    hint_default = phrase("Free up some disk space, or check the log folder's permissions.")
