"""The HTML that is put on paper as a tree of elements; whatever it holds, it is text in a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"br", "img", "hr", "input", "meta"})


@dataclass(slots=True)
class Element:
    """An element with what is in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    children: list[Element | str] = field(default_factory=list["Element | str"])

    @property
    def classes(self) -> set[str]:
        """Its classes."""
        return set(self.attributes.get("class", "").split())

    @property
    def text(self) -> str:
        """All words in it."""
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    def of(self, *tags: str) -> Iterator[Element]:
        """Elements of some kinds in it, at any depth, but none in those that are found."""
        for each in self.children:
            if isinstance(each, Element):
                if each.tag in tags:
                    yield each
                else:
                    yield from each.of(*tags)


def tree_of(html: str) -> Element:
    """The tree of some HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("body")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        """An element ends, and all that was left open in it."""
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        """Words."""
        self._open[-1].children.append(data)
