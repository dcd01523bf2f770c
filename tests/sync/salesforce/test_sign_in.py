"""Signing in to Salesforce: once, again when the session has expired, and never twice at a time."""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from sync.connection_context import ConnectionContext
from sync.connectors.base import Delivered
from sync.connectors.salesforce.connector import SalesforceConnector
from sync.connectors.salesforce.sign_in import SalesforceSignIn
from sync.errors import ConfigurationFault, CrmDown, LoginPage, NotAuthorised, SyncError, Throttled, Unreachable
from sync.settings.salesforce import SalesforceSettings
from tests.sync.salesforce.helpers import SECRET, make_lead, push_leads, use_connector
from tests.sync.salesforce.scripted_org import SESSION, OrgResponse, ScriptedOrg, expire_session, refuse_call


def test_client_credentials_are_sent_as_a_form(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """To the org's own host; the session is sent with the leads."""
    push_leads(settings, [make_lead()])

    (asked,) = org.sign_ins
    assert asked.form == {"grant_type": "client_credentials", "client_id": "3MVG9-booth", "client_secret": SECRET}
    assert [call.headers["authorization"] for call in org.calls] == [f"Bearer {SESSION}1"]


def test_one_sign_in_serves_many_calls_at_once(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Also if they all start before the sign-in is done."""

    async def five(connector: SalesforceConnector) -> None:
        await asyncio.gather(*(connector.push("batch", [make_lead(number)]) for number in range(5)))

    use_connector(settings, five)

    assert (len(org.sign_ins), len(org.calls)) == (1, 5)


def test_an_expired_session_is_renewed_once_and_the_batch_is_resent(
    org: ScriptedOrg, settings: SalesforceSettings
) -> None:
    """The same records with the same ids; staff do not notice it."""
    org.api = expire_session(f"{SESSION}1")

    outcomes = push_leads(settings, [make_lead(1), make_lead(2)])

    assert {type(outcome) for outcome in outcomes.values()} == {Delivered}
    assert len(org.sign_ins) == 2
    assert org.calls[0].records == org.calls[1].records
    assert org.calls[1].headers["authorization"] == f"Bearer {SESSION}2"


def test_parallel_calls_renew_an_expired_session_once(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Salesforce would end sessions if each call signed in by itself."""

    async def five(connector: SalesforceConnector) -> None:
        await connector.push("batch", [make_lead()])
        org.api = expire_session(f"{SESSION}1")
        await asyncio.gather(*(connector.push("batch", [make_lead(number)]) for number in range(5)))

    use_connector(settings, five)

    assert len(org.sign_ins) == 2


def test_a_refused_new_session_waits_for_a_person(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """It is not tried a third time; the next push signs in again."""
    org.api = lambda asked: refuse_call(401, "INVALID_SESSION_ID", "Session expired or invalid")

    async def twice(connector: SalesforceConnector) -> str:
        with pytest.raises(NotAuthorised) as caught:
            await connector.push("batch", [make_lead()])
        assert (len(org.sign_ins), len(org.calls)) == (2, 2)
        org.api = expire_session(f"{SESSION}1")
        await connector.push("batch", [make_lead()])
        return str(caught.value)

    sentence = use_connector(settings, twice)

    assert "Session expired or invalid" in sentence
    assert len(org.sign_ins) == 3


REFUSALS = [
    (400, "invalid_client", "invalid client credentials", NotAuthorised, "correct the consumer secret"),
    (400, "invalid_client_id", "client identifier invalid", NotAuthorised, "correct client_id"),
    (400, "invalid_grant", "no client credentials user enabled", NotAuthorised, "name a user to run as"),
    (400, "invalid_grant", "request not supported on this domain", NotAuthorised, "my.salesforce.com"),
    (400, "invalid_grant", "user hasn't approved this consumer", NotAuthorised, "allow the user"),
    (400, "invalid_grant", "authentication failure", NotAuthorised, "authentication failure"),
    (400, "invalid_grant", "login rate exceeded", Throttled, "asked the kiosk to wait"),
    (429, "too_many_requests", "slow down", Throttled, "asked the kiosk to wait"),
    (400, "unknown_error", "retry your request", CrmDown, "having trouble"),
    (500, "server_error", "oops", CrmDown, "having trouble"),
]


@pytest.mark.parametrize(("status", "error", "words", "fault", "sentence"), REFUSALS, ids=lambda value: str(value)[:30])
def test_a_refused_sign_in_says_what_to_do(
    org: ScriptedOrg,
    settings: SalesforceSettings,
    status: int,
    error: str,
    words: str,
    fault: type[SyncError],
    sentence: str,
) -> None:
    """In Salesforce's words and ours; no lead was sent."""
    org.sign_in = lambda asked: OrgResponse(status, {"error": error, "error_description": words})

    with pytest.raises(SyncError) as caught:
        push_leads(settings, [make_lead()])

    assert type(caught.value) is fault
    assert sentence in str(caught.value)
    assert str(caught.value).endswith(".")
    assert org.calls == []


def test_a_secret_quoted_by_the_sign_in_is_hidden(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Whatever the response contains."""
    org.sign_in = lambda asked: OrgResponse(
        400, {"error": "invalid_client", "error_description": f"bad secret {SECRET}"}
    )

    with pytest.raises(NotAuthorised) as caught:
        push_leads(settings, [make_lead()])

    assert "bad secret ***" in str(caught.value)
    assert SECRET not in str(caught.value)


OTHERS = [
    (OrgResponse(0), Unreachable),
    (OrgResponse(200, b"<!doctype html><title>Expo WiFi</title>", {"Content-Type": "text/html"}), LoginPage),
    (OrgResponse(302, b"", {"Location": "http://wifi.example.net/login"}), LoginPage),
    (OrgResponse(511, b""), LoginPage),
    (OrgResponse(503, b"", {"Retry-After": "7"}), Throttled),
    (OrgResponse(503, b""), CrmDown),
    (OrgResponse(404, b""), ConfigurationFault),
    (OrgResponse(413, b""), ConfigurationFault),
    (OrgResponse(200, b'{"access_token": "'), Unreachable),
    (OrgResponse(200, {}), ConfigurationFault),
    (OrgResponse(200, {"access_token": 7, "instance_url": "https://x.my.salesforce.com"}), ConfigurationFault),
    (
        OrgResponse(200, {"access_token": "a\r\nX-Evil: 1", "instance_url": "https://x.my.salesforce.com"}),
        ConfigurationFault,
    ),
    (OrgResponse(200, {"access_token": "a"}), ConfigurationFault),
    (OrgResponse(200, ["access_token"]), ConfigurationFault),
]


@pytest.mark.parametrize(("said", "fault"), OTHERS, ids=lambda value: str(value)[:60])
def test_other_responses_to_a_sign_in_are_classified(
    org: ScriptedOrg, settings: SalesforceSettings, said: OrgResponse, fault: type[SyncError]
) -> None:
    """Nothing of a lead was sent, so the outcome is never unknown."""
    org.sign_in = lambda asked: said

    with pytest.raises(SyncError) as caught:
        push_leads(settings, [make_lead()])

    assert type(caught.value) is fault
    assert org.calls == []


@pytest.mark.parametrize(
    ("named", "part"),
    [
        ("http://leads.example.com", "unencrypted"),
        ("https://leads.example.com/path", "only a host"),
        ("ftp://leads.example.com", "is not a URL|is missing"),
        ("https://user:secret@leads.example.com", "secrets do not belong"),
        (7, "is not a URL|is missing"),
    ],
)
def test_leads_are_sent_to_safe_addresses_only(
    org: ScriptedOrg, settings: SalesforceSettings, named: object, part: str
) -> None:
    """A sign-in may not name just any address."""
    org.sign_in = lambda asked: OrgResponse(200, {"access_token": "a", "instance_url": named})

    with pytest.raises(ConfigurationFault, match=part):
        push_leads(settings, [make_lead()])


def test_leads_are_sent_only_to_the_pinned_host(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Another host that the sign-in names is refused."""
    push_leads(replace(settings, instance_url=f"{org.url}/"), [make_lead()])
    org.calls.clear()

    with pytest.raises(ConfigurationFault, match=r"instance_url is https://booth\.my\.salesforce\.com"):
        push_leads(replace(settings, instance_url="https://booth.my.salesforce.com"), [make_lead()])

    assert org.calls == []


def test_a_sign_in_over_https_never_leads_to_plain_http() -> None:
    """Not even to an address of this network, where plain HTTP is otherwise allowed."""

    async def checked(login_url: str) -> str:
        async with contextlib.aclosing(SalesforceSignIn(SalesforceSettings(login_url), ConnectionContext())) as sign_in:
            return sign_in.check_instance_url("http://192.168.0.7")

    assert asyncio.run(checked("http://192.168.0.8")) == "http://192.168.0.7"
    with pytest.raises(ConfigurationFault, match="unencrypted"):
        asyncio.run(checked("https://booth.my.salesforce.com"))


def test_a_missing_credential_waits_for_a_person(
    org: ScriptedOrg, settings: SalesforceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the variable; when it is set, sending resumes automatically."""
    monkeypatch.delenv("BOOTH_TEST_SECRET")

    async def until_there(connector: SalesforceConnector) -> None:
        before = connector.fingerprint_credential()
        with pytest.raises(NotAuthorised, match="BOOTH_TEST_SECRET"):
            await connector.push("batch", [make_lead()])
        monkeypatch.setenv("BOOTH_TEST_SECRET", "another")
        await connector.push("batch", [make_lead()])
        assert connector.fingerprint_credential() != before

    use_connector(settings, until_there)

    assert [asked.form["client_secret"] for asked in org.sign_ins] == ["another"]


def test_the_session_is_in_no_representation(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """So that it gets into no log."""

    async def shown(connector: SalesforceConnector) -> str:
        await connector.push("batch", [make_lead()])
        return repr(connector.sign_in.current_session)

    assert SESSION not in use_connector(settings, shown)


def test_a_renewed_session_may_name_another_host(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Orgs are moved; leads are sent where the newest sign-in says."""
    other = ScriptedOrg()
    org.api = lambda asked: refuse_call(401, "INVALID_SESSION_ID")
    hosts = [org.url, other.url]
    org.sign_in = lambda asked: OrgResponse(200, {"access_token": "a", "instance_url": hosts[len(org.sign_ins) - 1]})

    try:
        outcomes = push_leads(settings, [make_lead()])
    finally:
        other.stop()

    assert list(map(type, outcomes.values())) == [Delivered]
    assert (len(org.calls), len(other.calls)) == (1, 1)
