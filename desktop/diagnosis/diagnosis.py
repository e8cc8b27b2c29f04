"""The whole diagnosis, check by check as each is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from desktop.diagnosis import connection, machine
from desktop.diagnosis.check import Check, failed
from desktop.domain import Connection
from desktop.errors import KeyringLocked, KeyringMissing, KeyringTimeout, ParagoneError
from desktop.headers import query_secrets, secret_values
from desktop.phrases import phrase
from desktop.services import Services


async def run(services: Services) -> AsyncGenerator[Check, None]:
    """The machine first; then the connections, asked at the same time and told one after the other.

    Those of the user's that the policy forbids are told and not asked. No key that this run knows is in what is told.
    """
    mask = services.keys.mask
    for each in services.settings.known:
        mask.add(*query_secrets(each.url), *secret_values(each.headers))
    await _read_keys(services)
    async with aclosing(_all_checks(services)) as found:
        async for check in found:
            yield msgspec.structs.replace(check, detail=mask.hide(check.detail), hint=mask.hide(check.hint))


async def _read_keys(services: Services) -> None:
    """Let the mask know all keys: what is told first may hold one, as the name in a server's certificate does."""
    for each in services.settings.all_connections:
        try:
            await services.keys.get(each)
            await services.keys.headers(each)
        except (KeyringLocked, KeyringMissing, KeyringTimeout):
            return  # the check of the keyring says so
        except ParagoneError:
            continue  # the connection's own checks say so


async def _all_checks(services: Services) -> AsyncGenerator[Check, None]:
    yield machine.program()
    yield machine.sqlite()
    for check in machine.folders(services):
        yield check
    yield machine.settings(services)
    for check in machine.policies(services):
        yield check
    yield await machine.store(services)
    yield await machine.keyring(services)
    for check in (*await machine.stray_keys(services), *machine.plain_keys(services)):
        yield check
    yield machine.display(services)
    yield machine.network(services)
    for each in services.settings.connections:
        if (problem := services.settings.policy.problem(each)) is not None:
            yield failed(phrase("connection {name}", name=each.name), problem, "warning")
    async for check in _connections(services):
        yield check


async def _connections(services: Services) -> AsyncGenerator[Check, None]:
    asked = [asyncio.create_task(_all(services, each)) for each in services.settings.all_connections]
    try:
        for task in asked:
            for check in await task:
                yield check
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def _all(services: Services, asked: Connection) -> list[Check]:
    return [check async for check in connection.checks(services, asked)]
