"""TOML that would take minutes to read is rejected at once; TOML that people write is not."""

from __future__ import annotations

import tomllib

import pytest

from desktop.system.paths import resources
from desktop.text import toml_text
from tests.cpu_time import within

CHAIN = "a" + ".a" * 20_000


@pytest.mark.parametrize(
    "text",
    [
        f"{CHAIN} = 1",
        f"[{CHAIN}]",
        f"x = {{ {CHAIN} = 1 }}",
        ".".join(['"a\\"b"'] * 20_000) + " = 1",
        " . ".join(["'a'"] * 20_000) + " = 1",
        f'x = """a"""\n{CHAIN} = 1',
        "#" * toml_text.MOST_CHARACTERS + "#",
        "not a table",
        '"' * 1_000_000,
        '"' + '\\"' * 1_000_000,
        "'a" * 1_000_000,
        "a" * 2_000_000,
    ],
)
def test_what_is_beyond_measure_or_none_is_refused_at_once(text: str) -> None:
    for attempt in within(5):
        with attempt, pytest.raises(ValueError, match=r"."):
            toml_text.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f'prompt = """\n{CHAIN} = 1\n"""',
        f"prompt = '''{CHAIN}'''",
        f'prompt = "{CHAIN}"',
        f"# {CHAIN}\nx = 1",
        ".".join("abcdefgh") + " = 1.5",
        'x = "a # b" # c\ny = "\\"" \nz = """a\\""""""',
    ],
)
def test_long_texts_and_keys_of_some_parts_are_read(text: str) -> None:
    assert toml_text.parse(text) == tomllib.loads(text)


def test_the_files_of_the_program_are_read() -> None:
    found = [path.read_text("utf-8") for path in resources().rglob("*.toml")]
    assert len(found) > 3
    assert all(toml_text.parse(text) for text in found)
