"""ChatGPT's answers with components: the text between the tags, and the report of what is left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.transfer.formats.chatgpt import drafts
from desktop.transfer.formats.chatgpt_components import ComponentAnswer, is_of_components
from desktop.transfer.formats.chatgpt_marks import ChatGptCitations
from tests.cpu_time import assert_growth
from tests.desktop.transfer.made import AT, chatgpt, chatgpt_node

CARD = """Intro.

<box border radius="lg" padding={3} align=center onClick={() => { go("</box>") }}>
  <badge color="info">1.1</badge>
  <text>Position</text>

  - One
    - Within

  ```py
  x = "<box>"
  ```
  <row gap={2}><box><text size="sm">Price</text></box><text weight="semibold">5 €</text></row>
</box>

End."""

CARD_SHOWN = """Intro.

1.1

Position

- One
  - Within

```py
x = "<box>"
```

Price

5 €

End."""

TABLE = """<card>
  <title size="lg">Chunks</title>
  <table>
    <table-row><table-cell width="42%"><text>Fixed | size</text></table-cell><table-cell>512</table-cell></table-row>
    <Table.Row><Table.Cell>Semantic</Table.Cell><Table.Cell>by <Entity value="topic"/></Table.Cell></Table.Row>
  </table>
  <list>
    <list-item>One</list-item>
    <list-item>
      <text>Two</text>
    </list-item>
  </list>
</card>"""

TABLE_SHOWN = """Chunks

| Fixed \\| size | 512 |
| --- | --- |
| Semantic | by topic |

- One

- Two"""

CODE = """Run:

<CodeBlock language="python" editable>
# read *it*
x = "<text>" # `
</CodeBlock>

