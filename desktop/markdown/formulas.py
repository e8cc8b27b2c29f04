"""Tells formulas from prose and code that stand between dollars or brackets; pure."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_WORDED = re.compile(
    r"\\(?:text[a-z]*|mbox|hbox|operatorname\*?|math[a-z]+|begin|end|label|tag\*?|color|href)[ ]?\{[^{}]{0,400}\}"
)
"""Commands whose group may hold words."""

_PROSE = re.compile(
    r"(?<![\w\\])(?![A-Za-z]{1,2}[ \t\n]+[A-Za-z]{1,2}(?!\w))[^\W\d_]{2,}[,;:.]?[ \t\n]+[^\W\d_]{2,}(?!\w)"
    r"|(?<=[\w)][ \t\n])[^\W\d_]{3,}(?=[ \t\n][\w(])"
)
"""Two words in a row, of which one has three letters or more; a word between others without a sign of an operation."""

_FUNCTIONS = re.compile(
    r"(?<![A-Za-z])(?:arc)?(?:sin|cos|tan|cot|sec|csc|log|ln|exp|lim|max|min|sup|inf|det|gcd|lcm|mod|div|rank|sgn|dim|ker|deg"
    r"|Var|Cov|Pr)(?![A-Za-z])"
)
"""What mathematics calls by words without a backslash."""

_CODE = re.compile(
    r"[`\"]|(?<!\\)#|://|&&|[!=]=|=>|\+=|\+\+|--|\(\)|\);|;\s*\Z|;\s*\n|[(=,\s]'|\.[A-Za-z_]{2,}\(|\.[A-Za-z]{3,}(?!\w)|\A\{\w{2,}\}"
)
"""Signs of programs and shells that mathematics has none of."""

_SIGN = re.compile(r"\\[A-Za-z,;{|]|[\^_=<>+*/|!±×÷·≤≥≠≈≡∈∉⊂⊆∪∩∀∃∞∑∏∫√∂∇→⇒⇔↦-]|[α-ωΑ-Ω]|\d")
_RUN = re.compile(r"[^\W\d_]{4,}")
_CAPITALS = re.compile(r"[A-Z]{4}")
_SYMBOL = re.compile(r"[^\W_]|\\[A-Za-z]|[∑∏∫∞]")
_STRONG = re.compile(r"\\[A-Za-z]|[\^_=<>+±×÷≤≥≠≈≡∈→⇒∑∏∫√∂∇α-ωΑ-Ω]|[A-Za-z0-9)]\s*[*/-]\s*[A-Za-z(\\]")


def is_formula(text: str, *, strictly: bool = False) -> bool:
    """Whether what stands between a formula's delimiters is mathematics as far as one can see.

    `strictly`: only with an operation, a relation, an index or a command in it, as between brackets that are escaped in
    prose just as well.
    """
    if not _SYMBOL.search(text):
        return False
    bare = _WORDED.sub(" ", text)
    if _CODE.search(bare):
        return False
    plain = _FUNCTIONS.sub("+", _COMMAND.sub("+", bare))
    if _PROSE.search(plain):
        return False
    if strictly:
        return bool(_STRONG.search(bare)) or bare != text
    if _SIGN.search(bare) or bare != text:
        return True
    run = _RUN.search(plain)
    return run is None or (bool(_CAPITALS.fullmatch(run[0])) and plain.strip() == run[0])
