"""Calls to Odoo, and what its exceptions mean."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sync.connectors.base import Delivered, Outcome, OutgoingLead
from sync.connectors.odoo.connector import OdooConnector
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
from sync.settings.odoo import OdooSettings
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer

Push = Callable[..., dict[str, Outcome]]

ANA = OutgoingLead("1", 1, {"name": "Ana Lopez", "event": "Expo", "tags": ["demo"]})

TAKEN = {"ids": [7], "messages": [], "nextrow": 0}

FIELDS, ROW = ["id", "contact_name", "tag_ids", "name"], ["booth_kiosk.lead_1", "Ana Lopez", "demo", "Ana Lopez (Expo)"]

CONTEXT = {"update_many2many": True, "name_create_enabled_fields": {"tag_ids": True}}


def make_result(value: Any) -> ScriptedResponse:
    """Make a successful JSON-RPC response."""
    return ScriptedResponse({"jsonrpc": "2.0", "id": 1, "result": value})


def make_error(name: str, words: str = "it is so", **more: Any) -> dict[str, Any]:
    """Make an exception as Odoo reports it."""
    return {"name": name, "message": words, "arguments": [words], "context": {}, "debug": "Traceback …", **more}


def make_error_response(name: str, words: str = "it is so") -> ScriptedResponse:
    """Make a JSON-RPC response with an error."""
    return ScriptedResponse(
        {
            "jsonrpc": "2.0",
            "id": 1,
            "error": {"code": 200, "message": "Odoo Server Error", "data": make_error(name, words)},
        }
    )


def get_arguments(asked: ReceivedRequest) -> list[Any]:
    """Return the service and the method of a JSON-RPC call."""
    params = asked.json()["params"]
    return [params["service"], params["method"], *params["args"]]


def test_json2_is_called_by_name(server: ScriptedServer, json2: OdooSettings, push: Push, key: str) -> None:
    """The key is in a header, and so is the database if it is named."""
    server.respond = lambda asked: ScriptedResponse(TAKEN)

    assert push(json2, ANA) == {"1": Delivered("7", 200)}
    push(replace(json2, database="", url=f"{server.url}/"), ANA)

    named, unnamed = server.requests
    assert "/json/2/crm.lead/load" == named.path == unnamed.path
    assert named.json() == {"fields": FIELDS, "data": [ROW], "context": CONTEXT}
    assert (named.headers["authorization"], named.headers["x-odoo-database"]) == (f"bearer {key}", "show")
    assert "x-odoo-database" not in unnamed.headers


def test_jsonrpc_signs_in_once(
    server: ScriptedServer, jsonrpc: OdooSettings, with_odoo: Callable[..., Any], key: str
) -> None:
    """Each later call has the user's id and the key."""
    server.respond = lambda asked: make_result(2 if get_arguments(asked)[1] == "authenticate" else TAKEN)

    async def twice(odoo: OdooConnector) -> list[dict[str, Outcome]]:
        return [await odoo.push("1", [ANA]), await odoo.push("2", [ANA])]

    assert with_odoo(jsonrpc, twice) == [{"1": Delivered("7", 200)}] * 2

    sign_in = ["common", "authenticate", "show", "booth@example.com", key, {}]
    load = [
        "object",
        "execute_kw",
        "show",
        2,
        key,
        "crm.lead",
        "load",
        [],
        {"fields": FIELDS, "data": [ROW], "context": CONTEXT},
    ]
    assert [get_arguments(asked) for asked in server.requests] == [sign_in, load, load]
    assert {asked.path for asked in server.requests} == {"/jsonrpc"}


