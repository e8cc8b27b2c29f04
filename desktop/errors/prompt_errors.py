"""Prompts that were looked at before they left, and did not leave."""

from __future__ import annotations

from desktop.errors.base_errors import ParagoneError
from desktop.text.phrases import NOTHING, Phrase, phrase


class PromptHeld(ParagoneError):
    """A prompt was looked at before it left, and was not sent."""

    code = "prompt_held"


class PromptFlagged(PromptHeld):
    """A prompt seems to hold something that should stay here; it can be sent all the same when its user says so.

    `found` are the fingerprints to allow then.
    """

    code = "prompt_flagged"
    hint_default = phrase("Remove it, or send it anyway (`--allow-flagged` in a terminal).")

    def __init__(self, message: Phrase, *, hint: Phrase = NOTHING, found: frozenset[str] = frozenset()) -> None:
        super().__init__(message, hint=hint)
        self.found = found


class PromptUnconfirmed(PromptFlagged):
    """With a prompt would go what an import brought, and nobody has said yes to that yet."""

    code = "prompt_unconfirmed"
    hint_default = phrase("Check what was imported. Send it anyway (/allow in a terminal), or change it.")


class ParametersUnconfirmed(PromptFlagged):
    """What others wrote has parameters that may steer the provider, and nobody has said yes to them yet."""

    code = "parameters_unconfirmed"
    hint_default = phrase("Check the parameters, then allow them (`--allow-parameters` in a terminal).")


class PromptBlocked(PromptHeld):
    """A prompt holds something that must not be sent."""

    code = "prompt_blocked"
    hint_default = phrase("Remove it and send again.")


class BudgetSpent(PromptHeld):
    """The month's budget is used up."""

    code = "budget_spent"
    hint_default = phrase("Wait until next month, use a free model, or ask for a higher budget.")


class AuditFailed(PromptHeld):
    """What is sent must be recorded, and cannot be."""

    code = "audit_failed"
    hint_default = phrase("Free some disk space, or check the log folder's permissions.")
