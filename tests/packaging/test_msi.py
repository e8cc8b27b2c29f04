"""The MSI for Windows holds every file once, in the right feature, and is the same at each build."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest
from PySide6.QtGui import QImage

from tests.packaging.windows.folder import ENGINE_FILES, PROGRAM_FILES, ROOT, WHEN, frozen, missing, tool
from ui.app.application import DESKTOP_ID

WIX = "{http://schemas.microsoft.com/wix/2006/wi}"
LACKING = missing("wixl", "msiinfo", "msibuild", "msiextract")
needs_wixl = pytest.mark.skipif(bool(LACKING), reason=LACKING)
TEMPLATES = ("Paragone.admx", "de-DE/Paragone.adml", "en-US/Paragone.adml")


@pytest.fixture(scope="module")
def msi() -> ModuleType:
    return tool()


@pytest.fixture(scope="module")
def wxs() -> ModuleType:
    return tool("wxs")


def source(msi: ModuleType, folder: Path, version: str = "1.2.3") -> ET.Element:
    msi.write_source(folder, folder.parent / "source", version, WHEN)
    return ET.parse(folder.parent / "source" / "paragone.wxs").getroot()


def by_source(root: ET.Element) -> dict[str, ET.Element]:
    """Components by the one file that they have."""
    return {
        file.attrib["Source"]: component
        for component in root.iter(f"{WIX}Component")
        for file in component.findall(f"{WIX}File")
    }


def features(root: ET.Element) -> dict[str, set[str]]:
    """Ids of the components of each feature, without those of the features in it."""
    return {
        feature.attrib["Id"]: {ref.attrib["Id"] for ref in feature.findall(f"{WIX}ComponentRef")}
        for feature in root.iter(f"{WIX}Feature")
    }


def table(made: Path, name: str) -> list[list[str]]:
    text = subprocess.run(["msiinfo", "export", str(made), name], capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in text.splitlines()[3:]]


def test_every_file_is_in_one_component_of_one_feature(msi: ModuleType, tmp_path: Path) -> None:
    root = source(msi, frozen(tmp_path / "frozen", "_internal/a/b/c/deep.txt"))
    names = ("paragone.exe", *PROGRAM_FILES, *ENGINE_FILES, "_internal/a/b/c/deep.txt")
    wanted = {f"$(var.Frozen)/{name}" for name in names} | {f"$(var.Policy)/{name}" for name in TEMPLATES}
    sources = [file.attrib["Source"] for file in root.iter(f"{WIX}File")]
    assert Counter(sources) == Counter(wanted)
    ids = [component.attrib["Id"] for component in root.iter(f"{WIX}Component")]
    assert Counter(ids) == Counter(id_ for each in features(root).values() for id_ in each)


def test_the_engine_and_its_model_are_a_feature_of_their_own(msi: ModuleType, tmp_path: Path) -> None:
    root = source(msi, frozen(tmp_path / "frozen", "_internal/xllamacpp-1.dist-info/METADATA"))
    engine = features(root)["Engine"]
    found = {name for name, component in by_source(root).items() if component.attrib["Id"] in engine}
    assert found == {f"$(var.Frozen)/{name}" for name in ENGINE_FILES}
    program = root.find(f".//{WIX}Feature[@Id='Program']")
    assert program is not None
    assert program.attrib["Absent"] == "disallow"
    assert program.find(f"{WIX}Feature[@Id='Engine']") is not None


def test_a_file_keeps_its_component_whatever_else_changes(msi: ModuleType, tmp_path: Path) -> None:
    old = by_source(source(msi, frozen(tmp_path / "old" / "frozen", "_internal/gone.txt"), "1.2.3"))
    new = by_source(source(msi, frozen(tmp_path / "new" / "frozen", "_internal/a_new_one.txt"), "1.3.0"))
    assert len(old.keys() & new.keys()) == len(old) - 1
    assert all(old[name].attrib == new[name].attrib for name in old.keys() & new.keys())
    guids = [component.attrib["Guid"] for component in old.values()]
    assert len(set(guids)) == len(guids)


def test_a_version_is_a_product_and_all_have_one_upgrade_code(msi: ModuleType, tmp_path: Path) -> None:
    folder = frozen(tmp_path / "frozen")
    products = [source(msi, folder, number)[0].attrib for number in ("1.2.3", "1.2.3", "1.2.4")]
    assert products[0] == products[1]
    assert products[0]["Id"] != products[2]["Id"]
    assert products[0]["UpgradeCode"] == products[2]["UpgradeCode"] == "F1B4C1B0-6F0A-5F5B-8A43-2B6A1C1D7E10"


def test_a_changed_byte_changes_the_package_code(msi: ModuleType, tmp_path: Path) -> None:
    folder = frozen(tmp_path / "frozen")
    codes = [msi.write_source(folder, tmp_path / "source", "1.2.3", WHEN).package_code for _ in range(2)]
    (folder / "_internal/resources/catalog.toml").write_text("changed")
    assert codes[0] == codes[1] != msi.write_source(folder, tmp_path / "source", "1.2.3", WHEN).package_code


def test_odd_names_are_escaped(msi: ModuleType, tmp_path: Path) -> None:
    odd = "_internal/a & b's [y] %1 ;#{x} 'q'.txt"
    assert f"$(var.Frozen)/{odd}" in by_source(source(msi, frozen(tmp_path / "frozen", odd)))


@pytest.mark.parametrize("name", ["_internal/$(var.Policy)", "_internal/a|b", "_internal/a:b", "_internal/größe"])
def test_names_that_an_msi_cannot_hold_are_refused(msi: ModuleType, tmp_path: Path, name: str) -> None:
    with pytest.raises(msi.NotPackable, match=re.escape(name)):
        source(msi, frozen(tmp_path / "frozen", name))


def test_two_names_that_windows_takes_for_one_are_refused(msi: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(msi.NotPackable, match="one file on Windows"):
        source(msi, frozen(tmp_path / "frozen", "_internal/Readme", "_internal/README"))


@pytest.mark.parametrize("version", ["1.2", "1.2.3rc1", "256.0.0", "1.2.3.4"])
def test_versions_that_windows_installer_cannot_compare_are_refused(
    msi: ModuleType, tmp_path: Path, version: str
) -> None:
    with pytest.raises(msi.NotPackable, match="versions of three numbers"):
        source(msi, frozen(tmp_path / "frozen"), version)


def test_a_folder_frozen_elsewhere_is_refused(msi: ModuleType, tmp_path: Path) -> None:
    (frozen(tmp_path / "frozen") / "paragone.exe").rename(tmp_path / "frozen" / "paragone")
    with pytest.raises(msi.NotPackable, match="not frozen on Windows"):
        source(msi, tmp_path / "frozen")


def test_the_program_of_this_version_can_be_packed(msi: ModuleType, wxs: ModuleType) -> None:
    wxs.check(wxs.Product(msi.version(), "", [PurePosixPath("paragone.exe")], []))


def test_the_icon_has_all_sizes(tmp_path: Path) -> None:
    tool("icon").draw(tmp_path / "a.ico")
    data = (tmp_path / "a.ico").read_bytes()
    _, kind, count = struct.unpack_from("<HHH", data)
    sides: list[int] = []
    for number in range(count):
        side, _, _, _, _, bits, size, at = struct.unpack_from("<BBBBHHII", data, 6 + 16 * number)
        picture = QImage.fromData(data[at : at + size])
        assert (picture.width(), bits) == (side or 256, 32)
        sides.append(picture.width())
        assert picture.pixelColor(picture.width() // 2, picture.width() // 2).alpha() == 255
    assert (kind, sides) == (1, [16, 20, 24, 32, 40, 48, 64, 256])


@needs_wixl
def test_two_builds_are_alike_to_the_bit(msi: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = frozen(tmp_path / "frozen", *(f"_internal/many/{number}.txt" for number in range(40)))
    first = msi.build(folder, tmp_path / "1.msi", "1.2.3", WHEN).read_bytes()
    # Another time zone, other times of the files, another order of making them, a later second in the summary.
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    again = tmp_path / "again"
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file():
            (again / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, again / path.relative_to(folder))
    assert msi.build(again, tmp_path / "2.msi", "1.2.3", WHEN).read_bytes() == first
    assert msi.build(folder, tmp_path / "3.msi", "1.2.3", WHEN + 2).read_bytes() != first


@needs_wixl
def test_the_msi_read_back_holds_the_folder(msi: ModuleType, tmp_path: Path) -> None:
    folder = frozen(tmp_path / "frozen", "_internal/a & b's [y] %1.txt")
    made = msi.build(folder, tmp_path / "a.msi", "1.2.3", WHEN)
    subprocess.run(["msiextract", "-C", str(tmp_path / "out"), str(made)], check=True, capture_output=True)
    for origin, installed in ((folder, "Paragone"), (ROOT / "packaging/policy/windows", "PolicyDefinitions")):
        names = {path.relative_to(origin) for path in origin.rglob("*") if path.is_file()}
        target = tmp_path / "out" / installed
        assert {path.relative_to(target) for path in target.rglob("*") if path.is_file()} == names
        assert all((target / name).read_bytes() == (origin / name).read_bytes() for name in names)


@needs_wixl
def test_the_msi_is_for_the_machine_and_says_so_to_windows(
    msi: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = msi.build(frozen(tmp_path / "frozen"), tmp_path / "a.msi", "1.2.3", WHEN)
    properties = {row[0]: row[1] for row in table(made, "Property")}
    assert (properties["ALLUSERS"], properties["ProductVersion"], properties["Manufacturer"]) == (
        "1",
        "1.2.3",
        "Paragone",
    )
    assert properties["ARPHELPLINK"] == "https://paragone.app/"
    monkeypatch.setenv("TZ", "UTC")
    summary = subprocess.run(["msiinfo", "suminfo", str(made)], capture_output=True, text=True, check=True).stdout
    assert "Template: x64;1033" in summary
    assert summary.count("Mon Nov 24 16:00:00 2025") == 2
    package = source(msi, tmp_path / "frozen").find(f".//{WIX}Package")
    assert package is not None
    assert f"{{{package.attrib['Id']}}}" in summary
    # All components are of 64 bits, and the search path is given back at removal.
    assert {int(row[3]) & 256 for row in table(made, "Component")} == {256}
    assert [row[1] for row in table(made, "Environment")] == ["=-*PATH"]
    # The Start menu entry and the running program are one in the taskbar.
    assert [row[1:] for row in table(made, "MsiShortcutProperty")] == [
        ["StartMenu", "System.AppUserModel.ID", DESKTOP_ID]
    ]


@needs_wixl
def test_a_newer_version_refuses_with_a_sentence(msi: ModuleType, wxs: ModuleType, tmp_path: Path) -> None:
    made = msi.build(frozen(tmp_path / "frozen"), tmp_path / "a.msi", "1.2.3", WHEN)
    assert ["NOT WIX_DOWNGRADE_DETECTED", wxs.NEWER_IS_THERE] in table(made, "LaunchCondition")
    upgrades = {row[6]: row[1:3] for row in table(made, "Upgrade")}
    assert upgrades == {"WIX_UPGRADE_DETECTED": ["", "1.2.3"], "WIX_DOWNGRADE_DETECTED": ["1.2.3", ""]}


@needs_wixl
def test_an_upgrade_asks_for_the_features_that_were_there(msi: ModuleType, tmp_path: Path) -> None:
    # Only Windows carries it out: wine's installer takes every feature anew.
    made = msi.build(frozen(tmp_path / "frozen"), tmp_path / "a.msi", "1.2.3", WHEN)
    attributes = {row[6]: int(row[4]) for row in table(made, "Upgrade")}
    assert attributes["WIX_UPGRADE_DETECTED"] & 1
    order = {row[0]: int(row[2]) for row in table(made, "InstallExecuteSequence")}
    assert order["FindRelatedProducts"] < order["MigrateFeatureStates"] < order["RemoveExistingProducts"]
    assert order["RemoveExistingProducts"] < order["InstallFiles"]


@needs_wixl
def test_settling_a_file_that_is_settled_already_is_refused(msi: ModuleType, wxs: ModuleType, tmp_path: Path) -> None:
    made = msi.build(frozen(tmp_path / "frozen"), tmp_path / "a.msi", "1.2.3", WHEN)
    settle = tool("settle")
    subprocess.run(["msibuild", str(made), "-q", "UPDATE `Environment` SET `Environment` = 'path'"], check=True)
    with pytest.raises(settle.NotAsExpected, match="not one that wixl rolled"):
        settle.settle(made, wxs.identity("any"), wxs.identity("other"), WHEN)
