"""What the sidebar asks: which tags, and whether something is to be deleted for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

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
    said = trn("Delete {n} conversation for good?", "Delete {n} conversations for good?", len(ids))
    if len(ids) == 1:
        said = tr("Delete “{title}” for good?", title=within_sentence(title))
    _ask(parent, said, partial(library.marking.purge, ids))


def ask_to_empty(parent: QWidget, library: Library, number: int) -> None:
    """Delete all that is in the trash for good, after a question."""
    said = trn("Delete {n} conversation for good?", "Delete {n} conversations for good?", number)
    _ask(parent, said, library.marking.empty_trash)


def _ask(parent: QWidget, question: str, purge: Callable[[], None]) -> None:
    from PySide6.QtWidgets import QMessageBox  # the first paint needs none

    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(tr("Delete for good"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(question)
    box.setInformativeText(tr("It cannot be brought back, but from a backup. Daily backups keep it for seven days."))
    delete = box.addButton(tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(tr("Keep"), QMessageBox.ButtonRole.RejectRole))
    delete.clicked.connect(purge)
    box.open()
