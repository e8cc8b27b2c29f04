"""Headers that carry keys: known by name and value, kept in the keyring, never in a file."""

from __future__ import annotations

import base64
import errno
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Connection, Kind
from desktop.errors import CredentialError, KeyUnset, UsageError
from desktop.net.headers import belongs_in_keyring, carries_key, query_secrets, secret_values, without_keys
from desktop.providers.registry import Registry, default_factories
from desktop.services import Services
from desktop.settings.policy import Fixed, Policy
from desktop.settings.settings_file import SettingsFile
from tests.cpu_time import within
from tests.desktop.credentials.fakes import ForgetfulKeyring, LockedKeyring, MemoryKeyring, SilentKeyring, none_found
from tests.desktop.terminal.conftest import Desk
from tests.servers.faults import FaultServer

VALUE = "gateway-0123456789"


@pytest.mark.parametrize(
    "name",
    [
        "x-api-key", "Cookie", "Ocp-Apim-Subscription-Key", "X-Auth-Token", "Authorization", "X-Gateway-Key",
        "X-Secret", "X-Password", "X-Credential", "X-JWT", "X-Amz-Signature", "apikey", "X-Session-Id", "X-Client-Cred",
        "x-portkey-api-key", "x-portkey-virtual-key", "subscriptionKey", "AWSAccessKeyId", "access_token", "X-ApiKeys",
        "Connection-String", "X-OAuth2", "PHPSESSID", "gatewaykey", "api[key]", "X-ApiKey2",
    ],
)  # fmt: skip
def test_a_name_says_that_a_header_carries_a_key(name: str) -> None:
    assert carries_key(name)
    assert carries_key(f" {name.upper()} ")


@pytest.mark.parametrize(
    "name",
    [
        "X-Team", "X-Author", "X-Authority", "Accept-Language", "X-Keyword", "X-Keyboard", "X-Request-Id", "Connection",
        "x-portkey-provider", "X-Monkey", "X-Tokenizer", "X-Secretary", "X-Sessional",
    ],
)  # fmt: skip
def test_other_names_do_not(name: str) -> None:
    assert not carries_key(name, "blue")


def test_what_a_gateways_header_names_is_no_secret() -> None:
    assert not belongs_in_keyring("x-portkey-provider", "openai")
    assert secret_values({"x-portkey-provider": "openai"}) == ()


@pytest.mark.parametrize("value", ["Bearer abc", "basic dTpw", "sk-0123456789abcdef", "eyJhbGciOiJIUzI1NiJ9.x"])
def test_a_value_says_so_too(value: str) -> None:
    assert carries_key("X-Team", value)


_BODY = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY5zA7bC9d"
KNOWN = [
    *(f"{start}{_BODY}" for start in (
        "sk-", "sk-proj-", "AIza", "nvapi-", "github_pat_", "ghp_", "gho_", "xoxb-", "xoxp-", "glpat-", "hf_", "gsk_",
        "xai-", "npm_", "r8_", "pplx-", "csk-", "tgp_v1_", "sk_live_",
    )),
    "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", f"AccountKey={(_BODY * 3)[:86]}==",
]  # fmt: skip


@pytest.mark.parametrize("value", KNOWN)
@pytest.mark.parametrize("form", ["{}", " {}", '"{}"', "key {}", "id=1; k={}"])
def test_a_value_of_a_known_shape_is_a_key_whatever_the_header_is_called(value: str, form: str) -> None:
    assert carries_key("X-Team", form.format(value))
    assert query_secrets(f"https://h.example/v1?team={form.format(value).replace(' ', '+')}")


@pytest.mark.parametrize(
    "value", ["sk-8", "task-force-of-the-whole-house", "AIza", "hf_models", "ghp", "a_hf-b", "risk-12"]
)
def test_a_value_that_only_reminds_of_one_is_none(value: str) -> None:
    assert not carries_key("X-Team", value)


@pytest.mark.parametrize(
    "name",
    [
        "X-Vercel-Protection-Bypass", "X-Honeycomb-Team", "X-Origin-Verify", "X-IBM-Client-Id", "X-Pass", "X-PW",
        "PHPSESSID", "X-License", "X-DSN", "X-Whatever",
    ],
)  # fmt: skip
def test_a_header_of_an_unknown_name_belongs_into_the_keyring(name: str) -> None:
    connection = Connection(name="c", kind=Kind.OPENAI_V1, url="https://h.example", headers={name: "a word"})
    stored, values = without_keys(connection)
    assert (stored.headers, stored.secret_headers, values) == ({}, (name,), {name: "a word"})


