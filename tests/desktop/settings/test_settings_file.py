"""The settings file: what is set comes back, what is broken is named, nothing of the user's is lost."""

from __future__ import annotations

import os
import tomllib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import SettingsError
from desktop.settings import schema
from desktop.settings.option import Option
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import Settings
from desktop.text import toml_text
from desktop.text.phrases import Phrase, english

FOUNDRY = Connection(name="foundry", kind=Kind.AZURE_INFERENCE, url="https://x.openai.azure.com/openai/v1")

KEY = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
MISTAKEN = (f'auth = "{KEY}"', f'key_env = "K{KEY}"', f'key_env = "gsk_{KEY}"', f'key_env = "sk-{KEY}"')


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "config" / "settings.toml", clock=lambda: datetime(2026, 11, 24, 12, 0, 0))


def write(file: SettingsFile, text: str | bytes) -> None:
    file.path.parent.mkdir(exist_ok=True)
    file.path.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_without_a_file_there_are_defaults(file: SettingsFile) -> None:
    assert file.load().settings == Settings()
    assert not file.path.exists()


def test_what_is_saved_is_loaded(file: SettingsFile) -> None:
    saved = file.update(lambda settings: settings.set(schema.IDLE_TIMEOUT, 5.0).with_connection(FOUNDRY))
    loaded = SettingsFile(file.path).load()
    assert loaded.notices == ()
    assert loaded.settings == saved
    assert loaded.settings.connection("foundry") == FOUNDRY


def test_a_link_to_a_file_that_is_kept_elsewhere_stays_one(file: SettingsFile, tmp_path: Path) -> None:
    kept = tmp_path / "dotfiles" / "settings.toml"
    kept.parent.mkdir()
    kept.write_text('[connections.a.headers]\nX-Api-Key = "k"\n')
    file.path.parent.mkdir(parents=True, exist_ok=True)
    file.path.symlink_to(kept)
    file.update(lambda settings: settings.with_connection(FOUNDRY))
    assert file.path.is_symlink()
    assert "[connections.foundry]" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_a_connection_survives_with_all_its_fields(file: SettingsFile) -> None:
    full = replace_all(FOUNDRY)
    file.update(lambda settings: settings.with_connection(full))
    assert file.load().settings.connection("full") == full


def replace_all(connection: Connection) -> Connection:
    return Connection(
        name="full",
        kind=Kind.OPENAI_V1,
        url=connection.url,
        auth=Auth.KEY,
        key_env="THE_KEY",
        models=("a", "b"),
        headers={"X-Team": "blue"},
    )


def test_for_how_long_a_connection_keeps_is_loaded_also_where_it_is_for_no_day(file: SettingsFile) -> None:
    for days in (0, 7, None):
        file.update(
            lambda settings, days=days: settings.with_connection(msgspec.structs.replace(FOUNDRY, keep_days=days))
        )
        assert file.load().settings.connection("foundry").keep_days == days
    write(file, file.path.read_text() + "keep_days = -1\n")
    assert "foundry" in file.load().notices[0]


def test_a_removed_connection_is_gone_and_the_others_stay(file: SettingsFile) -> None:
    other = replace_all(FOUNDRY)
    file.update(lambda settings: settings.with_connection(FOUNDRY).with_connection(other))
    file.update(lambda settings: settings.without_connection("foundry"))
    assert file.load().settings.connections == (other,)


def test_connections_are_read_as_they_stand_now_and_a_broken_file_stays_where_it_is(file: SettingsFile) -> None:
    assert file.connections() == ()
    SettingsFile(file.path).update(lambda settings: settings.with_connection(FOUNDRY))
    assert file.connections() == (FOUNDRY,)
    write(file, "what is = not = TOML")
    assert file.connections() == ()
    assert [each.name for each in file.path.parent.glob("settings.toml*")] == ["settings.toml"]


def test_comments_and_unknown_keys_stay(file: SettingsFile) -> None:
    write(file, "# mine\nfuture = 1\n[network]\n# slow line\nidle_timeout_s = 90.0\nlater = true\n")
    file.update(lambda settings: settings.set(schema.CONNECT_TIMEOUT, 20.0))
    text = file.path.read_text()
    for kept in ("# mine", "future = 1", "# slow line", "idle_timeout_s = 90.0", "later = true", "connect_timeout_s"):
        assert kept in text


