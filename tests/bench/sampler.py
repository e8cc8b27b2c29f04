"""Measures samplers of the embedded model by hand: correct first answers and loops (python -m tests.bench.sampler)."""

from __future__ import annotations

import argparse
import http.client
import re
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from desktop.domain.conversation_types import JsonValue
from desktop.embedded.engine_child import ChildSettings, Ready, encode, parse_report

FACTS: dict[str, str] = {
    "What is the capital of France?": r"paris",
    "What is the capital of Japan?": r"tokyo",
    "What is the capital of Italy?": r"rome",
    "What is the capital of Germany?": r"berlin",
    "What is the capital of Spain?": r"madrid",
    "How many days are there in a week?": r"\b(7|seven)\b",
    "How many months are there in a year?": r"\b(12|twelve)\b",
    "How many legs does a spider have?": r"\b(8|eight)\b",
    "What colour is the sky on a clear day?": r"\bblue\b",
    "What is 2 plus 2?": r"\b(4|four)\b",
    "Which planet do we live on?": r"\bearth\b",
    "What is the largest planet in the solar system?": r"jupiter",
    "Which planet is closest to the sun?": r"mercury",
    "Who wrote Romeo and Juliet?": r"shakespeare",
    "Who painted the Mona Lisa?": r"(leonardo|da vinci)",
    "What is the chemical formula of water?": r"h(2|₂)o",
    "At what temperature in Celsius does water boil?": r"\b100\b",
    "What is the largest ocean on Earth?": r"pacific",
    "Who was the first person to walk on the Moon?": r"armstrong",
    "What language is spoken in Brazil?": r"portuguese",
}
HELD_OUT: dict[str, str] = {
    "What is the capital of Egypt?": r"cairo",
    "What is the capital of Greece?": r"athens",
    "What is the capital of England?": r"london",
    "What is the capital of Russia?": r"moscow",
    "How many hours are there in a day?": r"\b(24|twenty-four)\b",
    "How many minutes are there in an hour?": r"\b(60|sixty)\b",
    "How many wheels does a bicycle have?": r"\b(2|two)\b",
    "What colour is grass?": r"\bgreen\b",
    "What is 3 plus 4?": r"\b(7|seven)\b",
    "Which star does the Earth go around?": r"\bsun\b",
    "Which animal barks?": r"\bdogs?\b",
    "Who discovered gravity?": r"newton",
    "Who developed the theory of relativity?": r"einstein",
    "What gas do plants absorb from the air?": r"carbon dioxide|co2",
    "At what temperature in Celsius does water freeze?": r"\b(0|zero)\b",
    "What is the tallest mountain on Earth?": r"everest",
    "What is the longest river in Africa?": r"nile",
    "What language is spoken in Mexico?": r"spanish",
    "Which season comes after winter?": r"spring",
    "What do bees make?": r"honey",
}
EXPECTED = FACTS | HELD_OUT
LONG: tuple[str, ...] = (
    "Write a short e-mail that thanks a colleague for their help.",
    "Explain how a rainbow forms.",
    "Tell me a story about a fox.",
    "Give me ten ideas for a birthday party.",
)
SAMPLERS: dict[str, dict[str, JsonValue]] = {
    "0.8 (the library's)": {},
    "0.3, top_p 0.9, repeat 1.1": {"temperature": 0.3, "top_p": 0.9, "repeat_penalty": 1.1},
    "0.3, top_p 0.9, DRY": {"temperature": 0.3, "top_p": 0.9, "dry_multiplier": 0.8},
    "0.2, min_p 0.1": {"temperature": 0.2, "min_p": 0.1},
    "0.2, min_p 0.1, DRY": {"temperature": 0.2, "min_p": 0.1, "dry_multiplier": 0.8},
    "0.1, min_p 0.1, repeat 1.05": {"temperature": 0.1, "min_p": 0.1, "repeat_penalty": 1.05},
    "0.1, min_p 0.1, repeat 1.08": {"temperature": 0.1, "min_p": 0.1, "repeat_penalty": 1.08},
    "0.1, min_p 0.1, repeat 1.1": {"temperature": 0.1, "min_p": 0.1, "repeat_penalty": 1.1},
    "0.2, min_p 0.1, repeat 1.05": {"temperature": 0.2, "min_p": 0.1, "repeat_penalty": 1.05},
    "0.1, min_p 0.1": {"temperature": 0.1, "min_p": 0.1},
    "0.1, min_p 0.1, DRY": {"temperature": 0.1, "min_p": 0.1, "dry_multiplier": 0.8},
    "0.1, min_p 0.1, DRY over 1024": {
        "temperature": 0.1,
        "min_p": 0.1,
        "dry_multiplier": 0.8,
        "dry_penalty_last_n": 1024,
    },
    "greedy": {"temperature": 0},
    "greedy, DRY over 1024": {"temperature": 0, "dry_multiplier": 0.8, "dry_penalty_last_n": 1024},
}


