"""What counts as proof that a webhook's leads have arrived, and what does not."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from sync.connectors.base import Delivered, Outcome, OutgoingLead, Rejected, Retry
from sync.connectors.webhook import WebhookConnector
from sync.errors import (
    BatchRefused,
    ConfigurationFault,
    CrmDown,
    LoginPage,
    NotAuthorised,
    OutcomeUnknown,
    SyncError,
    Throttled,
)
from sync.settings.webhook import WebhookSettings
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer

ANA, BOB = (OutgoingLead(str(uuid4()), 1, {"name": name}) for name in ("Ana", "Bob"))

BATCH = "0199-batch"


def push_both(receiver: ScriptedServer, answer: ScriptedResponse, proof: Any = "batch id") -> dict[str, Outcome]:
    """Push Ana and Bob, respond with *answer*, and return the outcomes."""

    def say(asked: ReceivedRequest) -> ScriptedResponse:
        return answer

    async def run() -> dict[str, Outcome]:
        connector = WebhookConnector(WebhookSettings(receiver.url, proof=proof))
        try:
            return await connector.push(BATCH, [ANA, BOB])
        finally:
            await connector.aclose()

    receiver.respond = say
    return asyncio.run(run())


WHOLE = {ANA.id: Delivered(ANA.id, 200), BOB.id: Delivered(BOB.id, 200)}


@pytest.mark.parametrize("answer", [
    ScriptedResponse({"batch_id": BATCH}),
    ScriptedResponse({"batch_id": BATCH, "results": None}),
    ScriptedResponse(b"", headers={"X-Booth-Batch": BATCH}),
], ids=["in the body", "with no results", "in a header"])  # fmt: skip
def test_a_response_with_the_batch_id_accepts_the_batch(receiver: ScriptedServer, answer: ScriptedResponse) -> None:
    """If the receiver returns no id, ours is the remote id."""
    assert push_both(receiver, answer) == WHOLE


PAGE = b"<!doctype html><title>Welcome to Expo WiFi</title>"

NO_PROOF: list[tuple[str, ScriptedResponse, type[SyncError]]] = [
    ("nothing", ScriptedResponse(b""), OutcomeUnknown),
    ("a word", ScriptedResponse(b"OK"), OutcomeUnknown),
    ("somebody else's JSON", ScriptedResponse({"status": "ok"}), OutcomeUnknown),
    ("another batch", ScriptedResponse({"batch_id": "0199-other"}), OutcomeUnknown),
    ("another batch in the header", ScriptedResponse(b"", headers={"X-Booth-Batch": "0199-other"}), OutcomeUnknown),
    ("a list", ScriptedResponse([BATCH]), OutcomeUnknown),
    ("JSON cut short", ScriptedResponse(b'{"batch_id": "0199-ba'), OutcomeUnknown),
    ("a page", ScriptedResponse(PAGE), LoginPage),
    ("a page by its name", ScriptedResponse(b"signed out", headers={"Content-Type": "text/html"}), LoginPage),
    ("a page that calls itself JSON", ScriptedResponse(PAGE, headers={"Content-Type": "application/json"}), LoginPage),
]


@pytest.mark.parametrize(("answer", "error"), [case[1:] for case in NO_PROOF], ids=[case[0] for case in NO_PROOF])
def test_a_2xx_without_proof_delivers_nothing(
    receiver: ScriptedServer, answer: ScriptedResponse, error: type[SyncError]
) -> None:
    """A portal responds 200, too."""
    with pytest.raises(SyncError) as caught:
        push_both(receiver, answer)

    assert type(caught.value) is error


def test_results_count_for_each_lead(receiver: ScriptedServer) -> None:
    """With the receiver's own ids and words, in any order; a lead without a result has not arrived."""
    results = [
        {"lead_id": BOB.id, "result": "rejected", "error": "no consent"},
        {"lead_id": str(uuid4()), "result": "accepted"},
        {"lead_id": ANA.id, "result": "created", "id": 17},
        "nonsense",
    ]

    outcomes = push_both(receiver, ScriptedResponse({"batch_id": BATCH, "results": results}, 207))
    without_bob = push_both(receiver, ScriptedResponse({"batch_id": BATCH, "results": results[2:]}))

    assert {
        ANA.id: Delivered("17", 207),
        BOB.id: Rejected("The receiver rejected it: no consent", "rejected", 207),
    } == outcomes
    assert {ANA.id: Delivered("17", 200)} == without_bob