@pytest.mark.parametrize("broken", [b"[network\n", b"\xff\xfe\x00", b"a = 1\na = 2\n", b"x"])
def test_a_broken_file_is_set_aside_whole_and_said_so(file: SettingsFile, broken: bytes) -> None:
    write(file, broken)
    loaded = file.load()
    aside = file.path.with_name("settings.toml.broken-20261124-120000")
    assert loaded.settings == Settings()
    assert str(aside) in loaded.notices[0]
    assert aside.read_bytes() == broken


def test_a_file_beyond_all_measure_is_set_aside_unread(file: SettingsFile) -> None:
    write(file, b"")
    os.truncate(file.path, 1 << 40)
    assert "larger than" in file.load().notices[0]
    (aside,) = file.path.parent.glob("*.broken-*")
    assert aside.stat().st_size == 1 << 40


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_a_broken_file_that_others_could_read_is_closed_to_them(file: SettingsFile) -> None:
    write(file, b"[network\n")
    file.path.chmod(0o666)
    file.load()
    (aside,) = file.path.parent.glob("*.broken-*")
    assert aside.stat().st_mode & 0o777 == 0o600


def test_a_second_broken_file_does_not_replace_the_first(file: SettingsFile) -> None:
    for broken in (b"[one", b"[two"):
        write(file, broken)
        file.load()
    kept = sorted(path.read_bytes() for path in file.path.parent.glob("*.broken-*"))
    assert kept == [b"[one", b"[two"]


def test_nothing_is_deleted_by_defaults_while_a_file_that_could_not_be_used_lies_there(file: SettingsFile) -> None:
    write(file, "[network\n")
    for _ in range(2):
        assert not file.load().settings.is_sure(schema.TRASH_DAYS)
    [aside] = file.path.parent.glob("*.broken-*")
    aside = aside.rename(file.path.with_name("settings.toml.broken-20261124-120001"))
    file.update(lambda settings: settings.set(schema.IDLE_TIMEOUT, 90.0))
    assert str(aside) in file.load().notices[0]
    assert not file.load().settings.is_sure(schema.TRASH_DAYS)
    file.update(lambda settings: settings.set(schema.TRASH_DAYS, 30))
    assert file.load().settings.is_sure(schema.TRASH_DAYS)
    file.path.unlink()
    aside.unlink()
    assert file.load().settings.is_sure(schema.TRASH_DAYS)


def test_nothing_is_deleted_by_the_default_of_a_value_that_does_not_fit(file: SettingsFile) -> None:
    write(file, '[storage]\ntrash_days = "never"\n[network]\nconnect_timeout_s = 3\n')
    assert not file.load().settings.is_sure(schema.TRASH_DAYS)


def test_a_value_that_does_not_fit_is_named_and_left_at_its_default(file: SettingsFile) -> None:
    write(file, '[network]\nidle_timeout_s = "soon"\nconnect_timeout_s = 3\n[log]\nlevel = "LOUD"\n')
    loaded = file.load()
    assert loaded.settings.get(schema.IDLE_TIMEOUT) == schema.IDLE_TIMEOUT.default
    assert loaded.settings.get(schema.CONNECT_TIMEOUT) == 3.0
    assert [notice.split()[0] for notice in loaded.notices] == ["network.idle_timeout_s", "log.level"]


def test_a_connection_that_cannot_be_used_is_named_and_kept_in_the_file(file: SettingsFile) -> None:
    write(
        file, '[connections.odd]\nkind = "telepathy"\n[connections.good]\nkind = "openai-v1"\nurl = "http://[::1]/v1"\n'
    )
    loaded = file.load()
    assert [each.name for each in loaded.settings.connections] == ["good"]
    assert "odd" in loaded.notices[0]
    file.update(lambda settings: settings.with_connection(FOUNDRY))
    assert "telepathy" in file.path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        f'[network]\nproxy = ["me:{KEY}@proxy.example:3128"]',
        f'[network.proxy]\nhttps = "me:{KEY}@proxy.example:3128"',
        f'[chat]\nsystem_prompt = ["{KEY}"]',
        f'[guards]\npatterns = ["block it: {KEY}"]',
        *(f'[connections.lab]\nkind = "openai-v1"\nurl = "https://lab.example/v1"\n{line}' for line in MISTAKEN),
        f'[connections.lab]\nkind = "{KEY}"\nurl = "https://lab.example/v1"',
        f'[connections.lab]\nkind = "openai-v1"\nwire = "{KEY}"\nurl = "https://lab.example/v1"',
    ],
)
def test_what_stands_in_a_wrong_place_may_be_a_key_and_is_not_repeated(file: SettingsFile, text: str) -> None:
    write(file, text)
    loaded = file.load()
    (notice,) = loaded.notices
    assert isinstance(notice, Phrase)
    assert KEY not in f"{notice} {notice.values}"
    assert loaded.settings == Settings()
    assert KEY in file.path.read_text()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('appearance.theme = "pink"', "must be one of system, light, dark, high-contrast, not 'pink'"),
        ('network.idle_timeout_s = "long"', "not text"),
        ("network.idle_timeout_s = -1", "not -1"),
        ("network.proxy = 1979-05-27", "must be text, not a date"),
        ("network.proxy = {}", "must be text, not a table"),
        ("network.proxy = []", "must be text, not a list"),
    ],
)
def test_a_slip_is_told_as_far_as_it_can_hold_no_key(file: SettingsFile, line: str, told: str) -> None:
    write(file, line)
    (notice,) = file.load().notices
    assert told in notice


