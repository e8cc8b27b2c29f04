"""Commands of LaTeX that formulas are drawn with, and what the library of formulas calls them."""

from __future__ import annotations

SIMPLE = frozenset((
    r"\frac", r"\dfrac", r"\tfrac", r"\cfrac", r"\sqrt", r"\overline", r"\underline", r"\hat", r"\widehat",
    r"\tilde", r"\widetilde", r"\bar", r"\vec", r"\dot", r"\ddot", r"\acute", r"\grave", r"\check", r"\breve",
    r"\mathring", r"\overbrace", r"\underbrace", r"\overset", r"\underset", r"\stackrel", r"\overrightarrow",
    r"\overleftarrow", r"\phantom", r"\boxed", r"\cancel", r"\bcancel", r"\xcancel", r"\quad", r"\qquad",
    r"\enspace", r"\thinspace", r"\displaystyle", r"\textstyle", r"\scriptstyle", r"\scriptscriptstyle",
    r"\limits", r"\nolimits", r"\mathbb", r"\mathbf", r"\mathcal", r"\mathfrak", r"\mathit", r"\mathrm",
    r"\mathscr", r"\mathsf", r"\mathtt", r"\mathnormal", r"\boldsymbol", r"\bm", r"\xrightarrow",
    r"\xleftarrow", r"\lim", r"\max", r"\min", r"\det", r"\gcd", r"\Pr", r"\arccos", r"\arcsin", r"\arctan",
    r"\cos", r"\cosh", r"\cot", r"\coth", r"\csc", r"\deg", r"\dim", r"\exp", r"\hom", r"\ker", r"\lg", r"\ln",
    r"\log", r"\sec", r"\sin", r"\sinh", r"\tan", r"\tanh", r"\over", r"\choose", r"\atop", r"\smash", r"\rm",
    r"\it", r"\cal",
))  # fmt: skip
"""Commands that are drawn as TeX would."""

MARKS = frozenset((
    r"\,", r"\;", r"\:", r"\!", r"\>", "\\ ", "\\\n", r"\{", r"\}", r"\%", r"\#", r"\&", r"\$", r"\_",
    r"\\",
))  # fmt: skip
"""Spaces and signs behind a backslash."""

TEXTS = frozenset((
    r"\hbox", r"\mbox", r"\text", r"\textbf", r"\textit", r"\textnormal", r"\textrm", r"\textsf", r"\texttt",
))  # fmt: skip
"""Commands whose group is text."""

BIG = frozenset((
    r"\Big", r"\Bigg", r"\Biggl", r"\Biggm", r"\Biggr", r"\Bigl", r"\Bigm", r"\Bigr", r"\big", r"\bigg", r"\biggl",
    r"\biggm", r"\biggr", r"\bigl", r"\bigm", r"\bigr",
))  # fmt: skip
"""Commands that make the delimiter after them larger."""

DELIMITERS = {
    "(": "(", ")": ")", "[": "[", "]": "]", "|": "|", "/": "/", ".": ".", "<": r"\langle", ">": r"\rangle",
    r"\{": r"\lbrace", r"\}": r"\rbrace", r"\lbrace": r"\lbrace", r"\rbrace": r"\rbrace", r"\|": r"\Vert",
    r"\lbrack": "[", r"\rbrack": "]", r"\vert": "|", r"\lvert": "|", r"\rvert": "|", r"\Vert": r"\Vert",
    r"\lVert": r"\Vert", r"\rVert": r"\Vert", r"\langle": r"\langle", r"\rangle": r"\rangle",
    r"\lfloor": r"\lfloor", r"\rfloor": r"\rfloor", r"\lceil": r"\lceil", r"\rceil": r"\rceil",
    r"\backslash": r"\backslash", r"\uparrow": r"\uparrow", r"\downarrow": r"\downarrow",
}  # fmt: skip
"""What may stand after them, and after `\\left` and `\\right`."""

NEGATED = {
    "=": r"\neq", "<": r"\nless", ">": r"\ngtr", r"\in": r"\notin", r"\ni": r"\nni", r"\subset": r"\nsubset",
    r"\supset": r"\nsupset", r"\subseteq": r"\nsubseteq", r"\supseteq": r"\nsupseteq", r"\equiv": r"\nequiv",
    r"\sim": r"\nsim", r"\approx": r"\napprox", r"\cong": r"\ncong", r"\leq": r"\nleq", r"\geq": r"\ngeq",
    r"\le": r"\nleq", r"\ge": r"\ngeq", r"\mid": r"\nmid", r"\parallel": r"\nparallel", r"\exists": r"\nexists",
    r"\simeq": r"\nsimeq", r"\rightarrow": r"\nrightarrow", r"\to": r"\nrightarrow",
    r"\Rightarrow": r"\nRightarrow",
}  # fmt: skip
"""What `\\not` makes of the sign after it."""

ENVIRONMENTS = {
    "matrix": "matrix", "pmatrix": "pmatrix", "bmatrix": "bmatrix", "Bmatrix": "Bmatrix", "vmatrix": "vmatrix",
    "Vmatrix": "Vmatrix", "smallmatrix": "smallmatrix", "cases": "cases", "aligned": "align*",
    "dcases": "cases", "rcases": "matrix", "drcases": "matrix", "align*": "align*",
    "align": "align*", "split": "align*", "gathered": "matrix", "gather": "matrix", "gather*": "matrix",
    "array": "array", "eqnarray": "array", "eqnarray*": "array",
}  # fmt: skip
"""Environments and what the library calls them."""

