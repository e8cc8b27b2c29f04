"""Converts the marks in ChatGPT's responses to links and text: citations, formulas, charts, products and drafts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import starmap

from desktop.transfer.archives.loose_json import Unreadable, decode, items, table, tables, text
from desktop.transfer.formats.markdown_parts import (
    WIDEST_TABLE,
    CodeRanges,
    Numbers,
    figure_text,
    markdown_table,
    titled_link,
)
from desktop.transfer.import_drafts import fenced

_NAMES = ("xKey", "nameKey", "categoryKey", "labelKey")


_VALUES = ("yKey", "valueKey", "dataKey")


_LONGEST_UNIT = 40


def shown_in(value: object) -> str:
    """Return a widget's charts and apps as Markdown; empty if it has none."""
    blocks: list[str] = []
    for name, held in table(value).items():
        if name.startswith("chart"):
            blocks.append(chart(table(held).get("content") or held))
        elif name == "app_block":
            blocks.append(_app(table(held)))
    return "\n\n".join(filter(None, blocks))


def chart(value: object) -> str:
    """Return a chart as a table with its title and notes; empty if it has no data."""
    content = table(value)
    meta = {**content, **table(content.get("meta"))}
    rows = [table(each) for each in items(content.get("data"))]
    if not any(rows):
        return ""
    title = " ".join(text(meta.get("title")).replace("*", "").split())
    before = [f"**{title}**" if title else "", text(meta.get("description")) or text(meta.get("subtitle"))]
    return "\n\n".join(filter(None, [*before, _table(content, rows), text(meta.get("footer"))]))


def _table(content: Mapping[str, object], rows: Sequence[Mapping[str, object]]) -> str:
    first = next((text(content.get(each)) for each in _NAMES if text(content.get(each))), "")
    named: dict[str, Mapping[str, object]] = {
        text(each.get("dataKey")) or text(each.get("key")): each for each in tables(content.get("series"))
    }
    named |= {key: content for each in _VALUES if (key := text(content.get(each))) and key not in named}
    named.pop("", None)
    known = [each for each in (first, *named) if each]
    more: list[str] = [] if named else [key for each in rows for key in each]
    keys = list(dict.fromkeys([*known, *more]))
    heads = [
        text(content.get("xAxisLabel")) or key if key == first else text(table(named.get(key)).get("label")) or key
        for key in keys
    ]
    keys, heads = keys[:WIDEST_TABLE], heads[:WIDEST_TABLE]
    return markdown_table([heads, *([_cell(each.get(key), table(named.get(key))) for key in keys] for each in rows)])


def _cell(value: object, series: Mapping[str, object]) -> str:
    if value is None:
        return ""
    said = value if isinstance(value, str) else figure_text(value)
    before, after = (text(series.get(each))[:_LONGEST_UNIT] for each in ("valuePrefix", "valueSuffix"))
    return f"{before}{said}{after}"


def _app(held: Mapping[str, object]) -> str:
    code, language = text(held.get("content")), text(held.get("language")) or "html"
    title = " ".join(text(held.get("title")).replace("*", "").split())
    if not code:
        return ""
    body = fenced(code, language if language.isalnum() else "")
    return f"**{title}**\n\n{body}" if title else body


_FENCE = re.compile(r"[ \t>]{0,40}(`{3,}|~{3,})")


_WRITING = re.compile(r"([ \t>]{0,40}):{3,9}[ ]?writing[ ]?(?:\{([^\n{}]{0,2000})\})?[ \t]*")


_WRITING_ENDS = re.compile(r"[ \t>]{0,40}:{3,9}[ \t]*")


_ATTRIBUTE = re.compile(r"([a-z]{1,20})=[\"“”]([^\"“”\n]{0,500})[\"“”]")


_WRITTEN_ID = re.compile(r"(?<![\w-])id=[\"“”]?([\w-]{1,80})")


_BLANKS = re.compile(r"\n[ \t]*(?=\n)")


_CONTAINER = re.compile(r"[ \t>]{0,40}(?:(?:[-*+]|[0-9]{1,9}[.)])[ ]{1,4})?")


_NOT_BLANK = re.compile(r"[^> \t]")


_SAID = (
    "title",
    "name",
    "heading",
    "subtitle",
    "text",
    "content",
    "label",
    "caption",
    "description",
    "question",
    "options",
)


_DEEPEST = 6


_LONGEST_LINE = 4_000
"""Maximum characters around a mark that are searched for the start and end of its line."""


def value_of(body: str) -> object:
    """Return the decoded JSON in a mark, or None."""
    if not body.startswith(("{", "[", '"')):
        return None
    try:
        return decode(body.encode("utf-8", "surrogatepass"))
    except Unreadable:
        return None


