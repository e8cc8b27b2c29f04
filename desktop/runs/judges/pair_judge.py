"""A judge of pairs: two answers to one case, shown in both orders; a win only where both times the same one wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desktop.domain import Value
from desktop.errors import AuditFailed, BudgetSpent, ParagoneError, RunCapped, RunHalted, SettingsError, StoreError
from desktop.phrases import Phrase, phrase
from desktop.runs.graders.grading import AskJudge
from desktop.runs.graders.verdicts import bounded_reason, quoted
from desktop.runs.judges.judge_setup import judge_digest, pair_prompt, setup_of
from desktop.runs.judges.judge_verdict import read_choice
from desktop.runs.suite import GraderSpec
from desktop.suite_cells import PairChoice, PairVerdict
from desktop.transfer.told_problems import without_address

_TURNED = {PairChoice.FIRST: PairChoice.SECOND, PairChoice.SECOND: PairChoice.FIRST, PairChoice.TIE: PairChoice.TIE}


class JudgedPair(Value, frozen=True, kw_only=True):
    """Two contenders, by number, with what they answered to one case in one repeat, turn by turn."""

    case: int
    repeat: int
    a: int
    b: int
    a_answers: tuple[str, ...]
    b_answers: tuple[str, ...]

    @property
    def lengths(self) -> tuple[int, int]:
        """Characters of both."""
        return sum(map(len, self.a_answers)), sum(map(len, self.b_answers))


class PairJudge:
    """The judge of a grader `judge-pair`. Raises UsageError where it names no model."""

    def __init__(self, spec: GraderSpec, ask_judge: AskJudge) -> None:
        self._spec = spec
        self._ask = ask_judge
        self._setup = setup_of(spec)
        self.digest = judge_digest(spec)

    async def judge(
        self, pair: JudgedPair, turns: Sequence[str], variables: Mapping[str, str], costs: list[float]
    ) -> PairVerdict:
        """Both orders, one after the other; what cannot be read, or did not come, is a problem of the verdict.

        What each call cost, in USD, is put into `costs`. Raises RunCapped and RunHalted, after which nothing more is to
        be asked.
        """
        orders = ((pair.a_answers, pair.b_answers), (pair.b_answers, pair.a_answers))
        choices: list[PairChoice | None] = []
        reasons: list[str] = []
        problem = ""
        for first, second in orders:
            choice, said, cost = await self._choice(pair_prompt(self._setup, variables, turns, first, second))
            choices.append(choice)
            reasons.append("" if choice is None else bounded_reason(said))
            problem = problem or ("" if choice is not None else bounded_reason(said))
            costs += [] if cost is None else [cost]
        return PairVerdict(
            judge=self.digest,
            model=str(self._setup.model),
            case=pair.case,
            repeat=pair.repeat,
            a=pair.a,
            b=pair.b,
            choices=(choices[0], choices[1]),
            reasons=(reasons[0], reasons[1]),
            lengths=pair.lengths,
            cost=sum(costs) if costs else None,
            problem=problem,
        )

    async def _choice(self, prompt: str) -> tuple[PairChoice | None, str | Phrase, float | None]:
        """What is chosen, why or what went wrong, and what that cost; `not` turns the choice round."""
        setup = self._setup
        try:
            said = await self._ask(setup.model, setup.system_for(pair=True), prompt, setup.parameters)
        except (BudgetSpent, AuditFailed, SettingsError, StoreError, RunCapped, RunHalted):
            raise  # the run ends for it
        except ParagoneError as error:
            reason = without_address(error.message, setup.model.connection)
            return None, phrase("The judge did not respond: {reason}", reason=reason), None
        if said.problem:
            reason = without_address(said.problem, setup.model.connection)
            return None, phrase("The judge did not respond: {reason}", reason=reason), said.cost
        found = read_choice(said.text)
        if found is None:
            return (
                None,
                phrase("The judge's response could not be read: {text}", text=quoted(said.text[-300:])),
                said.cost,
            )
        choice = _TURNED[found.choice] if self._spec.negated else found.choice
        return choice, found.reason, said.cost
