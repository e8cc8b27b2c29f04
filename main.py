"""Entry point of Paragone: parses arguments, assembles the services, and starts the window or a command."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from desktop.catalog.catalog import Catalog
    from desktop.credentials.keys import Keys
    from desktop.domain.conversation_types import Connection
    from desktop.guards.budget import Ledger
    from desktop.guards.gate import Gate
    from desktop.net.options import Credential, NetworkOptions
    from desktop.presets.presets import Presets
    from desktop.providers.provider import Provider
    from desktop.redaction.redactor import Mask
    from desktop.services import Services
    from desktop.settings.policy import Policy
    from desktop.settings.values import Settings
    from desktop.system.paths import Paths

VERSION = "0.1.0"

CONTEXT, PARALLEL = 4096, 2
"""Context window of the embedded model in tokens, and its number of parallel responses."""

ENGINE_SWITCH = "--engine-child"
"""Private: run as the embedded engine of another process."""

GUARD_SWITCH = "--guard-child"
"""Private: match regular expressions for another process."""

PROXY_SWITCH = "--proxies-child"
"""Private: ask Windows or macOS for an address's proxy."""

RENDER_SWITCH = "--render-child"
"""Private: render untrusted text for another process's window."""

DECODE_SWITCH = "--decode-child"
"""Private: read attachments for another process."""

PAPER_SWITCH = "--paper-child"
"""Private: generate a PDF or DOCX for another process."""

CHECK_SWITCH = "--check-child"
"""Private: check a run's responses against a suite's expectations for another process."""

SPELLING_SWITCH = "--spelling-child"
"""Private: check the spelling of prompts for another process's window."""

TOOLS_SWITCH = "--tools-child"
"""Private: run the servers of tools for another process."""

TRIAL_SERVER_SWITCH = "--trial-server-child"
"""Private: serve a tool to the self-test."""

DAY_S = 86_400


def main(words: list[str], umask: int | None = None) -> int:
    """Run Paragone and return its exit status.

    This is 0 for success, 1 for a failure, 2 for invalid usage, 130 if interrupted.

    Args:
        words: Command line without the program's name.
        umask: The user's original umask, for external programs started from the window.
    """
    if (status := serve_as_child(words)) is not None:
        return status
    from desktop.terminal.arguments import parser
    from desktop.terminal.opened_files import files_first, looks_like_path

    mend_surroundings(os.environ)
    files, rest = files_first(words)
    if rest and not files and looks_like_path(rest[0]):
        print(f"The file {rest[0]} does not exist.", file=sys.stderr)
        return 2
    shown = has_display(os.environ)
    if files and not shown:
        rest = ["conversations", "import", *files, *rest]
    arguments = parser(VERSION, rest).parse_args(rest)
    make_text(arguments)
    if arguments.selftest:
        return selftest(getattr(arguments, "data_dir", None))
    if arguments.command is None and shown:
        try:
            from ui.app.startup import speed_up_imports

            speed_up_imports()
            from ui.app import application as app
        except ImportError as error:
            print(f"The window could not be opened ({error}). This is the terminal chat.", file=sys.stderr)
        else:
            given = [Path(file) for file in files]
            return app.run(partial(assemble, arguments), given, umask, toggles=arguments.toggle)
    from desktop.terminal import program  # imported late: the window does not need it

    return program.run(arguments, partial(assemble, arguments))


