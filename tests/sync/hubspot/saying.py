"""Answers of HubSpot's, and what the connector makes of them for two leads."""

from typing import Any

from sync.connectors.hubspot import HubSpotConnector
from sync.errors import SyncError
from tests.sync.hubspot.conftest import TOKEN, ToldHubSpot, lead, push
from tests.sync.hubspot.made import settings_for

ANA = lead("ana@initech.com", "0190-ana")
BOB = lead("bob@initech.com", "0190-bob")


def pushed(told: ToldHubSpot, status: int, document: Any, headers: dict[str, str] | None = None, **changes: Any) -> Any:
    """The outcomes for Ana and Bob, in one call that is answered so; no error ever tells the key."""
    told.say = lambda body: (status, document, headers or {})
    connector = HubSpotConnector(settings_for(told, **changes), token=lambda: TOKEN)
    try:
        (outcomes,) = push(connector, [ANA, BOB])
    except SyncError as error:
        assert TOKEN not in str(error)
        assert str(error).isprintable()
        raise
    return outcomes


def result(remote_id: str, trace: str = "", **properties: str) -> dict[str, Any]:
    """One result."""
    traced = {"objectWriteTraceId": trace} if trace else {}
    return {"id": remote_id, "new": True, "properties": properties, **traced}


def error(trace: str, category: str, message: str, *details: dict[str, Any], **context: Any) -> dict[str, Any]:
    """One error."""
    return {
        "status": "error",
        "category": category,
        "message": message,
        "errors": list(details),
        "context": {"objectWriteTraceId": [trace], **context},
    }


def done(*results: Any, errors: Any = (), status: str = "COMPLETE") -> dict[str, Any]:
    """The body of an answer."""
    return {"status": status, "results": list(results), "errors": list(errors), "numErrors": len(errors)}


def not_valid(message: str, code: str, name: str) -> dict[str, Any]:
    """The detail of an error about a property."""
    return {"message": message, "code": code, "context": {"propertyName": [name]}}
