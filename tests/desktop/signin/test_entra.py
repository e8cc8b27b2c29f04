"""Signing in against an authority on loopback: by browser, by code, renewed, kept, refused, forgotten."""

from __future__ import annotations

import asyncio
import traceback

import msgspec
import pytest

from desktop.credentials.keys import Keys
from desktop.domain.conversation_types import Auth, Kind
from desktop.errors import (
    AccessConditional,
    ConnectFailed,
    ConsentMissing,
    KeyringMissing,
    SignInFailed,
    SignInRequired,
    TenantWrong,
    TlsFailed,
)
from desktop.net.options import NetworkOptions
from desktop.settings.policy import Fixed, Policy
from desktop.settings.schema import ENTRA_AUTHORITY
from desktop.settings.values import Settings
from desktop.signin.cache import Account
from desktop.signin.entra import Code, Entra
from desktop.system import log
from desktop.text.phrases import phrase
from tests.desktop.credentials.fakes import none_found
from tests.desktop.signin.conftest import FOUNDRY, World
from tests.servers.authority import StandIn, refusal
from tests.servers.visitor import post

UNSAFE = (
    *("file:///bin/true", "http://microsoft.example/devicelogin", "javascript:alert(1)", "ms-settings:about"),
    *(
        "https://microsoft.example@evil.example/",
        "https://microsoft.example\\@evil.example/",
        "https://a\u0430.example/",
    ),
    *("https://2130706433/x", "https://127.1/x"),
    *("https://%65vil.example/", "https:///page", "https://microsoft.example/\u202eexe"),
)

V1 = "https://ai.azure.com/.default"


async def test_the_browser_signs_in_and_a_token_for_the_address_comes(world: World) -> None:
    run = world.new()
    account = await run.by_browser(FOUNDRY, world.visitor.visit)
    assert account.name == "anna@contoso.example"
    token = await run.token(FOUNDRY)
    assert world.authority.tokens == {V1: [token.value]}
    assert "You are signed in" in world.visitor.shown


async def test_a_code_signs_in_once_it_was_typed(world: World) -> None:
    world.authority.pending = 1
    shown: list[Code] = []
    account = await world.new().by_code(FOUNDRY, shown.append)
    assert account.name == "anna@contoso.example"
    assert (shown[0].code, shown[0].page) == ("ABCD-1234", "https://microsoft.example/devicelogin")


async def test_the_next_run_is_signed_in_and_asks_nobody(world: World) -> None:
    await world.new().by_browser(FOUNDRY, world.visitor.visit)
    asked = len(world.authority.grants)
    later = world.new()
    account = await later.account(FOUNDRY)
    assert account is not None
    assert account.name == "anna@contoso.example"
    assert (await later.token(FOUNDRY)).value == world.authority.tokens[V1][0]
    assert len(world.authority.grants) == asked


async def test_a_long_token_lies_in_pieces_where_the_keyring_takes_no_more(world: World) -> None:
    await world.new().by_browser(FOUNDRY, world.visitor.visit)
    assert len(world.keyring.items) > 3
    assert all(len(text) <= 1280 for text in world.keyring.items.values())


async def test_an_expiring_token_is_renewed_unseen_and_kept(world: World) -> None:
    world.authority.expires_in = 60  # less than the five minutes before the end at which one is renewed
    run = world.new()
    await run.by_browser(FOUNDRY, world.visitor.visit)
    world.authority.expires_in = 3600
    token = await run.token(FOUNDRY)
    assert world.authority.grants[-1]["grant_type"] == "refresh_token"
    assert (await world.new().token(FOUNDRY)).value == token.value


async def test_eight_panes_renew_once(world: World) -> None:
    world.authority.expires_in = 60
    run = world.new()
    await run.by_browser(FOUNDRY, world.visitor.visit)
    world.authority.expires_in = 3600
    tokens = await asyncio.gather(*(run.token(FOUNDRY) for _ in range(8)))
    assert len(set(tokens)) == 1
    assert [grant["grant_type"] for grant in world.authority.grants].count("refresh_token") == 1


async def test_a_renewal_that_is_refused_asks_for_a_new_sign_in(world: World) -> None:
    world.authority.expires_in = 60
    run = world.new()
    await run.by_browser(FOUNDRY, world.visitor.visit)
    world.authority.alive.clear()
    with pytest.raises(SignInRequired, match=r"has expired: AADSTS70043"):
        await run.token(FOUNDRY)


