"""What a report tells of the request of an answer: how it was sent and who answered, and never an address; pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from desktop.domain import Figures
from desktop.phrases import Phrase, bounded, counted, phrase
from desktop.receipts.receipt import Receipt
from desktop.transfer.comparison_page.report_phrases import in_a_line


def receipt_facts(receipt: Receipt, figures: Figures | None) -> Iterator[Phrase]:
    """When it was sent, over which wire and version of it, and what the server said of itself."""
    yield phrase("sent {time}", time=f"{receipt.at:%Y-%m-%d %H:%M:%S} UTC")
    yield phrase("API format {wire}", wire=in_a_line(receipt.wire))
    if version := api_version(receipt.url):
        yield phrase("api-version {version}", version=version)
    if served := receipt.server_model or (figures.server_model if figures is not None else None):
        yield phrase("served by {model}", model=in_a_line(bounded(served)))
    if receipt.fingerprint:
        yield phrase("fingerprint {fingerprint}", fingerprint=in_a_line(bounded(receipt.fingerprint)))
    if figures is not None and figures.region:
        yield phrase("region {region}", region=in_a_line(bounded(figures.region)))
    if figures is not None and figures.request_id:
        yield phrase("request ID {id}", id=in_a_line(bounded(figures.request_id)))
    if tries := receipt.tries:
        yield counted("{n} earlier attempt", "{n} earlier attempts", len(tries))


def api_version(url: str) -> str:
    """The api-version that an address names; empty where it names none."""
    try:
        named = parse_qs(urlsplit(url).query).get("api-version", [""])
    except ValueError:
        return ""
    return in_a_line(named[0])[:40]
