"""Bradley-Terry model fitted with Newton's method on counts, with ties, a prior and a position effect. Pure functions.

The probability that i, shown first, is preferred to j is 1 / (1 + exp(-x)) with x = strength of i - strength of j +
effect. With Davidson's ties (1970) the three probabilities are proportional to exp(x / 2), exp(-x / 2) and nu. The
prior is a virtual opponent at log-strength 0 that each contender met `prior` times, half won and half lost; it does not
affect ties or positions.
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
"""Largest step for which the likelihood is nearly a parabola, so that the step need not be checked."""

_WIDEST = 1e8
"""Largest variance of a valid estimate. Larger ones result only from limited precision."""

_FARTHEST = 150.0
"""Largest valid log-strength. Beyond this there is no estimate, even if the iteration ends."""


class Ties(StrEnum):
    """Treatment of ties in the model."""

    HALF = "half"  # half a win for each
    DAVIDSON = "davidson"  # a third outcome, with a parameter for its frequency


class PairCount(NamedTuple):
    """Wins, losses and ties of contender `first`, which was shown before `second`. "Both bad" counts as a tie."""

    first: int
    second: int
    first_wins: float
    second_wins: float
    ties: float


class FitOptions(Struct, frozen=True, kw_only=True):
    """Options of a fit. `prior` is the number of virtual battles per contender, or 0 for maximum likelihood."""

    ties: Ties = Ties.HALF
    prior: float = 1.0
    position: bool = False


class NoEstimate(ArithmeticError):
    """Raised if a model has no finite estimate."""


class Fit(Struct, frozen=True, kw_only=True):
    """Log-strengths relative to the virtual opponent (or with a sum of 0, without a prior) and their covariance.

    `covariance` has a row for each contender, then for the position effect, then for log nu, if these are fitted.
    `effect` is None if it was not requested; `log_nu` is None if ties count as halves or there are none. `deviance` is
    the residual deviance of the counts, without the prior.
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
    """Return the maximum likelihood fit for contenders 0 to `size` - 1.

    `separation.py` determines in advance whether an estimate exists; this function only detects if none was reached.

    Raises:
        NoEstimate: If no finite estimate was reached.
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
"""Counts for each pair: first won, second won, and neither won."""


class PairModel:
    """Likelihood of a table of counts over fixed pairs (first, second), and its maximum.

    Parameter values are the log-strengths, then the position effect and log nu, if these are fitted.
    """

    def __init__(self, size: int, pairs: Sequence[tuple[int, int]], options: FitOptions, *, ties: bool) -> None:
        self.size = size
        self.pairs = pairs
        self._options = options
        self.davidson = options.ties is Ties.DAVIDSON and ties
        self.length = size + options.position + self.davidson

    def over(self, pairs: Sequence[tuple[int, int]]) -> PairModel:
        """Return the same model for other pairs."""
        return PairModel(self.size, pairs, self._options, ties=self.davidson)

    def most_likely(self, table: Table, *, within: float = 1e-6) -> list[float]:
        """Return the maximum likelihood values.

        Args:
            within: Maximum length of the last step. The error is about the square of this.

        Raises:
            NoEstimate: If the iteration does not converge.
            NotPositive: If the information matrix is not positive definite.
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
        """Return the log-odds of each contender's wins, as if all had met the same opponents."""
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
        """Return the values after a step, which is halved until it no longer decreases the likelihood."""
        height = self._height(values, table)
        for _ in range(40):
            tried = [value + each for value, each in zip(values, step, strict=True)]
            if self._height(tried, table) >= height - 1e-9 * (1 + abs(height)):
                return tried
            step = [each / 2 for each in step]
        raise NoEstimate

    def nearby(self, start: Sequence[float], factor: Rows, table: Table, *, within: float = 1e-3) -> list[float]:
        """Return the maximum for counts that differ slightly from those of `factor` and `start`.

        The information matrix is reused in each step (chord method), which is faster. If this does not converge, a full
        fit is made.
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
        """Return the gradient of the log-likelihood."""
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
        """Add the prior's contribution to the gradient."""
        if half := self._options.prior / 2:
            for index in range(self.size):
                slope[index] -= half * math.tanh(values[index] / 2)

    def slopes(self, values: Sequence[float], table: Table) -> tuple[list[float], Rows]:
        """Return the gradient and the lower half of the information matrix, with the prior."""
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
        """Add the prior's contribution to the information matrix."""
        if prior := self._options.prior:
            for index in range(self.size):
                lean = math.tanh(values[index] / 2)
                information[index][index] += prior * (1 - lean * lean) / 4

    def _fix_sum(self, information: Rows) -> None:
        """Fix the sum of the strengths, because only differences are identified without a prior."""
        scale = max((information[index][index] for index in range(self.size)), default=1.0) / self.size
        for row in information[: self.size]:
            row[: self.size] = [each + scale for each in row[: self.size]]

    def _height(self, values: Sequence[float], table: Table) -> float:
        """Return the log-likelihood, including the prior."""
        half = self._options.prior / 2
        log, cosh = math.log, math.cosh
        ghost = -2 * half * sum(log(2 * cosh(value / 2)) for value in values[: self.size]) if half else 0.0
        return ghost + sum(
            won * chances[0] + lost * chances[1] + tied * chances[2]
            for (won, lost, tied), chances in zip(table, self._log_chances(values), strict=True)
        )

    def _log_chances(self, values: Sequence[float]) -> list[tuple[float, float, float]]:
        """Return the logarithms of the three probabilities of each pair. A half tie has the mean of the others."""
        effect = values[self.size] if self._options.position else 0.0
        nu = math.exp(values[-1]) if self.davidson else 0.0
        found: list[tuple[float, float, float]] = []
        for one, other in self.pairs:
            half = (values[one] - values[other] + effect) / 2
            whole = math.log(math.exp(half) + math.exp(-half) + nu)
            found.append((half - whole, -half - whole, (values[-1] if self.davidson else 0.0) - whole))
        return found

    def deviance(self, values: Sequence[float], table: Table) -> float:
        """Return the residual deviance of the counts, without the prior.

        This is twice the log-likelihood missing from the saturated model.
        """
        total = 0.0
        for (won, lost, tied), (won_log, lost_log, tied_log) in zip(table, self._log_chances(values), strict=True):
            if self.davidson:
                seen = ((won, won_log), (lost, lost_log), (tied, tied_log))
            else:
                seen = ((won + tied / 2, won_log), (lost + tied / 2, lost_log))
            met = won + lost + tied
            total += sum(number * (math.log(number / met) - chance) for number, chance in seen if number)
        return max(2 * total, 0.0)
