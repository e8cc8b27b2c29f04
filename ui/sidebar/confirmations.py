"""What the sidebar asks: which tags, and whether something is to be deleted for good, or a round discarded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.domain import ConversationSummary
from ui.sidebar.library import Library
from ui.strings import tr, trn
from ui.widgets.labels import within_sentence


def ask_for_tags(parent: QWidget, library: Library, ids: Sequence[str]) -> None:
    """Let tags be put on conversations and taken off; what is chosen is done at once."""
    from ui.sidebar.tags_dialog import TagsDialog  # the first paint needs none

    dialog = TagsDialog(ids, library, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def ask_to_purge(parent: QWidget, library: Library, ids: Sequence[str], title: str) -> None:
    """Delete what is in the trash for good, after a question: it does not come back."""
    said = trn("Delete {n} conversation permanently?", "Delete {n} conversations permanently?", len(ids))
    if len(ids) == 1:
        said = tr("Delete “{title}” permanently?", title=within_sentence(title))
    _ask_to_delete(parent, said, partial(library.marking.purge, ids))


def ask_to_empty(parent: QWidget, library: Library, number: int) -> None:
    """Delete all that is in the trash for good, after a question."""
    said = trn("Delete {n} conversation permanently?", "Delete {n} conversations permanently?", number)
    _ask_to_delete(parent, said, library.marking.empty_trash)


def ask_about_own_chats(
    parent: QWidget, library: Library, ids: Sequence[str], chats: Sequence[ConversationSummary]
) -> None:
    """Ask whether chats that are older than their comparison are to go to the trash with it."""
    from PySide6.QtWidgets import QMessageBox  # the first paint needs none

    said = trn("Move {n} chat to the trash too?", "Move {n} chats to the trash too?", len(chats))
    if len(chats) == 1:
        said = tr("Move “{title}” to the trash too?", title=within_sentence(chats[0].title))
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Move to trash"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(said)
    box.setInformativeText(
        trn("This chat is older than the comparison.", "These chats are older than the comparison.", len(chats))
    )
    all_ = box.addButton(tr("Move to trash"), QMessageBox.ButtonRole.DestructiveRole)
    kept = box.addButton(trn("Keep chat", "Keep chats", len(chats)), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(kept)
    all_.clicked.connect(lambda: library.trash(ids, keep=()))
    kept.clicked.connect(lambda: library.trash(ids, keep=[each.id for each in chats]))
    box.open()


def ask_to_discard(parent: QWidget, discard: Callable[[], None]) -> None:
    """Discard the blind round under way, after a question: nothing of it is kept."""
    note = tr("Its prompts and responses are deleted, and the models are never revealed.")
    _ask(parent, tr("Blind round"), tr("Discard this blind round?"), note, tr("Discard"), discard)


def _ask_to_delete(parent: QWidget, question: str, purge: Callable[[], None]) -> None:
    note = tr("You can only restore it from a backup. Daily backups keep it for seven days.")
    _ask(parent, tr("Delete permanently"), question, note, tr("Delete"), purge)


def _ask(parent: QWidget, title: str, question: str, note: str, yes: str, do: Callable[[], None]) -> None:
    from PySide6.QtWidgets import QMessageBox  # the first paint needs none

    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(note)
    agreed = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(tr("Keep"), QMessageBox.ButtonRole.RejectRole))
    agreed.clicked.connect(do)
    box.open()
