"""Run a suite in a CI pipeline: gate, reports, and one comment on the pull request that is kept up to date.

    python packaging/ci/evaluate.py PARAGONE...     the command that starts Paragone; settings are environment variables

The variables are those of packaging/ci/action.yml. The exit status is that of `paragone run`: 0 if the gate holds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LONGEST = 60_000
"""Maximum length of a comment; GitHub takes 65,536 characters."""

CASES = "## Cases"
"""Section of the report that a comment leaves out if it is too long."""

_GATES = {"MIN_SCORE": "--min-score", "MIN_PASS_RATE": "--min-pass-rate", "MAX_ERRORS": "--max-errors"}
_REPORTS = {"html": "report.html", "markdown": "report.md", "junit": "junit.xml"}


def main(paragone: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the suite, write the reports and the comment, and return the exit status."""
    for line in environ.get("CONNECTIONS", "").splitlines():
        if line.split():
            add_connection(paragone, line.split())
    words = ["run", environ["SUITE"], "--yes", "--json"]
    if cap := environ.get("CAP"):
        words += ["--cap", cap]
    if environ.get("ALLOW_UNKNOWN_PRICES") == "true":
        words.append("--allow-unknown-prices")
    words += [word for model in environ.get("MODELS", "").split() for word in ("--model", model)]
    words += [word for name, option in _GATES.items() if environ.get(name) for word in (option, environ[name])]
    done = subprocess.run([*paragone, *words], capture_output=True, text=True, check=False)
    sys.stderr.write(done.stderr)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    run = next((str(event["id"]) for event in events if event.get("event") == "end"), "")
    if not run:
        return done.returncode or 1
    folder = Path(environ.get("OUTPUT") or "paragone-report")
    folder.mkdir(parents=True, exist_ok=True)
    for form, name in _REPORTS.items():
        (folder / name).unlink(missing_ok=True)
        report = ["runs", "report", run, "--format", form, "--output", str(folder / name)]
        subprocess.run([*paragone, *report], check=True, stdin=subprocess.DEVNULL)
    said = [line for line in done.stderr.splitlines() if line.startswith("The gate")]
    text = comment_of(environ["SUITE"], said, (folder / "report.md").read_text("utf-8"))
    for variable, added in (("GITHUB_STEP_SUMMARY", text), ("GITHUB_OUTPUT", f"run={run}\n")):
        if environ.get(variable):
            with Path(environ[variable]).open("a", encoding="utf-8") as file:
                file.write(added)
    if environ.get("COMMENT") == "true" and (number := pull_request(environ)):
        keep_comment(environ, number, environ["SUITE"], text)
    return done.returncode


def add_connection(paragone: Sequence[str], words: Sequence[str]) -> None:
    """Add a connection whose key is in an environment variable.

    Raises:
        SystemExit: If the words are not a name, kind, address and variable, or Paragone refuses them.
    """
    if len(words) != 4:
        sys.exit(f"A connection is a name, kind, address and variable, not: {' '.join(words)}")
    name, kind, address, variable = words
    key = ["--auth", "none"] if variable == "-" else ["--key-env", variable]
    command = [*paragone, "connections", "add", name, "--kind", kind, "--url", address, *key]
    if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
        sys.exit(f"The connection {name} could not be added.")


def comment_of(suite: str, said: Sequence[str], report: str) -> str:
    """Return the comment: a mark that identifies it, what the gate says, and the report."""
    if len(report) > LONGEST:
        report = report.partition(CASES)[0][:LONGEST] + "\nThe list of cases is too long for a comment.\n"
    verdict = "".join(f"**{line}**\n\n" for line in said)
    return f"{mark_of(suite)}\n{verdict}{report}"


def mark_of(suite: str) -> str:
    """Return the invisible mark by which the comment for a suite is found again."""
    return f"<!-- paragone {suite.replace('--', '- -')} -->"


def pull_request(environ: Mapping[str, str]) -> int | None:
    """Return the number of the pull request that the pipeline runs for, or None."""
    path = Path(environ.get("GITHUB_EVENT_PATH") or "-")
    event: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return event.get("pull_request", {}).get("number")


def keep_comment(environ: Mapping[str, str], number: int, suite: str, text: str) -> None:
    """Replace the comment for a suite, or add it."""
    comments = f"/repos/{environ['GITHUB_REPOSITORY']}/issues"
    page, found = 1, None
    while found is None and (listed := _ask(environ, "GET", f"{comments}/{number}/comments?per_page=100&page={page}")):
        found = next((each["id"] for each in listed if each["body"].startswith(mark_of(suite))), None)
        page += 1
    if found is None:
        _ask(environ, "POST", f"{comments}/{number}/comments", text)
    else:
        _ask(environ, "PATCH", f"{comments}/comments/{found}", text)


def _ask(environ: Mapping[str, str], method: str, path: str, text: str | None = None) -> Any:  # noqa: ANN401 - JSON
    request = urllib.request.Request(
        environ.get("GITHUB_API_URL", "https://api.github.com") + path,
        method=method,
        data=None if text is None else json.dumps({"body": text}).encode(),
        headers={"Authorization": f"Bearer {environ['TOKEN']}", "Accept": "application/vnd.github+json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