@pytest.mark.parametrize(
    "name", ["User-Agent", "HTTP-Referer", "X-Title", "anthropic-version", "anthropic-beta", "OpenAI-Project", "X-Team"]
)
def test_headers_that_are_known_to_hold_none_stay_in_the_file(name: str) -> None:
    assert not belongs_in_keyring(name, "2023-06-01")


@pytest.mark.parametrize("name", ["X-Api", "X-Client", "Api", "X-App", "X-Portkey"])
def test_a_name_that_says_nothing_of_its_value_belongs_into_the_keyring(name: str) -> None:
    assert belongs_in_keyring(name, "a word")
    assert not belongs_in_keyring(f"{name}-Version", "2023-06-01")


@pytest.mark.parametrize(
    "value",
    [_BODY[:20], "6f9619ff-8b86-d011-b42d-00c04fc964ff", "9f3e2d1c0b4a58677685940312ab", "qWeRtYuIoPaSdFgHjKlZxCvB"],
)
def test_a_value_that_looks_drawn_by_lot_belongs_there_whatever_its_name(value: str) -> None:
    assert belongs_in_keyring("X-Team", value)
    connection = Connection(name="c", kind=Kind.OPENAI_V1, url="https://h.example", headers={"X-Title": value})
    assert without_keys(connection)[1] == {"X-Title": value}


@pytest.mark.parametrize(
    "value",
    [
        "prompt-caching-2024-07-31,context-1m-2025-08-07", "Mozilla/5.0 (X11; Linux x86_64)", "gpt-4.1-mini-2025-04-14",
        "https://example.org/somewhere/v1/models", "InternationalizationTeam", "application/vnd.api+json",
    ],
)  # fmt: skip
def test_what_somebody_wrote_stays_in_the_file(value: str) -> None:
    assert not belongs_in_keyring("X-Title", value)


@pytest.mark.parametrize("name", [f"sk-{_BODY}", _BODY, "9f3e2d1c0b4a58677685940312ab"])
async def test_a_key_in_the_place_of_a_headers_name_is_not_said_back(desk: Desk, name: str) -> None:
    words = ("connections", "add", "own", "--kind", "openai-v1", "--url", "http://127.0.0.1:9/v1", "--auth", "none")
    with pytest.raises(UsageError, match="name looks like a key") as caught:
        await desk.run(*words, "--header", f"{name}: x")
    assert name not in f"{caught.value} {caught.value.hint}"
    path = desk.services.settings_file.path
    path.write_text(f'[connections.old]\nkind = "openai-v1"\nurl = "http://h.example"\nheaders = {{"{name}" = "x"}}\n')
    loaded = desk.services.settings_file.load()
    assert name not in f"{loaded.notices}"
    assert "looks like a key" in f"{loaded.notices}"


def test_of_unknown_headers_only_long_values_are_hidden() -> None:
    assert secret_values({"X-Whatever": "on", "X-Pass": "fish"}) == ("fish",)
    assert secret_values({"X-Whatever": "0123456789abcdef"}) == ("0123456789abcdef",)
    assert {"anna", "fish"} <= {*secret_values({"Authorization": "Basic YW5uYTpmaXNo"})}


async def test_a_key_in_a_header_with_a_neutral_name_goes_to_the_keyring(desk: Desk) -> None:
    words = ("connections", "add", "own", "--kind", "openai-v1", "--url", "http://127.0.0.1:9/v1", "--auth", "none")
    assert await desk.run(*words, "--header", f"X-Team: {KNOWN[2]}", "--header", "X-Place: AKIA") == 0
    text = desk.services.settings_file.path.read_text()
    assert KNOWN[2] not in text
    assert 'X-Place = "AKIA"' in text
    assert await desk.services.keys.headers(desk.services.settings.connection("own")) == {"X-Team": KNOWN[2]}


def hand_written(desk: Desk, url: str = "http://127.0.0.1:9/v1") -> Services:
    """The services with a connection that an older version or a hand wrote."""
    with desk.services.settings_file.path.open("a") as file:
        file.write(f'\n[connections.old]\nkind = "openai-v1"\nauth = "none"\nurl = "{url}"\n')
        file.write(f'[connections.old.headers]\nX-Team = "blue"\nX-Api-Key = "{VALUE}"\n')
    desk.services.use(desk.services.settings_file.load().settings)
    return desk.services


