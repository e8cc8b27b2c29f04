"""Dialog for the tags of selected conversations: assign, add, rename and delete."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.store.records.tags import MOST
from ui.base.strings import number_text, tr, trn
from ui.sidebar.library import Library
from ui.widgets.buttons import button
from ui.widgets.labels import label

_WIDTH, _HEIGHT = 380, 420
_NAME = Qt.ItemDataRole.UserRole


class TagsDialog(QDialog):
    """Dialog for tags; open it with `open()`. Changes apply at once."""

    def __init__(self, ids: Sequence[str], library: Library, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._ids = tuple(ids)
        self.field = QLineEdit()
        self.add = button(tr("Add"), "primary")
        self.list = QListWidget()
        self.fewer = label("", "muted")
        self.fewer.setWordWrap(True)
        self.rename = button(tr("Rename"))
        self.delete = button(tr("Delete tag"), "danger")
        self.setWindowTitle(tr("Tags"))
        self.setAccessibleName(tr("Tags"))
        self._lay_out()
        self.field.textChanged.connect(self._show_state)
        self.field.returnPressed.connect(self._add)
        self.add.clicked.connect(self._add)
        self.list.itemChanged.connect(self._changed)
        self.list.currentItemChanged.connect(self._show_state)
        self.rename.clicked.connect(self._rename)
        self.delete.clicked.connect(self._delete)
        library.changed.connect(self._show_tags)
        self._show_tags()

    @Slot()
    def _show_tags(self) -> None:
        """Show all tags: checked if all selected conversations have the tag, partially checked if some do."""
        tags = self._library.tags
        chosen = [known for id_ in self._ids if (known := self._library.known(id_)) is not None]
        current_tag = self._current
        self.list.blockSignals(True)  # noqa: FBT003 - Qt's
        self.list.clear()
        for tag in tags:
            carried = sum(tag in each.tags for each in chosen)
            item = QListWidgetItem(tag)
            item.setData(_NAME, tag)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable)
            some = Qt.CheckState.PartiallyChecked if carried else Qt.CheckState.Unchecked
            item.setCheckState(Qt.CheckState.Checked if chosen and carried == len(chosen) else some)
            item.setToolTip(trn("{n} conversation", "{n} conversations", tags[tag]))
            self.list.addItem(item)
            if tag == current_tag:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)  # noqa: FBT003 - Qt's
        said = tr("Only the {count} most used tags are listed.", count=number_text(len(tags)))
        self.fewer.setText(said)
        self.fewer.setVisible(len(tags) >= MOST)
        self._show_state()

    @property
    def _current(self) -> str:
        """The focused tag, or an empty string."""
        row = self.list.currentRow()
        return str(self.list.item(row).data(_NAME)) if row >= 0 else ""

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(label(tr("Tags"), "heading"))
        about = trn("For the selected conversation.", "For the {n} selected conversations.", len(self._ids))
        column.addWidget(label(about, "muted"))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.field.setAccessibleName(tr("New tag"))
        self.field.setPlaceholderText(tr("New tag"))
        self.field.setMaxLength(60)
        row.addWidget(self.field, 1)
        row.addWidget(self.add)
        column.addLayout(row)
        self.list.setAccessibleName(tr("All tags"))
        self.list.setSpacing(3)
        column.addWidget(self.list, 1)
        column.addWidget(self.fewer)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.rename)
        buttons.addWidget(self.delete)
        buttons.addStretch(1)
        close = button(tr("Close"))
        close.clicked.connect(self.accept)
        buttons.addWidget(close)
        column.addLayout(buttons)
        self.resize(_WIDTH, _HEIGHT)

    @Slot()
    def _show_state(self) -> None:
        self.add.setEnabled(bool(self.field.text().strip()))
        some = bool(self._current)
        self.rename.setEnabled(some)
        self.delete.setEnabled(some)

    @Slot()
    def _add(self) -> None:
        if tag := self.field.text().strip():
            self.field.clear()
            self._library.marking.set_tag(self._ids, tag, on=True)

    @Slot(QListWidgetItem)
    def _changed(self, item: QListWidgetItem) -> None:
        tag, name = str(item.data(_NAME)), item.text().strip()
        if name and name != tag:
            self._library.marking.rename_tag(tag, name)
        elif item.checkState() is not Qt.CheckState.PartiallyChecked:
            self._library.marking.set_tag(self._ids, tag, on=item.checkState() is Qt.CheckState.Checked)

    @Slot()
    def _rename(self) -> None:
        if self._current:
            self.list.editItem(self.list.currentItem())

    @Slot()
    def _delete(self) -> None:
        if self._current:
            self._library.marking.delete_tag(self._current)
