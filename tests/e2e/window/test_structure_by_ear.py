"""An answer's structure as a screen reader is told of it: headings, lists, links, tables, code and formulas."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import suppress

import pytest

from tests.e2e.program import Program
from tests.e2e.window.atspi import Gone, Node, Reader, wait
from tests.e2e.window.test_reading import answers_with, ask, items
from tests.e2e.window.window import Desk
from tests.servers.faults import BEHAVIOURS
from tests.servers.http1 import Exchange
from tests.servers.wire import answer

pytestmark = pytest.mark.slow

ANSWER = r"""## Results

See **the** [docs](https://a.example) and $x^2$.

- one
- two
  1. deep

| a | b |
|---|---|
| 1 | $\frac{a}{b}$ |

```python
print(1)
```

$$
\sqrt{2}
$$

<details>
<summary>More</summary>

Hidden.

</details>
"""
READ = """heading 2: Results
paragraph: See the docs and x squared.
  link: docs
  equation: x squared
list: List, 2 items
  list item: • one
  list item: • two
    list: List, 1 item
      list item: 1. deep
table: Table, 2 rows, 2 columns
  row: a, b
    column header: a
    column header: b
  row: 1, a over b
    cell: 1
    cell: a over b
      equation: a over b
section: Code, python, 1 line
print(1)
equation: square root of 2
section: Section: More
paragraph: Hidden."""


@pytest.fixture(autouse=True)
def structured() -> Generator[None]:
    """A model of the fault server that answers with structure."""

    async def behave(exchange: Exchange, pause_s: str) -> None:
        await exchange.start()
        for said in answer([ANSWER[at : at + 7] for at in range(0, len(ANSWER), 7)]):
            await exchange.send(said)
            await asyncio.sleep(float(pause_s))
        await exchange.end()

    BEHAVIOURS["structured"] = behave
    yield
    del BEHAVIOURS["structured"]


def read_out(node: Node, depth: int = 0) -> list[str]:
    """What is in an accessible, line by line, as a screen reader says it."""
    lines: list[str] = []
    for child in node.children:
        level = f" {child.attributes['level']}" if child.role == "heading" else ""
        lines += [f"{'  ' * depth}{child.role}{level}: {child.name}", *read_out(child, depth + 1)]
    return lines


def test_an_answer_is_read_out_whole_by_its_structure(desk: Desk, lab: Program, reader: Reader) -> None:
    answers_with(lab, "structured:0")
    window = desk.open()
    ask(window, "One")
    wait(lambda: len(items(window)) == 2, "both messages")
    assert "\n".join(read_out(items(window)[1])) == READ


def test_an_answer_that_is_read_while_it_streams_has_no_markdown(desk: Desk, lab: Program, reader: Reader) -> None:
    answers_with(lab, "structured:0.05")
    window = desk.open()
    window.type_into("Message", "One")
    window.keys.press("Return")
    wait(lambda: len(items(window)) == 2, "the answer's begin")
    heard: set[str] = set()
    while not window.look("push button", "Send"):
        with suppress(Gone):  # what is asked may just have become another part
            heard.update(read_out(items(window)[1]))
            heard.update(f"name: {line}" for line in items(window)[1].name.split("\n"))
    raw = [
        line for line in heard if any(sign in line for sign in ("## ", "**", "```", "$", "<details", "summary>", "|"))
    ]
    assert raw == []
    assert len(heard) > READ.count("\n")
    assert "\n".join(read_out(items(window)[1])) == READ