@pytest.mark.parametrize("of_old", [False, True], ids=["of today", "of old"])
async def test_another_port_of_an_authority_is_another_authority(world: World, of_old: bool) -> None:
    home, second = world.authority, msgspec.structs.replace(FOUNDRY, name="second")
    for connection in (FOUNDRY, second):
        await world.new().by_browser(connection, world.visitor.visit)
    if of_old:
        world.keep_item(world.keyring_item().replace(home.authority, ""))
    retired = msgspec.structs.replace(FOUNDRY, url="https://contoso.services.ai.azure.com/models")
    async with StandIn(home.tls) as other:
        world.authority = other
        run = world.new()
        for connection in (FOUNDRY, retired):
            assert await run.account(connection) is None
            with pytest.raises(SignInRequired):
                await run.token(connection)
        assert [asked.path for asked in other.asked if asked.method == "POST"] == []
        await run.by_browser(FOUNDRY, world.visitor.visit)
        given = [token for tokens in other.tokens.values() for token in tokens]
        assert (await run.token(FOUNDRY)).value in given
        world.authority = home
        if of_old:
            with pytest.raises(SignInRequired):
                await world.new().token(second)
        else:
            assert (await world.new().token(second)).value in home.tokens[V1]
        for connection in (FOUNDRY, second):
            await world.new().leave(connection)
    assert world.keyring.items == {}


async def test_an_authority_that_renews_nothing_is_not_sent_what_another_port_of_its_host_gave(world: World) -> None:
    home = world.authority
    await world.new().by_browser(FOUNDRY, world.visitor.visit)
    (renewal,) = home.alive
    async with StandIn(home.tls) as other:
        other.without_renewal, other.expires_in = True, 60
        world.authority = other
        run = world.new()
        await run.by_browser(FOUNDRY, world.visitor.visit)
        for each in (run, world.new()):
            with pytest.raises(SignInRequired):
                await each.token(FOUNDRY)
        assert [grant["grant_type"] for grant in other.grants] == ["authorization_code"]
        assert not [asked for asked in other.asked if renewal in asked.body.decode()]
    assert renewal not in world.keyring_item()  # nobody is signed in by it any more


async def test_whoever_signs_in_in_anothers_place_leaves_none_of_their_tokens(world: World) -> None:
    run, second = world.new(), msgspec.structs.replace(FOUNDRY, name="second")
    for connection in (FOUNDRY, second):
        await run.by_browser(connection, world.visitor.visit)
    renewals = {*world.authority.alive}
    world.authority.user = "ben@contoso.example"
    await run.by_browser(FOUNDRY, world.visitor.visit)
    assert any(renewal in world.keyring_item() for renewal in renewals)  # the second connection's
    await run.by_browser(second, world.visitor.visit)
    assert not any(renewal in world.keyring_item() for renewal in renewals)
    assert (await run.token(second)).value


async def test_nothing_of_a_sign_in_goes_without_tls_whatever_addresses_the_authority_names(world: World) -> None:
    world.authority.pages["device_authorization_endpoint"] = f"{world.authority.authority}/x/y".replace("https", "http")
    with pytest.raises(SignInFailed, match="https"):
        await world.new().by_code(FOUNDRY, lambda _: None)


def test_a_sign_in_of_old_goes_on_at_an_authority_without_a_port() -> None:
    assert Account("1", "anna").is_of("https://login.microsoftonline.com")
    assert not Account("1", "anna").is_of("https://login.example:8443")
    assert not Account("1", "anna").is_of("")
    assert not Account("1", "anna", "https://login.example").is_of("https://login.example:8443")


async def test_a_refusal_that_quotes_a_token_tells_none(world: World) -> None:
    await world.new().by_browser(FOUNDRY, world.visitor.visit)
    (token,) = world.authority.alive
    run = world.new()
    words = f"The token {token} and its spelling {token.replace('-', '%2D')} are not known."
    world.authority.refuse = [refusal(70043, words=words)] * 2
    with pytest.raises(SignInRequired, match="not known") as refused:
        await run.token(msgspec.structs.replace(FOUNDRY, url="https://contoso.services.ai.azure.com/models"))
    assert refused.value.message.count("[secure]") == 2
    assert token[:20] not in f"{refused.value} {refused.value.message}"
    assert token[20:40] not in f"{refused.value} {refused.value.message}"


async def test_no_grant_is_sent_on_to_where_the_authority_points(world: World) -> None:
    await world.new().by_browser(FOUNDRY, world.visitor.visit)
    world.authority.elsewhere = f"{world.authority.authority}/common/elsewhere"
    asked = len(world.authority.asked)
    with pytest.raises((SignInFailed, SignInRequired)):
        await world.new().token(msgspec.structs.replace(FOUNDRY, url="https://contoso.services.ai.azure.com/models"))
    paths = [each.path for each in world.authority.asked[asked:]]
    assert any(path.endswith("/oauth2/v2.0/token") for path in paths)
    assert "/common/elsewhere" not in paths


