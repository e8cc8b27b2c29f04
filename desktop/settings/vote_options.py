"""Options of votes and blind rounds."""

from __future__ import annotations

from desktop.settings.option import Option, SettingsPage
from desktop.text.phrases import phrase

KEEP_VOTES = Option(
    "votes.keep_after_deletion",
    default=False,
    description=phrase(
        "Keeps votes after the conversations that they were given on have been deleted permanently: "
        "models, outcome, tags and note, without the prompt and the responses."
    ),
    label=phrase("Keep votes of deleted conversations"),
    page=SettingsPage.STORAGE,
)
SHOW_ANSWERS = Option(
    "votes.show_answers",
    "held",
    phrase(
        "When the responses of a blind round are shown. At an even pace or all at once, nobody can tell "
        "which model is fast. Votes on responses shown as they arrive are marked."
    ),
    choices=("held", "paced", "as they come"),
    label=phrase("Responses in blind rounds"),
    page=SettingsPage.MODELS,
    choice_labels=(
        phrase("All at once, at the end"),
        phrase("At an even pace, at the end"),
        phrase("As they arrive"),
    ),
    lockable=False,
)
