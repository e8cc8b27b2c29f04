"""Tells formulas from prose and code that stand between dollars or brackets; pure."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_WORDED = re.compile(
    r"\\(?:text[a-z]*|[mh]box|operatorname\*?|math[a-z]+|begin|end|label|tag\*?|color|href)[ ]?\{[^{}]{0,400}\}"
    r"|\\(?:text[a-z]{0,6}|[mh]box|ce)[ ]?\{(?:[^{}]|\{[^{}]{0,40}\}){0,400}\}"
)
"""Commands whose group may hold words."""

_PROSE = re.compile(
    r"(?<![\w\\])(?![A-Za-z]{1,2}[ \t\n]+[A-Za-z]{1,2}(?!\w))[^\W\d_]{2,}[,;:.]?[ \t\n]+[^\W\d_]{2,}(?!\w)"
    r"|(?<=[\w);,:][ \t\n])[^\W\d_]{3,}(?=[ \t\n][\w(])"
)
"""Two words in a row, of which one has three letters or more; a word between others without a sign of an operation."""

_FUNCTIONS = re.compile(
    r"(?<![A-Za-z])(?:arc)?(?:sin|cos|tan|cot|sec|csc|log|ln|exp|lim|max|min|sup|inf|det|gcd|lcm|mod|div|rank|sgn|dim|ker|deg"
    r"|Var|Cov|Pr)(?![A-Za-z])"
)
"""What mathematics calls by words without a backslash."""

_CODE = re.compile(
    r"[`\"]|(?<!\\)#|://|==|\s!=|!=\Z|=>|\+=|(?<!\^\{)(?:\+\+|--)|\(\)|[(=,\s]'|\.[A-Za-z_]{2,}\(|\.[A-Za-z]{3,}(?!\w)|\A\{\w{2,}\}"
    r"|(?<![\w)}\\])-[a-z]{3,}(?!\w)|[=!]~|~[ ]?/|\^\[|\][+*?](?:\Z|/)|(?<![A-Z])[A-Z]{4,30};"
)
"""Signs of programs, shells and sentences that mathematics has none of."""

_STATEMENTS = re.compile(r"&&|\);|;\s*\Z|;\s*\n")
"""What parts statements of programs, and columns and formulas of mathematics that is written as such."""

_TEX = re.compile(r"\\[A-Za-z]{2}|\\[{,;!]|[\^_]")
_NO_BRACKET = re.compile(r"[^()]")
_SENTENCE = re.compile("[，。；：、！？「」]")
_WRITTEN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
"""Signs of sentences in Chinese and Japanese, and the letters of these and of Korean."""

_BEGINS_NONE = re.compile(r"[,;:?/'’”·•]|>.*<\Z|\.(?!\d)|\|\^")
"""What the rest of a sentence or of a command begins with, and no formula."""

_ENDS_NONE = re.compile(r"\(\Z|/,?\Z|:\Z|(?<!\d\.)(?<!,\.)(?<!, \.)\.\.\Z|;\s*[A-Za-z_]\w*=\Z")
_PARENS = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?)\s*[()\[\]]|\\[()\[\]]|([()\[\]])")
_CLASS = re.compile(r"\\[dwsDWS][+*?{]|\*\*|[A-Za-z]{2}\\\|[A-Za-z]{2}|\\e\[|\\(?:0\d\d|x[0-9A-Fa-f]{2})")
"""What regular expressions, terminals' colours and Markdown's bold words have, and no formula."""

_LITTLE = re.compile(
    r"(?:(?<=[\s])|\A)(?:or|and|vs|to|is|are|in|of|on|at|by|if|as|an|it|we|us|no|ok|so|do|be|my|he|go|for|the|but|not|und|oder|bis"
    r"|von|et|ou|si|le|la|de|du|un|en|el|es|se)\.?(?=\s(?!\s?[=<>+*/≤≥-])|\Z)",
    re.IGNORECASE,
)
"""Little words of several languages that stand alone."""

_SHORT_FORM = re.compile(
    r"(?:[A-Za-z]\.){2,}|TM|SM|OK|US|USA|UK|EU|UN|NB|PS|AM|PM|ID|IT|PC|TV|AI|API|PDF|URL|FAQ|JSON|HTML|CSS|SQL"
)
_RANGES = re.compile(r"\^.*|(?:[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d|\\?[\w.])+")
"""What stands between the brackets of a regular expression, as in `\\[A-Z\\]` and `\\[^a-z\\]`."""

_SIGN = re.compile(r"\\[A-Za-z,;{|]|[\^_=<>+*/|!±×÷·≤≥≠≈≡∈∉⊂⊆∪∩∀∃∞∑∏∫√∂∇→⇒⇔↦-]|[α-ωΑ-Ω]|\d")
_RUN = re.compile(r"[^\W\d_]{4,}")
_CAPITALS = re.compile(r"[A-Z]{4}")
_WORD = re.compile(r"[A-Z]{3}")
_VERTICES = "HIKMOPQ"
"""How the middle point of an angle is often called, as in `AMB`, that lies far from the others in the alphabet."""
_SPOKEN = re.compile(r"(?=.*[AEIOUY])(?!.*[^AEIOUY]{3}).*")
_POINTS_APART = 6
_ENVIRONMENTS = re.compile(r"\\(?:begin|end)\{[a-zA-Z]{1,20}\*?\}")
_COMMENT = re.compile(r"(?<!\\)%")
"""A sign that begins a comment: in the last line TeX would not see the formula's end."""

_NAME = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{3,30}_[A-Za-z]{2}")
"""A name of programs and templates, as `first_name`: mathematics has one letter, or none without braces."""

_OPERATOR = re.compile("[-+=<>±×÷≤≥≠]")
"""What is spoken of by itself, as in `$+$`."""

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
"""What mathematics has and words between brackets do not: commands, indices, operations on single letters and numbers.

A letter beside a hyphen or a slash may be a word's: `C-major`, `y/N`.
"""


def is_formula(text: str, *, strictly: bool = False) -> bool:
    """Whether what stands between a formula's delimiters is mathematics as far as one can see.

    `strictly`: only with an operation, a relation, an index or a command in it, as between brackets that are escaped in
    prose just as well.
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
    """Whether four capitals are a word, as in `$NAME$`, and no points: these lie near in the alphabet, beside an O."""
    points = sorted(name.replace("O", "")) or ["O"]
    return _SPOKEN.fullmatch(name) is not None and ord(points[-1]) - ord(points[0]) > _POINTS_APART


def is_remark(text: str) -> bool:
    r"""Whether what stands between `\(` and `\)` may just as well be a remark in brackets: a year, a name in capitals.

    Points of a figure follow each other in the alphabet: `ABC`, `PQRS`.
    """
    if not _REMARK.fullmatch(text):
        return False
    points = sorted({*text} - {"O"})
    return text.isdigit() or ord(points[-1]) - ord(points[0]) >= len(points)


def _brackets(worded: re.Match[str]) -> str:
    """What stands for a command's words: those of its brackets that close outside of them, or open there."""
    return "x" + _NO_BRACKET.sub("", worded[0].partition("{")[2])


def _is_torn(text: str) -> bool:
    """Whether it begins or ends as what stands between two formulas does, or closes a parenthesis that it never opened.

    A bracket may be turned round: `]0, 1[` is an interval.
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
