"""Gate that every prompt passes: policy, guards, budget and audit record, in this order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
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
"""Returns the cost of the responses since a time, as recorded in the store. Raises StoreError."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class OutgoingTexts(Struct, frozen=True, kw_only=True):
    """A prompt to send. `texts` are texts written by people (prompts, system prompt, parameters) and attached files.

    Args:
        newest: Number of texts at the end of `texts` that belong to the prompt itself; its typed text comes last.
        allowed: Fingerprints of findings that the user has confirmed.
        flagged_too: Whether to send the prompt even if findings are flagged.
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
    """Decides which prompts may be sent and records their costs."""

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        """Check a prompt and return notices for the user.

        Raises:
            PromptHeld: If the prompt may not be sent, or needs confirmation (subclasses say which).
            SettingsError: If a settings file cannot be used.
            StoreError: If the cost so far cannot be read.
        """
        ...

    async def flags(self, outgoing: OutgoingTexts, settings: Settings) -> bool:
        """Whether the guards find anything in a prompt that is not being sent yet."""
        ...

    async def cost(self, usd: float, settings: Settings) -> None:
        """Record the cost of a response. Raises SettingsError."""
        ...

    async def afford(self, outgoing: OutgoingTexts, settings: Settings, usd: float) -> None:
        """Check before a further request of a response that cost `usd` so far. Raises BudgetSpent and SettingsError."""
        ...

    async def findings(self, texts: Sequence[str], settings: Settings) -> tuple[Finding, ...]:
        """Return what the guards find in the arguments or the result of a tool call."""
        ...

    async def note_tool(self, entry: Mapping[str, object], texts: Sequence[str], settings: Settings) -> None:
        """Record a tool call in the audit log. Raises AuditFailed, and then nothing may be called."""
        ...


class OpenGate:
    """Allows everything, for tests and for requests without user text."""

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        """Allow the prompt; see Gate."""
        del outgoing, settings, stored
        return ()

    async def flags(self, outgoing: OutgoingTexts, settings: Settings) -> bool:
        """See Gate; finds nothing."""
        del outgoing, settings
        return False

    async def cost(self, usd: float, settings: Settings) -> None:
        """Ignore the cost; see Gate."""
        del usd, settings

    async def afford(self, outgoing: OutgoingTexts, settings: Settings, usd: float) -> None:
        """See Gate."""
        del outgoing, settings, usd

    async def findings(self, texts: Sequence[str], settings: Settings) -> tuple[Finding, ...]:
        """See Gate; finds nothing."""
        del texts, settings
        return ()

    async def note_tool(self, entry: Mapping[str, object], texts: Sequence[str], settings: Settings) -> None:
        """See Gate; records nothing."""
        del entry, texts, settings


class GuardedGate:
    """Checks each prompt against the current settings."""

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

    async def flags(self, outgoing: OutgoingTexts, settings: Settings) -> bool:
        """See Gate."""
        return bool(await self._look(outgoing, settings))

    async def cost(self, usd: float, settings: Settings) -> None:
        """See Gate."""
        if usd > 0 and settings.get(BUDGET):
            await asyncio.to_thread(self._ledger.add, usd)

    async def afford(self, outgoing: OutgoingTexts, settings: Settings, usd: float) -> None:
        """See Gate."""
        budget = settings.get(BUDGET)
        if not budget or not _costs(outgoing):
            return
        spent = await asyncio.to_thread(self._ledger.spent) + usd
        if spent >= budget:
            raise BudgetSpent(
                phrase(
                    "This month's budget of {budget} USD is used up: the response was ended before the next tool call.",
                    budget=f"{budget:,.2f}",
                )
            )

    async def findings(self, texts: Sequence[str], settings: Settings) -> tuple[Finding, ...]:
        """See Gate."""
        return await self._scanner.look(texts, settings)

    async def note_tool(self, entry: Mapping[str, object], texts: Sequence[str], settings: Settings) -> None:
        """See Gate."""
        if not settings.get(AUDIT_LOG):
            return
        noted: dict[str, object] = {"at": now().isoformat(), "event": "tool_call", **entry}
        if settings.policy.get(AUDIT_TEXT) and not settings.get(ENCRYPTION):
            noted["texts"] = [masked(each) for each in texts]
        await asyncio.to_thread(self._audit.write, noted)

    async def _look(self, outgoing: OutgoingTexts, settings: Settings, *, newest: bool = False) -> tuple[Finding, ...]:
        """Return the findings in all texts, or only in the newest ones. Repeated scans are cached."""
        if outgoing.connection.kind is Kind.EMBEDDED and not settings.get(GUARD_EMBEDDED):
            return ()
        texts = outgoing.texts[len(outgoing.texts) - outgoing.newest :] if newest else outgoing.texts
        return await self._scanner.look(texts, settings)

    def _require(self, outgoing: OutgoingTexts, findings: Sequence[Finding], newest: Sequence[Finding]) -> None:
        """Raise an error for blocked or unconfirmed findings. It names only those in the prompt itself, if any."""
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
        # If conversations are encrypted, no other file may contain their text unencrypted
        if settings.policy.get(AUDIT_TEXT) and not settings.get(ENCRYPTION) and outgoing.texts and not reason:
            entry["prompt"] = masked(outgoing.texts[-1])
        await asyncio.to_thread(self._audit.write, entry)


def _costs(outgoing: OutgoingTexts) -> bool:
    """Whether requests to a model may cost money: the model is neither local nor free in the price list."""
    if outgoing.connection.kind is Kind.EMBEDDED or host_of(outgoing.connection) in _LOOPBACK:
        return False
    return outgoing.entry.price_in != 0 or outgoing.entry.price_out != 0


def _named(found: Sequence[Finding]) -> str:
    """Return the names of findings as a list in words, without duplicates and in order."""
    names = tuple(dict.fromkeys(each.what for each in found))
    if len(names) == 1:
        return names[0]
    return phrase("{first} and {others}", first=names[0], others=", ".join(names[1:]))


def _first(found: Sequence[Finding], typed: Container[str]) -> Sequence[Finding]:
    """Return the findings in the prompt itself; without any, return all of them, which are in earlier messages."""
    return [each for each in found if each.fingerprint in typed] or found


def _is_old(found: Sequence[Finding], typed: Container[str]) -> bool:
    """Whether all findings are in messages that were sent earlier."""
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
