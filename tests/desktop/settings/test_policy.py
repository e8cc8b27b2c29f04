"""What a policy forbids, and that no setting of the user's gets past it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from desktop.domain.conversation_types import Auth, Connection, Kind, ModelRef
from desktop.errors import ConnectionUnknown, PolicyForbids, UsageError
from desktop.settings.managed.policy_sources import PolicyPiece, PolicySources, policy_of
from desktop.settings.policy import EXPORT, IMPORT, Policy, host_matches, is_host_pattern
from desktop.settings.schema import CONNECT_TIMEOUT, PROXY, THEME
from desktop.settings.settings_file import SettingsFile
from desktop.settings.values import EMBEDDED, Settings
from desktop.store.retention import rule_of
from tests.desktop.settings.managed.made import declarations


def policy(_recommended: dict[str, object] | None = None, **managed: object) -> Policy:
    pieces = [
        PolicyPiece(name, value, "recommended.json", locked=False) for name, value in (_recommended or {}).items()
    ]
    pieces += [PolicyPiece(name, value, "managed.json") for name, value in managed.items()]
    made = policy_of(PolicySources(pieces), declarations())
    assert made.notices == ()
    return made


def server(name: str = "mine", url: str = "https://api.example.com/v1", auth: Auth = Auth.KEY) -> Connection:
    return Connection(name=name, kind=Kind.OPENAI_V1, url=url, auth=auth)


def test_managed_wins_over_the_user_who_wins_over_the_recommended() -> None:
    made = policy({"Proxy": "http://r:1", "Theme": "dark"}, ConnectTimeout=5)
    settings = Settings(MappingProxyType({CONNECT_TIMEOUT.key: 99.0, PROXY.key: "none"}), policy=made)
    assert settings.get(CONNECT_TIMEOUT) == 5.0
    assert settings.get(PROXY) == "none"
    assert settings.get(THEME) == "dark"


def test_a_locked_setting_cannot_be_set_and_names_who_locked_it() -> None:
    settings = Settings(policy=policy(Proxy="none"))
    with pytest.raises(PolicyForbids) as raised:
        settings.set(PROXY, "http://mine:1")
    assert "policy Proxy (managed.json)" in raised.value.hint
    assert settings.set(THEME, "dark").get(THEME) == "dark"


def test_a_settings_file_cannot_override_and_never_takes_the_policy_in(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(
        '[network]\nproxy = "http://mine:1"\n[connections.corp]\nkind = "openai-v1"\nurl = "https://evil.example"\n'
    )
    given = [{"name": "corp", "kind": "openai-v1", "url": "https://corp.example/v1"}]
    file = SettingsFile(path, policy=policy(Proxy="none", Connections=given))
    settings = file.load().settings
    assert settings.get(PROXY) == "none"
    assert settings.connection("corp").url == "https://corp.example/v1"
    file.update(lambda loaded: loaded.set(THEME, "dark"))
    written = path.read_text()
    assert "corp.example" not in written
    assert '"http://mine:1"' in written
    assert SettingsFile(path).load().settings.get(PROXY) == "http://mine:1"


def test_a_given_connection_can_neither_be_changed_nor_removed() -> None:
    given = [{"name": "corp", "kind": "openai-v1", "url": "https://corp.example/v1"}]
    settings = Settings(policy=policy(Connections=given, UserConnections=False))
    assert [each.name for each in settings.all_connections] == ["embedded", "corp"]
    for change in (lambda: settings.with_connection(server("corp")), lambda: settings.without_connection("corp")):
        with pytest.raises(PolicyForbids):
            change()
    with pytest.raises(PolicyForbids):
        settings.with_connection(server("mine"))


def test_connections_of_before_are_kept_but_not_used() -> None:
    settings = Settings(connections=(server(),), policy=policy(UserConnections=False))
    assert settings.all_connections == (EMBEDDED,)
    assert settings.connection("mine") == server()
    assert settings.policy.problem(server()) is not None
    assert settings.without_connection("mine").connections == ()


def test_only_allowed_hosts_are_used_also_on_this_machine() -> None:
    made = policy(AllowedHosts=["*.example.com", "127.0.0.1"])
    allowed = ["https://api.example.com", "api.EXAMPLE.com.", "https://a.b.example.com:8443/x", "http://127.0.0.1:1/v1"]
    refused = [
        "https://example.com",
        "https://example.com.evil.net",
        "https://evilexample.com",
        "https://api.example.com@evil.net/",
        "https://evil.net/?x=api.example.com",
        "https://evil.net#.example.com",
        "http://localhost:1/v1",
        "https://[::1]/",
        "https://",
    ]
    assert [url for url in allowed if made.problem(server(url=url))] == []
    assert [url for url in refused if not made.problem(server(url=url))] == []
    assert made.problem(EMBEDDED) is None


def test_hosts_of_other_alphabets_are_told_apart() -> None:
    assert host_matches("xn--exmple-cua.com", "exämple.com")
    assert policy(AllowedHosts=["example.com"]).problem(server(url="https://exаmple.com")) is not None  # a Cyrillic а


@pytest.mark.parametrize("text", ["*", "*.", "a b", "https://x", "x/y", "*.*.x", "a*", ""])
def test_what_is_no_host_pattern(text: str) -> None:
    assert not is_host_pattern(text)


def test_only_allowed_ways_to_sign_in_are_used() -> None:
    made = policy(SignIn=["entra"])
    assert made.problem(server(auth=Auth.ENTRA)) is None
    for auth in (Auth.KEY, Auth.NONE):
        assert made.problem(server(auth=auth)) is not None
    assert made.problem(EMBEDDED) is None


def test_the_embedded_model_and_own_files_are_ruled_apart() -> None:
    own = Connection(name="own", kind=Kind.EMBEDDED, auth=Auth.NONE, file="/m.gguf")
    settings = Settings(connections=(own,), policy=policy(EmbeddedModel=False))
    assert settings.all_connections == (own,)
    settings = Settings(connections=(own,), policy=policy(OwnModelFiles=False))
    assert settings.all_connections == (EMBEDDED,)
    with pytest.raises(PolicyForbids):
        settings.with_connection(own)


def test_models_are_allowed_and_hidden_by_patterns() -> None:
    made = policy(AllowedModels=["corp/*", "grok-*"], HiddenModels=["*-preview"])

    def ref(text: str) -> ModelRef:
        return ModelRef.parse(text)

    made.require_model(ref("corp/anything"))
    made.require_model(ref("other/GROK-3"))
    with pytest.raises(PolicyForbids):
        made.require_model(ref("other/gpt-4o"))
    assert made.hides(ref("corp/x-preview"))
    assert made.hides(ref("other/gpt-4o"))
    assert not made.hides(ref("corp/x"))
    made.require_model(ref("corp/x-preview"))


def test_import_and_export_can_be_forbidden_apart() -> None:
    made = policy(Export=False)
    made.require(IMPORT)
    with pytest.raises(PolicyForbids):
        made.require(EXPORT)


def test_managed_retention_takes_pinned_ones_too() -> None:
    settings = Settings(policy=policy(RetentionDays=7))
    rule = rule_of(settings, settings.policy.locked)
    assert (rule.days, rule.strict) == (7, True)
    assert not rule_of(Settings(policy=policy({"RetentionDays": 7})), ()).strict


def test_without_a_policy_all_is_as_ever() -> None:
    settings = Settings(connections=(server(),))
    assert [each.name for each in settings.all_connections] == ["embedded", "mine"]
    with pytest.raises(UsageError):
        settings.without_connection("embedded")
    with pytest.raises(ConnectionUnknown):
        settings.connection("nobody")


def test_a_given_connection_can_be_given_back_as_it_stands() -> None:
    given = [{"name": "corp", "kind": "openai-v1", "url": "https://corp.example/v1"}]
    settings = Settings(policy=policy(Connections=given, UserConnections=False))
    assert settings.with_connection(server("corp", "https://corp.example/v1/")) is settings
    with pytest.raises(PolicyForbids):
        settings.with_connection(server("corp", "https://evil.example/v1"))


def test_setting_what_is_fixed_to_the_same_is_no_error() -> None:
    settings = Settings(policy=policy(Proxy="none"))
    assert settings.set(PROXY, "none") is settings


def test_names_of_connections_that_may_not_be_used_are_not_free() -> None:
    settings = Settings(connections=(server(),), policy=policy(UserConnections=False))
    assert settings.names == {"embedded", "mine"}


def test_days_of_a_given_connection_count() -> None:
    given = [{"name": "corp", "kind": "openai-v1", "url": "https://corp.example/v1", "keep_days": 0}]
    assert rule_of(Settings(policy=policy(Connections=given))).connections == {"corp": 0}
