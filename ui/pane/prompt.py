"""A prompt as it is typed, sent and given back: its text, and the files that go with it."""

from __future__ import annotations

from msgspec import Struct

from desktop.message_parts import FilePart, ImagePart


class Prompt(Struct, frozen=True):
    """Nothing where it has neither text nor files."""

    text: str = ""
    files: tuple[ImagePart | FilePart, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.files)

    def before(self, typed: Prompt) -> Prompt:
        """This one, given back, before what was typed since; once where that is the same."""
        if not typed or typed == self or typed.begins_with(self):
            return typed or self
        text = "\n\n".join(filter(None, (self.text, typed.text)))
        known = {each.sha256 for each in self.files}
        return Prompt(text, (*self.files, *(each for each in typed.files if each.sha256 not in known)))

    def begins_with(self, other: Prompt) -> bool:
        """Whether another one stands in it as it was, before whatever else was typed."""
        if not other:
            return True
        text = self.text == other.text or not other.text or self.text.startswith(f"{other.text}\n\n")
        return text and self.files[: len(other.files)] == other.files
