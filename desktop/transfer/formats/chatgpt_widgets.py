"""What ChatGPT's widgets say, as Markdown: formulas, navigation, products and pictures, blocks of writing; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from desktop.transfer.archives.loose_json import Unreadable, decode, items, table, tables, text

_FENCE = re.compile(r"[ \t>]{0,40}(`{3,}|~{3,})")
_WRITING = re.compile(r"([ \t>]{0,40}):{3,9}[ ]?writing[ ]?(?:\{([^\n{}]{0,2000})\})?[ \t]*")
_WRITING_ENDS = re.compile(r"[ \t>]{0,40}:{3,9}[ \t]*")
_ATTRIBUTE = re.compile(r"([a-z]{1,20})=[\"“”]([^\"“”\n]{0,500})[\"“”]")
_WRITTEN_ID = re.compile(r"(?<![\w-])id=[\"“”]?([\w-]{1,80})")
_BLANKS = re.compile(r"\n[ \t]*(?=\n)")
_CONTAINER = re.compile(r"[ \t>]{0,40}(?:(?:[-*+]|[0-9]{1,9}[.)])[ ]{1,4})?")
_NOT_BLANK = re.compile(r"[^> \t]")
_LABEL = str.maketrans({each: f"\\{each}" for each in "\\[]`*_<"})
_PERCENT = str.maketrans({"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", " ": "%20", "\\": "%5C"})
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
"""So far around a mark the line that it stands in is looked at."""


def target(address: str) -> str:
    """An address as the target of a link in Markdown."""
    return "".join(each for each in address if each.isprintable()).translate(_PERCENT)


def titled(title: str, address: str) -> str:
    """A link with a title as Markdown; the title alone where the address is none of the web."""
    label = " ".join(title.split()).translate(_LABEL)
    return f"[{label}]({target(address)})" if label and address.startswith(("http://", "https://")) else label


def value_of(body: str) -> object:
    """The JSON that a mark holds; None where it holds none."""
    if not body.startswith(("{", "[", '"')):
        return None
    try:
        return decode(body.encode("utf-8", "surrogatepass"))
    except Unreadable:
        return None


def formula_of(value: object) -> str:
    """The formula of a widget that shows one, without its delimiters; else nothing."""
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
    """A formula as a block of its own in the place of a mark, within the list or quotation that the mark stands in.

    In a row of a table it stands in the line.
    """
    if _line_before(said, begin).lstrip("> \t").startswith("|"):
        return f"${' '.join(formula.split())}$"
    return placed(f"$$\n{formula}\n$$", said, begin, end)


def placed(markdown: str, said: str, begin: int, end: int) -> str:
    """Markdown as blocks of their own in the place of a mark, within the list or quotation that the mark stands in."""
    line = _line_before(said, begin)
    container = _CONTAINER.match(line)
    marked = container[0] if container is not None else ""
    inner = _NOT_BLANK.sub(" ", marked)
    lines = markdown.split("\n")
    block = "\n".join([lines[0], *(f"{inner}{each}" if each else inner.rstrip() for each in lines[1:])])
    before = f"\n{inner.rstrip()}\n{inner}" if line[len(marked) :].strip() else ""
    goes_on = said[end : end + _LONGEST_LINE].partition("\n")[0].strip()
    return f"{before}{block}" + (f"\n{inner.rstrip()}\n{inner}" if goes_on else "")


def _line_before(said: str, at: int) -> str:
    return said[max(at - _LONGEST_LINE, 0) : at].rpartition("\n")[2]


def said_in(value: object) -> str:
    """What a widget says in words, a line each."""
    return "\n\n".join(dict.fromkeys(_words(value, _DEEPEST)))


def holds_figures(value: object, deep: int = _DEEPEST) -> bool:
    """Whether a widget holds data that its words do not say."""
    return deep > 0 and any(
        (name in ("data", "rows", "points") and bool(items(held)))
        or any(holds_figures(each, deep - 1) for each in (held, *items(held)) if not isinstance(each, str))
        for name, held in table(value).items()
    )


def names_in(value: object) -> Iterator[tuple[str, str]]:
    """References and names of products: `["turn0product1", "Kettle"]`, or several of these as selections."""
    held = [*items(table(value).get("selections")), *([value] if items(value) else [])]
    for each in held:
        ref, name, *_ = [*map(text, items(each)), "", ""]
        if name:
            yield ref, name


def listed(reference: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Titles and addresses of what a reference lists: products, pages of pictures, news."""
    pictures = [table(each.get("image_result")) for each in tables(reference.get("images"))]
    for each in (*tables(reference.get("products")), table(reference.get("product")), *pictures):
        if title := text(each.get("title")):
            yield title, text(each.get("url"))


def saved_writing(metadata: Mapping[str, object]) -> dict[str, str]:
    """What a person wrote anew of blocks of writing, by their ids."""
    saved = {id_: text(table(each).get("content")) for id_, each in table(metadata.get("writing_blocks")).items()}
    return {id_: said for id_, said in saved.items() if said.strip()}


def without_writing(said: str, saved: Mapping[str, str] | None = None) -> str:
    """Text whose blocks of writing stand as text of their own: the lines that open and close one become blank.

    What they are about, as an email's subject, is kept in bold. In place of what was `saved` anew the newer stands.
    """
    if ":::" not in said:
        return said
    lines: list[str] = []
    code, is_open, newer, left = "", False, "", {**(saved or {})}
    for line in said.split("\n"):
        if fence := _FENCE.match(line):
            if not code:
                code = fence[1]
            elif fence[1].startswith(code) and not line[fence.end() :].strip():
                code = ""
        elif not code and (opened := _WRITING.match(line)):
            is_open = True
            newer = left.pop(_id(opened[2] or ""), "")  # once: a file may hold any number of its blocks
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
