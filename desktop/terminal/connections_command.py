"""`connections`: lists, adds, tests and removes connections. Keys are only stored in the keyring."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from getpass import getpass
from pathlib import Path

import msgspec

from desktop.diagnosis.connection import is_of_the_model, models_to_ask
from desktop.domain.conversation_types import Auth, Connection, Kind, Wire
from desktop.embedded.gguf import read_header
from desktop.errors import CredentialError, ParagoneError, UsageError
from desktop.net.addresses import repair
from desktop.net.headers import header_names, query_secrets, without_keys
from desktop.net.http import checked_headers
from desktop.net.proxies import sign_in_secrets
from desktop.providers.provider import ModelInfo
from desktop.redaction.redactor import hide
from desktop.session.connection_probe import Probe, lists_nothing
from desktop.settings.values import (
    EMBEDDED,
    check_header_name,
    check_headers,
    check_new_name,
    check_tenant,
    check_variable_name,
)
from desktop.signin.cache import Account
from desktop.signin.entra import Code
from desktop.system.external_programs import launch
from desktop.system.paths import is_file
from desktop.terminal.console import builtins, count
from desktop.terminal.console_services import ConsoleServices
from desktop.text.phrases import english


async def sign_in(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Sign in for a connection. Returns 1 if the sign-in could not be stored and is lost when the program ends."""
    connection = _connection(services, arguments.name)
    services.settings.policy.require_connection(connection)
    by_code = arguments.device_code or not has_browser(services.environ)
    account = await (_by_code if by_code else _by_browser)(services, connection)
    stored = services.entra.kept
    if stored.problem is not None:
        services.console.error(
            f"{stored.problem.message} The sign-in was only kept until the program ended and is now forgotten.",
            stored.problem.hint,
        )
    if arguments.json:
        services.console.json({"name": connection.name, "account": account.name, "kept_in": stored.keyring})
    else:
        services.console.line(f"Signed in as {account.name or 'somebody'} for {connection.name}.")
    return 0 if stored.problem is None else 1


