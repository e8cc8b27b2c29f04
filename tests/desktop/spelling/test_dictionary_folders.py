"""Which dictionaries a system has, and which of them are used."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.spelling.dictionary_folders import choose_dictionaries, dictionary_folders, find_dictionaries


def put(folder: Path, *codes: str) -> Path:
    """A folder with dictionaries of these codes."""
    folder.mkdir(exist_ok=True)
    for code in codes:
        (folder / f"{code}.aff").touch()
        (folder / f"{code}.dic").touch()
    return folder


def test_the_first_folder_with_a_dictionary_counts_and_others_add_to_it(tmp_path: Path) -> None:
    own, system = put(tmp_path / "own", "de_DE"), put(tmp_path / "system", "de_DE", "fr")
    assert {code: each.folder for code, each in find_dictionaries([own, tmp_path / "none", system]).items()} == {
        "de_DE": own,
        "fr": system,
    }


def test_halves_hyphenations_and_aliases_are_no_dictionaries(tmp_path: Path) -> None:
    folder = put(tmp_path, "ar", "hyph_de_DE")
    (folder / "es.dic").touch()
    for end in (".aff", ".dic"):
        (folder / f"ar_EG{end}").symlink_to(f"ar{end}")
    assert [*find_dictionaries([folder])] == ["ar"]


@pytest.mark.parametrize(
    ("wanted", "preferred", "chosen"),
    [
        ("", ["de-DE", "de"], ["de_DE", "en_US"]),
        ("", ["de_CH", "ar_EG"], ["de_CH", "ar", "en_US"]),
        ("", ["fr-FR"], ["fr_CA", "en_US"]),
        ("", ["en_GB"], ["en_GB"]),
        ("", ["en_AU"], ["en_GB"]),
        ("", ["ja-JP"], ["en_US"]),
        ("", ["sr_Latn_RS"], ["sr_Latn_RS", "en_US"]),
        ("", [], ["en_US"]),
        ("de_DE, fr;en-us", ["ar"], ["de_DE", "fr_CA", "en_US"]),
        ("xx", ["de_DE"], []),
    ],
)
def test_the_languages_of_the_user_and_english_are_used_unless_others_are_named(
    tmp_path: Path, wanted: str, preferred: list[str], chosen: list[str]
) -> None:
    codes = ("ar", "de_CH", "de_DE", "en_GB", "en_US", "fr_CA", "sr", "sr_Latn_RS")
    found = find_dictionaries([put(tmp_path, *codes)])
    assert [each.code for each in choose_dictionaries(found, wanted, preferred)] == chosen


def test_each_system_has_its_folders_between_the_own_and_the_bundled_one() -> None:
    own, bundled = Path("/own"), Path("/bundled")

    def folders(platform: str, **environ: str) -> list[str]:
        made = dictionary_folders(bundled, own, {"HOME": "/home/a", **environ}, platform)
        return [each.as_posix() for each in made]

    assert folders("win32") == ["/own", "/bundled"]
    assert folders("darwin") == ["/own", "/home/a/Library/Spelling", "/Library/Spelling", "/bundled"]
    linux = folders("linux", XDG_DATA_DIRS="/app/share:/usr/share")
    assert linux[0] == "/own"
    assert linux[-1] == "/bundled"
    assert linux[1] == "/home/a/.local/share/hunspell"
    assert {"/app/share/hunspell", "/usr/share/hunspell", "/usr/share/myspell/dicts"} < {*linux}
    assert len(linux) == len({*linux})
