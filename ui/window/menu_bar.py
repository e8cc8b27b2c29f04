"""Menu bar with all window commands: native on macOS, elsewhere hidden until Alt is pressed or as a setting."""

# ruff: noqa: N802 - Qt names what is overridden here

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QMenuBar, QWidget
from shiboken6 import isValid

from ui.base.commands import COMMANDS, Command, MenuTitle, own_keys
from ui.base.strings import tr
from ui.widgets.menu import Menu

_CANCELS = {
    QEvent.Type.ShortcutOverride,
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.FocusOut,
    QEvent.Type.WindowDeactivate,
}
"""Events after which a pressed Alt key is not alone any longer, besides its own. A shortcut has no KeyPress."""


class CommandMenuBar(QMenuBar):
    """The window commands in menus. Commands that are not available are disabled while their menu is open."""

    def __init__(
        self,
        actions: Mapping[Command, QAction],
        possible: Callable[[], Collection[Command]],
        of_pane: Callable[[], Mapping[Command, Callable[[], object]]],
        window: QMainWindow,
    ) -> None:
        """`of_pane` returns the commands of the visible chat, which are listed in the menu of that name."""
        super().__init__(window)
        self._actions = actions
        self._possible = possible
        self._of_pane = of_pane
        self.stays = True
        self._before: QWidget | None = None
        """What had the keyboard before Alt was pressed."""
        self.setAccessibleName(tr("Menu bar"))
        for title in MenuTitle:
            self._add(title)
        AltKey(self, window)

    def set_shown(self, *, shown: bool) -> None:
        """Show the bar permanently, or only when Alt is pressed."""
        self.stays = shown
        self.setVisible(shown)

    def enter(self) -> None:
        """Show the bar and open its first menu, from which the arrow keys lead to the others."""
        self._before = QApplication.focusWidget()
        self.show()
        self.setActiveAction(self.actions()[0])

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide a bar that was shown by Alt, unless one of its menus opens."""
        super().focusOutEvent(event)
        self._leave_soon()

    @Slot()
    def _leave_soon(self) -> None:
        QTimer.singleShot(0, self, self._leave)

    def _leave(self) -> None:
        """Hide a bar that was shown by Alt once neither the bar nor a menu has the keyboard."""
        if self.stays or self.hasFocus() or QApplication.activePopupWidget() is not None:
            return
        self.hide()
        before, self._before = self._before, None
        if before is not None and isValid(before) and self.window().focusWidget() in {None, self}:
            before.setFocus()

    def _add(self, title: MenuTitle) -> None:
        commands = [each for each in self._actions if COMMANDS[each].menu is title]
        menu = Menu(tr(title.value), self)
        menu.addActions([self._actions[each] for each in commands])
        self.addMenu(menu)

        def enable(*, every: bool) -> None:
            """Disable what is not available. A disabled action has no shortcut, so this lasts only while it is seen."""
            possible = {*self._possible(), Command.PALETTE}
            for each in commands:
                self._actions[each].setEnabled(every or each in possible)

        if title is MenuTitle.CHAT:
            menu.aboutToShow.connect(partial(self._list_pane, menu, []))
        menu.aboutToShow.connect(lambda: enable(every=False))
        menu.aboutToHide.connect(lambda: enable(every=True))
        menu.aboutToHide.connect(self._leave_soon)

    def _list_pane(self, menu: Menu, listed: list[QAction]) -> None:
        """List the commands of the visible chat above the others. Their keys are only written, since they act there."""
        for each in listed:
            menu.removeAction(each)
            each.deleteLater()
        listed.clear()
        first = menu.actions()[0]
        for command, do in self._of_pane().items():
            keys = own_keys(command).toString(QKeySequence.SequenceFormat.NativeText)
            action = QAction(f"{tr(COMMANDS[command].title)}\t{keys}", menu)
            action.triggered.connect(do)
            menu.insertAction(first, action)
            listed.append(action)
        if listed:
            listed.append(menu.insertSeparator(first))


class AltKey(QObject):
    """Shows a hidden menu bar when Alt is pressed and released alone."""

    def __init__(self, bar: CommandMenuBar, window: QMainWindow) -> None:
        super().__init__(bar)
        self._bar = bar
        self._pressed = False
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the whole program from a press of Alt until it is released or anything else happens."""
        kind = event.type()
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Alt:
            if kind == QEvent.Type.ShortcutOverride and not self._pressed and not self._bar.isVisible():
                self._watch(on=event.modifiers() == Qt.KeyboardModifier.AltModifier)
            elif kind == QEvent.Type.KeyRelease and self._pressed:
                self._watch(on=False)
                self._bar.enter()
        elif self._pressed and kind in _CANCELS:
            self._watch(on=False)
        return super().eventFilter(watched, event)

    def _watch(self, *, on: bool) -> None:
        if self._pressed != on:
            self._pressed = on
            app = QApplication.instance()
            assert app is not None
            (app.installEventFilter if on else app.removeEventFilter)(self)
