"""Tokens that expire: requested once, renewed when they expire, shown to nobody."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from data import outbox
from data.store import Store
from kiosk.config.load import ConfigError
from sync.connectors.rest.connector import RestConnector
from tests.sync.rest.contacts_api import ContactsApi, count_states, drain_store, edit_lead, read_settings, save_lead
from tests.sync.rest.crm_replicas import KEY, run_crm
from tests.sync.rest.dataverse import Dataverse
from tests.sync.rest.guide import load_example_settings
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse

HEADING = "A token that lasts an hour: Dataverse"

TEXT = """
url = "{url}/contacts"
token_file = "FILE"
[crm.rest.token]
url = "{url}/token"
body = {{ grant_type = "refresh_token", refresh_token = "{{secret}}" }}
refresh = "refresh_token"
"""


@pytest.fixture
def dataverse() -> Iterator[Dataverse]:
    """A Dataverse."""
    made = Dataverse()
    with run_crm(made):
        yield made


def test_one_token_serves_all_leads(store: Store, dataverse: Dataverse, tmp_path: Path) -> None:
    """With the one connector that the worker keeps."""
    for number in range(5):
        save_lead(store, number)

    drain_store(store, load_example_settings(HEADING, dataverse.url, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=5)
    assert len(dataverse.tokens) == 1


def test_an_expired_token_is_renewed_once(store: Store, dataverse: Dataverse, tmp_path: Path) -> None:
    """Staff do not notice it."""
    lead = save_lead(store)

    async def twice() -> None:
        connector = RestConnector(load_example_settings(HEADING, dataverse.url, tmp_path))
        from data.clock import SystemClock
        from sync.drain import Drain

        drained = Drain(store, connector, SystemClock())
        try:
            await drained.run(now=True)
            dataverse.lapsed.update(dataverse.tokens)
            edit_lead(store, lead, note="Call her")
            await drained.run(now=True)
        finally:
            await connector.aclose()

    asyncio.run(twice())

    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert len(dataverse.tokens) == 2


def test_a_token_is_renewed_before_its_end(store: Store, dataverse: Dataverse, tmp_path: Path) -> None:
    """A token without a lifetime is requested before each call."""
    dataverse.seconds = 0.001  # type: ignore[assignment]
    save_lead(store, 1)
    save_lead(store, 2)

    drain_store(store, load_example_settings(HEADING, dataverse.url, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=2)
    assert len(dataverse.tokens) == 2


def test_a_refused_secret_is_reported_but_not_shown(store: Store, dataverse: Dataverse, tmp_path: Path) -> None:
    """Even if the sign-in quotes it; nothing of a lead was sent."""
    save_lead(store)

    summary = drain_store(store, load_example_settings(HEADING, dataverse.url, tmp_path, key="a-wrong-secret"))

    assert summary.gate.cause == "not authorised"
    assert "Invalid client secret provided" in summary.gate.sentence
    assert "a-wrong-secret" not in summary.gate.sentence
    assert [call for call in dataverse.calls if "leads" in call] == []


ENDPOINT: list[tuple[str, ScriptedResponse, str, str]] = [
    (
        "too many",
        ScriptedResponse({"error_description": "Too many requests", "error": "Access Denied"}),
        "throttled",
        "",
    ),
    ("429", ScriptedResponse({"error": "slow_down"}, 429), "throttled", ""),
    ("477", ScriptedResponse({"message": "Moving"}, 477, {"Retry-After": "60"}), "throttled", ""),
    (
        "posthog#64985",
        ScriptedResponse({"message": "Migration in progress"}, 400),
        "CRM down",
        "sign-in is having trouble",
    ),
    ("RFC 6749", ScriptedResponse({"error": "temporarily_unavailable"}, 400), "CRM down", "sign-in is having trouble"),
    ("schmorrison/Zoho#18", ScriptedResponse({"error": "invalid_code"}), "not authorised", "invalid_code"),
    ("down", ScriptedResponse(b"", 503), "CRM down", "sign-in is having trouble"),
    ("no token", ScriptedResponse({"token": {"value": "x"}}), "set-up", "The response has: token.value"),
    ("nothing there", ScriptedResponse(b"", 404), "set-up", "token.url returns no token"),
]


@pytest.mark.parametrize(
    ("said", "cause", "words"), [case[1:] for case in ENDPOINT], ids=[case[0] for case in ENDPOINT]
)
def test_sign_in_errors_are_explained(
    store: Store, api: ContactsApi, tmp_path: Path, said: ScriptedResponse, cause: str, words: str
) -> None:
    """They are about the destination, never about a lead."""
    save_lead(store)
    api.override = lambda asked: said if asked.path == "/token" else None

    summary = drain_store(store, rotating(api, tmp_path))

    assert summary.gate.cause == cause
    assert words in summary.gate.sentence
    assert count_states(store) == outbox.OutboxCounts(waiting=1)


def rotating(api: ContactsApi, folder: Path) -> object:
    """An API whose refresh tokens work only once."""
    secret = folder / "refresh"
    if not secret.exists():
        secret.write_text("refresh-token-0")
        secret.chmod(0o600)
    return read_settings(TEXT.replace("FILE", str(secret)), api, folder)


def test_a_single_use_refresh_token_is_saved(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """The next start signs in with the new one."""
    given: list[str] = []

    def twist(asked: ReceivedRequest) -> ScriptedResponse | None:
        if asked.path == "/contacts" and asked.method == "POST":
            return ScriptedResponse({"id": f"c{len(given)}", "client_id": asked.json()["client_id"]}, 201)
        if asked.path != "/token":
            return None
        given.append(asked.body.decode().rpartition("=")[2])
        return ScriptedResponse({"access_token": "a-token", "refresh_token": f"refresh-token-{len(given)}"})

    api.override = twist
    save_lead(store, 1)
    drain_store(store, rotating(api, tmp_path))
    save_lead(store, 2)
    drain_store(store, rotating(api, tmp_path))

    assert given == ["refresh-token-0", "refresh-token-1"]
    assert (tmp_path / "refresh").read_text() == "refresh-token-2"
    assert (tmp_path / "refresh").stat().st_mode & 0o777 == 0o600
    assert count_states(store) == outbox.OutboxCounts(delivered=2)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("FILE", ""), "put the client secret"),
        (("{{secret}}", "{{token}}"), "there is no placeholder {token}"),
        (("{{secret}}", "x"), "the secret is missing"),
    ],
)
def test_a_description_that_cannot_work_is_named(
    api: ContactsApi, tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    """It is refused when kiosk.toml is loaded."""
    with pytest.raises(ConfigError, match=complaint):
        read_settings(TEXT.replace(*change), api, tmp_path)


def test_the_secret_is_in_no_error(dataverse: Dataverse, tmp_path: Path) -> None:
    """Nor in a connector's representation."""
    connector = RestConnector(load_example_settings(HEADING, dataverse.url, tmp_path))

    assert KEY not in repr(connector.settings) + connector.fingerprint_credential()
