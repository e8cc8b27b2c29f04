"""ChatGPT's answers of components: cards, citations, code and charts as tags within the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.transfer.formats.chatgpt import drafts
from desktop.transfer.formats.chatgpt_components import ComponentAnswer
from desktop.transfer.formats.citations import ChatGptCitations
from desktop.transfer.formats.component_names import is_of_components
from tests.cpu_time import assert_growth
from tests.desktop.transfer.made import AT, chatgpt, chatgpt_node

CARD = """Intro.

<box border radius="lg" padding={3} align=center>
  <badge color="info">1.1</badge>
  **Position**

  Lets a model go on.

  - One
    - Within

  ```py
  x = "<box>"
  ```

  So it is.<Cite refs={["turn0search0","turn0search1"]}/>
  <row gap={2}><box><text size="sm">Price</text></box><text weight="semibold">5 €</text></row>
  <svg viewBox="0 0 1 1"><path d="M0"/></svg>
</box>

End. <MemoryCite />"""

CARD_SHOWN = """Intro.

1.1

**Position**

Lets a model go on.

- One
  - Within

```py
x = "<box>"
```

So it is. [[2]](u)

Price · **5 €**

End."""

TABLE = """<card>
  <title size="lg">Chunks</title>
  <table>
    <table-row><table-cell width="42%"><text weight="medium">Fixed | size</text></table-cell><table-cell>512</table-cell></table-row>
    <table-row><table-cell>Semantic</table-cell><table-cell>by <Entity value="topic" disambig="x"/></table-cell></table-row>
  </table>
  <divider color="subtle"/>
  <list>
    <list-item>One</list-item>
    <list-item>Two</list-item>
  </list>
</card>"""  # noqa: E501

TABLE_SHOWN = """**Chunks**

|  |  |
| --- | --- |
| Fixed \\| size | 512 |
| Semantic | by topic |

---

- One
- Two"""

CAPITALS = """Start:

<CodeBlock language="bash" content="git clone https://a.example/a.git
echo "two words"
run -d"/>

<WritingBlock variant="document" id="9" content="# Whole

Said "so".&#10;&#10;---"/>

<Table columnSizing="equal" rowDivider={1}><Table.Row header><Table.Cell>Need</Table.Cell><Table.Cell align="end">Free</Table.Cell></Table.Row><Table.Row><Table.Cell>CRM</Table.Cell><Table.Cell>&lt;1 min</Table.Cell></Table.Row></Table>

<Box border={{"size":1}} gap={3}><Row align="start" gap={2}><Badge label="Day &amp; night" color="info"/><Box gap={1}><Text>Forms</Text></Box></Row><Divider/><Col gap={1}><Text weight="semibold">Review</Text><List gap={1}><List.Item>Close</List.Item><List.Item>Give <Text inline weight="semibold">it</Text></List.Item></List></Col></Box>

### <Link url="https://n.example/2" title="Lib"/>

<LinkCard url="https://n.example/3" title="Automated" subtitle="n.example" snippet="End to end."/>

Use <Code value="a(&quot;b`)"/> and <Text weight="semibold" value="ng-model"/>.

<Checkbox label="Done" defaultChecked/>"""  # noqa: E501

CAPITALS_SHOWN = """Start:

```bash
git clone https://a.example/a.git
echo "two words"
run -d
```

# Whole

Said "so".

---

| Need | Free |
| --- | --- |
| CRM | &lt;1 min |

Day & night · Forms

---

**Review**

- Close
- Give **it**

### [Lib](https://n.example/2)

