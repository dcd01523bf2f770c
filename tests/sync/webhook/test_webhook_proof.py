"""What counts as proof that a webhook's leads have arrived, and what does not."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from sync.connectors.base import Delivered, Outcome, Outgoing, Rejected, Retry
from sync.connectors.webhook import WebhookConnector
from sync.errors import BatchRefused, CrmDown, LoginPage, NotAuthorised, SetUpFault, SyncError, Throttled, Unsure
from sync.settings.webhook import WebhookSettings
from tests.sync.told import Asked, Say, Told

ANA, BOB = (Outgoing(str(uuid4()), 1, {"name": name}) for name in ("Ana", "Bob"))

BATCH = "0199-batch"


def push(receiver: Told, answer: Say, proof: Any = "batch id") -> dict[str, Outcome]:
    """What the connector makes of *answer* to a batch with Ana and Bob."""

    def say(asked: Asked) -> Say:
        return answer

    async def run() -> dict[str, Outcome]:
        connector = WebhookConnector(WebhookSettings(receiver.url, proof=proof))
        try:
            return await connector.push(BATCH, [ANA, BOB])
        finally:
            await connector.aclose()

    receiver.answer = say
    return asyncio.run(run())


WHOLE = {ANA.id: Delivered(ANA.id, 200), BOB.id: Delivered(BOB.id, 200)}


@pytest.mark.parametrize("answer", [
    Say({"batch_id": BATCH}),
    Say({"batch_id": BATCH, "results": None}),
    Say(b"", headers={"X-Booth-Batch": BATCH}),
], ids=["in the body", "with no results", "in a header"])  # fmt: skip
def test_an_answer_that_gives_back_the_batch_s_id_accepts_it_whole(receiver: Told, answer: Say) -> None:
    """Where the receiver has no id of its own, ours is the remote id."""
    assert WHOLE == push(receiver, answer)


PAGE = b"<!doctype html><title>Welcome to Expo WiFi</title>"

NO_PROOF: list[tuple[str, Say, type[SyncError]]] = [
    ("nothing", Say(b""), Unsure),
    ("a word", Say(b"OK"), Unsure),
    ("somebody else's JSON", Say({"status": "ok"}), Unsure),
    ("another batch", Say({"batch_id": "0199-other"}), Unsure),
    ("another batch in the header", Say(b"", headers={"X-Booth-Batch": "0199-other"}), Unsure),
    ("a list", Say([BATCH]), Unsure),
    ("JSON cut short", Say(b'{"batch_id": "0199-ba'), Unsure),
    ("a page", Say(PAGE), LoginPage),
    ("a page by its name", Say(b"signed out", headers={"Content-Type": "text/html"}), LoginPage),
    ("a page that calls itself JSON", Say(PAGE, headers={"Content-Type": "application/json"}), LoginPage),
]


@pytest.mark.parametrize(("answer", "error"), [case[1:] for case in NO_PROOF], ids=[case[0] for case in NO_PROOF])
def test_a_2xx_without_proof_delivers_nothing(receiver: Told, answer: Say, error: type[SyncError]) -> None:
    """A portal can say 200 as well as anybody."""
    with pytest.raises(SyncError) as caught:
        push(receiver, answer)

    assert error is type(caught.value)


def test_results_are_honoured_lead_by_lead(receiver: Told) -> None:
    """With the receiver's own ids and words, in any order; a lead that they do not name has not arrived."""
    results = [
        {"lead_id": BOB.id, "result": "rejected", "error": "no consent"},
        {"lead_id": str(uuid4()), "result": "accepted"},
        {"lead_id": ANA.id, "result": "created", "id": 17},
        "nonsense",
    ]

    outcomes = push(receiver, Say({"batch_id": BATCH, "results": results}, 207))
    without_bob = push(receiver, Say({"batch_id": BATCH, "results": results[2:]}))

    assert {
        ANA.id: Delivered("17", 207),
        BOB.id: Rejected("The receiver refuses it: no consent", "rejected", 207),
    } == outcomes
    assert {ANA.id: Delivered("17", 200)} == without_bob


@pytest.mark.parametrize(("item", "outcome"), [
    ({"result": "accepted"}, Delivered(ANA.id, 200)),
    ({"result": "duplicate", "id": "C-9"}, Delivered("C-9", 200)),
    ({"result": "accepted", "id": ""}, Delivered(ANA.id, 200)),
    ({"result": "invalid"}, Rejected("The receiver refuses it: it does not say why", "invalid", 200)),
    ({"result": "retry", "error": "locked"}, Retry("The receiver had trouble with this lead: locked", 200)),
    ({"result": "later"}, Retry("The receiver had trouble with this lead: later", 200)),
    ({}, Retry("The receiver had trouble with this lead: it does not say why", 200)),
])  # fmt: skip
def test_each_word_of_a_result_has_a_meaning(receiver: Told, item: dict[str, Any], outcome: Outcome) -> None:
    """One that is not known is never a success, and costs the lead nothing but time."""
    assert {ANA.id: outcome} == push(receiver, Say({"results": [{"lead_id": ANA.id, **item}]}))


def test_a_lead_of_which_two_things_are_said_is_left_open(receiver: Told) -> None:
    """The same twice is fine."""
    said = [(ANA.id, "accepted"), (ANA.id, "rejected"), (BOB.id, "accepted"), (BOB.id, "accepted")]

    outcomes = push(receiver, Say({"results": [{"lead_id": lead, "result": word} for lead, word in said]}))

    assert {BOB.id: Delivered(BOB.id, 200)} == outcomes


def test_strictly_only_results_are_proof(receiver: Told) -> None:
    """Also where the batch's id is given back."""
    with pytest.raises(Unsure):
        push(receiver, Say({"batch_id": BATCH}), "results")

    results = [{"lead_id": item.id, "result": "accepted"} for item in (ANA, BOB)]
    assert WHOLE == push(receiver, Say({"results": results}), "results")


@pytest.mark.parametrize("answer", [Say(b""), Say(b"Accepted", headers={"Content-Type": "text/html"}), Say({"ok": 1})])
def test_where_any_answer_is_asked_for_any_but_a_page_will_do(receiver: Told, answer: Say) -> None:
    """Some tools call a word HTML."""
    assert WHOLE == push(receiver, answer, "any answer")
    with pytest.raises(LoginPage):
        push(receiver, Say(PAGE), "any answer")


STATUSES: list[tuple[Say, type[SyncError]]] = [
    (Say(b"SyntaxError: Unexpected token", 500), CrmDown),
    (Say(b"Bad Gateway", 502), CrmDown),
    (Say(b"", 401), NotAuthorised),
    (Say(b"", 403), SetUpFault),
    (Say(b"", 404), SetUpFault),
    (Say(b"", 410), SetUpFault),
    (Say(b"", 413), BatchRefused),
    (Say({"error": "no"}, 422), BatchRefused),
    (Say(b"Too many", 429, {"Retry-After": "7"}), Throttled),
    (Say(b"", 302, {"Location": "http://wifi.example.net/"}), LoginPage),
]


@pytest.mark.parametrize(("answer", "error"), STATUSES, ids=[str(answer.status) for answer, _ in STATUSES])
@pytest.mark.parametrize("proof", ["batch id", "any answer"])
def test_other_statuses_are_the_usual_faults(receiver: Told, answer: Say, error: type[SyncError], proof: str) -> None:
    """Whatever is asked for as proof."""
    with pytest.raises(SyncError) as caught:
        push(receiver, answer, proof)

    assert error is type(caught.value)
