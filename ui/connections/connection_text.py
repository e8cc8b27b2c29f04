"""Text for connections: unused names, types, hosts, sign-in, models and retirement. Pure functions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from desktop.catalog.catalog import Catalog
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import ParagoneError
from desktop.net.origin import host_of, origin_of, server_of
from desktop.settings.values import EMBEDDED, Settings
from desktop.text.phrases import phrase
from ui.base.strings import day, tr, trn

KINDS = {
    Kind.AZURE_INFERENCE: phrase("Azure AI Foundry"),
    Kind.OPENAI_V1: phrase("OpenAI-compatible"),
    Kind.ANTHROPIC: phrase("Anthropic"),
    Kind.EMBEDDED: phrase("GGUF file"),
}
_LONGEST_STEM = 40


def free_name(settings: Settings, host: str) -> str:
    """Return an unused name derived from the host."""
    first = (host_of(host) or host).removeprefix("www.")
    is_number = ":" in first or first.replace(".", "").isdigit()
    return numbered(settings, first.replace(":", "-") if is_number else first.partition(".")[0])


def name_of_file(settings: Settings, path: Path) -> str:
    """Return an unused name derived from a model file."""
    stem = "".join(char if char.isprintable() and not char.isspace() and char != "/" else "-" for char in path.stem)
    return numbered(settings, stem[:_LONGEST_STEM] or "model")


def numbered(settings: Settings, name: str) -> str:
    """Return the name, with a number appended if another connection has it."""
    taken = settings.names
    numbers = (f"{name}-{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain((name,), numbers) if each not in taken)


def shown_origin(url: str) -> str:
    """Return the scheme, host and port for which a key is valid, or the address itself if it is invalid."""
    try:
        return origin_of(url)
    except ParagoneError:
        return server_of(url)


def place(connection: Connection) -> str:
    """Return the server or file of a connection."""
    if connection == EMBEDDED:
        return tr("part of Paragone")
    return Path(connection.file).name if connection.file else server_of(connection.url)


def signs_in(connection: Connection, *, this_run: bool = False, account: str | None = None) -> str:
    """Describe how a connection signs in. `account` is empty if nobody is signed in, and None if that is unknown."""
    if connection.auth is Auth.NONE:
        return tr("no sign-in")
    if connection.auth is Auth.ENTRA:
        nobody = tr("Entra ID, not signed in") if account == "" else tr("Entra ID")
        return tr("Entra ID as {account}", account=account) if account else nobody
    if connection.key_env:
        return tr("key from {key_env}", key_env=connection.key_env)
    return tr("key, until Paragone quits") if this_run else tr("key")


def about(connection: Connection, models: int, *, this_run: bool = False, account: str | None = None) -> str:
    """Describe a connection in one line: type, server or file, sign-in and number of models."""
    kind = tr("Embedded model") if connection == EMBEDDED else tr(KINDS[connection.kind])
    said = [kind, place(connection)]
    if connection.kind is not Kind.EMBEDDED:
        said.append(signs_in(connection, this_run=this_run, account=account))
    if models:
        said.append(trn("{n} model", "{n} models", models))
    return " · ".join(said)


def typed_models(text: str) -> tuple[str, ...]:
    """Return the distinct names of a comma-separated list."""
    return tuple(dict.fromkeys(name for each in text.split(",") if (name := each.strip())))


def end_of_life(catalog: Catalog, today: date, names: Iterable[str | None]) -> str:
    """Return text such as "retired 1 May 2026" for a model that Foundry has removed, or an empty string."""
    entry = catalog.entry(*names)
    if not entry.is_retired(today):
        return ""
    gone = entry.retired_on or entry.retires_on
    return tr("retired {day}", day=day(gone)) if gone else tr("retired")


def for_this_run(problem: ParagoneError, *, signed_in: bool = False) -> str:
    """Explain that a key or sign-in is stored only for this session."""
    held = tr("The sign-in is kept until Paragone quits.") if signed_in else tr("The key is kept until Paragone quits.")
    return f"{tr(problem.message)} {held} {tr(problem.hint)}".strip()
