"""Checks the words of prompts in a child process, with the user's dictionaries and own words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec

from desktop.spelling.dictionary_folders import SpellingDictionary, choose_dictionaries, find_dictionaries
from desktop.spelling.own_words import OwnWords, plain_form
from desktop.spelling.spelling_child import (
    MOST_BYTES,
    DictionaryLoaded,
    DictionaryRequest,
    SpellingChildReply,
    SpellingChildRequest,
    SpellingReply,
    SpellingRequest,
    SuggestionReply,
    SuggestionRequest,
    parse_reply,
)
from desktop.system.child_process import ChildFailed, ChildSupervisor
from desktop.system.log import logger

_log = logger("spelling")

_LOAD_S, _CHECK_S, _SUGGEST_S = 20.0, 5.0, 4.0
_MOST_FAILURES = 3
"""Consecutive failures to check words after which nothing is checked until the program restarts."""
_MOST_KNOWN = 50_000


class Speller:
    """Interface to the spelling child, which starts with the first words to check. Belongs to one event loop.

    Words that were looked up are remembered. If the child hangs or crashes, no word is misspelled; a dictionary that
    cannot be loaded is not used.
    """

    def __init__(self, command: Sequence[str], folders: Callable[[], Collection[Path]], own: OwnWords) -> None:
        """Create the speller. `command` starts this program as the child; `folders` may contain dictionaries."""
        self.own = own
        self._folders = folders
        self._child = ChildSupervisor("spelling", command, most=MOST_BYTES)
        self._lock = asyncio.Lock()
        self._found: dict[str, SpellingDictionary] | None = None
        self._used: tuple[SpellingDictionary, ...] = ()
        self._known: dict[str, bool] = {}
        self._loaded: dict[SpellingDictionary, int] = {}
        """Number of the child that has loaded a dictionary."""
        self._unusable: set[SpellingDictionary] = set()
        self._failures = 0

    @property
    def found(self) -> dict[str, SpellingDictionary]:
        """All dictionaries of the system by code."""
        if self._found is None:
            self._found = find_dictionaries(self._folders())
        return self._found

    @property
    def used(self) -> tuple[str, ...]:
        """Codes of the dictionaries that words are looked up in."""
        return tuple(each.code for each in self._used)

    @property
    def pid(self) -> int:
        """The child's process ID, or 0 if it is not running."""
        return self._child.pid

    def choose(self, wanted: str, preferred: Sequence[str]) -> None:
        """Choose the dictionaries, as `choose_dictionaries` explains."""
        used = choose_dictionaries(self.found, wanted, preferred)
        if used != self._used:
            self._used = used
            self._known.clear()

    def look_again(self) -> None:
        """Search the folders for dictionaries when they are needed again, since the user may have added some."""
        self._found = None

    def add(self, word: str) -> None:
        """Add a word to the user's own words. Raises OSError."""
        self.own.add(word)

    def ignore(self, word: str) -> None:
        """Accept a word until the program ends."""
        self.own.ignore(word)

    async def misspelled(self, words: Collection[str]) -> set[str]:
        """Return the words that no chosen dictionary contains and that are not the user's own."""
        forms = {word: plain_form(word) for word in words if word not in self.own}
        async with self._lock:
            known, used = self._known, self._used
            if unknown := tuple(dict.fromkeys(form for form in forms.values() if form not in known)):
                if len(known) + len(unknown) > _MOST_KNOWN:
                    known.clear()
                codes = await self._load(used)
                reply = await self._ask(SpellingRequest(codes=codes, words=unknown), _CHECK_S) if codes else None
                if not isinstance(reply, SpellingReply):
                    return set()
                if used == self._used:
                    wrong = set(reply.misspelled)
                    known.update((form, form in wrong) for form in unknown)
        return {word for word, form in forms.items() if known.get(form)}

    async def suggestions(self, word: str) -> tuple[str, ...]:
        """Return a few corrections of a misspelled word, or none if they cannot be found in time."""
        async with self._lock:
            codes = await self._load(self._used)
            request = SuggestionRequest(codes=codes, word=plain_form(word))
            reply = await self._ask(request, _SUGGEST_S) if codes else None
        if not isinstance(reply, SuggestionReply):
            return ()
        return tuple(each.replace("'", "’") if "’" in word else each for each in reply.words)

    async def aclose(self) -> None:
        """Terminate the child permanently. Safe to call more than once."""
        await self._child.aclose()

    async def _load(self, wanted: Collection[SpellingDictionary]) -> tuple[str, ...]:
        """Load the dictionaries that the child does not have, and return the codes of those that can be used.

        A dictionary that crashes the child is not loaded again, but those loaded before it are.
        """
        if self._failures >= _MOST_FAILURES:
            return ()
        usable = [each for each in wanted if each not in self._unusable]
        while missing := [each for each in usable if not self._is_loaded(each)]:
            each = missing[0]
            try:
                await self._child.start()
            except ChildFailed:
                return ()
            reply = await self._ask(DictionaryRequest(folder=str(each.folder), code=each.code), _LOAD_S)
            if isinstance(reply, DictionaryLoaded) and reply.script:
                self._loaded[each] = self._child.starts
            else:
                _log.warning("the dictionary %s cannot be used", each.code)
                self._unusable.add(each)
                usable.remove(each)
        return tuple(each.code for each in usable)

    def _is_loaded(self, dictionary: SpellingDictionary) -> bool:
        return bool(self._child.pid) and self._loaded.get(dictionary) == self._child.starts

    async def _ask(self, request: SpellingChildRequest, seconds: float) -> SpellingChildReply | None:
        try:
            async with self._child.exchange(seconds) as exchange:
                reply = parse_reply(await exchange.ask(msgspec.json.encode(request)))
        except ChildFailed:
            self._failures += not isinstance(request, DictionaryRequest)
            return None
        if not isinstance(request, DictionaryRequest):
            self._failures = 0
        return reply
