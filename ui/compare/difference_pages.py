"""What the panel of differences shows in each of its views: a sentence on the whole, and stretches of text; pure."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from desktop.evaluation.agreement import Agreed, said_alone, said_by_all
from desktop.evaluation.differences import Difference, first_difference
from desktop.evaluation.distance import FEWEST_WORDS, Apart, ContenderDistance, Distances
from desktop.phrases import phrase
from ui.commands import COMMANDS, Command
from ui.compare import stretches
from ui.compare.marked_text import Stretch, StretchStyle
from ui.compare.pane_facts import ShownPane, contender_names, contenders
from ui.strings import number_text, tr, trn

TOO_LONG = phrase("These responses are too long to be compared.")
_BY_WORDS = phrase("compared by words, not by meaning")
_LONGEST_WORD = 24


class DifferencePage(Struct, frozen=True):
    """What is said of the whole, the texts, how many places can be gone to, and where the first difference is."""

    state: str
    left: Sequence[Stretch] = ()
    right: Sequence[Stretch] = ()
    places: int = 0
    first: str = ""


def silent_page(panes: Sequence[ShownPane], texts: Sequence[str], places: Sequence[int]) -> DifferencePage | None:
    """The page where one of two answers is not there; None where both are."""
    silent = [panes[place].name for place in dict.fromkeys(places) if not texts[place]]
    if not silent:
        return None
    names = tr("{first} and {second}", first=silent[0], second=silent[1]) if len(silent) > 1 else silent[0]
    return DifferencePage(tr("{names}: no response in this turn yet.", names=names))


def pair_page(
    names: tuple[str, str], left: str, right: str, found: Difference | None, *, beside: bool
) -> DifferencePage:
    """Two answers word by word, in one or `beside` each other."""
    if found is None:
        return DifferencePage(tr(TOO_LONG))
    lefts, rights = stretches.beside(left, right, found) if beside else (stretches.in_one(left, right, found), [])
    return DifferencePage(_pair_state(found, *names), lefts, rights, found.count, _first_text(left, right, found))


def agreement_page(
    panes: Sequence[ShownPane], texts: Sequence[str], found: Sequence[Sequence[Agreed]] | None
) -> DifferencePage:
    """All answers, with the sentences that others say too; counted is the answer that has the most of each."""
    if found is None or not found:
        return _no_agreement(found)
    saying = sum(bool(text) for text in texts)
    shown = stretches.agreed(panes, texts, found)
    places = sum(stretch.number is not None for stretch in shown)
    by_all = len(said_by_all(texts, found)[1])
    said = [trn("{n} sentence in all responses, underlined", "{n} sentences in all responses, underlined", by_all)]
    if saying > 2:
        some = max(sum(0 < len(each.others) < saying - 1 for each in one) for one in found)
        said.append(tr("{n} in some, dotted", n=number_text(some)))
    return DifferencePage(_joined(*said, tr(_BY_WORDS)), shown, places=places)


def shared_page(
    panes: Sequence[ShownPane], texts: Sequence[str], found: Sequence[Sequence[Agreed]] | None
) -> DifferencePage:
    """The sentences that all say, in the words of one."""
    if found is None or not found:
        return _no_agreement(found)
    place, spans = said_by_all(texts, found)
    said = trn("{n} sentence in all responses", "{n} sentences in all responses", len(spans))
    if spans:
        said = _joined(said, tr("as worded by {model}", model=panes[place].name))
    shown = stretches.listed([span.of(texts[place]) for span in spans])
    return DifferencePage(_joined(said, tr(_BY_WORDS)), shown, places=len(spans))


def alone_page(
    panes: Sequence[ShownPane], texts: Sequence[str], found: Sequence[Sequence[Agreed]] | None
) -> DifferencePage:
    """The sentences that only one contender says, under its name; of several answers alike only the first's."""
    if found is None or not found:
        return _no_agreement(found)
    of = contenders(panes)
    whole = {place for place, text in enumerate(texts) if text}
    shown: list[Stretch] = []
    number = 0
    for place, alone in enumerate(said_alone(texts, found, of)):
        lines: list[str] = []
        for each in alone:
            if each.own and min(each.own) < place:
                continue
            siblings = sum(of[other] == of[place] for other in whole)
            times = ""
            if siblings > 1 and len({of[other] for other in whole}) > 1:
                often = number_text(len(each.own) + 1)
                times = " " + tr("({n} of {all} of its responses)", n=often, all=number_text(siblings))
            lines.append(f"{each.span.of(texts[place])}{times}")
        if lines:
            shown += stretches.under(panes[place], stretches.listed(lines, number), first=not shown)
            number += len(lines)
    said = trn("{n} sentence in only one response", "{n} sentences in only one response", number)
    return DifferencePage(_joined(said, tr(_BY_WORDS)), shown, places=number)


