"""Paragraphs that are marked in part as HTML: bold, italic, struck, code and links, as they are shown."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import QFont, QTextCharFormat

from ui.transcript.text.documents import Laid


def runs_as_html(laid: Laid, start: int, end: int) -> str:
    """What stands between two positions of a document, a paragraph each; nothing in it is loaded from anywhere."""
    made: list[str] = []
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
            made.append(f'<p dir="auto">{"".join(words)}</p>\n')
        block = block.next()
    return "".join(made)


def _dressed(text: str, form: QTextCharFormat) -> str:
    """Some words with the elements that say how they look."""
    from desktop.markdown.link_rules import is_openable

    made = escape(text).replace("\n", "<br>")
    font = form.font()
    tags = (
        ("code", font.styleHint() is QFont.StyleHint.Monospace or font.fixedPitch()),
        ("s", font.strikeOut()),
        ("em", font.italic()),
        ("strong", font.weight() > QFont.Weight.Medium),
    )
    for tag, is_so in tags:
        made = f"<{tag}>{made}</{tag}>" if is_so else made
    address = form.anchorHref()
    return f'<a href="{escape(address)}">{made}</a>' if address and is_openable(address) else made
