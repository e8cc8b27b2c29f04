"""Cases of a CSV file: columns are variables, but for those of two lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.errors import SuiteInvalid
from desktop.evals.suites.suite import Suite
from desktop.evals.suites.suite_file import read_suite

HEAD = "schema: paragone-suite/1\nprompts: ['{{mail}}']\ncontenders: [lab/a]\ncases_from: cases.csv\n"


def read(folder: Path, table: str | bytes, more: str = "") -> Suite:
    (folder / "suite.yaml").write_text(HEAD + more, "utf-8")
    (folder / "cases.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    return read_suite(folder / "suite.yaml")


def test_columns_are_variables_and_expectations(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "mail,__expected,__expected2,__tags,__cluster,__description,__threshold\n"
        '"Hi, ""you""\nthere",not-icontains:no,similarity(0.7):yes,a; b,c,d,0.5\n'
        "012,plain text: 5,,,,,\n",
    )
    first, second = found.cases
    assert (first.vars, first.tags) == ({"mail": 'Hi, "you"\nthere'}, ("a", "b"))
    assert (first.cluster, first.description, first.threshold) == ("c", "d", 0.5)
    assert [(each.name, each.value, each.threshold) for each in first.graders] == [
        ("not-icontains", "no", None),
        ("similarity", "yes", 0.7),
    ]
    assert (second.vars, [(each.name, each.value) for each in second.graders]) == (
        {"mail": "012"},
        [("equals", "plain text: 5")],
    )


def test_lists_in_a_cell_are_parted_by_commas(tmp_path: Path) -> None:
    found = read(tmp_path, 'mail,__expected\nx,"contains-any: a, b"\n')
    assert found.cases[0].graders[0].value == ["a", "b"]


@pytest.mark.parametrize("table", ["mail;__tags\nx;a\n", "mail\t__tags\nx\ta\n", "\ufeffmail,__tags\r\nx,a\r\n\r\n"])
def test_other_signs_between_cells_and_ends_of_lines_are_read(tmp_path: Path, table: str) -> None:
    assert [(case.vars, case.tags) for case in read(tmp_path, table).cases] == [({"mail": "x"}, ("a",))]


def test_cases_of_files_follow_those_of_the_suite(tmp_path: Path) -> None:
    found = read(tmp_path, "mail\nb\n", "cases: [{vars: {mail: a}}]\n")
    assert [(case.origin, case.vars["mail"]) for case in found.cases] == [(0, "a"), (1, "b")]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("mail\na,b\n", "cases.csv, line 2: The row has 2 cells, but there are only 1 columns."),
        ('mail\n"a\n', "cases.csv, line 2: Invalid CSV file"),
        ("mail,mail\na,b\n", "line 1: Two columns have the same name: “mail”."),
        ("mail,\na,b\n", "line 1: Column 2 has no name."),
        ("mail,__tag\na,b\n", "line 1: “__tag” is not a known field. Did you mean “__tags”?"),
        ("mail,__threshold\na,2\n", "line 2: “__threshold” must be a number from 0 to 1, not “2”."),
        ("mail,__expected\na,regex:(\n", "line 2: Invalid regular expression"),
        ("other\na\n", "line 2: Prompt 1 uses “mail”, which case 1 does not define."),
        ("", "cases.csv: The file is empty."),
        ("mail\n", "The suite has no cases."),
        (b"mail\n\xff\n", "cases.csv, line 2: This file is not encoded in UTF-8"),
    ],
)
def test_what_is_wrong_is_told_by_the_files_own_lines(tmp_path: Path, table: str | bytes, problem: str) -> None:
    with pytest.raises(SuiteInvalid) as caught:
        read(tmp_path, table)
    assert problem in caught.value.message


@pytest.mark.parametrize("name", ["none.csv", "https://example.com/cases.csv", "'a\\0b'", "."])
def test_a_file_that_is_none_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "suite.yaml").write_text(HEAD.replace("cases.csv", name), "utf-8")
    with pytest.raises(SuiteInvalid):
        read_suite(tmp_path / "suite.yaml")
