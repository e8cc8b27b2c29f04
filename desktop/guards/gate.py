"""The gate through which every prompt leaves: policy, guards, budget and record, in this order."""

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
"""What the answers since a time cost, by the figures of the store. Raises StoreError."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class OutgoingTexts(Struct, frozen=True, kw_only=True):
    """What is about to be sent: `texts` are those of people (prompts, system prompt, parameters) and of their files.

    The last `newest` of them are of the prompt itself, its own words last. `allowed` are fingerprints of what was
    flagged before and may go; `flagged_too` lets everything go that is flagged.
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
        """Where it goes, for people: the model, and the host where there is one."""
        host = host_of(self.connection) if self.connection.kind is not Kind.EMBEDDED else ""
        return phrase("{model} at {host}", model=self.model, host=host) if host else str(self.model)


class Gate(Protocol):
    """Asked before anything is sent, and told what it cost."""

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        """Let it go, with what is to be said about it. Raises PromptHeld's tree, SettingsError and StoreError."""
        ...

    async def cost(self, usd: float, settings: Settings) -> None:
        """An answer cost so much. Raises SettingsError."""
        ...


class OpenGate:
    """Lets everything go: for tests and for what holds no words of people."""

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        """Nothing is looked at."""
        del outgoing, settings, stored
        return ()

    async def cost(self, usd: float, settings: Settings) -> None:
        """Nothing is counted."""
        del usd, settings


class GuardedGate:
    """Looks at each prompt as the settings in force say."""

    def __init__(self, scanner: Scanner, ledger: Ledger, audit: Audit) -> None:
        self._scanner = scanner
        self._ledger = ledger
        self._audit = audit
        self._taken_over: datetime | None = None
        self._warned: datetime | None = None

    async def check(self, outgoing: OutgoingTexts, settings: Settings, stored: Stored | None) -> tuple[Notice, ...]:
        """See Gate."""
        found = await self._look(outgoing, settings)
        try:
            newest = await self._look(outgoing, settings, newest=True) if found else ()
            self._require(outgoing, found, newest)
            notices = await self._budget(outgoing, settings, stored)
        except (PromptFlagged, PromptBlocked, BudgetSpent) as error:
            await self._record(outgoing, settings, found, held=error.code)
            raise
        await self._record(outgoing, settings, found)
        return notices

    async def cost(self, usd: float, settings: Settings) -> None:
        """See Gate."""
        if usd > 0 and settings.get(BUDGET):
            await asyncio.to_thread(self._ledger.add, usd)

    async def _look(self, outgoing: OutgoingTexts, settings: Settings, *, newest: bool = False) -> tuple[Finding, ...]:
        """What is found in all texts, or in the newest alone: that was looked through before, and costs nothing."""
        if outgoing.connection.kind is Kind.EMBEDDED and not settings.get(GUARD_EMBEDDED):
            return ()
        texts = outgoing.texts[len(outgoing.texts) - outgoing.newest :] if newest else outgoing.texts
        return await self._scanner.look(texts, settings)

    def _require(self, outgoing: OutgoingTexts, found: Sequence[Finding], newest: Sequence[Finding]) -> None:
        """`newest` is what was found in the prompt itself, without what was said before it."""
        typed = {each.fingerprint for each in newest}
        blocked = [each for each in found if each.action is Action.BLOCK]
        if blocked:
            said = _named(_first(blocked, typed))
            raise PromptBlocked(_blocked(said, outgoing.destination, before=_is_old(blocked, typed)))
        flagged = [each for each in found if each.fingerprint not in outgoing.allowed]
        if flagged and not outgoing.flagged_too:
            raise PromptFlagged(
                _flagged(_named(_first(flagged, typed)), outgoing.destination, before=_is_old(flagged, typed)),
                found=frozenset(each.fingerprint for each in flagged),
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
                    "This month's budget of {budget} USD is used up ({spent} USD). Nothing was sent to {destination}.",
                    budget=f"{budget:,.2f}",
                    spent=f"{spent:,.2f}",
                    destination=outgoing.destination,
                )
            )
        if spent < WARN_AT * budget or self._warned == month:
            return ()
        self._warned = month
        said = phrase(
            "{spent} USD of this month's budget of {budget} USD have been spent.",
            spent=f"{spent:,.2f}",
            budget=f"{budget:,.2f}",
        )
        return (Notice(code="budget", message=said),)

    async def _record(
        self, outgoing: OutgoingTexts, settings: Settings, found: Sequence[Finding], *, held: str = ""
    ) -> None:
        if not settings.get(AUDIT_LOG):
            return
        entry: dict[str, object] = {
            "at": now().isoformat(),
            "event": "held" if held else "sent",
            "model": str(outgoing.model),
            "kind": outgoing.connection.kind.value,
            "host": host_of(outgoing.connection),
            "conversation": outgoing.conversation,
            "texts": len(outgoing.texts),
            "characters": sum(map(len, outgoing.texts)),
        }
        if found:
            entry["found"] = sorted({str(each.what) for each in found})
        if held:
            entry["why"] = held
        # Where conversations are encrypted none of their text may lie plain in another file
        if settings.policy.get(AUDIT_TEXT) and not settings.get(ENCRYPTION) and outgoing.texts and not held:
            entry["prompt"] = masked(outgoing.texts[-1])
        await asyncio.to_thread(self._audit.write, entry)


def _costs(outgoing: OutgoingTexts) -> bool:
    """Whether a model may cost something: not on this computer, and not free by the price sheet."""
    if outgoing.connection.kind is Kind.EMBEDDED or host_of(outgoing.connection) in _LOOPBACK:
        return False
    return outgoing.entry.price_in != 0 or outgoing.entry.price_out != 0


def _named(found: Sequence[Finding]) -> str:
    """What was found, each kind once, in the order it was found."""
    names = tuple(dict.fromkeys(each.what for each in found))
    if len(names) == 1:
        return names[0]
    return phrase("{first} and {others}", first=names[0], others=", ".join(names[1:]))


def _first(found: Sequence[Finding], typed: Container[str]) -> Sequence[Finding]:
    """What was found in the prompt itself; where nothing was, all of it, which was said before."""
    return [each for each in found if each.fingerprint in typed] or found


def _is_old(found: Sequence[Finding], typed: Container[str]) -> bool:
    """Whether all of it was said before the prompt."""
    return not any(each.fingerprint in typed for each in found)


def _blocked(what: str, destination: str, *, before: bool) -> Phrase:
    if before:
        return phrase(
            "An earlier prompt of this conversation, its system prompt or a parameter contains {what}. "
            "Nothing was sent to {destination}.",
            what=what,
            destination=destination,
        )
    return phrase("The prompt contains {what} and was not sent to {destination}.", what=what, destination=destination)


def _flagged(what: str, destination: str, *, before: bool) -> Phrase:
    if before:
        return phrase(
            "An earlier prompt of this conversation, its system prompt or a parameter seems to contain "
            "{what}. Nothing was sent to {destination}.",
            what=what,
            destination=destination,
        )
    return phrase(
        "The prompt seems to contain {what}. It was not sent to {destination}.", what=what, destination=destination
    )
