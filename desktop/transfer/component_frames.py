"""Components that are open while an answer is read, and what each becomes in Markdown; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from desktop.transfer.chatgpt_charts import written
from desktop.transfer.chatgpt_widgets import titled
from desktop.transfer.component_names import CELLS, HOLDERS, MARKED, WORDS
from desktop.transfer.component_tags import Tag
from desktop.transfer.component_words import entity, inline_code, is_set, item, ticked

_LAYOUT = (*HOLDERS, *(each for each in CELLS if each != "table-cell"), "blockquote")
_INLINE = (*WORDS, *(each for each in MARKED if each != "blockquote"), "button", "table-cell", "Link", "Entity")
_BLANK_LINES = re.compile(r"\A(?:[ \t]{0,200}\n)+")
_MARKED = re.compile(r"[#>|$`~*+-]|[0-9]{1,9}[.)]")
_LONGEST_ROW = 200


class Frame:
    """An open component with the Markdown that was read within it so far."""

    def __init__(self, tag: Tag, indent: int = 0, *, is_first: bool = True) -> None:
        self.tag = tag
        self.indent = indent
        self.is_first = is_first
        self.is_layout = tag.name in _LAYOUT
        self.is_inline = tag.name in _INLINE
        self.rows: list[list[str]] = []
        self.head: list[str] = []
        self.cells: list[str] = []
        self.number = ""
        """Of an item in a numbered list its number."""
        self._items = 0
        self._pieces: list[str] = []
        self._is_behind_block = False
        self._holds_paragraphs = False

    @property
    def body(self) -> str:
        """What was read."""
        return "".join(self._pieces)

    @property
    def stands_at_begin(self) -> bool:
        """Whether what follows begins a line."""
        last = self._pieces[-1] if self._pieces else ""
        return self._is_behind_block or not last.rpartition("\n")[2].strip()

    def add(self, said: str) -> None:
        """Text in the line, without the indentation of the component."""
        if self.indent and "\n" in said:
            first, *lines = said.split("\n")
            cut = (each[min(self.indent, len(each) - len(each.lstrip(" \t"))) :] for each in lines)
            said = "\n".join([first, *cut])
        if self._is_behind_block:
            if not said.strip():
                return
            rest = _BLANK_LINES.sub("", said)
            said = f"\n\n{rest if rest != said else rest.lstrip(' ')}"
            self._is_behind_block = False
        elif not self._pieces and self.is_layout:
            said = _BLANK_LINES.sub("", said)
            said = said.lstrip(" ") if not said.strip() else said[min(self.indent, len(said) - len(said.lstrip(" "))) :]
        if said:
            self._pieces.append(said)

    def block(self, markdown: str) -> None:
        """Markdown as a block of its own."""
        markdown = markdown.strip("\n")
        if not markdown.strip():
            return
        if self.is_inline:
            self.add(f" {markdown}" if self._pieces else markdown)
            return
        self._holds_paragraphs = self._holds_paragraphs or "\n\n" in markdown
        is_item = self.tag.name in ("list", "radio-group") and self._is_behind_block
        while self._pieces and not self._pieces[-1].strip():
            self._pieces.pop()
        if self._pieces:
            self._pieces[-1] = self._pieces[-1].rstrip()
            self._pieces.append("\n" if is_item else "\n\n")
        self._pieces.append(markdown)
        self._is_behind_block = True

    def next_number(self) -> str:
        """The number of the list's next item; nothing where it has none."""
        if self.tag.name != "list" or self.tag.attributes.get("marker") not in ("number", "decimal", "ordered"):
            return ""
        begin = self.tag.attributes.get("start", "")
        self._items += 1
        return str((int(begin) if re.fullmatch("[0-9]{1,6}", begin) else 1) + self._items - 1)

    def _item(self, body: str) -> str:
        """An item of a list with what its attributes say before what stands within."""
        label = item(self.tag.attributes) if self.tag.name == "list-item" else ""
        first, *lines = " ".join(filter(None, (label, body))).split("\n")
        sign = f"{self.number}." if self.number else "-"
        pad = " " * (len(sign) + 1)
        return "\n".join([f"{sign} {first}", *(f"{pad}{each}" if each else each for each in lines)])

    def trim(self) -> None:
        """Takes the blanks away that stand before something that shows nothing."""
        if self._pieces:
            self._pieces[-1] = self._pieces[-1].rstrip(" \t")

    def markdown(self) -> str:
        """What the whole component says."""
        body, held = self.body.strip("\n") if self.is_layout else self.body.strip(), self.tag.attributes
        if self.tag.name in WORDS or self.tag.name in MARKED:
            return _marked(self.tag.name, held, body)
        match self.tag.name:
            case "table":
                return (written([self.head, *self.rows]) if self.rows else "") or body
            case "table-row":
                return " · ".join([*self.cells, *([body.strip()] if body.strip() else [])])
            case "checkbox":
                return f"{ticked(held)}{' '.join(body.split())}"
            case "list-item" | "radio":
                return self._item(body.strip())
            case "accordion-item" | "tab" | "radio-group":
                return "\n\n".join(filter(None, (_bold(held.get("title") or held.get("label", "")), body)))
            case "row":
                said = body.split("\n\n")
                is_line = (
                    len(body) <= _LONGEST_ROW
                    and not self._holds_paragraphs
                    and not any("\n" in each or _is_block(each) for each in said)
                )
                return " · ".join(each.strip() for each in said if each.strip()) if is_line else body
            case "Link":
                return titled(body or held.get("title", ""), held.get("url") or held.get("href", ""))
            case "Entity":
                return entity(held) or body
            case "WritingBlock":
                about = _bold(" ".join((held.get("subject") or held.get("title") or "").split()))
                to = f"({' '.join(held['recipient'].split())})" if held.get("recipient") else ""
                return "\n\n".join(filter(None, (" ".join(filter(None, (about, to))), body)))
            case _:
                return body


def _marked(name: str, held: Mapping[str, str], body: str) -> str:
    """Words with the signs that say how they are to look."""
    is_line = bool(body) and "\n" not in body
    match name:
        case "title" | "bold":
            return _bold(body)
        case "text" if held.get("weight") in ("bold", "semibold") or is_set(held, "strong"):
            return _bold(body)
        case "italic" if is_line and "*" not in body and "_" not in body:
            return f"*{body}*"
        case "strikethrough" if is_line and "~" not in body:
            return f"~~{body}~~"
        case "code":
            return inline_code(body)
        case "blockquote":
            return "\n".join(f"> {each}".rstrip() for each in body.split("\n"))
        case _:
            return body


def _is_block(said: str) -> bool:
    return bool(_MARKED.match(said.strip())) and not said.strip().startswith("**")


def _bold(said: str) -> str:
    return said if not said or "\n" in said or "*" in said or _MARKED.match(said) else f"**{said}**"
