"""Formulas in words, for screen readers, which would otherwise spell LaTeX. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ui.base.strings import tr

LONGEST, DEEPEST = 1_000, 40
"""Maximum length and nesting of a formula that is put into words; others are returned as source."""

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_SIGNS = {
    r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\delta": "δ", r"\epsilon": "ε", r"\varepsilon": "ε",
    r"\zeta": "ζ", r"\eta": "η", r"\theta": "θ", r"\kappa": "κ", r"\lambda": "λ", r"\mu": "μ", r"\nu": "ν",
    r"\xi": "ξ", r"\pi": "π", r"\rho": "ρ", r"\sigma": "σ", r"\tau": "τ", r"\phi": "φ", r"\varphi": "φ",
    r"\chi": "χ", r"\psi": "ψ", r"\omega": "ω", r"\Gamma": "Γ", r"\Delta": "Δ", r"\Theta": "Θ", r"\Lambda": "Λ",
    r"\Pi": "Π", r"\Sigma": "Σ", r"\Phi": "Φ", r"\Psi": "Ψ", r"\Omega": "Ω", r"\leq": "≤", r"\le": "≤",
    r"\geq": "≥", r"\ge": "≥", r"\neq": "≠", r"\ne": "≠", r"\approx": "≈", r"\equiv": "≡", r"\pm": "±",
    r"\times": "×", r"\cdot": "×",
    r"\infty": "∞", r"\partial": "∂", r"\nabla": "∇", r"\in": "∈", r"\subset": "⊂", r"\cup": "∪", r"\cap": "∩",
    r"\to": "→", r"\rightarrow": "→", r"\Rightarrow": "⇒", r"\ldots": "…", r"\dots": "…", r"\cdots": "…",
    r"\{": "{", r"\}": "}", r"\%": "%", r"\$": "$", r"\#": "#", r"\&": "&", r"\_": "_", r"\|": "‖", "\\\\": ";",
    "&": ",",
}  # fmt: skip
_SILENT = frozenset(
    (r"\left", r"\right", r"\big", r"\Big", r"\bigg", r"\Bigg", r"\displaystyle", r"\limits", r"\,", r"\;")
) | {r"\!", r"\:", "\\ ", r"\quad", r"\qquad", "~"}
_NAMED = frozenset((r"\begin", r"\end"))
"""Commands whose argument is a name that is not read."""

_WORDS = (r"\text", r"\mathrm", r"\operatorname", r"\mbox")
_STYLES = (r"\math", r"\bold")
"""Beginnings of commands whose argument is words, and of commands that only change how it looks."""


def spoken_formula(source: str) -> str:
    """Return a formula in words, such as "a over b" for a fraction."""
    if len(source) > LONGEST:
        return source
    try:
        return _Speech(_TOKEN.findall(source)).all()
    except RecursionError:
        return source


class _Speech:
    """Reads the tokens of a formula once, from left to right."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def all(self) -> str:
        """Return all of it in words. A closing brace too many is passed over."""
        parts: list[str] = []
        while self._at < len(self._tokens):
            parts += self._until_closed()
            self._at += 1
        return " ".join(filter(None, parts))

    def _until_closed(self) -> list[str]:
        """Return the words up to the brace that closes a group, or up to the end."""
        parts: list[str] = []
        while self._at < len(self._tokens) and self._tokens[self._at] != "}":
            sign = self._tokens[self._at]
            if sign in "^_" and parts:
                self._at += 1
                parts.append(_with_script(parts.pop(), sign, self._argument()))
            else:
                parts.append(self._argument())
                if not parts[-1]:
                    parts.pop()
        return parts

    def _argument(self) -> str:
        """Return the next group, command or sign in words."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        if self._at >= len(self._tokens) or self._tokens[self._at] == "}":
            return ""
        sign = self._tokens[self._at]
        self._at += 1
        if sign == "{" or sign.startswith("\\"):
            self._depth += 1
            if self._depth > DEEPEST:
                raise RecursionError
            said = self._group() if sign == "{" else self._command(sign)
            self._depth -= 1
            return said
        return tr("minus") if sign == "-" else _SIGNS.get(sign, "" if sign in _SILENT else sign)

    def _group(self) -> str:
        said = " ".join(self._until_closed())
        self._at += 1
        return said

    def _command(self, name: str) -> str:
        if name in _SILENT:
            return ""
        if name in _NAMED or name.startswith(_WORDS):
            said = self._as_written()
            return "" if name in _NAMED else said
        match name:
            case r"\frac" | r"\dfrac" | r"\tfrac":
                return tr("{a} over {b}", a=self._argument(), b=self._argument())
            case r"\sqrt":
                return tr("square root of {a}", a=self._argument())
            case r"\sum":
                return tr("sum")
            case r"\int":
                return tr("integral")
            case _:
                return _SIGNS.get(name, name[1:] if len(name) > 2 and not name.startswith(_STYLES) else "")

    def _as_written(self) -> str:
        """Return the text of the next group, in which letters belong together."""
        if self._tokens[self._at : self._at + 1] != ["{"]:
            return ""
        start, depth = self._at + 1, 1
        self._at = start
        while self._at < len(self._tokens) and depth:
            depth += {"{": 1, "}": -1}.get(self._tokens[self._at], 0)
            self._at += 1
        words = (each for each in self._tokens[start : self._at] if each not in "{}")
        return "".join(words).strip()


def _with_script(base: str, sign: str, script: str) -> str:
    if sign == "_":
        return tr("{a} sub {b}", a=base, b=script)
    if script == "2":
        return tr("{a} squared", a=base)
    if script == "3":
        return tr("{a} cubed", a=base)
    return tr("{a} to the power of {b}", a=base, b=script)
