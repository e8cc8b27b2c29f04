"""Gate that every prompt passes: policy, guards, budget and audit record, in this order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from desktop.catalog.catalog_entry import Entry
from desktop.domain.conversation_types import Connection, Kind, ModelRef, now
from desktop.domain.events import Notice
from desktop.errors import BudgetSpent, PromptBlocked, PromptFlagged
from desktop.guards.audit import Audit
from desktop.guards.budget import WARN_AT, Ledger
from desktop.guards.patterns import Action, Finding, masked
from desktop.guards.scanner import Scanner
from desktop.settings.policy import AUDIT_TEXT, host_of
from desktop.settings.schema import AUDIT_LOG, BUDGET, ENCRYPTION, GUARD_EMBEDDED
from desktop.settings.values import Settings
from desktop.text.phrases import Phrase, phrase

Stored = Callable[[datetime], Awaitable[float]]
"""Returns the cost of the responses since a time, by the store's figures. Raises StoreError."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class OutgoingTexts(Struct, frozen=True, kw_only=True):
    """A prompt to send: `texts` are those of people (prompts, system prompt, parameters) and of their files.

    Args:
        newest: How many of the last texts belong to the prompt itself, its own words last.
        allowed: Fingerprints of findings that the user has confirmed.
        flagged_too: Sends everything that is only flagged.

    """

    conversation: str
    model: ModelRef
    connection: Connection
    entry: Entry
    texts: Sequence[str]
    newest: int = 1
    allowed: frozenset[str] = frozenset()
    flagged_too: bool = False

    @property
    def destination(self) -> str:
        """Destination for display: the model, and the host if there is one."""
        host = host_of(self.connection) if self.connection.kind is not Kind.EMBEDDED else ""
        return phrase("{model} at {host}", model=self.model, host=host) if host else str(self.model)


class Gate(Protocol):
    """Decides what may be sent, and counts what it costs."""

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        """Let a prompt pass and return notices for the user. Raises PromptHeld's tree, SettingsError and StoreError."""
        ...

    async def cost(self, usd: float, settings: Settings) -> None:
        """Count a response's cost. Raises SettingsError."""
        ...


class OpenGate:
    """Allows everything, for tests and for texts without people's words."""

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        """See Gate; checks nothing."""
        del outgoing, settings, stored
        return ()

    async def cost(self, usd: float, settings: Settings) -> None:
        """See Gate; counts nothing."""
        del usd, settings


