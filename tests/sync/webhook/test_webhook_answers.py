"""Responses of receivers and automation tools from public reports, and what happens to the leads."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from data import leads, outbox
from data.clock import SystemClock
from data.store import Store
from sync.connectors.base import Delivered, Outcome, OutgoingLead, Rejected
from sync.connectors.webhook import WebhookConnector
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.settings.webhook import WebhookSettings
from tests.support.scripted_connector import ManualClock
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer

Save = Callable[..., list[str]]


def run_drains(
    store: Store, receiver: ScriptedServer, clock: ManualClock, runs: int = 1, **changes: Any
) -> DrainSummary:
    """Run the drain so many times, four seconds apart; return the last summary."""

    async def run() -> DrainSummary:
        connector = WebhookConnector(replace(WebhookSettings(receiver.url), **changes))
        try:
            made, found = Drain(store, connector, clock), DrainSummary()
            for _ in range(runs):
                found = await made.run()
                clock.now += 4.0
            return found
        finally:
            await connector.aclose()

    return asyncio.run(run())


def push_lead(
    receiver: ScriptedServer, answer: Callable[[ReceivedRequest], ScriptedResponse], lead: OutgoingLead, **changes: Any
) -> Outcome | None:
    """Return the outcome of one lead."""
    receiver.respond = answer

    async def run() -> Outcome | None:
        connector = WebhookConnector(replace(WebhookSettings(receiver.url), **changes))
        try:
            return (await connector.push("batch-1", [lead])).get(lead.id)
        finally:
            await connector.aclose()

    return asyncio.run(run())


ANA = OutgoingLead("0190-ana", 1, {"name": "Ana Lopez"})
AGAIN = replace(ANA, was_sent_before=True)
EDITED = replace(ANA, revision=2, was_sent_before=True, only_older_revision_sent=True, remote_id="7")


def make_receiver(word: str, **more: Any) -> Callable[[ReceivedRequest], ScriptedResponse]:
    """Make a receiver whose response has one result."""
    return lambda asked: ScriptedResponse({"results": [{"lead_id": ANA.id, "result": word, **more}]})


@pytest.mark.parametrize(
    ("lead", "word", "not_accepted", "is_accepted"),
    [
        (ANA, "duplicate", (), True),
        (AGAIN, "duplicate", (), True),
        (EDITED, "duplicate", (), False),
        (EDITED, "updated", (), True),
        (ANA, "merged", ("merged",), False),
        (AGAIN, "merged", ("merged",), True),
        (EDITED, "merged", ("merged",), False),
        (EDITED, "duplicate", ("merged",), False),
    ],
)
def test_an_older_revision_that_is_kept_is_not_delivered(
    receiver: ScriptedServer, lead: OutgoingLead, word: str, not_accepted: tuple[str, ...], is_accepted: bool
) -> None:
    """getodk/collect#5317: the same id with other content; after a lost response the same word means success."""
    found = push_lead(receiver, make_receiver(word), lead, not_accepted=not_accepted)

    assert type(found) is (Delivered if is_accepted else Rejected)


def test_the_same_holds_for_a_response_about_a_single_lead(receiver: ScriptedServer) -> None:
    """`{"result": "duplicate"}`, with the batch's id; the receiver's own id is kept."""

    def answer(asked: ReceivedRequest) -> ScriptedResponse:
        return ScriptedResponse({"batch_id": asked.json()["batch_id"], "result": "duplicate", "id": 12})

    assert push_lead(receiver, answer, ANA) == Delivered("12", 200)
    found = push_lead(receiver, answer, EDITED)
    assert isinstance(found, Rejected)
    assert found.reason == (
        "The receiver keeps the older version of this lead (it says: duplicate). Correct it there by hand."
    )


def test_an_ignored_edit_needs_a_person(store: Store, save_leads: Save, receiver: ScriptedServer) -> None:
    """In the whole drain: the first revision is delivered, and the second is not marked so."""
    first: set[str] = set()

    def answer(asked: ReceivedRequest) -> ScriptedResponse:
        sent = asked.json()["leads"]
        words = ["duplicate" if lead["lead_id"] in first else "created" for lead in sent]
        first.update(lead["lead_id"] for lead in sent)
        return ScriptedResponse(
            {"results": [{"lead_id": lead["lead_id"], "result": w} for lead, w in zip(sent, words, strict=True)]}
        )

    receiver.respond = answer
    (ana,) = save_leads(store, "ana@initech.com")
    clock = ManualClock()
    run_drains(store, receiver, clock)
    leads.edit_lead(store, ana, {"company": "Initech", "note": "call"}, "", SystemClock())

    run_drains(store, receiver, clock)

    row = store.execute("select state, delivered_revision, reason from outbox where lead_id = ?", (ana,)).fetchone()
    assert (row["state"], row["delivered_revision"]) == ("needs you", 1)
    assert "keeps the older version" in row["reason"]


