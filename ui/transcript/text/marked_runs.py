"""Converts partly selected paragraphs to HTML with bold, italic, strikethrough, code and links."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import QFont, QTextCharFormat

from ui.transcript.text.documents import Laid


def runs_as_html(laid: Laid, start: int, end: int) -> str:
    """Return the text between two positions as HTML paragraphs without external resources."""
    paragraphs: list[str] = []
    block = laid.document.findBlock(start)
    while block.isValid() and block.position() < end:
        words: list[str] = []
        pieces = block.begin()
        while not pieces.atEnd():
            fragment = pieces.fragment()
            first, last = max(fragment.position(), start), min(fragment.position() + fragment.length(), end)
            if first < last:
                words.append(_dressed(laid.between(first, last), fragment.charFormat()))
            pieces += 1
        if words:
            paragraphs.append(f'<p dir="auto">{"".join(words)}</p>\n')
        block = block.next()
    return "".join(paragraphs)


def _dressed(text: str, form: QTextCharFormat) -> str:
    """Return a text as HTML, with elements for its formatting."""
    from desktop.markdown.link_rules import is_openable

    html = escape(text).replace("\n", "<br>")
    font = form.font()
    tags = (
        ("code", font.styleHint() is QFont.StyleHint.Monospace or font.fixedPitch()),
        ("s", font.strikeOut()),
        ("em", font.italic()),
        ("strong", font.weight() > QFont.Weight.Medium),
    )
    for tag, is_so in tags:
        html = f"<{tag}>{html}</{tag}>" if is_so else html
    address = form.anchorHref()
    return f'<a href="{escape(address)}">{html}</a>' if address and is_openable(address) else html
