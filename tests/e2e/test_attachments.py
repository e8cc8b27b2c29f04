"""Files that go with a prompt in the terminal: each model gets what it takes, and what it does not get is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.desktop.attachments import made_files
from tests.e2e.program import Program
from tests.servers.faults import FaultServer
from tests.servers.messages_streams import CLAUDE
from tests.servers.responses_streams import ONLY_RESPONSES
from tests.servers.threaded import fault_server

KEY = "sk-one-key-of-the-resource-0123"
BLIND = "Llama-3.3-70B-Instruct"
DEPLOYED = ("gpt-4o", ONLY_RESPONSES, CLAUDE, BLIND)


@pytest.fixture
def program(paragone: Program) -> Program:
    return replace(paragone, environ={"FOUNDRY_KEY": KEY})


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    place = tmp_path / "photo.jpg"
    place.write_bytes(made_files.photo())
    return place


def added(program: Program, origin: str) -> list[str]:
    """The resource as a connection; the words that ask all its models."""
    words = ("connections", "add", "foundry", "--kind", "azure-inference", "--key-env", "FOUNDRY_KEY")
    assert program(*words, "--url", f"{origin}/openai/v1").status == 0
    return [word for model in DEPLOYED for word in ("--model", f"foundry/{model}")]


def content(server: FaultServer, model: str) -> Any:  # noqa: ANN401 - any JSON
    """What a model was sent last."""
    sent = [request for request in server.requests if request.method == "POST" and request.model == model][-1].json
    return (sent.get("input") or sent["messages"])[-1]["content"]


def test_a_photo_and_a_pdf_go_to_four_models_as_each_takes_them(program: Program, photo: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.pdf"
    report.write_bytes(made_files.pdf("The answer is forty-two and no other."))
    with fault_server(KEY, deployments=DEPLOYED) as server:
        models = added(program, server.origin)
        ended = program("ask", *models, "--attach", str(photo), "--attach", str(report), "What is it?")
        sent = {model: content(server, model) for model in DEPLOYED}
    assert ended.status == 0, ended.err
    kinds = {model: [part["type"] for part in parts] for model, parts in sent.items() if model != BLIND}
    assert kinds == {
        "gpt-4o": ["image_url", "text"],
        ONLY_RESPONSES: ["input_image", "input_text"],
        CLAUDE: ["image", "text"],
    }
    assert sent[BLIND].startswith("report.pdf\n```pdf\nThe answer is forty-two")
    assert f"foundry/{BLIND}: Llama 3.3 70B cannot read photo.jpg: not sent." in ended.err
    assert made_files.PLACE.decode() not in str(sent)


def test_what_is_kept_goes_along_with_the_next_prompt_after_a_restart(program: Program, photo: Path) -> None:
    with fault_server(KEY, deployments=DEPLOYED) as server:
        added(program, server.origin)
        first = program("chat", "--model", "foundry/gpt-4o", given=f"/attach {photo}\n/attachments\nLook\nAnd now?\n")
        again = content(server, "gpt-4o")
    assert "photo.jpg (" in first.err
    assert "the model sees it" in first.err
    assert again == "And now?"
    sent = [request.json["messages"] for request in server.requests if request.method == "POST"]
    assert [part["type"] for part in sent[-1][0]["content"]] == ["image_url", "text"]
    shown = program("conversations", "list")
    assert "[Attached: photo.jpg]" in program("conversations", "show", shown.out.split()[0]).out


def test_a_model_that_refused_a_picture_gets_nothing_of_it_from_then_on(program: Program, photo: Path) -> None:
    with fault_server(KEY, deployments=("blind",)) as server:
        added(program, server.origin)
        ended = program("chat", "--model", "foundry/blind", given=f"/attach {photo}\nLook\n/attach {photo}\nAnd now?\n")
        posts = [request.json["messages"] for request in server.requests if request.method == "POST"]
    assert "The model does not accept images" in ended.err
    assert "the model cannot read it: not sent" in ended.err
    assert ["image_url" in str(each) for each in posts] == [True, False]


def test_a_refusal_of_pictures_is_known_to_later_runs_until_the_connection_is_tested(
    program: Program, photo: Path
) -> None:
    with fault_server(KEY, deployments=("blind",)) as server:
        added(program, server.origin)
        asked = ("ask", "--model", "foundry/blind", "--attach", str(photo), "Look")
        refused, later = program(*asked), program(*asked)
        program("connections", "test", "foundry")
        again = program(*asked)
        posts = [str(request.json) for request in server.requests if request.method == "POST"]
    assert ["The model does not accept images" in each.err for each in (refused, later, again)] == [True, False, True]
    assert "blind cannot read" in later.err
    assert ["image_url" in post for post in posts if "Look" in post] == [True, False, True]


def test_without_save_no_file_is_kept(program: Program, photo: Path) -> None:
    with fault_server(KEY, deployments=DEPLOYED) as server:
        added(program, server.origin)
        assert program("ask", "--model", "foundry/gpt-4o", "--attach", str(photo), "Look").status == 0
    assert not [*program.folder.rglob("attachments.files")]


@pytest.mark.parametrize(
    ("name", "word"), [("gone.txt", "no longer exists"), ("data.bin", "type of data.bin is not supported")]
)
def test_what_cannot_be_attached_ends_with_a_sentence_before_anything_is_sent(
    program: Program, tmp_path: Path, name: str, word: str
) -> None:
    (tmp_path / "data.bin").write_bytes(bytes(range(256)))
    with fault_server(KEY, deployments=DEPLOYED) as server:
        added(program, server.origin)
        ended = program("ask", "--model", "foundry/gpt-4o", "--attach", str(tmp_path / name), "Look")
        assert not [request for request in server.requests if request.method == "POST"]
    assert ended.status == 1
    assert word in ended.err