async def test_a_token_that_was_given_and_what_an_error_quotes_of_it_are_hidden(world: World) -> None:
    keys = Keys(service="test", environ={}, find=lambda: world.keyring)
    run = world.new(keys)
    await run.by_browser(FOUNDRY, world.visitor.visit)
    token = (await run.token(FOUNDRY)).value
    assert keys.mask.hide(f"no {token}") == "no [secure]"

    def fail() -> None:
        raise ConnectFailed(phrase("no {token}", token=token))

    with pytest.raises(ConnectFailed) as failed:
        await run._on_thread(fail)
    assert failed.value.message == "no [secure]"


async def test_a_refusal_that_quotes_a_code_tells_none(world: World) -> None:
    world.authority.quote = True
    with pytest.raises(SignInRequired, match="quoted") as refused:
        await world.new().by_browser(FOUNDRY, world.visitor.visit)
    (grant,) = world.authority.grants
    for name in ("code", "code_verifier"):
        assert grant[name] not in f"{refused.value} {refused.value.message}"
    # One of the two where the second may be read on from the first: both are made by chance.
    assert refused.value.message.replace("[secure] [secure]", "[secure]").endswith("What was quoted: [secure].")


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (200, "<html>Blocked. Your request was: {asked}"),
        (200, '{{"access_token": "cut", "refresh_token": "{asked}'),
        (503, "<html>Out of order: {asked}"),
        (200, '["{asked}"]'),
        (200, '"{asked}"'),
        (200, '{{"access_token": 7, "expires_in": "soon", "scope": [], "id_token": "x", "client_info": 1}}'),
    ],
)
async def test_an_answer_that_is_none_of_an_authority_is_an_error_and_tells_nothing(
    world: World, capfd: pytest.CaptureFixture[str], status: int, page: str
) -> None:
    log.set_up(world.ca_file.parent / "logs")
    await world.new().by_browser(FOUNDRY, world.visitor.visit)
    (token,) = world.authority.alive
    world.authority.page = lambda asked: (status, page.format(asked=asked.replace('"', "")))
    elsewhere = msgspec.structs.replace(FOUNDRY, url="https://contoso.services.ai.azure.com/models")
    with pytest.raises(SignInFailed, match=r"localhost.*is unavailable, or something on the network") as failed:
        await world.new().token(elsewhere)
    told = "".join(traceback.format_exception(failed.value)) + "".join(capfd.readouterr())
    assert token[:30] not in told
    assert "refresh_token" not in told


async def test_what_another_run_renewed_is_used(world: World) -> None:
    world.authority.expires_in = 60
    first = world.new()
    await first.by_browser(FOUNDRY, world.visitor.visit)
    old = set(world.authority.alive)
    world.authority.expires_in = 3600
    renewed = await world.new().token(FOUNDRY)
    world.authority.alive -= old
    assert await first.token(FOUNDRY) == renewed


async def test_without_a_sign_in_nothing_is_asked_and_the_error_says_how(world: World) -> None:
    with pytest.raises(SignInRequired) as caught:
        await world.new().token(FOUNDRY)
    assert "connections sign-in" in caught.value.hint
    assert world.authority.asked == []


async def test_one_sign_in_does_for_all_of_azure_but_for_no_other_host(world: World) -> None:
    run = world.new()
    await run.by_browser(FOUNDRY, world.visitor.visit)
    other = msgspec.structs.replace(FOUNDRY, name="other", url="https://fabrikam.openai.azure.com/openai/v1")
    gateway = msgspec.structs.replace(FOUNDRY, name="gateway", kind=Kind.OPENAI_V1, url="https://gw.example/v1")
    assert (await run.token(other)).value
    with pytest.raises(SignInRequired, match="gateway"):
        await run.token(gateway)
    machine = msgspec.structs.replace(gateway, url="https://anybody.westeurope.cloudapp.azure.com/v1")
    with pytest.raises(SignInRequired, match="gateway"):
        await run.token(machine)


async def test_a_changed_address_outside_azure_gets_no_token(world: World) -> None:
    run = world.new()
    gateway = msgspec.structs.replace(FOUNDRY, kind=Kind.OPENAI_V1, url="https://gw.example/v1")
    await run.by_browser(gateway, world.visitor.visit)
    assert (await run.token(gateway)).value
    with pytest.raises(SignInRequired):
        await run.token(msgspec.structs.replace(gateway, url="https://elsewhere.example/v1"))


