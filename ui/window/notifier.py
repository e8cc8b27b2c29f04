"""Desktop notifications for events while the window is in the background. A click brings the window to the front."""

# jeepney has no type annotations.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QIcon

from desktop.system.log import logger
from ui.base.strings import tr
from ui.base.tasks import Tasks

if TYPE_CHECKING:
    from jeepney import DBusAddress, MatchRule, Message
    from jeepney.io.asyncio import DBusRouter
    from PySide6.QtWidgets import QSystemTrayIcon

_LONGEST = 200
"""Maximum length of the title and of the text."""

_EXPIRES_MS, _HELD = 10_000, 64
"""Time in milliseconds for which a notification is displayed, and maximum number of signals in the queue."""

_ANSWERS_S, _LISTENS_S = 2.0, 600.0

_log = logger("ui.window.notifier")


class Notifier(QObject):
    """Base class of the notifiers for different systems."""

    pressed = Signal()
    """Emitted when the user clicks a notification."""

    def say(self, title: str, text: str) -> None:
        """Show a notification in place of the last one. Has no effect on systems without notifications."""
        raise NotImplementedError


class BusNotifier(Notifier):
    """Notifier that uses the D-Bus notification service. Connected only while a notification is displayed."""

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._shown = 0
        self._listening: asyncio.Task[None] | None = None

    def say(self, title: str, text: str) -> None:
        """Show a notification without waiting for the service."""
        if self._listening is not None:
            self._listening.cancel()
        self._listening = self._tasks.start(self._say(title[:_LONGEST], text[:_LONGEST]), name="notifier.say")

    async def _say(self, title: str, text: str) -> None:
        """Show a notification and listen for clicks until it disappears."""
        from jeepney import DBusErrorResponse
        from jeepney.io.asyncio import DBusRouter, open_dbus_connection

        try:
            async with asyncio.timeout(_ANSWERS_S) as limit:
                async with await open_dbus_connection("SESSION") as connection, DBusRouter(connection) as router:
                    with router.filter(await _signals(router), bufsize=_HELD) as heard:
                        self._shown = _number(await router.send_and_get_reply(self._message(title, text)))
                        limit.reschedule(asyncio.get_running_loop().time() + _LISTENS_S)
                        await self._listen(heard)
        except (OSError, KeyError, EOFError, ValueError, DBusErrorResponse) as error:
            _log.info("the desktop shows no notification: %s", type(error).__name__)

    async def _listen(self, heard: asyncio.Queue[Message]) -> None:
        from jeepney import HeaderFields

        while self._shown:
            message = await heard.get()
            if message.body[0] != self._shown:
                continue
            match message.header.fields.get(HeaderFields.member):
                case "ActionInvoked":
                    self.pressed.emit()
                case "NotificationClosed":
                    self._shown = 0
                case _:
                    pass

    def _message(self, title: str, text: str) -> Message:
        from jeepney import new_method_call

        hints = {"desktop-entry": ("s", "app.paragone.Paragone"), "category": ("s", "im.received")}
        actions = ["default", tr("Show")]
        import html

        body = ("Paragone", self._shown, "paragone", title, html.escape(text, quote=False), actions, hints, _EXPIRES_MS)
        return new_method_call(_address(), "Notify", "susssasa{sv}i", body)


class TrayNotifier(Notifier):
    """Notifier that uses a tray icon, which exists only while a notification is displayed."""

    def __init__(self, icon: QIcon, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._tray: QSystemTrayIcon | None = None

    def say(self, title: str, text: str) -> None:
        """Show a notification if there is a system tray."""
        from PySide6.QtWidgets import QSystemTrayIcon

        if not QSystemTrayIcon.isSystemTrayAvailable() or not QSystemTrayIcon.supportsMessages():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._icon, self)
            self._tray.messageClicked.connect(self._was_pressed)
        self._tray.show()
        self._tray.showMessage(title[:_LONGEST], text[:_LONGEST], self._icon, _EXPIRES_MS)

    @Slot()
    def _was_pressed(self) -> None:
        if self._tray is not None:
            self._tray.hide()
        self.pressed.emit()


def notifier(tasks: Tasks, icon: QIcon, parent: QObject | None = None) -> Notifier:
    """Return a notifier for this system."""
    return BusNotifier(tasks, parent) if sys.platform.startswith("linux") else TrayNotifier(icon, parent)


def _address() -> DBusAddress:
    from jeepney import DBusAddress

    name = "org.freedesktop.Notifications"
    return DBusAddress("/org/freedesktop/Notifications", bus_name=name, interface=name)


async def _signals(router: DBusRouter) -> MatchRule:
    """Subscribe to the signals of the service, and return the rule that they match."""
    from jeepney import MatchRule, message_bus
    from jeepney.io.asyncio import Proxy

    rule = MatchRule(type="signal", interface=_address().interface, path=_address().object_path)
    await Proxy(message_bus, router).AddMatch(rule)
    return rule


def _number(reply: Message) -> int:
    """Return the number of the notification in a reply.

    Raises:
        DBusErrorResponse: If the reply is an error.
    """
    from jeepney.wrappers import unwrap_msg

    return int(unwrap_msg(reply)[0])
