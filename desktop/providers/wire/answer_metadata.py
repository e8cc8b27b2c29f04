"""What the readers of all wires say once of an answer, in bounded words and without keys; pure."""

from __future__ import annotations

import re

from desktop.domain.events import Cited, Fingerprinted, ModelNamed, Notice, StreamEvent
from desktop.providers.wire.content_filters import flagged
from desktop.providers.wire.error_bodies import plain
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.finish_reasons import NAMED
from desktop.redaction.redactor import hide_head
from desktop.text.phrases import Phrase, phrase

_LOOKED_AT = 2_000  # characters of a server's word: none that is real has as many
_MOST_REMEMBERED = 1_000  # notices that are remembered so as to be said once
_LONGEST_URL, _MOST_CITED = 2_000, 200
"""Characters of an address that is cited, and how many are of one answer."""
_CITED = 64_000
"""Characters of addresses and titles that are cited in one answer: looking for keys in them takes time."""
_SPELLING, _SPELLED = re.compile(r"[\\%&=<;#,]"), 12
"""What letters may be spelled with, each of which takes the time of so many characters."""
_MARK, _MARKS = 100, 4_000
"""Characters of a name that a content filter gives, and of all different ones in one answer: they are a few words."""
_WORD, _WORDS, _SHORT = 100, 16_000, 40
"""Characters of a short word, and of all longer ones together that are in one answer; and how many different short ones
are told: there is a handful."""


class AnswerMetadata:
    """The name of an answer's model, its notices and what it cites, each given as an event the first time only."""

    def __init__(self, asked: RequestTarget) -> None:
        self._asked = asked
        self.is_model_named = False
        """Whether the model was named, so that nobody need try again."""
        self._fingerprinted = False
        self._notices: set[tuple[str, str]] = set()
        self._cited: set[str] = set()
        self._marks: dict[str, str] = {}
        self._short: dict[tuple[str, int], str] = {}
        self._cited_left, self._words_left, self._marks_left = _CITED, _WORDS, _MARKS

    def plain(self, said: str, limit: int) -> str:
        """A server's word, bounded; keys are hidden first, since a cut one is no longer known for what it is.

        Of very many in one answer the first are told.
        """
        if len(said) > _WORD:
            self._words_left -= min(len(said), _LOOKED_AT)
            return "" if self._words_left < 0 else self._told(said, limit)
        if (said, limit) not in self._short and (len(self._short) < _SHORT or said in NAMED):
            self._short[said, limit] = self._told(said, limit)
        return self._short.get((said, limit), "")

    def model(self, name: object, events: list[StreamEvent]) -> None:
        """Name the model, where that is a name."""
        if not self.is_model_named and isinstance(name, str) and (named := self.plain(name, 200)):
            self.is_model_named = True
            events.append(ModelNamed(model=named))

    def fingerprint(self, said: object, events: list[StreamEvent]) -> None:
        """Tell the state that it answers from, where one is named."""
        if not self._fingerprinted and isinstance(said, str) and (named := self.plain(said, 200)):
            self._fingerprinted = True
            events.append(Fingerprinted(fingerprint=named))

    def notice(self, code: str, message: Phrase, events: list[StreamEvent]) -> None:
        """Say something of the answer."""
        if (code, message) not in self._notices:
            if len(self._notices) < _MOST_REMEMBERED:
                self._notices.add((code, message))
            events.append(Notice(code=code, message=message))

    def marked(self, result: object) -> tuple[str, ...]:
        """What a content filter marked, as `flagged` names it; of very many names in one answer the first are told."""
        return flagged(result, self._mark)

    def citation(self, url: object, title: object, events: list[StreamEvent]) -> None:
        """Name a page that the answer cites, where it is one of the web."""
        if not isinstance(url, str) or not url.startswith(("https://", "http://")) or len(url) > _LONGEST_URL:
            return
        if url in self._cited or len(self._cited) >= _MOST_CITED:
            return
        words = title if isinstance(title, str) else ""
        self._cited.add(url)
        looked_at = url + words[:_LOOKED_AT]
        self._cited_left -= len(looked_at) + _SPELLED * len(_SPELLING.findall(looked_at))
        if self._cited_left < 0:
            return
        said = self._told(words, 200)
        events.append(Cited(url=hide_head(url, self._asked.secrets, _LONGEST_URL), title=said))

    def refusal(self, events: list[StreamEvent]) -> None:
        """Say that the model refused."""
        self.notice("refusal", phrase("The model declined to answer."), events)

    def tool(self, events: list[StreamEvent]) -> None:
        """Say that the model wanted a tool."""
        said = phrase("The model requested a tool. Tools are not offered, so the request was ignored.")
        self.notice("tool_call_ignored", said, events)

    def odd_end(self, reason: str, events: list[StreamEvent]) -> None:
        """Say why the server ended the answer, where that is no word that everybody knows."""
        if reason not in NAMED and (told := self.plain(reason, 60)):
            said = phrase("The server gave “{said}” as the finish reason.", said=told)
            self.notice("odd_finish_reason", said, events)

    def _mark(self, name: str) -> str:
        if name not in self._marks and len(name) <= min(_MARK, self._marks_left):
            self._marks_left -= len(name)
            self._marks[name] = hide_head(name, self._asked.secrets)
        return self._marks.get(name, "")

    def _told(self, said: str, limit: int) -> str:
        return plain(hide_head(said, self._asked.secrets, _LOOKED_AT), limit)
