"""`storage` in one process: what is asked before anything changes, and what a declined question leaves as it was."""

from __future__ import annotations

import errno
import json
import shutil
import sys
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from desktop.credentials.keys import Keys
from desktop.errors import KeyringMissing, PolicyForbids, RecoveryCodeWrong, StoreError, UsageError
from desktop.settings.policy import Fixed, Policy
from desktop.settings.schema import ENCRYPTION, RETENTION, RETENTION_DAYS
from desktop.settings.settings_file import SettingsFile
from desktop.store.backup.restore import Backup, Some
from desktop.store.encryption.encryption import Encryption, NewKey
from desktop.terminal.console import Console
from desktop.terminal.storage_command import _number, _titles
from desktop.text.phrases import english
from tests.desktop.credentials.fakes import none_found
from tests.desktop.session.fakes import said
from tests.desktop.terminal.conftest import Desk, type_in


async def keep(desk: Desk, prompt: str = "why?") -> None:
    """One conversation in the store."""
    desk.provider.scripts = [said("because")]
    assert await desk.run("ask", "--save", "--model", "lab/scripted", prompt) == 0


async def titles(desk: Desk) -> set[str]:
    return {each.title for each in await (await desk.services.store()).conversations.list()}


async def backup(desk: Desk) -> Path:
    path = await (await desk.services.store()).safety.backup_daily()
    assert path is not None
    return path


async def test_the_state_says_what_is_kept_and_for_how_long(desk: Desk) -> None:
    await keep(desk)
    for mode, told in (("all", "always"), ("days", "for 7 days"), ("run", "until Paragone quits")):
        desk.look()
        desk.services.use(desk.services.settings.set(RETENTION, mode).set(RETENTION_DAYS, 7))
        assert await desk.run("storage", "status", "--json") == 0
        status = json.loads(desk.out)
        assert (status["state"], status["retention"], status["conversations"]) == ("open", told, 1)
    desk.services.use(desk.services.settings.set(RETENTION, "all"))


async def test_without_a_backup_there_is_nothing_to_list_or_restore(desk: Desk) -> None:
    assert await desk.run("storage", "backups") == 0
    assert desk.out == ""
    assert "There are no backups yet. One" in desk.err
    with pytest.raises(StoreError, match="no backup to restore"):
        await desk.run("storage", "restore")


async def test_backups_are_listed_newest_first_as_json_too(desk: Desk) -> None:
    await keep(desk)
    made = await backup(desk)
    desk.look()
    assert await desk.run("storage", "backups") == 0
    assert desk.out.split("\t")[0] == str(made)
    desk.look()
    assert await desk.run("storage", "backups", "--json") == 0
    (listed,) = json.loads(desk.out)
    assert (listed["path"], listed["conversations"]) == (str(made), 1)


@pytest.mark.parametrize("answer", ["", "n", "yess", "ye s"])
async def test_a_restore_that_is_not_agreed_to_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    await keep(desk, "before")
    await backup(desk)
    await keep(desk, "after")
    type_in(monkeypatch, answer)
    assert await desk.run("storage", "restore") == 1
    assert await titles(desk) == {"before", "after"}
    assert "1 are lost: after" in desk.out