def serve_as_child(words: list[str]) -> int | None:
    """Serve another process of Paragone if the first word is a private switch; otherwise return None."""
    if words[:1] == [ENGINE_SWITCH]:
        from desktop.embedded import engine_child

        return engine_child.main()
    if words[:1] == [GUARD_SWITCH]:
        from desktop.guards import pattern_child as guard

        return guard.main()
    if words[:1] == [RENDER_SWITCH]:
        from desktop.renderer import render_child

        return render_child.main()
    if words[:1] == [DECODE_SWITCH]:
        from desktop.attachments import decode_child

        return decode_child.main()
    if words[:1] == [PAPER_SWITCH]:
        from ui.transfer import paper_child

        return paper_child.main()
    if words[:1] == [CHECK_SWITCH]:
        from desktop.evals.graders import check_child

        return check_child.main()
    if words[:1] == [SPELLING_SWITCH]:
        from desktop.spelling import spelling_child

        return spelling_child.main()
    if words[:1] == [TOOLS_SWITCH]:
        from desktop.tools.host import host_child

        return host_child.main()
    if words[:1] == [TRIAL_SERVER_SWITCH]:
        from desktop.tools.host import trial_server

        return trial_server.main()
    if words[:1] == [PROXY_SWITCH]:
        from ui.app import qt_proxies

        return qt_proxies.main(words[1:])
    return None


def make_text(arguments: argparse.Namespace) -> None:
    """Convert words to text that JSON and a keyring can hold. Paths are not changed, since names may be any bytes.

    Python represents bytes that are not UTF-8 as lone surrogates.
    """

    def text(value: object) -> object:
        """Convert a value, or each one in a list."""
        if isinstance(value, str):
            return value.encode("utf-8", "replace").decode()
        if isinstance(value, list):
            return [text(each) for each in cast("Iterable[object]", value)]
        if isinstance(value, tuple):
            return tuple(text(each) for each in cast("Iterable[object]", value))
        return value

    for name, value in vars(arguments).items():
        setattr(arguments, name, text(value))


def use_utf8() -> None:
    """Restart in UTF-8 mode if the environment uses another file system encoding, since names on disk are UTF-8.

    A running process cannot change its encoding.
    """
    if os.name == "posix" and not getattr(sys, "frozen", False) and sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - this very program


def mend_surroundings(environ: MutableMapping[str, str]) -> None:
    """Correct environment variables that libraries fail on: an invalid time zone or unwritable TLS key log."""
    if hasattr(time, "tzset") and "TZ" in environ:
        time.tzset()
        if max(abs(time.timezone), abs(time.altzone)) >= DAY_S:
            environ["TZ"] = "UTC"
            time.tzset()
    if (keys := environ.get("SSLKEYLOGFILE")) is not None:
        try:  # without waiting for the reader of a pipe
            os.close(os.open(keys, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0), 0o600))
        except OSError:
            del environ["SSLKEYLOGFILE"]


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether a window can be shown. An explicitly chosen Qt platform counts as a display."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def selftest(place: Path | None) -> int:
    """Test an installed program from inside, in a temporary folder below `place`. Returns 0 if nothing failed."""
    import asyncio
    import tempfile

    from desktop.system import log
    from desktop.terminal import selftest_command as tests

    async def run(folder: str) -> int:
        """Run the tests with services over a temporary folder."""
        from ui.app.window_selftest import window

        services = assemble(argparse.Namespace(data_dir=Path(folder)))
        try:
            print(f"Paragone {VERSION}, Python {tests.python()}")
            return await tests.run(services, {"window": window}, print, child_command(TRIAL_SERVER_SWITCH))
        finally:
            await services.aclose()

    made = place is not None and not place.exists()
    try:
        if place is not None:
            place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="paragone-", dir=place) as folder:
            try:
                return asyncio.run(run(folder))
            finally:
                log.close()
    except OSError as error:
        print(f"The self-test could not use {error.filename or place}: {error.strerror}.", file=sys.stderr)
        return 2
    finally:
        if place is not None and made and place.exists():
            place.rmdir()


