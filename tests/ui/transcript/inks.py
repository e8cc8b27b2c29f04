"""Colours of code at once and in this process, for tests that have no loop."""

from __future__ import annotations

from desktop.renderer.highlight import coloured
from desktop.renderer.render_wire import CodeReply, CodeRequest
from ui.transcript.code_colours import CodeColours, Wish


class AtOnce(CodeColours):
    """Grants each wish before it returns."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[CodeRequest] = []

    def known(self, request: CodeRequest) -> CodeReply | None:
        return coloured(request)

    def want(self, wish: Wish) -> None:
        while (request := wish.request()) is not None:
            self.asked.append(request)
            wish.take(request, coloured(request))