@dataclass(slots=True)
class Score:
    """Counts of one sampler: answers asked for, right ones, loops, those cut at max_tokens, and tokens in all."""

    asked: int = 0
    right: int = 0
    loops: int = 0
    cut: int = 0
    tokens: int = 0


def loops(text: str, words: int = 6, times: int = 3) -> bool:
    """Whether some run of `words` words occurs `times` times or more."""
    said = text.lower().split()
    grams = Counter(tuple(said[at : at + words]) for at in range(len(said) - words + 1))
    return any(count >= times for count in grams.values())


@contextmanager
def engine(model: Path, threads: int) -> Generator[tuple[str, str]]:
    """A child with one slot: its host and port, and its token."""
    token = secrets.token_urlsafe(32)
    with subprocess.Popen(
        [sys.executable, "-m", "desktop.embedded.engine_child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        settings = ChildSettings(model=str(model), token=token, threads=threads, context=4096, parallel=1)
        child.stdin.write(encode(settings))
        child.stdin.flush()
        report = parse_report(child.stdout.readline())
        assert isinstance(report, Ready), report
        yield urlsplit(report.url).netloc, token
        child.stdin.close()


def ask(netloc: str, token: str, body: dict[str, JsonValue]) -> tuple[str, str, int]:
    """One answer: its text, finish reason and tokens."""
    connection = http.client.HTTPConnection(netloc, timeout=120)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Connection": "close"}
    try:
        connection.request("POST", "/v1/chat/completions", msgspec.json.encode(body), headers)
        answer = msgspec.json.decode(connection.getresponse().read())
    finally:
        connection.close()
    choice = answer["choices"][0]
    return choice["message"]["content"], choice["finish_reason"], answer["usage"]["completion_tokens"]


def measure(
    at: tuple[str, str], sampler: dict[str, JsonValue], prompts: Sequence[str], seeds: int, cap: int, system: str
) -> tuple[Score, Counter[str]]:
    """The score of one sampler over prompts and seeds, and which facts were wrong how often."""
    score, wrong = Score(), Counter[str]()
    before: list[JsonValue] = [{"role": "system", "content": system}] if system else []
    for prompt in prompts:
        for seed in range(1, seeds + 1):
            messages: list[JsonValue] = [*before, {"role": "user", "content": prompt}]
            text, reason, tokens = ask(*at, {"messages": messages, "max_tokens": cap, "seed": seed, **sampler})
            # What a reader takes for the answer stands at its beginning; a name dropped later is no answer.
            right = bool(re.search(EXPECTED.get(prompt, ""), text[:160].lower()))
            score.asked += 1
            score.right += right
            score.loops += loops(text)
            score.cut += reason == "length"
            score.tokens += tokens
            if not right:
                wrong[prompt] += 1
    return score, wrong


def main() -> None:
    """Print a table line for each sampler, or the one named: right, loops, cut, mean tokens, time."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("model", type=Path)
    options.add_argument("--only", default="")
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--cap", type=int, default=160)
    options.add_argument("--system", default="")
    options.add_argument("--prompts", choices=["facts", "held-out", "long"], default="facts")
    options.add_argument("--wrong", action="store_true")
    given = options.parse_args()
    prompts = {"facts": tuple(FACTS), "held-out": tuple(HELD_OUT), "long": LONG}[given.prompts]
    with engine(given.model, threads=1) as at:
        for name, sampler in SAMPLERS.items():
            if given.only and given.only != name:
                continue
            seeds = 1 if sampler.get("temperature") == 0 else given.seeds
            began = time.monotonic()
            score, wrong = measure(at, sampler, prompts, seeds, given.cap, given.system)
            print(
                f"| {name} | {score.right}/{score.asked} | {score.loops} | {score.cut} "
                f"| {score.tokens / score.asked:.0f} | {time.monotonic() - began:.0f} s |",
                flush=True,
            )
            if given.wrong:
                print("  ", ", ".join(f"{prompt} {count}" for prompt, count in wrong.most_common()), flush=True)


if __name__ == "__main__":
    main()