def test_the_bundled_connection_cannot_be_replaced(file: SettingsFile) -> None:
    write(file, '[connections.embedded]\nkind = "openai-v1"\nurl = "https://evil.example"\n')
    assert file.load().settings.connection("embedded").kind is Kind.EMBEDDED


def test_changes_made_at_the_same_time_all_arrive(file: SettingsFile) -> None:
    def add(number: int) -> None:
        one = Connection(name=f"c{number}", kind=Kind.OPENAI_V1, url="http://localhost/v1", auth=Auth.NONE)
        SettingsFile(file.path).update(lambda settings: settings.with_connection(one))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))
    assert len(file.load().settings.connections) == 16


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_file_and_folder_are_the_owners_alone(file: SettingsFile) -> None:
    before = os.umask(0)
    try:
        file.update(lambda settings: settings)
    finally:
        os.umask(before)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


def test_what_cannot_be_read_gives_defaults_and_is_not_changed(file: SettingsFile) -> None:
    file.path.mkdir(parents=True)
    loaded = file.load()
    assert loaded.settings == Settings()
    (said,) = loaded.notices
    assert "could not be read: the path is not a file. Defaults are used" in said
    assert loaded.settings.unread
    with pytest.raises(SettingsError, match="could not be read"):
        file.update(lambda settings: settings)


def test_a_failed_save_leaves_the_old_file(file: SettingsFile) -> None:
    file.update(lambda settings: settings.set(schema.IDLE_TIMEOUT, 5.0))

    def fail(settings: Settings) -> Settings:
        raise SettingsError(english("no"))

    with pytest.raises(SettingsError):
        file.update(fail)
    assert file.load().settings.get(schema.IDLE_TIMEOUT) == 5.0
    assert {path.name for path in file.path.parent.iterdir()} <= {"settings.toml", "settings.lock"}


def test_addresses_are_put_right_when_they_are_loaded_and_stay_as_they_were_written(file: SettingsFile) -> None:
    write(file, '[connections.n]\nkind = "openai-v1"\nurl = "Good.Example:443/v1/"\n')
    settings = file.load().settings
    assert settings.connection("n").url == "https://good.example:443/v1"
    assert dict(settings.written) == {"n": "Good.Example:443/v1/"}
    file.update(lambda settings: settings.set(schema.CONNECT_TIMEOUT, 20.0))
    assert 'url = "Good.Example:443/v1/"' in file.path.read_text()
    moved = msgspec.structs.replace(settings.connection("n"), url="https://good.example/v2")
    file.update(lambda settings: settings.with_connection(moved))
    assert 'url = "https://good.example/v2"' in file.path.read_text()
    assert dict(file.load().settings.written) == {}


@pytest.mark.parametrize("url", ["[::1", "https://[::1", "https://u:p@h.example", ""])
def test_an_address_that_is_none_is_named_and_can_be_seen_and_removed(file: SettingsFile, url: str) -> None:
    write(file, f'[connections.n]\nkind = "openai-v1"\nurl = "{url}"\n')
    loaded = file.load()
    assert loaded.settings.connection("n").url == url
    (notice,) = loaded.notices
    assert "The address of the connection “n”" in notice
    file.update(lambda settings: settings.without_connection("n"))
    assert "connections.n" not in file.path.read_text()


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 3000 + "]" * 3000, "a = " + "{a=" * 3000 + "1" + "}" * 3000, "a = " + "1" * 5000]
)
def test_a_file_too_deep_or_with_an_endless_number_is_set_aside_as_a_broken_one(file: SettingsFile, text: str) -> None:
    write(file, text)
    loaded = file.load()
    assert (loaded.settings, len(loaded.notices)) == (Settings(), 1)
    assert [each.read_text() for each in file.path.parent.glob("settings.toml.broken-*")] == [text]


