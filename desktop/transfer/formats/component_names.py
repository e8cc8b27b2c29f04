"""The components that ChatGPT's answers are written in, by name, and how one tells that an answer is; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

HOLDERS = (
    *("box", "row", "column", "grid", "flow", "card", "list", "table", "accordion", "tabs"),
    *("carousel", "popover", "pressable", "radio-group", "form"),
)
WORDS = ("text", "title", "caption", "badge")
CELLS = (
    *("grid-item", "flow-item", "list-item", "table-section", "table-row", "table-cell", "accordion-item", "tab"),
    *("carousel-item", "carousel-media-item", "popover-trigger", "popover-content", "radio"),
)
INPUTS = ("input", "textarea", "select", "segmented-control", "date-picker", "slider")
MARKED = ("bold", "italic", "underline", "strikethrough", "code", "label", "blockquote")
WITHIN = (
    *("button", "divider", "spacer", "icon", "favicon", "progress", "checkbox", "chart", "svg", "math"),
    *INPUTS,
    *MARKED,
)
"""Those that HTML has too, or that stand in others: alone they are none."""

LAYOUT = frozenset((*HOLDERS, *WORDS, *CELLS, *WITHIN))
NEEDED = {
    "Cite": ("refs", "ref"),
    "FileCite": ("ref",),
    "CodeCite": ("citation_id",),
    "FileNavList": ("items",),
    "FollowUp": ("value", "query"),
    "MapWidgetV2": ("points", "title"),
    "MemoryCite": (),
    "MessageReaction": ("emoji",),
    "Entity": ("value", "name"),
    "Link": ("url", "href"),
    "AsyncImage": ("query", "ref", "src"),
    "AsyncImageGroup": ("query", "ref", "refs"),
    "AsyncVideo": ("ref",),
    "AppBlock": (),
    "CodeBlock": (),
    "Code": ("value", "content", "code"),
    "WritingBlock": ("id", "variant"),
    "LinkCard": ("url", "href"),
    "Chart": ("content", "data"),
}
"""Components by name, with the attributes of which each has one: others' tags of that name stay as they are."""

RAW = ("AppBlock", "CodeBlock")
"""Those within which code stands as it is."""

EMPTY = frozenset(
    {"divider", "spacer", "icon", "favicon", "progress", "checkbox", "math", *INPUTS, *NEEDED}
    - {"Link", "WritingBlock", *RAW}
)
"""Those that hold nothing, also where they are not written so."""

DATA = {"table": ("rows",), "chart": ("data", "content")}
CAPITAL = {
    spelled: name
    for name in LAYOUT
    for spelled in ("".join(each.capitalize() for each in name.split("-")), name.title().replace("-", "."))
    if spelled not in NEEDED
}
"""The names as they were written in summer 2026, in capitals: React's components have the same."""

_OTHERWISE = {"col": "column", "Col": "column"}
_NAMES = "|".join(sorted((*LAYOUT, *NEEDED, *map(re.escape, CAPITAL), *_OTHERWISE), key=len, reverse=True))
TAG = re.compile(rf"<(/?)({_NAMES})(?=[\s/>])")
"""Where a tag begins: whether it closes, and its name as it is written."""

SIGNS = re.compile(
    r"<Cite\s+refs?=|<FileCite\s+ref=|<CodeCite\s+citation_id=|<MemoryCite\s?/>|<MapWidgetV2\s|<FileNavList\s+items=|"
    r"<FollowUp\s+(?:query|value)=|<AppBlock\s+[a-z]|"
    r"<(?:WritingBlock|CodeBlock|Entity|AsyncImage\w{0,10}|AsyncVideo)\s+[a-z]+=|<Chart\s+content=\{|"
    r"<Link\s+url=\"|^[ \t]{0,20}<(?:box|row|grid|card|column|col|flow|carousel)(?:\s+[a-z]\w*(?:=|[\s>])|>\s*\n)|"
    r"<table-(?:section|row)[\s>]|<list(?:\s[^<>\n]{0,200})?>\s{0,20}<list-item[\s/>]|"
    r"^[ \t]{0,20}<(?:text|title)\s+(?:color|size|weight)=\"|"
    r"^[ \t]{0,20}\{@body\s+const\s|"
    # in capitals, of summer 2026
    r"<Table(?:\s+columnSizing=|>\s{0,20}<Table\.Row[\s>])|<Table\.Row\s+header>|<Box\s+(?:border|padding)=\{|"
    r"<(?:Badge|Checkbox)\s+label=\"|<LinkCard\s+url=\"|<Code\s+value=\"|<Text\s+(?:inline\s+)?(?:weight|value)=\"|"
    r"<List(?:\s+gap=\{[0-9.]{1,4}\})?>\s{0,20}<List\.Item>",
    re.MULTILINE,
)


def named(written: str) -> str:
    """The name of a component by what stands in its tag."""
    return CAPITAL.get(written) or _OTHERWISE.get(written, written)


def is_of_components(said: str, metadata: Mapping[str, object]) -> bool:
    """Whether an answer is written in components: its file says so, or they stand in it."""
    if "<" not in said and "{" not in said:
        return False
    return "model_dil_v2" in metadata or "genui_components" in metadata or bool(SIGNS.search(said))
