"""What documents of text want of the render child: colours of code within them, and formulas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from weakref import ref

from PySide6.QtGui import QTextDocument

from desktop.renderer.render_wire import CodeReply, CodeRequest, FormulaRequest, Reply, Request


class InnerCodeWish:
    """Code within a list, a quote or a note that wants its colours; `again` writes its document when they came."""

    lasting = True

    def __init__(self, again: Callable[[QTextDocument], None], document: QTextDocument, request: CodeRequest) -> None:
        self._again = again
        self._document = ref(document)
        self._request: CodeRequest | None = request

    def request(self) -> CodeRequest | None:
        """What it wants, once."""
        return self._request if self._document() is not None else None

    def take(self, request: Request, reply: Reply | None) -> None:
        """Have the whole block written again."""
        del request
        self._request = None
        document = self._document()
        if document is not None and isinstance(reply, CodeReply) and reply.lines:
            self._again(document)


class FormulasWish:
    """Formulas of a document that are not drawn yet; `again` writes it when all of them came or were refused."""

    lasting = True

    def __init__(
        self, again: Callable[[QTextDocument], None], document: QTextDocument, requests: Sequence[FormulaRequest]
    ) -> None:
        self._again = again
        self._document = ref(document)
        self._requests = [*dict.fromkeys(requests)]

    def request(self) -> FormulaRequest | None:
        """The next of them."""
        return self._requests[0] if self._requests and self._document() is not None else None

    def take(self, request: Request, reply: Reply | None) -> None:
        """Have the document written again with what came, at once for all of its formulas."""
        del request, reply
        self._requests.pop(0)
        document = self._document()
        if not self._requests and document is not None:
            self._again(document)
