"""A prompt as it is typed, sent and given back: its text, and the files that go with it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from desktop.domain.message_parts import FilePart, ImagePart


class Prompt(Struct, frozen=True):
    """Nothing where it has neither text nor files."""

    text: str = ""
    files: tuple[ImagePart | FilePart, ...] = ()
    behind: tuple[Prompt, ...] = ()
    """Of a draft: prompts that were given back and stand beside the field, in the order in which they were sent."""

    def __bool__(self) -> bool:
        return bool(self.text or self.files or self.behind)

    @property
    def each(self) -> tuple[Prompt, ...]:
        """The prompts of a draft, each by itself."""
        typed = Prompt(self.text, self.files)
        return (*((typed,) if typed else ()), *self.behind)

    def followed_by(self, prompts: Iterable[Prompt]) -> Prompt:
        """This draft with prompts that were given back: the first stands in the field where nothing does."""
        first, *behind = (*self.each, *prompts) or (Prompt(),)
        return Prompt(first.text, first.files, tuple(behind))

    def before(self, typed: Prompt) -> Prompt:
        """This one, given back, before what was typed since; once where that is the same."""
        if not typed or typed == self or typed.begins_with(self):
            return typed or self
        text = "\n\n".join(filter(None, (self.text, typed.text)))
        known = {each.sha256 for each in self.files}
        files = (*self.files, *(each for each in typed.files if each.sha256 not in known))
        return Prompt(text, files, typed.behind)

    def begins_with(self, other: Prompt) -> bool:
        """Whether another one stands in it as it was, before whatever else was typed."""
        if not other:
            return True
        text = self.text == other.text or not other.text or self.text.startswith(f"{other.text}\n\n")
        return text and self.files[: len(other.files)] == other.files