async def test_signing_out_leaves_nothing_in_the_keyring(world: World) -> None:
    run = world.new()
    await run.by_browser(FOUNDRY, world.visitor.visit)
    gone = await run.sign_out(FOUNDRY)
    assert gone is not None
    assert world.keyring.items == {}
    with pytest.raises(SignInRequired):
        await run.token(FOUNDRY)


async def test_another_run_can_sign_out(world: World) -> None:
    await world.new().by_browser(FOUNDRY, world.visitor.visit)
    await world.new().sign_out(FOUNDRY)
    assert world.keyring.items == {}


async def test_removing_a_connection_keeps_the_account_of_another(world: World) -> None:
    run = world.new()
    other = msgspec.structs.replace(FOUNDRY, name="other")
    for connection in (FOUNDRY, other):
        await run.by_browser(connection, world.visitor.visit)
    await run.leave(FOUNDRY)
    assert (await run.token(other)).value
    await run.leave(other)
    assert world.keyring.items == {}


@pytest.mark.parametrize("auth", [Auth.KEY, Auth.NONE])
async def test_a_connection_that_signs_in_otherwise_leaves_no_sign_in_behind(world: World, auth: Auth) -> None:
    run = world.new()
    await run.by_browser(FOUNDRY, world.visitor.visit)
    await run.leave(FOUNDRY, msgspec.structs.replace(FOUNDRY, tenant="contoso.example"))
    assert world.keyring.items != {}
    await run.leave(FOUNDRY, msgspec.structs.replace(FOUNDRY, auth=auth))
    assert world.keyring.items == {}


async def test_two_people_are_told_apart_by_connection(world: World) -> None:
    run = world.new()
    await run.by_browser(FOUNDRY, world.visitor.visit)
    world.authority.user = "ben@contoso.example"
    other = msgspec.structs.replace(FOUNDRY, name="other")
    await run.by_browser(other, world.visitor.visit)
    anna, ben = await run.account(FOUNDRY), await run.account(other)
    assert anna is not None
    assert ben is not None
    assert (anna.name, ben.name) == ("anna@contoso.example", "ben@contoso.example")
    assert await run.token(FOUNDRY) != await run.token(other)
    third = msgspec.structs.replace(FOUNDRY, name="third")
    assert await run.account(third) is None


async def test_without_a_keyring_a_sign_in_is_for_this_run_only(world: World) -> None:
    run = world.new(Keys(service="test", environ={}, find=none_found))
    await run.by_browser(FOUNDRY, world.visitor.visit)
    assert (await run.token(FOUNDRY)).value
    assert isinstance(run.kept.problem, KeyringMissing)


async def test_where_only_the_keyring_will_do_a_sign_in_without_one_fails(world: World) -> None:
    run = world.new(Keys(service="test", environ={}, find=none_found, keyring_only=True))
    with pytest.raises(KeyringMissing):
        await run.by_browser(FOUNDRY, world.visitor.visit)


async def test_the_policys_tenant_wins_over_the_connections(world: World) -> None:
    policy = Policy(entries={"EntraTenant": Fixed("EntraTenant", "contoso.example", locked=True, source="test")})
    run = world.new(settings=Settings(policy=policy))
    await run.by_browser(msgspec.structs.replace(FOUNDRY, tenant="fabrikam.example"), world.visitor.visit)
    assert all(request.path.startswith("/contoso.example/") for request in world.authority.asked)


async def test_a_tenant_that_is_not_there_is_named(world: World) -> None:
    with pytest.raises(TenantWrong, match=r"does not recognize the tenant “nowhere\.example”"):
        await world.new().by_browser(msgspec.structs.replace(FOUNDRY, tenant="nowhere.example"), world.visitor.visit)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(65001, words="The user or administrator has not consented."), ConsentMissing),
        (refusal(90094, "access_denied", "Admin consent is required."), ConsentMissing),
        (refusal(50020, words="User account does not exist in tenant."), TenantWrong),
        (refusal(53003, words="Access has been blocked by Conditional Access policies."), AccessConditional),
    ],
)
async def test_what_the_authority_refuses_is_named_and_nothing_is_kept(
    world: World, answer: dict[str, object], kind: type[SignInFailed]
) -> None:
    world.authority.refuse_code = {str(name): value for name, value in answer.items() if name != "error_codes"}
    run = world.new()
    with pytest.raises(kind, match="AADSTS"):
        await run.by_browser(FOUNDRY, world.visitor.visit)
    assert "failed" in world.visitor.shown
    assert world.keyring.items == {}


async def test_a_declined_code_ends_the_wait(world: World) -> None:
    world.authority.refuse = [{"error": "authorization_declined", "error_description": "The user said no."}]
    with pytest.raises(SignInFailed, match="declined"):
        await world.new().by_code(FOUNDRY, lambda _: None)


