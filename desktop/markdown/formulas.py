"""Distinguishes formulas from prose and code between dollar signs or brackets. Pure functions."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_WORDED = re.compile(
    r"\\(?:text[a-z]*|[mh]box|operatorname\*?|math[a-z]+|begin|end|label|tag\*?|color|href)[ ]?\{[^{}]{0,400}\}"
    r"|\\(?:text[a-z]{0,6}|[mh]box|ce)[ ]?\{(?:[^{}]|\{[^{}]{0,40}\}){0,400}\}"
)
"""Commands whose argument may contain words."""

_PROSE = re.compile(
    r"(?<![\w\\])(?![A-Za-z]{1,2}[ \t\n]+[A-Za-z]{1,2}(?!\w))[^\W\d_]{2,}[,;:.]?[ \t\n]+[^\W\d_]{2,}(?!\w)"
    r"|(?<=[\w);,:][ \t\n])[^\W\d_]{3,}(?=[ \t\n][\w(])"
)
"""Two consecutive words, one of at least three letters, or a word between others without an operator."""

_FUNCTIONS = re.compile(
    r"(?<![A-Za-z])(?:arc)?(?:sin|cos|tan|cot|sec|csc|log|ln|exp|lim|max|min|sup|inf|det|gcd|lcm|mod|div|rank|sgn|dim|ker|deg"
    r"|Var|Cov|Pr)(?![A-Za-z])"
)
"""Mathematical functions written without a backslash."""

_CODE = re.compile(
    r"[`\"]|(?<!\\)#|://|==|\s!=|!=\Z|=>|\+=|(?<!\^\{)(?:\+\+|--)|\(\)|[(=,\s]'|\.[A-Za-z_]{2,}\(|\.[A-Za-z]{3,}(?!\w)|\A\{\w{2,}\}"
    r"|(?<![\w)}\\])-[a-z]{3,}(?!\w)|[=!]~|~[ ]?/|\^\[|\][+*?](?:\Z|/)|(?<![A-Z])[A-Z]{4,30};"
)
"""Characters of program code, shell commands and sentences that do not occur in mathematics."""

_STATEMENTS = re.compile(r"&&|\);|;\s*\Z|;\s*\n")
"""Separators of program statements, which also separate columns and formulas in TeX."""

_TEX = re.compile(r"\\[A-Za-z]{2}|\\[{,;!]|[\^_]")
_NO_BRACKET = re.compile(r"[^()]")
_SENTENCE = re.compile("[，。；：、！？「」]")
_WRITTEN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
"""Chinese and Japanese punctuation, and letters of Chinese, Japanese and Korean."""

_BEGINS_NONE = re.compile(r"[,;:?/'’”·•]|>.*<\Z|\.(?!\d)|\|\^")
"""Text with which the rest of a sentence or command may begin, but never a formula."""

_ENDS_NONE = re.compile(r"\(\Z|/,?\Z|:\Z|(?<!\d\.)(?<!,\.)(?<!, \.)\.\.\Z|;\s*[A-Za-z_]\w*=\Z")
_PARENS = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)\s*[()\[\]]|\\[()\[\]]|([()\[\]])")
_CLASS = re.compile(r"\\[dwsDWS][+*?{]|\*\*|[A-Za-z]{2}\\\|[A-Za-z]{2}|\\e\[|\\(?:0\d\d|x[0-9A-Fa-f]{2})")
"""Patterns of regular expressions, terminal colors and bold Markdown, which never occur in a formula."""

_LITTLE = re.compile(
    r"(?:(?<=[\s])|\A)(?:or|and|vs|to|is|are|in|of|on|at|by|if|as|an|it|we|us|no|ok|so|do|be|my|he|go|for|the|but|not|und|oder|bis"
    r"|von|et|ou|si|le|la|de|du|un|en|el|es|se)\.?(?=\s(?!\s?[=<>+*/≤≥-])|\Z)",
    re.IGNORECASE,
)
"""Short function words of several languages."""

_SHORT_FORM = re.compile(
    r"(?:[A-Za-z]\.){2,}|TM|SM|OK|US|USA|UK|EU|UN|NB|PS|AM|PM|ID|IT|PC|TV|AI|API|PDF|URL|FAQ|JSON|HTML|CSS|SQL"
)
_RANGES = re.compile(r"\^.*|(?:[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d|\\?[\w.])+")
r"""Content of a character class in a regular expression, as in `\[A-Z\]` and `\[^a-z\]`."""

_SIGN = re.compile(r"\\[A-Za-z,;{|]|[\^_=<>+*/|!±×÷·≤≥≠≈≡∈∉⊂⊆∪∩∀∃∞∑∏∫√∂∇→⇒⇔↦-]|[α-ωΑ-Ω]|\d")
_RUN = re.compile(r"[^\W\d_]{4,}")
_CAPITALS = re.compile(r"[A-Z]{4}")
_WORD = re.compile(r"[A-Z]{3}")
_VERTICES = "HIKMOPQ"
"""Common letters for the vertex of an angle, as in `AMB`, although they are far from the others in the alphabet."""
_SPOKEN = re.compile(r"(?=.*[AEIOUY])(?!.*[^AEIOUY]{3}).*")
_POINTS_APART = 6
_ENVIRONMENTS = re.compile(r"\\(?:begin|end)\{[a-zA-Z]{1,20}\*?\}")
_COMMENT = re.compile(r"(?<!\\)%")
"""Comment character of TeX, which on the last line would hide the end of the formula."""

_NAME = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3,30}_[A-Za-z]{2}")
"""Identifier in code and templates, such as `first_name`. Names in mathematics have one letter or use braces."""

_OPERATOR = re.compile("[-+=<>±×÷≤≥≠]")
"""Operator that may stand alone, as in `$+$`."""

_SYMBOL = re.compile(r"[^\W_]|\\[A-Za-z]|[∑∏∫∞]")
_OPERATION = re.compile(r"\\[A-Za-z]|[\^_=<>+±×÷≤≥≠≈≡∈→⇒∑∏∫√∂∇α-ωΑ-Ω]|[A-Za-z0-9)]\s*[*/-]\s*[A-Za-z(\\]")

_REMARK = re.compile(r"(?:1[5-9]|20)\d\d|[A-Z]{3,5}")

_SINGLE = r"(?<![\w.])(?:\d{1,20}(?:[.,]\d{1,20})?[A-Za-z]?|[^\W\d_]\d{0,4}|[A-Z]{2})'{0,2}"
_OTHER = r"\s*(?:[(\\{|√∑∏∫∂∇-]|(?:\d{1,20}(?:[.,]\d{1,20})?[A-Za-z]?|[^\W\d_]\d{0,4}|[A-Z]{2})(?![^\W\d_]))"
_LETTER = r"\s*(?:[(\\]|[^\W\d_]\d{0,4}(?![^\W_]))"
_STRONG = re.compile(
    r"\\[A-Za-z]|[±÷≤≥≠≈≡∈√∑∏∫∂∇]|(?<![^\W\d_])[α-ωΑ-Ω](?![^\W\d_])|[A-Za-z0-9)\]}|']\s*\^"
    r"|(?:(?<![A-Za-z])[A-Za-z]|[0-9)\]}|])_|_\{|\w\s=\s|(?<![\w/])d\w?/d\w(?!\w)"
    rf"|(?:{_SINGLE}|[)\]}}|!])\s*(?:[=<>→⇒]|[+×]{_OTHER}|[*-]{_LETTER})|\)\s*/{_LETTER}|(?<![\w.])\d{{1,20}}\s*/{_LETTER}"
)
"""Signs of mathematics that words in brackets lack: commands, indices, operations on single letters and numbers.

