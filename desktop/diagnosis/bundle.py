"""Support bundle: checks, versions, settings and the end of the log, without secrets or conversations."""

from __future__ import annotations

import io
import json
import os
import platform
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote
from urllib.request import getproxies

import msgspec

from desktop.diagnosis import machine
from desktop.diagnosis.check import Check
from desktop.errors import TransferError
from desktop.guards.patterns import masked
from desktop.net.headers import header_names, query_secrets, secret_values
from desktop.net.origin import host_of
from desktop.net.proxies import proxy_secrets, sign_in_secrets, without_sign_in
from desktop.redaction.key_patterns import is_drawn
from desktop.redaction.redactor import hide
from desktop.services import Services
from desktop.settings.schema import GUARD_PATTERNS, OPTIONS, PROXY, SYSTEM_PROMPT
from desktop.system.log import redact
from desktop.system.plain_files import open_plain
from desktop.system.private_files import write_private
from desktop.text.phrases import as_text, phrase

_QUERY = re.compile(r"(?i)(\bhttps?://(?:(?!https?://)[^\s\"'<>?#])+)\?[^\s\"'<>]*")
"""Part of an address after its path, which contains keys and names on some servers."""

_LOG_BYTES = 256 << 10
_README = """What is in this file
====================
checks.txt, checks.json   what the diagnosis found
versions.json             the program, Python, the system, libraries
settings.json             each setting in force and who set it; each connection, of its headers the names alone, of its
                          address nothing behind the question mark, and no part that may be a key
policies.json             each policy in force and its source; what of them could not be used
paragone.log              the end of the program's log, with what looks like a key masked

It holds no key, no prompt, no answer and no title. Your home folder is written as ~.
"""


def write(services: Services, checks: Sequence[Check], path: Path) -> None:
    """Write the bundle completely or not at all, readable only by its owner. Slow, so call on a thread.

    Raises:
        TransferError: If the bundle cannot be written.
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in contents(services, checks).items():
            bundle.writestr(name, text)
    try:
        write_private(path, data.getvalue())
    except OSError as error:
        raise TransferError(
            phrase("The file {path} could not be written: {reason}.", path=path, reason=error.strerror or error),
            hint=phrase("Choose another folder."),
        ) from error


def contents(services: Services, checks: Sequence[Check]) -> dict[str, str]:
    """Return the files of a bundle by name, with all secrets removed."""
    secrets = _secrets(services)
    files = {
        "checks.txt": as_lines(checks),
        "checks.json": _json(list(checks)),
        "versions.json": _json(_versions(services)),
        "settings.json": _json(_settings(services)),
        "policies.json": _json(_policies(services)),
        "paragone.log": _log_end(services.paths.logs / "paragone.log"),
    }
    return {
        "README.txt": _README,
        **{name: _clean(services.keys.mask.hide(hide(text, secrets))) for name, text in files.items()},
    }


def as_lines(checks: Sequence[Check]) -> str:
    """Return checks as plain text."""
    lines: list[str] = []
    for check in checks:
        lines.append(f"{check.state:<8} {check.name}: {check.detail}")
        if check.hint:
            lines.append(f"{'':<8} {check.hint}")
    return "\n".join(lines) + "\n"


def _versions(services: Services) -> dict[str, object]:
    return {
        "paragone": services.version,
        "python": platform.python_version(),
        "system": platform.platform(),
        **machine.versions(),
    }


def _settings(services: Services) -> dict[str, object]:
    settings = services.settings
    options: dict[str, object] = {}
    for option in OPTIONS:
        fixed = settings.policy.options.get(option.key)
        by = "user" if option.key in settings.values else "default"
        if fixed is not None and (fixed.locked or by == "default"):
            by = f"policy {fixed.name}"
        value: object = settings.get(option)  # pyright: ignore[reportArgumentType, reportUnknownVariableType, reportCallIssue]
        if option.key in (SYSTEM_PROMPT.key, GUARD_PATTERNS.key) and value:
            value = f"[{len(str(value))} characters]"  # text written by the user
        if option.key == PROXY.key:
            value = without_sign_in(str(value))
        options[option.key] = {"value": value, "set by": by}
    connections = [
        {**msgspec.to_builtins(each), "headers": header_names(each), "url": _shown(each.url)}
        for each in (*settings.all_connections,)
    ]
    return {"options": options, "connections": connections}


def _shown(address: str) -> str:
    """Return an address without query and fragment.

    An invalid one may contain a key and is replaced by a placeholder.
    """
    if address and not host_of(address):
        return "[not an address]"
    return re.split("[?#]", address, maxsplit=1)[0]


def _secrets(services: Services) -> frozenset[str]:
    """Return known secrets in the settings and in the environment's proxies. Policies contain no keys."""
    settings = services.settings
    proxies = {settings.get(PROXY), *getproxies().values()}
    found = {secret for proxy in proxies for secret in proxy_secrets(proxy)}
    for each in settings.known:
        found |= {*sign_in_secrets(each.url), *query_secrets(each.url), *secret_values(each.headers)}
        found |= _drawn_parts(each.url)
    return frozenset(found)


def _drawn_parts(address: str) -> frozenset[str]:
    """Return the random-looking parts of an address's path, which are account numbers or, at some gateways, keys."""
    parts = _path_of(address).split("/")
    return frozenset(form for each in parts if is_drawn(unquote(each)) for form in (each, unquote(each)))


def _path_of(address: str) -> str:
    return re.split("[?#]", address.partition("://")[2], maxsplit=1)[0].partition("/")[2]


def _policies(services: Services) -> dict[str, object]:
    policy = services.settings.policy
    entries = [
        {
            "name": each.name,
            "value": msgspec.to_builtins(each.value),
            "kind": "managed" if each.locked else "recommended",
            "source": each.source,
        }
        for each in policy.get_all()
    ]
    return {"policies": entries, "notices": list(policy.notices)}


def _log_end(file: Path) -> str:
    try:
        with open_plain(file) as opened:
            size = opened.seek(0, os.SEEK_END)
            opened.seek(max(size - _LOG_BYTES, 0))
            text = opened.read(_LOG_BYTES).decode("utf-8", "replace")
    except OSError as error:
        return f"There is no log: {error.strerror}.\n"
    return text.partition("\n")[2] if size > _LOG_BYTES else text


def _json(value: object) -> str:
    return json.dumps(json.loads(msgspec.json.encode(value, enc_hook=as_text)), indent=1, ensure_ascii=False) + "\n"


def _clean(text: str) -> str:
    """Remove keys, card numbers, credentials in addresses, and the user's name in paths."""
    home = str(Path.home())
    text = text.replace(home, "~") if len(home) > 1 else text
    return masked(redact(_QUERY.sub(r"\1?…", text)))