async def test_a_page_that_does_not_know_the_state_is_turned_away(world: World) -> None:
    async def browser(address: str) -> bool:
        port = address.partition("localhost%3A")[2].partition("&")[0]
        answer = await post(f"http://localhost:{port}/", {"code": "stolen", "state": "guessed"})
        assert answer.startswith("HTTP/1.1 404")
        return await world.visitor.visit(address)

    assert (await world.new().by_browser(FOUNDRY, browser)).name == "anna@contoso.example"


async def test_without_a_browser_the_error_offers_the_code(world: World) -> None:
    async def none(_: str) -> bool:
        return False

    with pytest.raises(SignInFailed) as caught:
        await world.new().by_browser(FOUNDRY, none)
    assert "code" in caught.value.hint


@pytest.mark.parametrize("page", UNSAFE)
async def test_a_page_that_is_no_safe_address_is_not_opened(world: World, page: str) -> None:
    shown: list[str] = []

    async def browser(address: str) -> bool:
        shown.append(address)
        return True

    world.authority.pages["authorization_endpoint"] = page
    with pytest.raises(SignInFailed, match="not use HTTPS"):
        await world.new().by_browser(FOUNDRY, browser)
    world.authority.pages = {"authorization_endpoint": "", "verification_uri": page}
    with pytest.raises(SignInFailed, match="not use HTTPS"):
        await world.new().by_code(FOUNDRY, lambda code: shown.append(code.page))
    assert shown == []


async def test_giving_up_leaves_no_task_and_no_port(world: World) -> None:
    opened: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def browser(address: str) -> bool:
        opened.set_result(address)
        return True

    signing = asyncio.ensure_future(world.new().by_browser(FOUNDRY, browser))
    async with asyncio.timeout(10):
        address = await opened
    signing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await signing
    port = int(address.partition("localhost%3A")[2].partition("&")[0])
    with pytest.raises(OSError, match="refused|failed"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_an_authority_without_trust_is_refused(world: World) -> None:
    settings = Settings().set(ENTRA_AUTHORITY, world.authority.authority)
    run = Entra(Keys(service="test", environ={}, find=none_found), lambda: settings, NetworkOptions())
    with pytest.raises(TlsFailed):
        await run.by_browser(FOUNDRY, world.visitor.visit)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "login.example"])
async def test_an_authority_without_tls_is_refused(world: World, address: str) -> None:
    keys = Keys(service="test", environ={}, find=none_found)
    run = Entra(keys, lambda: Settings().set(ENTRA_AUTHORITY, address), NetworkOptions())
    with pytest.raises(SignInFailed, match="https"):
        await run.by_browser(FOUNDRY, world.visitor.visit)


async def test_an_authority_that_is_away_is_named(world: World) -> None:
    keys = Keys(service="test", environ={}, find=none_found)
    run = Entra(keys, lambda: Settings().set(ENTRA_AUTHORITY, "https://127.0.0.1:9"), NetworkOptions(proxy="none"))
    with pytest.raises(ConnectFailed, match=r"127\.0\.0\.1:9"):
        await run.by_browser(FOUNDRY, world.visitor.visit)


async def test_a_sign_in_goes_on_under_the_name_that_a_connection_is_kept_by(world: World) -> None:
    run = world.new()
    gateway = msgspec.structs.replace(FOUNDRY, name="gw", kind=Kind.OPENAI_V1, url="https://gw.example/v1")
    await run.by_browser(gateway, world.visitor.visit)
    renamed = msgspec.structs.replace(gateway, name="gw-2")
    await run.adopt(gateway, renamed)
    assert (await run.token(renamed)).value
    assert await run.account(gateway) is None


async def test_a_sign_in_never_goes_to_another_server_however_its_address_is_written(world: World) -> None:
    run = world.new()
    good = msgspec.structs.replace(FOUNDRY, url="https://good.example/openai/v1")
    await run.by_browser(good, world.visitor.visit)
    kept = world.keyring_item()
    for place, url in (
        ("://", "good.example/openai/v1"),
        ("https://good.example:443", "https://good.example:443/openai/v1"),
    ):
        older = kept.replace("foundry at https://good.example", f"foundry at {place}")
        assert older != kept
        world.keep_item(older)
        old = msgspec.structs.replace(good, url=url)
        other = world.new()
        found = await other.account(old)
        assert (found is not None) == (place != "://"), place
        assert await other.strays(old) == (() if found else ("foundry at ://",))
        await other.leave(old)
        assert world.keyring.items == {}