def child_command(switch: str) -> list[str]:
    """Return the command that starts this program as a child, frozen or from source."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, __file__]
    return [*program, switch]


def assemble(arguments: argparse.Namespace) -> Services:
    """Create the services for the window or a command.

    Raises:
        StoreReadOnly: If the data folder is not writable.
        SettingsError: If the settings file cannot be used.
    """
    from desktop.domain.conversation_types import Kind
    from desktop.guards.budget import Ledger
    from desktop.providers.registry import Registry, default_factories
    from desktop.redaction.redactor import Mask
    from desktop.renderer.renderer import Renderer
    from desktop.services import Services
    from desktop.session.gateway import Gateway
    from desktop.settings.current import CurrentSettings
    from desktop.settings.managed.machine_policy import read_policy
    from desktop.settings.schema import LOG_LEVEL
    from desktop.settings.settings_file import SettingsFile
    from desktop.system import log, process_resources
    from desktop.system.paths import Paths, resources

    process_resources.raise_limit()
    environ = dict(os.environ)
    paths = Paths.find(getattr(arguments, "data_dir", None), environ)
    paths.make()
    policy = read_policy(resources() / "policies.toml")
    settings_file = SettingsFile(paths.settings_file, policy=policy)
    loaded = settings_file.load()
    settings = loaded.settings
    mask = Mask()
    log.set_up(paths.logs, settings.get(LOG_LEVEL), mask.hide)
    catalog, presets = known_models(paths, policy), known_presets(paths, policy)
    ledger = Ledger(paths.spending_file)
    keys = kept_keys(paths, environ, settings, mask)
    embedded = partial(embedded_provider, paths, settings)
    factory = Registry({**default_factories(), Kind.EMBEDDED: embedded})
    return Services(
        version=VERSION,
        paths=paths,
        environ=environ,
        settings_file=settings_file,
        catalog=catalog,
        keys=keys,
        gateway=Gateway(
            settings=CurrentSettings(settings),
            keys=keys,
            factory=factory,
            options=network_options(settings, paths.cache),
            gate=guarded_gate(ledger, paths.logs),
            elsewhere=settings_file,
        ),
        presets=presets,
        followers=[partial(follow_data, presets, ledger)],
        renderer=Renderer(child_command(RENDER_SWITCH)),
        decode_command=tuple(child_command(DECODE_SWITCH)),
        paper_command=tuple(child_command(PAPER_SWITCH)),
        spelling_command=tuple(child_command(SPELLING_SWITCH)),
        tools_command=tuple(child_command(TOOLS_SWITCH)),
        notices=(*paths.notices(), *loaded.notices, *catalog.notices, *presets.notices),
    )


def kept_keys(paths: Paths, environ: Mapping[str, str], settings: Settings, mask: Mask) -> Keys:
    """Return the keys of connections, from the keyring, memory, or environment variables."""
    from desktop.credentials.keys import Keys
    from desktop.settings.policy import KEYRING_REQUIRED
    from desktop.settings.schema import KEYRING_TIMEOUT

    keys = Keys(
        service=keyring_service(paths),
        environ=environ,
        timeout_s=settings.get(KEYRING_TIMEOUT),
        keyring_only=settings.policy.get(KEYRING_REQUIRED),
        mask=mask,
        lock_file=paths.config / "keyring.lock",
    )
    keys.written = settings.written
    return keys


async def follow_data(presets: Presets, ledger: Ledger, paths: Paths) -> None:
    """Switch presets and spending to the copies beside the conversations, after the data has moved."""
    import asyncio

    await asyncio.to_thread(presets.follow, paths.presets_file)
    await asyncio.to_thread(ledger.follow, paths.spending_file)


def guarded_gate(ledger: Ledger, logs: Path) -> Gate:
    """Return the gate that checks each prompt before it is sent."""
    from desktop.guards.audit import Audit
    from desktop.guards.gate import GuardedGate
    from desktop.guards.scanner import Scanner

    return GuardedGate(Scanner(child_command(GUARD_SWITCH)), ledger, Audit(logs))


def known_models(paths: Paths, policy: Policy) -> Catalog:
    """Return the catalog: bundled entries, the user's, and IT's price sheet, in ascending precedence."""
    from desktop.catalog.catalog import Catalog
    from desktop.settings.policy import PRICE_SHEET
    from desktop.system.paths import resources

    kept = paths.cache / "catalog.toml.parsed"
    return Catalog.load(resources() / "catalog.toml", paths.catalog_file, _file(policy.get(PRICE_SHEET)), kept=kept)


def known_presets(paths: Paths, policy: Policy) -> Presets:
    """Return the bundled, IT's and the user's presets."""
    from desktop.presets.presets import Presets
    from desktop.settings.policy import PRESETS_FILE
    from desktop.system.paths import resources

    return Presets.load(resources() / "presets.toml", paths.presets_file, _file(policy.get(PRESETS_FILE)))


def _file(name: str) -> Path | None:
    return Path(name) if name else None


def network_options(settings: Settings, cache: Path) -> NetworkOptions:
    """Return the network options in the settings; learned facts about models are stored in `cache`."""
    from desktop.catalog.learnt_models import LearntInput, LearntWires
    from desktop.net.options import NetworkOptions
    from desktop.net.proxy_lookups import lookups_of
    from desktop.net.system_proxies import SystemProxies
    from desktop.settings import schema

    return NetworkOptions(
        connect_timeout_s=settings.get(schema.CONNECT_TIMEOUT),
        first_token_timeout_s=settings.get(schema.FIRST_TOKEN_TIMEOUT),
        idle_timeout_s=settings.get(schema.IDLE_TIMEOUT),
        ca_file=settings.get(schema.CA_FILE),
        proxy=settings.get(schema.PROXY),
        system_proxy=SystemProxies(lookups_of(sys.platform, child_command(PROXY_SWITCH))),
        wires=LearntWires(cache / "wires.json"),
        sight=LearntInput(cache / "sight.json"),
        files=LearntInput(cache / "files.json"),
    )


def keyring_service(paths: Paths) -> str:
    """Return the service name of Paragone's keyring items, unique for each portable folder."""
    import hashlib

    from desktop.system.paths import APP_NAME

    if not paths.portable:
        return APP_NAME
    return f"{APP_NAME} {hashlib.sha256(os.fsencode(paths.config)).hexdigest()[:8]}"