async def test_existing_ones_are_moved_at_start_and_sent_on(desk: Desk) -> None:
    async with FaultServer() as server:
        services = hand_written(desk, server.url)
        assert await services.move_headers() == ()
        moved = services.settings.connection("old")
        assert (moved.headers, moved.secret_headers) == ({"X-Team": "blue"}, ("X-Api-Key",))
        assert VALUE not in services.settings_file.path.read_text()
        assert services.settings_file.load().settings.connection("old") == moved
        assert [VALUE in item for item in desk.keyring.items.values()] == [True]
        assert await services.move_headers() == ()
        services.gateway._factory = Registry(default_factories())
        await services.gateway.models("old")
        assert server.requests[-1].headers["x-api-key"] == VALUE
        assert server.requests[-1].headers["x-team"] == "blue"
        elsewhere = msgspec.structs.replace(moved, url="http://127.0.0.1:8/v1")
        services.use(services.settings.with_connection(elsewhere))
        with pytest.raises(KeyUnset, match="X-Api-Key"):
            await services.gateway.models("old")


@pytest.mark.parametrize("name", ["X-Team", "x-team"])
async def test_one_that_was_moved_is_moved_again_where_a_hand_wrote_another_value(desk: Desk, name: str) -> None:
    """Its name and its new value say nothing; that it lay in the keyring does."""
    services = hand_written(desk)
    path = services.settings_file.path
    path.write_text(path.read_text().replace('X-Team = "blue"', f'X-Team = "{KNOWN[2]}"'))
    services.use(services.settings_file.load().settings)
    assert await services.move_headers() == ()
    assert {*services.settings.connection("old").secret_headers} == {"X-Team", "X-Api-Key"}
    with path.open("a") as file:
        file.write(f'[connections.old.headers]\n{name} = "rotated by hand"\n')
    services.use(services.settings_file.load().settings)
    assert await services.move_headers() == ()
    assert "rotated by hand" not in path.read_text()
    moved = services.settings.connection("old")
    assert await services.keys.headers(moved) == {name: "rotated by hand", "X-Api-Key": VALUE}
    assert sum(KNOWN[2] in item for item in desk.keyring.items.values()) == 0


@pytest.mark.parametrize(
    "text",
    [
        '[connections.old.headers]\nX-Api-Key = "{key}"\n[connections.old]\n{rest}keep_days = 3\n',
        (
            '[connections]\nold.headers.X-Api-Key = "{key}"\nold.keep_days = 3\n'
            'old.kind = "openai-v1"\nold.auth = "none"\nold.url = "http://127.0.0.1:9/v1"\n'
        ),
    ],
)
async def test_they_leave_a_file_whose_form_cannot_be_changed_in_place(desk: Desk, text: str) -> None:
    rest = 'kind = "openai-v1"\nauth = "none"\nurl = "http://127.0.0.1:9/v1"\n'
    path = desk.services.settings_file.path
    path.write_text(text.format(key=VALUE, rest=rest))
    desk.services.use(desk.services.settings_file.load().settings)
    assert await desk.services.move_headers() == ()
    assert VALUE not in path.read_text()
    moved = desk.services.settings_file.load().settings.connection("old")
    assert (moved.secret_headers, moved.keep_days) == (("X-Api-Key",), 3)


async def test_a_locked_keyring_is_asked_once_at_start_however_many_are_to_be_moved(desk: Desk) -> None:
    class Counted(LockedKeyring):
        asked = 0

        def read(self, service: str, account: str) -> str | None:
            Counted.asked += 1
            return super().read(service, account)

    services = hand_written(desk)
    with services.settings_file.path.open("a") as file:
        for name in ("older", "oldest"):
            file.write(f'[connections.{name}]\nkind = "openai-v1"\nauth = "none"\nurl = "http://127.0.0.1:9/v1"\n')
            file.write(f'headers = {{ Cookie = "{VALUE}" }}\n')
    services.use(services.settings_file.load().settings)
    services.keys._find = Counted
    assert len(await services.move_headers()) == 3
    assert Counted.asked == 1


