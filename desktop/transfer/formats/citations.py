"""What answers cite, as numbered links: marks of other programs resolved where the file says what they mean; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import starmap

from desktop.transfer.archives.loose_json import items, table, tables, text
from desktop.transfer.formats import chatgpt_charts as charts
from desktop.transfer.formats import chatgpt_widgets as widgets
from desktop.transfer.formats.chatgpt_widgets import target
from desktop.transfer.formats.code_ranges import CodeRanges

_MARK = re.compile(
    "\ue200([a-z_]{1,40})(?:\ue202([^\ue200\ue201]*))?\ue201"
    "|\ue200([a-z_]{0,36}cite|map)(?![a-z_])((?:\ue202(?:turn[0-9]{1,9}[a-z_]{1,40}[0-9]{1,9}|[A-Za-z0-9_:-]{1,80}))*)"
    "|\ue200([a-z_]{1,40})\ue202([^\ue200\ue201]*)(?:\\Z|(?=\ue200))"
)
"""ChatGPT's: a kind, then what is cited, parted by U+E202. An answer that was cut off may end within one.

Citations are often without the sign that ends them: what they cite tells where they end.
"""

_SPAN = re.compile("\ue203[^\ue203\ue204]*\ue204|\ue206[^\ue206\ue207]*\ue207")
_SIGN = re.compile("[\ue200-\ue207]")
_REFERENCE = re.compile(r"turn[0-9]{1,9}[a-z_]{1,40}[0-9]{1,9}")
_OLDER = re.compile(
    "【(?:[0-9]{1,20}(?::[0-9]{1,4})?|[0-9a-f]{4,16}|turn[0-9]{1,9}[a-z_]{1,40}[0-9]{1,9})†[^【】\n]{0,200}】"
)
"""ChatGPT's until 2024, of files as well, and those of its agent and its research since."""

_OLDEST = re.compile(r"[ ]?(?:&#8203;|\u200b)?(?:::?contentReference)?\[oaicite:[0-9]{1,4}\](?:\{index=[0-9]{1,4}\})?")
"""ChatGPT's of 2023 and 2024, with the space before them."""

_GONE = "\ue207"
_TAKEN_OUT = re.compile(f" {_GONE}+(?=[ .,;:!?)\\n])|(?m:^){_GONE}+ ?|{_GONE}+")
"""What stands for a mark of which nothing is said, with the one space that would be too many."""

_LONGEST_ADDRESS = 4_096
"""Characters of an address that stands behind each mark that cites it."""

_TITLED = ("url", "navlist", "video")
_DEEPSEEK = re.compile(r"\[citation:([0-9]{1,4})\]")
_DEEPSEEK_REFERENCE = re.compile(r"\[reference:([0-9]{1,4})\]")


class Numbers:
    """Numbers of addresses in one answer, from 1, each address with one."""

    def __init__(self) -> None:
        self._by_address: dict[str, int] = {}

    def link(self, address: str) -> str:
        """A numbered link as Markdown; nothing for what is no web address."""
        if not address.startswith(("http://", "https://")) or len(address) > _LONGEST_ADDRESS:
            return ""
        number = self._by_address.setdefault(address, len(self._by_address) + 1)
        return f"[[{number}]]({target(address)})"


class ChatGptCitations:
    """Resolves the marks of one message by its metadata, else by what `before` knows of searches that came before it.

    `before` gives an address, or nothing, for a name such as `turn0search1`.
    """

    def __init__(self, metadata: Mapping[str, object], before: Callable[[str], str]) -> None:
        self._own = found_in(metadata)
        self._before = before
        self._references = {text(each.get("matched_text")): each for each in tables(metadata.get("content_references"))}
        self._older = {
            (each.get("start_ix"), each.get("end_ix")): text(table(each.get("metadata")).get("url"))
            for each in tables(metadata.get("citations"))
            if isinstance(each.get("start_ix"), int) and isinstance(each.get("end_ix"), int)
        }
        self._numbers = Numbers()
        self.lost = 0
        """Marks whose source the file does not hold: they are taken out."""
        self.unknown = 0
        """Marks of a kind that says nothing in words: they are taken out."""

    def linked(self, names: Sequence[str], mark: str = "") -> str:
        """Numbered links for names of results; else the name of the file that a mark cites, where it is told."""
        links = (self._numbers.link(self._own.get(each) or self._before(each)) for each in names)
        found = "".join(dict.fromkeys(links)) or _file(self._references.get(mark) or {}).strip()
        self.lost += not found
        return found

    def resolved(self, said: str) -> str:
        """The text with links and words in the place of marks, and no mark left."""
        if _MARK.search(said) or _SPAN.search(said):
            code = CodeRanges(said)
            shown = partial(self._outside, code) if code else self._shown
            said = _MARK.sub(lambda mark: shown(mark) or _GONE, said)
            said = _SIGN.sub("", _TAKEN_OUT.sub("", said))
        if "†" in said:
            said = _OLDER.sub(partial(_left_in_code, CodeRanges(said), self._linked_older), said)
        if "oaicite:" in said:
            said = _OLDEST.sub(partial(_left_in_code, CodeRanges(said), self._linked_oldest), said)
        return said

    def _outside(self, code: CodeRanges, mark: re.Match[str]) -> str:
        """What stands in the place of a mark. In code nothing does, and that is told: links would be code there."""
        if code.holds(mark.start()):
            self.lost += 1
            return ""
        return self._shown(mark)

    def _shown(self, mark: re.Match[str]) -> str:
        """What stands in the place of a mark."""
        kind, body = mark[1] or mark[3] or mark[5], mark[2] or mark[4] or mark[6] or ""
        reference, value = self._references.get(mark[0]) or {}, widgets.value_of(body)
        if kind == "entity":
            return text(reference.get("name")) or text(reference.get("alt")) or _entity(value, body)
        if formula := widgets.formula_of(value):
            return widgets.display(formula, mark.string, mark.start(), mark.end())
        if drawn := charts.shown_in(value) or charts.shown_in(reference.get("data")):
            return widgets.placed(drawn, mark.string, mark.start(), mark.end())
        names = list(dict.fromkeys(_REFERENCE.findall(body)))
        found = (self._own.get(each) or self._before(each) for each in names)
        addresses = _addresses(reference) or [each for each in found if each]
        title, *rest = body.split("\ue202")
        if kind in _TITLED:
            if kind == "url":
                addresses += rest
            return self._titled(kind, title, addresses)
        if listed := [*widgets.listed(reference)] or [
            (name, self._own.get(ref) or self._before(ref)) for ref, name in widgets.names_in(value)
        ]:
            return ", ".join(starmap(widgets.titled, listed))
        links = "".join(dict.fromkeys(map(self._numbers.link, addresses)))
        if links:
            return f" {links}"
        words = widgets.said_in(value) or _file(reference)
        if kind.endswith("cite") or names:
            self.lost += not words
        else:
            self.unknown += not words or widgets.holds_figures(value)
        return words

    def _titled(self, kind: str, title: str, addresses: Sequence[str]) -> str:
        """A link with its title, or a title with the links that belong to it."""
        if kind != "navlist":
            return widgets.titled(title, next(iter(addresses), ""))
        links = "".join(dict.fromkeys(map(self._numbers.link, addresses)))
        return f"{widgets.titled(title, '')} {links}".strip()

    def _linked_older(self, mark: re.Match[str]) -> str:
        reference = self._references.get(mark[0]) or {}
        address = next(iter(_addresses(reference)), "") or self._older.get((mark.start(), mark.end()), "")
        link = self._numbers.link(address)
        if not link and (file := _file(reference)):
            return file
        self.lost += not link
        return f" {link}" if link else ""

    def _linked_oldest(self, mark: re.Match[str]) -> str:
        named = mark[0].lstrip().removeprefix("&#8203;").removeprefix("\u200b")
        link = self._numbers.link(next(iter(_addresses(self._references.get(named) or {})), ""))
        self.lost += not link
        return f" {link}" if link else ""


