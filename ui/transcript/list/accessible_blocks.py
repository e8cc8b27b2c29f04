"""Accessible parts of a message: what screen readers are told of its headings, lists, tables, links and code."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import cast

from PySide6.QtCore import QObject, QRect, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAttributesInterface, QAccessibleInterface
from shiboken6 import Shiboken

from ui.transcript.message.spoken_blocks import SpokenKind, SpokenPart
from ui.widgets.accessible_text import AccessibleText

LONGEST_NAME = 4_000
"""Maximum length of an accessible name."""

_ROLES = {
    SpokenKind.PARAGRAPH: QAccessible.Role.Paragraph,
    SpokenKind.HEADING: QAccessible.Role.Heading,
    SpokenKind.LIST: QAccessible.Role.List,
    SpokenKind.ITEM: QAccessible.Role.ListItem,
    SpokenKind.QUOTE: QAccessible.Role.BlockQuote,
    SpokenKind.CODE: QAccessible.Role.Section,
    SpokenKind.TABLE: QAccessible.Role.Table,
    SpokenKind.ROW: QAccessible.Role.Row,
    SpokenKind.COLUMN_HEADER: QAccessible.Role.ColumnHeader,
    SpokenKind.CELL: QAccessible.Role.Cell,
    SpokenKind.FORMULA: QAccessible.Role.Equation,
    SpokenKind.LINK: QAccessible.Role.Link,
    SpokenKind.RULE: QAccessible.Role.Separator,
    SpokenKind.NOTE: QAccessible.Role.Note,
    SpokenKind.SECTION: QAccessible.Role.Section,
    SpokenKind.TOOL: QAccessible.Role.Grouping,
}


class HeadingLevel(QAccessibleAttributesInterface):
    """Level of a heading, which screen readers say with it."""

    def __init__(self, level: int) -> None:
        super().__init__()
        self._level = level

    def attributeKeys(self) -> list[QAccessible.Attribute]:
        """Return that there is a level."""
        return [QAccessible.Attribute.Level]

    def attributeValue(self, key: QAccessible.Attribute) -> object:
        """Return the level."""
        return self._level if key == QAccessible.Attribute.Level else None


class AccessibleParts:
    """The accessible children of one interface. They are made when a screen reader first asks for them."""

    def __init__(self, parent: QAccessibleInterface) -> None:
        self._parent = parent
        self._made: list[tuple[SpokenPart, AccessibleBlock, int]] = []

    def take(self, parts: Sequence[SpokenPart]) -> Sequence[AccessibleBlock]:
        """Return the interfaces of these parts. Parts that are the same as before keep theirs."""
        same = 0
        while same < min(len(parts), len(self._made)) and self._made[same][0] == parts[same]:
            same += 1
        if same < len(self._made):
            # Qt may be asking one of these just now: they are deleted when it has its answer.
            QTimer.singleShot(0, partial(_delete, self._made[same:]))
            del self._made[same:]
        for part in parts[same:]:
            block = AccessibleBlock(self._parent, part)
            self._made.append((part, block, QAccessible.registerAccessibleInterface(block)))
        return [block for _, block, _ in self._made]

    def place(self, child: QAccessibleInterface) -> int:
        """Return the index of an interface, or -1 if its part is no more."""
        return next((place for place, (_, block, _) in enumerate(self._made) if block is child), -1)

    def forget(self) -> None:
        """Delete the interfaces, and those of their own parts."""
        _delete(self._made)
        self._made = []


def _delete(made: Sequence[tuple[SpokenPart, AccessibleBlock, int]]) -> None:
    for _, block, number in made:
        block.parts.forget()
        QAccessible.deleteAccessibleInterface(number)


class AccessibleBlock(QAccessibleInterface):
    """Accessible part of a message, such as a heading or the cell of a table."""

    def __init__(self, parent: QAccessibleInterface, part: SpokenPart) -> None:
        super().__init__()
        self._parent = parent
        self._part = part
        self._text = AccessibleText(lambda: part.text)
        self._level = HeadingLevel(part.level) if part.level else None
        self.parts = AccessibleParts(self)

    def isValid(self) -> bool:
        """Whether the message still exists."""
        return Shiboken.isValid(self._parent) and self._parent.isValid()

    def object(self) -> QObject:
        """Return no object, because a part is not a QObject."""
        return cast("QObject", None)

    def parent(self) -> QAccessibleInterface:
        """Return what the part is in."""
        return self._parent

    def role(self) -> QAccessible.Role:
        """Return what the part is."""
        return _ROLES[self._part.kind]

    def state(self) -> QAccessible.State:
        """Return the state of the message."""
        state = self._parent.state()
        state.focusable = state.focused = False
        return state

    def rect(self) -> QRect:
        """Return the rectangle of the message on the screen."""
        return self._parent.rect()

    def text(self, t: QAccessible.Text) -> str:
        """Return the name, and the address of a link as its description."""
        if t == QAccessible.Text.Name:
            return self._part.name[:LONGEST_NAME]
        return self._part.about if t == QAccessible.Text.Description else ""

    def setText(self, t: QAccessible.Text, text: str) -> None:
        """Do nothing, because messages are read-only."""

    def childCount(self) -> int:
        """Return the number of parts in this one."""
        return len(self._part.parts)

    def child(self, index: int) -> QAccessibleInterface:
        """Return a part in this one."""
        made = self.parts.take(self._part.parts)
        return made[index] if 0 <= index < len(made) else cast("QAccessibleInterface", None)

    def indexOfChild(self, arg__1: QAccessibleInterface) -> int:
        """Return the index of a part in this one, or -1."""
        return self.parts.place(arg__1)

    def childAt(self, x: int, y: int) -> QAccessibleInterface:
        """Return nothing, because only the place of the message is known."""
        del x, y
        return cast("QAccessibleInterface", None)

    def interface_cast(self, arg__1: QAccessible.InterfaceType) -> int:
        """Return the text interface, or that of a heading's level. Qt would misread a plain number as an address."""
        given = None
        if arg__1 == QAccessible.InterfaceType.TextInterface and self._part.text:
            given = self._text
        elif arg__1 == QAccessible.InterfaceType.AttributesInterface:
            given = self._level
        return cast("int", Shiboken.VoidPtr(Shiboken.getCppPointer(given)[0] if given is not None else 0))
