"""LaTeX as the library of formulas can draw it: rewritten where it has other words, refused where it has none; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import partial

from desktop.renderer.chemistry import spelled
from desktop.renderer.latex_text import SIGN, NotDrawn, opens_formula, plain_text
from desktop.renderer.latex_words import (
    BIG,
    CLASSES,
    CLOSING,
    DELIMITERS,
    EMS,
    ENVIRONMENTS,
    FULL_WIDTH,
    LEADING,
    LIMITS,
    MARKS,
    NAMED,
    NEGATED,
    OPENING,
    SAME,
    SIMPLE,
    SPACES,
    TEXTS,
)
from desktop.renderer.letter_kinds import BOLD, KINDS, digits, of_kind

MOST_NESTED = 40
"""Groups that may lie in each other."""


_DISTANCE = re.compile(r"\[\s?-?(?:\d{1,3}(?:\.\d{0,3})?|\.\d{1,3})\s?(?:pt|em|ex|mm|cm|in|px|mu|bp|pc|sp)\s?\]")
_LONGEST_DISTANCE = 16
_LENGTH = re.compile(r"(-?\d{0,3}\.?\d{1,3}) ?([a-z]{2})")
_LETTERS = re.compile(r"[A-Za-z ]+")
_COLOUR = re.compile(r"[A-Za-z]{3,20}|#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")


_SIDE = re.compile(r"\\cfrac\s?\[[lcr]\]")
_GROUP = r"\s?\{((?:[^{}]|\{[^{}]{0,100}\}){0,200})\}"
_STACKED = re.compile(rf"\\stackrel\s?\[([^\[\]{{}}]{{0,100}})\](?:{_GROUP}{_GROUP})?")

_DIVIDING = frozenset((r"\over", r"\atop", r"\choose"))
"""Commands that divide all that stands before them in a group or a cell from all that follows."""


def drawable(source: str, symbols: Collection[str], *, display: bool = False) -> str:
    """The same formula in the library's words; `symbols` are commands for single signs. Raises NotDrawn."""
    if "%" in re.sub(r"\\.", "", source):
        raise NotDrawn("a comment")
    source = _STACKED.sub(_stacked, _SIDE.sub(r"\\cfrac", source))
    signs: list[str] = SIGN.findall(source)
    if display and _is_aligned(signs):
        signs = [*SIGN.findall(r"\begin{aligned}"), *signs, *SIGN.findall(r"\end{aligned}")]
    rewriter = _Rewriter(signs, symbols, display=display)
    rewritten = rewriter.sequence("")
    if not rewritten.strip():
        raise NotDrawn("nothing")
    return rewritten + rewriter.number


def _stacked(found: re.Match[str]) -> str:
    """A sign with what stands above it, and below it in brackets."""
    if found[2] is None:
        raise NotDrawn("groups in each other")
    return rf"\underset{{{found[1]}}}{{\overset{{{found[2]}}}{{{found[3]}}}}}"


def _is_aligned(signs: Sequence[str]) -> bool:
    r"""Whether a formula of several lines has its columns without the environment that makes them: `a &= b \\ &= c`."""
    depth = 0
    for sign in signs:
        depth += {r"\begin": 1, "{": 1, r"\end": -1, "}": -1}.get(sign, 0)
        if sign == "&" and depth == 0:
            return True
    return False


