r"""What LibreChat's answers cite: marks such as `\ue202turn0search1`, resolved by the results attached to a message."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial

from desktop.transfer.chatgpt_widgets import titled
from desktop.transfer.citations import Numbers
from desktop.transfer.code_ranges import CodeRanges
from desktop.transfer.loose_json import table, tables, text

_LISTS = {
    "search": "organic",
    "news": "topStories",
    "ref": "references",
    "image": "images",
    "video": "videos",
}
"""The lists that marks of a kind count in."""

_NAME = r"turn[0-9]{1,9}[a-z]{1,20}[0-9]{1,9}"
_MARK = rf"(?:\\ue202|\ue202){_NAME}"
_CITED = re.compile(rf"[ ]?(?:\\ue200|\ue200)?{_MARK}(?:[ ,]{{0,2}}{_MARK}){{0,100}}(?:\\ue201|\ue201)?")
_REFERENCE = re.compile(_NAME)
_SPANS = (("\\ue203", "\\ue204"), ("\ue203", "\ue204"))
"""What a cited passage stands between, in letters or as signs."""

_LEFT = re.compile(r"\\ue20[0-6]|[\ue200-\ue206]")


class LibreChatCitations:
    """Resolves the marks of one message by what is attached to it, in letters or as signs."""

    def __init__(self, attachments: Sequence[Mapping[str, object]]) -> None:
        self._addresses: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for each in attachments:
            found = table(each.get("web_search"))
            turn = text(found.get("turn")) or "0"
            for kind, listed in _LISTS.items():
                for place, result in enumerate(tables(found.get(listed))):
                    address = text(result.get("link")) or text(result.get("url")) or text(result.get("imageUrl"))
                    self._addresses.setdefault(f"turn{turn}{kind}{place}", address)
            files = table(each.get("file_search"))
            for place, source in enumerate(tables(files.get("sources"))):
                self._names.setdefault(f"turn{text(files.get('turn')) or '0'}file{place}", text(source.get("fileName")))
        self._numbers = Numbers()
        self.lost = 0
        """Marks whose source the file does not hold: they are taken out."""

    def resolved(self, said: str) -> str:
        """The text with links in the place of marks, and no mark left but in letters within code."""
        if not _CITED.search(said) and not any(begin in said and end in said for begin, end in _SPANS):
            return said
        said = _CITED.sub(partial(self._linked, CodeRanges(said)), said)
        return _LEFT.sub(partial(_left, CodeRanges(said)), said)

    def _linked(self, code: CodeRanges, mark: re.Match[str]) -> str:
        if code.holds(mark.end() - 1):
            if "\\ue202" in mark[0]:
                return mark[0]
            self.lost += 1
            return ""
        shown: dict[str, None] = {}
        for name in _REFERENCE.findall(mark[0]):
            file = titled(self._names.get(name, ""), "")
            link = self._numbers.link(self._addresses.get(name, "")) or (f"({file})" if file else "")
            self.lost += not link
            shown[link] = None
        links = "".join(shown)
        return f" {links}" if links else ""


def _left(code: CodeRanges, mark: re.Match[str]) -> str:
    """Nothing in the place of what parts words and groups; letters within code, which speaks of them."""
    return mark[0] if mark[0].startswith("\\") and code.holds(mark.start()) else ""
