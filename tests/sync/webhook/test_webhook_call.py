"""What is posted to a webhook, and how it is signed."""

import asyncio
import hashlib
import hmac
import json
import re
import time
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sync.connectors.base import CheckResult, Delivered, Outcome, OutgoingLead
from sync.connectors.webhook import WebhookConnector
from sync.errors import NotAuthorised, SyncError
from sync.settings.webhook import WebhookSettings
from sync.webhook_signature import sign
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer

ANA = OutgoingLead(
    "lead-ana", 3, {"name": "Ana López", "email": "ana@initech.com", "company": "", "tags": [], "rating": 5}
)

SECRET = "a secret of some length"


@pytest.fixture
def settings(receiver: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> WebhookSettings:
    """A signed webhook at *receiver*, which returns the batch's id."""
    monkeypatch.setenv("BOOTH_TEST_SECRET", SECRET)
    receiver.respond = lambda asked: ScriptedResponse({"batch_id": asked.json()["batch_id"]})
    return WebhookSettings(f"{receiver.url}/leads", secret_env="BOOTH_TEST_SECRET")


def push_leads(settings: WebhookSettings, *leads: OutgoingLead) -> dict[str, Outcome]:
    """Make one push."""

    async def run() -> dict[str, Outcome]:
        connector = WebhookConnector(settings)
        try:
            return await connector.push("batch-1", leads)
        finally:
            await connector.aclose()

    return asyncio.run(run())


def test_a_batch_is_sent_as_the_contract_says(receiver: ScriptedServer, settings: WebhookSettings) -> None:
    """Each lead with its id and revision, without empty fields; with the configured headers."""
    before = int(time.time())

    push_leads(replace(settings, headers={"X-Event": "expo"}), ANA)

    (asked,) = receiver.requests
    document = asked.json()
    sent_at = document.pop("sent_at")
    lead = {"lead_id": "lead-ana", "revision": 3, "name": "Ana López", "email": "ana@initech.com", "rating": 5}
    assert {"batch_id": "batch-1", "leads": [lead]} == document
    assert before <= sent_at <= time.time()
    assert (asked.path, asked.headers["content-type"], asked.headers["x-event"]) == (
        "/leads",
        "application/json",
        "expo",
    )
    assert (asked.headers["webhook-id"], asked.headers["webhook-timestamp"]) == ("batch-1", str(sent_at))
    assert asked.headers["idempotency-key"] == "batch-1"


def test_the_signature_has_the_format_of_standard_webhooks(receiver: ScriptedServer, settings: WebhookSettings) -> None:
    """The id, the time and the body's bytes are signed together; the secret itself is never sent."""
    push_leads(settings, ANA)

    (asked,) = receiver.requests
    signed = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert asked.headers["webhook-signature"] == f"v1,{b64encode(digest).decode()}"
    assert SECRET not in f"{asked.headers} {asked.body!r}"


def test_the_old_headers_are_still_sent(receiver: ScriptedServer, settings: WebhookSettings) -> None:
    """Receivers that check them have one more version to change over."""
    push_leads(settings, ANA)

    (asked,) = receiver.requests
    digest = hmac.new(SECRET.encode(), asked.body, hashlib.sha256).hexdigest()
    assert asked.headers["x-booth-signature"] == f"sha256={digest}"
    assert asked.headers["x-booth-timestamp"] == asked.headers["webhook-timestamp"]


def test_the_published_test_vector_is_met() -> None:
    """The example of the Standard Webhooks specification, with a secret that is Base64 behind `whsec_`."""
    signature = sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )

    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_that_is_not_base64_behind_its_prefix_sends_nothing(
    receiver: ScriptedServer, settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed with anything else, every call would be refused; and the secret is not quoted."""
    monkeypatch.setenv("BOOTH_TEST_SECRET", "whsec_not base64!")

    with pytest.raises(NotAuthorised, match="what follows whsec_ in the secret is not Base64") as caught:
        push_leads(settings, ANA)

    assert receiver.requests == []
    assert "not base64!" not in str(caught.value)


def test_without_a_secret_nothing_is_signed(receiver: ScriptedServer, settings: WebhookSettings) -> None:
    """That is for rehearsals, and the check says so."""
    push_leads(replace(settings, secret_env=""), ANA)

    assert not {"webhook-signature", "x-booth-signature"} & receiver.requests[0].headers.keys()


def test_for_tools_that_cannot_check_a_signature_the_secret_is_sent(
    receiver: ScriptedServer, settings: WebhookSettings
) -> None:
    """In the header that kiosk.toml names, instead of a signature; no message repeats it."""
    receiver.respond = lambda asked: ScriptedResponse({"error": f"not {asked.headers['x-api-key']}"}, 422)

    with pytest.raises(SyncError) as caught:
        push_leads(replace(settings, secret_header="X-Api-Key"), ANA)

    assert receiver.requests[0].headers["x-api-key"] == SECRET
    assert not {"webhook-signature", "x-booth-signature"} & receiver.requests[0].headers.keys()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("header", ["", "X-Api-Key"])
def test_an_unavailable_secret_sends_nothing(
    receiver: ScriptedServer, settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    """The sentence names it; it is read again for each call."""
    monkeypatch.delenv("BOOTH_TEST_SECRET")

    with pytest.raises(NotAuthorised, match="BOOTH_TEST_SECRET"):
        push_leads(replace(settings, secret_header=header), ANA)

    assert receiver.requests == []


def test_fields_go_by_the_receiver_s_names(receiver: ScriptedServer, settings: WebhookSettings) -> None:
    """Other fields are not sent."""
    push_leads(replace(settings, fields={"email": "Email"}), ANA)

    assert receiver.requests[0].json()["leads"] == [{"lead_id": "lead-ana", "revision": 3, "Email": "ana@initech.com"}]


def test_the_receiver_in_the_documentation_works(
    receiver: ScriptedServer, settings: WebhookSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example of docs/webhook.md is run unchanged: it accepts our call, and no other."""
    text = (Path(__file__).parents[3] / "docs" / "webhook.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.S)
    names: dict[str, Any] = {}
    exec(example, names)

    def answer(asked: ReceivedRequest) -> ScriptedResponse:
        status, document = names["receive"](asked.headers, asked.body, SECRET.encode())
        return ScriptedResponse(document, status)

    receiver.respond = answer

    outcomes = push_leads(settings, ANA)

    assert {ANA.id: Delivered(ANA.id, 200)} == outcomes
    (asked,) = receiver.requests
    receive, signed = names["receive"], asked.headers
    assert receive(signed, asked.body + b" ", SECRET.encode())[0] == 401
    assert receive({**signed, "webhook-signature": ""}, asked.body, SECRET.encode())[0] == 401
    assert receive(signed, asked.body, b"another secret")[0] == 401
    assert receive({**signed, "webhook-timestamp": "1"}, asked.body, SECRET.encode())[0] == 401
    monkeypatch.setattr(time, "time", lambda clock=time.time: clock() + 3600)
    assert receive(signed, asked.body, SECRET.encode())[0] == 401


def run_check(settings: WebhookSettings) -> list[CheckResult]:
    """Return the results of a check."""

    async def run() -> list[CheckResult]:
        connector = WebhookConnector(settings)
        try:
            return await connector.check_setup()
        finally:
            await connector.aclose()

    return asyncio.run(run())


def test_a_check_sends_a_batch_without_leads(receiver: ScriptedServer, settings: WebhookSettings) -> None:
    """The response is held to the same rules as any other."""
    (good,) = run_check(settings)
    (unsigned,) = run_check(replace(settings, secret_env=""))
    receiver.respond = lambda asked: ScriptedResponse(b"OK")
    (bad,) = run_check(settings)

    assert [asked.json()["leads"] for asked in receiver.requests] == [[], [], []]
    assert (good.is_well, good.sentence) == (True, "The webhook responds correctly. Calls are signed.")
    assert "anybody could send leads" in unsigned.sentence
    assert not bad.is_well
    assert bad.sentence.endswith("See docs/webhook.md.")


def test_a_check_of_a_tool_that_answers_anything_sends_nothing(
    receiver: ScriptedServer, settings: WebhookSettings
) -> None:
    """It would start the tool's work."""
    (finding,) = run_check(replace(settings, proof="any answer"))

    assert (finding.is_well, receiver.requests) == (True, [])


def test_a_tool_that_knows_no_leads_is_not_idempotent() -> None:
    """A receiver that identifies leads by their ids is idempotent."""
    settings = WebhookSettings("https://hooks.example.com/1")

    assert WebhookConnector(settings).is_idempotent
    assert not WebhookConnector(replace(settings, proof="any answer")).is_idempotent


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"url": ""}, "webhook.url"),
    ({"url": "http://hooks.example.com/"}, "webhook.url"),
    ({"secret_header": "X-Key"}, "webhook.secret_header"),
    ({"batch_size": 0}, "webhook.batch_size"),
    ({"at_once": 0}, "webhook.at_once"),
    ({"max_calls": -1}, "webhook.max_calls"),
    ({"fields": {"emial": "email"}}, "webhook.fields"),
    ({"fields": {"email": "lead_id"}}, "webhook.fields"),
    ({"url": "http://192.168.1.2/", "proof": "any answer"}, "webhook.proof"),
]


@pytest.mark.parametrize(("values", "key"), WRONG, ids=[str(values) for values, _ in WRONG])
def test_settings_that_cannot_work_are_named(values: dict[str, Any], key: str) -> None:
    """The error begins with the key."""
    with pytest.raises(ValueError, match=f"^{key}: "):
        WebhookSettings(**{"url": "https://hooks.example.com/1", **values}).check()


def test_any_answer_is_allowed_only_over_https_or_loopback() -> None:
    """Over https, or from a program on this device."""
    for url in ("https://hooks.zapier.com/1", "http://127.0.0.1:1880/leads"):
        WebhookSettings(url, proof="any answer").check()


def test_text_of_any_kind_arrives_as_it_is(receiver: ScriptedServer, settings: WebhookSettings) -> None:
    """In UTF-8; half a surrogate pair does no harm."""
    push_leads(settings, replace(ANA, fields={"name": "Zoë 株式会社 \u2028 \x00 😀", "note": "half \ud83d"}))

    (lead,) = json.loads(receiver.requests[0].body.decode("utf-8"))["leads"]
    assert (lead["name"], lead["note"]) == ("Zoë 株式会社 \u2028 \x00 😀", "half ?")
