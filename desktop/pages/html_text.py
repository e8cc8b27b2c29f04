"""Markdown as HTML that carries nothing but text: no script, no image, links only to the web and to mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from msgspec.structs import replace

from desktop.markdown.blocks import BlockKind
from desktop.markdown.item_numbers import number_of
from desktop.markdown.link_rules import is_openable, linked
from desktop.markdown.parser import TokenGroup, defined, fill, groups, language_of, parser, shown, title_of
from desktop.pages.heading_levels import levels_below

_LONGEST = 100_000
_DIRECTED = ("paragraph_open", "heading_open", "list_item_open", "th_open", "td_open", "blockquote_open")
_NOTE = re.compile(r'(<div class="footnote">)(<sup>[^<]*</sup>)(<p[^>]*>)')
"""A footnote whose number stands before its first paragraph: it belongs into that."""

_ABOVE = 2
"""The level of the heading that says who speaks."""


def rendered(text: str) -> str:
    """The HTML of some Markdown. What is too deep or too long to be parsed is shown as it was written."""
    return rendered_by(MarkdownHtml(parser()), text, _ABOVE)


def rendered_by(renderer: MarkdownHtml, text: str, above: int | None) -> str:
    """The same by a renderer of one's own, headings below the level `above`; None leaves their levels as written."""
    text = _lined(text).replace("\0", "\ufffd")
    lines = text.split("\n")
    found = groups(text)
    known = defined([token for group in found for token in group.tokens])
    headings = [
        token for group in found for token in group.tokens if token.type == "heading_open" and above is not None
    ]
    levels = levels_below([int(token.tag[1:]) for token in headings], above or 0)
    for token, level in zip(headings, levels, strict=True):
        token.tag = f"h{level}"
    filled = [None if _is_plain(group) else fill(group.tokens, known) for group in found]
    known = replace(known, used=linked(token for tokens in filled for token in tokens or ()))
    made: list[str] = []
    for group, tokens in zip(found, filled, strict=True):
        if tokens is None:
            source = "\n".join(lines[group.start : group.end])
            made.append(f'<pre class="plain" dir="auto">{renderer.words(source)}</pre>\n')
        else:
            made.append(renderer.render(_prepared(shown(tokens, known)), parser().options, {}))
    return _NOTE.sub(r"\1\3\2 ", "".join(made))


def _is_plain(group: TokenGroup) -> bool:
    return group.kind is BlockKind.PLAIN or any(len(token.content) > _LONGEST for token in group.tokens)


def plain(text: str) -> str:
    """Text as it stands."""
    return f'<div class="plain" dir="auto">{escape(_lined(text))}</div>\n'


def _lined(text: str) -> str:
    """Text whose lines end in one way; of two signs Qt makes two lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _prepared(tokens: Iterable[Token]) -> Sequence[Token]:
    found: list[Token] = []
    tag = ""
    for token in tokens:
        if token.type in _DIRECTED:
            token.attrSet("dir", "auto")
        if token.type == "heading_open":
            tag = token.tag
        elif token.type == "heading_close":
            token.tag = tag
        found.append(token)
    return found


class MarkdownHtml(RendererHTML):
    """markdown-it's renderer; a method named after a kind of token renders it."""

    def words(self, text: str) -> str:
        """What is read, safe within the page."""
        return escape(text)

    def code(self, text: str, language: str) -> str:
        """A block's code, safe within the page; the language may be empty."""
        del language
        return self.words(text)

    def formula(self, source: str, *, display: bool) -> str:
        """A formula, among words or (`display`) on lines of its own: as it was written."""
        if display:
            return f'<pre class="math">{escape(source)}</pre>\n'
        return f'<code class="math">{escape(source)}</code>'

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Words."""
        del options, env
        return self.words(tokens[idx].content)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The beginning of a link, or of plain text where it leads elsewhere."""
        del options
        address = str(tokens[idx].attrs.get("href", ""))
        env["link"] = is_openable(address)
        return f'<a href="{escape(address)}" rel="noopener noreferrer">' if env["link"] else "<span>"

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The end of a link."""
        del tokens, idx, options
        return "</a>" if env.pop("link", False) else "</span>"  # images after it are links again

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A link to the image; no page of ours loads one."""
        token = tokens[idx]
        address = str(token.attrs.get("src", ""))
        said = escape(self.renderInlineAsText(token.children, options, env) or address)
        if is_openable(address) and not env.get("link"):
            return f'<a href="{escape(address)}" rel="noopener noreferrer">{said}</a>'
        return f"<span>{said}</span>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code with its language above it."""
        del options, env
        language = " ".join(filter(None, (language_of(tokens[idx].info), title_of(tokens[idx].info))))
        code = self.code(tokens[idx].content, language_of(tokens[idx].info))
        named = f'<div class="language">{escape(language)}</div>' if language else ""
        return f'<figure class="code">{named}<pre><code>{code}</code></pre></figure>\n'

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Indented code."""
        return self.fence(tokens, idx, options, env)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Code, which runs from the left among words of any direction."""
        del options, env
        return f'<code dir="ltr">{self.words(tokens[idx].content)}</code>'

    def math_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A formula as it was written."""
        del options, env
        return self.formula(tokens[idx].content, display=False)

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A formula on lines of its own, as it was written."""
        del options, env
        return self.formula(tokens[idx].content, display=True)

    def list_item_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """An item, with its box where it is a task."""
        if number := number_of(tokens[idx], 0):
            tokens[idx].attrSet("value", str(number))
        opened = self.renderToken(tokens, idx, options, env)
        done = tokens[idx].meta.get("done")
        return opened if done is None else f"{opened}{'☑' if done else '☐'} "

    def footnote_ref(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The number of a footnote."""
        del options, env
        return f"<sup>{_number(tokens[idx])}</sup>"

    def footnote_reference_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A footnote, in its place."""
        del options, env
        return f'<div class="footnote"><sup>{_number(tokens[idx])}</sup>'

    def footnote_reference_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The end of a footnote."""
        del tokens, idx, options, env
        return "</div>\n"

    def definition(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Nothing is shown of the definition of a link."""
        del tokens, idx, options, env
        return ""


def _number(token: Token) -> str:
    meta: dict[str, Any] = token.meta
    return escape(str(meta.get("number", meta.get("label", ""))))
