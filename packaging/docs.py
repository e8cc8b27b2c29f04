"""Documentation: build and check the site, and regenerate its screenshots and the parts derived from the source.

python packaging/docs.py                      build the site in build/docs and check links, anchors and images
python packaging/docs.py --out DIR            the same in another folder
python packaging/docs.py tables [--check]     update keys, settings and packages in the pages, or list outdated pages
python packaging/docs.py map                  print the first sentence of every module, by package
python packaging/docs.py pictures [NAMES]     render the images in docs/pictures/ again, cropped and reduced
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
import house_map

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SITE = ROOT / "build" / "docs"
PICTURES = DOCS / "pictures"

WIDEST = 1200
"""Maximum width of a screenshot in pixels."""

_COARSE = 0xF0F0F0
"""Bits of a color that are compared when similar colors are grouped."""

Cut = tuple[int, int, int, int]
CUTS: Mapping[str, Cut | None] = {
    "first-start": None,
    "conversation": None,
    "comparison": None,
    "model-picker": (256, 44, 580, 540),
    "add-connection": (496, 244, 610, 712),
    "sign-in-code": (496, 244, 610, 660),
    "rules": (630, 0, 420, 300),
    "figures": (1230, 0, 370, 1000),
    "differences-side-by-side": (1030, 0, 570, 800),
    "merge": (904, 0, 500, 456),
    "search-filters": (0, 0, 256, 330),
    "presets": (276, 504, 460, 450),
    "backup-preview": (360, 182, 882, 636),
    "error": (640, 70, 580, 290),
    "run": None,
    "run-case": None,
    "replay-decision": None,
    "latency": None,
}
"""Screenshots by their names in tests/shots, with the crop of each: left, top, width and height."""


def main(words: list[str]) -> int:
    """Execute the command line and return the exit status."""
    match words:
        case []:
            return build(SITE)
        case ["--out", folder]:
            return build(Path(folder))
        case ["tables", *rest] if rest in ([], ["--check"]):
            return write_tables(check=bool(rest))
        case ["map"]:
            print("\n".join(house_map.listed()))
            return 0
        case ["pictures", *names]:
            return draw_pictures(names or list(CUTS))
        case _:
            print(__doc__, file=sys.stderr)
            return 2


# ---- Site


def build(out: Path) -> int:
    """Build and check the site. Problems are printed. Returns 1 if there are any."""
    words = ["-b", "html", "-W", "--keep-going", "-n", "-q", "-d", str(out.with_name(f"{out.name}.doctrees"))]
    done = subprocess.run([sys.executable, "-m", "sphinx", *words, str(DOCS), str(out)], check=False)
    if done.returncode:
        return 1
    slips = sorted(check(out))
    for slip in slips:
        print(slip, file=sys.stderr)
    if not slips:
        print(f"{out}: {len([*out.rglob('*.html')])} pages")
    return 1 if slips else 0


@dataclass
class Page(HTMLParser):
    """A parsed page: its anchors, the resources it loads, and its links."""

    ids: set[str] = field(default_factory=set[str])
    loaded: list[str] = field(default_factory=list[str])
    links: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element's ID and the addresses in its attributes."""
        attributes = {name: value or "" for name, value in attrs}
        self.ids.add(attributes.get("id", ""))
        (self.links if tag == "a" else self.loaded).extend(
            attributes[name] for name in ("href", "src") if name in attributes
        )


