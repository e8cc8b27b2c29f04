from __future__ import annotations

from pathlib import Path

import pytest

from desktop.domain.message_parts import PartKind
from desktop.store.opening.store_opener import Options
from desktop.store.sqlite.network_folders import kind_in, network_kind
from desktop.store.store import Store
from tests.desktop.store import made

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:30 / /home/ann/with\\040space rw - nfs4 server:/home rw
31 30 0:31 / /home/ann/with\\040space/local rw - btrfs /dev/sdb rw
32 22 0:32 / /mnt/c rw - 9p drvfs rw
a line that is none
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/home/ann/data", None),
        ("/home/ann/with space/data", "nfs4"),
        ("/home/ann/with space/local/data", None),
        ("/home/ann/with spaces", None),
        ("/mnt/c/Users", "9p"),
    ],
)
def test_the_nearest_mount_tells(place: str, kind: str | None) -> None:
    assert kind_in(MOUNTS, Path(place)) == kind


def test_a_folder_of_this_machine_is_not_on_a_network(tmp_path: Path) -> None:
    assert network_kind(tmp_path) is None


async def test_on_a_network_the_user_is_warned_and_the_log_is_off(folder: Path) -> None:
    """Check 34."""
    kept = made.said("kept")
    async with await Store.open(folder) as store:
        await store.conversations.create(kept)
    async with await Store.open(folder, options=Options(network=lambda _: "nfs4")) as store:
        assert "nfs4" in store.notices[0]
        assert await store._database.write(lambda sql: sql.pragma("journal_mode")) == "delete"
        question = made.prompt()
        streaming = made.answer(question)
        await store.conversations.begin(kept, question, streaming)
        await store.conversations.append(streaming.id, [(PartKind.TEXT, "half")])
        assert (await store.conversations.get(kept.id)).messages[2].text == "half"
        assert not store.path.with_name(f"{store.path.name}-wal").exists()
