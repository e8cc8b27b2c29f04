"""The program in a terminal from its arguments to its exit status: services made, the command run, all closed."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from desktop import log
from desktop.catalog.catalog import Catalog
from desktop.credentials.keys import Keys
from desktop.domain import Connection, Kind
from desktop.errors import ParagoneError, UsageError
from desktop.paths import APP_NAME, Paths, resources
from desktop.providers.base import Credential, NetworkOptions, Provider
from desktop.providers.registry import Registry, default_factories
from desktop.session.gateway import Gateway
from desktop.settings.files import SettingsFile
from desktop.settings.schema import (
    CA_FILE,
    CONNECT_TIMEOUT,
    EMBEDDED_THREADS,
    FIRST_TOKEN_TIMEOUT,
    IDLE_TIMEOUT,
    KEYRING_TIMEOUT,
    LOG_LEVEL,
    PROXY,
)
from desktop.settings.values import Settings
from desktop.terminal.arguments import parser
from desktop.terminal.console import Console
from desktop.terminal.interrupt import end_on_signals
from desktop.terminal.services import Services

INTERRUPTED = 130
_log = log.logger("terminal")


def main(words: Sequence[str], *, version: str, engine_command: Sequence[str]) -> int:
    """Run a command line; its exit status. `engine_command` starts the embedded engine's process."""
    arguments = parser(version).parse_args(words)
    console = Console(sys.stdout, sys.stderr, environ=dict(os.environ))
    with suppress(AttributeError, ValueError):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    try:
        return asyncio.run(_run(arguments, console, version, engine_command))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.note("Interrupted.")
        return INTERRUPTED
    except UsageError as error:
        console.problem(error)
        return 2
    except ParagoneError as error:
        console.problem(error)
        return 1
    except BrokenPipeError:
        # Whoever read our output has gone; say nothing more into the closed pipe, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception:  # noqa: BLE001 - the outermost door: a bug is logged and shown as one
        _log.exception("a bug")
        console.error("This is a bug in Paragone; nothing that was kept is lost.", "The log file has the details.")
        return 1


async def _run(arguments: argparse.Namespace, console: Console, version: str, engine_command: Sequence[str]) -> int:
    task = asyncio.current_task()
    assert task is not None
    end_on_signals(task)
    services = make_services(arguments, console, version, engine_command)
    try:
        return await _command(services, arguments)
    finally:
        await services.aclose()


async def _command(services: Services, arguments: argparse.Namespace) -> int:
    """Import and run the command's module; each is imported only when it is asked for."""
    match arguments.command:
        case "ask":
            from desktop.terminal import ask as command
        case "models":
            from desktop.terminal import models as command
        case "connections":
            from desktop.terminal import connections as command
        case "conversations":
            from desktop.terminal import conversations as command
        case "doctor":
            from desktop.terminal import doctor as command
        case _:
            from desktop.terminal import chat as command
    return await command.run(services, arguments)


def make_services(
    arguments: argparse.Namespace, console: Console, version: str, engine_command: Sequence[str]
) -> Services:
    """Put the services together; what is amiss in settings and catalog is told. Raises StoreReadOnly, SettingsError."""
    environ = dict(os.environ)
    paths = Paths.find(getattr(arguments, "data_dir", None), environ)
    paths.make()
    settings_file = SettingsFile(paths.settings_file)
    loaded = settings_file.load()
    settings = loaded.settings
    log.set_up(paths.logs, settings.get(LOG_LEVEL))
    catalog = Catalog.load(resources() / "catalog.toml", paths.catalog_file)
    notices = (*loaded.notices, *catalog.notices)
    if arguments.command != "doctor":
        for notice in notices:
            console.note(notice)
    keys = Keys(service=_keyring_service(paths), environ=environ, timeout_s=settings.get(KEYRING_TIMEOUT))
    registry = Registry({**default_factories(), Kind.EMBEDDED: _EmbeddedFactory(paths, settings, engine_command)})
    return Services(
        version=version,
        paths=paths,
        environ=environ,
        console=console,
        settings_file=settings_file,
        settings=settings,
        catalog=catalog,
        keys=keys,
        gateway=Gateway(settings=settings, keys=keys, factory=registry, options=network_options(settings)),
        notices=notices,
    )


def network_options(settings: Settings) -> NetworkOptions:
    """How to reach servers, as the settings say."""
    return NetworkOptions(
        connect_timeout_s=settings.get(CONNECT_TIMEOUT),
        first_token_timeout_s=settings.get(FIRST_TOKEN_TIMEOUT),
        idle_timeout_s=settings.get(IDLE_TIMEOUT),
        ca_file=settings.get(CA_FILE),
        proxy=settings.get(PROXY),
    )


def _keyring_service(paths: Paths) -> str:
    """The name of our items in the keyring; folders of the user's choice keep theirs apart."""
    if not paths.portable:
        return APP_NAME
    return f"{APP_NAME} {hashlib.sha256(str(paths.config).encode()).hexdigest()[:8]}"


class _EmbeddedFactory:
    """Makes the provider of an embedded connection, with an engine that starts when it is first asked."""

    def __init__(self, paths: Paths, settings: Settings, engine_command: Sequence[str]) -> None:
        self._paths = paths
        self._settings = settings
        self._engine_command = engine_command

    def __call__(self, connection: Connection, credential: Credential, options: NetworkOptions) -> Provider:
        from desktop.embedded.engine import Engine, EngineOptions, default_threads
        from desktop.embedded.provider import EmbeddedProvider
        from desktop.embedded.sources import model_source

        del credential
        source = model_source(connection, cache=self._paths.cache, bundle=resources() / "models", tokens=4096)
        threads = self._settings.get(EMBEDDED_THREADS) or default_threads()
        engine = Engine(command=self._engine_command, options=EngineOptions(model=source, threads=threads))
        return EmbeddedProvider(connection, engine, options)
