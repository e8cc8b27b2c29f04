"""What a screen reader sees: applications, their controls by role and name, what they say, and what can be done."""

# jeepney carries no types
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from jeepney import DBusAddress, HeaderFields, MatchRule, MessageType, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import DBusErrorResponse, Properties

T = TypeVar("T")

_ACCESSIBLE = "org.a11y.atspi.Accessible"
_ROOT = "/org/a11y/atspi/accessible/root"
_REPLY_S = 40.0
_EVENT = "org.a11y.atspi.Event.Object"
_EVENTS = ("object:state-changed:focused", "object:announcement")
_MOST, _LISTEN_S = 10_000, 0.1
WAIT_S = 60.0

ACTIVE, CHECKED, ENABLED, FOCUSABLE, FOCUSED, SELECTED, SHOWING = 1, 4, 8, 11, 12, 23, 25
"""Bits of an accessible's state, by AT-SPI's numbers."""


class Gone(Exception):
    """The control, or its whole program, is no more."""


@dataclass(frozen=True)
class Node:
    """One accessible: a program, a window, a control, an item of a list."""

    reader: Reader
    owner: str
    path: str

    @property
    def name(self) -> str:
        """What is read out first."""
        return str(self.reader.property(self, _ACCESSIBLE, "Name"))

    @property
    def description(self) -> str:
        """What is read out after it."""
        return str(self.reader.property(self, _ACCESSIBLE, "Description"))

    @property
    def role(self) -> str:
        """What it is, in AT-SPI's words: push button, list, text."""
        return str(self.reader.call(self, _ACCESSIBLE, "GetRoleName")[0])

    @property
    def attributes(self) -> dict[str, str]:
        """What else is told of it, such as the level of a heading."""
        return dict(self.reader.call(self, _ACCESSIBLE, "GetAttributes")[0])

    @property
    def children(self) -> list[Node]:
        """What is in it."""
        found: list[tuple[str, str]] = self.reader.call(self, _ACCESSIBLE, "GetChildren")[0]
        return [Node(self.reader, owner, path) for owner, path in found]

    @property
    def text(self) -> str:
        """The text in it, for what holds text."""
        return str(self.reader.call(self, "org.a11y.atspi.Text", "GetText", "ii", (0, -1))[0])

    def has(self, state: int) -> bool:
        """Whether it is in a state, such as FOCUSED."""
        low, high = self.reader.call(self, _ACCESSIBLE, "GetState")[0]
        return bool((high << 32 | low) >> state & 1)

    def focus(self) -> None:
        """Put the keyboard on it."""
        assert self.reader.call(self, "org.a11y.atspi.Component", "GrabFocus")[0], f"{self.name} takes no focus"

    def write(self, text: str) -> None:
        """Let a text stand in it, in place of what stands there."""
        assert self.reader.call(self, "org.a11y.atspi.EditableText", "SetTextContents", "s", (text,))[0]
        wait(lambda: self.text == text, f"“{text}” in {self.name}")

    def press(self) -> None:
        """Do the first thing that it offers."""
        assert self.reader.call(self, "org.a11y.atspi.Action", "DoAction", "i", (0,))[0], f"{self.name} did nothing"

    def walk(self) -> Iterator[Node]:
        """All that is in it, from the top; what goes away meanwhile is left out."""
        try:
            below = self.children
        except Gone:
            return
        for child in below:
            yield child
            yield from child.walk()

    def look(self, role: str, name: str) -> Node | None:
        """A control of a role and name that is shown, if there is one."""
        return self._shown((role, name), lambda node: node.name == name)

    def beginning(self, role: str, words: str) -> Node | None:
        """A control of a role that is shown and whose name begins with these words."""
        return self._shown((role, words, "…"), lambda node: node.name.startswith(words))

    def _shown(self, wanted: tuple[str, ...], is_named: Callable[[Node], bool]) -> Node | None:
        """The one that was found last where it is still that, else the first one: to go through all takes a second."""
        known = self.reader.found.get((self, wanted))
        for node in chain([known] if known is not None else [], self.walk()):
            try:
                if is_named(node) and node.role == wanted[0] and node.has(SHOWING):
                    self.reader.found[self, wanted] = node
                    return node
            except Gone:
                continue
        return None

    def find(self, role: str, name: str, timeout_s: float = WAIT_S) -> Node:
        """The control of a role and name, waited for."""
        return wait(lambda: self.look(role, name), f"{role} “{name}”", timeout_s)


