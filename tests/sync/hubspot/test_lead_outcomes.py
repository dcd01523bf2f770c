"""The outcome of each lead of a batch, from HubSpot's response."""

import json
from typing import Any

import pytest

from sync.connectors.base import Delivered, Outcome, Rejected, Retry
from sync.errors import BatchRefused, ConfigurationFault, OutcomeUnknown
from tests.sync.hubspot.conftest import ScriptedHubSpot
from tests.sync.hubspot.factories import ID_PROPERTY
from tests.sync.hubspot.responses import (
    ANA,
    BOB,
    make_batch_response,
    make_error,
    make_property_error,
    make_result,
    push_two_leads,
)


def test_results_are_matched_by_trace_id_not_by_position(hubspot: ScriptedHubSpot) -> None:
    """Results for unknown leads are ignored."""
    outcomes = push_two_leads(
        hubspot,
        200,
        make_batch_response(make_result("7", "0190-bob"), make_result("5", "0190-eve"), make_result("6", "0190-ana")),
    )

    assert {ANA.id: Delivered("6", 200), BOB.id: Delivered("7", 200)} == outcomes


@pytest.mark.parametrize(
    ("id_property", "properties"),
    [(ID_PROPERTY, {ID_PROPERTY: "0190-bob"}), ("email", {"email": "BOB@initech.com "})],
    ids=["own id", "e-mail"],
)
def test_results_without_a_trace_are_matched_by_the_key(
    hubspot: ScriptedHubSpot, id_property: str, properties: dict[str, str]
) -> None:
    """As HubSpot returns it; a lead that is not named is not delivered."""
    outcomes = push_two_leads(
        hubspot, 200, make_batch_response(make_result("7", **properties), make_result("8")), id_property=id_property
    )

    assert {BOB.id: Delivered("7", 200)} == outcomes


@pytest.mark.parametrize("bad", [{"id": ""}, {"id": None}, {"id": []}, {}], ids=str)
def test_a_result_without_an_id_proves_nothing(hubspot: ScriptedHubSpot, bad: dict[str, Any]) -> None:
    """The lead is missing in the outcomes."""
    odd = {"properties": {}, "objectWriteTraceId": "0190-ana", **bad}

    assert push_two_leads(hubspot, 200, make_batch_response(odd, make_result("7", "0190-bob"))) == {
        BOB.id: Delivered("7", 200)
    }


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING", "CANCELED", "", None])
def test_only_a_complete_batch_is_done(hubspot: ScriptedHubSpot, status: Any) -> None:
    """Even if it already has results."""
    with pytest.raises(OutcomeUnknown):
        push_two_leads(
            hubspot,
            200,
            {**make_batch_response(make_result("6", "0190-ana"), make_result("7", "0190-bob")), "status": status},
        )


SHAPES: dict[str, dict[str, Any]] = {
    "details": make_error(
        "0190-ana", "VALIDATION_ERROR", "Property values were not valid",
        make_property_error("Email address x is invalid", "INVALID_EMAIL", "email"),
    ),
    "listed in the message": make_error(
        "0190-ana", "VALIDATION_ERROR", "Property values were not valid: " + json.dumps(
            [{"isValid": False, "message": "Email address x is invalid", "error": "INVALID_EMAIL", "name": "email"}]
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_an_error_about_a_lead_names_the_field(hubspot: ScriptedHubSpot, shape: dict[str, Any]) -> None:
    """In HubSpot's words; the other lead is delivered."""
    outcomes = push_two_leads(hubspot, 207, make_batch_response(make_result("7", "0190-bob"), errors=[shape]))

    assert outcomes[ANA.id] == Rejected("HubSpot rejected the e-mail: Email address x is invalid", "INVALID_EMAIL", 207)
    assert outcomes[BOB.id] == Delivered("7", 207)


ENDS: list[tuple[str, dict[str, Any], Outcome]] = [
    (
        "a category",
        make_error("0190-ana", "VALIDATION_ERROR", "no such thing"),
        Rejected("HubSpot rejected it: no such thing", "VALIDATION_ERROR", 207),
    ),
    (
        "a message cut short",
        make_error("0190-ana", "VALIDATION_ERROR", 'Property values were not valid: [{"isVal'),
        Rejected('HubSpot rejected it: Property values were not valid: [{"isVal', "VALIDATION_ERROR", 207),
    ),
    (
        "a property of the account's own",
        make_error(
            "0190-ana", "VALIDATION_ERROR", "",
            make_property_error("x was not one of [a]", "INVALID_OPTION", "size"),
        ),
        Rejected("HubSpot rejected the size: x was not one of [a]", "INVALID_OPTION", 207),
    ),
    (
        "a limit",
        make_error("0190-ana", "RATE_LIMITS", "You have reached your secondly limit."),
        Retry("HubSpot had trouble with this lead: You have reached your secondly limit.", 207),
    ),
    (
        "a lock",
        make_error("0190-ana", "OBJECT_LOCKED", "try later"),
        Retry("HubSpot had trouble with this lead: try later", 207),
    ),
    (
        "its own trouble",
        make_error("0190-ana", "INTERNAL_ERROR", "oops"),
        Retry("HubSpot had trouble with this lead: oops", 207),
    ),
    ("nothing", make_error("0190-ana", "", ""), Retry("HubSpot had trouble with this lead: it gives no reason.", 207)),
    (
        "the id in place of the trace",
        {"category": "VALIDATION_ERROR", "message": "no", "context": {"ids": ["0190-ana"]}},
        Rejected("HubSpot rejected it: no", "VALIDATION_ERROR", 207),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("item", "end"), [case[1:] for case in ENDS], ids=[case[0] for case in ENDS])
def test_permanent_refusals_need_a_person_and_temporary_ones_do_not(
    hubspot: ScriptedHubSpot, item: dict[str, Any], end: Outcome
) -> None:
    """By HubSpot's category."""
    assert push_two_leads(hubspot, 207, make_batch_response(make_result("7", "0190-bob"), errors=[item])) == {
        ANA.id: end,
        BOB.id: Delivered("7", 207),
    }


def test_errors_with_status_200_are_recognised(hubspot: ScriptedHubSpot) -> None:
    """As in responses of the dated versions."""
    outcomes = push_two_leads(
        hubspot,
        200,
        make_batch_response(make_result("7", "0190-bob"), errors=[make_error("0190-ana", "VALIDATION_ERROR", "no")]),
    )

    assert [type(outcomes[item.id]) for item in (ANA, BOB)] == [Rejected, Delivered]


def test_an_error_that_names_no_lead_refuses_the_batch(hubspot: ScriptedHubSpot) -> None:
    """It is halved until the lead at fault is found."""
    with pytest.raises(BatchRefused, match="no"):
        push_two_leads(hubspot, 207, make_batch_response(errors=[{"category": "VALIDATION_ERROR", "message": "no"}]))


@pytest.mark.parametrize("code", ["PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE"])
def test_an_error_about_every_lead_is_a_configuration_fault(hubspot: ScriptedHubSpot, code: str) -> None:
    """No lead is rejected."""
    detail = make_property_error('Property "x" does not exist', code, "x")

    with pytest.raises(ConfigurationFault, match='Property "x"'):
        push_two_leads(
            hubspot,
            207,
            make_batch_response(
                make_result("7", "0190-bob"), errors=[make_error("0190-ana", "VALIDATION_ERROR", "", detail)]
            ),
        )
