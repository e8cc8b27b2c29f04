"""What the library of formulas makes of single signs, put right: which of them stretch, and how high all may be."""

from __future__ import annotations

from typing import Any

_LARGE = frozenset("∑∏∐∫∬∭∮∯∰⋃⋂⋁⋀⨁⨂⨀⨄⨆⨅⨉")
_FENCES = frozenset("|‖⌊⌋⌈⌉⟨⟩")

_LEAF, _LARGE_LEAF, _GAP = 1.6, 3.2, 1.0
"""Times the font's size: the most that a sign may be high, that a large operator may, and what lies between parts."""

_FENCE, _ADDED = 1.4, 1.2
"""A fence is so much higher than what it holds, at most."""

_LETTERS = {"sans-serif": (0x1D5A0, 0x1D5BA), "monospace": (0x1D670, 0x1D68A)}
"""Where Unicode has the capital and the small letters of kinds that the library does not know by these names."""


def put_right(element: Any) -> None:  # noqa: ANN401 - untyped library
    """Operators have one large size, bars that nothing makes larger one size, and letters the kind asked for."""
    text = (element.text or "").strip()
    plain_fence = element.tag == "mi" and text in _FENCES
    if text and (plain_fence or text in _LARGE):
        element.attrib["stretchy"] = "false"
    letters = _LETTERS.get(element.attrib.get("mathvariant", ""))
    if letters is not None and text:
        element.text = "".join(_letter(each, *letters) for each in text)
        element.attrib["mathvariant"] = "normal"


def _letter(sign: str, capital: int, small: int) -> str:
    if "A" <= sign <= "Z":
        return chr(capital + ord(sign) - ord("A"))
    return chr(small + ord(sign) - ord("a")) if "a" <= sign <= "z" else sign


def most_high(element: Any) -> float:  # noqa: ANN401 - untyped library
    """How high a drawing may be, times its font's size: the parts that may lie above each other."""
    parts = [*map(most_high, element)]
    text = (element.text or "").strip()
    minimum = element.attrib.get("minsize", "")
    match element.tag:
        case "mo" | "mi" | "mn" | "mtext":
            own = float(minimum.removesuffix("em")) * _FENCE if minimum.endswith("em") else 0.0
            return max(_LARGE_LEAF if text in _LARGE else _LEAF, own + _ADDED)
        case "mfrac" | "munder" | "mover" | "munderover" | "msub" | "msup" | "msubsup" | "mtable":
            return sum(parts) + _GAP * len(parts)
        case "msqrt" | "mroot" | "menclose":
            return sum(parts) * _FENCE + _ADDED
        case "mspace":
            return _LEAF
        case _:
            broken = any(each.attrib.get("linebreak") == "newline" for each in element)
            inner = sum(parts) + _GAP * len(parts) if broken else max(parts, default=0.0)
            stretches = any(each.tag == "mo" and each.attrib.get("stretchy") != "false" for each in element)
            return inner * _FENCE + _ADDED if stretches else inner


def keep_boxes() -> None:
    """Have operators that are left out where a row is measured know their own box where there is no row to measure.

    The library leaves them the box that it begins with, two thousand pixels high, and fences grow to it.
    """
    from ziafont.fonttypes import BBox
    from ziamath.nodes.moperator import Moperator

    library: Any = Moperator
    box: Any = BBox

    def setup(self: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the library has it
        """As the library does, and a box of its own where it stands in no row with others."""
        library._setup(self, **kwargs)  # noqa: SLF001 - what its classes share
        if self.bbox.ymin <= self.bbox.ymax:
            return
        if self.nodes and self.parent.mtag == "mrow" and any(each.tag != "mo" for each in self.parent.element):
            return
        low = min((each.bbox.ymin for each in self.nodes), default=0)
        high = max((each.bbox.ymax for each in self.nodes), default=0)
        self.bbox = box(self.bbox.xmin, self.bbox.xmax, low, high)

    type("Operator", (library,), {"_setup": setup}, tag="mo")  # the library finds it by its tag
