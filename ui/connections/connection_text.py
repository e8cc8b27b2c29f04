"""Connections in words: names that are free, kinds, hosts, how one signs in, models and their end; pure."""

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
    """A name after the host that no connection has yet."""
    first = (host_of(host) or host).removeprefix("www.")
    is_number = ":" in first or first.replace(".", "").isdigit()
    return numbered(settings, first.replace(":", "-") if is_number else first.partition(".")[0])


def name_of_file(settings: Settings, path: Path) -> str:
    """A name after a model's file that no connection has yet."""
    stem = "".join(char if char.isprintable() and not char.isspace() and char != "/" else "-" for char in path.stem)
    return numbered(settings, stem[:_LONGEST_STEM] or "model")


def numbered(settings: Settings, name: str) -> str:
    """The name, with a number behind it where it is taken."""
    taken = settings.names
    numbers = (f"{name}-{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain((name,), numbers) if each not in taken)


def shown_origin(url: str) -> str:
    """Scheme, host and port, which a key is kept for; the address itself, in short, where it is none."""
    try:
        return origin_of(url)
    except ParagoneError:
        return server_of(url)


def place(connection: Connection) -> str:
    """Where a connection leads to."""
    if connection == EMBEDDED:
        return tr("part of Paragone")
    return Path(connection.file).name if connection.file else server_of(connection.url)


def signs_in(connection: Connection, *, this_run: bool = False, account: str | None = None) -> str:
    """How a connection signs in, and as whom: empty for nobody, None where that is not known."""
    if connection.auth is Auth.NONE:
        return tr("no sign-in")
    if connection.auth is Auth.ENTRA:
        nobody = tr("Entra ID, nobody signed in") if account == "" else tr("Entra ID")
        return tr("Entra ID as {account}", account=account) if account else nobody
    if connection.key_env:
        return tr("key from {key_env}", key_env=connection.key_env)
    return tr("key, until Paragone quits") if this_run else tr("key")


def about(connection: Connection, models: int, *, this_run: bool = False, account: str | None = None) -> str:
    """A connection in a line: kind, place, sign-in and how many models are known."""
    kind = tr("Embedded model") if connection == EMBEDDED else tr(KINDS[connection.kind])
    said = [kind, place(connection)]
    if connection.kind is not Kind.EMBEDDED:
        said.append(signs_in(connection, this_run=this_run, account=account))
    if models:
        said.append(trn("{n} model known", "{n} models known", models))
    return " · ".join(said)


def typed_models(text: str) -> tuple[str, ...]:
    """Names separated by commas, each once."""
    return tuple(dict.fromkeys(name for each in text.split(",") if (name := each.strip())))


def end_of_life(catalog: Catalog, today: date, names: Iterable[str | None]) -> str:
    """“retired 1 May 2026” for a model that Foundry has taken away, else nothing."""
    entry = catalog.entry(*names)
    if not entry.is_retired(today):
        return ""
    gone = entry.retired_on or entry.retires_on
    return tr("retired {day}", day=day(gone)) if gone else tr("retired")


def for_this_run(problem: ParagoneError, *, signed_in: bool = False) -> str:
    """That a key or a sign-in could not be kept, and what that means."""
    held = tr("The sign-in is kept until Paragone quits.") if signed_in else tr("The key is kept until Paragone quits.")
    return f"{tr(problem.message)} {held} {tr(problem.hint)}".strip()
