"""Code in answers of each program stays unchanged, whatever it looks like."""

from __future__ import annotations

from collections import Counter

from desktop.domain.message_parts import ReasoningPart, TextPart
from desktop.transfer.formats import claude, open_webui
from desktop.transfer.formats.chatgpt_marks import ChatGptCitations
from desktop.transfer.formats.markdown_parts import CodeFinder

_DETAILS = '<details type="reasoning" done="true">\n<summary>Thought</summary>\n{}\n</details>'


def test_claudes_tags_in_code_stay() -> None:
    code = "```python\nre.search(r'<antArtifact (.*?)>(.*?)</antArtifact>', text)\n```\n"
    text = f"With `<antThinking>` it thought:\n\n{code}"
    assert claude.split(text) == [TextPart(text=text)]


def test_claudes_artifacts_are_found_between_code_that_speaks_of_them() -> None:
    made = '<antArtifact title="T" type="text/markdown">```\nopen</antArtifact>'
    parts = claude.split(f"`<antArtifact a>`\n\n{made}\n\nand {made} `<antThinking>`")
    said = [part.text for part in parts if isinstance(part, TextPart)]
    assert said == ["`<antArtifact a>`", "**T**\n\n```\nopen", "and ", "**T**\n\n```\nopen", " `<antThinking>`"]


def test_open_webuis_details_in_code_stay() -> None:
    text = f"So:\n\n```html\n{_DETAILS.format('> I think')}\n```\n\n`{_DETAILS[:26]}>` and `</details>`"
    assert open_webui.split(text, Counter()) == [TextPart(text=text)]
    thought, said = open_webui.split(f"{_DETAILS.format('> ```')}\n{text}", Counter())[1:]
    assert (thought, said) == (ReasoningPart(text="```"), TextPart(text=text))


def test_chatgpts_older_marks_in_code_stay() -> None:
    code = "```\ntext.replace(':contentReference[oaicite:0]{index=0}', '')\nre.sub('【4:0†source】', '', t)\n```"
    text = f"It takes out `:contentReference[oaicite:1]{{index=1}}` and `【4:0†source】`.\n\n{code}\n\nDone"
    citations = ChatGptCitations({}, str)
    assert citations.resolved(f"{text} [oaicite:2]【5†a】.") == f"{text}."
    assert citations.lost == 2
    assert (
        citations.resolved("So ::contentReference[oaicite:0]{index=0}. And:contentReference[oaicite:1].") == "So. And."
    )


def test_code_is_looked_for_in_proportion_to_the_text() -> None:
    text = "a`b`" * 2_000
    finder = CodeFinder(text)
    held: list[bool] = []
    for at in range(0, len(text), 4):
        held.append(finder.holds(at + 2))
        finder.restart(at + 4)
    assert all(held)