[Automated](https://n.example/3)\x20\x20
n.example\x20\x20
End to end.

Use ``a("b`)`` and **ng-model**.

- [x] Done"""

CODE = """Run:

<CodeBlock language="python" editable>
# read *it*
def f(x):
    return "<text>" # `
</CodeBlock>

<text color="secondary" size="sm">Needs 3.12.</text>"""


LOOP = """{#each [{n:"01",t:'A'},{n:"02",t:"B"}] as b}
  <grid-item key={b.n}>{b.n} **{b.t}**</grid-item>
{/each}"""

CHART = """<Chart content={{"xKey":"k","series":[{"dataKey":"r","label":"Cost","valueSuffix":"×"}],
"data":[{"k":"32K","r":4}]}}/>"""


class Counted(ChatGptCitations):
    """Says how many are cited, whatever they are."""

    def linked(self, names: Sequence[str], mark: str = "") -> str:
        return super().linked([], mark) or f"[[{len(names)}]](u)"


def shown(said: str, **metadata: object) -> str:
    return ComponentAnswer(said, metadata, Counted(metadata, lambda _: "")).markdown().strip()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            CARD,
            CARD_SHOWN,
        ),
        (
            TABLE,
            TABLE_SHOWN,
        ),
        (CODE, 'Run:\n\n```python\n# read *it*\ndef f(x):\n    return "<text>" # `\n```\n\nNeeds 3.12.'),
        (
            LOOP,
            "01 **A**\n\n02 **B**",
        ),
        ('<WritingBlock id="5" variant="email" subject="Hi">Dear,\n\nBye</WritingBlock>', "**Hi**\n\nDear,\n\nBye"),
        ("1. Do\n\n   <CodeBlock>\n   a\n   </CodeBlock>\n2. So", "1. Do\n\n   ```\n   a\n   ```\n\n2. So"),
        (
            'See <Link url="https://a.example/g" title="the [guide]"/>.',
            "See [the \\[guide\\]](https://a.example/g).",
        ),
        (
            CHART,
            "| k | Cost |\n| --- | --- |\n| 32K | 4× |",
        ),
        ('A <text size="xs">small</text> word.<MessageReaction emoji="👍" />', "A small word."),
        ("<box>\n  cut off", "cut off"),
        ("<row>\n  <box>\n    **A**\n\n    One.\n  </box>\n</row>", "**A**\n\nOne."),
        (CAPITALS, CAPITALS_SHOWN),
        (
            '<card><badge label="Fast"/> <text value="In a word"/><progress value={40}/></card>',
            "Fast\n\nIn a word\n\n40 %",
        ),
        (
            '<table columns={[{key:"a",label:"A"},{key:"b"}]} rows={[{a:1,b:"x|y"},{a:2.5}]}/>',
            "| A | b |\n| --- | --- |\n| 1 | x\\|y |\n| 2.5 |  |",
        ),
        (
            '<chart data={[{m:"May",n:3}]} xAxis="m" series={[{dataKey:"n",label:"Sold"}]}/>',
            "| m | Sold |\n| --- | --- |\n| May | 3 |",
        ),
        (
            '<accordion><accordion-item title="Why">So.</accordion-item></accordion>',
            "**Why**\n\nSo.",
        ),
    ],
)
def test_components_are_the_markdown_that_shows_the_same(said: str, expected: str) -> None:
    assert is_of_components(said, {"model_dil_v2": {}})
    assert shown(said) == expected


@pytest.mark.parametrize(
    "said",
    [
        "`<Cite refs={[]}/>` and <b>bold</b>, <Component a={1}/>, <Link to='/x'>x</Link>, List<text>",
        "```jsx\n<box gap={2}>\n  <text>a</text>\n</box>\n```",
        'A <Table><Table.Cell>a</Table.Cell></Table> in `<Text weight="bold">`, <Box padding="1"> and <Badge>',
        '```jsx\n<Box padding={1}><Text weight="bold">a</Text></Box>\n```\n\n<Box> holds <Text>.',
        "A <table><tr><td>a</td></tr></table> and <title> and a < b > c, {#each} and {b.n}",
        "<Cite refs={[ and <Entity and <box",
        "```svelte\n{#each [1,2] as b}\n{b}\n{/each}\n```",
    ],
)
def test_code_and_other_tags_stay_as_they_are(said: str) -> None:
    assert shown(said) == said
    assert not is_of_components("A <b>bold</b> word and `<box>` and <Link to='/x'/> and {x}", {})


def answer(said: str, **metadata: Any) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401
    nodes = (chatgpt_node("p", "root"), chatgpt_node("a", "p", "assistant", [said], metadata=metadata))
    (draft,) = drafts(chatgpt(*nodes, current_node="a"), AT)
    return draft.conversation.messages[-1].text.strip(), draft.losses


def test_citations_of_components_are_links_where_the_file_has_their_sources() -> None:
    found = {"items": [{"ref_id": "turn0search0", "url": "https://a.example/1", "title": "A"}]}
    program = {"appData": {"opGenui": {"componentResults": {"x": {"state": found}}}}}
    said = 'So. <Cite refs={["turn0search0"]}/> And.<Cite ref="turn0search9"/>'
    lost = "Citations whose source is not in the file were left out (1)"
    assert answer(said, model_dil_v2=program) == ("So. [[1]](https://a.example/1) And.", (lost,))


def test_an_interactive_answer_is_its_plain_form_and_what_shows_nothing_is_told() -> None:
    program = {"fallbackMarkdown": "Plain \ue200cite\ue202turn0search0\ue201 form"}
    lost = "Citations whose source is not in the file were left out (1)"
    assert answer("{@body const [x, set] = useState(0)}\n<box>{x}</box>", model_dil_v2=program) == (
        "Plain form",
        (lost,),
    )
    told = "Content of an unknown kind is left out (1)"
    said = '<box>\n  {#if open}\n  Yes\n  {/if}\n</box>\n<AsyncImage query="cat"/>'
    assert answer(said, model_dil_v2={}) == ("Yes", (told,))


TABLE_OF_SECTIONS = """<table columnSizing="equal">
  <table-section header>
    <table-row header>
      <table-cell header>Name</table-cell>
      <table-cell header>Use</table-cell>
    </table-row>
  </table-section>
  <table-section>
    <table-row><table-cell>a</table-cell><table-cell>b</table-cell></table-row>
  </table-section>
  <table-row label="Sum" labelColSpan={2}/>
</table>"""

QUIZ = """{@body const [got, set] = DIL.useState([])}
{@body
  const asked = [{q: "Why?", of: ["a", "b"]}, {q: "How?", of: ["c"]}];
  const name = 'Day 1'
}
<box>
  <title>{name}</title>
  {#each asked as each, i}
    <text>{i + 1}. {each.q}</text>
    {#each each.of as one}
      <radio value={one}>{one}!</radio>
    {/each}
    <textarea label={each.q} placeholder="…" onChange={v => set(a => a.map((x, j) => j === i ? v : x))}/>
  {/each}
</box>"""

CATALOGUE = """<box>
  <row>A <bold>bold</bold> and <italic>italic</italic> word,
  <strikethrough>gone</strikethrough>: <code>x = 1</code></row>
  <blockquote>Quoted</blockquote>
  <math block value={String.raw`\\frac{1}{2}`}/>
  <list marker="number" start={3}><list-item label="L" description="D"/><list-item>Two</list-item></list>
  <select options={[{label: "Draft", value: "d"}, {label: "Sent", value: "s"}]}/>
  <checkbox checked>Done</checkbox>
  <><text>In a group</text></>
  <Entity value={p0.title} name="Named"/>
  <button onClick={() => { go("</box>") }}>Go</button>
</box>
<carousel><carousel-item><text>Slide</text></carousel-item></carousel>
<MapWidgetV2 title="Rome" points={[{name: "Trevi", address: "Via"}]}/>
<AppBlock title="Loan" language="html">
  <p>*x*</p>
</AppBlock>"""

CATALOGUE_SHOWN = """A **bold** and *italic* word,
~~gone~~: `x = 1`

> Quoted

$$
\\frac{1}{2}
$$

3. **L** D
4. Two

Draft · Sent

- [x] Done

In a group

Named

Go

Slide

**Rome**

- Trevi, Via

**Loan**

```html
  <p>*x*</p>
```"""


def test_parts_of_tables_are_their_rows() -> None:
    rows = ["| Name | Use |", "| --- | --- |", "| a | b |", "| Sum |  |"]
    assert shown(TABLE_OF_SECTIONS) == "\n".join(rows)
    assert is_of_components(TABLE_OF_SECTIONS, {})


def test_lists_that_a_program_names_are_written_out() -> None:
    assert is_of_components(QUIZ, {})
    told = ["**Day 1**", "1. Why?", "- a!", "- b!", "Why?", "2. How?", "- c!", "How?"]
    assert [each for each in shown(QUIZ).split("\n") if each] == told


def test_every_kind_of_component_says_its_words() -> None:
    assert shown(CATALOGUE) == CATALOGUE_SHOWN


def test_an_answer_that_ends_in_a_program_keeps_its_words() -> None:
    lesson = "# Day 4\n\n" + "A lesson of many words.\n\n" * 9
    said = f"{lesson}{{@body const [x, setX] = DIL.useState('')}}\n<box><text>Try it</text></box>"
    assert shown(said, model_dil_v2={"fallbackMarkdown": "Try it"}) == f"{lesson}Try it"


def test_cited_files_are_named_where_the_file_tells_them() -> None:
    mark = '<FileCite ref="turn0file0" line_range_start={3} line_range_end={9}/>'
    named = [{"matched_text": mark, "type": "file", "name": "plan.md"}]
    assert shown(f"So it is. {mark}", content_references=named) == "So it is. (plan.md)"
    found = answer(f"So it is. {mark} {mark}\n\nEnd.")
    assert found == ("So it is.\n\nEnd.", ("Citations whose source is not in the file were left out (2)",))


def test_users_tags_stay() -> None:
    nodes = (chatgpt_node("p", "root", "user", ["<box a={1}>\nhi\n</box>"]), chatgpt_node("a", "p", "assistant", ["x"]))
    (draft,) = drafts(chatgpt(*nodes, current_node="a"), AT)
    assert draft.conversation.messages[0].text == "<box a={1}>\nhi\n</box>"


PIECES = [
    *("<box>", "</box>", "<row a={", "<text>", "</text>", "\n", "  ", "`", "{#each [1] as b}", "{b}", "{/each}"),
    *("<Cite refs={['x']}/>", "<CodeBlock>", "</CodeBlock>", "<table>", "<table-row>", "<table-cell>", "a", '"'),
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_components_are_read(said: str) -> None:
    assert shown(said).count("a") >= 0


@pytest.mark.parametrize(
    "piece", ["<box>\n  ", "<Chart content={{", '<Cite ref="', "<row a={'\\'", "{#each [[ as b}", "<svg>"]
)
def test_tags_without_an_end_take_time_in_proportion(piece: str) -> None:
    assert_growth(lambda size: shown(piece * (size // len(piece))), 10_000, 40_000, at_most=8)


@pytest.mark.parametrize(
    "said",
    [
        ':::writing{id="5" variant="email"}\nOld\n\nend\n:::\nSo.',
        '<WritingBlock id="5">Old\n\nend</WritingBlock>\n\nSo.',
    ],
)
def test_what_a_person_saved_of_a_draft_is_the_newer_one(said: str) -> None:
    found, _ = answer(said, writing_blocks={"5": {"id": "5", "content": "New\n\none\n"}})
    assert [each for each in found.split("\n") if each] == ["New", "one", "So."]
