"""Parser for Markdown as interpreted by viewers of exported pages, with HTML and Paragone's multi-line formulas."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt

from desktop.markdown import formula_blocks, syntax_rules


@cache
def page_parser() -> MarkdownIt:
    """Return the parser, created once."""
    made = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    ended = ["paragraph", "reference", "blockquote", "list"]
    made.block.ruler.before("fence", "math_block", formula_blocks.math_block, {"alt": ended})
    made.block.ruler.before("lheading", "formula_paragraph", formula_blocks.formula_paragraph, {"alt": []})
    made.block.ruler.at("reference", syntax_rules.reference)
    return made
