"""Letters and digits of a kind, bold or with double lines, as the library of formulas can draw them; pure."""

from __future__ import annotations

import re

_SPELLED = re.compile(r"[A-Za-z, ]+")
BOLD = "𝟎"
KINDS = {
    **dict.fromkeys((r"\mathbb", r"\Bbb", r"\mathds", r"\mathbbm"), (r"\mathbb", "𝟘")),
    **dict.fromkeys((r"\mathbf", r"\bold"), (r"\mathbf", BOLD)),
    r"\boldsymbol": (r"\boldsymbol", BOLD),
    r"\bm": (r"\bm", BOLD),
    r"\mathsf": (r"\mathsf", "𝟢"),
    r"\mathtt": (r"\mathtt", "𝟶"),
}
"""Commands for letters of a kind: the library's own, and the nought of that kind."""


def of_kind(command: str, argument: str, zero: str) -> str:
    """Letters of a kind, one by one: of several the library makes italics. It knows no digits of a kind."""
    argument = digits(argument, zero)
    if len(argument) < 2 or not argument.isascii() or not _SPELLED.fullmatch(argument):
        return rf"{command}{{{argument}}}"
    return "{" + "".join(rf"{command}{{{each}}}" if each.isalpha() else each for each in argument) + "}"


def digits(argument: str, zero: str) -> str:
    """An argument with digits of another kind, where it is no more than signs: a command's numbers stay."""
    if "\\" in argument:
        return argument
    return "".join(chr(ord(zero) + int(each)) if each in "0123456789" else each for each in argument)
