"""Keyboard shortcut of the whole desktop, which the user grants through the GlobalShortcuts portal."""

# jeepney has no type annotations.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.system.log import logger
from ui.base.strings import tr
from ui.base.tasks import Tasks

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.asyncio import DBusRouter

_NAME, _PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
_SHORTCUTS, _REQUEST = "org.freedesktop.portal.GlobalShortcuts", "org.freedesktop.portal.Request"
_REGISTRY = "org.freedesktop.host.portal.Registry"
_APP, _ID, _PREFERRED = "app.paragone.Paragone", "toggle", "CTRL+ALT+p"
_ANSWERS_S, _HELD = 5.0, 64
"""Time in seconds for the portal to answer calls without a dialog, and maximum number of signals in the queue."""

_log = logger("ui.window.desktop_shortcut")


class DesktopShortcut(QObject):
    """Shortcut that the desktop reports, whichever program is active. It lasts as long as its task and connection."""

    pressed = Signal(str)
    """Emitted with an activation token or an empty string."""
    refused = Signal()
    """Emitted if the desktop has no such portal."""

    def __init__(self, tasks: Tasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Ask for the shortcut."""
        self._task = self._tasks.start(self._listen(), name="shortcut.listen")

    def stop(self) -> None:
        """Give the shortcut back."""
        if self._task is not None:
            self._task.cancel()

    async def _listen(self) -> None:
        from jeepney import DBusErrorResponse
        from jeepney.io.asyncio import DBusRouter, open_dbus_connection

        try:
            async with await open_dbus_connection("SESSION") as connection, DBusRouter(connection) as router:
                await self._bind(router)
        except (OSError, KeyError, EOFError, ValueError, TimeoutError, DBusErrorResponse) as error:
            _log.info("the desktop grants no shortcut: %s", type(error).__name__)
            self.refused.emit()

    async def _bind(self, router: DBusRouter) -> None:
        """Ask for the shortcut, and report each press of it until this is cancelled or the user refuses."""
        from jeepney import DBusErrorResponse, HeaderFields, MatchRule, message_bus
        from jeepney.io.asyncio import Proxy

        heard: asyncio.Queue[Message] = asyncio.Queue(_HELD)
        rules = [MatchRule(type="signal", interface=each) for each in (_REQUEST, _SHORTCUTS)]
        with router.filter(rules[0], queue=heard), router.filter(rules[1], queue=heard):
            async with asyncio.timeout(_ANSWERS_S):
                for rule in rules:
                    await Proxy(message_bus, router).AddMatch(rule)
                try:  # tells the portal whose shortcut it is, since there is no sandbox that would
                    await _call(router, _REGISTRY, "Register", "sa{sv}", _APP, {})
                except DBusErrorResponse as error:
                    _log.info("the portal registers no programs: %s", error.name)
                options = {"session_handle_token": ("s", _token())}
                created = await _ask(router, heard, "CreateSession", "a{sv}", options=options)
            if created is None:
                self.refused.emit()
                return
            session = str(created["session_handle"][1])
            wanted = {"description": ("s", tr("Show Paragone")), "preferred_trigger": ("s", _PREFERRED)}
            given = (session, [(_ID, wanted)], "")
            if await _ask(router, heard, "BindShortcuts", "oa(sa{sv})sa{sv}", *given) is None:
                return  # the user was asked and said no
            while True:
                message = await heard.get()
                is_press = message.header.fields.get(HeaderFields.member) == "Activated"
                if is_press and message.body[:2] == (session, _ID):
                    self.pressed.emit(str(message.body[3].get("activation_token", ("s", ""))[1]))


def _token() -> str:
    return f"paragone{secrets.token_hex(8)}"


async def _call(router: DBusRouter, interface: str, member: str, signature: str, *body: object) -> Message:
    """Call a method of the portal.

    Raises:
        DBusErrorResponse: If the reply is an error.
    """
    from jeepney import DBusAddress, new_method_call
    from jeepney.wrappers import unwrap_msg

    address = DBusAddress(_PATH, bus_name=_NAME, interface=interface)
    reply = await router.send_and_get_reply(new_method_call(address, member, signature, body))
    unwrap_msg(reply)
    return reply


async def _ask(
    router: DBusRouter,
    heard: asyncio.Queue[Message],
    member: str,
    signature: str,
    *body: object,
    options: dict[str, tuple[str, str]] | None = None,
) -> dict[str, tuple[str, object]] | None:
    """Call a method that answers by a signal of its request. Returns the results, or None if it was refused."""
    from jeepney import HeaderFields

    token = _token()
    mine = {**(options or {}), "handle_token": ("s", token)}
    await _call(router, _SHORTCUTS, member, signature, *body, mine)
    while True:
        message = await heard.get()
        if str(message.header.fields.get(HeaderFields.path, "")).endswith(f"/{token}"):
            status, results = message.body
            return results if status == 0 else None
