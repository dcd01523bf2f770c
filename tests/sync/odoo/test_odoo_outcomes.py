"""What Odoo's `load` reports about its rows, and what that means for the leads."""

from collections.abc import Callable
from typing import Any

import pytest

from sync.connectors.base import Delivered, NotSent, Outcome, OutgoingLead, Rejected
from sync.errors import BatchRefused, CrmDown, OutcomeUnknown, SyncError
from sync.settings.odoo import OdooSettings
from tests.sync.scripted_server import ScriptedResponse, ScriptedServer

Push = Callable[..., dict[str, Outcome]]

LEADS = [OutgoingLead(str(number), 1, {"name": f"Visitor {number}"}) for number in range(4)]


def make_message(row: Any, words: str = "it is wrong", **more: Any) -> dict[str, Any]:
    """Make a message about a row."""
    return {"rows": {"from": row, "to": row}, "type": "error", "message": words, **more}


def get_outcomes(server: ScriptedServer, settings: OdooSettings, push: Push, answer: Any) -> dict[str, Outcome]:
    """Return the outcomes of four leads."""
    server.respond = lambda asked: ScriptedResponse(answer)
    return push(settings, *LEADS)


def test_each_lead_gets_the_id_in_its_position(server: ScriptedServer, json2: OdooSettings, push: Push) -> None:
    """A warning changes nothing."""
    warning = {"type": "warning", "message": "Found multiple matches", "record": 1}

    outcomes = get_outcomes(server, json2, push, {"ids": [7, 5, 9, 6], "messages": [warning], "nextrow": 0})

    assert [getattr(outcomes[lead.id], "remote_id", None) for lead in LEADS] == ["7", "5", "9", "6"]


@pytest.mark.parametrize("answer", [
    {"ids": [7, 5, 9], "messages": []},
    {"ids": [7, 5, 9, 6, 8], "messages": []},
    {"ids": [7, 5, 9, 9], "messages": []},
    {"ids": [7, 5, 9, False], "messages": []},
    {"ids": [7, 5, 9, None], "messages": []},
    {"ids": [], "messages": []},
    {"ids": False, "messages": []},
    {"ids": False, "messages": [{"type": "warning", "message": "hm", "rows": {"from": 0, "to": 0}}]},
    {"ids": 7, "messages": []},
    {"messages": [make_message(1)]},
    {"ids": False, "messages": "it is wrong"},
    [7, 5, 9, 6],
    None,
    "",
], ids=str)  # fmt: skip
def test_an_answer_that_does_not_name_each_lead_is_no_proof(
    server: ScriptedServer, json2: OdooSettings, push: Push, answer: Any
) -> None:
    """It proves neither success nor failure."""
    with pytest.raises(OutcomeUnknown):
        get_outcomes(server, json2, push, answer)


def test_bad_rows_are_rejected_and_the_others_go_with_the_next_call(
    server: ScriptedServer, json2: OdooSettings, push: Push
) -> None:
    """Nothing was written. The words are Odoo's, with the field if they do not mention it."""
    messages = [
        make_message(1, "'x' does not seem to be an integer for field 'Color'", field="color"),
        make_message(3, "No such country", field=["country_id", "name"]),
    ]

    outcomes = get_outcomes(server, json2, push, {"ids": False, "messages": messages})

    assert outcomes == {
        "0": NotSent(),
        "1": Rejected("Odoo rejected it: 'x' does not seem to be an integer for field 'Color'.", "color", 200),
        "2": NotSent(),
        "3": Rejected("Odoo rejected it: country_id/name: No such country.", "country_id/name", 200),
    }


def test_the_first_row_is_not_blamed_for_an_error_about_all(
    server: ScriptedServer, json2: OdooSettings, push: Push
) -> None:
    """Odoo first tries all rows together, reports that error on the first row, and then tries each row alone."""
    together = get_outcomes(server, json2, push, {"ids": False, "messages": [make_message(0), make_message(2)]})
    alone = get_outcomes(server, json2, push, {"ids": False, "messages": [make_message(0)]})
    converted = get_outcomes(
        server,
        json2,
        push,
        {"ids": False, "messages": [make_message(0, field="phone"), make_message(2, field="phone")]},
    )

    assert [lead for lead, end in together.items() if isinstance(end, Rejected)] == ["2"]
    assert [lead for lead, end in alone.items() if isinstance(end, Rejected)] == ["0"]
    assert [lead for lead, end in converted.items() if isinstance(end, Rejected)] == ["0", "2"]


@pytest.mark.parametrize("message", [
    {"type": "error", "message": "No import possible"},
    make_message(4), make_message(-1), make_message("1"), make_message(True),
    {"type": "error", "message": "several", "rows": {"from": 0, "to": 3}},
], ids=str)  # fmt: skip
def test_an_error_that_names_no_row_refuses_the_batch(
    server: ScriptedServer, json2: OdooSettings, push: Push, message: dict[str, Any]
) -> None:
    """The drain halves it."""
    with pytest.raises(BatchRefused):
        get_outcomes(server, json2, push, {"ids": False, "messages": [message]})


@pytest.mark.parametrize("words", [
    "could not serialize access due to concurrent update",
    "deadlock detected\nDETAIL:  Process 17 waits",
    "could not obtain lock on row in relation \"crm_lead\"",
    "canceling statement due to lock timeout",
])  # fmt: skip
def test_a_temporary_problem_is_not_a_leads_fault(
    server: ScriptedServer, json2: OdooSettings, push: Push, words: str
) -> None:
    """Odoo reports it as if the row were bad."""
    with pytest.raises(CrmDown):
        get_outcomes(server, json2, push, {"ids": False, "messages": [make_message(2, words)]})


def test_a_duplicate_lead_is_sent_once(server: ScriptedServer, json2: OdooSettings, push: Push) -> None:
    """Of two rows with one external id Odoo takes the last, and does not say so."""
    server.respond = lambda asked: ScriptedResponse({"ids": [7], "messages": []})

    outcomes = push(json2, LEADS[0], LEADS[0])

    assert outcomes == {"0": Delivered("7", 200)}
    assert len(server.requests[0].json()["data"]) == 1


def test_an_unclear_result_is_reported_as_unknown(server: ScriptedServer, json2: OdooSettings, push: Push) -> None:
    """The error is a sentence for booth staff."""
    with pytest.raises(SyncError) as caught:
        get_outcomes(server, json2, push, {"ids": [1], "messages": []})

    assert str(caught.value) == "Odoo's response does not name each lead that was sent."