A letter next to a hyphen or slash may be part of a word: `C-major`, `y/N`.
"""


def is_formula(text: str, *, strictly: bool = False) -> bool:
    """Whether the text between a formula's delimiters looks like mathematics.

    Args:
        strictly: Require an operation, relation, index or command, for example between brackets, which may also be
            escaped in prose.
    """
    if not _SYMBOL.search(_ENVIRONMENTS.sub("", text)):
        return not strictly and _OPERATOR.fullmatch(text) is not None
    signs = _WORDED.sub("x", text)
    if _STATEMENTS.search(signs) and not _TEX.search(text):
        return False
    if _CODE.search(signs) or _CLASS.search(signs) or _is_torn(_WORDED.sub(_brackets, text).strip()):
        return False
    said = _SENTENCE.search(signs)
    if said and (not said.start() or _WRITTEN.search(signs) or not _OPERATION.search(signs)):
        return False
    bare = _WORDED.sub(" ", text)
    plain = _FUNCTIONS.sub("+", _COMMAND.sub("+", bare))
    if _PROSE.search(plain) or _LITTLE.search(plain) or _NAME.search(plain):
        return False
    if strictly:
        return (bool(_STRONG.search(bare)) or bare != text) and not _RANGES.fullmatch(text)
    if _SHORT_FORM.fullmatch(text):
        return False
    if _COMMENT.search(signs.rpartition("\n")[2]):
        return False
    if _SIGN.search(bare) or bare != text:
        return True
    if _WORD.fullmatch(text):
        return not _is_placeholder(text[0] + text[2] if text[1] in _VERTICES else text)
    run = _RUN.search(plain)
    if run is None:
        return True
    return bool(_CAPITALS.fullmatch(run[0])) and plain.strip() == run[0] and not _is_placeholder(run[0])


def _is_placeholder(name: str) -> bool:
    """Whether a name in capitals is a word, as in `$NAME$`, and not a sequence of geometric points.

    The letters of points are close to each other in the alphabet.
    """
    points = sorted(name.replace("O", "")) or ["O"]
    return _SPOKEN.fullmatch(name) is not None and ord(points[-1]) - ord(points[0]) > _POINTS_APART


def is_remark(text: str) -> bool:
    r"""Whether the text between `\(` and `\)` may be a remark in parentheses: a year, or a name in capitals.

    Points in a figure have consecutive letters: `ABC`, `PQRS`.
    """
    if not _REMARK.fullmatch(text):
        return False
    points = sorted({*text} - {"O"})
    return text.isdigit() or ord(points[-1]) - ord(points[0]) >= len(points)


def _brackets(worded: re.Match[str]) -> str:
    """Replace the words in a command with a placeholder, followed by the brackets that are unbalanced within them."""
    return "x" + _NO_BRACKET.sub("", worded[0].partition("{")[2])


def _is_torn(text: str) -> bool:
    """Whether a text looks like the gap between two formulas, or closes a parenthesis that it does not open.

    Brackets may be reversed: `]0, 1[` is an interval.
    """
    if _BEGINS_NONE.match(text) or _ENDS_NONE.search(text):
        return True
    depth = 0
    for found in _PARENS.finditer(text):
        match found[1]:
            case "(" | "[":
                depth += 1
            case ")" if depth == 0:
                return True
            case ")" | "]":
                depth += 1 if depth == 0 else -1
            case _:
                pass
    return False