@pytest.mark.parametrize("keyring", [LockedKeyring, ForgetfulKeyring])
async def test_without_a_keyring_that_keeps_them_they_go_on_working_with_a_warning(
    desk: Desk, keyring: type[MemoryKeyring]
) -> None:
    services = hand_written(desk)
    services.keys._find = keyring
    (notice,) = await services.move_headers()
    assert "X-Api-Key" in notice
    assert "X-Team" not in notice
    assert VALUE not in notice
    assert services.settings.connection("old").headers["X-Api-Key"] == VALUE
    assert VALUE in services.settings_file.path.read_text()
    changed = msgspec.structs.replace(services.settings.connection("old"), keep_days=3)
    stored, kept = await services.settle_headers(changed, services.settings.connection("old"))
    assert stored == changed
    assert kept is not None
    assert isinstance(kept.problem, CredentialError)


@pytest.mark.parametrize("keyring", [LockedKeyring, SilentKeyring])
@pytest.mark.parametrize("wanted", [False, True], ids=["", "by policy"])
async def test_what_is_entered_while_the_keyring_is_locked_comes_to_no_file(
    desk: Desk, keyring: Callable[[], MemoryKeyring], wanted: bool
) -> None:
    keys = desk.services.keys
    keys._find, keys.keyring_only, keys._timeout_s = keyring, wanted, 0.05
    before = Connection(name="c", kind=Kind.OPENAI_V1, url="https://h.example", headers={"X-Team": "blue"})
    value = "hcaik01hqzzzzz7abcdefGHIJ"
    changed = msgspec.structs.replace(before, headers={"X-Team": "blue", "X-Honeycomb-Team": value})
    stored, kept = await desk.services.settle_headers(changed, before)
    assert (stored.headers, stored.secret_headers) == ({"X-Team": "blue"}, ("X-Honeycomb-Team",))
    assert kept is not None
    assert kept.problem is not None


async def test_what_the_command_adds_goes_to_the_keyring_and_is_listed_by_name_alone(desk: Desk) -> None:
    desk.look()
    words = ("connections", "add", "own", "--kind", "openai-v1", "--url", "http://127.0.0.1:9/v1", "--auth", "none")
    assert await desk.run(*words, "--header", f"X-Api-Key: {VALUE}", "--header", "X-Team: blue", "--json") == 0
    assert VALUE not in desk.out + desk.err
    assert '"X-Api-Key"' in desk.out
    assert VALUE not in desk.services.settings_file.path.read_text()
    assert await desk.services.keys.headers(desk.services.settings.connection("own")) == {"X-Api-Key": VALUE}
    await desk.run("connections", "remove", "own")
    assert desk.keyring.items == {}


async def test_a_header_that_is_taken_out_takes_its_value_along(desk: Desk) -> None:
    connection = Connection(name="c", kind=Kind.OPENAI_V1, url="https://h.example", auth=Auth.NONE)
    both = msgspec.structs.replace(connection, headers={"X-Api-Key": VALUE, "Cookie": "other-0123456789"})
    stored, _ = await desk.services.settle_headers(both, both)
    one = msgspec.structs.replace(stored, secret_headers=("Cookie",))
    await desk.services.settle_headers(one, stored)
    assert await desk.services.keys.headers(one) == {"Cookie": "other-0123456789"}
    assert VALUE not in str(desk.keyring.items)
    assert without_keys(one) == (one, {})


async def test_values_of_headers_are_hidden_from_then_on() -> None:
    keyring = MemoryKeyring()
    connection = Connection(name="c", kind=Kind.OPENAI_V1, url="https://h.example", secret_headers=("X-Api-Key",))
    await Keys(service="s", environ={}, find=lambda: keyring).keep_headers(connection, {"X-Api-Key": VALUE})
    held = Keys(service="s", environ={}, find=lambda: keyring)
    await held.headers(connection)
    assert held.mask.hide(VALUE) == "[secure]"