class Hearing:
    """What a screen reader is told of without asking, from some time on."""

    def __init__(self, reader: Reader, bus: DBusConnection, queue: deque[Any]) -> None:
        self._reader = reader
        self._bus = bus
        self._queue = queue
        self._heard: list[Any] = []

    @property
    def focused(self) -> list[Node]:
        """What had the keyboard, one after the other."""
        return [self._node(each) for each in self._all("StateChanged") if each.body[:2] == ("focused", 1)]

    @property
    def said(self) -> list[str]:
        """What is to be said at once."""
        return [str(each.body[3][1]) for each in self._all("Announcement")]

    def _all(self, kind: str) -> list[Any]:
        limit = time.monotonic() + _LISTEN_S
        with suppress(TimeoutError):
            while (left := limit - time.monotonic()) > 0:
                self._bus.recv_messages(timeout=left)
        while self._queue:
            self._heard.append(self._queue.popleft())
        return [each for each in self._heard if each.header.fields[HeaderFields.member] == kind]

    def _node(self, message: Any) -> Node:  # noqa: ANN401 - as D-Bus has it
        fields = message.header.fields
        return Node(self._reader, fields[HeaderFields.sender], fields[HeaderFields.path])


class Reader:
    """A screen reader's connection to what is on the screen."""

    def __init__(self, bus: DBusConnection) -> None:
        self._bus = bus
        self.found: dict[tuple[Node, tuple[str, ...]], Node] = {}
        """By what was gone through and what was sought in it."""

    def application(self, pid: int) -> Node | None:
        """The program of a process, once it is on the screen."""
        for node in Node(self, "org.a11y.atspi.Registry", _ROOT).children:
            try:
                if self._pid(node.owner) == pid:
                    return node
            except Gone:
                continue
        return None

    def call(self, node: Node, interface: str, method: str, signature: str = "", body: tuple[Any, ...] = ()) -> Any:  # noqa: ANN401 - as D-Bus has it
        """Call a method. Raises Gone where nobody is there to answer."""
        address = DBusAddress(node.path, bus_name=node.owner, interface=interface)
        return self._ask(new_method_call(address, method, signature or None, body))

    def property(self, node: Node, interface: str, name: str) -> Any:  # noqa: ANN401 - as D-Bus has it
        """Read a property. Raises Gone where nobody is there to answer."""
        address = DBusAddress(node.path, bus_name=node.owner, interface=interface)
        return self._ask(Properties(address).get(name))[0][1]

    @contextmanager
    def hearing(self) -> Generator[Hearing]:
        """Listen to what is told of."""
        registry = DBusAddress("/org/a11y/atspi/registry", "org.a11y.atspi.Registry", "org.a11y.atspi.Registry")
        for event in _EVENTS:
            self._ask(new_method_call(registry, "RegisterEvent", "sass", (event, [], "")))
        rule = MatchRule(type="signal", interface=_EVENT)
        self._ask(message_bus.AddMatch(rule))
        with self._bus.filter(rule, bufsize=_MOST) as queue:
            yield Hearing(self, self._bus, queue)

    def _pid(self, owner: str) -> int:
        address = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        return int(self._ask(new_method_call(address, "GetConnectionUnixProcessID", "s", (owner,)))[0])

    def _ask(self, message: Any) -> Any:  # noqa: ANN401 - as D-Bus has it
        reply = self._bus.send_and_get_reply(message, timeout=_REPLY_S)
        if reply.header.message_type is MessageType.error:
            error = DBusErrorResponse(reply)
            raise Gone(f"{error.name}: {error.data}")
        return reply.body


@contextmanager
def reader(session_address: str) -> Generator[Reader]:
    """A screen reader in a D-Bus session."""
    with open_dbus_connection(session_address) as session:
        address = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
        found = wait(lambda: _address(session, address), "the bus of screen readers")
    with open_dbus_connection(found) as bus:
        yield Reader(bus)


def wait(look: Callable[[], T | None], what: str, timeout_s: float = WAIT_S) -> T:
    """What `look` finds, once it finds something; AssertionError where it does not in time.

    Each look asks the window for hundreds of things: for twice as long as it took, the window is left alone.
    """
    limit = time.monotonic() + timeout_s
    begun = time.monotonic()
    while not (found := look()):
        assert time.monotonic() < limit, f"{what} did not return"
        time.sleep(max(0.03, 2 * (time.monotonic() - begun)))
        begun = time.monotonic()
    return found


def _address(session: DBusConnection, address: DBusAddress) -> str:
    reply = session.send_and_get_reply(new_method_call(address, "GetAddress"), timeout=_REPLY_S)
    return "" if reply.header.message_type is MessageType.error else str(reply.body[0])
