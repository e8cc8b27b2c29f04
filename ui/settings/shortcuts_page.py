"""Shortcuts page: all commands, with shortcuts that can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.errors import ParagoneError
from ui.base.commands import NO_KEYS, Shortcut
from ui.base.strings import holds_every, sentence, tr
from ui.settings.keys_button import KeysButton
from ui.settings.option_saver import OptionSaver
from ui.widgets.announcement import announce
from ui.widgets.labels import hairline, keycap, label, set_role
from ui.widgets.page import Page
from ui.widgets.paragraph import Paragraph

_LINE = 36
"""Height of a row in pixels."""


class ShortcutsPage(Page):
    """Settings page with one row per command. A command may have no shortcut."""

    def __init__(self, shortcuts: Sequence[Shortcut], saving: OptionSaver | None = None) -> None:
        super().__init__(
            tr("Shortcuts"), tr("Every command can have a keyboard shortcut. Click a shortcut to change it.")
        )
        self._saving = saving
        self.lines: dict[str, ShortcutLine] = {}
        for each in shortcuts:
            line = ShortcutLine(each)
            line.button.recorded.connect(partial(self._chosen, line))
            line.reset.clicked.connect(partial(self._take, line, each.own))
            self.lines[each.name] = line
            self.column.addWidget(line)
        if saving is not None:
            saving.failed.connect(self._failed)

    def seek(self, words: list[str]) -> bool:
        """Show only the commands that match, or all of them if the page's title does."""
        whole = super().seek(words)
        found = {name for name in self.lines if whole or holds_every(words, name)}
        for name, line in self.lines.items():
            line.setVisible(name in found)
        return bool(found)

    def _chosen(self, line: ShortcutLine, keys: QKeySequence) -> None:
        """Assign a recorded shortcut, unless another command already has it."""
        owner = next((each for each in self.lines.values() if each is not line and each.shortcut.keys == keys), None)
        if not keys.isEmpty() and owner is not None:
            native = keys.toString(QKeySequence.SequenceFormat.NativeText)
            line.say(
                tr(
                    "{keys} is used by “{command}”. Change that shortcut first.",
                    keys=native,
                    command=owner.shortcut.name,
                )
            )
        else:
            self._take(line, keys)

    def _take(self, line: ShortcutLine, keys: QKeySequence) -> None:
        option = line.shortcut.option
        if self._saving is None or option is None:
            return
        line.show_keys(keys)
        text = keys.toString(QKeySequence.SequenceFormat.PortableText) or NO_KEYS
        self._saving.put(option, "" if keys == line.shortcut.own else text)

    @Slot(str, object)
    def _failed(self, key: str, error: ParagoneError) -> None:
        for line in self.lines.values():
            if line.shortcut.option is not None and line.shortcut.option.key == key:
                line.say(sentence(error))


class ShortcutLine(QWidget):
    """Row of one command with its shortcut."""

    def __init__(self, shortcut: Shortcut) -> None:
        super().__init__()
        self.shortcut = shortcut
        self.button = KeysButton(shortcut.name, self)
        self.button.setHidden(shortcut.option is None)  # fixed keys stand in its place
        self.reset = QPushButton(tr("Reset"))
        self.reset.setAccessibleName(tr("Reset the shortcut for {command}", command=shortcut.name))
        self.reset.setProperty("role", "link")
        self._note = Paragraph("", "problem")
        self._note.setContentsMargins(0, 0, 0, 6)
        self._note.hide()
        self.setMinimumHeight(_LINE)
        row = QHBoxLayout()
        row.setContentsMargins(0, 5, 0, 5)
        row.setSpacing(12)
        row.addWidget(label(shortcut.name), 1)
        row.addWidget(self.reset)
        row.addWidget(self.button if shortcut.option else keycap(shortcut.keys), 0, Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._note)
        column.addWidget(hairline())
        self.show_keys(shortcut.keys)

    @property
    def note(self) -> str:
        """Why the recorded shortcut was not assigned, or an empty string."""
        return self._note.text() if self._note.isVisibleTo(self) else ""

    def show_keys(self, keys: QKeySequence) -> None:
        """Show the command's new shortcut."""
        self.shortcut = replace(self.shortcut, keys=keys)
        self._note.hide()
        self.button.show_keys(keys)
        self.reset.setVisible(self.shortcut.option is not None and keys != self.shortcut.own)
        native = keys.toString(QKeySequence.SequenceFormat.NativeText)
        self.setAccessibleName(tr("{command}: {keys}", command=self.shortcut.name, keys=native or tr("none")))

    def say(self, text: str) -> None:
        """Explain why a shortcut was not assigned."""
        announce(self.button, text)
        self._note.setText(text)
        set_role(self._note, "role", "problem")
        self._note.show()
        self.button.show_keys(self.shortcut.keys)