async def sign_out(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Remove the account of a connection, even if other connections use it, too."""
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
    """Whether a graphical browser can be opened.

    Text browsers are excluded, because they would take over the terminal.
    """
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


async def _by_browser(services: ConsoleServices, connection: Connection) -> Account:
    async def show(page: str) -> bool:
        """Print the address before opening the browser, which may be slow or fail."""
        services.console.note(f"The browser asks you to sign in. If none opens, visit: {page}")
        launch(page)
        return True  # the user may still open the address manually

    return await services.entra.by_browser(connection, show)


async def _by_code(services: ConsoleServices, connection: Connection) -> Account:
    def show(code: Code) -> None:
        """Print the page and the code."""
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


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Execute a `connections` action and return the exit status."""
    actions = {
        "list": _list,
        "add": _add,
        "key": _key,
        "sign-in": sign_in,
        "sign-out": sign_out,
        "test": _test,
        "remove": _remove,
    }
    return await actions[arguments.action](services, arguments)


async def _list(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    connections = services.settings.all_connections
    if arguments.json:
        services.console.json([_public(connection) for connection in connections])
        return 0
    services.console.table(
        ("Name", "Kind", "Address", "Authentication"),
        [
            (each.name, each.kind.value, _address(each) or each.file or "part of Paragone", _signs_in(each))
            for each in connections
        ],
    )
    return 0


async def _add(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    connection = _from_arguments(arguments)
    if connection.name in services.settings.names:
        raise UsageError(
            english(f"A connection named “{connection.name}” already exists."),
            hint=english("Choose another name, or remove it first."),
        )
    repairs: tuple[str, ...] = ()
    if connection.kind is not Kind.EMBEDDED:
        address = repair(connection.kind, connection.url)
        repairs = address.repairs
        checked_headers(connection, {})
        connection = msgspec.structs.replace(connection, url=address.url)
    key = _key_from_stdin() if arguments.key_stdin else ""
    connection, secret = without_keys(
        connection, sure=bool(connection.headers) and not await services.keys.has_keyring()
    )
    services.use(services.settings_file.update(lambda settings: settings.with_connection(connection)))
    for sentence in repairs:
        services.console.note(_without_key(sentence, arguments.url))
    if query_secrets(connection.url):
        services.console.note(
            "The address contains a key and is stored in the settings file. If the server also accepts "
            "the key in a header, use --header: its value is stored in the keyring."
        )
    keyring = await _keep_key(services, connection, key) if key else None
    if secret:
        await _keep_headers(services, connection, secret)
    if arguments.json:
        told = [_without_key(sentence, arguments.url) for sentence in repairs]
        services.console.json({**_public(connection), "repairs": told, "key_kept_in": keyring})
    else:
        services.console.line(f"Added {connection.name}: {_address(connection) or connection.file}")
        if keyring:
            services.console.line(f"The key is stored in the {keyring}.")
    if connection.auth is Auth.ENTRA:
        services.console.note(f"Sign in with: paragone connections sign-in {connection.name}")
    if connection.auth is Auth.KEY and not key and not connection.key_env:
        services.console.note("No key was given. Add the connection with --key-stdin or --key-env to use it.")
    return 0


def _from_arguments(arguments: argparse.Namespace) -> Connection:
    kind = Kind(arguments.kind)
    auth = Auth(arguments.auth) if arguments.auth else (Auth.NONE if kind is Kind.EMBEDDED else Auth.KEY)
    has_key = bool(arguments.key_stdin or arguments.key_env)
    if has_key and auth is not Auth.KEY:
        raise UsageError(english(f"--auth {auth.value} does not use a key."))
    if arguments.tenant and auth is not Auth.ENTRA:
        raise UsageError(english("--tenant requires --auth entra."))
    if auth is Auth.ENTRA and kind is Kind.EMBEDDED:
        raise UsageError(english("An embedded connection needs no authentication."))
    if kind is Kind.EMBEDDED:
        if not arguments.file or arguments.url:
            raise UsageError(english("An embedded connection needs --file PATH with a GGUF model, and no --url."))
        if not is_file(Path(arguments.file)):
            raise UsageError(english(f"The file {arguments.file} does not exist."))
        read_header(Path(arguments.file))
    elif not arguments.url or arguments.file:
        raise UsageError(english(f"A connection of kind {kind.value} needs --url URL, and no --file."))
    if kind is Kind.ANTHROPIC and arguments.wire not in {Wire.AUTO, Wire.MESSAGES}:
        raise UsageError(english(f"A connection of kind {kind.value} only supports the Messages API."))
    headers = {check_header_name(name): value for name, value in arguments.header}
    check_headers(headers)
    return Connection(
        name=check_new_name(arguments.name),
        kind=kind,
        url=arguments.url,
        auth=auth,
        key_env=check_variable_name(arguments.key_env) if arguments.key_env else "",
        tenant=check_tenant(arguments.tenant),
        file=str(Path(arguments.file).absolute()) if arguments.file else "",
        headers=headers,
        models=tuple(dict.fromkeys(arguments.model)),
        wire=Wire(arguments.wire),
        keep_days=arguments.keep_days,
        connect_timeout_s=arguments.connect_timeout,
        first_token_timeout_s=arguments.first_token_timeout,
        idle_timeout_s=arguments.idle_timeout,
    )


def _key_from_stdin() -> str:
    if sys.stdin is not None and sys.stdin.isatty():
        key = getpass("Key: ").strip()
    else:
        key = sys.stdin.readline().strip() if sys.stdin is not None else ""
    if not key:
        raise UsageError(
            english("There was no key on standard input."),
            hint=english("For example: printf %s KEY | paragone connections add …"),
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(english("Standard input is not a key: it contains spaces or unusual characters."))
    return key


async def _keep_key(services: ConsoleServices, connection: Connection, key: str) -> str | None:
    stored = await services.keys.keep(connection, key)
    if stored.problem is not None:
        services.console.error(
            f"{stored.problem.message} The key was only kept until the program ended and is now forgotten.",
            stored.problem.hint,
        )
    return stored.keyring


async def _keep_headers(services: ConsoleServices, connection: Connection, values: Mapping[str, str]) -> None:
    """Store headers that contain keys in the keyring, and warn that command lines are visible to others."""
    names = ", ".join(values)
    stored = await services.keys.keep_headers(connection, values)
    if stored.problem is not None:
        services.console.error(
            f"{stored.problem.message} The headers {names} were only kept until the program ended and are now "
            "forgotten.",
            stored.problem.hint,
        )
        return
    services.console.note(
        f"The headers {names} contain keys: they are stored in the {stored.keyring}. Other users of this"
        " computer may have seen them on the command line. In the window, they are entered unseen."
    )


async def _key(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Store a new key for an existing connection, which may be defined by a policy."""
    connection = services.settings.connection(arguments.name)
    if connection.auth is not Auth.KEY or connection.key_env or connection.kind is Kind.EMBEDDED:
        raise UsageError(english(f"“{connection.name}” does not use a key from the keyring."))
    kept = await _keep_key(services, connection, _key_from_stdin())
    if arguments.json:
        services.console.json({"name": connection.name, "key_kept_in": kept})
    elif kept:
        services.console.line(f"The key of {connection.name} is stored in the {kept}.")
    return 0 if kept else 1


async def _test(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    options = services.gateway.options
    for learnt in (options.wires, options.sight, options.files):
        await asyncio.to_thread(learnt.forget, arguments.name)  # the connection may have changed
    try:
        models = await services.gateway.models(arguments.name)
    except ParagoneError as error:
        if not lists_nothing(error):
            if arguments.json:
                fields = {"state": "failed", "code": error.code, "message": error.message, "hint": error.hint}
                services.console.json({"name": arguments.name, **fields})
            services.console.problem(error, about=arguments.name)
            return 1
        models = ()
    took_ms = round((time.monotonic() - started) * 1000)
    names = [info.name for info in models]
    asked = _to_ask(services, arguments, models)
    if not arguments.json:
        _tell_listed(services, arguments.name, took_ms, [info.name for info in models if not info.typed])
    if not asked:
        services.console.note(f"Add a model name to test one: paragone connections test {arguments.name} --model MODEL")
    tried = await _try_wires(services, arguments.name, models, asked, quiet=arguments.json)
    failed = any(each["state"] == "failed" for each in tried)
    if arguments.json:
        fields = {"state": "failed" if failed else "ok", "ms": took_ms, "models": names, "wires": tried}
        services.console.json({"name": arguments.name, **fields})
    return 1 if failed else 0


def _tell_listed(services: ConsoleServices, name: str, took_ms: int, models: Sequence[str]) -> None:
    if not models:
        services.console.line(f"{name}: connected ({took_ms} ms). This server does not list its models.")
        return
    services.console.line(f"{name} responds ({took_ms} ms) and lists {count(len(models), 'model')}.")
    for model in models:
        services.console.line(f"  {model}")


def _to_ask(services: ConsoleServices, arguments: argparse.Namespace, models: Sequence[ModelInfo]) -> dict[str, bool]:
    """Return the models to test, and whether the user chose each."""
    if arguments.model:
        return {arguments.model: True}
    connection = services.settings.connection(arguments.name)
    return {info.name: chosen for info, chosen in models_to_ask(services, connection, models)}


async def _try_wires(
    services: ConsoleServices, name: str, models: Sequence[ModelInfo], asked: Mapping[str, bool], *, quiet: bool
) -> list[dict[str, object]]:
    """Request a response over each API format that is needed, and return the results, printing them unless `quiet`.

    If the user did not choose a model, an error of that model does not prove that the API format fails; the state is
    then `unknown`.
    """
    connection = services.settings.connection(name)
    probe = Probe(
        provider=await services.gateway.provider(name),
        named=[*asked],
        listing=False,
        known=models,
        connection=connection,
        catalog=services.catalog,
    )
    tried: list[dict[str, object]] = []
    async with aclosing(probe.steps()) as steps:
        async for step in steps:
            problem = step.problem
            fields: dict[str, object] = {"wire": step.wire, "model": step.asked, "ms": round(step.took_ms)}
            state = "ok"
            if problem is not None:
                state = "unknown" if is_of_the_model(problem) and not asked[step.asked] else "failed"
                fields |= {"code": problem.code, "message": problem.message, "hint": problem.hint}
            tried.append({**fields, "state": state})
            if not quiet:
                line = f"{step.text} ({step.took_ms:.0f} ms)" if problem is None else f"{step.text}: {problem.message}"
                services.console.line(line)
    return tried


async def _remove(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    connection = services.settings.connection(arguments.name)
    services.use(services.settings_file.update(lambda settings: settings.without_connection(arguments.name)))
    try:
        await services.forget_secrets(connection)
    except CredentialError as error:
        services.console.problem(error, about="The connection was removed, but its key may still be in the keyring")
        return 1
    if arguments.json:
        services.console.json({"name": connection.name, "state": "removed"})
    else:
        services.console.line(f"Removed {connection.name} and its key.")
    return 0


def _public(connection: Connection) -> dict[str, object]:
    fields = builtins(connection)
    fields["headers"], fields["url"] = header_names(connection), _address(connection)
    return fields


def _address(connection: Connection) -> str:
    """Return a connection's address without any key, because users may share the output."""
    return _without_key(connection.url, connection.url)


def _without_key(text: str, address: str) -> str:
    return hide(text, (*query_secrets(address), *sign_in_secrets(address)))


def _signs_in(connection: Connection) -> str:
    if connection == EMBEDDED or connection.auth is Auth.NONE:
        return "nothing"
    if connection.auth is Auth.ENTRA:
        return "Entra ID"
    return f"key in ${connection.key_env}" if connection.key_env else "a key"
