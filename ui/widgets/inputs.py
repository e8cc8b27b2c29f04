"""Form fields in the theme's colors: drop-down list, check box, number field and segmented control."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QLocale, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleInterface,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QValidator,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAccessibleWidget,
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)
from shiboken6 import Shiboken

from ui.base.icons import icon
from ui.base.strings import number_text, tr
from ui.widgets.accessible_text import AccessibleText
from ui.widgets.labels import isolated
from ui.widgets.tips import put_tip

if TYPE_CHECKING:
    from collections.abc import Sequence

_PRESS = "Press"


class AccessibleChoice(QAccessibleWidget):
    """Accessible interface of a choice box. Qt deletes it together with the box."""

    def __init__(self, box: QComboBox) -> None:
        super().__init__(box, QAccessible.Role.ComboBox)
        self._box = box
        self._text = AccessibleText(box.currentText)

    def text(self, t: QAccessible.Text) -> str:
        """Return the selected value, the name or another accessible text."""
        return self._box.currentText() if t == QAccessible.Text.Value else super().text(t)

    def state(self) -> QAccessible.State:
        """Return the state, which includes whether the list is open."""
        made = super().state()
        made.expandable = True
        made.expanded = self._box.view().isVisible()
        made.editable = self._box.isEditable()
        return made

    def interface_cast(self, t: QAccessible.InterfaceType) -> int:
        """Return the text interface if requested. Qt would misread a plain number or None as an address."""
        if t == QAccessible.InterfaceType.TextInterface:
            return cast("int", Shiboken.VoidPtr(Shiboken.getCppPointer(self._text)[0]))
        has = cast("int | None", super().interface_cast(t))  # an address that counts as false
        return cast("int", Shiboken.VoidPtr(0)) if has is None else has

    def childCount(self) -> int:
        """Return the number of children: the list while it is open, and the text field if editable."""
        return len(self._parts)

    def child(self, index: int) -> QAccessibleInterface:
        """Return the list or the text field."""
        parts = self._parts
        found = QAccessible.queryAccessibleInterface(parts[index]) if 0 <= index < len(parts) else None
        return cast("QAccessibleInterface", found)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        """Return the index of the list or the text field, or -1 for another object."""
        return next((place for place, part in enumerate(self._parts) if child.object() is part), -1)

    def actionNames(self) -> list[str]:
        """Return the names of the actions, which include opening the list."""
        return [_PRESS, *super().actionNames()]

    def doAction(self, actionName: str) -> None:  # noqa: N803
        """Run an action, such as opening or closing the list."""
        if actionName != _PRESS:
            super().doAction(actionName)
        elif self._box.view().isVisible():
            self._box.hidePopup()
        else:
            self._box.showPopup()

    @property
    def _parts(self) -> Sequence[QWidget]:
        view = self._box.view()
        line = self._box.lineEdit()
        return [*([view] if view.isVisible() else []), *([] if line is None else [line])]


_ARROW = 14
_BUTTONS = 24
_LONGEST = 10
_WIDEST_CHOICE = 260
_PADDING = 26
"""Horizontal padding of a segment in pixels, including its border, as in the style sheet."""


class ChoiceBox(QComboBox):
    """Drop-down list. The mouse wheel changes the value only while the box has the focus."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._accessible = AccessibleChoice(self)
        QAccessible.registerAccessibleInterface(self._accessible)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaxVisibleItems(_LONGEST)
        self.rename(name)
        # Only this delegate applies the style sheet to the list
        self.setItemDelegate(QStyledItemDelegate(self))

    def rename(self, name: str) -> None:
        """Set the accessible name of the box and its list."""
        self.setAccessibleName(name)
        self.view().setAccessibleName(name)

    def fit(self) -> None:
        """Set the minimum width so that the longest item fits, up to a limit."""
        texts = (self.itemText(place) for place in range(self.count()))
        longest = max((self.fontMetrics().horizontalAdvance(text) for text in texts), default=0)
        self.setMinimumWidth(min(longest + _BUTTONS + 28, _WIDEST_CHOICE))

    def showPopup(self) -> None:
        """Open the list at the current item, with only the theme's frame."""
        self.view().setCurrentIndex(self.model().index(self.currentIndex(), self.modelColumn(), self.rootModelIndex()))
        super().showPopup()
        around = self.view().parentWidget()
        if isinstance(around, QFrame):
            around.setFrameShape(QFrame.Shape.NoFrame)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the value, shortened to fit, and the arrow."""
        del event
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width() - 2
        said = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        option.currentText = isolated(said)  # pyright: ignore[reportAttributeAccessIssue]
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        area = QRect(self.width() - _BUTTONS, (self.height() - _ARROW) // 2, _ARROW, _ARROW)
        icon("chevron-down", _muted(self), _ARROW).paint(painter, _mirrored(self, area))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the box has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _mirrored(widget: QWidget, area: QRect) -> QRect:
    """Return a rectangle mirrored for right-to-left layouts."""
    return QStyle.visualRect(widget.layoutDirection(), widget.rect(), area)


class TickBox(QCheckBox):
    """Check box whose tick has the theme's color."""

    def __init__(self, text: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(name or text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box with its text, and the tick if it is checked."""
        super().paintEvent(event)
        if self.isChecked():
            option = QStyleOptionButton()
            self.initStyleOption(option)
            box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
            colour = self.palette().color(QPalette.ColorRole.HighlightedText).name()
            icon("check", colour if self.isEnabled() else _muted(self), box.width()).paint(QPainter(self), box)


def refused_text(field: QDoubleSpinBox, typed: str) -> str:
    """Describe which numbers a field accepts, after an invalid entry."""
    least, most = number_text(round(field.minimum())), number_text(round(field.maximum()))
    expected = tr("a number from {least} to {most}", least=least, most=most)
    return tr(
        "The value must be {expected}, not “{typed}”. The previous value was kept.", expected=expected, typed=typed
    )


class NumberBox(QDoubleSpinBox):
    """Number field with bounds. After an invalid entry, the previous value is restored."""

    refused = Signal(str)
    """Emitted with text that was entered but is not an accepted number."""

    def __init__(
        self, minimum: float, maximum: float, *, decimals: int = 0, unit: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        locale = QLocale()
        locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        self.setLocale(locale)
        self.lineEdit().setTextMargins(7, 0, 7, 0)
        self.setDecimals(decimals)
        self.setRange(minimum, maximum)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if unit:
            self.setSuffix(f" {unit}")

    def textFromValue(self, value: float) -> str:
        """Format the value without trailing zeros."""
        return self.locale().toString(value, "g", 9)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Return whether a text is valid. Numbers out of bounds can be typed, because ignored keys are confusing."""
        number = text.removesuffix(self.suffix()).strip()
        if number in ("", "-") or _is_number(self.locale(), number):
            state = QValidator.State.Acceptable if self._fits(number) else QValidator.State.Intermediate
            return state, text, position
        return QValidator.State.Invalid, text, position

    def fixup(self, text: str) -> str:
        """Emit an invalid entry and return the previous value as text."""
        self.refused.emit(text.removesuffix(self.suffix()).strip())
        return self.textFromValue(self.value()) + self.suffix()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the number and the arrows."""
        super().paintEvent(event)
        painter = QPainter(self)
        middle, left = self.height() // 2, self.width() - _BUTTONS + 3
        for name, top in (("chevron-up", middle - 12), ("chevron-down", middle)):
            icon(name, _muted(self), 12).paint(painter, _mirrored(self, QRect(left, top, 12, 12)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page unless the field has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _fits(self, number: str) -> bool:
        if not _is_number(self.locale(), number):
            return False
        value, _ = self.locale().toDouble(number)
        return self.minimum() <= value <= self.maximum()


class _Segment(QPushButton):
    """Button of a segmented control, wide enough for its title in bold, which marks the chosen segment."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with all arrow keys, because screen readers announce the segment as a radio button."""
        forward = 1 if self.isLeftToRight() else -1
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: forward, Qt.Key.Key_Left: -forward}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(step)

    def sizeHint(self) -> QSize:
        """Return the size that fits the bold title with padding."""
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        hint = super().sizeHint()
        return QSize(max(hint.width(), QFontMetrics(bold).horizontalAdvance(self.text()) + _PADDING), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Return the full size, so that the title is never cut off."""
        return self.sizeHint()


class Segments(QWidget):
    """Segmented control in which one button is chosen. Arrow keys move the choice."""

    chosen = Signal(int)

    def __init__(self, titles: Sequence[str], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for number, title in enumerate(titles):
            button = _Segment(title)
            button.setCheckable(True)
            button.setAutoExclusive(True)  # told as a radio button
            button.setAccessibleName(f"{name}: {title}")
            button.setProperty("role", "segment")
            from_left = number if self.isLeftToRight() else len(titles) - 1 - number  # style sheets know left and right
            button.setProperty("place", _place(from_left, len(titles)))
            button.stepped.connect(self._step)
            self._group.addButton(button, number)
            row.addWidget(button, 1)
        self._group.button(0).setChecked(True)
        self._group.idToggled.connect(self._toggled)
        self._lead_to_chosen()

    def choose(self, number: int) -> None:
        """Choose a segment by its index, starting at 0. `chosen` is emitted even if the segment is already chosen."""
        if number == self.current:
            self.chosen.emit(number)
        else:
            self._group.button(number).setChecked(True)

    def rename(self, number: int, title: str) -> None:
        """Change the title of a segment."""
        button = self._group.button(number)
        button.setText(title)
        button.setAccessibleName(f"{self.accessibleName()}: {title}")

    def forbid(self, number: int, why: str) -> None:
        """Disable a segment and explain the reason in its tooltip."""
        self._group.button(number).setEnabled(False)
        put_tip(self._group.button(number), why)

    @property
    def current(self) -> int:
        """Index of the chosen segment, starting at 0."""
        return max(0, self._group.checkedId())

    @Slot(int)
    def _step(self, by: int) -> None:
        """Choose the next segment in a direction that is enabled."""
        at = self.current + by
        while 0 <= at < len(self._group.buttons()):
            button = self._group.button(at)
            if button.isEnabled():
                button.setFocus(Qt.FocusReason.TabFocusReason)
                button.setChecked(True)
                return
            at += by

    def minimumSizeHint(self) -> QSize:
        """Return the size that fits all titles."""
        return self.sizeHint()

    @Slot(int, bool)
    def _toggled(self, number: int, on: bool) -> None:  # noqa: FBT001 - Qt's signal
        if on:
            self._lead_to_chosen()
            self.chosen.emit(number)

    def _lead_to_chosen(self) -> None:
        """Let Tab stop at the chosen segment only, in both directions."""
        for button in self._group.buttons():
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if button.isChecked() else Qt.FocusPolicy.ClickFocus)
        if (chosen := self._group.checkedButton()) is not None:
            self.setFocusProxy(chosen)


def _place(number: int, count: int) -> str:
    if count == 1:
        return "only"
    return "first" if number == 0 else "last" if number == count - 1 else "middle"


def _is_number(locale: QLocale, text: str) -> bool:
    return bool(locale.toDouble(text)[1])


def _muted(widget: QWidget) -> str:
    return widget.palette().color(QPalette.ColorRole.PlaceholderText).name()