SAME = {
    r"\Alpha": r"\mathrm{A}", r"\Beta": r"\mathrm{B}", r"\Epsilon": r"\mathrm{E}", r"\Zeta": r"\mathrm{Z}",
    r"\Eta": r"\mathrm{H}", r"\Iota": r"\mathrm{I}", r"\Kappa": r"\mathrm{K}", r"\Mu": r"\mathrm{M}",
    r"\Nu": r"\mathrm{N}", r"\Omicron": r"\mathrm{O}", r"\Rho": r"\mathrm{P}", r"\Tau": r"\mathrm{T}",
    r"\Chi": r"\mathrm{X}", r"\bold": r"\mathbf", r"\Bbb": r"\mathbb", r"\rarr": r"\rightarrow",
    r"\larr": r"\leftarrow", r"\Rarr": r"\Rightarrow", r"\Larr": r"\Leftarrow", r"\harr": r"\leftrightarrow",
    r"\infin": r"\infty", r"\isin": r"\in", r"\sube": r"\subseteq", r"\supe": r"\supseteq", r"\sdot": r"\cdot",
    r"\C": r"\mathbb{C}", r"\Q": r"\mathbb{Q}", r"\RR": r"\mathbb{R}", r"\CC": r"\mathbb{C}", r"\NN": r"\mathbb{N}",
    r"\ZZ": r"\mathbb{Z}", r"\QQ": r"\mathbb{Q}",
    r"\lt": "<", r"\gt": ">", r"\dotsb": r"\cdots", r"\dotsm": r"\cdots", r"\dotsc": r"\ldots",
    r"\dotso": r"\ldots", r"\lbrack": "[", r"\rbrack": "]", r"\R": r"\mathbb{R}", r"\N": r"\mathbb{N}",
    r"\Z": r"\mathbb{Z}", r"\bmod": r"\;\mathrm{mod}\;", r"\lvert": "|", r"\rvert": "|", r"\lVert": r"\Vert",
    r"\rVert": r"\Vert", r"\nonumber": "", r"\notag": "", r"\space": "\\ ", r"\nobreakspace": "\\ ", "~": "\\ ",
    r"\lbrace": r"\{", r"\rbrace": r"\}", r"\colon": ":", r"\centerdot": r"\cdot", r"\tt": r"\mathtt",
    r"\iff": r"\;\Longleftrightarrow\;", r"\implies": r"\;\Longrightarrow\;", r"\impliedby": r"\;\Longleftarrow\;",
}  # fmt: skip
"""Commands that others stand for."""

LIMITS = {
    r"\sup": "sup", r"\inf": "inf", r"\limsup": r"lim\,sup", r"\liminf": r"lim\,inf", r"\argmax": r"arg\,max",
    r"\argmin": r"arg\,min",
}  # fmt: skip
"""Operators that take what is under them there on a line of their own."""

NAMED = frozenset((
    r"\Tr", r"\tr", r"\Var", r"\Cov", r"\Corr", r"\rank", r"\diag", r"\sgn", r"\sign", r"\lcm", r"\erf", r"\softmax",
))  # fmt: skip
"""Functions that are called by a command of their name in many an answer, as if its writer had defined it."""

CLASSES = (r"\mathrel", r"\mathbin", r"\mathord", r"\mathopen", r"\mathclose", r"\mathpunct", r"\mathinner")
"""Commands that say what part a group plays among its neighbours."""

EMS = {
    "em": 1.0,
    "ex": 0.43,
    "mu": 1 / 18,
    "pt": 0.1,
    "bp": 0.1,
    "px": 0.075,
    "mm": 0.285,
    "cm": 2.85,
    "in": 7.2,
    "pc": 1.2,
    "sp": 0.0,
}
"""Units of length in widths of an M."""

TEXT_ESCAPES = {
    r"\%": "%", r"\#": "#", r"\&": "&", r"\$": "$", r"\_": "_", r"\{": "{", "\\ ": " ", r"\,": " ", "~": " ",
}  # fmt: skip
"""What is written otherwise within text."""

FULL_WIDTH = {
    "，": ",\\ ",
    "、": ",\\ ",
    "；": ";\\ ",
    "：": ":",
    "。": ".",
    "！": "!",
    "？": "?",
    "（": "(",
    "）": ")",
    "＝": "=",
    "＋": "+",
    "－": "-",
    "＜": "<",
    "＞": ">",
}
"""Signs of Chinese and Japanese typing, which the formulas' fonts lack."""

LEADING = frozenset({"+", "-", "−", r"\pm", r"\mp"})
"""Signs that belong to what follows where nothing stands before them."""

SPACES = {
    **dict.fromkeys((r"\cup", r"\cap", r"\setminus", r"\wedge", r"\vee", r"\land", r"\lor", r"\amalg"), r"\:"),
    **dict.fromkeys((r"\subset", r"\subsetneq", r"\perp", r"\models", r"\triangleq", r"\hookrightarrow"), r"\;"),
    **dict.fromkeys((r"\times", r"\div", r"\circ", r"\bullet", r"\odot", r"\sim", r"\longrightarrow"), r"\,"),
}
"""Operations and relations that the library sets without any space, or with too little, and what they lack."""

OPENING = frozenset({"", "(", "[", ",", ";", "=", "<", ">", "&", r"\\", r"\{", *LEADING, *SPACES}) | frozenset(
    rf"\{name}"
    for name in [
        "le",
        "leq",
        "ge",
        "geq",
        "ne",
        "neq",
        "approx",
        "equiv",
        "to",
        "in",
        "notin",
        "cdot",
        "Rightarrow",
        "rightarrow",
        "implies",
        "iff",
        "mapsto",
        "ll",
        "gg",
    ]
)
"""What a sign stands behind that leads: nothing, an opening bracket, an operation, a relation."""

CLOSING = frozenset({"", "}", ")", "]", "&", r"\\", r"\right", r"\end", r"\}", ",", ".", "_", "^"})
"""What no operation stands before."""