def formula_of(value: object) -> str:
    """Return the formula in a widget without its delimiters; empty if there is none."""
    for name, held in table(value).items():
        if "math" in name or "latex" in name:
            found = text(table(held).get("content")) or text(table(held).get("latex")) or text(held)
            found = found.strip()
            for before, after in (("$$", "$$"), ("\\[", "\\]"), ("$", "$"), ("\\(", "\\)")):
                if found.startswith(before) and found.endswith(after) and len(found) >= len(before + after):
                    found = found[len(before) : -len(after)].strip()
            return _BLANKS.sub("", found)
    return ""


def display(formula: str, said: str, begin: int, end: int) -> str:
    """Return a formula as a block that replaces a mark, within the mark's list or quotation.

    In a table row, the formula is inline.
    """
    if _line_before(said, begin).lstrip("> \t").startswith("|"):
        return f"${' '.join(formula.split())}$"
    return placed(f"$$\n{formula}\n$$", said, begin, end)


def placed(markdown: str, whole: str, begin: int, end: int) -> str:
    """Return Markdown as blocks that replace a mark, within the mark's list or quotation."""
    line = _line_before(whole, begin)
    container = _CONTAINER.match(line)
    marked = container[0] if container is not None else ""
    inner = _NOT_BLANK.sub(" ", marked)
    lines = markdown.split("\n")
    block = "\n".join([lines[0], *(f"{inner}{each}" if each else inner.rstrip() for each in lines[1:])])
    before = f"\n{inner.rstrip()}\n{inner}" if line[len(marked) :].strip() else ""
    goes_on = whole[end : end + _LONGEST_LINE].partition("\n")[0].strip()
    return f"{before}{block}" + (f"\n{inner.rstrip()}\n{inner}" if goes_on else "")


def _line_before(said: str, at: int) -> str:
    return said[max(at - _LONGEST_LINE, 0) : at].rpartition("\n")[2]


def said_in(value: object) -> str:
    """Return the texts of a widget, separated by blank lines."""
    return "\n\n".join(dict.fromkeys(_words(value, _DEEPEST)))


def holds_figures(value: object, deep: int = _DEEPEST) -> bool:
    """Whether a widget contains data besides its texts."""
    return deep > 0 and any(
        (name in ("data", "rows", "points") and bool(items(held)))
        or any(holds_figures(each, deep - 1) for each in (held, *items(held)) if not isinstance(each, str))
        for name, held in table(value).items()
    )


def names_in(value: object) -> Iterator[tuple[str, str]]:
    """Yield references and names of products, from `["turn0product1", "Kettle"]` or from a list of such selections."""
    held = [*items(table(value).get("selections")), *([value] if items(value) else [])]
    for each in held:
        ref, name, *_ = [*map(text, items(each)), "", ""]
        if name:
            yield ref, name