def test_a_cookie_and_a_basic_sign_in_are_secret_in_their_parts_too() -> None:
    sign_in = base64.b64encode(b"anna:hunter2hunter2").decode()
    found = secret_values({"Cookie": 'a=1; sid="c00kie-value"; theme=dark', "X-Auth": f"Basic {sign_in}"})
    assert {"c00kie-value", "hunter2hunter2", sign_in, f"Basic {sign_in}"} <= {*found}
    assert not {"dark", "1", ""} & {*found}
    assert "Basic !" in secret_values({"X-Auth": "Basic !"})


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (("Cookie", "session=WJ%2Fhqz7a%2BMZRXWQQJG%2FOKA%3D%3D; theme=dark"), "WJ/hqz7a+MZRXWQQJG/OKA=="),
        (("Cookie", "sid=one+word%2Bsecret"), "one word+secret"),
        (("Cookie", "sid=s%3AZx81kqLw9.Ab%2B9"), "Zx81kqLw9.Ab+9"),
        (("Cookie", "auth=%7B%22token%22%3A%22Zx8%5C%2Fkq_Lw%22%2C%22u%22%3A%5B7%5D%7D"), "Zx8/kq_Lw"),
        (("Cookie", 'a="Hun\\054ter2Hun"'), "Hun,ter2Hun"),
        (("X-Api-Key", "svc-name:9fK2xQwL0p"), "9fK2xQwL0p"),
        (("X-Api-Key", '{"a": ["9fK2 xQwL0p"]}'), "9fK2 xQwL0p"),
        (("Authentication", "SharedAccessSignature sr=x&sig=aB3%2Bd5%2FgH7%3D&se=1"), "aB3+d5/gH7="),
        (("Referer", "https://anna:Hunter%402pw@h.example/"), "Hunter@2pw"),
        (("Referer", "https://h.example/?api_key=3f9c%2B1a"), "3f9c+1a"),
    ],
)
def test_parts_of_a_headers_value_are_secret_as_servers_read_them(header: tuple[str, str], told: str) -> None:
    name, value = header
    assert belongs_in_keyring(name, value)
    assert told in secret_values({name: value})
    assert not {"dark", "u", "token", ""} & {*secret_values({name: value})}


def test_a_header_of_a_plain_name_with_a_key_or_a_sign_in_in_its_address_is_kept_out_of_the_file() -> None:
    for value in ("https://u:PW@h/", "https://token@h/", "see https://h/?v=1&api_key=3f9c", "https://h/?a=Bearer%20x"):
        connection = Connection(name="c", kind=Kind.OPENAI_V1, url="https://h.example", headers={"Referer": value})
        assert without_keys(connection, sure=True)[1] == {"Referer": value}, value
    for value in (
        "https://h.example/@user",
        "https://h.example/?page=2",
        "mail me@h.example",
        "https://h?" + "?" * 9000,
    ):
        assert not belongs_in_keyring("Referer", value), value


def test_a_key_in_an_addresss_query_is_secret_and_a_version_is_not() -> None:
    address = "https://h.example/v1?api-version=2024-10-21&subscription-key=0123%2B456&code=c0de-c0de#key=no"
    assert {*query_secrets(address)} == {"0123%2B456", "0123+456", "c0de-c0de"}
    assert query_secrets("https://h.example/v1") == query_secrets("[::1") == ()


@pytest.mark.parametrize("name", ["tok", "k", "access", "u", "id"])
def test_what_looks_drawn_by_lot_in_an_address_is_a_key_whatever_it_is_called(name: str) -> None:
    assert query_secrets(f"https://h.example/v1?{name}=Zk39fQ81mX02pLw7") == ("Zk39fQ81mX02pLw7",)


def test_a_key_of_a_known_shape_in_a_path_is_one_and_versions_and_models_are_none() -> None:
    key = "sk-proj-abcdEFGH1234567890abcdEFGH1234567890"
    assert query_secrets(f"https://h.example/{key}/v1") == (key,)
    for plain in ("v1?api-version=2024-10-21-preview", "openai/deployments/gpt-35-turbo-16k", "v1?d=gpt-4o-2024-07-18"):
        assert query_secrets(f"https://h.example/{plain}") == ()


async def test_a_key_in_an_addresss_query_is_hidden_in_what_the_server_says(desk: Desk) -> None:
    async with FaultServer() as server:
        url = f"{server.origin}/openai/v1?subscription-key=test-query-key-1"
        assert await desk.run("connections", "add", "gw", "--kind", "openai-v1", "--url", url, "--auth", "none") == 0
        desk.services.gateway._factory = Registry(default_factories())
        desk.services.use(desk.services.settings_file.load().settings)
        desk.look()
        await desk.run("ask", "--model", "gw/echo-address", "hello")
    assert "[secure]" in desk.err
    assert "test-query-key-1" not in desk.out + desk.err