NO_PROOF = {
    "Make": (ScriptedResponse(b"Accepted"), "it says: Accepted"),
    "Zapier": (
        ScriptedResponse({"status": "success", "id": "0199", "attempt": "0199"}),
        "the response has: status, id, attempt",
    ),
    "kobotoolbox/kpi#5794: 202 and nothing": (ScriptedResponse(b"", status=202), "it is empty, with status 202"),
    "simple-odata-client#222: 204": (ScriptedResponse(b"", status=204), "it is empty, with status 204"),
}


@pytest.mark.parametrize(("answer", "words"), NO_PROOF.values(), ids=NO_PROOF.keys())
def test_two_responses_without_proof_are_a_configuration_fault(
    store: Store, save_leads: Save, receiver: ScriptedServer, answer: ScriptedResponse, words: str
) -> None:
    """One more try, and then every ten minutes; the sentence says what the response contains."""
    save_leads(store, *(f"visitor{number}@initech.com" for number in range(5)))
    receiver.respond = lambda asked: answer
    clock = ManualClock()

    found = run_drains(store, receiver, clock, runs=7)

    assert found.gate.cause == "set-up"
    assert words in found.gate.sentence
    assert found.gate.seconds_left(clock) > 500
    assert len(receiver.requests) == 2
    assert outbox.count_leads(store) == outbox.OutboxCounts(waiting=5)


PLAIN_NO = {
    "success": {"success": False, "error": "sheet is protected"},
    "ok": {"ok": False, "error": "sheet is protected"},
    "status": {"status": "error", "message": "sheet is protected"},
    "result": {"result": "failed", "message": "sheet is protected"},
    "a flag that is a text": {"Success": "false", "Message": "", "error": "sheet is protected"},
    "aws-lambda-developer-guide#127": {"errorMessage": "sheet is protected", "errorType": "TypeError"},
    "an error alone": {"error": "sheet is protected"},
    "a status in the body": {"statusCode": 403, "message": "sheet is protected"},
    "an errcode": {"errcode": 40035, "errmsg": "sheet is protected"},
}


@pytest.mark.parametrize("document", PLAIN_NO.values(), ids=PLAIN_NO.keys())
@pytest.mark.parametrize("proof", ["any answer", "batch id"])
def test_a_refusal_in_the_body_counts(
    store: Store, save_leads: Save, receiver: ScriptedServer, document: dict[str, Any], proof: str
) -> None:
    """Whatever counts as proof; the sentence quotes the receiver."""
    save_leads(store, "ana@initech.com")
    receiver.respond = lambda asked: ScriptedResponse({**document, "batch_id": asked.json()["batch_id"]})

    run_drains(store, receiver, ManualClock(), proof=proof)

    row = store.execute("select state, reason from outbox").fetchone()
    assert (row["state"], "sheet is protected" in row["reason"]) == ("needs you", True)


def test_a_refusal_in_a_list_counts(store: Store, save_leads: Save, receiver: ScriptedServer) -> None:
    """n8n responds with the list of its last step's results."""
    save_leads(store, "ana@initech.com")
    receiver.respond = lambda asked: ScriptedResponse([{"success": False, "message": "sheet is protected"}])

    run_drains(store, receiver, ManualClock(), proof="any answer")

    row = store.execute("select state, reason from outbox").fetchone()
    assert tuple(row) == ("needs you", "The receiver rejected it: sheet is protected.")


@pytest.mark.parametrize("document", [{"status": "success", "errors": []}, {"error": None, "code": 200}, {"id": 7}])
def test_success_with_empty_errors_is_a_success(
    store: Store, save_leads: Save, receiver: ScriptedServer, document: dict[str, Any]
) -> None:
    """Empty error fields mean nothing."""
    save_leads(store, "ana@initech.com")
    receiver.respond = lambda asked: ScriptedResponse(document)

    run_drains(store, receiver, ManualClock(), proof="any answer")

    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=1)


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (ScriptedResponse(b"Queue is full.", status=400), "CRM down"),
        (ScriptedResponse(b"Scenario is turned off", status=400), "set-up"),
        (ScriptedResponse({"message": "Rate limit exceeded, try again later"}, status=400), "CRM down"),
    ],
    ids=["Make: its queue", "a scenario that is off", "n8n: later"],
)
def test_a_tool_that_answers_before_it_looks_refuses_no_lead(
    store: Store, save_leads: Save, receiver: ScriptedServer, answer: ScriptedResponse, cause: str
) -> None:
    """Two leads are too few to count as refused alike: both wait, and the message is shown."""
    save_leads(store, "ana@initech.com", "bob@initech.com")
    receiver.respond = lambda asked: answer

    found = run_drains(store, receiver, ManualClock(), runs=3, proof="any answer", batch_size=1)

    assert (found.gate.cause, outbox.count_leads(store)) == (cause, outbox.OutboxCounts(waiting=2))