@pytest.mark.parametrize(("item", "outcome"), [
    ({"result": "accepted"}, Delivered(ANA.id, 200)),
    ({"result": "duplicate", "id": "C-9"}, Delivered("C-9", 200)),
    ({"result": "accepted", "id": ""}, Delivered(ANA.id, 200)),
    ({"result": "invalid"}, Rejected("The receiver rejected it: it gives no reason", "invalid", 200)),
    ({"result": "retry", "error": "locked"}, Retry("The receiver had trouble with this lead: locked", 200)),
    ({"result": "later"}, Retry("The receiver had trouble with this lead: later", 200)),
    ({}, Retry("The receiver had trouble with this lead: it gives no reason", 200)),
])  # fmt: skip
def test_each_word_of_a_result_has_a_meaning(receiver: ScriptedServer, item: dict[str, Any], outcome: Outcome) -> None:
    """An unknown word is never a success, and costs the lead only time."""
    assert push_both(receiver, ScriptedResponse({"results": [{"lead_id": ANA.id, **item}]})) == {ANA.id: outcome}


def test_contradicting_results_leave_a_lead_open(receiver: ScriptedServer) -> None:
    """Two equal results are fine."""
    said = [(ANA.id, "accepted"), (ANA.id, "rejected"), (BOB.id, "accepted"), (BOB.id, "accepted")]

    outcomes = push_both(
        receiver, ScriptedResponse({"results": [{"lead_id": lead, "result": word} for lead, word in said]})
    )

    assert {BOB.id: Delivered(BOB.id, 200)} == outcomes


def test_with_proof_results_only_results_count(receiver: ScriptedServer) -> None:
    """Also if the batch's id is returned."""
    with pytest.raises(OutcomeUnknown):
        push_both(receiver, ScriptedResponse({"batch_id": BATCH}), "results")

    results = [{"lead_id": item.id, "result": "accepted"} for item in (ANA, BOB)]
    assert push_both(receiver, ScriptedResponse({"results": results}), "results") == WHOLE


@pytest.mark.parametrize(
    "answer",
    [
        ScriptedResponse(b""),
        ScriptedResponse(b"Accepted", headers={"Content-Type": "text/html"}),
        ScriptedResponse({"ok": 1}),
    ],
)
def test_with_any_answer_everything_but_a_page_counts(receiver: ScriptedServer, answer: ScriptedResponse) -> None:
    """Some tools label a word as HTML."""
    assert push_both(receiver, answer, "any answer") == WHOLE
    with pytest.raises(LoginPage):
        push_both(receiver, ScriptedResponse(PAGE), "any answer")


STATUSES: list[tuple[ScriptedResponse, type[SyncError]]] = [
    (ScriptedResponse(b"SyntaxError: Unexpected token", 500), CrmDown),
    (ScriptedResponse(b"Bad Gateway", 502), CrmDown),
    (ScriptedResponse(b"", 401), NotAuthorised),
    (ScriptedResponse(b"", 403), ConfigurationFault),
    (ScriptedResponse(b"", 404), ConfigurationFault),
    (ScriptedResponse(b"", 410), ConfigurationFault),
    (ScriptedResponse(b"", 413), BatchRefused),
    (ScriptedResponse({"error": "no"}, 422), BatchRefused),
    (ScriptedResponse(b"Too many", 429, {"Retry-After": "7"}), Throttled),
    (ScriptedResponse(b"", 302, {"Location": "http://wifi.example.net/"}), LoginPage),
]


@pytest.mark.parametrize(("answer", "error"), STATUSES, ids=[str(answer.status) for answer, _ in STATUSES])
@pytest.mark.parametrize("proof", ["batch id", "any answer"])
def test_other_statuses_are_classified_as_usual(
    receiver: ScriptedServer, answer: ScriptedResponse, error: type[SyncError], proof: str
) -> None:
    """Whatever is asked for as proof."""
    with pytest.raises(SyncError) as caught:
        push_both(receiver, answer, proof)

    assert type(caught.value) is error
