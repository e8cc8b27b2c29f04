"""Parser of YAML 1.2 (core schema) into nodes with positions. Rejects tags and limits aliases and depth."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple, NoReturn, cast

import yaml
from msgspec import Struct
from yaml import events

from desktop.evals.suites.suite_node import DEEPEST, GREATEST, Scalar, SuiteNode, float_of
from desktop.evals.suites.suite_problems import Place, SuiteProblems, shown
from desktop.text.late_pattern import late_pattern
from desktop.text.phrases import Phrase, phrase

MOST_NODES = 2_000_000
"""Maximum number of values in a file. Values repeated by aliases count each time."""

LONGEST_NUMBER = 400
"""Maximum characters of a number."""

_TOO_DEEP = phrase("Lists and tables are nested more than {most} levels deep.", most=DEEPEST)

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_WHOLE = late_pattern(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FRACTION = late_pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_UNPRINTABLE = late_pattern("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_yaml(text: str, file: str, problems: SuiteProblems) -> SuiteNode | None:
    """Parse a single document, or return None if it is unreadable.

    All problems are added to `problems`. Parsing continues after most of them, so that later problems are reported,
    too.
    """
    if bad := _UNPRINTABLE.search(text):
        problems.add(
            _place_of(text, bad.start(), file), phrase("The file contains a character that YAML does not allow.")
        )
        return None
    library = cast("Any", yaml)
    loader = getattr(library, "CSafeLoader", library.SafeLoader)
    builder = _Builder(file, problems)
    try:
        return builder.build(library.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        problems.add(place, phrase("Invalid YAML: {reason}.", reason=str(error.problem or error.context or "")))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        problems.add(Place(file), phrase("Invalid YAML: {reason}.", reason=shown(str(error))))
    except _GaveUp:
        pass
    return None


def scalar_of(text: str) -> Scalar:
    """Return the value of a plain scalar in the core schema: `no` and `on` are text, 012 is 12, dates are text."""
    if text in _WORDS:
        return _WORDS[text]
    if not text or text[0] not in "-+.0123456789" or len(text) > LONGEST_NUMBER:
        return text
    if _WHOLE.fullmatch(text):
        number = int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
        return number if abs(number) <= GREATEST else float_of(number)
    return float(text) if _FRACTION.fullmatch(text) else text


class _GaveUp(Exception):
    """Raised if parsing cannot continue. The problem has already been reported."""


class _Extent(NamedTuple):
    """Number of values in a node, including the node itself, and number of levels."""

    size: int
    height: int

    def with_inner(self, inner: _Extent) -> _Extent:
        """Return the extent of this node with another node inside."""
        return _Extent(self.size + inner.size, max(self.height, inner.height + 1))


_ONE = _Extent(1, 0)


class _Frame(Struct):
    """A list or mapping that is still open during parsing."""

    place: Place
    anchor: str | None
    is_mapping: bool
    items: list[SuiteNode]
    fields: dict[str, SuiteNode]
    keys: dict[str, Place]
    key: str | None = None
    extent: _Extent = _Extent(1, 1)


class _Builder:
    """Builds nodes from the parser's events without recursion."""

    def __init__(self, file: str, problems: SuiteProblems) -> None:
        self._file = file
        self._problems = problems
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[SuiteNode, _Extent]] = {}

    def build(self, found: Iterable[events.Event]) -> SuiteNode | None:
        """Return the document's node, or report an empty file and return None.

        Raises:
            _GaveUp: If parsing cannot continue.
        """
        root: SuiteNode | None = None
        for event in found:
            if isinstance(event, events.DocumentStartEvent) and root is not None:
                self._give_up(
                    self._place(event),
                    phrase("The file contains a second document. A suite must be a single document."),
                )
            document = self._take(event)
            root = document if document is not None else root
        if root is None:
            self._problems.add(Place(self._file), phrase("The file is empty."))
        return root

    def _take(self, event: events.Event) -> SuiteNode | None:
        """Process an event. Returns the document's node once the node is complete."""
        match event:
            case events.ScalarEvent():
                return self._add(self._scalar(event), _ONE, event.anchor)
            case events.AliasEvent():
                return self._add(*self._aliased(event), None)
            case events.CollectionStartEvent():
                self._start(event)
            case events.CollectionEndEvent():
                return self._end()
            case _:
                pass
        return None

    def _scalar(self, event: events.ScalarEvent) -> SuiteNode:
        self._require_no_tag(event, event.tag)
        text = event.value
        value = scalar_of(text) if event.implicit[0] and not event.style else text
        return SuiteNode(value, self._place(event), text)

    def _aliased(self, event: events.AliasEvent) -> tuple[SuiteNode, _Extent]:
        """Return the node that an alias refers to, with its extent."""
        name = str(event.anchor)
        if any(frame.anchor == name for frame in self._open):
            self._give_up(self._place(event), phrase("“*{name}” refers to itself.", name=shown(name)))
        if name not in self._anchors:
            problem = phrase("“*{name}” is undefined: there is no anchor &{name} before it.", name=shown(name))
            self._give_up(self._place(event), problem)
        return self._anchors[name]

    def _start(self, event: events.CollectionStartEvent) -> None:
        self._require_no_tag(event, event.tag)
        if len(self._open) >= DEEPEST:
            self._give_up(self._place(event), _TOO_DEEP)
        is_mapping = isinstance(event, events.MappingStartEvent)
        self._open.append(_Frame(self._place(event), event.anchor, is_mapping, [], {}, {}))

    def _end(self) -> SuiteNode | None:
        frame = self._open.pop()
        node = SuiteNode(frame.fields if frame.is_mapping else tuple(frame.items), frame.place, "", frame.keys)
        return self._add(node, frame.extent, frame.anchor)

    def _add(self, node: SuiteNode, extent: _Extent, anchor: str | None) -> SuiteNode | None:
        """Add a node to the innermost open collection. Without an open collection, return the node."""
        if anchor:
            self._anchors[anchor] = (node, extent)
        if not self._open:
            return node
        frame = self._open[-1]
        frame.extent = frame.extent.with_inner(extent)
        if frame.extent.size > MOST_NODES:
            self._give_up(node.place, phrase("The file contains more than {most} values.", most=f"{MOST_NODES:,}"))
        if len(self._open) + extent.height > DEEPEST:
            self._give_up(node.place, _TOO_DEEP)
        if not frame.is_mapping:
            frame.items.append(node)
        elif frame.key is None:
            frame.key = self._key(frame, node)
        else:
            frame.fields.setdefault(frame.key, node)
            frame.key = None
        return None

    def _key(self, frame: _Frame, node: SuiteNode) -> str:
        """Return a mapping's next key as text."""
        if not node.is_scalar:
            self._give_up(node.place, phrase("A name must be text, not {kind}.", kind=node.kind))
        if node.text == "<<":
            self._problems.add(node.place, phrase("“<<” is not supported. Write out the merged values instead."))
        elif node.text in frame.keys:
            before = frame.keys[node.text]
            self._problems.add(
                node.place,
                phrase("“{name}” was already defined on line {line}.", name=shown(node.text), line=before.line),
            )
        else:
            frame.keys[node.text] = node.place
        return node.text

    def _require_no_tag(self, event: events.NodeEvent, tag: str | None) -> None:
        if tag:
            self._problems.add(self._place(event), phrase("Tags such as “{tag}” are not supported.", tag=shown(tag)))

    def _place(self, event: events.Event) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1)

    def _give_up(self, place: Place, problem: Phrase) -> NoReturn:
        self._problems.add(place, problem)
        raise _GaveUp


def _place_of(text: str, index: int, file: str) -> Place:
    """Return the line and column of a character."""
    return Place(file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))
