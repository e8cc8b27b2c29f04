"""The options of votes and blind rounds."""

from __future__ import annotations

from desktop.phrases import phrase
from desktop.settings.option import Option, SettingsPage

KEEP_VOTES = Option(
    "votes.keep_after_deletion",
    default=False,
    description=phrase(
        "Votes stay when the conversations that they were given on are deleted for good: which models, who won, tags"
        " and note, without the prompt and the answers. Otherwise they go too."
    ),
    label=phrase("Keep votes on deleted conversations"),
    page=SettingsPage.STORAGE,
)
SHOW_ANSWERS = Option(
    "votes.show_answers",
    "held",
    phrase(
        "When the answers of a blind round are shown. At one common pace, or all at once, nobody sees which model is"
        " quick; votes on answers that are seen as they come are marked."
    ),
    choices=("held", "paced", "as they come"),
    label=phrase("Answers of blind rounds"),
    page=SettingsPage.MODELS,
    choice_labels=(
        phrase("All at once, at the end"),
        phrase("At one common pace, at the end"),
        phrase("As they come"),
    ),
    lockable=False,
)
