"""Checks of this computer: versions, folders, settings, store, keyring, display and network."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.request import getproxies

from desktop.diagnosis.check import Check, failed
from desktop.domain.conversation_types import Auth, Connection
from desktop.errors import CredentialError, ParagoneError, StoreError
from desktop.net.headers import query_secrets, without_keys
from desktop.net.proxies import without_sign_in
from desktop.services import Services, plain_headers
from desktop.settings.schema import CA_FILE, PROXY
from desktop.store.store import Store
from desktop.system.child_bounds import MOST_MEMORY, can_leave_network
from desktop.system.paths import is_file
from desktop.text.phrases import counted, phrase

_LITTLE_SPACE = 500 << 20
"""Free disk space in bytes below which a warning is shown."""

PACKAGES = ("azure-ai-inference", "aiohttp", "keyring", "PySide6-Essentials", "xllamacpp")


def versions() -> dict[str, str]:
    """Return the versions of the program's packages by name, empty for packages that are not installed."""
    from importlib.metadata import PackageNotFoundError, version

    versions_by_package: dict[str, str] = {}
    for package in PACKAGES:
        try:
            versions_by_package[package] = version(package)
        except PackageNotFoundError:
            versions_by_package[package] = ""
    return versions_by_package


def program() -> Check:
    """Return the versions of Python, the system and the libraries."""
    libraries = ", ".join(f"{name} {found or 'not installed'}" for name, found in versions().items())
    system = f"Python {platform.python_version()}, {platform.system()} {platform.release()} {platform.machine()}"
    return Check(name=phrase("program"), state="ok", detail=f"{system}; {libraries}")


def sqlite() -> Check:
    """Return the version of SQLite in use."""
    import apsw

    return Check(
        name=phrase("sqlite"),
        state="ok",
        detail=phrase("SQLite {version} (bundled)", version=apsw.sqlite_lib_version()),
    )


def folders(services: Services) -> list[Check]:
    """Check for each folder whether it is writable, and its free space."""
    paths = services.paths
    named = (
        (phrase("settings folder"), paths.config),
        (phrase("data folder"), paths.data),
        (phrase("cache folder"), paths.cache),
        (phrase("log folder"), paths.logs),
    )
    return [_folder(name, folder) for name, folder in named]


