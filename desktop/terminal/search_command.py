"""`conversations search`: searches by words and filters, and prints matching messages with snippets."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from desktop.domain.conversation_types import now
from desktop.errors import UsageError
from desktop.store.search.search_hit import SearchHit
from desktop.terminal.console import Console
from desktop.terminal.console_services import ConsoleServices
from desktop.terminal.conversation_json import described
from desktop.text.phrases import english


async def run(services: ConsoleServices, arguments: argparse.Namespace) -> int:
    """Print the results, newest first."""
    from desktop.store.search import query

    if arguments.limit < 1:
        raise UsageError(english("--limit must be at least 1."))
    for name in ("since", "until"):
        value = getattr(arguments, name)
        if value is not None and not any(token.key for token in query.tokens(f"from:{value}", now().astimezone())):
            raise UsageError(
                english(f"“{value}” is not a date."),
                hint=english("Use 2026-01-31, 2026-01, 2026, today or yesterday."),
            )
    text = " ".join((*arguments.text, *_filters(arguments)))
    if not text.strip():
        raise UsageError(
            english("No search words given."),
            hint=english("conversations search WORDS, or a filter."),
        )
    store = await services.store()
    hits = await store.search(text, arguments.limit)
    if arguments.json:
        services.console.json([_told(hit) for hit in hits])
    elif hits:
        _print(services.console, hits)
    else:
        services.console.note("No message contains all these words.")
    state = await store.index_renewal.state()
    if state.left:
        said = f"The search index is incomplete ({state.percent}%). An open window or `storage index` completes it."
        services.console.note(said)
    return 0


def _filters(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the command's options as filters of a search query."""
    from desktop.store.search import query

    yield from (f"model:{_word(name)}" for name in arguments.model)
    yield from (f"connection:{query.quoted(name)}" for name in arguments.connection)
    yield from (f"tag:{query.quoted(name)}" for name in arguments.tag)
    yield from (f"from:{value}" for value in (arguments.since,) if value)
    yield from (f"to:{value}" for value in (arguments.until,) if value)
    yield from (f"role:{value}" for value in (arguments.role,) if value)
    yield from (("is:pinned",) if arguments.pinned else ())
    yield from (("has:code",) if arguments.has_code else ())


def _word(name: str) -> str:
    """Return a name as a filter value that also matches parts of names."""
    return "".join(name.replace('"', " ").split()) or '""'


def _told(hit: SearchHit) -> dict[str, object]:
    return {
        **described(hit.conversation),
        "snippet": hit.snippet,
        "marks": [list(mark) for mark in hit.marks],
        "message_id": hit.message_id,
    }


def _print(console: Console, hits: Sequence[SearchHit]) -> None:
    """Print one line per message into a pipe, or results grouped by conversation on a terminal."""
    if not console.is_terminal:
        console.table((), [(*_about(hit), hit.snippet) for hit in hits])
        return
    for hit in hits:
        console.line("  ".join(_about(hit)))
        console.marked(f"    {hit.snippet}\n", [(start + 4, end + 4) for start, end in hit.marks])


def _about(hit: SearchHit) -> tuple[str, str, str, str]:
    summary = hit.conversation
    when = summary.updated_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return summary.id, when, str(summary.model), " ".join(summary.title.split()) or "Untitled"
