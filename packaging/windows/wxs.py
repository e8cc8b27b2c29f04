"""Source of the MSI for WiX 3: all files with their features, and the registration.

IDs are derived from paths, so that a file keeps its component across versions, as Windows Installer requires. The
folders of the files are variables: Frozen (the program), Policy (the templates) and Icon (an .ico file).
"""

from __future__ import annotations

import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

UPGRADE_CODE = "F1B4C1B0-6F0A-5F5B-8A43-2B6A1C1D7E10"
"""Upgrade code of all versions, which must never change."""

ENGINE_FOLDERS = ("_internal/xllamacpp", "_internal/xllamacpp.libs", "_internal/resources/models")
PROGRAM, ENGINE, TEMPLATES = "Program", "Engine", "PolicyTemplates"
HOMEPAGE = "https://paragone.app/"
EXECUTABLE = "paragone.exe"

NEWER_IS_THERE = "A newer version of Paragone is installed. Remove it first if you want this one."
OLD_WINDOWS = "Paragone needs Windows 10 or newer."

_SPACE = "http://schemas.microsoft.com/wix/2006/wi"
_NAMES = uuid.UUID("5b0fd8a0-94f1-5c0e-9d5c-3d7e0a8e2c11")
# Characters not allowed in Windows names; $, which wixl interprets as a variable; and non-ASCII, on which wixl crashes
_FORBIDDEN = re.compile(r'[<>:"|?*\\$]|[^ -~]')
_CLASSES = r"Software\Classes"
_KIND = "Paragone.Conversations"


class NotPackable(Exception):
    """Raised if content cannot be packaged as an MSI, with a sentence as the message."""


@dataclass(frozen=True)
class Product:
    """Contents of the MSI: version, package ID, and the files below Frozen and Policy."""

    version: str
    package_code: str
    program: Sequence[PurePosixPath]
    templates: Sequence[PurePosixPath]


def identity(*words: str) -> str:
    """Return a GUID derived from words."""
    return str(uuid.uuid5(_NAMES, "\n".join(words))).upper()


def feature_of(path: PurePosixPath) -> str:
    """Return the feature to which a program file belongs."""
    inside = any(path.is_relative_to(folder) for folder in ENGINE_FOLDERS)
    return ENGINE if inside else PROGRAM


def source(product: Product) -> str:
    """Return the text of the source.

    Raises:
        NotPackable: If the version or a name is invalid.
    """
    check(product)
    root = ET.Element("Wix", xmlns=_SPACE)
    top = ET.SubElement(root, "Product", _product(product))
    ET.SubElement(top, "Package", _package(product))
    ET.SubElement(top, "MajorUpgrade", DowngradeErrorMessage=NEWER_IS_THERE)
    ET.SubElement(top, "Condition", Message=OLD_WINDOWS).text = "Installed OR (VersionNT >= 603)"
    ET.SubElement(top, "Media", Id="1", Cabinet="paragone.cab", EmbedCab="yes")
    _shown_by_windows(top)
    features: dict[str, list[str]] = {PROGRAM: [], ENGINE: [], TEMPLATES: []}
    _folders(ET.SubElement(top, "Directory", Id="TARGETDIR", Name="SourceDir"), product, features)
    _features(top, features)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def check(product: Product) -> None:
    """Check that Windows Installer supports the version and the names.

    Raises:
        NotPackable: If the version or a name is not supported.
    """
    numbers = re.fullmatch(r"(\d{1,3})\.(\d{1,3})\.(\d{1,5})", product.version)
    if not numbers or any(int(n) > most for n, most in zip(numbers.groups(), (255, 255, 65535), strict=True)):
        raise NotPackable(f"Windows Installer knows versions of three numbers only, not {product.version}")
    seen: dict[str, PurePosixPath] = {}
    for path in product.program:
        if _FORBIDDEN.search(str(path)):
            raise NotPackable(f"an MSI cannot hold a file of this name: {path}")
        if path != seen.setdefault(str(path).lower(), path):
            raise NotPackable(f"these are one file on Windows: {path}, {seen[str(path).lower()]}")
    if PurePosixPath(EXECUTABLE) not in product.program:
        raise NotPackable(f"there is no {EXECUTABLE}: the folder was not frozen on Windows")


def _product(product: Product) -> dict[str, str]:
    return {
        "Id": identity("product", product.version),
        "Name": "Paragone",
        "Version": product.version,
        "Manufacturer": "Paragone",
        "UpgradeCode": UPGRADE_CODE,
        "Language": "1033",
        "Codepage": "1252",
    }


def _package(product: Product) -> dict[str, str]:
    return {
        "Id": product.package_code,
        "InstallerVersion": "500",
        "InstallScope": "perMachine",
        "Compressed": "yes",
        "Description": "Paragone",
        "Comments": "A desktop chat client that puts language models side by side.",
    }


def _shown_by_windows(top: ET.Element) -> None:
    """Add the entry in the list of installed programs. There is no Modify button, because there is no dialog for it."""
    ET.SubElement(top, "Icon", Id="paragone.ico", SourceFile="$(var.Icon)")
    properties = {"ARPPRODUCTICON": "paragone.ico", "ARPHELPLINK": HOMEPAGE, "ARPURLINFOABOUT": HOMEPAGE}
    for name, value in {**properties, "ARPNOMODIFY": "1"}.items():
        ET.SubElement(top, "Property", Id=name, Value=value)


