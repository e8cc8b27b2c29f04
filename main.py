"""Paragone's entry: the one place where arguments, services and the face of the program are put together."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.domain import Connection
    from desktop.paths import Paths
    from desktop.providers.base import Credential, NetworkOptions, Provider
    from desktop.services import Services
    from desktop.settings.values import Settings

VERSION = "0.1.0"

CONTEXT, PARALLEL = 4096, 2
"""Tokens of context of the embedded model, and how many of its answers run at once."""

ENGINE_SWITCH = "--engine-child"
"""Private: this process is the embedded engine of another one."""


def main(words: list[str]) -> int:
    """Run the program; its exit status: 0 all went well, 1 something failed, 2 wrong use, 130 interrupted."""
    if words[:1] == [ENGINE_SWITCH]:
        from desktop.embedded import child

        return child.main()
    from desktop.terminal.arguments import parser

    # Bytes that are no UTF-8 come as halves of surrogate pairs, which neither JSON nor a keyring can hold.
    arguments = parser(VERSION).parse_args([word.encode("utf-8", "replace").decode() for word in words])
    if arguments.command is None and has_display(os.environ):
        try:
            from ui import app
        except ImportError as error:
            print(f"The window cannot be opened ({error}); this is the terminal chat.", file=sys.stderr)
        else:
            return app.run(partial(assemble, arguments))
    from desktop.terminal import program  # what the window does without

    return program.run(arguments, partial(assemble, arguments))


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether a window can be shown here; a Qt platform that was chosen by hand counts as one."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def engine_command() -> list[str]:
    """The command that starts this same program as the embedded engine, frozen or from source."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, __file__]
    return [*program, ENGINE_SWITCH]


def assemble(arguments: argparse.Namespace) -> Services:
    """Put the services together. Raises StoreReadOnly and SettingsError."""
    from desktop import log
    from desktop.catalog.catalog import Catalog
    from desktop.credentials.keys import Keys
    from desktop.domain import Kind
    from desktop.paths import Paths, resources
    from desktop.presets.presets import Presets
    from desktop.providers.registry import Registry, default_factories
    from desktop.services import Services
    from desktop.session.gateway import Gateway
    from desktop.settings.files import SettingsFile
    from desktop.settings.schema import KEYRING_TIMEOUT, LOG_LEVEL

    environ = dict(os.environ)
    paths = Paths.find(getattr(arguments, "data_dir", None), environ)
    paths.make()
    settings_file = SettingsFile(paths.settings_file)
    loaded = settings_file.load()
    settings = loaded.settings
    log.set_up(paths.logs, settings.get(LOG_LEVEL))
    catalog = Catalog.load(resources() / "catalog.toml", paths.catalog_file)
    presets = Presets.load(resources() / "presets.toml", paths.presets_file)
    keys = Keys(service=keyring_service(paths), environ=environ, timeout_s=settings.get(KEYRING_TIMEOUT))
    embedded = partial(embedded_provider, paths, settings)
    factory = Registry({**default_factories(), Kind.EMBEDDED: embedded})
    return Services(
        version=VERSION,
        paths=paths,
        environ=environ,
        settings_file=settings_file,
        settings=settings,
        catalog=catalog,
        keys=keys,
        gateway=Gateway(settings=settings, keys=keys, factory=factory, options=network_options(settings)),
        presets=presets,
        notices=(*loaded.notices, *catalog.notices, *presets.notices),
    )


def network_options(settings: Settings) -> NetworkOptions:
    """How to reach servers, as the settings say."""
    from desktop.providers.base import NetworkOptions
    from desktop.settings import schema

    return NetworkOptions(
        connect_timeout_s=settings.get(schema.CONNECT_TIMEOUT),
        first_token_timeout_s=settings.get(schema.FIRST_TOKEN_TIMEOUT),
        idle_timeout_s=settings.get(schema.IDLE_TIMEOUT),
        ca_file=settings.get(schema.CA_FILE),
        proxy=settings.get(schema.PROXY),
    )


def keyring_service(paths: Paths) -> str:
    """The name of our items in the keyring; folders of the user's choice keep theirs apart."""
    from desktop.paths import APP_NAME

    if not paths.portable:
        return APP_NAME
    return f"{APP_NAME} {hashlib.sha256(str(paths.config).encode()).hexdigest()[:8]}"


def embedded_provider(
    paths: Paths, settings: Settings, connection: Connection, credential: Credential, options: NetworkOptions
) -> Provider:
    """The provider of an embedded connection; its engine starts when it is first asked."""
    from desktop.embedded.engine import Engine, EngineOptions, default_threads
    from desktop.embedded.provider import EmbeddedProvider
    from desktop.embedded.sources import model_source
    from desktop.paths import resources
    from desktop.settings.schema import EMBEDDED_THREADS

    del credential
    source = model_source(connection, cache=paths.cache, bundle=resources() / "models", tokens=CONTEXT * PARALLEL)
    threads = settings.get(EMBEDDED_THREADS) or default_threads()
    engine = Engine(
        command=engine_command(),
        options=EngineOptions(model=source, threads=threads, context=CONTEXT, parallel=PARALLEL),
    )
    return EmbeddedProvider(connection, engine, options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
