"""Addresses that a name is resolved to."""

from __future__ import annotations

import socket

import pytest

from desktop.net.connector import BoundedResolver


async def test_a_loopback_name_leads_to_127_0_0_1_first_and_to_no_other_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    addresses = ["::1", "192.0.2.7", "127.0.0.1"]

    def look_up(_: str, port: int, *__: object, **___: object) -> list[object]:
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port, 0, 0)[: 4 if ":" in address else 2])
            for family, address in zip(families, addresses, strict=True)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    resolver = BoundedResolver(5)
    resolved = await resolver.resolve("localhost", 11434, socket.AF_UNSPEC)
    assert [each["host"] for each in resolved] == ["127.0.0.1", "::1"]
    addresses[:] = ["192.0.2.7"]
    with pytest.raises(OSError, match="leads to another"):
        await resolver.resolve("localhost", 11434, socket.AF_UNSPEC)
    await resolver.close()
