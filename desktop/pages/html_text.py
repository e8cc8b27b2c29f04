"""Markdown as HTML that only contains text: no scripts or images, and links only to the web and to email addresses."""

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
"""A footnote whose number precedes its first paragraph. The number is moved into the paragraph."""

_ABOVE = 2
"""Level of the heading that names the author of a message."""


def rendered(text: str) -> str:
    """Return Markdown as HTML. Parts that are nested too deeply or too long to parse are shown as source text."""
    return rendered_by(MarkdownHtml(parser()), text, _ABOVE)


def rendered_by(renderer: MarkdownHtml, text: str, above: int | None) -> str:
    """Return Markdown as HTML produced by a given renderer.

    Args:
        above: Level of the heading above the text, or None to leave heading levels as written.
    """
    text = _lined(text).replace("\0", "\ufffd")
    lines = text.split("\n")
    token_groups = groups(text)
    known = defined([token for group in token_groups for token in group.tokens])
    headings = [
        token for group in token_groups for token in group.tokens if token.type == "heading_open" and above is not None
    ]
    levels = levels_below([int(token.tag[1:]) for token in headings], above or 0)
    for token, level in zip(headings, levels, strict=True):
        token.tag = f"h{level}"
    filled = [None if _is_plain(group) else fill(group.tokens, known) for group in token_groups]
    known = replace(known, used=linked(token for tokens in filled for token in tokens or ()))
    pieces: list[str] = []
    for group, tokens in zip(token_groups, filled, strict=True):
        if tokens is None:
            source = "\n".join(lines[group.start : group.end])
            pieces.append(f'<pre class="plain" dir="auto">{renderer.words(source)}</pre>\n')
        else:
            pieces.append(renderer.render(_prepared(shown(tokens, known)), parser().options, {}))
    return _NOTE.sub(r"\1\3\2 ", "".join(pieces))


def _is_plain(group: TokenGroup) -> bool:
    return group.kind is BlockKind.PLAIN or any(len(token.content) > _LONGEST for token in group.tokens)


def plain(text: str) -> str:
    """Return text as HTML without interpreting Markdown."""
    return f'<div class="plain" dir="auto">{escape(_lined(text))}</div>\n'


def _lined(text: str) -> str:
    """Return text with LF line breaks, because Qt treats CRLF as two."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _prepared(tokens: Iterable[Token]) -> Sequence[Token]:
    prepared: list[Token] = []
    tag = ""
    for token in tokens:
        if token.type in _DIRECTED:
            token.attrSet("dir", "auto")
        if token.type == "heading_open":
            tag = token.tag
        elif token.type == "heading_close":
            token.tag = tag
        prepared.append(token)
    return prepared


class MarkdownHtml(RendererHTML):
    """Renderer for markdown-it. Methods named after a token type render it."""

    def words(self, text: str) -> str:
        """Return visible text, escaped for HTML."""
        return escape(text)

    def code(self, text: str, language: str) -> str:
        """Render the code in a block. The language may be empty."""
        del language
        return self.words(text)

    def formula(self, source: str, *, display: bool) -> str:
        """Render a formula as source text, inline or (`display`) on lines of its own."""
        if display:
            return f'<pre class="math">{escape(source)}</pre>\n'
        return f'<code class="math">{escape(source)}</code>'

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render text."""
        del options, env
        return self.words(tokens[idx].content)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a link, or a plain span if the link leads neither to the web nor to an email address."""
        del options
        address = str(tokens[idx].attrs.get("href", ""))
        env["link"] = is_openable(address)
        return f'<a href="{escape(address)}" rel="noopener noreferrer">' if env["link"] else "<span>"

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close a link."""
        del tokens, idx, options
        return "</a>" if env.pop("link", False) else "</span>"  # images after it are links again

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render an image as a link to it, because exported pages load no images."""
        token = tokens[idx]
        address = str(token.attrs.get("src", ""))
        said = escape(self.renderInlineAsText(token.children, options, env) or address)
        if is_openable(address) and not env.get("link"):
            return f'<a href="{escape(address)}" rel="noopener noreferrer">{said}</a>'
        return f"<span>{said}</span>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render code with its language above it."""
        del options, env
        language = " ".join(filter(None, (language_of(tokens[idx].info), title_of(tokens[idx].info))))
        code = self.code(tokens[idx].content, language_of(tokens[idx].info))
        named = f'<div class="language">{escape(language)}</div>' if language else ""
        return f'<figure class="code">{named}<pre><code>{code}</code></pre></figure>\n'

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render indented code."""
        return self.fence(tokens, idx, options, env)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render inline code, which is left-to-right even within right-to-left text."""
        del options, env
        return f'<code dir="ltr">{self.words(tokens[idx].content)}</code>'

    def math_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render an inline formula as source text."""
        del options, env
        return self.formula(tokens[idx].content, display=False)

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render a formula on lines of its own as source text."""
        del options, env
        return self.formula(tokens[idx].content, display=True)

    def list_item_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a list item, with a check box if it is a task."""
        if number := number_of(tokens[idx], 0):
            tokens[idx].attrSet("value", str(number))
        opened = self.renderToken(tokens, idx, options, env)
        done = tokens[idx].meta.get("done")
        return opened if done is None else f"{opened}{'☑' if done else '☐'} "

    def footnote_ref(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render the number of a footnote."""
        del options, env
        return f"<sup>{_number(tokens[idx])}</sup>"

    def footnote_reference_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a footnote at its definition."""
        del options, env
        return f'<div class="footnote"><sup>{_number(tokens[idx])}</sup>'

    def footnote_reference_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close a footnote."""
        del tokens, idx, options, env
        return "</div>\n"

    def summary_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open the summary of a section. On a page, which may be printed, sections are always unfolded."""
        del tokens, idx, options, env
        return '<p dir="auto"><strong>'

    def summary_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close the summary of a section."""
        del tokens, idx, options, env
        return "</strong></p>\n"

    def section_end(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render nothing for the end of a section."""
        del tokens, idx, options, env
        return ""

    def definition(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Render nothing for the definition of a link."""
        del tokens, idx, options, env
        return ""


def _number(token: Token) -> str:
    meta: dict[str, Any] = token.meta
    return escape(str(meta.get("number", meta.get("label", ""))))
