"""Complete diagnosis, yielded check by check."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from desktop.diagnosis import connection, machine, tool_servers
from desktop.diagnosis.check import Check, failed
from desktop.domain.conversation_types import Auth, Connection
from desktop.errors import CredentialError, KeyringLocked, KeyringMissing, KeyringTimeout, ParagoneError
from desktop.net.headers import query_secrets, secret_values
from desktop.services import Services
from desktop.text.phrases import phrase


async def run(services: Services) -> AsyncGenerator[Check, None]:
    """Yield the checks of the computer, then those of the connections in order, although these run in parallel.

    Connections of the user that a policy forbids are reported but not contacted. Known keys never appear in the
    results.
    """
    mask = services.keys.mask
    for each in services.settings.known:
        mask.add(*query_secrets(each.url), *secret_values(each.headers))
    unread = await _read_keys(services)
    async with aclosing(_all_checks(services, unread)) as found:
        async for check in found:
            yield msgspec.structs.replace(check, detail=mask.hide(check.detail), hint=mask.hide(check.hint))


async def _read_keys(services: Services) -> frozenset[str]:
    """Register all keys with the mask before anything is reported, because a server's certificate may contain one.

    Returns the names of connections whose keys cannot be read. A keyring that fails is only queried once.
    """
    unread: set[str] = set()
    failure: CredentialError | None = None
    for target in services.settings.all_connections:
        try:
            if (target.key_env or failure is None) and target.auth is Auth.KEY and not await services.keys.get(target):
                unread.add(target.name)  # another session may have sent one to the server
            if failure is None:
                if {*target.secret_headers} - {*await services.keys.headers(target)}:
                    unread.add(target.name)
            elif not target.key_env or target.secret_headers:
                raise failure
        except (KeyringLocked, KeyringMissing, KeyringTimeout) as error:
            failure = error  # reported by the keyring check
            unread.add(target.name)
        except ParagoneError:
            unread.add(target.name)  # reported by the connection's own checks
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
    for check in await tool_servers.checks(services):
        yield check


async def _connections(services: Services, unread: frozenset[str]) -> AsyncGenerator[Check, None]:
    tasks = [
        asyncio.create_task(_all(services, each, has_secrets=each.name in unread))
        for each in services.settings.all_connections
    ]
    try:
        for task in tasks:
            for check in await task:
                yield check
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _all(services: Services, asked: Connection, *, has_secrets: bool) -> list[Check]:
    return [check async for check in connection.checks(services, asked, has_secrets=has_secrets)]