def _left_in_code(code: CodeRanges, linked: Callable[[re.Match[str]], str], mark: re.Match[str]) -> str:
    """A link in the place of a mark; in code, which speaks of marks, it stays."""
    return mark[0] if code.holds(mark.start() + mark[0].startswith(" ")) else linked(mark)


def found_in(metadata: Mapping[str, object]) -> Mapping[str, str]:
    """Addresses by the names that marks call them by, as `turn0search1`."""
    groups = (each for group in tables(metadata.get("search_result_groups")) for each in tables(group.get("entries")))
    listed = (each for held in tables(metadata.get("content_references")) for each in tables(held.get("items")))
    found: dict[str, str] = {}
    for each in (*groups, *listed):
        for reference in (table(each.get("ref_id")), *tables(each.get("refs"))):
            names = (reference.get("turn_index"), reference.get("ref_type"), reference.get("ref_index"))
            if address := text(each.get("url")):
                found.setdefault("turn{}{}{}".format(*map(text, names)), address)
    drawn = table(table(table(metadata.get("model_dil_v2")).get("appData")).get("opGenui"))
    for result in table(drawn.get("componentResults")).values():
        for each in tables(table(table(result).get("state")).get("items")):
            found.setdefault(text(each.get("ref_id")), text(each.get("url")))
    return found


def deepseek_resolved(said: str, results: Mapping[int, str]) -> str:
    """DeepSeek's text with links in the place of `[citation:1]`; its own numbers stay what they are."""

    def linked(mark: re.Match[str]) -> str:
        """The link, or the mark as it is where the file does not say what it means."""
        address = results.get(int(mark[1]), "")
        return f" [[{mark[1]}]]({target(address)})" if address.startswith(("http://", "https://")) else mark[0]

    return _DEEPSEEK.sub(linked, said)


def references_resolved(said: str, addresses: Sequence[str]) -> tuple[str, int]:
    """DeepSeek's text with links in the place of `[reference:0]`, and how many marks were taken out without one."""
    code, lost = CodeRanges(said), 0

    def linked(mark: re.Match[str]) -> str:
        """The link; nothing where the file does not say what the mark means, and code as it is."""
        nonlocal lost
        number = int(mark[1])
        address = addresses[number] if number < len(addresses) else ""
        if code.holds(mark.start()):
            return mark[0]
        if address.startswith(("http://", "https://")):
            return f" [[{number + 1}]]({target(address)})"
        lost += 1
        return ""

    return _DEEPSEEK_REFERENCE.sub(linked, said), lost


def _addresses(reference: Mapping[str, object]) -> list[str]:
    listed = tables(reference.get("items"))
    more = [each for item in listed for each in tables(item.get("supporting_websites"))]
    found = [text(each.get("url")) for each in (*listed, *more, table(reference.get("item")), reference)]
    found = [each for each in found if each]
    if not found:
        found = [address for each in items(reference.get("safe_urls")) if (address := text(each))][:1]
    return found


def _file(reference: Mapping[str, object]) -> str:
    """The name of a file that is cited, in brackets."""
    name = widgets.titled(text(reference.get("name")), "") if reference.get("type") == "file" else ""
    return f" ({name})" if name else ""


def _entity(value: object, body: str) -> str:
    """The name within `["company","Motorola","…"]`."""
    pieces = [*map(text, items(value))] or [each.strip('"') for each in body.strip("[]").split('","')]
    return pieces[1] if len(pieces) > 1 else ""