class _Rewriter:
    def __init__(self, tokens: list[str], symbols: Collection[str], *, display: bool) -> None:
        self._signs = tokens
        self._at = 0
        self._symbols = symbols
        self._display = display
        self._depth = self._scripts = 0
        self.number = ""
        """What the formula is called, which stands behind it wherever it is written."""
        self._rewrites: dict[str, Callable[[], str]] = {
            "{": self._group,
            r"\begin": self._environment,
            r"\left": lambda: rf"\left{self._delimiter()} " + self.sequence(r"\right") + rf"\right{self._delimiter()} ",
            r"\middle": lambda: rf"\middle{self._delimiter()} ",
            r"\not": self._negated,
            r"\operatorname": lambda: self._operator(below=False),
            r"\operatorname*": lambda: self._operator(below=True),
            r"\mathop": lambda: self._operator(below=True),
            **{name: partial(self._operator, word, below=True) for name, word in LIMITS.items()},
            **{name: partial(self._operator, name[1:], below=False) for name in NAMED},
            r"\arg": self._arg,
            r"\bra": lambda: rf"\langle {{{self._fenced()}}}| ",
            r"\ket": lambda: rf"| {{{self._fenced()}}}\rangle ",
            r"\braket": self._braket,
            r"\abs": lambda: rf"\left| {{{self._fenced()}}}\right| ",
            r"\norm": lambda: rf"\left\Vert {{{self._fenced()}}}\right\Vert ",
            r"\substack": lambda: rf"{{\substack{{{self.argument()}}}}}",  # alone: else all behind it is its last row
            r"\hspace": self._space,
            r"\hspace*": self._space,
            r"\binom": self._binomial,
            r"\dbinom": self._binomial,
            r"\tbinom": self._binomial,
            r"\pmod": lambda: rf"\quad(\mathrm{{mod}}\;{{{self.argument()}}})",
            r"\mod": lambda: rf"\quad\mathrm{{mod}}\;{{{self.argument()}}}",
            r"\pod": lambda: rf"\quad({{{self.argument()}}})",
            r"\tag": lambda: self._numbered(rf"\qquad\text{{({plain_text(self._raw())})}}"),
            r"\tag*": lambda: self._numbered(rf"\qquad\text{{{plain_text(self._raw())}}}"),
            r"\label": lambda: self._raw()[:0],
            r"\ce": self._chemical,
            r"\color": self._coloured,
            r"\textcolor": lambda: rf"{{\color{{{self._colour()}}}{{{self.argument()}}}}}",
            **dict.fromkeys(CLASSES, lambda: "{" + self.argument() + "}"),
            **{name: partial(self._lettered, *how) for name, how in KINDS.items()},
            r"\\": self._line_end,
            r"\pmb": lambda: rf"\boldsymbol{{{digits(self.argument(), BOLD)}}}",
        }

    def sequence(self, closing: str) -> str:
        """What follows up to a closing sign, which is taken."""
        self._depth += 1
        if self._depth > MOST_NESTED:
            raise NotDrawn("too deep")
        parts: list[str] = []
        before, cell, divided = "", 0, False
        while (sign := self._next()) != closing:
            if sign in ("&", r"\\") and closing == r"\end":
                _close_cell(parts, cell, divided=divided)
                cell, divided = len(parts) + 1, False
            divided = divided or sign in _DIVIDING
            if not sign or sign in ("}", r"\right", r"\end"):
                raise NotDrawn("what is open does not close")
            if sign in ("_", "^", "'") and before in ("", "&", r"\\"):
                parts.append("{}")  # an index before its sign: the library hangs it on the end of the cell before
            is_script = before in ("_", "^")
            self._scripts += is_script
            made = self._taken(sign)
            self._scripts -= is_script
            divided = divided or made.startswith(r"\color")  # for the rest of the cell
            parts.append(self._spaced(sign, made, before))
            before = before if sign.isspace() else sign
        self._depth -= 1
        _close_cell(parts, cell, divided=divided and closing == r"\end")
        if closing == r"\end" and cell and parts[cell - 1] == "&" and not "".join(parts[cell:]).strip():
            parts.append("{}")  # the library leaves a row out whose last cell is empty
        return "".join(parts)

    def _spaced(self, sign: str, made: str, before: str) -> str:
        """A sign with the space that TeX gives it and the library does not: none behind a leading minus."""
        opened = before in OPENING
        if sign in LEADING and opened:
            return f"{{{made}}}"
        space = SPACES.get(sign, "")
        following = next((each for each in self._signs[self._at :] if not each.isspace()), "")
        if not space or opened or self._scripts or following in CLOSING or before in ("_", "^"):
            return made
        return f"{space} {made} {space} "

    def _line_end(self) -> str:
        r"""The end of a line, without what LaTeX takes with it: a star, a distance in brackets (`\\[4pt]`)."""
        if self._peek() == "*":
            self._next()
        if self._peek() == "[":
            distance = "".join(self._signs[self._at : self._at + _LONGEST_DISTANCE])
            if found := _DISTANCE.match(distance):
                self._at += len(found[0])
        return r"\\ "

    def argument(self) -> str:
        """What a command takes: a group, else one sign."""
        sign = self._skipped()
        if sign == "{":
            return self.sequence("}")
        if not sign or sign in ("}", "&", r"\\", "_", "^"):
            raise NotDrawn("an argument is missing")
        return self._taken(sign)

    def _fenced(self) -> str:
        """What stands between fences that grow with it, and do so without the star as well."""
        while self._peek() == "*" or self._peek().isspace():
            self._next()
        if self._peek() == "[":
            raise NotDrawn("fences of a size")
        return self.argument()

    def _taken(self, sign: str) -> str:
        if sign in self._rewrites:
            return self._rewrites[sign]()
        if sign in BIG:
            return rf"{sign}{self._delimiter()} "
        if sign in TEXTS:
            return self._text_in(r"\text" if sign in (r"\mbox", r"\hbox") else sign)
        if sign in SAME:
            return SAME[sign] + ("" if sign == "~" else " ")
        if sign in ("|", r"\|"):
            return f"{sign} "  # else the library makes one sign, or others, of two
        if sign.startswith("\\") and sign not in SIMPLE and sign not in MARKS and sign not in self._symbols:
            raise NotDrawn(sign)
        if sign in ("$", "#", "\0"):
            raise NotDrawn(sign)
        return FULL_WIDTH.get(sign, sign)

    def _group(self) -> str:
        at = self._at
        if self._skipped() == r"\bf":
            return of_kind(r"\mathbf", self.sequence("}").strip(), BOLD)
        self._at = at
        return "{" + self.sequence("}") + "}"

    def _numbered(self, number: str) -> str:
        if self._depth > 1:
            return number
        self.number = number
        return ""

    def _next(self) -> str:
        sign = self._signs[self._at] if self._at < len(self._signs) else ""
        self._at += 1
        return sign

    def _peek(self) -> str:
        return self._signs[self._at] if self._at < len(self._signs) else ""

    def _skipped(self) -> str:
        """The next sign that is no space."""
        sign = self._next()
        return self._next() if sign.isspace() else sign

    def _delimiter(self) -> str:
        sign = self._skipped()
        if sign not in DELIMITERS:
            raise NotDrawn(f"no delimiter: {sign}")
        return DELIMITERS[sign]

    def _raw(self) -> str:
        """A group as it was written, without groups in it."""
        if self._skipped() != "{":
            raise NotDrawn("no group")
        parts: list[str] = []
        while (sign := self._next()) != "}":
            if not sign or sign == "{":
                raise NotDrawn("a group within text")
            parts.append(sign)
        return "".join(parts)

    def _text_in(self, command: str) -> str:
        """A command's group of text, with the formulas between dollars that stand in it."""
        if self._skipped() != "{":
            raise NotDrawn("no group")
        made: list[str] = []
        words: list[str] = []
        while (sign := self._next()) != "}":
            if not sign or sign == "{":
                raise NotDrawn("a group within text")
            if sign != "$" or not opens_formula(self._signs, self._at):
                words.append(r"\$" if sign == "$" else sign)  # an amount
                continue
            made += [f"{command}{{{plain_text(''.join(words))}}}"] if words else []
            made.append(f"{{{self.sequence('$')}}}")
            words = []
        made += [f"{command}{{{plain_text(''.join(words))}}}"] if words else []
        return f"{{{''.join(made)}}}" if len(made) > 1 else "".join(made)

    def _colour(self) -> str:
        colour = self._raw()
        if not _COLOUR.fullmatch(colour):
            raise NotDrawn("no colour")
        return colour

    def _coloured(self) -> str:
        """A colour for the group behind it, as most that write it mean, else for all that follows."""
        colour = self._colour()
        return rf"{{\color{{{colour}}}{{{self.argument()}}}}}" if self._peek() == "{" else rf"\color{{{colour}}}"

    def _lettered(self, command: str, zero: str) -> str:
        return of_kind(command, self.argument(), zero)

    def _braket(self) -> str:
        first = self._fenced()
        second = f"| {{{self.argument()}}}" if self._peek() == "{" else ""
        return rf"\langle {{{first}}}{second}\rangle "

    def _space(self) -> str:
        """A distance, by the spaces that the library has."""
        found = _LENGTH.fullmatch(self._raw().strip())
        if found is None or found[2] not in EMS:
            raise NotDrawn("no distance")
        tenths = max(min(round(float(found[1]) * EMS[found[2]] * 10), 100), 0)
        return r"\quad " * (tenths // 10) + r"\; " * (tenths % 10 // 3)

    def _chemical(self) -> str:
        if self._skipped() != "{":
            raise NotDrawn("no group")
        parts: list[str] = []
        depth = 1
        while depth:
            if not (sign := self._next()):
                raise NotDrawn("what is open does not close")
            depth += {"{": 1, "}": -1}.get(sign, 0)
            parts.append(sign)
        made = spelled("".join(parts[:-1]).strip())
        if not made:
            raise NotDrawn("chemistry")
        return "{" + made + "}"

    def _binomial(self) -> str:
        above, below = self.argument(), self.argument()
        return rf"\left({{{{{above}}}\atop{{{below}}}}}\right)"

    def _negated(self) -> str:
        sign = self._skipped()
        if sign == "{":
            sign = self._raw_rest()
        negated = NEGATED.get(sign)
        if negated is None or (negated not in self._symbols and negated != r"\neq"):
            raise NotDrawn(f"not {sign}")
        return negated + " "

    def _raw_rest(self) -> str:
        parts: list[str] = []
        while (sign := self._next()) != "}":
            if not sign:
                raise NotDrawn("what is open does not close")
            parts.append(sign)
        return "".join(parts).strip()

    def _operator(self, word: str = "", *, below: bool) -> str:
        """A word as an operator; what stands under one that takes it so where the formula has room for it."""
        inner = word or self.argument()
        name = rf"\operatorname{{{inner}}}" if _LETTERS.fullmatch(inner) else rf"\mathrm{{{inner}}}"
        if not inner.strip():
            raise NotDrawn("an operator without a name")
        forced = False
        while self._peek().isspace() or self._peek() in (r"\limits", r"\nolimits"):
            sign = self._next()
            forced = forced or sign == r"\limits"
            below = below and sign != r"\nolimits"
        if not (below and self._display) and not forced:
            return f"{{{name}}}"
        made = name
        while self._peek() in ("_", "^"):
            made = rf"\{'underset' if self._next() == '_' else 'overset'}{{{self.argument()}}}{{{made}}}"
            while self._peek().isspace():
                self._next()
        return f"{{{made}}}"

    def _arg(self) -> str:
        """The argument; with a maximum or minimum behind it one operator of two words."""
        at = self._at
        sign = self._skipped()
        if sign in (r"\max", r"\min"):
            made = self._operator(rf"arg\,{sign[1:]}", below=True)
        else:
            self._at = at
            made = self._operator("arg", below=False)
        following = next((each for each in self._signs[self._at :] if not each.isspace()), "")
        return made + (r"\," if following[-1:].isalnum() else "")

    def _environment(self) -> str:
        name = self._raw()
        if name in ("equation", "equation*"):
            inner = self._until_end(name)
            return "{" + inner + "}"
        known = ENVIRONMENTS.get(name)
        if known is None:
            raise NotDrawn(f"environment {name}")
        columns = "{rcl}" if name in ("eqnarray", "eqnarray*") else ""
        if name == "array":
            columns = self._raw().replace(" ", "")
            if not re.fullmatch(r"[lcr]+", columns):
                raise NotDrawn("lines between columns")
            columns = "{" + columns + "}"
        made = rf"\begin{{{known}}}{columns}" + self._until_end(name) + rf"\end{{{known}}}"
        if name in ("rcases", "drcases"):
            made = rf"\left. {made}\right\}} "
        following = next((each for each in self._signs[self._at :] if not each.isspace()), "")
        return "{" + made + "}" if following in ("^", "_") else made  # the library raises only what stands last

    def _until_end(self, name: str) -> str:
        inner = self.sequence(r"\end")
        if self._raw() != name:
            raise NotDrawn("another environment ends")
        return inner


def _close_cell(parts: list[str], start: int, *, divided: bool) -> None:
    r"""Put a cell whose fraction is written by `\over` in a group: to the library it would be the whole table's."""
    if divided:
        parts[start:] = ["{", *parts[start:], "}"]