def listed(reference: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield titles and addresses of the products, images and news in a reference."""
    pictures = [table(each.get("image_result")) for each in tables(reference.get("images"))]
    for each in (*tables(reference.get("products")), table(reference.get("product")), *pictures):
        if title := text(each.get("title")):
            yield title, text(each.get("url"))


def saved_writing(metadata: Mapping[str, object]) -> dict[str, str]:
    """Return the drafts that the user edited, by id."""
    saved = {id_: text(table(each).get("content")) for id_, each in table(metadata.get("writing_blocks")).items()}
    return {id_: said for id_, said in saved.items() if said.strip()}


def without_writing(said: str, saved: Mapping[str, str] | None = None) -> str:
    """Return text with its `:::writing` blocks as plain text: their first and last lines become blank.

    The subject of a draft is shown in bold. An edited draft in `saved` replaces the original.
    """
    if ":::" not in said:
        return said
    lines: list[str] = []
    code, is_open, newer, unused = "", False, "", {**(saved or {})}
    for line in said.split("\n"):
        if fence := _FENCE.match(line):
            if not code:
                code = fence[1]
            elif fence[1].startswith(code) and not line[fence.end() :].strip():
                code = ""
        elif not code and (opened := _WRITING.match(line)):
            is_open = True
            newer = unused.pop(_id(opened[2] or ""), "")  # once: a file may repeat its block any number of times
            about = [opened[1].rstrip(), *_about(opened[1], opened[2] or "")]
            lines += [*about, *(f"{opened[1]}{each}" for each in newer.rstrip().split("\n"))] if newer else about
            if not newer:
                lines.append(line[opened.end() :])
            continue
        elif not code and is_open and _WRITING_ENDS.fullmatch(line):
            is_open, newer = False, ""
            lines.append(line.replace(":", "").rstrip())
            continue
        if newer:
            continue
        lines.append(line)
    return "\n".join(lines)


def _id(attributes: str) -> str:
    found = _WRITTEN_ID.search(attributes)
    return found[1] if found is not None else ""


def _about(before: str, attributes: str) -> list[str]:
    named = dict(_ATTRIBUTE.findall(attributes))
    title = " ".join((named.get("subject", "") or named.get("title", "")).replace("*", "").split())
    to = " ".join(named.get("recipient", "").split())
    said = " ".join(filter(None, (f"**{title}**" if title else "", f"({to})" if to else "")))
    return [f"{before}{said}", before.rstrip()] if said else []


def _words(value: object, deep: int) -> Iterator[str]:
    if not deep:
        return
    for each in tables(value):
        yield from _words(each, deep - 1)
    for name, held in table(value).items():
        if name in _SAID:
            yield from filter(None, (each.strip() for each in (text(held), *map(text, items(held)))))
        if not isinstance(held, str):
            yield from _words(held, deep - 1)


_MARK = re.compile(
    "\ue200([a-z_]{1,40})(?:\ue202([^\ue200\ue201]*))?\ue201"
    "|\ue200([a-z_]{0,36}cite|map)(?![a-z_])((?:\ue202(?:turn[0-9]{1,9}[a-z_]{1,40}[0-9]{1,9}|[A-Za-z0-9_:-]{1,80}))*)"
    "|\ue200([a-z_]{1,40})\ue202([^\ue200\ue201]*)(?:\\Z|(?=\ue200))"
)
"""ChatGPT's marks: a kind and the cited names, separated by U+E202; a truncated response may end within a mark.

The closing character of citations is often missing; their end is then determined by their form.
"""


_SPAN = re.compile("\ue203[^\ue203\ue204]*\ue204|\ue206[^\ue206\ue207]*\ue207")


_SIGN = re.compile("[\ue200-\ue207]")


_REFERENCE = re.compile(r"turn[0-9]{1,9}[a-z_]{1,40}[0-9]{1,9}")


_OLDER = re.compile(
    "【(?:[0-9]{1,20}(?::[0-9]{1,4})?|[0-9a-f]{4,16}|turn[0-9]{1,9}[a-z_]{1,40}[0-9]{1,9})†[^【】\n]{0,200}】"
)
"""ChatGPT's citations until 2024, also of files, and later those of its agent and Deep Research."""


_OLDEST = re.compile(r"[ ]?(?:&#8203;|\u200b)?(?:::?contentReference)?\[oaicite:[0-9]{1,4}\](?:\{index=[0-9]{1,4}\})?")
"""ChatGPT's citations of 2023 and 2024, with the preceding space."""


_GONE = "\ue207"


_TAKEN_OUT = re.compile(f" {_GONE}+(?=[ .,;:!?)\\n])|(?m:^){_GONE}+ ?|{_GONE}+")
"""Placeholder for a removed mark, with the space that would be superfluous."""


_TITLED = ("url", "navlist", "video")


class ChatGptCitations:
    """Resolves the marks in one message, using its metadata or earlier searches.

    `before` returns the address for a name such as `turn0search1`, or an empty string.
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
        """Number of removed marks whose source is not in the file."""
        self.unknown = 0
        """Number of removed marks of a kind without words."""

    def linked(self, names: Sequence[str], mark: str = "") -> str:
        """Return numbered links for the names of results, otherwise the name of the file that a mark cites."""
        links = (self._numbers.link(self._address(name)) for name in names)
        found = "".join(dict.fromkeys(links)) or _file(self._references.get(mark) or {}).strip()
        self.lost += not found
        return found

    def resolved(self, words: str) -> str:
        """Return the text with all marks replaced by links and text."""
        if _MARK.search(words) or _SPAN.search(words):
            code = CodeRanges(words)
            shown = partial(self._outside, code) if code else self._shown
            words = _MARK.sub(lambda mark: shown(mark) or _GONE, words)
            words = _SIGN.sub("", _TAKEN_OUT.sub("", words))
        if "†" in words:
            words = _OLDER.sub(partial(_left_in_code, CodeRanges(words), self._linked_older), words)
        if "oaicite:" in words:
            words = _OLDEST.sub(partial(_left_in_code, CodeRanges(words), self._linked_oldest), words)
        return words

    def _outside(self, code: CodeRanges, mark: re.Match[str]) -> str:
        """Return the replacement for a mark.

        Within code, the mark is removed and counted, because a link would be shown as code.
        """
        if code.holds(mark.start()):
            self.lost += 1
            return ""
        return self._shown(mark)

    def _shown(self, mark: re.Match[str]) -> str:
        """Return the replacement for a mark."""
        kind, body = mark[1] or mark[3] or mark[5], mark[2] or mark[4] or mark[6] or ""
        reference, value = self._references.get(mark[0]) or {}, value_of(body)
        if kind == "entity":
            return text(reference.get("name")) or text(reference.get("alt")) or _entity(value, body)
        if block := _block(mark, value, reference):
            return block
        names = list(dict.fromkeys(_REFERENCE.findall(body)))
        addresses = _addresses(reference) or [address for name in names if (address := self._address(name))]
        if kind in _TITLED:
            title, *rest = body.split("\ue202")
            return self._titled(kind, title, [*addresses, *(rest if kind == "url" else ())])
        if products := [*listed(reference)] or [(name, self._address(ref)) for ref, name in names_in(value)]:
            return ", ".join(starmap(titled_link, products))
        if links := "".join(dict.fromkeys(map(self._numbers.link, addresses))):
            return f" {links}"
        return self._words(value, reference, is_citation=kind.endswith("cite") or bool(names))

    def _address(self, name: str) -> str:
        return self._own.get(name) or self._before(name)

    def _words(self, value: object, reference: Mapping[str, object], *, is_citation: bool) -> str:
        """Return the text of a mark without links, and count what the text lacks."""
        words = said_in(value) or _file(reference)
        if is_citation:
            self.lost += not words
        else:
            self.unknown += not words or holds_figures(value)
        return words

    def _titled(self, kind: str, title: str, addresses: Sequence[str]) -> str:
        """Return a titled link, or a title followed by its links."""
        if kind != "navlist":
            return titled_link(title, next(iter(addresses), ""))
        links = "".join(dict.fromkeys(map(self._numbers.link, addresses)))
        return f"{titled_link(title, '')} {links}".strip()

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


def _block(mark: re.Match[str], value: object, reference: Mapping[str, object]) -> str:
    """Return the formula, chart or app of a mark as a separate block; empty for other marks."""
    if formula := formula_of(value):
        return display(formula, mark.string, mark.start(), mark.end())
    drawn = shown_in(value) or shown_in(reference.get("data"))
    return placed(drawn, mark.string, mark.start(), mark.end()) if drawn else ""


def _left_in_code(code: CodeRanges, linked: Callable[[re.Match[str]], str], mark: re.Match[str]) -> str:
    """Return the link that replaces a mark. Within code, the mark is kept, because the code is about marks."""
    return mark[0] if code.holds(mark.start() + mark[0].startswith(" ")) else linked(mark)


def found_in(metadata: Mapping[str, object]) -> Mapping[str, str]:
    """Return addresses by the names that marks use, such as `turn0search1`."""
    groups = (entry for group in tables(metadata.get("search_result_groups")) for entry in tables(group.get("entries")))
    listed = (entry for held in tables(metadata.get("content_references")) for entry in tables(held.get("items")))
    addresses: dict[str, str] = {}
    for entry in (*groups, *listed):
        for reference in (table(entry.get("ref_id")), *tables(entry.get("refs"))):
            names = (reference.get("turn_index"), reference.get("ref_type"), reference.get("ref_index"))
            if address := text(entry.get("url")):
                addresses.setdefault("turn{}{}{}".format(*map(text, names)), address)
    drawn = table(table(table(metadata.get("model_dil_v2")).get("appData")).get("opGenui"))
    for result in table(drawn.get("componentResults")).values():
        for entry in tables(table(table(result).get("state")).get("items")):
            addresses.setdefault(text(entry.get("ref_id")), text(entry.get("url")))
    return addresses


def _addresses(reference: Mapping[str, object]) -> list[str]:
    listed = tables(reference.get("items"))
    more = [each for item in listed for each in tables(item.get("supporting_websites"))]
    found = [text(each.get("url")) for each in (*listed, *more, table(reference.get("item")), reference)]
    found = [each for each in found if each]
    if not found:
        found = [address for each in items(reference.get("safe_urls")) if (address := text(each))][:1]
    return found


def _file(reference: Mapping[str, object]) -> str:
    """Return the name of a cited file in parentheses."""
    name = titled_link(text(reference.get("name")), "") if reference.get("type") == "file" else ""
    return f" ({name})" if name else ""


def _entity(value: object, body: str) -> str:
    """Return the name in an entity mark such as `["company","Motorola","…"]`."""
    pieces = [*map(text, items(value))] or [each.strip('"') for each in body.strip("[]").split('","')]
    return pieces[1] if len(pieces) > 1 else ""
