"""`ranking` from its words to its streams and exit status: files, options, refusals, and what is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from desktop.errors import RankingImpossible, TransferError, UsageError
from desktop.terminal.arguments import parser
from desktop.voting.contender import Contender
from desktop.voting.vote_lines import written
from tests.desktop.terminal.conftest import Desk
from tests.desktop.voting.made import WIKIPEDIA, WIKIPEDIA_WORTHS, vote

WINNERS = ("model_a", "model_b")


def csv(folder: Path, *pairs: tuple[str, str, int, int], more: str = "") -> str:
    rows = [
        f"{one},{other},{winner}\n"
        for one, other, *times in pairs
        for winner, number in zip(WINNERS, times, strict=True)
        for _ in range(number)
    ]
    file = folder / "votes.csv"
    file.write_text("model_a,model_b,winner\n" + "".join(rows) + more, "utf-8")
    return str(file)


async def found(desk: Desk, *words: str, status: int = 0) -> dict[str, Any]:
    desk.look()
    assert await desk.run("ranking", *words, "--json") == status
    return json.loads(desk.out)


async def test_a_file_is_ranked_without_being_imported(desk: Desk, tmp_path: Path) -> None:
    ranked = await found(desk, "--votes", csv(tmp_path, *WIKIPEDIA), "--prior", "0")
    assert {each["model"]: round(2.718281828 ** each["log_worth"], 3) for each in ranked["models"]} == WIKIPEDIA_WORTHS
    assert all(isinstance(each["log_worth"], float) for each in ranked["models"])
    assert ranked["parts"] == [["D", "B", "C", "A"]]
    assert "count as blind" in ranked["notices"][0]
    assert desk.err == ""
    assert await found(desk, status=0) == {**await found(desk), "models": []}


async def test_people_read_a_table_the_claims_and_what_is_to_be_known(desk: Desk, tmp_path: Path) -> None:
    assert await desk.run("ranking", "--votes", csv(tmp_path, ("a", "b", 9, 0), ("c", "d", 4, 0))) == 0
    lines = desk.out.splitlines()
    assert lines[0].split("\t")[:1] == ["a"]
    assert "a is better than b." not in lines  # of two pairs the surer is held to half the level
    assert "These votes do not support any conclusion yet." in lines
    assert (
        "These models were never compared, directly or indirectly, so they are not ranked against each "
        "other: a, b; c, d."
    ) in lines
    desk.look(fancy=True)
    assert await desk.run("ranking", "--votes", csv(tmp_path, ("a", "b", 9, 0))) == 0
    assert "95% CI" in desk.out
    assert "a is better than b." in desk.out


async def test_rows_that_are_none_are_told_the_others_are_ranked_and_the_status_says_so(
    desk: Desk, tmp_path: Path
) -> None:
    file = csv(tmp_path, ("a", "b", 4, 3), more="a,a,tie\na,b,nobody\n")
    ranked = await found(desk, "--votes", file, status=1)
    assert [each["votes"] for each in ranked["models"]] == [7, 7]
    told = [
        "Line 9 was left out: “a” is compared with itself.",
        "Line 10 was left out: “nobody” is not a valid winner.",
    ]
    assert desk.err.splitlines() == told
    assert ranked["notices"][-2:] == told


async def test_every_option_reaches_the_ranking(desk: Desk, tmp_path: Path) -> None:
    file = csv(tmp_path, ("a", "b", 12, 3), ("b", "a", 5, 6), more="a,b,tie\nb,a,both_bad\n")
    plain = await found(desk, "--votes", file)
    assert (plain["tie"], plain["position"], plain["method"]["prior"]) == (None, None, 1.0)
    full = await found(
        desk, "--votes", file, "--ties", "davidson", "--position", "--prior", "2.5", "--reference", "b", "--seed", "7",
        "--sighted", "--by", "contender",
    )  # fmt: skip
    assert full["tie"]["nu"] > 0
    assert full["position"]["log_effect"] > 0
    assert full["models"][-1]["log_worth"] == 0
    method = full["method"]
    assert (method["ties"], method["prior"], method["reference"], method["seed"]) == ("davidson", 2.5, "b", 7)


async def test_rows_can_be_chosen_by_tag_and_judge(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "votes.csv"
    file.write_text("model_a,model_b,winner,tag,judge\na,b,tie,code,me\na,b,tie,text,me\na,c,tie,code,you\n")
    chosen = await found(desk, "--votes", str(file), "--tag", "code", "--judge", "me")
    assert [each["model"] for each in chosen["models"]] == ["a", "b"]
    assert chosen["models"][0]["votes"] == 1
    none = await found(desk, "--votes", str(file), "--judge", "nobody")
    assert none["models"] == []
    desk.look()
    assert await desk.run("ranking", "--votes", str(file), "--judge", "nobody") == 0
    assert "None of the votes counts." in desk.err


@pytest.mark.parametrize(
    ("text", "words", "kind", "said"),
    [
        (
            "a,b,model_a\n",
            ("--prior", "0"),
            RankingImpossible,
            "not connected by wins in both directions: a; b.",
        ),
        (
            "a,b,model_a\nb,a,model_a\n",
            ("--position",),
            RankingImpossible,
            "ties cannot be estimated from these votes",
        ),
        ("a,b,tie\n", ("--reference", "c"), UsageError, "“c” is not among the contenders."),
        ("", (), RankingImpossible, "There are no votes in "),
        ("a,a,tie\n", (), RankingImpossible, "There are no votes in "),
    ],
)
async def test_what_cannot_be_ranked_prints_nothing(
    desk: Desk, tmp_path: Path, text: str, words: tuple[str, ...], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind) as refused:
        await desk.run("ranking", "--votes", csv(tmp_path, more=text), *words, "--json")
    assert said in str(refused.value)
    assert desk.out == ""


async def test_a_file_that_is_none_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("question,answer\n1,2\n")
    with pytest.raises(TransferError, match="Columns missing from the file: model_a"):
        await desk.run("ranking", "--votes", str(tmp_path / "other.csv"))
    with pytest.raises(TransferError, match="No such file"):
        await desk.run("ranking", "--votes", str(tmp_path / "none.csv"))


@pytest.mark.parametrize("words", [("--prior", "-1"), ("--prior", "nan"), ("--prior", "many"), ("--ties", "never")])
def test_a_wrong_value_is_wrong_use(words: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser("1.2.3").parse_args(["ranking", *words])
    assert ended.value.code == 2
    assert words[0] in capsys.readouterr().err


async def test_without_a_file_the_votes_that_are_kept_are_ranked(desk: Desk, tmp_path: Path) -> None:
    assert await desk.run("ranking") == 0
    assert (desk.out, desk.err) == ("", "There are no votes yet.\n")
    warm = Contender(model="a", parameters="abcdef0", server_model="a-1")
    votes = [
        vote("a", "b", number=1, contenders=(warm, Contender(model="b"))),
        vote("a", "b", number=2),
        vote("a", "b", number=3, blind=False),
    ]
    await (await desk.services.store()).votes.add(*votes)
    assert [each["votes"] for each in (await found(desk))["models"]] == [2, 2]
    assert [each["votes"] for each in (await found(desk, "--sighted"))["models"]] == [3, 3]
    apart = await found(desk, "--by", "contender")
    assert {each["model"] for each in apart["models"]} == {"a", "b", "a (a-1) · parameters abcdef"}
    file = tmp_path / "votes.jsonl"
    file.write_bytes(b"".join(written(votes)))
    assert await found(desk, "--votes", str(file)) == await found(desk)
