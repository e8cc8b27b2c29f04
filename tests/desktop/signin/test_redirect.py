"""Where the browser lands: nobody else may stand on the same port of the other loopback address."""

from __future__ import annotations

import errno
import socket

import pytest

from desktop.errors import SignInFailed
from desktop.signin import redirect

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
    with pytest.raises(SignInFailed, match="No port"):
        async with redirect.landing():
            pass
