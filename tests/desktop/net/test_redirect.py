"""Where the browser lands: nobody else may stand on the same port of the other loopback address."""

from __future__ import annotations

import asyncio
import errno
import socket

import pytest

from desktop.errors import SignInFailed
from desktop.net import redirect

_create = socket.create_server


def _taken(*ports_free: bool) -> object:
    """`socket.create_server` on a machine where another program holds the port of ::1, as often as said."""
    free = iter(ports_free)

    def create(address: tuple[str, int], *, family: int = socket.AF_INET) -> socket.socket:
        """A real socket, or the refusal."""
        if address[0] == "::1":
            if not next(free):
                raise OSError(errno.EADDRINUSE, "in use")
            return _create(("127.0.0.2", address[1]))
        return _create(address, family=family)

    return create


async def test_a_port_that_another_holds_on_the_second_address_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_server", _taken(False, False, True))
    async with redirect.landing() as place:
        with socket.create_connection(("127.0.0.2", place.port)):
            pass


async def test_where_another_holds_every_port_there_is_no_landing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_server", _taken(*[False] * 100))
    with pytest.raises(SignInFailed, match="There is no free port"):
        async with redirect.landing():
            pass


@pytest.mark.parametrize("state", ["%C3%A9", "\xe9", "%FF", "%ED%A0%80"])
async def test_a_state_of_any_characters_is_turned_away_in_order(state: str) -> None:
    bugs: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: bugs.append(context))
    async with redirect.landing() as place:
        place.state = "expected"
        reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
        writer.write(f"GET /?state={state} HTTP/1.1\r\n\r\n".encode("latin-1"))
        async with asyncio.timeout(5):
            assert (await reader.read()).startswith(b"HTTP/1.1 404")
        writer.close()
    assert bugs == []
