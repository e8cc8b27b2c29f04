"""Looks through texts as the settings say; own expressions run in a child that is ended when one takes too long."""

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
from desktop.system.child_process import MemoryWatch, start_child
from desktop.system.log import logger
from desktop.text.phrases import Phrase, phrase

_log = logger("guards")

PATIENCE_S = 5.0
"""So long own expressions may take on one text, the child's start included."""
_KEPT = 256


class Scanner:
    """Finds what must not leave. Texts that were looked through are remembered by their hash."""

    def __init__(self, command: Sequence[str], *, patience_s: float = PATIENCE_S) -> None:
        """`command` starts this program as the child that runs own expressions."""
        self._command = tuple(command)
        self._patience_s = patience_s
        self._looked: OrderedDict[str, tuple[Finding, ...]] = OrderedDict()
        self._one = asyncio.Lock()

    async def look(self, texts: Iterable[str], settings: Settings) -> tuple[Finding, ...]:
        """What is found in texts, each thing once."""
        found: dict[str, Finding] = {}
        for text in texts:
            async with self._one:  # panes that ask the same at once wait for one look
                for each in await self._of_one(text, settings):
                    found.setdefault(each.fingerprint, each)
        return tuple(found.values())

    async def _of_one(self, text: str, settings: Settings) -> tuple[Finding, ...]:
        rules = (settings.get(GUARD_SECRETS), settings.get(GUARD_CARDS), settings.get(GUARD_PATTERNS))
        key = hashlib.sha256("\0".join((*rules, text)).encode(errors="replace")).hexdigest()
        if key not in self._looked:
            self._looked[key] = await self._look(text, Action(rules[0]), Action(rules[1]), rules[2])
            if len(self._looked) > _KEPT:
                self._looked.popitem(last=False)
        self._looked.move_to_end(key)
        return self._looked[key]

    async def _look(self, text: str, secrets: Action, cards: Action, own: str) -> tuple[Finding, ...]:
        found: list[Finding] = []
        looks: tuple[tuple[Action, Callable[[str, Action], Iterable[Finding]]], ...] = (
            (secrets, patterns.secrets),
            (cards, patterns.cards),
        )
        for piece in patterns.slices(text):
            for action, look in looks:
                if action is not Action.OFF:
                    found += look(piece, action)
            if len(text) > patterns.SLICE:
                await asyncio.sleep(0)  # the window goes on between two pieces
        parsed, slips = patterns.parse_own(own)
        # A rule that cannot be read must not be silently none: it asks.
        found += [patterns.finding(_unread(slip), Action.FLAG, "unread") for slip in slips]
        if parsed:
            found += await self._own(text, parsed)
        return tuple(found)

    async def _own(self, text: str, own: Sequence[OwnPattern]) -> list[Finding]:
        """What own expressions match; those that did not come to an end in time count as found."""
        import json

        answers: dict[int, list[str]] = {}
        texts = [*dict.fromkeys((text, patterns.for_own(text)))]
        task = json.dumps({"texts": texts, "expressions": [each.expression for each in own]}).encode()
        try:
            child = await start_child(self._command)
        except OSError as error:
            _log.error("own patterns could not be run: %s", error.strerror)
            return [_unsure(each) for each in own]
        try:
            async with asyncio.timeout(self._patience_s):
                with MemoryWatch(child):
                    await asyncio.gather(_write(child, task), _read(child, answers))
                    await child.wait()
        except TimeoutError:
            _log.warning("an own pattern took longer than %g s", self._patience_s)
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
        found: list[Finding] = []
        for place, each in enumerate(own):
            if place not in answers:
                found.append(_unsure(each))
            found += [patterns.finding(each.name, each.action, match) for match in answers.get(place, ())]
        return found


def _unread(slip: Phrase) -> Phrase:
    return phrase("text matching a rule that cannot be read ({slip})", slip=slip)


def _unsure(pattern: OwnPattern) -> Finding:
    what = phrase("{name} (search timed out)", name=pattern.name)
    return patterns.finding(what, pattern.action, "unsure")


async def _write(child: asyncio.subprocess.Process, task: bytes) -> None:
    assert child.stdin is not None
    with contextlib.suppress(ConnectionError):
        child.stdin.write(task)
        await child.stdin.drain()
    child.stdin.close()


async def _read(child: asyncio.subprocess.Process, answers: dict[int, list[str]]) -> None:
    import json

    assert child.stdout is not None
    held = b""
    while data := await child.stdout.read(1 << 16):
        *lines, held = (held + data).split(b"\n")
        for line in lines:
            place, found = json.loads(line)
            answers[place] = found
