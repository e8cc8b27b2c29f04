"""Formulas of other programs' tests and manuals (npm): found or not, drawn or left as source.

A drawing is wrong if it has fewer shapes than the formula has letters and digits.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from desktop.markdown.text_segments import blocks
from desktop.renderer.render_wire import FormulaReply, FormulaRequest
from desktop.renderer.renderer import Renderer
from main import RENDER_SWITCH, child_command
from tests.corpora.npm_packages import npm_package
from tests.corpora.outcome import Outcome

_FEWEST_FOUND, _FEWEST_DRAWN = 30, 100
_SUFFIXES = {".html", ".js", ".ts", ".md", ".json"}
_PACKAGES = ("katex", "mathjax@2.7.9", "mathjax-node", "markdown-it-texmath", "markdown-it-katex")
_DELIMITED = re.compile(r"\$\$([^$]{1,900})\$\$|\\\[(.{1,900}?)\\\]|\\\((.{1,900}?)\\\)|\$([^$\n]{1,200})\$", re.DOTALL)
_QUOTED = re.compile(r"(?:String\.raw`|\br`)([^`]{1,900})`|(?:math|tex|src)\s*:\s*[\"'](.{1,900}?)[\"']\s*[,}\n]")
_CASE = re.compile(r'\{\s*valid:\s*(true|false),\s*src:\s*("(?:[^"\\]|\\.)*")')
_OTHERWISE = {
    "a$1+1=2$\n$1+1=2$b\nc$x$d",  # letters touch the dollars, as they do in US$5
    "> formula\n>\n> $$ a+b=c$$ (2)\n>\n> in blockquote. ",  # a number behind the formula
    "\\$1+1=2$\n$1+1=2\\$",  # across the two: no formula here, one there
    "$1+1=\n2$",  # a formula may go on in the next line
}
"""What is decided otherwise on purpose."""

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_WORDED = re.compile(r"\\(?:text\w*|mbox|hbox|begin|end|color|textcolor|tag\*?|label|phantom|\w+)\*?(?:\s*\{[^{}]*\})?")
_SHAPED = re.compile(r"[A-Za-z0-9]")


async def outcomes() -> list[Outcome]:
    """What is a formula is one, what is none is none; what is drawn is drawn right."""
    tried, late, drawn = await drawings()
    left = f"{tried:,} tried; {tried - drawn.tried:,} left as source, {late} of them late"
    drawn.corpus = f"Formulas drawn, of {left}"
    return [_found(), drawn]


def _found() -> Outcome:
    outcome = Outcome("Formulas between dollars: found, and prose left alone (markdown-it-texmath)")
    with npm_package("markdown-it-texmath@1.0.0") as folder:
        text = (folder / "test" / "tests.js").read_text("utf-8")
    for valid, quoted in _CASE.findall(text):
        source = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), quoted[1:-1])
        tokens = [token for block in blocks(source) for token in block.tokens]
        children = [child for token in tokens for child in token.children or ()]
        formulas = [each for each in (*tokens, *children) if each.type in ("math_block", "math_inline")]
        why = "found" if formulas else "not found"
        right = bool(formulas) == ((valid == "true") != (source in _OTHERWISE))
        outcome.take(repr(source)[:70], right=right, why=why)
    assert outcome.tried >= _FEWEST_FOUND
    return outcome


async def drawings() -> tuple[int, int, Outcome]:
    """How many formulas were tried, how many of them came late, and those that were drawn."""
    sources = _sources()
    assert len(sources) >= _FEWEST_DRAWN
    renderer = Renderer(child_command(RENDER_SWITCH))
    drawn: list[tuple[str, FormulaReply]] = []
    late = 0
    try:
        for source in sources:
            reply = await renderer.ask(FormulaRequest(source=source, size=16, display=True))
            late += reply is None
            if isinstance(reply, FormulaReply):
                drawn.append((source, reply))
    finally:
        await renderer.aclose()
    outcome = Outcome("Formulas drawn")
    for source, reply in drawn:
        outcome.take(repr(source)[:70], right=not (why := _amiss(source, reply)), why=why)
    return len(sources), late, outcome


def _amiss(source: str, reply: FormulaReply) -> str:
    shapes = sum(outline.steps.count("M") for outline in reply.outlines) + sum(len(each.text) for each in reply.texts)
    wanted = len(_SHAPED.findall(_WORDED.sub(" ", source)))
    return f"{shapes} shapes for {wanted} signs" if shapes < wanted else ""


def _sources() -> list[str]:
    found: dict[str, None] = {}
    for name in _PACKAGES:
        with npm_package(name) as folder:
            for path in sorted(folder.rglob("*")):
                if (path.suffix in _SUFFIXES and "test" in path.parts) or path.name.lower() == "readme.md":
                    found.update(dict.fromkeys(_of(path)))
    return [*found]


def _of(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8", "replace")
    if path.suffix == ".html":
        text = html.unescape(re.sub(r"<(?!\s)[^>]{0,400}>", "", text))
    if path.suffix in (".js", ".ts", ".json"):
        text = re.sub(r"(?<!\\)\\n", "\n", text).replace("\\\\", "\\")
    for pattern in (_DELIMITED, _QUOTED):
        for match in pattern.finditer(text):
            source = next(group for group in match.groups() if group is not None).strip()
            if "$" not in source and re.search(r"\w", source):
                yield source
