"""Odoo's responses from public reports: temporary problems in any language, and wrong addresses."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sync.connectors.base import OutgoingLead
from sync.errors import ConfigurationFault, CrmDown, SyncError, Throttled
from sync.settings.odoo import OdooSettings
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer

Push = Callable[..., Any]

ANA = OutgoingLead("0190-ana", 1, {"name": "Ana Lopez", "email": "ana@initech.com"})

PASSING = {
    "odoo#8585, in German": "konnte Zugriff nicht serialisieren wegen gleichzeitiger Aktualisierung",
    "in English": "could not serialize access due to concurrent update",
    "in French": "n'a pas pu sérialiser un accès à cause d'une mise à jour en parallèle",
    "in Spanish": "no se pudo serializar el acceso debido a una actualización concurrente",
    "in Italian": "impossibile serializzare l'accesso a causa di un aggiornamento concorrente",
    "in Portuguese": "não pôde serializar o acesso devido a atualização concorrente",
    "in Dutch": "kon toegang niet serialiseren door gelijktijdige update",
    "a deadlock in German": "Verklemmung (Deadlock) entdeckt",
    "aborted in German": "aktuelle Transaktion wurde abgebrochen, Befehle werden bis zum Ende ignoriert",
    "by its number": "ERROR 40001: transaction rolled back",
}


def push_and_catch(push: Push, settings: OdooSettings, server: ScriptedServer, answer: ScriptedResponse) -> SyncError:
    """Push one lead with this response, and return the error."""
    server.respond = lambda asked: answer
    with pytest.raises(SyncError) as failure:
        push(settings, ANA)
    return failure.value


def test_too_many_sign_ins_do_not_blame_the_key(push: Push, json2: OdooSettings, server: ScriptedServer) -> None:
    """After other people's failed sign-ins at this address the key stays valid, and the kiosk waits."""
    words = "Too many login failures, please wait a bit before trying again."
    answer = ScriptedResponse({"name": "odoo.exceptions.AccessDenied", "message": words, "arguments": [words]}, 403)

    found = push_and_catch(push, json2, server, answer)

    assert (type(found), str(found)) == (
        Throttled,
        "Odoo counted too many failed sign-ins and asked the kiosk to wait.",
    )


@pytest.mark.parametrize("words", PASSING.values(), ids=PASSING.keys())
def test_a_temporary_problem_is_retried(push: Push, json2: OdooSettings, server: ScriptedServer, words: str) -> None:
    """`load` reports it as if the row were bad; no lead needs a person for it."""
    row = {"type": "error", "record": 0, "rows": {"from": 0, "to": 0}, "message": words}

    fault = push_and_catch(push, json2, server, ScriptedResponse({"ids": False, "messages": [row]}))

    assert type(fault) is CrmDown


def test_a_reloading_registry_is_temporary(push: Push, json2: OdooSettings, server: ScriptedServer) -> None:
    """OCA/partner-contact#760: it is retried in seconds, not in ten minutes."""
    error = {"name": "builtins.KeyError", "message": "'crm.lead'", "arguments": ["crm.lead"]}

    fault = push_and_catch(push, json2, server, ScriptedResponse(error, 500))

    assert type(fault) is CrmDown
    assert "does not know crm.lead right now" in str(fault)


WRONG = {
    "a name that nobody has": ScriptedResponse(
        b"", 303, {"Location": "https://www.odoo.com/typo?domain=nosuch.odoo.com"}
    ),
    "without www": ScriptedResponse(b"", 302, {"Location": "https://odoo.com/typo"}),
}


@pytest.mark.parametrize("answer", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("api", ["json2", "jsonrpc"])
def test_an_unknown_host_is_named(
    push: Push, json2: OdooSettings, jsonrpc: OdooSettings, server: ScriptedServer, answer: ScriptedResponse, api: str
) -> None:
    """Odoo Online redirects to a page about typing errors."""
    fault = push_and_catch(push, json2 if api == "json2" else jsonrpc, server, answer)

    assert type(fault) is ConfigurationFault
    assert "there is no Odoo at 127.0.0.1" in str(fault)


@pytest.mark.parametrize(
    "answer",
    [
        ScriptedResponse(b"<!doctype html><title>404 Not Found</title>", 404, {"Content-Type": "text/html"}),
        ScriptedResponse(b"", 303, {"Location": "/web/database/selector"}),
    ],
    ids=["OCA/rest-framework#161: a 404 page", "the selector"],
)
def test_an_ambiguous_database_names_the_setting(
    push: Push, json2: OdooSettings, server: ScriptedServer, answer: ScriptedResponse
) -> None:
    """A server with several databases does not know which one is meant."""
    fault = push_and_catch(push, replace(json2, database=""), server, answer)

    assert type(fault) is ConfigurationFault
    assert "[crm.odoo] database" in str(fault)


def test_a_key_quoted_with_escapes_is_hidden(
    push: Push, jsonrpc: OdooSettings, server: ScriptedServer, key: str
) -> None:
    """JSON-RPC has the key in the body."""
    quoted = "".join(f"\\u{ord(letter):04x}" for letter in key).encode()

    def answer(asked: ReceivedRequest) -> ScriptedResponse:
        body = b'{"jsonrpc": "2.0", "error": {"data": {"name": "x.ValidationError", "message": "no: %s"}}}' % quoted
        return ScriptedResponse(body, headers={"Content-Type": "application/json"})

    server.respond = answer
    with pytest.raises(SyncError) as failure:
        push(jsonrpc, ANA)

    assert key not in str(failure.value)
    assert "***" in str(failure.value)
