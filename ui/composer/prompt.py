"""A prompt with its attachments, as typed, sent and returned."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from desktop.domain.message_parts import FilePart, ImagePart


class Prompt(Struct, frozen=True):
    """Text and files; false if it has neither."""

    text: str = ""
    files: tuple[ImagePart | FilePart, ...] = ()
    behind: tuple[Prompt, ...] = ()
    """Returned prompts beside the field, in the order in which they were sent. Only drafts have them."""

    def __bool__(self) -> bool:
        return bool(self.text or self.files or self.behind)

    @property
    def each(self) -> tuple[Prompt, ...]:
        """The separate prompts of a draft."""
        typed = Prompt(self.text, self.files)
        return (*((typed,) if typed else ()), *self.behind)

    def followed_by(self, prompts: Iterable[Prompt]) -> Prompt:
        """Return this draft with returned prompts appended; the first fills an empty field."""
        first, *behind = (*self.each, *prompts) or (Prompt(),)
        return Prompt(first.text, first.files, tuple(behind))

    def before(self, typed: Prompt) -> Prompt:
        """Merge this returned prompt with text typed since, without duplicating it."""
        if not typed or typed == self or typed.begins_with(self):
            return typed or self
        text = "\n\n".join(filter(None, (self.text, typed.text)))
        known = {each.sha256 for each in self.files}
        files = (*self.files, *(each for each in typed.files if each.sha256 not in known))
        return Prompt(text, files, typed.behind)

    def begins_with(self, other: Prompt) -> bool:
        """Whether another prompt forms the beginning of this one."""
        if not other:
            return True
        text = self.text == other.text or not other.text or self.text.startswith(f"{other.text}\n\n")
        return text and self.files[: len(other.files)] == other.files