async def test_a_question_that_nobody_answers_is_wrong_use(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await keep(desk)
    await backup(desk)
    for stream in (None, sys.stdin):
        monkeypatch.setattr(sys, "stdin", stream)
        if stream is not None:
            type_in(monkeypatch)
        with pytest.raises(UsageError, match="No answer was given"):
            await desk.run("storage", "restore")


async def test_a_restore_puts_what_was_there_aside_and_says_where(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await keep(desk, "before")
    path = await backup(desk)
    await keep(desk, "after")
    type_in(monkeypatch, " YES ")
    desk.look()
    assert await desk.run("storage", "restore", str(path), "--json") == 0
    assert json.loads(desk.out)["set_aside"].startswith(str(desk.services.paths.data))
    assert await titles(desk) == {"before"}


async def test_adding_brings_back_only_what_is_missing_and_a_look_changes_nothing(desk: Desk) -> None:
    await keep(desk, "before")
    path = await backup(desk)
    (gone,) = await (await desk.services.store()).conversations.list()
    await (await desk.services.store()).conversations.purge([gone.id])
    await keep(desk, "after")
    desk.look()
    assert await desk.run("storage", "restore", str(path), "--dry-run", "--json") == 0
    look = json.loads(desk.out)
    assert [look[name]["titles"] for name in ("added", "changed", "lost")] == [["before"], [], ["after"]]
    assert await titles(desk) == {"after"}
    desk.look()
    assert await desk.run("storage", "restore", str(path), "--add") == 0
    assert "lost" not in desk.out
    assert await titles(desk) == {"before", "after"}


async def test_a_backup_of_what_is_there_says_so(desk: Desk) -> None:
    await keep(desk)
    await backup(desk)
    desk.look()
    assert await desk.run("storage", "restore", "--dry-run") == 0
    assert "The backup has the same contents." in desk.out


async def test_everything_moves_and_the_command_goes_on_there(desk: Desk, tmp_path: Path) -> None:
    await keep(desk)
    old = desk.services.paths.data
    desk.look()
    assert await desk.run("storage", "move", "--json", str(tmp_path / "new")) == 0
    assert json.loads(desk.out) == {"from": str(old), "to": str(tmp_path / "new")}
    assert desk.services.paths.data == tmp_path / "new"
    assert await titles(desk) == {"why?"}
    assert old.is_dir()


async def test_what_is_moved_is_private_before_there_is_anything_in_it(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(desk)
    (desk.services.paths.data / "prompts.history").write_text("private")
    target = tmp_path / "new"
    target.mkdir(mode=0o755)
    modes: dict[str, int] = {}
    copy = shutil.copyfile

    def look(source: Path, copied: Path, **options: bool) -> object:
        """What others may do with a copy as it begins."""
        modes[copied.name] = copied.stat().st_mode & 0o777
        return copy(source, copied, **options)

    monkeypatch.setattr(shutil, "copyfile", look)
    assert await desk.run("storage", "move", str(target)) == 0
    assert (target / "prompts.history").read_text() == "private"
    assert modes["prompts.history"] == 0o600
    assert {*modes.values()} == {0o600}


async def test_encryption_begins_only_after_the_end_of_its_code_was_typed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(desk)
    type_in(monkeypatch, "no")
    assert await desk.run("storage", "encrypt") == 1
    assert "this code is not valid" in desk.err
    assert not (await desk.services.store()).encryption.on
    assert not desk.keyring.items
    assert not desk.services.settings.get(ENCRYPTION)


async def test_an_encryption_that_nobody_answers_leaves_no_key_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    type_in(monkeypatch)
    with pytest.raises(UsageError, match="No answer was given"):
        await desk.run("storage", "encrypt")
    assert not desk.keyring.items


async def test_typed_prompts_that_cannot_be_overwritten_keep_no_command_from_starting(desk: Desk) -> None:
    desk.services.paths.prompt_history_file.mkdir(parents=True)
    desk.services.use(desk.services.settings.set(RETENTION, "run"))
    assert await desk.services.prompt_history() is None
    assert "Earlier prompts are still in the prompt history" in desk.err


async def test_conversations_are_encrypted_get_another_code_and_are_plain_again(desk: Desk) -> None:
    await keep(desk)
    desk.services.paths.prompt_history_file.write_text("+a prompt\n")
    desk.look()
    assert await desk.run("storage", "encrypt", "--yes") == 0
    first = desk.out.strip()
    assert (await desk.services.store()).encryption.on
    assert not desk.services.paths.prompt_history_file.exists()
    assert await desk.services.prompt_history() is None
    desk.look()
    assert await desk.run("storage", "encrypt", "--new-code") == 0
    assert desk.out.strip() not in ("", first)
    assert await desk.run("storage", "decrypt", "--yes") == 0
    assert not (await desk.services.store()).encryption.on
    assert not desk.services.settings.get(ENCRYPTION)
    assert await titles(desk) == {"why?"}


class FullPipe(StringIO):
    """Takes no line any more: the disk behind it is full."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_code_that_could_not_be_printed_leaves_the_old_one_valid(desk: Desk) -> None:
    desk.look()
    assert await desk.run("storage", "encrypt", "--yes") == 0
    old = desk.out.strip()
    desk.services.console = Console(FullPipe(), StringIO(), environ={})
    with pytest.raises(OSError, match="No space"):
        await desk.run("storage", "encrypt", "--new-code")
    assert await desk.services.unlock(old)


def no_room(_path: Path, _target: Path) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_a_code_that_could_not_be_kept_is_said_to_open_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.look()
    assert await desk.run("storage", "encrypt", "--yes") == 0
    old = desk.out.strip()
    desk.look()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", no_room)
        with pytest.raises(StoreError):
            await desk.run("storage", "encrypt", "--new-code")
    assert "This code is not valid" in desk.err
    assert await desk.services.unlock(old)
    with pytest.raises(RecoveryCodeWrong):
        await desk.services.unlock(desk.out.strip())


async def test_an_encryption_that_fails_says_that_its_code_opens_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(desk)

    async def full(_encryption: Encryption, _new: NewKey) -> list[str]:
        raise StoreError(english("The disk is full."))

    desk.look()
    with monkeypatch.context() as patch:
        patch.setattr(Encryption, "turn_on", full)
        with pytest.raises(StoreError, match="full"):
            await desk.run("storage", "encrypt", "--yes")
    assert "this code is not valid" in desk.err
    assert not desk.keyring.items


async def test_a_decryption_that_is_not_agreed_to_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match="not encrypted"):
        await desk.run("storage", "decrypt")
    assert await desk.run("storage", "encrypt", "--yes") == 0
    type_in(monkeypatch, "n")
    assert await desk.run("storage", "decrypt") == 1
    assert (await desk.services.store()).encryption.on


async def test_a_policy_of_encryption_forbids_decrypting(desk: Desk) -> None:
    assert await desk.run("storage", "encrypt", "--yes") == 0
    fixed = Fixed(name="Encryption", value=True, locked=True, source="test")
    desk.services.settings_file = SettingsFile(
        desk.services.paths.settings_file, policy=Policy(options={ENCRYPTION.key: fixed})
    )
    with pytest.raises(PolicyForbids):
        await desk.run("storage", "decrypt", "--yes")
    assert (await desk.services.store()).encryption.on


async def test_a_wrong_recovery_code_opens_nothing_and_the_right_one_does_without_a_keyring(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(desk)
    desk.look()
    assert await desk.run("storage", "encrypt", "--yes") == 0
    code = desk.out.strip()
    await desk.services.aclose()
    desk.keyring.items.clear()
    assert await desk.run("storage", "status") == 0
    assert "locked, encrypted" in desk.out
    type_in(monkeypatch, "-".join(["AAAA"] * 7))
    with pytest.raises(RecoveryCodeWrong):
        await desk.run("storage", "recover")
    desk.keyring.fail_after = 0
    type_in(monkeypatch, code.lower())
    with pytest.raises(KeyringMissing, match="again"):
        await desk.run("storage", "recover")
    assert "Opened: 1 conversation." in desk.out


def test_a_backup_that_cannot_be_read_is_not_empty() -> None:
    backup = Backup(path=Path("x.db"), made_at=datetime(2026, 1, 1, tzinfo=UTC), size=1, conversations=None)
    assert _number(backup) == "unreadable"


def test_titles_stand_on_one_line_and_few_for_many() -> None:
    assert _titles(Some(number=2, titles=("a\nb", " "))) == "a b, Untitled"
    assert _titles(Some(number=3, titles=("a",))) == "a, …"


async def test_where_encryption_is_wanted_and_cannot_be_no_prompt_is_kept_for_the_arrow_keys(desk: Desk) -> None:
    desk.services.use(desk.services.settings.set(ENCRYPTION, value=True))
    desk.services.keys = Keys(service="test", environ={}, find=none_found)
    desk.services.paths.prompt_history_file.write_text("+a prompt\n")
    assert await desk.services.prompt_history() is None
    assert not desk.services.paths.prompt_history_file.exists()


async def test_the_search_is_brought_up_to_date_and_says_so_until_it_is(desk: Desk) -> None:
    await keep(desk, "Łódź?")
    store = await desk.services.store()
    await store.index_renewal._database.write(lambda sql: sql.run("UPDATE messages SET words = lower(parts)"))
    await store.index_renewal._database.write(lambda sql: sql.run("UPDATE index_renewal SET version = 0"))
    desk.look()
    assert await desk.run("conversations", "search", "lodz") == 0
    assert "incomplete (0%)" in desk.err
    desk.look()
    assert await desk.run("storage", "index") == 0
    assert desk.out == "The search index is up to date.\n"
    desk.look()
    assert await desk.run("conversations", "search", "lodz") == 0
    assert "Łódź?" in desk.out
    assert desk.err == ""