def embedded_provider(
    paths: Paths, settings: Settings, connection: Connection, credential: Credential, options: NetworkOptions
) -> Provider:
    """Return the provider of an embedded connection. Its engine starts with the first request."""
    from desktop.embedded.embedded_provider import EmbeddedProvider
    from desktop.embedded.engine import Engine, EngineOptions, default_threads
    from desktop.embedded.model_source import model_source
    from desktop.settings.schema import EMBEDDED_THREADS
    from desktop.system.paths import resources

    del credential
    source = model_source(connection, cache=paths.cache, bundle=resources() / "models", tokens=CONTEXT * PARALLEL)
    threads = settings.get(EMBEDDED_THREADS) or default_threads()
    engine = Engine(
        command=child_command(ENGINE_SWITCH),
        options=EngineOptions(model=source, threads=threads, context=CONTEXT, parallel=PARALLEL),
    )
    return EmbeddedProvider(connection, engine, options)


def bar_others() -> int:
    """Restrict the umask so that others cannot write new files, and return the previous one.

    Imports write compiled code; that which others could have written is removed.
    """
    before = os.umask(0o077)
    os.umask(before | 0o022)
    drop_open_code(str(Path(__file__).parent), ("desktop", "ui"))
    return before


def drop_open_code(folder: str, rooms: Collection[str] = ()) -> None:
    """Remove compiled code that others can write although they cannot write its source.

    If it cannot be removed, no compiled code is read at all.
    """
    with suppress(OSError), os.scandir(folder) as found:
        for each in found:
            if each.is_dir(follow_symlinks=False) and each.name != "__pycache__" and (not rooms or each.name in rooms):
                drop_open_code(each.path)
    code = f"{folder}{os.sep}__pycache__"
    with suppress(OSError):  # it may not exist
        if os.lstat(code).st_mode & ~os.stat(folder).st_mode & 0o022:  # noqa: PTH116 - quick: it stands before every start
            import shutil

            shutil.rmtree(code, ignore_errors=True)
            if os.path.lexists(code):
                sys.pycache_prefix = os.devnull


if __name__ == "__main__":
    users_own = bar_others()
    use_utf8()
    sys.exit(main(sys.argv[1:], users_own))
