"""`python -m tests.corpora`: fetch public corpora and print how many of their cases were tried, right and wrong."""

from __future__ import annotations

import asyncio
import sys

from tests.corpora import formulas, json_suite, naughty_strings, wrapped_prose

_SHOWN = 20


def main() -> int:
    """Print the rows of the table in docs/assurance.md, and what was wrong on standard error."""
    found = [
        *json_suite.outcomes(),
        *wrapped_prose.outcomes(),
        *asyncio.run(naughty_strings.outcomes()),
        *asyncio.run(formulas.outcomes()),
    ]
    for outcome in found:
        print(outcome.line, flush=True)
        for wrong in outcome.wrong[:_SHOWN]:
            print(f"    {wrong}", file=sys.stderr)
    return int(any(outcome.wrong for outcome in found))


if __name__ == "__main__":
    sys.exit(main())
