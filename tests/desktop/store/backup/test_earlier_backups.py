"""On a newer schema the backups of this one are listed and restored, and the refusal names the newest of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.errors import StoreBusy, StoreNewer
from desktop.store.backup.earlier_backups import EarlierBackups
from desktop.store.store import Store
from tests.desktop.store import made
from tests.desktop.store.encryption.test_encryption import encrypted
from tests.desktop.store.opening.test_store_opener import FILE, content, filled
from tests.desktop.store.vaults import MemoryVault


async def upgraded(folder: Path) -> None:
    """A folder of one conversation that a newer version took over, which added another."""
    await filled(folder)
    async with await Store.open(folder, clock=made.Clock(), options=made.LATER) as store:
        await store.conversations.create(made.said("newer"))


async def titles(folder: Path, vault: MemoryVault | None = None) -> list[str]:
    async with await Store.open(folder, clock=made.Clock(), vault=vault) as store:
        return [each.title for each in await store.conversations.list()]


async def test_the_refusal_names_the_newest_backup_that_fits(folder: Path) -> None:
    await upgraded(folder)
    async with await Store.open(folder, clock=made.Clock(), options=made.LATER) as store:
        await store.safety.backup_daily()
    before = content(folder)
    with pytest.raises(StoreNewer) as refused:
        await Store.open(folder)
    (fits,) = (folder / "backups").glob("conversations-v*.db")
    assert f"paragone storage restore {fits}." in refused.value.hint
    assert content(folder) == before


async def test_without_a_backup_that_fits_the_refusal_says_to_install_the_newer_version(folder: Path) -> None:
    await upgraded(folder)
    for backup in (folder / "backups").glob("*.db"):
        backup.unlink()
    with pytest.raises(StoreNewer, match="newer version") as refused:
        await Store.open(folder)
    assert "restore" not in refused.value.hint
    assert await EarlierBackups(folder).list() == ()


async def test_a_backup_of_this_schema_is_restored_and_the_newer_database_stays(folder: Path) -> None:
    await upgraded(folder)
    backups = EarlierBackups(folder, clock=made.Clock())
    (backup,) = await backups.list()
    assert (await backups.preview(backup.path)).added.number == backup.conversations == 1
    aside = await backups.restore(backup.path)
    assert len(await titles(folder)) == 1
    assert (aside / FILE).is_file()
    with pytest.raises(StoreNewer):
        await backups.preview(aside / FILE)


async def test_nothing_is_restored_while_the_newer_version_runs(folder: Path) -> None:
    await upgraded(folder)
    backups = EarlierBackups(folder)
    (backup,) = await backups.list()
    async with await Store.open(folder, clock=made.Clock(), options=made.LATER):
        with pytest.raises(StoreBusy):
            await backups.restore(backup.path)


async def test_an_encrypted_backup_is_restored_under_its_key(folder: Path) -> None:
    vault = MemoryVault()
    await encrypted(folder, vault)
    async with await Store.open(folder, clock=made.Clock(), vault=vault, options=made.LATER):
        pass
    with pytest.raises(StoreNewer) as refused:
        await Store.open(folder, vault=vault)
    backups = EarlierBackups(folder, vault=vault, clock=made.Clock())
    (backup,) = await backups.list()
    assert str(backup.path) in refused.value.hint
    await backups.restore(backup.path)
    assert len(await titles(folder, vault)) == 1
    assert not (folder / FILE).read_bytes().startswith(b"SQLite")
