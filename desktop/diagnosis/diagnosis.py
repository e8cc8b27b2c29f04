"""The whole diagnosis, check by check as each is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from desktop.diagnosis import connection, machine
from desktop.diagnosis.check import Check, failed
from desktop.domain.conversation_types import Auth, Connection
from desktop.errors import CredentialError, KeyringLocked, KeyringMissing, KeyringTimeout, ParagoneError
from desktop.net.headers import query_secrets, secret_values
from desktop.services import Services
from desktop.text.phrases import phrase


async def run(services: Services) -> AsyncGenerator[Check, None]:
    """The machine first; then the connections, asked at the same time and told one after the other.

    Those of the user's that the policy forbids are told and not asked. No key that this run knows is in what is told.
    """
    mask = services.keys.mask
    for each in services.settings.known:
        mask.add(*query_secrets(each.url), *secret_values(each.headers))
    unread = await _read_keys(services)
    async with aclosing(_all_checks(services, unread)) as found:
        async for check in found:
            yield msgspec.structs.replace(check, detail=mask.hide(check.detail), hint=mask.hide(check.hint))


async def _read_keys(services: Services) -> frozenset[str]:
    """Let the mask know all keys: what is told first may hold one, as the name in a server's certificate does.

    The names of connections whose keys cannot be read are returned. A keyring that fails is asked once.
    """
    unread: set[str] = set()
    failure: CredentialError | None = None
    for each in services.settings.all_connections:
        try:
            if (each.key_env or failure is None) and each.auth is Auth.KEY and not await services.keys.get(each):
                unread.add(each.name)  # another session may have one that its server was sent
            if failure is None:
                if {*each.secret_headers} - {*await services.keys.headers(each)}:
                    unread.add(each.name)
            elif not each.key_env or each.secret_headers:
                raise failure
        except (KeyringLocked, KeyringMissing, KeyringTimeout) as error:
            failure = error  # the check of the keyring says so
            unread.add(each.name)
        except ParagoneError:
            unread.add(each.name)  # the connection's own checks say so
    return frozenset(unread)


async def _all_checks(services: Services, unread: frozenset[str]) -> AsyncGenerator[Check, None]:
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
    yield machine.children()
    yield machine.network(services)
    for each in services.settings.connections:
        if (problem := services.settings.policy.problem(each)) is not None:
            yield failed(phrase("connection {name}", name=each.name), problem, "warning")
    async for check in _connections(services, unread):
        yield check


async def _connections(services: Services, unread: frozenset[str]) -> AsyncGenerator[Check, None]:
    asked = [
        asyncio.create_task(_all(services, each, has_secrets=each.name in unread))
        for each in services.settings.all_connections
    ]
    try:
        for task in asked:
            for check in await task:
                yield check
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def _all(services: Services, asked: Connection, *, has_secrets: bool) -> list[Check]:
    return [check async for check in connection.checks(services, asked, has_secrets=has_secrets)]
