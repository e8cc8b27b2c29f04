"""Metadata that readers of all API formats report once per response, truncated and without keys. Pure functions."""

from __future__ import annotations

import re

from desktop.domain.events import Cited, Fingerprinted, ModelNamed, Notice, StreamEvent
from desktop.providers.wire.content_filters import flagged
from desktop.providers.wire.error_bodies import plain
from desktop.providers.wire.faults import RequestTarget
from desktop.providers.wire.finish_reasons import NAMED
from desktop.providers.wire.json_shapes import objects, words
from desktop.redaction.redactor import hide_head
from desktop.text.phrases import Phrase, phrase

_LOOKED_AT = 2_000  # characters of a server's word: none that is real has as many
_MOST_REMEMBERED = 1_000  # notices that are remembered so as to be said once
_LONGEST_URL, _MOST_CITED = 2_000, 200
"""Maximum characters of a cited address, and maximum citations of a response."""
_CITED = 64_000
"""Maximum characters of all addresses and titles cited in one response, since searching for keys takes time."""
_SPELLING, _SPELLED = re.compile(r"[\\%&=<;#,]"), 12
"""Characters that may encode letters; each takes the time of this many plain ones."""
_PAGE, _MOST_PAGES, _PAGES = 500, 100, 64_000
"""Maximum characters of a found page's title or URL, pages of one search, and characters of all pages of a response."""
_MARK, _MARKS = 100, 4_000
"""Maximum characters of a content filter's category, and of all categories in one response."""
_WORD, _WORDS, _SHORT = 100, 16_000, 40
"""Maximum characters of a short text, of all longer texts in one response, and maximum distinct short texts reported.
"""


class AnswerMetadata:
    """Collects the model, notices and citations of a response, and reports each once as an event."""

    def __init__(self, target: RequestTarget) -> None:
        self._target = target
        self.is_model_named = False
        """Whether the model is known already."""
        self._fingerprinted = False
        self._notices: set[tuple[str, str]] = set()
        self._cited: set[str] = set()
        self._marks: dict[str, str] = {}
        self._short: dict[tuple[str, int], str] = {}
        self._cited_left, self._words_left, self._marks_left = _CITED, _WORDS, _MARKS
        self._pages_left = _PAGES

    def plain(self, said: str, limit: int) -> str:
        """Return a server's text, truncated. Keys are redacted first, since a truncated key is not recognized.

        If one response has very many texts, only the first ones are reported.
        """
        if len(said) > _WORD:
            self._words_left -= min(len(said), _LOOKED_AT)
            return "" if self._words_left < 0 else self._told(said, limit)
        if (said, limit) not in self._short and (len(self._short) < _SHORT or said in NAMED):
            self._short[said, limit] = self._told(said, limit)
        return self._short.get((said, limit), "")

    def model(self, name: object, events: list[StreamEvent]) -> None:
        """Report the model's name."""
        if not self.is_model_named and isinstance(name, str) and (named := self.plain(name, 200)):
            self.is_model_named = True
            events.append(ModelNamed(model=named))

    def fingerprint(self, said: object, events: list[StreamEvent]) -> None:
        """Report the system fingerprint."""
        if not self._fingerprinted and isinstance(said, str) and (named := self.plain(said, 200)):
            self._fingerprinted = True
            events.append(Fingerprinted(fingerprint=named))

    def notice(self, code: str, message: Phrase, events: list[StreamEvent]) -> None:
        """Report a notice."""
        if (code, message) not in self._notices:
            if len(self._notices) < _MOST_REMEMBERED:
                self._notices.add((code, message))
            events.append(Notice(code=code, message=message))

    def marked(self, result: object) -> tuple[str, ...]:
        """Return a content filter's categories as `flagged` does, up to a limit per response."""
        return flagged(result, self._mark)

    def citation(self, url: object, title: object, events: list[StreamEvent]) -> None:
        """Report a cited web page."""
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
        events.append(Cited(url=hide_head(url, self._target.secrets, _LONGEST_URL), title=said))

    def refusal(self, events: list[StreamEvent]) -> None:
        """Report that the model refused."""
        self.notice("refusal", phrase("The model declined to answer."), events)

    def pages(self, found: object) -> str:
        """Return the pages that a web search found, one a line with title and URL, up to a limit per response."""
        lines: list[str] = []
        for page in objects(found)[:_MOST_PAGES]:
            title, url = (plain(words(page.get(name))[:_LOOKED_AT], _PAGE) for name in ("title", "url"))
            if url.startswith(("https://", "http://")):
                lines.append(f"{title} – {url}" if title else url)
        listed = "\n".join(lines)[: max(0, self._pages_left)]
        self._pages_left -= len(listed)
        return hide_head(listed, self._target.secrets, len(listed))

    def odd_end(self, reason: str, events: list[StreamEvent]) -> None:
        """Report the server's finish reason if it is unknown to Paragone."""
        if reason not in NAMED and (told := self.plain(reason, 60)):
            said = phrase("The server gave “{said}” as the finish reason.", said=told)
            self.notice("odd_finish_reason", said, events)

    def _mark(self, name: str) -> str:
        if name not in self._marks and len(name) <= min(_MARK, self._marks_left):
            self._marks_left -= len(name)
            self._marks[name] = hide_head(name, self._target.secrets)
        return self._marks.get(name, "")

    def _told(self, said: str, limit: int) -> str:
        return plain(hide_head(said, self._target.secrets, _LOOKED_AT), limit)
