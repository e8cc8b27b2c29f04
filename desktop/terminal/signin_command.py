"""`connections sign-in` and `sign-out`: Entra ID by the browser, or by a code where there is none."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from desktop.domain import Auth, Connection
from desktop.errors import UsageError
from desktop.foreign_programs import launch
from desktop.phrases import english
from desktop.signin.cache import Account
from desktop.signin.entra import Code
from desktop.terminal.console_services import ConsoleServices


async def sign_in(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Sign somebody in for a connection; 1 where that is for this run only, which is soon over."""
    connection = _connection(services, arguments.name)
    services.settings.policy.demand_connection(connection)
    by_code = arguments.device_code or not has_browser(services.environ)
    account = await (_by_code if by_code else _by_browser)(services, connection)
    kept = services.entra.kept
    if kept.problem is not None:
        services.console.error(
            f"{kept.problem.message} The sign-in was only kept until the program ended and is now forgotten.",
            kept.problem.hint,
        )
    if arguments.json:
        services.console.json({"name": connection.name, "account": account.name, "kept_in": kept.keyring})
    else:
        services.console.line(f"Signed in as {account.name or 'somebody'} for {connection.name}.")
    return 0 if kept.problem is None else 1


async def sign_out(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Forget the account of a connection, wherever else it is used."""
    connection = _connection(services, arguments.name)
    account = await services.entra.sign_out(connection)
    if arguments.json:
        services.console.json({"name": connection.name, "account": account.name if account else None})
    elif account is None:
        services.console.line(f"Nobody is signed in for {connection.name}.")
    else:
        services.console.line(f"Signed out {account.name or 'the account'} from all connections that used the account.")
    return 0


def has_browser(environ: Mapping[str, str]) -> bool:
    """Whether a browser can be shown here: one within the terminal would take it over."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


async def _by_browser(services: ConsoleServices, connection: Connection) -> Account:
    async def show(page: str) -> bool:
        """Say the address before the browser is asked, which may take its time or not open at all."""
        services.console.note(f"The browser asks you to sign in. If none opens, visit: {page}")
        launch(page)
        return True  # somebody may still open it by hand

    return await services.entra.by_browser(connection, show)


async def _by_code(services: ConsoleServices, connection: Connection) -> Account:
    def show(code: Code) -> None:
        """Say where the code goes."""
        services.console.note(f"On any device, open {code.page} and enter the code {code.code}.")

    return await services.entra.by_code(connection, show)


def _connection(services: ConsoleServices, name: str) -> Connection:
    connection = services.settings.connection(name)
    if connection.auth is not Auth.ENTRA:
        raise UsageError(
            english(f"“{name}” does not sign in with Entra ID."),
            hint=english("Add it with --auth entra to sign in that way."),
        )
    return connection