async def test_a_connection_that_the_organisations_stands_before_is_left_as_it_is(desk: Desk) -> None:
    services = hand_written(desk)
    given = Connection(name="old", kind=Kind.OPENAI_V1, url="http://127.0.0.1:9/v1", auth=Auth.NONE)
    fixed = {"Connections": Fixed("Connections", (given,), locked=True, source="test")}
    services.settings_file = SettingsFile(services.paths.settings_file, policy=Policy(entries=fixed))
    services.use(services.settings_file.load().settings)
    assert await services.move_headers() == ()
    assert desk.keyring.items == {}
    assert services.settings.connection("old") == given


async def test_values_that_were_moved_without_the_file_go_with_the_connection(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = hand_written(desk)

    def read_only(_path: Path, _data: str) -> None:
        raise PermissionError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr("desktop.settings.settings_file.write_private", read_only)
        (notice,) = await services.move_headers()
    assert "X-Api-Key" in notice
    assert [VALUE in item for item in desk.keyring.items.values()] == [True]
    assert await desk.run("connections", "remove", "old") == 0
    assert desk.keyring.items == {}


async def test_without_a_keyring_a_header_that_is_only_unknown_stays_in_the_file_without_a_word(desk: Desk) -> None:
    desk.services.keys._find = none_found
    words = ("connections", "add", "own", "--kind", "openai-v1", "--url", "http://127.0.0.1:9/v1", "--auth", "none")
    assert await desk.run(*words, "--header", "X-Corp-Route: blue", "--header", f"X-Api-Key: {VALUE}") == 0
    kept = desk.services.settings.connection("own")
    assert (kept.headers, kept.secret_headers) == ({"X-Corp-Route": "blue"}, ("X-Api-Key",))
    assert VALUE not in desk.services.settings_file.path.read_text()
    assert await desk.services.move_headers() == ()
    assert desk.services.settings_file.load().settings.connection("own") == kept
    changed = msgspec.structs.replace(kept, headers={"X-Corp-Route": "red"})
    stored, _ = await desk.services.settle_headers(changed, kept)
    assert stored.headers == {"X-Corp-Route": "red"}


@pytest.mark.parametrize(
    "value",
    [
        *("nY-8uGm3cVrqT5_b2KxWJQ", "Zx9_Qw8-Er7_Ty6-Ui5_Op4", "a9B8c7D6e5F4g3H2i1J0k9", "qX7r-tLmA.p0Zs_9kVwE3"),
        *("HS4Z-8QKD-X2MM-PLT9", "VLIB4-VCIJA-CSA9F", "4f6a-7e11-22ab-90cc", "abc12d_efg34h_ijklmn"),
    ],
)
@pytest.mark.parametrize(
    "form", ["https://h.example/v1?tok={}", "https://h.example/v1?{}", "https://h.example/v1?a=b&{}#c"]
)
def test_what_is_drawn_by_lot_is_a_key_in_an_address_with_signs_and_without_a_name(value: str, form: str) -> None:
    assert value in query_secrets(form.format(value))
    assert belongs_in_keyring("X-User-Id", value)


@pytest.mark.parametrize(
    "value",
    [
        "2024-10-21-preview",
        "gpt-4o-mini-2024-07-18",
        "Meta-Llama-3.1-8B-Instruct",
        "us.anthropic.claude-sonnet-4-20250514-v1",
        "northcentralus2-prod-cluster03",
        "Mixtral-8x22B-Instruct-v0.1",
        "prompt-caching-2024-07-31",
        "ParagoneDesktopClient",
        "internal-llm-gateway.corp.example.com",
        "DeepSeek-R1-Distill-Qwen-32B",
        "AZURE_OPENAI_GPT4_2026",
        "iPhone15ProMaxTest1",
        "2024-1015-1200-0930",
        "east-west-prod-blue",
    ],
)
def test_names_and_versions_that_somebody_thought_of_are_none(value: str) -> None:
    assert query_secrets(f"https://h.example/v1?deployment={value}") == ()


@pytest.mark.parametrize("value", ["team-of-" + "abcdefghij" * 500 + "Z9z9Z", "Ab" * 3_000 + "9z9Z", "x9-" * 3_000])
def test_a_long_name_is_looked_at_in_no_time(value: str) -> None:
    for attempt in within(1):
        with attempt:
            query_secrets(f"https://h.example/v1?deployment={value}")
            belongs_in_keyring("X-Team", value)