def test_jsonrpc_looks_up_the_user_again_once(
    server: ScriptedServer, jsonrpc: OdooSettings, with_odoo: Callable[..., Any]
) -> None:
    """It does so if Odoo no longer accepts the id; if it accepts none, it is not asked again."""
    user = 2

    def answer(asked: ReceivedRequest) -> ScriptedResponse:
        service, _, _, given = get_arguments(asked)[:4]
        if service == "common":
            return make_result(user)
        return make_result(TAKEN) if given == user else make_error_response("odoo.exceptions.AccessDenied")

    server.respond = answer

    async def moved(odoo: OdooConnector) -> tuple[list[dict[str, Outcome]], int]:
        nonlocal user
        first = await odoo.push("1", [ANA])
        user = 3
        second = await odoo.push("2", [ANA])
        server.respond = lambda asked: (
            make_result(3)
            if get_arguments(asked)[0] == "common"
            else make_error_response("odoo.exceptions.AccessDenied")
        )
        before = len(server.requests)
        with pytest.raises(NotAuthorised):
            await odoo.push("3", [ANA])
        return [first, second], len(server.requests) - before

    outcomes, calls = with_odoo(jsonrpc, moved)

    assert outcomes == [{"1": Delivered("7", 200)}] * 2
    assert calls == 3


def test_a_sign_in_that_finds_nobody_is_refused(server: ScriptedServer, jsonrpc: OdooSettings, push: Push) -> None:
    """Odoo returns false, with status 200."""
    server.respond = lambda asked: make_result(False)

    with pytest.raises(NotAuthorised):
        push(jsonrpc, ANA)

    assert len(server.requests) == 1


