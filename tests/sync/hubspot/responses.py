"""HubSpot's responses, and what the connector makes of them for two leads."""

from typing import Any

from sync.connectors.hubspot import HubSpotConnector
from sync.errors import SyncError
from tests.sync.hubspot.conftest import TOKEN, ScriptedHubSpot, make_lead, push_batches
from tests.sync.hubspot.factories import make_settings

ANA = make_lead("ana@initech.com", "0190-ana")
BOB = make_lead("bob@initech.com", "0190-bob")


def push_two_leads(
    hubspot: ScriptedHubSpot, status: int, document: Any, headers: dict[str, str] | None = None, **changes: Any
) -> Any:
    """Push Ana and Bob in one call with this response, and return their outcomes; no error contains the key."""
    hubspot.respond = lambda body: (status, document, headers or {})
    connector = HubSpotConnector(make_settings(hubspot, **changes), read_token=lambda: TOKEN)
    try:
        (outcomes,) = push_batches(connector, [ANA, BOB])
    except SyncError as error:
        assert TOKEN not in str(error)
        assert str(error).isprintable()
        raise
    return outcomes


def make_result(remote_id: str, trace: str = "", **properties: str) -> dict[str, Any]:
    """Make one result."""
    traced = {"objectWriteTraceId": trace} if trace else {}
    return {"id": remote_id, "new": True, "properties": properties, **traced}


def make_error(trace: str, category: str, message: str, *details: dict[str, Any], **context: Any) -> dict[str, Any]:
    """Make one error."""
    return {
        "status": "error",
        "category": category,
        "message": message,
        "errors": list(details),
        "context": {"objectWriteTraceId": [trace], **context},
    }


def make_batch_response(*results: Any, errors: Any = (), status: str = "COMPLETE") -> dict[str, Any]:
    """Make the body of a response."""
    return {"status": status, "results": list(results), "errors": list(errors), "numErrors": len(errors)}


def make_property_error(message: str, code: str, name: str) -> dict[str, Any]:
    """Make the detail of an error about a property."""
    return {"message": message, "code": code, "context": {"propertyName": [name]}}
