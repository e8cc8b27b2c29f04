"""Colours of code and drawings of formulas at once and in this process, for tests that have no loop."""

from __future__ import annotations

from functools import cache

from desktop.renderer.formula_drawing import drawn
from desktop.renderer.highlight import coloured
from desktop.renderer.render_wire import CodeReply, CodeRequest, FormulaReply, FormulaRequest, Request
from ui.transcript.text.drawings import Drawings, Wish


class AtOnce(Drawings):
    """Grants each wish before it returns; formulas are known before they are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[CodeRequest] = []

    def coloured(self, request: CodeRequest) -> CodeReply | None:
        return coloured(request)

    def drawn(self, request: FormulaRequest) -> FormulaReply | None:
        return _drawn(request)

    def is_settled(self, request: Request) -> bool:
        return isinstance(request, FormulaRequest)

    def want(self, wish: Wish) -> None:
        while (request := wish.request()) is not None:
            assert isinstance(request, CodeRequest)
            self.asked.append(request)
            wish.take(request, coloured(request))


@cache
def _drawn(request: FormulaRequest) -> FormulaReply | None:
    try:
        return drawn(request)
    except Exception:  # noqa: BLE001 - as the child does
        return None