def _folder(name: str, folder: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check(
            name=name,
            state="failed",
            detail=phrase("{folder} is not writable: {reason}.", folder=folder, reason=error.strerror or error),
            hint=phrase("Check the folder's permissions, or choose another one with --data-dir."),
        )
    detail = phrase("{folder}, {free} GB free", folder=folder, free=f"{free / (1 << 30):.1f}")
    if free < _LITTLE_SPACE:
        return Check(name=name, state="warning", detail=detail, hint=phrase("Free up some disk space."))
    return Check(name=name, state="ok", detail=detail)


def settings(services: Services) -> Check:
    """Check whether the settings file, catalog and policies were read without problems."""
    path = services.settings_file.path
    if services.notices:
        hint = phrase("See {folder}.", folder=path.parent)
        return Check(name=phrase("settings"), state="warning", detail=" ".join(services.notices), hint=hint)
    detail = f"{path}" if is_file(path) else phrase("defaults; {path} does not exist yet", path=path)
    return Check(name=phrase("settings"), state="ok", detail=detail)


def policies(services: Services) -> list[Check]:
    """Return each policy that is in effect, with its source."""
    policy = services.settings.policy
    if not policy.entries:
        return [Check(name=phrase("policy"), state="ok", detail=phrase("none on this computer"))]
    result: list[Check] = []
    for fixed in policy.get_all():
        template = phrase("managed, from {source}", source=fixed.source)
        if not fixed.locked:
            template = phrase("recommended, from {source}", source=fixed.source)
        result.append(
            Check(
                name=phrase("policy {name}", name=fixed.name),
                state="ok",
                detail=f"{value_text(fixed.value)} ({template})",
            )
        )
    return result


def value_text(value: object) -> str:
    """Return the value of a policy as one line."""
    if isinstance(value, tuple):
        return ", ".join(str(getattr(each, "name", each)) for each in value) or "–"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(str(value).split())[:200] or "–"


async def store(services: Services) -> Check:
    """Check whether the conversations can be opened."""
    try:
        opened = await services.store()
        counts = await opened.conversations.counts()
    except ParagoneError as error:
        return failed(phrase("conversations"), error)
    detail = phrase(
        "{path}, {number} conversations with {models} models",
        path=opened.path,
        number=sum(count for _, count in counts),
        models=len(counts),
    )
    missing_files = await _gone_files(opened)
    if missing_files:
        lacking = counted("{n} attached file is missing", "{n} attached files are missing", missing_files)
        detail = phrase("{what}; {lacking}", what=detail, lacking=lacking)
    if opened.notices:
        return Check(name=phrase("conversations"), state="warning", detail=f"{detail}. {' '.join(opened.notices)}")
    return Check(name=phrase("conversations"), state="warning" if missing_files else "ok", detail=detail)


async def _gone_files(opened: Store) -> int:
    """Return the number of missing attachments that messages refer to.

    If it is unknown, 0 is returned, and the store's notices give the reason.
    """
    try:
        return await opened.files.missing()
    except StoreError:
        return 0


async def keyring(services: Services) -> Check:
    """Check whether a keyring exists and responds."""
    try:
        return Check(name=phrase("keyring"), state="ok", detail=await services.keys.keyring_name())
    except CredentialError as error:
        return failed(phrase("keyring"), error, "warning")


async def stray_keys(services: Services) -> list[Check]:
    """Report keys whose names do not reveal for which server they were entered."""
    result: list[Check] = []
    try:
        for connection in services.settings.known:
            strays = await services.keys.strays(connection)
            if connection.auth is Auth.ENTRA:
                strays = await services.entra.strays(connection)
            result += [_stray(connection, each) for each in strays]
    except CredentialError:
        return result  # reported by the keyring check
    return result


def plain_keys(services: Services) -> list[Check]:
    """Report keys in headers and addresses in the settings file."""
    connections = services.settings.connections
    return [
        *(_plain_address(each) for each in connections if query_secrets(each.url)),
        *(_plain_header(each) for each in connections if without_keys(each, sure=True)[1]),
    ]


def _plain_address(connection: Connection) -> Check:
    return Check(
        name=phrase("address of {name}", name=connection.name),
        state="warning",
        detail=phrase("The address contains a key and is stored in the settings file."),
        hint=phrase(
            "If the server also accepts the key in a header, add that header instead. Header values are "
            "stored in the keyring."
        ),
    )


def _plain_header(connection: Connection) -> Check:
    return Check(
        name=phrase("headers of {name}", name=connection.name),
        state="warning",
        detail=plain_headers(connection),
        hint=phrase("Install and unlock a keyring. Paragone moves the headers there the next time it starts."),
    )


def _stray(connection: Connection, item: str) -> Check:
    if connection.auth is Auth.ENTRA:
        return Check(
            name=phrase("keyring"),
            state="warning",
            detail=phrase("The sign-in “{item}” may belong to another server, so it is not used.", item=item),
            hint=phrase("Sign in again. `connections remove {name}` deletes the old sign-in.", name=connection.name),
        )
    return Check(
        name=phrase("keyring"),
        state="warning",
        detail=phrase("The key “{item}” may have been entered for another server, so it is not used.", item=item),
        hint=phrase(
            "Enter the key for “{name}” again, or run `connections remove {name}`. Either deletes the old key.",
            name=connection.name,
        ),
    )


def display(services: Services) -> Check:
    """Check whether there is a display."""
    if sys.platform in ("win32", "darwin"):
        return Check(name=phrase("display"), state="ok", detail=platform.system())
    names = [
        f"{name}={services.environ[name]}" for name in ("WAYLAND_DISPLAY", "DISPLAY") if services.environ.get(name)
    ]
    if names:
        return Check(name=phrase("display"), state="ok", detail=", ".join(names))
    return Check(
        name=phrase("display"),
        state="warning",
        detail=phrase("none"),
        hint=phrase("Without a display, Paragone opens the terminal chat."),
    )


def children(can_leave: Callable[[], bool] = can_leave_network) -> Check:
    """Describe the sandbox of the processes that read attachments."""
    detail = phrase(
        "Each process that reads attachments can use up to {most} MB of memory and has no network access.",
        most=MOST_MEMORY >> 20,
    )
    if can_leave():
        return Check(name=phrase("attachments"), state="ok", detail=detail)
    detail = phrase(
        "Each process that reads attachments can use up to {most} MB of memory. This system cannot block "
        "its network access.",
        most=MOST_MEMORY >> 20,
    )
    if sys.platform != "linux":
        return Check(name=phrase("attachments"), state="ok", detail=detail)
    hint = phrase("Use a kernel that supports seccomp filters, and allow them in the container.")
    return Check(name=phrase("attachments"), state="warning", detail=detail, hint=hint)


def _readable(text: str) -> str:
    """Return the value of an environment variable, with invalid UTF-8 escaped."""
    return text.encode(errors="backslashreplace").decode()


def network(services: Services) -> Check:
    """Report the proxy and the certificates in effect."""
    proxy = without_sign_in(services.settings.get(PROXY))
    if not proxy:
        found = {
            scheme: _readable(without_sign_in(address)) for scheme, address in getproxies().items() if scheme != "no"
        }
        system = [f"{scheme} by {address}" for scheme, address in found.items()]
        proxy = phrase("system ({list})", list=", ".join(system)) if system else phrase("none (no system proxy)")
    ca_file = services.settings.get(CA_FILE)
    trusted = phrase("system and {file}", file=ca_file) if ca_file else phrase("system")
    detail = phrase("proxy: {proxy}; certificates: {certificates}", proxy=proxy, certificates=trusted)
    if ca_file and ("\0" in ca_file or not os.access(ca_file, os.R_OK)):
        return Check(
            name=phrase("network"),
            state="failed",
            detail=phrase("The CA file {file} is not readable.", file=ca_file),
            hint=phrase("Set network.ca_file to a readable PEM file, or leave it empty."),
        )
    return Check(name=phrase("network"), state="ok", detail=detail)
