"""Where a link leads is told by the value that is opened; one module hands things to the system's programs."""

from __future__ import annotations

import ast
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from desktop.system.external_programs import Launch
from ui.base.link_opener import open_local, open_page, open_target, target_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the system would open, as it would be handed to its programs."""
    found: list[str] = []

    def take(address: str) -> Launch:
        found.append(address)
        return Launch(None)

    monkeypatch.setattr("ui.base.link_opener.launch", take)
    return found


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "vbscript:x"),
        *(
            "file:///etc/passwd",
            "file://host/share",
            "//host/share",
            "\\\\host\\share",
            "data:text/html,x",
            "about:blank",
        ),
        *(
            "ftp://example.org",
            "ssh://example.org",
            "x-app:do",
            "docs/page",
            "#top",
            "",
            " ",
            "http://",
            "https:///path",
        ),
        *("http://[::1", "http://example.org:port/", "http://example.org:99999/", "http:example.org", "mailto"),
        *("https://exam\nple.org", "https://example.org/\x00", "https://example.org/a\x1bb", "https://a b.org/"),
        *("https://example.org\\@evil.org/", "https://exam\u202eple.org/", "mailto:a@b.org\nBcc: c@d.org", "mailto:"),
        *("mailto:a@b.org?attach=/etc/passwd", "mailto:a@b.org?subject=Hi&Attach%6Dent=~/.ssh/id_rsa"),
        *("mailto:a@b.org?subject=Hi;attach=/etc/passwd", "mailto:?%61ttach=/etc/passwd&body=x"),
        *("mailto:a@b.org&attach=/etc/passwd", "mailto:a@b.org;attach=x", "mailto:a@b.org%26attach=/etc/passwd"),
        *("mailto:--attach=/etc/passwd", "mailto:-x@b.org", "mailto:%2d-attach=/etc@b.org", "mailto:a@b.org,-x@b.org"),
        *(
            "mailto:a@b.org?body=x',attachment='/etc/passwd",
            "mailto:a@b.org?body=x%27%2C%20attachment%3D%27/etc/passwd",
        ),
        *("mailto:a@b.org',attachment='/etc/passwd", "mailto:a@b.org?body=x%00y", "mailto:/etc/passwd"),
        *("mailto:a@b.org#?attach=/etc/passwd", "mailto:a@b.org?subject=Hi#&attach=x", "mailto:a@b.org%3Fattach=x"),
    ],
)
def test_what_may_do_harm_or_leads_nowhere_is_not_opened(url: str) -> None:
    assert target_of(url) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a?b#c", "example.org"),
        ("HTTPS://EXAMPLE.org", "example.org"),
        ("https://example.org:8443/", "example.org:8443"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
        ("https://[::1]/", "[::1]"),
        ("mailto:ann@example.org?subject=Hi", "ann@example.org"),
        ("mailto:ann@example.org?Subject=a%26attach%3Db;c&body=d&cc=e@f.org", "ann@example.org, e@f.org"),
        ("mailto:ann.o'hara+x@example.org,b_c@d.org?body=I'm,%20don't,%20'so'", "ann.o'hara+x@example.org, b_c@d.org"),
        ("mailto:r&d@example.org?body=why?a=b", "r&d@example.org"),
        ("mailto:bounce=ann@example.org", "bounce=ann@example.org"),
        (" https://example.org ", "example.org"),
    ],
)
def test_a_plain_target_is_named_without_doubts(url: str, host: str) -> None:
    target = target_of(url)
    assert target is not None
    assert (target.host, target.doubts) == (host, ())


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (f"mailto:help@bank.com?body={'x' * 1_100}&bcc=evil@x.com", "help@bank.com, evil@x.com"),
        ("mailto:a@b.org?to=c@d.org,e@f.org&CC=g%40h.org", "a@b.org, c@d.org, e@f.org, g@h.org"),
        ("mailto:a@b.org?cc=Ann%20%3Cann@x.org%3E,b@x.org", "a@b.org, Ann <ann@x.org>, b@x.org"),
        ("mailto:a@b.org?subject=x#&bcc=evil@x.com", "a@b.org, evil@x.com"),
        ("mailto:a@b.org?subject=x;bcc=evil@x.com", "a@b.org, evil@x.com"),
        ("mailto:a@b.org?subject=x%26bcc%3Devil@x.com", "a@b.org, evil@x.com"),
        ("mailto:a@b.org?%62cc=evil@x.com", "a@b.org, evil@x.com"),
        ("mailto:a@b.org%2Cevil@x.com", "a@b.org,evil@x.com"),
        ("mailto:a@b.org#,evil@x.com", "a@b.org#, evil@x.com"),
        ("mailto:a@b.org?cc=a@b.org&subject=cc", "a@b.org"),
        ("mailto:\u0430dmin@b.org?cc=\u0430@b.org", "%D0%B0dmin@b.org, %D0%B0@b.org"),
    ],
)
def test_everybody_who_gets_a_mail_is_named(url: str, named: str) -> None:
    target = target_of(url)
    assert target is not None
    assert (target.host, target.is_mail) == (named, True)


def test_a_mail_to_more_people_than_can_be_shown_is_not_opened() -> None:
    many = ",".join(f"someone.{number}@example.org" for number in range(50))
    assert target_of(f"mailto:{many}") is None
    assert target_of(f"mailto:a@b.org?bcc={many}") is None


@pytest.mark.parametrize(
    ("url", "host", "doubt"),
    [
        ("https://аpple.com/", "xn--pple-43d.com", "characters that look like others"),
        ("https://xn--pple-43d.com/", "xn--pple-43d.com", "characters that look like others"),
        ("https://www.xn--pple-43d.com/", "www.xn--pple-43d.com", "characters that look like others"),
        ("https://example.org@evil.org/", "evil.org", "user name"),
        ("https://example.org:secret@evil.org/", "evil.org", "user name"),
        ("http://example.org/", "example.org", "not encrypted"),
    ],
)
def test_what_may_deceive_is_said(url: str, host: str, doubt: str) -> None:
    target = target_of(url)
    assert target is not None
    assert target.host == host
    assert any(doubt in each for each in target.doubts)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://google.com%2eevil.com/",
            "https://%D0%B0pple.com/",
            "https://exa%6dple.org/",
            "https://[::1%25eth0]/",
        ),
        *("https://a!b.org/", "https://a..b.org/", "https://-a.org/", "https://1.2.3.4.0x5/", "https://[v1.a]/"),
        *("mailto:a@b.org?subject=Hi%0aBcc:c@d.org", "mailto://a@b.org", "https://a.org%/", "https://a.org%00.b.org/"),
    ],
)
def test_a_host_that_readers_may_take_for_different_ones_is_refused(url: str) -> None:
    assert target_of(url) is None


@pytest.mark.parametrize(
    ("url", "host", "encoded"),
    [
        ("https://busineß.com/", "xn--busine-gta.com", "https://xn--busine-gta.com/"),
        ("https://ａpple.com/", "apple.com", "https://apple.com/"),
        ("https://a。b.com/", "a.b.com", "https://a.b.com/"),
        ("https://2130706433/", "127.0.0.1", "https://127.0.0.1/"),
        ("https://0x7f.1:8443/", "127.0.0.1:8443", "https://127.0.0.1:8443/"),
        ("https://a.org/Straße?q=ü|<b>", "a.org", "https://a.org/Stra%C3%9Fe?q=%C3%BC%7C%3Cb%3E"),
    ],
)
def test_host_and_address_are_shown_as_they_are_opened(url: str, host: str, encoded: str, opened: list[str]) -> None:
    target = target_of(url)
    assert target is not None
    assert (target.host, target.url) == (host, encoded)
    assert open_target(target)
    assert opened == [encoded]


def test_over_all_characters_the_shown_host_is_the_opened_one(opened: list[str]) -> None:
    checked = 0
    for code in _telling():
        for host in (f"a{chr(code)}b.example", f"{chr(code)}.example"):
            target = target_of(f"https://{host}/")
            if target is None:
                continue
            open_target(target)
            sent = opened.pop()
            assert urlsplit(sent).hostname == target.host, hex(code)
            assert target.url == sent, hex(code)
            assert target.host.isascii(), hex(code)
            assert code < 0x80 or target.doubts, hex(code)
            checked += 1
    assert checked > 10_000


def _telling() -> list[int]:
    """Characters that are written otherwise in a host than in a text, and every 61st of the others."""
    found: list[int] = []
    for code in range(0x80, 0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        character = chr(code)
        if not code % 61 or character.casefold() != character or unicodedata.normalize("NFKC", character) != character:
            found.append(code)
    return [*range(0x80), 0xDF, 0x3C2, 0x200C, 0x200D, *found]


def test_pages_of_the_program_are_opened_over_https_alone(opened: list[str]) -> None:
    assert open_page("https://login.example/a?b=c%20d")
    for address in (
        "http://login.example/",
        "file:///bin/true",
        "mailto:a@b.org",
        "x-app:do",
        "https://%65vil.org/",
        "",
    ):
        assert not open_page(address)
    assert opened == ["https://login.example/a?b=c%20d"]


def test_files_are_shown_as_files(opened: list[str], tmp_path: Path) -> None:
    assert open_local(tmp_path / "http:x")
    assert opened == [str(tmp_path / "http:x")]


OPENING = {
    "openUrl": set[str](),
    "QDesktopServices": set[str](),
    "startfile": {"desktop/system/external_programs.py"},
    "an opener": {"desktop/system/external_programs.py"},
    "setOpenExternalLinks": set[str](),
    "webbrowser": set[str](),
}
"""Names that open something, and where they may stand."""

_PROGRAMS = ("xdg-open", "gio", "kde-open", "gnome-open", "rundll32", "explorer.exe", "sensible-browser")


def _openers(source: str) -> set[str]:
    """What of a module's code opens something, wherever and however it is named."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name):
                names = [name]
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names = [part for alias in aliases for part in alias.name.split(".")]
                names += (node.module or "").split(".") if isinstance(node, ast.ImportFrom) else []
            case ast.Constant(value=str(text)):
                names = [text] if text in OPENING else []
                found |= {"an opener"} if text.startswith(_PROGRAMS) and len(text) < 40 else set()
            case _:
                continue
        found |= OPENING.keys() & {*names}
    return found


def test_links_are_opened_at_one_place_in_the_whole_program() -> None:
    modules = [ROOT / "main.py", *(ROOT / "desktop").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]
    assert len(modules) > 300
    places: dict[str, set[str]] = {name: set() for name in OPENING}
    for path in modules:
        source = path.read_text(encoding="utf-8")
        if not any(name in source for name in (*OPENING, *_PROGRAMS)):
            continue  # nothing to look at more closely
        for name in _openers(source):
            places.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    assert places == OPENING


@pytest.mark.parametrize(
    "code",
    [
        "from PySide6.QtGui import QDesktopServices as Door",
        "getattr(door, 'openUrl')('https://a.org')",
        "import webbrowser as w",
        "from webbrowser import open",
        "import_module('webbrowser')",
        "label.setOpenExternalLinks(True)",
        "subprocess.run(['xdg-open', url])",
        "os.startfile(url)",
    ],
)
def test_whoever_opens_links_otherwise_is_noticed(code: str) -> None:
    assert _openers(code)
