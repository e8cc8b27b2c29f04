"""A prompt with its attachments, whether typed, sent or returned."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from desktop.domain.message_parts import FilePart, ImagePart


class Prompt(Struct, frozen=True):
    """Text and attachments of a prompt; falsy if it has neither."""

    text: str = ""
    files: tuple[ImagePart | FilePart, ...] = ()
    behind: tuple[Prompt, ...] = ()
    """Returned prompts in the strip, in the order in which they were sent. Only drafts have them."""

    def __bool__(self) -> bool:
        return bool(self.text or self.files or self.behind)

    @property
    def each(self) -> tuple[Prompt, ...]:
        """The prompts of a draft: the typed one, if any, and the returned ones."""
        typed = Prompt(self.text, self.files)
        return (*((typed,) if typed else ()), *self.behind)

    def followed_by(self, prompts: Iterable[Prompt]) -> Prompt:
        """Return this draft with returned prompts appended. The first one fills the field if it is empty."""
        first, *behind = (*self.each, *prompts) or (Prompt(),)
        return Prompt(first.text, first.files, tuple(behind))

    def before(self, typed: Prompt) -> Prompt:
        """Return this returned prompt followed by what was typed since, without duplicating anything."""
        if not typed or typed == self or typed.begins_with(self):
            return typed or self
        text = "\n\n".join(filter(None, (self.text, typed.text)))
        known = {each.sha256 for each in self.files}
        files = (*self.files, *(each for each in typed.files if each.sha256 not in known))
        return Prompt(text, files, typed.behind)

    def begins_with(self, other: Prompt) -> bool:
        """Whether this prompt begins with another one."""
        if not other:
            return True
        text = self.text == other.text or not other.text or self.text.startswith(f"{other.text}\n\n")
        return text and self.files[: len(other.files)] == other.files
