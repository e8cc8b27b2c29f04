"""Ends of lines: kept where they are meant, joined where an editor wrapped the lines."""

from __future__ import annotations

import pytest

from desktop.markdown.text import plain_text
from desktop.markdown.text_segments import blocks
from desktop.pages.html_text import rendered

WRAPPED = """This is a paragraph that was wrapped by an editor at seventy-two columns
and goes on for a few lines so that anyone can see that it was wrapped,
which is what some files are."""


MEANT = """
Roses are red
Violets are blue
Sugar is sweet

a) one
b) two
c) three

Name: Bob
Age: 5

A long line that stands for itself and says something that is worth a line of its own.
Short.
Another one.

Musterstraße 12
10115 Berlin
Germany

Name: Marie Curie, born Maria Sklodowska in the city of Warsaw
Born: 7 November 1867 in Warsaw, in the Russian Empire

Pros: it is cheap, easy to learn, and it has a large community behind it
Cons: it is slow and it has few docs

Step 1: Preheat the oven to 180 degrees Celsius.
Step 2: Mix flour, sugar and butter in a large bowl.
Step 3: Bake.

The capital of France is Paris, which lies on the river Seine in the north.
The capital of Germany is Berlin.

In the deep heart of the forest where the old trees whisper secrets low,
the moon lays down her silver veil upon the gently falling snow,
and every creature holds its breath to hear the quiet river flow.
"""
JOINED = """
Depending on your use case and method, you may prefer to initialize a client instance with a storage
connection string instead of providing the account URL and credential separately. To do this, pass it
to the client's class method.

The supported options are documented in the file editorconfig.txt
and can be viewed by executing the following: `:help` now. You
may need to execute `:helptags ALL` so that Vim is aware of it.

Any class with trait attributes must inherit from `HasTraits`.
For the list of available trait types and their properties, see
[Trait Types](https://traitlets.example.io/en/latest/trait_types.html)
section of the documentation.
"""


@pytest.mark.parametrize("text", MEANT.strip().split("\n\n"))
def test_lines_that_are_meant_stay_lines(text: str) -> None:
    assert plain_text(blocks(text)[0]) == text
    assert rendered(text).count("<br") == text.count("\n")


@pytest.mark.parametrize("text", [WRAPPED, WRAPPED.rsplit("\n", 1)[0], *JOINED.strip().split("\n\n")])
def test_lines_that_an_editor_wrapped_are_joined(text: str) -> None:
    assert "\n" not in plain_text(blocks(text)[0])
    assert "<br" not in rendered(text)


def test_a_short_line_that_ends_a_sentence_ends_it_before_lines_that_were_wrapped() -> None:
    assert plain_text(blocks(f"Summary:\n{WRAPPED}")[0]) == "Summary:\n" + WRAPPED.replace("\n", " ")
