"""What is tried with several servers behind one address: answers are spread, and a lost one breaks only its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.real.chat_checks import ENDLESS, LONG, ref
from tests.real.outcome_table import Row, filled
from tests.real.paragone_client import Asked, ParagoneClient
from tests.real.target import Target

_ANSWERS = 16
_AT_ONCE = 6


@dataclass(frozen=True)
class Deployment:
    """`servers` behind one address; `counts` says how many answers each has begun, `lose` kills one at once."""

    target: Target
    servers: int
    counts: Callable[[], list[int]]
    lose: Callable[[], None]


def run(deployment: Deployment, work: Path) -> list[Row]:
    """Both checks."""
    target = deployment.target
    client = ParagoneClient(work / "paragone-deployment")
    client.key = target.key
    client.add("real", target.url, key=bool(target.key))
    checks = {
        f"{_ANSWERS} answers at once are spread": _spread(deployment, client),
        f"one of {deployment.servers} killed breaks only its own, which keep their text": _lost(deployment, client),
    }
    return [filled(target.name, target.version, name, findings) for name, findings in checks.items()]


def _spread(deployment: Deployment, client: ParagoneClient) -> Iterator[str]:
    before = deployment.counts()
    words = [word for _ in range(_ANSWERS) for word in ref(deployment.target)]
    asked = client.ask(*words, "--param", "max_tokens=24", LONG)
    for index in range(_ANSWERS):
        yield "" if asked.end(index)["event"] == "finish" else f"{asked.end(index)}"[:200]
    counts = [now - then for now, then in zip(deployment.counts(), before, strict=True)]
    print(f"    {deployment.target.name}: {_ANSWERS} answers were spread as {counts}", file=sys.stderr)
    fair = sum(counts) == _ANSWERS and min(counts) >= _ANSWERS // deployment.servers // 2
    yield "" if len(counts) == deployment.servers and fair else f"spread as {counts}"


def _lost(deployment: Deployment, client: ParagoneClient) -> Iterator[str]:
    done = False

    def during(asked: Asked, _process: subprocess.Popen[str]) -> None:
        nonlocal done
        if not done and all(len(asked.of("text", index)) >= 3 for index in range(_AT_ONCE)):
            done = True
            deployment.lose()

    words = [word for _ in range(_AT_ONCE) for word in ref(deployment.target)]
    asked = client.ask(*words, "--param", "max_tokens=250", *ENDLESS, "--save", LONG, during=during)
    ends = [asked.end(index) for index in range(_AT_ONCE)]
    broken = [end for end in ends if end["event"] != "finish"]
    for end in ends:
        yield "" if end["event"] == "finish" or end.get("code") == "interrupted" else f"{end}"[:200]
    print(f"    {deployment.target.name}: of {_AT_ONCE} answers {len(broken)} broke", file=sys.stderr)
    share = _AT_ONCE // deployment.servers
    yield (
        ""
        if done and 1 <= len(broken) <= share + 1
        else f"{len(broken)} of {_AT_ONCE} broke, of which {share} were on it"
    )
    yield _kept(client, asked)
    again = client.ask(*ref(deployment.target), "--param", "max_tokens=8", LONG)
    yield "" if again.end()["event"] == "finish" else f"afterwards: {again.in_short}"


def _kept(client: ParagoneClient, asked: Asked) -> str:
    """Whether each answer is kept with all that was printed of it."""
    held: list[tuple[str, bool]] = []
    for each in client.run("conversations", "list"):
        last = client.run("conversations", "show", each["id"])["conversations"][0]["messages"][-1]
        text = "".join(part["text"] for part in last["parts"] if part["type"] == "text")
        held.append((text, last["status"] == "complete"))
    came = [(asked.text(index), asked.end(index)["event"] == "finish") for index in range(_AT_ONCE)]
    return "" if sorted(held) == sorted(came) else f"{sum(len(text) for text, _ in held)} letters are kept"