def _folders(root: ET.Element, product: Product, features: Mapping[str, list[str]]) -> None:
    """Add all folders with their files, and add the components of each feature to `features`."""
    programs = ET.SubElement(root, "Directory", Id="ProgramFiles64Folder")
    install = ET.SubElement(programs, "Directory", Id="INSTALLFOLDER", Name="Paragone")
    tree = _Tree(install, "Frozen", "program")
    for path in sorted(product.program):
        features[feature_of(path)].append(tree.add(path))
    ET.SubElement(root, "Directory", Id="ProgramMenuFolder")
    features[PROGRAM].extend((_registration(install), _association(install)))
    windows = ET.SubElement(root, "Directory", Id="WindowsFolder")
    definitions = ET.SubElement(windows, "Directory", Id="PolicyDefinitions", Name="PolicyDefinitions")
    tree = _Tree(definitions, "Policy", "templates")
    features[TEMPLATES].extend(tree.add(path) for path in sorted(product.templates))


class _Tree:
    """Folder tree below an existing folder, which grows as files are added."""

    def __init__(self, root: ET.Element, variable: str, what: str) -> None:
        self._folders = {PurePosixPath("."): root}
        self._variable = variable
        self._what = what

    def add(self, path: PurePosixPath) -> str:
        """Add a file as a separate component, and return the component's ID."""
        id_ = self._id(path)
        component = ET.SubElement(self._folder(path.parent), "Component", _component(f"c{id_}", self._what, path))
        where = f"$(var.{self._variable})/{path}"
        ET.SubElement(component, "File", Id=f"f{id_}", Name=path.name, Source=where, KeyPath="yes")
        return f"c{id_}"

    def _folder(self, path: PurePosixPath) -> ET.Element:
        if path not in self._folders:
            above = self._folder(path.parent)
            self._folders[path] = ET.SubElement(above, "Directory", Id=f"d{self._id(path)}", Name=path.name)
        return self._folders[path]

    def _id(self, path: PurePosixPath) -> str:
        return identity(self._what, str(path).lower()).replace("-", "")


def _component(id_: str, *words: str | PurePosixPath) -> dict[str, str]:
    guid = identity("component", *(str(word).lower() for word in words))
    return {"Id": id_, "Guid": guid, "Win64": "yes"}


def _registration(install: ET.Element) -> str:
    """Register the start menu entry, PATH, and the installation folder."""
    component = ET.SubElement(install, "Component", _component("Registration", "registration"))
    _value(component, r"Software\Paragone", "[INSTALLFOLDER]", "InstallFolder", KeyPath="yes")
    shortcut = {"Id": "StartMenu", "Directory": "ProgramMenuFolder", "Name": "Paragone", "Icon": "paragone.ico"}
    target = {"Target": f"[INSTALLFOLDER]{EXECUTABLE}", "WorkingDirectory": "INSTALLFOLDER"}
    ET.SubElement(component, "Shortcut", {**shortcut, **target, "Description": "Compare language models side by side"})
    path = {"Id": "SearchPath", "Name": "PATH", "Value": "[INSTALLFOLDER]", "Action": "set", "Part": "last"}
    ET.SubElement(component, "Environment", {**path, "System": "yes", "Permanent": "no"})
    return "Registration"


def _association(install: ET.Element) -> str:
    """Associate Paragone's exports with the program.

    Windows only uses the last extension, so Paragone is offered for .json without becoming the default.
    """
    component = ET.SubElement(install, "Component", _component("Association", "association"))
    kind = rf"{_CLASSES}\{_KIND}"
    _value(component, kind, "Paragone conversations", KeyPath="yes")
    _value(component, rf"{kind}\DefaultIcon", f"[INSTALLFOLDER]{EXECUTABLE},0")
    _value(component, rf"{kind}\shell\open\command", f'"[INSTALLFOLDER]{EXECUTABLE}" "%1"')
    _value(component, rf"{_CLASSES}\.json\OpenWithProgids", "", _KIND)
    return "Association"


def _value(component: ET.Element, key: str, value: str, name: str = "", **more: str) -> None:
    named = {"Name": name} if name else {}
    where = {"Root": "HKLM", "Key": key, **named}
    ET.SubElement(component, "RegistryValue", {**where, "Type": "string", "Value": value, **more})


def _features(top: ET.Element, features: Mapping[str, Iterable[str]]) -> None:
    """Add the features. By default, the engine is installed, and the templates are not."""
    program = _feature(top, PROGRAM, "Paragone", "The program.", Absent="disallow")
    engine = _feature(program, ENGINE, "Embedded model", "Answers without account and without network.")
    templates = _feature(top, TEMPLATES, "Policy templates", "For the editor of Group Policy.", level="1000")
    for element, components in zip((program, engine, templates), _of(features), strict=True):
        for place, component in enumerate(components):
            element.insert(place, ET.Element("ComponentRef", Id=component))


def _of(features: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    return (sorted(features[name]) for name in (PROGRAM, ENGINE, TEMPLATES))


def _feature(above: ET.Element, id_: str, title: str, about: str, level: str = "1", **more: str) -> ET.Element:
    facts = {"Id": id_, "Title": title, "Description": about, "Level": level, "AllowAdvertise": "no"}
    return ET.SubElement(above, "Feature", {**facts, **more})