def check(site: Path) -> Iterator[str]:
    """Yield sentences about broken links and about resources from other servers."""
    pages = {path: read(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        name = path.relative_to(site)
        for address in page.loaded:
            if is_elsewhere(address):
                yield f"{name} loads {address} from elsewhere"
        for address in (*page.loaded, *page.links):
            if slip := wrong(address, path, pages):
                yield f"{name}: {address} {slip}"
    for path in sorted(site.rglob("*.css")):
        for address in re.findall(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", path.read_text("utf-8")):
            if is_elsewhere("".join(address)):
                yield f"{path.relative_to(site)} loads {''.join(address)} from elsewhere"


def read(path: Path) -> Page:
    """Return a parsed page of the site."""
    page = Page()
    page.feed(path.read_text("utf-8"))
    return page


def is_elsewhere(address: str) -> bool:
    """Whether an address is on another server. Embedded data is not."""
    parts = urlsplit(address.strip())
    return bool(parts.netloc) or parts.scheme in {"http", "https"}


def wrong(address: str, page: Path, pages: Mapping[Path, Page]) -> str:
    """Return the problem with an address on a page; empty if it is valid or a well-formed external address."""
    parts = urlsplit(address)
    if parts.scheme in {"data", "mailto"}:
        return ""
    if is_elsewhere(address):
        return "" if parts.scheme == "https" and "." in parts.netloc and " " not in address else "is no good address"
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not target.is_file():
        return "leads nowhere"
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
        return "leads to no place of that page"
    return ""


# ---- Tables derived from the source


def write_tables(*, check: bool) -> int:
    """Update the derived parts of the pages, or only print outdated pages with `check`.

    Returns 1 if `check` finds any.
    """
    stale = 0
    for path, text in tables().items():
        if not path.exists() or path.read_text("utf-8") != text:
            stale += 1
            print(f"{'out of date' if check else 'written'}: {path.relative_to(ROOT)}")
            if not check:
                path.write_text(text, encoding="utf-8", newline="\n")
    return 1 if check and stale else 0


def tables() -> dict[Path, str]:
    """Return the current text of all pages with derived parts."""
    keyboard, settings, rooms = DOCS / "guide" / "keyboard.md", DOCS / "guide" / "settings.md", DOCS / "contributing.md"
    return {
        keyboard: put(put(keyboard.read_text("utf-8"), "commands", commands()), "message keys", message_keys()),
        settings: put(settings.read_text("utf-8"), "settings", options()),
        rooms: put(rooms.read_text("utf-8"), "rooms", room_table()),
        ROOT / "CONTRIBUTING.md": put((ROOT / "CONTRIBUTING.md").read_text("utf-8"), "floors", floor_list()),
        PICTURES / "house.svg": house_map.picture(),
    }


def put(text: str, name: str, made: str) -> str:
    """Return a page's text with the part between two markers replaced.

    Raises:
        ValueError: If the page has no such markers.
    """
    begin, end = f"<!-- {name}: made by packaging/docs.py -->", f"<!-- {name}: end -->"
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    if not rest or not after:
        raise ValueError(f"there is no place for {name}")
    return f"{before}{begin}\n\n{made}\n{end}{after}"


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return rows as a Markdown table."""
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(each.replace('|', chr(92) + '|') for each in line)} |\n" for line in lines)


def commands() -> str:
    """Return a table of the window's commands with their default keys and their names in the settings file."""
    from desktop.settings.schema import SHORTCUTS
    from ui.base.commands import COMMANDS, Context

    rows = (
        (facts.title, keys(facts.keys), f"`{SHORTCUTS[command].key}`" if command in SHORTCUTS else "")
        for command, facts in COMMANDS.items()
        if facts.context is not Context.MESSAGE
    )
    return table(("command", "keys", "name in the settings file"), rows)


def message_keys() -> str:
    """Return a table of the actions for the message that has the keyboard focus."""
    from ui.base.commands import COMMANDS, Context

    facts = (facts for facts in COMMANDS.values() if facts.context is Context.MESSAGE)
    return table(("on a message", "keys"), ((each.title, keys(each.keys)) for each in facts))


def keys(text: str) -> str:
    """Return keyboard shortcuts for display."""
    return f"`{text.replace('Return', 'Enter')}`" if text else "none"


def options() -> str:
    """Return tables of all settings except shortcuts, one for each page of the settings dialog."""
    from desktop.settings.managed.policy_declarations import load
    from desktop.settings.option import SettingsPage
    from desktop.settings.schema import OPTIONS

    policies = {each.option: each.name for each in load(ROOT / "resources" / "policies.toml").policy if each.option}
    parts: list[str] = []
    for settings_page in SettingsPage:
        shown = [each for each in OPTIONS if each.page is settings_page and not each.key.startswith("shortcuts.")]
        rows = (
            (
                f"`{each.key}`",
                each.label,
                f"{each.description}{' Counts from the next start.' if each.at_start else ''}",
                f"{each.expected}; `{toml(each.default)}`",
                f"[{name}](../policies.md#{name.lower()})" if (name := policies.get(each.key)) else "",
            )
            for each in shown
        )
        if shown:
            head = ("in the file", "in the window", "what it does", "values; default", "policy")
            parts.append(f"## {settings_page.value}\n\n{table(head, rows)}")
    return "\n".join(parts)


def toml(value: object) -> str:
    """Return a default value as written in the settings file."""
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def room_table() -> str:
    """Return a table of packages and top-level modules, with the first sentence of each."""
    paths = [path for top in ("desktop", "ui") for path in sorted((ROOT / top).iterdir())]
    rooms = [path / "__init__.py" if path.is_dir() else path for path in paths if path.name != "__init__.py"]
    rows = (
        (f"`{name_of(path)}`", house_map.sentence_of(path)) for path in rooms if path.is_file() and path.suffix == ".py"
    )
    return table(("room", "what it is"), rows)


def floor_list() -> str:
    """Return the layers of `desktop` from bottom to top."""
    stories = reversed(house_map.floors("desktop"))
    return f"    {' → '.join(', '.join(room.partition('.')[2] for room in story) for story in stories)}\n"


def name_of(path: Path) -> str:
    """Return a package's or module's path for display."""
    inside = path.parent if path.name == "__init__.py" else path
    return f"{inside.relative_to(ROOT).as_posix()}{'/' if inside.is_dir() else ''}"


# ---- Screenshots


def draw_pictures(names: list[str]) -> int:
    """Render screenshots, crop and reduce them, and write them into docs/pictures. Returns the exit status."""
    if unknown := [name for name in names if name not in CUTS]:
        print(f"no such picture: {', '.join(unknown)}; there are {', '.join(CUTS)}", file=sys.stderr)
        return 2
    status = subprocess.run([sys.executable, "-m", "tests.shots", *names], cwd=ROOT, check=False).returncode
    PICTURES.mkdir(exist_ok=True)
    for name in names if not status else ():
        made = PICTURES / f"{name}.png"
        reduce(ROOT / "build" / "shots" / f"{name}.png", CUTS[name], made)
        print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1000:.0f} kB")
    return status


def reduce(source: Path, cut: Cut | None, target: Path) -> None:
    """Write a crop of a screenshot with limited width and its 256 most important colors."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage

    whole = QImage(str(source))
    part = whole.copy(*cut) if cut is not None else whole
    if part.width() > WIDEST:
        part = part.scaledToWidth(WIDEST, Qt.TransformationMode.SmoothTransformation)
    part = part.convertToFormat(QImage.Format.Format_RGB32)
    few = part.convertToFormat(
        QImage.Format.Format_Indexed8,
        palette(memoryview(part.constBits()).cast("I")),
        Qt.ImageConversionFlag.ThresholdDither,
    )
    if not few.save(str(target), "PNG", 0):  # pyright: ignore[reportArgumentType, reportCallIssue]
        raise OSError(f"{target} cannot be written")


def palette(pixels: memoryview) -> list[int]:
    """Return 256 representative colors: the most common ones, then one for each hue."""
    counted = Counter(pixels)
    grounds = [colour for colour, _ in counted.most_common(96)]
    alike: dict[int, tuple[int, int]] = {}
    for colour, count in counted.most_common():
        first, sum_ = alike.get(colour & _COARSE, (colour, 0))
        alike[colour & _COARSE] = (first, sum_ + count)
    hues = (colour for colour, _ in sorted(alike.values(), key=lambda each: -each[1]))
    return [*dict.fromkeys((*grounds, *hues))][:256]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
