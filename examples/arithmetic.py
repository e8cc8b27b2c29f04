"""An example from end to end: small sums asked of the embedded model at two temperatures, by the program itself.

python examples/arithmetic.py                            100 sums; docs/example/ and the figures in docs/example.md
python examples/arithmetic.py --questions 10 --out DIR   fewer sums, written into another folder alone

No account and no network are needed. The conversations of whoever runs it are not touched.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "example"
PAGE = ROOT / "docs" / "example.md"
BEGINS, ENDS = "<!-- figures: written by make example -->\n", "<!-- end of figures -->\n"

QUESTIONS, SEED = 100, 2026
LARGEST = 12
"""Of the numbers in a question."""

HEAD = """\
schema: paragone-suite/1
name: Small sums
description: Written by examples/arithmetic.py with seed {seed}. Nobody copied these questions from anywhere.
system: You are a calculator. You answer with one number and nothing else.
prompts: ["{{{{question}}}} ="]
contenders:
  - {{model: embedded/smollm2, label: Temperature 0, parameters: {{temperature: 0, max_tokens: 160, seed: 1}}}}
  - {{model: embedded/smollm2, label: Temperature 1, parameters: {{temperature: 1, max_tokens: 160, seed: 1}}}}
tags: [plus, minus, times]
limits: {{concurrency: 2}}
cases:
"""


class Question(NamedTuple):
    """A sum, what it comes to, and the kind of sum it is."""

    text: str
    answer: int
    tag: str


def questions(number: int, seed: int) -> list[Question]:
    """So many different sums whose results are not negative, the same ones for a seed."""
    span = range(1, LARGEST + 1)
    pool = [
        *(Question(f"{a} + {b}", a + b, "plus") for a in span for b in span),
        *(Question(f"{a} - {b}", a - b, "minus") for a in span for b in span if a >= b),
        *(Question(f"{a} * {b}", a * b, "times") for a in span for b in span),
    ]
    return random.Random(seed).sample(pool, number)


def suite_text(asked: Sequence[Question], seed: int) -> str:
    """A suite of these questions, as YAML."""
    cases = (
        f'  - {{vars: {{question: "{each.text}"}}, tags: [{each.tag}],'
        f" graders: [{{type: numeric, value: {each.answer}}}]}}\n"
        for each in asked
    )
    return HEAD.format(seed=seed) + "".join(cases)


def paragone(data: Path, *words: str, fine: Sequence[int] = (0,)) -> str:
    """What the program printed for these words. Raises SystemExit where it ended otherwise than is fine."""
    environ = {**os.environ, "LANGUAGE": "en", "COLUMNS": "160"}
    command = [sys.executable, str(ROOT / "main.py"), *words, "--data-dir", str(data)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environ, encoding="utf-8")
    if done.returncode not in fine:
        raise SystemExit(f"`paragone {' '.join(words)}` ended with {done.returncode}.")
    return done.stdout


def carry_out(suite: Path, out: Path) -> str:
    """Run a suite, write its report beside it, and give what the run comes to, as JSON."""
    with tempfile.TemporaryDirectory(prefix="paragone-") as folder:
        data = Path(folder)
        paragone(data, "suites", "check", str(suite))
        paragone(data, "run", str(suite), "--yes", fine=(0, 1))  # 1: not every answer passed
        run_id = paragone(data, "runs", "list").splitlines()[-1].split()[0]
        (out / "report.html").unlink(missing_ok=True)
        paragone(data, "runs", "report", run_id, "--output", str(out / "report.html"))
        return paragone(data, "runs", "show", run_id, "--json")


def figures(told: str) -> str:
    """What a run comes to, which the program told as JSON, as a Markdown table and its sentences."""
    run: dict[str, Any] = json.loads(told)
    lines = ["| contender | score | its interval | passed | failed | errors |", "|---|---|---|---|---|---|"]
    for each in run["contenders"]:
        score, span = "none", "none"
        if each["score"] is not None:
            score, span = f"{each['score']:.0%}", f"{each['low']:.0%} to {each['high']:.0%}"
        counts = f"{each['passed']} | {each['failed']} | {each['errors']}"
        lines.append(f"| {each['name']} | {score} | {span} | {counts} |")
    names = [each["name"] for each in run["contenders"]]
    for pair in run["pairs"]:
        if pair["difference"] is not None:
            points = " to ".join(f"{100 * pair[side]:+.0f}" for side in ("low", "high"))
            found = f"{100 * pair['difference']:+.0f} points of 100 ({points}) over {pair['n']} cases"
            verdict = pair["verdict"].replace("_", " ")
            lines += ["", f"{names[pair['a']]} less {names[pair['b']]}: {found}. Verdict: *{verdict}*."]
    return "\n".join(lines) + "\n"


def with_figures(page: str, table: str) -> str:
    """A page with these figures in the place of those between its two marks."""
    before, begun, rest = page.partition(BEGINS)
    _, found, after = rest.partition(ENDS)
    if not (begun and found):
        raise SystemExit("The page has no place for figures.")
    return f"{before}{BEGINS}\n{table}\n{ENDS}{after}"


def main(words: Sequence[str]) -> int:
    """Make the example; the exit status."""
    told = argparse.ArgumentParser(description="ask the embedded model small sums, and report")
    told.add_argument("--questions", type=int, default=QUESTIONS)
    told.add_argument("--seed", type=int, default=SEED)
    told.add_argument("--out", type=Path, default=OUT)
    arguments = told.parse_args(words)
    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    suite = out / "arithmetic.yaml"
    suite.write_text(suite_text(questions(arguments.questions, arguments.seed), arguments.seed), "utf-8")
    told = carry_out(suite, out)
    (out / "summary.json").write_text(told, "utf-8")
    if out == OUT:
        PAGE.write_text(with_figures(PAGE.read_text("utf-8"), figures(told)), "utf-8")
    print(figures(told), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
