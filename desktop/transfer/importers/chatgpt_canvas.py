"""ChatGPT's canvas: documents beside the chat, which it makes and changes by calls with JSON in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from desktop.message_parts import Part, TextPart
from desktop.transfer.import_drafts import fenced
from desktop.transfer.import_losses import Lost
from desktop.transfer.loose_json import Unreadable, decode, table, tables, text

_LONGEST_NAME = 200


class CanvasDocuments:
    """The documents of one conversation, as far as changes to them can be told."""

    def __init__(self) -> None:
        self._name = ""
        self._kind = ""

    def parts(self, recipient: str, said: str, lost: Counter[Lost]) -> list[Part]:
        """What a call says as part of the answer: a document, or one that was written anew."""
        try:
            call = table(decode(said.encode("utf-8", "surrogatepass")))
        except Unreadable:
            call = table(None)
        match recipient:
            case "canmore.create_textdoc" if text(call.get("content")):
                self._name, self._kind = text(call.get("name")), text(call.get("type"))
                return self._shown([text(call.get("content"))])
            case "canmore.update_textdoc":
                updates = tables(call.get("updates"))
                # A pattern is another's expression, and is not run; this one stands for all of the document.
                anew = [text(each.get("replacement")) for each in updates if each.get("pattern") == ".*"]
                lost[Lost.CANVAS] += max(len(updates), 1) - len(anew)
                return self._shown(anew)
            case "canmore.comment_textdoc":
                lost[Lost.TOOL] += 1
            case _:
                lost[Lost.CANVAS] += 1
        return []

    def _shown(self, documents: Sequence[str]) -> list[Part]:
        name = " ".join(self._name.replace("*", "").split())[:_LONGEST_NAME]
        language = self._kind.removeprefix("code").removeprefix("/")
        found: list[Part] = []
        for document in documents:
            is_code = self._kind.startswith("code")
            body = fenced(document, language if language.isalnum() else "") if is_code else document
            found.append(TextPart(text=f"**{name}**\n\n{body}" if name else body))
        return found