<text color="secondary" size="sm">Needs 3.12.</text>"""


def shown(said: str, **metadata: object) -> str:
    return ComponentAnswer(said, metadata, ChatGptCitations(metadata, lambda _: "")).markdown().strip()


def answer(said: str, **metadata: Any) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
    nodes = (chatgpt_node("p", "root"), chatgpt_node("a", "p", "assistant", [said], metadata=metadata))
    (draft,) = drafts(chatgpt(*nodes, current_node="a"), AT)
    return draft.conversation.messages[-1].text.strip(), draft.losses


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (CARD, CARD_SHOWN),
        (TABLE, TABLE_SHOWN),
        (CODE, 'Run:\n\n```python\n# read *it*\nx = "<text>" # `\n```\n\nNeeds 3.12.'),
        ("<box>\n  cut off", "cut off"),
        ('A <text size="xs">small</text> word.<MessageReaction emoji="👍" />', "A small word."),
        ('See <Link url="https://a.example/g" title="the [guide]"/>.', "See [the \\[guide\\]](https://a.example/g)."),
        ('<Link url="https://a.example">the *guide*</Link>!', "[the \\*guide\\*](https://a.example)!"),
        ('<Link href="https://a.example"><bold>x</bold></Link>', "[https://a.example](https://a.example) x"),
        ('<card><badge label="Day &amp; night"/><text value="In a word"/></card>', "Day & night In a word"),
    ],
)
def test_an_answer_of_components_is_the_text_between_the_tags(said: str, expected: str) -> None:
    assert is_of_components(said, {"model_dil_v2": {}})
    assert shown(said) == expected


@pytest.mark.parametrize(
    "said",
    [
        "`<Cite refs={[]}/>` and <b>bold</b>, <Component a={1}/>",
        "```jsx\n<box gap={2}>\n  <text>a</text>\n</box>\n```",
        "A <tr><td>a</td></tr> and a < b > c, and {b.n}",
        "<Cite refs={[ and <Entity and <box",
        "```svelte\n{#each [1,2] as b}\n{b}\n{/each}\n```",
    ],
)
def test_code_and_other_tags_stay(said: str) -> None:
    assert shown(said) == said
    assert not is_of_components("A <b>bold</b> word and `<box>` and <Link to='/x'/> and {x}", {})


def test_cited_sources_become_links() -> None:
    found = {"items": [{"ref_id": "turn0search0", "url": "https://a.example/1", "title": "A"}]}
    program = {"appData": {"opGenui": {"componentResults": {"x": {"state": found}}}}}
    lost = "Citations whose source is not in the file are left out (1)"
    said = 'So. <Cite refs={["turn0search0"]}/> And.<Cite ref="turn0search9"/>'
    assert answer(said, model_dil_v2=program) == ("So. [[1]](https://a.example/1) And.", (lost,))
    mark = '<FileCite ref="turn0file0" line_range_start={3}/>'
    named = [{"matched_text": mark, "type": "file", "name": "plan.md"}]
    assert shown(f"So it is. {mark}", content_references=named) == "So it is. (plan.md)"


def test_what_has_no_words_is_reported_by_kind() -> None:
    said = '<Chart content={{"data":[{"k":4}]}}/>Hi<AsyncImage query="cat"/><svg><path/></svg>\n{#each a as b}x{/each}'
    text, lost = answer(said, model_dil_v2={})
    assert text == "Hi\nx"
    assert lost == (
        "Charts and maps in responses are left out (1)",
        "Images in responses are left out (2)",
        "Programs in responses are left out (1)",
    )


def test_the_markdown_that_the_file_has_of_an_answer_is_taken() -> None:
    program = {"fallbackMarkdown": "The whole plain form"}
    said = "{@body const [x, set] = useState(0)}\n<box>{x}</box>"
    assert answer(said, model_dil_v2=program) == ("The whole plain form", ())


def test_an_answer_that_ends_in_a_program_keeps_its_words() -> None:
    lesson = "# Day 4\n\n" + "A lesson of many words.\n\n" * 9
    said = f"{lesson}{{@body const [x, setX] = DIL.useState('')}}\n<box><text>Try it</text></box>"
    assert shown(said, model_dil_v2={"fallbackMarkdown": "Try it"}).split() == f"{lesson}Try it".split()


def test_users_tags_stay() -> None:
    nodes = (chatgpt_node("p", "root", "user", ["<box a={1}>\nhi\n</box>"]), chatgpt_node("a", "p", "assistant", ["x"]))
    (draft,) = drafts(chatgpt(*nodes, current_node="a"), AT)
    assert draft.conversation.messages[0].text == "<box a={1}>\nhi\n</box>"


@pytest.mark.parametrize(
    "said",
    [
        ':::writing{id="5" variant="email"}\nOld\n\nend\n:::\nSo.',
        '<WritingBlock id="5">Old\n\nend</WritingBlock>\n\nSo.',
        '<WritingBlock id="5" content="Old"/>\n\nSo.',
    ],
)
def test_a_saved_change_replaces_the_draft(said: str) -> None:
    found, _ = answer(said, writing_blocks={"5": {"id": "5", "content": "New\n\none\n"}})
    assert [line for line in found.split("\n") if line] == ["New", "one", "So."]


PIECES = [
    *("<box>", "</box>", "<row a={", "<text>", "</text>", "\n", "  ", "`", "{#each [1] as b}", "{b}", "{/each}"),
    *("<Cite refs={['x']}/>", "<CodeBlock>", "</CodeBlock>", "<table>", "<table-row>", "<table-cell>", "a", '"'),
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_no_words_between_tags_are_lost(pieces: list[str]) -> None:
    said = "".join(pieces)
    assert shown(said).count("a") >= pieces.count("a")


@pytest.mark.parametrize(
    "piece",
    ["<box>\n  ", "<Chart content={{", '<Cite ref="', "<row a={'\\'", "{#each [[ as b}", "<svg>", "<table-row>"],
)
def test_tags_without_an_end_take_time_in_proportion(piece: str) -> None:
    assert_growth(lambda size: shown(piece * (size // len(piece))), 10_000, 40_000, at_most=8)
