"""Bradley and Terry's model fitted by Newton's method on counts, with ties, a prior and the effect of the place; pure.

The chance that i, shown first, is preferred to j is 1 / (1 + exp(-x)) with x = worth of i - worth of j + effect. With
Davidson's ties (1970) the three chances go as exp(x / 2), exp(-x / 2) and nu. The prior is a ghost at log-worth 0 that
each contender met `prior` times, half won and half lost; it says nothing of ties and of places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from desktop.stats.cholesky import NotPositive, Rows, factored, inverted, solved

_MOST_STEPS = 200
_LONGEST_STEP = 2.0
_SHORT_STEP = 0.5
"""Within such a step the likelihood is as good as a parabola: it need not be looked at."""

_WIDEST = 1e8
"""A variance beyond this is that of a value which only the arithmetic ended."""

_FARTHEST = 150.0
"""Beyond this a log-worth has no finite estimate, whatever the arithmetic says."""


class Ties(StrEnum):
    """What a tie is to the model."""

    HALF = "half"  # half a win for each
    DAVIDSON = "davidson"  # an outcome of its own, with a parameter for how common it is


class PairCount(NamedTuple):
    """How often contender `first`, shown before `second`, won, lost and tied; "both bad" is a tie."""

    first: int
    second: int
    first_wins: float
    second_wins: float
    ties: float


class FitOptions(Struct, frozen=True, kw_only=True):
    """What is fitted: `prior` is the number of imaginary battles of each contender, 0 for plain maximum likelihood."""

    ties: Ties = Ties.HALF
    prior: float = 1.0
    position: bool = False


class NoEstimate(ArithmeticError):
    """There is no finite estimate."""


class Fit(Struct, frozen=True, kw_only=True):
    """Log-worths with the ghost at 0 (without a prior: with the sum 0), and the inverse of the information.

    `covariance` has a row for each contender, then for the effect of the place, then for log nu, as far as these are
    fitted. `effect` is None where it was not asked for, `log_nu` where ties are halves or there is none.
    `deviance` is the residual one of the counts, without the prior.
    """

    worths: tuple[float, ...]
    covariance: Rows
    effect: float | None
    log_nu: float | None
    deviance: float

    @property
    def values(self) -> list[float]:
        """All parameters, in the order of the covariance."""
        extra = [each for each in (self.effect, self.log_nu) if each is not None]
        return [*self.worths, *extra]


def fitted(size: int, counts: Sequence[PairCount], options: FitOptions) -> Fit:
    """The most likely worths of contenders 0 to `size` - 1. Raises NoEstimate.

    Whether there is an estimate is for `separation.py` to say; here it is only seen that none was reached.
    """
    model = PairModel(size, [(each.first, each.second) for each in counts], options, ties=any(c.ties for c in counts))
    table = [(each.first_wins, each.second_wins, each.ties) for each in counts]
    try:
        values = model.most_likely(table)
        information = model.slopes(values, table)[1]
        covariance = inverted(factored(information))
    except (NotPositive, OverflowError):
        raise NoEstimate from None
    if max(row[place] for place, row in enumerate(covariance)) > _WIDEST:
        raise NoEstimate
    effect = values[size] if options.position else None
    log_nu = values[-1] if model.davidson else None
    return Fit(
        worths=tuple(values[:size]),
        covariance=covariance,
        effect=effect,
        log_nu=log_nu,
        deviance=model.deviance(values, table),
    )


Table = Sequence[tuple[float, float, float]]
"""Of each pair how often the first won, the second won, and neither did."""


class PairModel:
    """The likelihood of a table of counts over fixed pairs (first, second), and its maximum.

    Values are the log-worths, then the effect of the place, then log nu, as far as they are fitted.
    """

    def __init__(self, size: int, pairs: Sequence[tuple[int, int]], options: FitOptions, *, ties: bool) -> None:
        self.size = size
        self.pairs = pairs
        self._options = options
        self.davidson = options.ties is Ties.DAVIDSON and ties
        self.length = size + options.position + self.davidson

    def over(self, pairs: Sequence[tuple[int, int]]) -> PairModel:
        """The same model of other pairs."""
        return PairModel(self.size, pairs, self._options, ties=self.davidson)

    def most_likely(self, table: Table, *, within: float = 1e-6) -> list[float]:
        """The values of the greatest likelihood: up to the square of the last step, which is shorter than `within`.

        Raises NoEstimate and NotPositive.
        """
        values = self._start(table)
        for _ in range(_MOST_STEPS):
            slope, information = self.slopes(values, table)
            step = solved(factored(information), slope)
            longest = max(map(abs, step), default=0.0)
            if longest > _LONGEST_STEP:
                step = [each * _LONGEST_STEP / longest for each in step]
            if longest > _SHORT_STEP:
                values = self._uphill(values, step, table)
            else:
                values = [value + each for value, each in zip(values, step, strict=True)]
            if longest < within:
                return values
            if max(map(abs, values)) > _FARTHEST:
                break
        raise NoEstimate

    def _start(self, table: Table) -> list[float]:
        """Log-odds of all that each won, as if all had met the same ones."""
        won, lost = [1.0] * self.size, [1.0] * self.size
        for (one, other), (wins, losses, ties) in zip(self.pairs, table, strict=True):
            won[one] += wins + ties / 2
            lost[one] += losses + ties / 2
            won[other] += losses + ties / 2
            lost[other] += wins + ties / 2
        odds = [math.log(up / down) for up, down in zip(won, lost, strict=True)]
        middle = sum(odds) / max(self.size, 1)
        return [each - middle for each in odds] + [0.0] * (self.length - self.size)

    def _uphill(self, values: list[float], step: list[float], table: Table) -> list[float]:
        """The values after a step, which is halved as long as it leads down."""
        height = self._height(values, table)
        for _ in range(40):
            tried = [value + each for value, each in zip(values, step, strict=True)]
            if self._height(tried, table) >= height - 1e-9 * (1 + abs(height)):
                return tried
            step = [each / 2 for each in step]
        raise NoEstimate

    def nearby(self, start: Sequence[float], factor: Rows, table: Table, *, within: float = 1e-3) -> list[float]:
        """The same for counts that differ a little from those of `factor` and `start`: faster, else all the way.

        The information is not worked out anew at each step: Newton's method with a chord.
        """
        values, before = list(start), math.inf
        for _ in range(12):
            step = solved(factor, self.slope(values, table))
            longest = max(map(abs, step))
            if longest > before / 2:
                break
            values = [value + each for value, each in zip(values, step, strict=True)]
            if longest < within:
                return values
            before = longest
        return self.most_likely(table, within=within)

    def slope(self, values: Sequence[float], table: Table) -> list[float]:
        """The gradient of the log-likelihood."""
        slope = [0.0] * self.length
        size, exp = self.size, math.exp
        effect = values[size] if self._options.position else 0.0
        if self.davidson:
            nu, of_nu = exp(values[-1]), 0.0
            for (one, other), (won, lost, tied) in zip(self.pairs, table, strict=True):
                up = exp((values[one] - values[other] + effect) / 2)
                met, whole = won + lost + tied, up + 1 / up + nu
                along = (won - lost - met * (up - 1 / up) / whole) / 2
                slope[one] += along
                slope[other] -= along
                of_nu += tied - met * nu / whole
                if self._options.position:
                    slope[size] += along
            slope[-1] = of_nu
        else:
            of_effect = 0.0
            for (one, other), (won, lost, tied) in zip(self.pairs, table, strict=True):
                along = won + tied / 2 - (won + lost + tied) / (1 + exp(values[other] - values[one] - effect))
                slope[one] += along
                slope[other] -= along
                of_effect += along
            if self._options.position:
                slope[size] = of_effect
        self._pull(values, slope)
        return slope

    def _pull(self, values: Sequence[float], slope: list[float]) -> None:
        """The prior's part of the gradient."""
        if half := self._options.prior / 2:
            for place in range(self.size):
                slope[place] -= half * math.tanh(values[place] / 2)

    def slopes(self, values: Sequence[float], table: Table) -> tuple[list[float], Rows]:
        """The gradient, and the lower half of the information (the negative second derivatives), with the prior."""
        size, position, davidson = self.size, self._options.position, self.davidson
        slope, information = self.slope(values, table), [[0.0] * self.length for _ in range(self.length)]
        effect = values[size] if position else 0.0
        exp, nu = math.exp, math.exp(values[-1]) if davidson else 0.0
        for (one, other), (won, lost, tied) in zip(self.pairs, table, strict=True):
            up = exp((values[one] - values[other] + effect) / 2)
            whole = up + 1 / up + nu
            met = won + lost + tied
            if davidson:
                lead, share = (up - 1 / up) / whole, nu / whole
                curve, cross = met * (1 - share - lead * lead) / 4, -met * lead * share / 2
                row = information[-1]
                row[one] += cross
                row[other] -= cross
                row[-1] += met * share * (1 - share)
                if position:
                    row[size] += cross
            else:
                curve = met / (whole * whole)
            information[one][one] += curve
            information[other][other] += curve
            information[max(one, other)][min(one, other)] -= curve
            if position:
                row = information[size]
                row[one] += curve
                row[other] -= curve
                row[size] += curve
        self._steady(values, information)
        if not self._options.prior:
            self._fix_sum(information)
        return slope, information

    def _steady(self, values: Sequence[float], information: Rows) -> None:
        """The prior's part of the information."""
        if prior := self._options.prior:
            for place in range(self.size):
                lean = math.tanh(values[place] / 2)
                information[place][place] += prior * (1 - lean * lean) / 4

    def _fix_sum(self, information: Rows) -> None:
        """Without a prior only differences are known: the sum of the worths is held, which changes none of them."""
        held = max((information[place][place] for place in range(self.size)), default=1.0) / self.size
        for row in information[: self.size]:
            row[: self.size] = [each + held for each in row[: self.size]]

    def _height(self, values: Sequence[float], table: Table) -> float:
        """The log-likelihood with the prior."""
        half = self._options.prior / 2
        log, cosh = math.log, math.cosh
        ghost = -2 * half * sum(log(2 * cosh(value / 2)) for value in values[: self.size]) if half else 0.0
        return ghost + sum(
            won * chances[0] + lost * chances[1] + tied * chances[2]
            for (won, lost, tied), chances in zip(table, self._log_chances(values), strict=True)
        )

    def _log_chances(self, values: Sequence[float]) -> list[tuple[float, float, float]]:
        """Of each pair the logarithms of the three chances; where ties are halves that of a tie is the others' mean."""
        effect = values[self.size] if self._options.position else 0.0
        nu = math.exp(values[-1]) if self.davidson else 0.0
        found: list[tuple[float, float, float]] = []
        for one, other in self.pairs:
            half = (values[one] - values[other] + effect) / 2
            whole = math.log(math.exp(half) + math.exp(-half) + nu)
            found.append((half - whole, -half - whole, (values[-1] if self.davidson else 0.0) - whole))
        return found

    def deviance(self, values: Sequence[float], table: Table) -> float:
        """Twice what the log-likelihood lacks of that of a model with a parameter for each pair; of the votes alone."""
        total = 0.0
        for (won, lost, tied), (won_log, lost_log, tied_log) in zip(table, self._log_chances(values), strict=True):
            if self.davidson:
                seen = ((won, won_log), (lost, lost_log), (tied, tied_log))
            else:
                seen = ((won + tied / 2, won_log), (lost + tied / 2, lost_log))
            met = won + lost + tied
            total += sum(number * (math.log(number / met) - chance) for number, chance in seen if number)
        return max(2 * total, 0.0)
