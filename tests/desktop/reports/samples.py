"""Comparisons that are made up: panes and turns of any number, with figures, votes, formulas, code and tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from desktop.domain.comparison import Comparison, PaneState
from desktop.domain.conversation_types import Conversation, Figures, Message, ModelRef, Parameters, Role, Status, Usage
from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.reports.comparison_report import ComparisonReport, report_of
from desktop.voting.contender import contender_of
from desktop.voting.vote import Vote, best_of

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NAMES = ("grok-4.7", "gpt-6-sol", "claude-opus-5", "llama-4-70b", "mistral-large-3", "phi-5", "qwen-4", "gemma-4")

_TOLD = (
    "The capital of Australia is **Canberra**, not Sydney. ",
    "It was chosen in 1908 as a compromise between Sydney and Melbourne, and building began in 1913. ",
    "Parliament moved there in 1927; until then it met in Melbourne. ",
    "The city lies in the Australian Capital Territory, about 280 km south-west of Sydney. ",
    "Walter Burley Griffin, an architect from Chicago, won the competition for its plan. ",
    "Some 470,000 people live in it today, many of whom work for the government. ",
    "Its name is said to come from a word of the Ngunnawal people for a meeting place. ",
    "Lake Burley Griffin, which he had drawn, was filled only in 1964. ",
)

_CODE = "def capital(country: str) -> str:\n    return CAPITALS[country]  # KeyError where it is none\n"

_MORE = (
    "\n\n| City | Since | People |\n|---|---|---|\n| Melbourne | 1901 | 5.2 M |\n| Canberra | 1927 | 0.47 M |\n",
    f"\n\n```python\n{_CODE}```\n",
    "\n\n1. Sydney wanted it.\n2. Melbourne wanted it.\n3. *Neither* got it.\n",
    "\n\nThe distance is about $d = \\sqrt{x^2 + y^2}$ km, and so\n\n$$\\frac{d}{v} = \\frac{280}{90} \\approx 3.1$$\n",
)


def answer_text(pane: int, turn: int, sentences: int = 6) -> str:
    """An answer that shares most of its sentences with those of other panes."""
    told = [_TOLD[(turn + number + (pane if number % 3 == 2 else 0)) % len(_TOLD)] for number in range(sentences)]
    return "".join(told).strip() + _MORE[(pane + turn) % len(_MORE)]


def message(id_: str, parent: str | None, text: str, at: datetime, model: ModelRef | None = None) -> Message:
    """A prompt, or with a model an answer with its figures."""
    if model is None:
        return Message(
            id=id_, parent=parent, role=Role.USER, parts=(TextPart(text=text),), status=Status.COMPLETE, created_at=at,
            turn=id_.partition("-")[2],
        )  # fmt: skip
    number = len(text) + len(model.name)
    figures = Figures(
        ttft_ms=200.0 + number % 400, duration_ms=1_500.0 + 7 * number, tokens_per_second=30.0 + number % 70,
        cost=number * 2e-6, finish_reason="stop", server_model=f"{model.name}-2026-11",
    )  # fmt: skip
    return Message(
        id=id_, parent=parent, role=Role.ASSISTANT, parts=(ReasoningPart(text="Let me think."), TextPart(text=text)),
        status=Status.COMPLETE, created_at=at + timedelta(seconds=3), model=model, figures=figures,
        usage=Usage(input_tokens=number % 50 + 10, output_tokens=len(text) // 4),
    )  # fmt: skip


def conversation(pane: int, turns: int, *, sentences: int = 6, texts: Sequence[str] = ()) -> Conversation:
    """One pane's conversation; `texts` are its answers, in turn, where they are not made up."""
    model = ModelRef(connection="foundry" if pane % 2 == 0 else "lab", name=NAMES[pane % len(NAMES)])
    messages: list[Message] = []
    for turn in range(turns):
        at = AT + timedelta(minutes=turn)
        prompt = message(f"p{pane}-{turn}", messages[-1].id if messages else None, f"Question {turn + 1}: why?", at)
        text = texts[turn] if turn < len(texts) else answer_text(pane, turn, sentences)
        messages += (prompt, message(f"a{pane}-{turn}", prompt.id, text, at, model))
    return Conversation(
        id=f"c{pane}", title="Capital cities", model=model, created_at=AT, updated_at=AT,
        current=messages[-1].id if messages else None, system="Answer briefly.", messages=tuple(messages),
        parameters=Parameters(values={"temperature": 0.7} if pane % 2 else {}),
    )  # fmt: skip


def comparison(conversations: Sequence[Conversation], title: str = "Capital cities") -> Comparison:
    """The comparison of some conversations."""
    panes = tuple(
        PaneState(conversation=each.id, model=each.model, system=each.system, parameters=each.parameters, said=True)
        for each in conversations
    )
    return Comparison(id="k1", title=title, created_at=AT, updated_at=AT, panes=panes)


def vote(conversations: Sequence[Conversation], turn: int, best: int, *, blind: bool = True) -> Vote:
    """A vote that the answer of one pane is the best of a turn."""
    answers = [each.messages[2 * turn + 1] for each in conversations]
    contenders = [
        contender_of(each.model, each.parameters, each.system, answer.figures.server_model if answer.figures else "")
        for each, answer in zip(conversations, answers, strict=True)
    ]
    return Vote(
        id=f"v{turn}-{best}-{blind}", at=AT + timedelta(minutes=turn, seconds=30), contenders=tuple(contenders),
        outcome=best_of(best, len(answers)), judge="you", comparison="k1", turn=str(turn),
        prompt=f"Question {turn + 1}", answers=tuple(each.id for each in answers), blind=blind,
    )  # fmt: skip


def report(
    conversations: Sequence[Conversation], votes: Sequence[Vote] = (), title: str = "Capital cities"
) -> ComparisonReport:
    """The report of a comparison of them."""
    return report_of(comparison(conversations, title), [*conversations], votes, version="1.2.3", at=AT)