def distance_page(panes: Sequence[ShownPane], found: Distances | None, left_out: int) -> DifferencePage:
    """How far each contender's answers lie from one another, and from those of all others."""
    if found is None:
        return DifferencePage(tr(TOO_LONG))
    if sum(each.answers for each in found.contenders) < 2:
        return DifferencePage(tr("Distances need two complete responses."))
    names = contender_names(panes)
    colours = {number: pane.colour for number, pane in reversed([*zip(contenders(panes), panes, strict=True)])}
    shown: list[Stretch] = []
    for each in found.contenders:
        space = "\n\n" if shown else ""
        name, colour = names[each.contender], colours[each.contender]
        shown.append(Stretch(f"{space}{name}\n", StretchStyle.NAME, colour))
        shown.append(Stretch("\n".join(_distance_lines(each, names))))
    said = [
        tr(
            "0%: same words. 100%: no words in common. A difference between models no larger than within one "
            "model is noise."
        )
    ]
    if found.short:
        said.append(
            tr("A response has fewer than {n} words: each word counts a lot there.", n=number_text(FEWEST_WORDS))
        )
    return without(DifferencePage(" ".join(said), shown), left_out)


def without(page: DifferencePage, left_out: int) -> DifferencePage:
    """The page, which says how many answers are not looked at, since they are not whole."""
    if not left_out:
        return page
    said = trn("{n} incomplete response is not counted.", "{n} incomplete responses are not counted.", left_out)
    return replace(page, state=f"{page.state} {said}")


def _distance_lines(each: ContenderDistance, names: dict[int, str]) -> list[str]:
    if each.itself is not None:
        lines = [tr("Within model: {percent}", percent=_apart(each.itself))]
    else:
        lines = [tr("Within model: needs several responses. Use {command}.", command=tr(_SEVERAL))]
    if each.others is not None:
        lines.append(tr("Between models: {percent}", percent=_apart(each.others)))
    if len(each.beside) > 1:
        lines += [
            tr("To {model}: {percent}", model=names[other], percent=_apart(apart)) for other, apart in each.beside
        ]
    return lines


_SEVERAL = COMMANDS[Command.ASK_SEVERAL_TIMES].title


def _apart(apart: Apart) -> str:
    percent = tr("{percent}%", percent=number_text(round(100 * apart.mean)))
    return _joined(percent, trn("{n} pair of responses", "{n} pairs of responses", apart.pairs))


def _no_agreement(found: Sequence[Sequence[Agreed]] | None) -> DifferencePage:
    return DifferencePage(tr(TOO_LONG) if found is None else tr("Agreement needs two responses."))


def _pair_state(found: Difference, first: str, second: str) -> str:
    if not found.count:
        return tr("Identical, word for word.")
    same = tr("{percent}% of words the same", percent=number_text(round(found.share * 100)))
    legend = tr("struck through: only {first}; underlined: only {second}", first=first, second=second)
    return _joined(trn("{n} difference", "{n} differences", found.count), same, legend)


def _first_text(left: str, right: str, found: Difference) -> str:
    """Where the first difference is, and both words."""
    first = first_difference(left, right, found)
    if first is None:
        return ""
    return tr(
        "First difference: sentence {sentence}, word {word}: {left} / {right}",
        sentence=number_text(first.sentence),
        word=number_text(first.word),
        left=_quoted(first.left),
        right=_quoted(first.right),
    )


def _quoted(word: str) -> str:
    if not word:
        return tr("nothing")
    return tr("“{word}”", word=word if len(word) <= _LONGEST_WORD else f"{word[: _LONGEST_WORD - 1]}…")


def _joined(*said: str) -> str:
    return " · ".join(said)
