"""Any JSON in place of a value read from a Markdown page, and truncated pages: imported or refused."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.transfer.format_detection import detect
from desktop.transfer.source import Source
from tests.desktop.transfer.made import AT
from tests.desktop.transfer.test_any_json import JSON, bring, keep, places, replaced
from tests.examples import examples

PAGES = {
    "ours": """# Sky

lab/gpt-4.1 · 2026-11-24 12:00 UTC

## System

Be brief.

## You

*Attached: a*

why?

## lab/gpt-4.1 (failed)

> *Reasoning*
>
> hm

so

*It failed.*
""",
    "compared": """# Sky

2 contenders

## Summary

- x

## Settings

### 1 · a

- System prompt:

> Be brief.

### 2 · b

- System prompt: the same as that of a

## Turn 1

*2026-11-24 12:00 +0000*

### Prompt

*Attached: a*

why?

- ✓ best

### 1 · a

*1.5 s · stopped*

> *Reasoning*
>
> hm

so

### 2 · b

*It was asked otherwise:*

why not?

*1.5 s*

thus
""",
    "another's": """---
title: T
tags: [a, b]
created: 2025-01-02
id: aaaaaaaa-1
x: 5
---

# Sky

## User - 2025-01-02 03:04

why?

![[a.png]]

## Tool

1

## GPT-4o

<details><summary>Thought</summary>hm</details>

so
""",
}


def items_of(page: str) -> tuple[Source, list[object]]:
    source = detect("x.md", page.encode())
    return source, [source.read(place) for place in range(source.count)]


@pytest.mark.parametrize("name", PAGES)
@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_value_that_was_read_from_a_page_may_be_any_json(name: str, data: st.DataObject) -> None:
    source, held = items_of(PAGES[name])
    for item in held:
        path = data.draw(st.sampled_from([*places(item)]))
        for draft in source.format.drafts(replaced(item, path, data.draw(JSON)), AT):
            keep(draft)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_may_be_cut_and_shuffled_anywhere(name: str) -> None:
    rng = random.Random(name)
    lines = PAGES[name].split("\n")
    seen: Counter[str] = Counter()
    for _ in range(100):
        some = [line for line in lines if rng.random() < 0.9]
        if rng.random() < 0.3:
            rng.shuffle(some)
        text = "\n".join(some)
        bring(text[: rng.randrange(len(text) + 1)].encode() if rng.random() < 0.3 else text.encode(), seen, "x.md")
    assert seen["kept"] > 10
    assert seen["no export"] > 2
