"""Options of votes and blind rounds."""

from __future__ import annotations

from desktop.settings.option import Option, SettingsPage
from desktop.text.phrases import phrase

KEEP_VOTES = Option(
    "votes.keep_after_deletion",
    default=False,
    description=phrase(
        "Keeps votes after their conversations have been permanently deleted: models, outcome, tags and "
        "note, but not the prompt or the responses."
    ),
    label=phrase("Keep votes from deleted conversations"),
    page=SettingsPage.STORAGE,
)
SHOW_ANSWERS = Option(
    "votes.show_answers",
    "held",
    phrase(
        "When to show the responses in a blind round. If they appear at an even pace or all at once, you "
        "cannot tell which model is fast. Votes on responses shown as they arrive are marked."
    ),
    choices=("held", "paced", "as they come"),
    label=phrase("Responses in blind rounds"),
    page=SettingsPage.MODELS,
    choice_labels=(
        phrase("All at once, after the last response is complete"),
        phrase("At an even pace, after the last response is complete"),
        phrase("As they arrive"),
    ),
    lockable=False,
)
