"""Card with the distances between models as a heat map, with each model's own variation on the diagonal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from PySide6.QtWidgets import QWidget

from desktop.metrics.distance import FEWEST_WORDS, Apart, Distances, noise_pairs
from ui.base.commands import COMMANDS, Command
from ui.base.strings import number_text, tr, trn
from ui.base.theme import Theme
from ui.charts.chart_card import ChartCard, ChartTable, TableColumn
from ui.charts.heat_map import HeatCell, HeatMap
from ui.compare.pane_facts import ShownPane, contender_names, contenders

_SEVERAL = COMMANDS[Command.ASK_SEVERAL_TIMES].title


class DistanceContent(Struct, frozen=True):
    """What the card shows: a finding, names with colors, cells by row and column, the table, and notes on method."""

    finding: str
    names: Sequence[tuple[str, str]]
    cells: Mapping[tuple[int, int], HeatCell]
    table: ChartTable
    notes: str


class DistanceCard(ChartCard):
    """Heat map of distances; the diagonal shows how much a model differs from itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        chart = HeatMap("", theme)
        super().__init__(tr("Distance between responses"), chart, "", "distances", parent)
        self.note.setText(tr("diagonal: within model"))
        self._map = chart

    def show_distances(self, content: DistanceContent) -> None:
        """Show distances."""
        self._map.show_cells(content.names, content.cells)
        self.show_chart(content.finding, content.table, below=content.notes)


def distance_content(panes: Sequence[ShownPane], found: Distances, left_out: int) -> DistanceContent:
    """Return the content for distances; `left_out` is the number of incomplete responses."""
    names = contender_names(panes)
    colours = {number: pane.colour for number, pane in reversed([*zip(contenders(panes), panes, strict=True)])}
    place = {each.contender: at for at, each in enumerate(found.contenders)}
    cells: dict[tuple[int, int], HeatCell] = {}
    rows: list[tuple[str | float | None, ...]] = []
    for each in found.contenders:
        at, name = place[each.contender], names[each.contender]
        shares: dict[int, Apart] = dict(each.beside)
        for other, apart in shares.items():
            both = tr("{first} and {second}", first=name, second=names[other])
            cells[at, place[other]] = _cell(apart, both)
        if each.itself is not None:
            shares[each.contender] = each.itself
            cells[at, at] = _cell(each.itself, tr("{model}, within model", model=name))
        known = [shares.get(other.contender) for other in found.contenders]
        between = each.others.mean if each.others is not None else None
        rows.append((name, *(None if apart is None else apart.mean for apart in known), between))
    columns = (
        TableColumn(tr("Model")),
        *(TableColumn(names[each.contender], _percent) for each in found.contenders),
        TableColumn(tr("Between models"), _percent),
    )
    shown = [(names[each.contender], colours[each.contender]) for each in found.contenders]
    return DistanceContent(finding_of(found, names), shown, cells, ChartTable(columns, rows), _notes(found, left_out))


def finding_of(found: Distances, names: Mapping[int, str]) -> str:
    """Say in one sentence whether models differ more from each other than from themselves."""
    pairs = noise_pairs(found)
    varied = [each for each in found.contenders if each.itself is not None]
    if len(found.contenders) == 1 and varied and varied[0].itself is not None:
        percent = _percent(varied[0].itself.mean)
        return tr("Responses of {model} differ by {percent}.", model=names[varied[0].contender], percent=percent)
    if len(pairs) == 1:
        first, second = (names[each] for each in pairs[0])
        return tr("{first} and {second} differ no more than responses of one model do.", first=first, second=second)
    if pairs:
        return tr("{n} pairs of models differ no more than responses of one model do.", n=number_text(len(pairs)))
    if len(varied) == len(found.contenders):
        return tr("Every model differs more from the others than from itself.")
    return tr("Within model: needs several responses. Use {command}.", command=tr(_SEVERAL))


def _notes(found: Distances, left_out: int) -> str:
    notes = [
        tr(
            "0%: same words. 100%: no words in common. A difference between models no larger than within one "
            "model is noise."
        )
    ]
    if found.short:
        notes.append(
            tr("A response has fewer than {n} words, so each word has a large effect.", n=number_text(FEWEST_WORDS))
        )
    if left_out:
        notes.append(
            trn("{n} incomplete response is not counted.", "{n} incomplete responses are not counted.", left_out)
        )
    return " ".join(notes)


def _cell(apart: Apart, name: str) -> HeatCell:
    percent = _percent(apart.mean)
    pairs = trn("{n} pair of responses", "{n} pairs of responses", apart.pairs)
    return HeatCell(apart.mean, percent, tr("{name}: {value}", name=name, value=f"{percent} · {pairs}"))


def _percent(share: float) -> str:
    return tr("{percent}%", percent=number_text(round(100 * share)))
