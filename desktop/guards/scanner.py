"""Scans texts according to the settings; custom patterns run in a child process with a time limit."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from desktop.guards import patterns
from desktop.guards.patterns import Action, Finding, OwnPattern
from desktop.settings.schema import GUARD_CARDS, GUARD_PATTERNS, GUARD_SECRETS
from desktop.settings.values import Settings
from desktop.system.child_process import ChildFailed, ChildSupervisor
from desktop.text.phrases import Phrase, phrase

PATIENCE_S = 5.0
"""Time limit in seconds for all custom patterns on one text, and for starting the child process."""

_MOST_REMEMBERED = 256


class Scanner:
    """Finds secrets, card numbers and custom patterns in texts. Results are cached by the text's hash."""

    def __init__(self, command: Sequence[str], *, patience_s: float = PATIENCE_S) -> None:
        """`command` starts this program as the child process that searches for custom patterns."""
        self._command = tuple(command)
        self._patience_s = patience_s
        self._looked: OrderedDict[str, tuple[Finding, ...]] = OrderedDict()
        self._lock = asyncio.Lock()

    async def look(self, texts: Iterable[str], settings: Settings) -> tuple[Finding, ...]:
        """Return the findings in all texts, without duplicates."""
        findings: dict[str, Finding] = {}
        for text in texts:
            async with self._lock:  # panes that send the same prompt at once wait for one scan
                for each in await self._of_one(text, settings):
                    findings.setdefault(each.fingerprint, each)
        return tuple(findings.values())

    async def _of_one(self, text: str, settings: Settings) -> tuple[Finding, ...]:
        rules = (settings.get(GUARD_SECRETS), settings.get(GUARD_CARDS), settings.get(GUARD_PATTERNS))
        key = hashlib.sha256("\0".join((*rules, text)).encode(errors="replace")).hexdigest()
        if key not in self._looked:
            self._looked[key] = await self._look(text, Action(rules[0]), Action(rules[1]), rules[2])
            if len(self._looked) > _MOST_REMEMBERED:
                self._looked.popitem(last=False)
        self._looked.move_to_end(key)
        return self._looked[key]

    async def _look(self, text: str, secrets: Action, cards: Action, own: str) -> tuple[Finding, ...]:
        findings: list[Finding] = []
        looks: tuple[tuple[Action, Callable[[str, Action], Iterable[Finding]]], ...] = (
            (secrets, patterns.secrets),
            (cards, patterns.cards),
        )
        for piece in patterns.slices(text):
            for action, look in looks:
                if action is not Action.OFF:
                    findings += look(piece, action)
            if len(text) > patterns.SLICE:
                await asyncio.sleep(0)  # let the window respond between two slices
        parsed, slips = patterns.parse_own(own)
        # An invalid pattern must not be ignored silently, so it counts as a match.
        findings += [patterns.finding(_unread(slip), Action.FLAG, "unread") for slip in slips]
        if parsed:
            findings += await self._own(text, parsed)
        return tuple(findings)

    async def _own(self, text: str, own: Sequence[OwnPattern]) -> list[Finding]:
        """Search a text for custom patterns. A pattern that times out counts as a match."""
        from desktop.guards.pattern_child import PatternTask, encode, parse_matches  # json, which few need

        texts = tuple(dict.fromkeys((text, patterns.for_own(text))))
        task = PatternTask(texts, tuple(pattern.expression for pattern in own))
        answers: list[list[str]] = []
        child = ChildSupervisor("own patterns", self._command, start_s=self._patience_s)
        with contextlib.suppress(ChildFailed):
            try:
                async with child.exchange(self._patience_s) as exchange:
                    await exchange.send(encode(task))
                    while len(answers) < len(own):
                        answers.append(parse_matches(await exchange.receive()))
            finally:
                await child.aclose()
        findings = [
            patterns.finding(pattern.name, pattern.action, match)
            for pattern, matches in zip(own, answers, strict=False)
            for match in matches
        ]
        return [*findings, *map(_unsure, own[len(answers) :])]


def _unread(slip: Phrase) -> Phrase:
    return phrase("text that could not be checked, because a rule is invalid ({slip})", slip=slip)


def _unsure(pattern: OwnPattern) -> Finding:
    what = phrase("{name} (search timed out)", name=pattern.name)
    return patterns.finding(what, pattern.action, "unsure")