class GuardedGate:
    """Checks each prompt by the settings in force."""

    def __init__(self, scanner: Scanner, ledger: Ledger, audit: Audit) -> None:
        self._scanner = scanner
        self._ledger = ledger
        self._audit = audit
        self._taken_over: datetime | None = None
        self._warned: datetime | None = None

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        """See Gate."""
        findings = await self._look(outgoing, settings)
        try:
            newest = await self._look(outgoing, settings, newest=True) if findings else ()
            self._require(outgoing, findings, newest)
            notices = await self._budget(outgoing, settings, stored)
        except (PromptFlagged, PromptBlocked, BudgetSpent) as error:
            await self._record(outgoing, settings, findings, reason=error.code)
            raise
        await self._record(outgoing, settings, findings)
        return notices

    async def cost(self, usd: float, settings: Settings) -> None:
        """See Gate."""
        if usd > 0 and settings.get(BUDGET):
            await asyncio.to_thread(self._ledger.add, usd)

    async def _look(self, outgoing: OutgoingTexts, settings: Settings, *, newest: bool = False) -> tuple[Finding, ...]:
        """Return the findings in all texts, and in the newest alone, which costs nothing after the first scan."""
        if outgoing.connection.kind is Kind.EMBEDDED and not settings.get(GUARD_EMBEDDED):
            return ()
        texts = outgoing.texts[len(outgoing.texts) - outgoing.newest :] if newest else outgoing.texts
        return await self._scanner.look(texts, settings)

    def _require(self, outgoing: OutgoingTexts, findings: Sequence[Finding], newest: Sequence[Finding]) -> None:
        """Findings in the prompt itself, without those in earlier texts."""
        typed = {finding.fingerprint for finding in newest}
        blocked = [finding for finding in findings if finding.action is Action.BLOCK]
        if blocked:
            said = _named(_first(blocked, typed))
            raise PromptBlocked(_blocked(said, outgoing.destination, before=_is_old(blocked, typed)))
        flagged = [finding for finding in findings if finding.fingerprint not in outgoing.allowed]
        if flagged and not outgoing.flagged_too:
            raise PromptFlagged(
                _flagged(_named(_first(flagged, typed)), outgoing.destination, before=_is_old(flagged, typed)),
                found=frozenset(finding.fingerprint for finding in flagged),
            )

    async def _budget(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        budget = settings.get(BUDGET)
        if not budget or not _costs(outgoing):
            return ()
        month = self._ledger.month
        if stored is not None and self._taken_over != month:
            spent = await asyncio.to_thread(self._ledger.at_least, await stored(month))
            self._taken_over = month
        else:
            spent = await asyncio.to_thread(self._ledger.spent)
        if spent >= budget:
            raise BudgetSpent(
                phrase(
                    "This month's budget of {budget} USD is used up ({spent} USD spent). Nothing was sent "
                    "to {destination}.",
                    budget=f"{budget:,.2f}",
                    spent=f"{spent:,.2f}",
                    destination=outgoing.destination,
                )
            )
        if spent < WARN_AT * budget or self._warned == month:
            return ()
        self._warned = month
        said = phrase(
            "{spent} USD of this month's budget of {budget} USD has been spent.",
            spent=f"{spent:,.2f}",
            budget=f"{budget:,.2f}",
        )
        return (Notice(code="budget", message=said),)

    async def _record(
        self, outgoing: OutgoingTexts, settings: Settings, findings: Sequence[Finding], *, reason: str = ""
    ) -> None:
        if not settings.get(AUDIT_LOG):
            return
        entry: dict[str, object] = {
            "at": now().isoformat(),
            "event": "held" if reason else "sent",
            "model": str(outgoing.model),
            "kind": outgoing.connection.kind.value,
            "host": host_of(outgoing.connection),
            "conversation": outgoing.conversation,
            "texts": len(outgoing.texts),
            "characters": sum(map(len, outgoing.texts)),
        }
        if findings:
            entry["found"] = sorted({str(each.what) for each in findings})
        if reason:
            entry["why"] = reason
        # Where conversations are encrypted none of their text may lie plain in another file
        if settings.policy.get(AUDIT_TEXT) and not settings.get(ENCRYPTION) and outgoing.texts and not reason:
            entry["prompt"] = masked(outgoing.texts[-1])
        await asyncio.to_thread(self._audit.write, entry)


def _costs(outgoing: OutgoingTexts) -> bool:
    """Whether a model may cost something: neither local nor free in the price list."""
    if outgoing.connection.kind is Kind.EMBEDDED or host_of(outgoing.connection) in _LOOPBACK:
        return False
    return outgoing.entry.price_in != 0 or outgoing.entry.price_out != 0


def _named(found: Sequence[Finding]) -> str:
    """Return the kinds of findings, each once, in order."""
    names = tuple(dict.fromkeys(each.what for each in found))
    if len(names) == 1:
        return names[0]
    return phrase("{first} and {others}", first=names[0], others=", ".join(names[1:]))


def _first(found: Sequence[Finding], typed: Container[str]) -> Sequence[Finding]:
    """Return the findings in the prompt itself; if there are none, all of them, which were sent before."""
    return [each for each in found if each.fingerprint in typed] or found


def _is_old(found: Sequence[Finding], typed: Container[str]) -> bool:
    """Whether all findings were sent before."""
    return not any(each.fingerprint in typed for each in found)


def _blocked(what: str, destination: str, *, before: bool) -> Phrase:
    if before:
        return phrase(
            "An earlier prompt in this conversation, the system prompt or a parameter contains {what}. "
            "Nothing was sent to {destination}.",
            what=what,
            destination=destination,
        )
    return phrase("The prompt contains {what} and was not sent to {destination}.", what=what, destination=destination)


def _flagged(what: str, destination: str, *, before: bool) -> Phrase:
    if before:
        return phrase(
            "An earlier prompt in this conversation, the system prompt or a parameter seems to contain "
            "{what}. Nothing was sent to {destination}.",
            what=what,
            destination=destination,
        )
    return phrase(
        "The prompt seems to contain {what}. It was not sent to {destination}.", what=what, destination=destination
    )