def test_an_unavailable_key_sends_nothing(
    server: ScriptedServer, jsonrpc: OdooSettings, json2: OdooSettings, push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names its variable."""
    monkeypatch.delenv("BOOTH_TEST_KEY")

    for settings in (jsonrpc, json2):
        with pytest.raises(NotAuthorised, match="BOOTH_TEST_KEY"):
            push(settings, ANA)

    assert server.requests == []


EXCEPTIONS: list[tuple[str, str, int, type[SyncError]]] = [
    ("odoo.exceptions.AccessDenied", "Access Denied", 403, NotAuthorised),
    ("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401, NotAuthorised),
    ("odoo.http.SessionExpiredException", "Session expired", 403, NotAuthorised),
    ("odoo.exceptions.AccessError", "You are not allowed to create", 403, ConfigurationFault),
    ("werkzeug.exceptions.Forbidden", "no", 403, ConfigurationFault),
    ("odoo.exceptions.MissingError", "Record does not exist or has been deleted.", 404, ConfigurationFault),
    ("builtins.KeyError", "'x_booth'", 500, ConfigurationFault),
    ("werkzeug.exceptions.NotFound", "the model 'crm.leads' does not exist", 404, ConfigurationFault),
    ("builtins.AttributeError", "The method 'crm.lead.lod' does not exist", 404, ConfigurationFault),
    ("odoo.exceptions.UserError", "Object crm.leads doesn't exist", 422, ConfigurationFault),
    ("psycopg2.OperationalError", 'FATAL:  database "shew" does not exist\n', 500, ConfigurationFault),
    ("odoo.exceptions.ValidationError", "The tag 'x' does not exist", 422, BatchRefused),
    ("odoo.exceptions.UserError", "Not like this", 422, BatchRefused),
    ("odoo.exceptions.RedirectWarning", "Go there", 422, BatchRefused),
    ("werkzeug.exceptions.UnprocessableEntity", "missing a required argument: 'data'", 422, BatchRefused),
    ("psycopg2.errors.SerializationFailure", "could not serialize access", 500, CrmDown),
    ("psycopg2.OperationalError", "connection refused", 500, CrmDown),
    ("psycopg2.pool.PoolError", "The Connection Pool Is Full", 500, CrmDown),
    ("builtins.ZeroDivisionError", "division by zero", 500, CrmDown),
]


@pytest.mark.parametrize(
    ("name", "words", "status", "kind"), EXCEPTIONS, ids=[f"{case[0]}: {case[1][:20]}" for case in EXCEPTIONS]
)
def test_exceptions_are_classified_by_name(
    server: ScriptedServer,
    json2: OdooSettings,
    jsonrpc: OdooSettings,
    push: Push,
    name: str,
    words: str,
    status: int,
    kind: type[SyncError],
) -> None:
    """Whatever the status is; the sentence has Odoo's words, and no internals."""
    caught = []
    for settings, answer in (
        (jsonrpc, make_error_response(name, words)),
        (json2, ScriptedResponse(make_error(name, words), status)),
    ):
        server.respond = lambda asked, answer=answer: answer
        with pytest.raises(SyncError) as failure:
            push(settings, ANA)
        caught.append(failure.value)

    assert [type(fault) for fault in caught] == [kind, kind]
    assert all(str(fault).endswith(".") and "Traceback" not in str(fault) for fault in caught)


ANSWERS: list[tuple[str, ScriptedResponse, type[SyncError]]] = [
    ("no such address", ScriptedResponse(b"<html>404</html>", 404, {"Content-Type": "text/html"}), ConfigurationFault),
    ("a page", ScriptedResponse(b"<!doctype html><title>Sign in</title>"), LoginPage),
    ("a proxy's limit", ScriptedResponse(b"slow down", 429, {"Retry-After": "9"}), Throttled),
    (
        "a limit that looks like Odoo's",
        ScriptedResponse(make_error("werkzeug.exceptions.TooManyRequests"), 429, {"Retry-After": "9"}),
        Throttled,
    ),
    ("a proxy in trouble", ScriptedResponse(b"<html>502</html>", 502, {"Content-Type": "text/html"}), CrmDown),
    ("too large for a proxy", ScriptedResponse(b"<html>413</html>", 413, {"Content-Type": "text/html"}), BatchRefused),
    ("nothing", ScriptedResponse(b""), OutcomeUnknown),
    ("half of it", ScriptedResponse(b'{"jsonrpc": "2.0", "resu'), OutcomeUnknown),
    ("moved", ScriptedResponse(b"", 301, {"Location": "https://other.example.com/"}), LoginPage),
]


@pytest.mark.parametrize(("answer", "kind"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_errors_of_a_proxy_are_classified_by_status(
    server: ScriptedServer,
    json2: OdooSettings,
    jsonrpc: OdooSettings,
    push: Push,
    answer: ScriptedResponse,
    kind: type[SyncError],
) -> None:
    """Both ways of speaking."""
    server.respond = lambda asked: answer

    for settings in (json2, jsonrpc):
        with pytest.raises(SyncError) as caught:
            push(settings, ANA)
        assert type(caught.value) is kind


@pytest.mark.parametrize(("answer", "kind"), [
    ({"jsonrpc": "2.0", "id": 1}, OutcomeUnknown),
    ({"result": 2}, OutcomeUnknown),
    ([], OutcomeUnknown),
    (None, OutcomeUnknown),
    ({"jsonrpc": "2.0", "error": {"code": 404, "message": "404: Not Found"}}, ConfigurationFault),
    ({"jsonrpc": "2.0", "error": {"code": 100, "message": "Odoo Session Expired"}}, NotAuthorised),
    ({"jsonrpc": "2.0", "error": "no"}, CrmDown),
    ({"jsonrpc": "2.0", "error": {"data": []}}, CrmDown),
], ids=str)  # fmt: skip
def test_odd_envelopes_prove_nothing(
    server: ScriptedServer, jsonrpc: OdooSettings, push: Push, answer: Any, kind: type[SyncError]
) -> None:
    """An error without a name is classified by its code."""
    server.respond = lambda asked: ScriptedResponse(answer)

    with pytest.raises(SyncError) as caught:
        push(jsonrpc, ANA)

    assert type(caught.value) is kind


def test_no_error_contains_the_key(
    server: ScriptedServer, json2: OdooSettings, jsonrpc: OdooSettings, push: Push, key: str
) -> None:
    """Not even if Odoo quotes it."""
    for settings, answer in (
        (json2, ScriptedResponse(make_error("odoo.exceptions.UserError", f"what is {key}?"), 422)),
        (jsonrpc, make_error_response("odoo.exceptions.UserError", f"what is {key}?")),
    ):
        server.respond = lambda asked, answer=answer: answer
        with pytest.raises(BatchRefused) as caught:
            push(settings, ANA)
        assert str(caught.value) == "Odoo rejected it: what is ***?"
