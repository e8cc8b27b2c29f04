"""Row of one message: its content, its accessible text and its slabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.domain.conversation_types import Message, Problem, Role, Status
from desktop.domain.events import RetryWait
from desktop.domain.message_parts import TextPart, ToolCallPart
from desktop.text.phrases import phrase
from ui.base.strings import decimal, number_text, tr, trn
from ui.transcript.message.body_slab import BodySlab
from ui.transcript.message.card_slab import CardSlab
from ui.transcript.message.row_slabs import RowSlabs
from ui.transcript.message.segment_builder import SegmentBuilder
from ui.transcript.message.shown import ONLY_VERSION, Version
from ui.transcript.message.slabs import Slab, guess
from ui.transcript.message.tool_card import ToolCard, card_of, placed_cards, text_pieces
from ui.transcript.text.look import Look

if TYPE_CHECKING:
    from desktop.domain.message_parts import FilePart, ImagePart, ToolResultPart
    from desktop.markdown.blocks import Block
    from ui.transcript.message.section_folds import SectionFolds
    from ui.transcript.message.spoken_blocks import SpokenBlocks, SpokenPart

LONGEST_PLAIN = 20_000
"""Maximum length of a message that is converted to plain text; longer ones would take too long."""

LONGEST_STRUCTURED = 100_000
"""Maximum length of a message of which screen readers are told the blocks; of longer ones they are told the text."""

LONGEST_END = 1_000
"""Maximum length of text added at the end of a response for which the existing layout is reused."""

MOST_NOTICES = 10
"""Maximum number of notices below a message; further ones are only counted."""

_LIKELY_CARD = 38
"""Estimated height of a folded card with the space above it, in pixels."""

_LIKELY_CHROME = 60
"""Estimated height of a row without its text, in pixels."""

_BROKEN = Problem(
    code="interrupted",
    message=phrase("The response was interrupted."),
    hint=phrase("Continue the response, or try again."),
)


@dataclass(eq=False, slots=True, weakref_slot=True)
class Row:
    """A message as displayed. `live` is true while its response streams.

    Creating a row is cheap, because thousands are created at once for a long chat.
    """

    message: Message
    author: str
    builder: SegmentBuilder
    live: bool = False
    branch: Version = ONLY_VERSION
    thought_s: float | None = None
    unfolded: bool = False
    notices: list[str] = field(default_factory=list[str])
    unsaid: int = 0
    """Number of notices that exceed the maximum."""
    wait: RetryWait | None = None
    """Pending retry, which the card below the message shows."""
    footer_height: int = 0
    text: str = field(init=False)
    reasoning: str = field(init=False)
    brief: bool = field(default=False, init=False)
    """Whether the text is collapsed to one line."""
    as_written: bool = field(default=False, init=False)
    """Whether the Markdown source is shown."""
    cards: Sequence[ToolCard] = field(default=(), init=False)
    """The tool calls in the text, in order."""
    parts: RowSlabs = field(init=False)
    _said: tuple[str, str] = field(default=("", ""), init=False)
    _spoken: SpokenBlocks | None = field(default=None, init=False)
    _guessed: tuple[str, int, int] = field(default=("", 0, 0), init=False)
    """Cached estimate of the height, with the text and the width that it is for."""
    _resumes: str | None = field(default=None, init=False)
    """Line ends that arrived since a tool call, before other text did; None if there was no call since the last text.
    """

    def __post_init__(self) -> None:
        parts = self.message.parts
        if len(parts) == 1 and isinstance(said := parts[0], TextPart):  # as most are
            self.text, self.reasoning = said.text, ""
        else:
            self.text, self.reasoning = _told(self.message), self.message.reasoning
            self.cards = () if self.is_prompt else placed_cards(parts)
        self.parts = RowSlabs(self)

    @property
    def id(self) -> str:
        """The message's ID."""
        return self.message.id

    @property
    def look(self) -> Look:
        """Theme and fonts of the row."""
        return self.builder.look

    @property
    def is_prompt(self) -> bool:
        """Whether this is a user message."""
        return self.message.role is Role.USER

    @property
    def problem(self) -> Problem | None:
        """Error of the message. There is one even if the process was terminated before it could record an error."""
        if self.message.problem is not None or self.live or self.is_prompt:
            return self.message.problem
        return _BROKEN if self.message.status in (Status.INTERRUPTED, Status.FAILED) else None

    @property
    def is_broken(self) -> bool:
        """Whether the message is an incomplete response."""
        broken = (Status.STOPPED, Status.FAILED, Status.INTERRUPTED)
        return not self.live and not self.is_prompt and self.message.status in broken

    @property
    def spoken(self) -> str:
        """Accessible text: the message as plain text, notes and error."""
        names = ", ".join(part.name for part in self.own_files)
        attached = tr("Attached: {names}", names=names) if self.own_files else ""
        return "\n".join(filter(None, (attached, self._plain(), self.below)))

    @property
    def heard(self) -> str:
        """Accessible text, including the version and the reasoning."""
        said = [self.spoken]
        if self.reasoning:
            said = [self.fold_text[2:], self.plain(self.reasoning) if self.unfolded else "", *said]
        if self.branch.total > 1:
            said += version_text(self.branch, is_prompt=self.is_prompt)
        return "\n".join(filter(None, said))

    @property
    def below(self) -> str:
        """Notes and the error, which are shown below the text."""
        wrong = f"{tr(self.problem.message)} {tr(self.problem.hint)}".strip() if self.problem is not None else ""
        wrong = wrong or (tr(self.wait.reason) if self.wait is not None else "")
        return "\n".join(filter(None, (self.note, "" if wrong in self.note else wrong)))

    @property
    def version_text(self) -> tuple[str, str]:
        """Version of the message, and the text of a link to the longest other version; both may be empty.

        They are empty if no message follows the longest other version.
        """
        return version_text(self.branch, is_prompt=self.is_prompt) if self.branch.following else ("", "")

    @property
    def files(self) -> Sequence[ImagePart | FilePart]:
        """The message's attachments, followed by the files that tools returned."""
        returned = [part for card in self.cards for part in card.images]
        return (*self.own_files, *returned) if returned else self.message.files

    @property
    def own_files(self) -> Sequence[ImagePart | FilePart]:
        """Attachments that are not the result of a tool call."""
        if not self.cards:
            return self.message.files
        returned = {id(part) for card in self.cards for part in card.images}
        return [part for part in self.message.files if id(part) not in returned]

    @property
    def note(self) -> str:
        """Muted lines below the text."""
        more = [trn("And one more notice.", "And {n} more notices.", self.unsaid)] if self.unsaid else []
        files = (tr(each.sentence) for each in self.message.left_out)
        said = dict.fromkeys((*files, *self.notices, *more, *self._endings()))  # a notice may say the same already
        return "\n".join(said)

    @property
    def fold_text(self) -> str:
        """Text of the line that expands or collapses the reasoning."""
        folded = "▸" if QGuiApplication.layoutDirection() is Qt.LayoutDirection.LeftToRight else "◂"
        mark = "▾" if self.unfolded else folded
        if self.live and not self.text and not self.cards:
            return f"{mark} {tr('Reasoning')}"
        measured = self.message.figures.reasoning_ms if self.message.figures else None
        seconds = measured / 1000 if measured is not None else self.thought_s
        if seconds is None:
            return f"{mark} {tr('Reasoned')}"
        return f"{mark} {tr('Reasoned for {seconds} s', seconds=decimal(seconds, 1))}"

    @property
    def slabs(self) -> Sequence[Slab]:
        """The slabs from top to bottom, created on first use."""
        return self.parts.slabs

    @property
    def folds(self) -> SectionFolds:
        """Which sections of the text are folded."""
        return self.parts.folds

    def parse(self, source: str) -> Sequence[Block]:
        """Return the Markdown blocks of a piece of the row's text."""
        return self.parts.parse(source)

    @property
    def spoken_parts(self) -> Sequence[SpokenPart]:
        """The message's blocks and notes for screen readers; none of a prompt, which is plain text."""
        if self.is_prompt or self.brief or self.as_written or len(self.text) > LONGEST_STRUCTURED:
            return ()
        from ui.transcript.message.spoken_blocks import SpokenKind, SpokenPart

        spoken = self._blocks_spoken()
        if self.cards:
            parts = self._mixed_parts(spoken)
        else:
            parts = spoken.growing(self.parts.blocks) if self.live else spoken.whole(self.text, self.parse)
        return (*parts, SpokenPart(SpokenKind.PARAGRAPH, self.below, self.below)) if self.below else parts

    def plain(self, text: str) -> str:
        """Return a text without Markdown syntax."""
        return self.builder.plain(text, self.builder.definitions("")) if len(text) <= LONGEST_PLAIN else text

    def said(self, text: str) -> str:
        """Return a text for screen readers: without Markdown syntax, and with formulas in words."""
        return self.builder.spoken(text, self.builder.definitions("")) if len(text) <= LONGEST_PLAIN else text

    def take_notice(self, text: str) -> bool:
        """Add a notice, or count it if there are too many. Returns whether to repaint the row."""
        if text in self.notices:
            return False
        if len(self.notices) < MOST_NOTICES:
            self.notices.append(text)
            return True
        self.unsaid += 1
        return self.unsaid & (self.unsaid - 1) == 0  # each time that it doubles; the rest is drawn at the answer's end

    def likely_height(self, width: int) -> int:
        """Return the known or estimated height."""
        if self.parts.made:
            return sum(slab.likely_height(width) for slab in self.parts.made)
        if self.brief:
            return _LIKELY_CHROME + self.footer_height
        text, guessed_width, tall = self._guessed
        if text is not self.text or guessed_width != width:
            tall = guess(self.text, width)
            self._guessed = (self.text, width, tall)
        return _LIKELY_CHROME + tall + _LIKELY_CARD * len(self.cards) + self.footer_height

    def grow(self, text: str, reasoning: str) -> None:
        """Append text and reasoning."""
        if text and self._resumes is not None:
            text = self._resumed(text)
        if text:
            self.text += text
            self.parts.grow(text)
        if reasoning:
            self.reasoning += reasoning
            self.parts.grow_thoughts(reasoning)

    def call_tool(self, call: ToolCallPart) -> ToolCard:
        """Add the card of a call below the text so far, and return it."""
        card = ToolCard(call, len(self.text))
        self.cards = (*self.cards, card)
        self._resumes = ""
        self.parts.interrupt(card)
        return card

    def answer_tool(self, call: ToolCallPart, result: ToolResultPart) -> ToolCard | None:
        """Show the result of a call in its card. Returns the card, or None if the call is unknown."""
        card = card_of(self.cards, call.id)
        if card is not None:
            card.call, card.result, card.waiting = call, result, False
            self.parts.update_card(card)
            if all(each.result is not None for each in self.cards):
                self.parts.await_text()
        return card

    def await_approval(self, call: str, *, waiting: bool) -> ToolCard | None:
        """Set whether a call waits for approval. Returns its card, or None if the call is unknown or has ended."""
        card = card_of(self.cards, call)
        if card is not None:
            card.waiting = waiting
            self.parts.update_card(card)
        return card

    def become(self, message: Message) -> bool:
        """Show the final message. If its text is the same or slightly longer, the layout is reused.

        Returns whether the layout was reused.
        """
        was_live = self.live
        self.message, self.live, self.wait, self._resumes = message, False, None, None
        whole = _told(message)
        text, reasoning = _beyond(whole, self.text), _beyond(message.reasoning, self.reasoning)
        same_cards = self._settle_cards()
        if text is None or reasoning is None or not same_cards or not (was_live or text == reasoning == ""):
            redo = True
        else:
            self.text += text
            if reasoning:
                self.reasoning += reasoning
                self.parts.grow_thoughts(reasoning)
            redo = was_live and self.parts.end_growth(text)
        if redo:
            self.text, self.reasoning = whole, message.reasoning
            self.parts.forget()
        else:
            self.parts.changed()
        return not redo

    def take_place(self, branch: Version, *, brief: bool) -> bool:
        """Set the version, and whether the text is collapsed. Returns whether the row looks different now."""
        around = branch != self.branch or bool(self.footer_height)
        changes = brief is not self.brief or around
        self.branch, self.footer_height = branch, 0
        if brief is not self.brief:
            self.make_brief(on=brief)
        if around:
            self.parts.changed()
        return changes

    def toggle(self) -> None:
        """Expand or collapse the reasoning."""
        self.unfolded = not self.unfolded
        self.parts.fold()

    def make_brief(self, *, on: bool) -> None:
        """Collapse the text to one line, or expand it."""
        if self.brief != on:
            self.brief = on
            self.parts.forget()

    def toggle_source(self) -> None:
        """Switch between Markdown source and formatted text."""
        self.as_written = not self.as_written
        self.parts.forget()

    def texts(self) -> Sequence[tuple[int, str]]:
        """Return the texts before, between and after the cards with LF line ends, and where each begins."""
        return text_pieces(self.text, self.cards)

    def _resumed(self, text: str) -> str:
        """Return text that continues after a tool call, as `words` joins it; empty while it has only line ends."""
        held = (self._resumes or "") + text
        leading = len(held) - len(held.lstrip("\n"))
        if leading == len(held):
            self._resumes = held
            return ""
        self._resumes = None
        trailing = len(self.text) - len(self.text.rstrip("\n"))
        return "\n" * (2 - trailing - leading) + held if self.text else held

    def _settle_cards(self) -> bool:
        """Take over the calls and results of the final message. Returns whether the cards are where they were."""
        made = () if self.is_prompt else placed_cards(self.message.parts)
        before = [(card.at, card.call.id) for card in self.cards]
        if before != [(card.at, card.call.id) for card in made]:
            for card, was in zip(made, self.cards, strict=False):
                if card.call.id == was.call.id:
                    card.unfolded, card.whole = was.unfolded, was.whole
            self.cards = made
            return False
        for card, new in zip(self.cards, made, strict=True):
            card.call, card.result, card.images, card.waiting = new.call, new.result, new.images, False
            self.parts.update_card(card)
        return True

    def _mixed_parts(self, spoken: SpokenBlocks) -> Sequence[SpokenPart]:
        """Return the blocks and cards for screen readers, from top to bottom."""
        if self.live:
            groups = spoken.growing_groups(self._block_groups())
        else:
            groups = spoken.whole_groups([text for _, text in self.texts()], self.parse)
        from ui.transcript.message.spoken_blocks import card_part

        parts: list[SpokenPart] = []
        for number, group in enumerate(groups):
            parts += [card_part(self.cards[number - 1], live=self.live)] if number else []
            parts += group
        return parts

    def _block_groups(self) -> list[list[Block]]:
        """Return the blocks before, between and after the cards."""
        groups: list[list[Block]] = [[]]
        for slab in self.parts.body:
            if isinstance(slab, BodySlab):
                groups[-1] += slab.blocks
            elif isinstance(slab, CardSlab) and slab.kind is None:
                groups.append([])
        return groups

    def _mixed_plain(self) -> str:
        """Return the plain text with the cards as sentences."""
        if self.live:
            said = self._blocks_spoken().group_texts(self._block_groups())
        else:
            known = self.parts.definitions()
            said = [self.builder.spoken(text, known) if text else "" for _, text in self.texts()]
        told = [card.spoken(live=self.live) for card in self.cards]
        following = (piece for pair in zip(told, said[1:], strict=True) for piece in pair)
        return "\n".join(filter(None, (said[0], *following)))

    def _plain(self) -> str:
        if self.is_prompt:
            return self.text
        if self.cards and len(self.text) <= LONGEST_PLAIN:
            return self._mixed_plain()
        if self.live and (blocks := self.parts.blocks):
            return self._blocks_spoken().text(blocks)
        if len(self.text) > LONGEST_PLAIN:
            return self.text
        if self._said[0] != self.text:
            self._said = (self.text, self.builder.spoken(self.text, self.parts.definitions()))
        return self._said[1]

    def _blocks_spoken(self) -> SpokenBlocks:
        from ui.transcript.message.spoken_blocks import SpokenBlocks

        self._spoken = self._spoken or SpokenBlocks()
        return self._spoken

    def _endings(self) -> list[str]:
        if self.live or self.is_prompt:
            return []
        if self.problem is not None and not self.footer_height:
            return [f"{tr(self.problem.message)} {tr(self.problem.hint)}".strip()]
        reason = self.message.figures.finish_reason if self.message.figures else None
        if self.message.status is Status.STOPPED:
            return [tr("Stopped.")]
        if reason == "length":
            return [tr("The response reached its maximum length.")]
        if reason == "content_filter":
            return [tr("The content filter stopped the response.")]
        if reason == "refusal":
            why = tr("The model declined to answer: {category}.").partition("{category}")[0]
            told = any(why and each.startswith(why) for each in self.notices)
            return [] if told else [tr("The model declined to answer.")]
        if self.message.status is not Status.COMPLETE or self.cards or (self.text and not self.text.isspace()):
            return []
        return [
            tr("The response contains only reasoning, no text.") if self.reasoning else tr("The response is empty.")
        ]


def version_text(version: Version, *, is_prompt: bool) -> tuple[str, str]:
    """Describe the version of a message, and how many messages follow the longest other one."""
    number = number_text(version.number)
    sentence = (
        tr("Version {n} of this prompt.", n=number) if is_prompt else tr("Version {n} of this response.", n=number)
    )
    if not version.following:
        return sentence, ""
    longest = number_text(version.longest)
    follow = trn(
        "{n} message follows version {version}",
        "{n} messages follow version {version}",
        version.following,
        version=longest,
    )
    return sentence, follow


def _beyond(told: str, shown: str) -> str | None:
    """Return the part of a text that follows the displayed one, or None if the texts differ or the part is long."""
    more = len(told) - len(shown)
    return told[len(shown) :] if 0 <= more <= LONGEST_END and told.startswith(shown) else None


def _told(message: Message) -> str:
    """Return the text of a message, followed by its cited sources."""
    cited = message.sources
    return f"{message.text}\n\n**{tr('Sources')}**\n\n{cited}" if cited else message.text