@pytest.mark.parametrize("value", ["nan", "-nan", "inf", "-inf", "1" + "0" * 400, "-1" + "0" * 400])
@pytest.mark.parametrize("option", [schema.BUDGET, schema.IDLE_TIMEOUT, schema.KEYRING_TIMEOUT])
def test_what_is_no_finite_number_is_named_and_left_at_its_default(
    file: SettingsFile, option: Option[float], value: str
) -> None:
    write(file, f"{option.key} = {value}\n")
    loaded = file.load()
    assert loaded.settings.get(option) == option.default
    assert [option.key in each for each in loaded.notices] == [True]


ODD = (
    'connections.lab.kind = "openai-v1"\nconnections.lab.url = "https://lab.example/v1"\nother.deep.key = 7\n',
    'connections = {lab = {kind = "openai-v1", url = "https://lab.example/v1"}}\nother = {deep = {key = 7}}\n',
    '[connections]\nlab = {kind = "openai-v1", url = "https://lab.example/v1"}\n[other]\ndeep = {key = 7}\n',
    'other.deep.key = 7\nnetwork.proxy = ""\n[connections.lab]\nkind = "openai-v1"\nurl = "https://lab.example/v1"\n',
)


@pytest.mark.parametrize("text", ODD)
def test_a_file_in_any_form_of_toml_takes_changes_and_loses_nothing(file: SettingsFile, text: str) -> None:
    write(file, text)
    (lab,) = file.load().settings.connections
    saved = file.update(lambda settings: settings.with_connection(FOUNDRY).set(schema.IDLE_TIMEOUT, 5.0))
    loaded = SettingsFile(file.path).load()
    assert loaded.notices == ()
    assert loaded.settings.values == saved.values
    assert loaded.settings.known[1:] == saved.known[1:] == (FOUNDRY, lab)
    assert tomllib.loads(file.path.read_text())["other"] == {"deep": {"key": 7}}
    file.update(lambda settings: settings.without_connection("lab"))
    assert file.load().settings.connections == (FOUNDRY,)


@pytest.mark.parametrize(
    "text", ["connections = 3", "connections.foundry = 3", "[[connections.foundry]]", "network = 3", "[[network]]"]
)
def test_what_is_no_table_is_named_and_left_as_it_stands(file: SettingsFile, text: str) -> None:
    write(file, text)
    with pytest.raises(SettingsError, match="is not a table"):
        file.update(lambda settings: settings.with_connection(FOUNDRY).set(schema.IDLE_TIMEOUT, 5.0))
    assert file.path.read_text() == text


@pytest.mark.parametrize("broken", [b"[network\n", b"\xff\xfe\x00", b"", b'[connections.lab]\nkind = "op'])
def test_a_file_that_somebody_is_at_work_on_is_neither_set_aside_nor_written_over(
    file: SettingsFile, broken: bytes
) -> None:
    file.update(lambda settings: settings.with_connection(FOUNDRY))
    write(file, broken)
    if broken:
        with pytest.raises(SettingsError, match="is invalid") as caught:
            file.update(lambda settings: settings.set(schema.IDLE_TIMEOUT, 5.0))
        assert "the file manually. Nothing was changed" in caught.value.hint
        assert file.path.read_bytes() == broken
    else:  # an empty file is one that says nothing
        assert file.update(lambda settings: settings.set(schema.IDLE_TIMEOUT, 5.0)).connections == ()
    assert [*file.path.parent.glob("*.broken*")] == []


@pytest.mark.parametrize(
    "header",
    [f'X-Long = "{"y" * 100_000}"', 'Content-Length = "5"', 'host = "b.example"', '"Transfer-Encoding " = "chunked"'],
)
def test_headers_that_no_server_takes_are_said_and_not_sent(tmp_path: Path, header: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        '[connections.lab]\nkind = "openai-v1"\nauth = "none"\nurl = "http://localhost:1/v1"\n'
        f"headers = {{ {header} }}\n"
    )
    loaded = SettingsFile(path).load()
    assert loaded.settings.connections == ()
    assert ["“lab”" in each and "header" in each for each in loaded.notices] == [True]


def test_what_would_not_be_read_again_is_not_saved(file: SettingsFile) -> None:
    gate = Connection(name="gate", kind=Kind.OPENAI_V1, url="https://gate.example/v1")
    file.update(lambda before: before.with_connection(gate))
    with pytest.raises(SettingsError, match="larger than 8 MB"):
        file.update(lambda before: before.set(schema.SYSTEM_PROMPT, "x" * toml_text.MOST_CHARACTERS))
    assert file.load().settings.connections == (gate,)
