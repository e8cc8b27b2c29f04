"""Every way in from a file asks the same function, which the policy that forbids imports answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desktop.errors import PolicyForbids
from desktop.settings.policy import IMPORT, Fixed, Policy
from desktop.settings.values import Settings
from tests.desktop.session.fakes import said
from tests.desktop.terminal.conftest import Desk

ROOT = Path(__file__).parents[3]
WAYS = {
    r"\bImporter\(": {"desktop/terminal/import_command.py", "ui/transfer/import_dialog.py"},
    r"\bvotes\.add\(\*": {"desktop/terminal/votes_command.py"},
    r"\bimport_suite\(": {"desktop/terminal/suites_command.py"},
    r"(?<!def )\bread_backup\(": {"desktop/store/backup/restore.py"},
    r"(?<!def )\bopen_backup\(": {"desktop/store/backup/safety.py"},
    r"(?<!def )\bfrom_text\(read_plain": {"desktop/presets/presets.py"},
}
"""What brings something in, and the modules that call it; read_backup reads what `open_backup` let pass."""


async def forbidden(desk: Desk) -> Path:
    """A backup with a conversation, made here and carried away, where nothing may be brought in."""
    desk.provider.scripts = [said("because")]
    assert await desk.run("ask", "--save", "--model", "lab/scripted", "why?") == 0
    backup = await (await desk.services.store()).safety.backup_daily()
    assert backup is not None
    entries = {IMPORT.name: Fixed(IMPORT.name, False, locked=True, source="test")}
    desk.services.use(Settings(connections=desk.services.settings.connections, policy=Policy(entries=entries)))
    return backup


@pytest.mark.parametrize(
    "words",
    [
        ("conversations", "import", "FILE"),
        ("votes", "import", "FILE"),
        ("suites", "import", "FILE"),
        ("storage", "restore", "FILE", "--dry-run"),
        ("storage", "restore", "FILE", "--add"),
        ("storage", "restore", "FILE", "--yes"),
    ],
    ids=" ".join,
)
async def test_what_a_policy_forbids_comes_in_by_no_command(desk: Desk, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "carried.db"
    file.write_bytes((await forbidden(desk)).read_bytes())
    with pytest.raises(PolicyForbids, match="Your organization does"):
        await desk.run(*(str(file) if each == "FILE" else each for each in words))


async def test_presets_of_a_file_are_forbidden_with_the_rest(desk: Desk, tmp_path: Path) -> None:
    await forbidden(desk)
    (tmp_path / "presets.toml").write_text('[[preset]]\ntitle = "A"\nprompt = "b"\n')
    with pytest.raises(PolicyForbids):
        desk.services.presets.import_file(tmp_path / "presets.toml")


async def test_a_backup_that_was_made_here_comes_back_where_imports_are_forbidden(desk: Desk) -> None:
    backup = await forbidden(desk)
    store = await desk.services.store()
    (kept,) = await store.conversations.list()
    await store.conversations.purge([kept.id])
    assert await desk.run("storage", "restore", str(backup), "--add") == 0
    assert [each.id for each in await store.conversations.list()] == [kept.id]


def test_these_are_all_ways_in() -> None:
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for top in ("desktop", "ui")
        for path in (ROOT / top).rglob("*.py")
    }
    for call, callers in WAYS.items():
        assert {name for name, text in sources.items() if re.search(call, text)} - _BELOW == callers, call
    for callers in WAYS.values():
        for name in callers - {"desktop/store/backup/restore.py"}:
            assert re.search(r"\brequire_way_in\(|\bself\._?require\(\)", sources[name]), name


_BELOW = {"desktop/transfer/imported_votes.py", "desktop/evals/suites/foreign_suite.py"}
"""Where these are made, and what the importer does by itself."""
