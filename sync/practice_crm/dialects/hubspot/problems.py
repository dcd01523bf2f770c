"""HubSpot's error responses."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.responses import JSONResponse, Response


@dataclass(eq=False)
class HubSpotProblem(Exception):
    """A refusal of HubSpot's: of a whole call, or of one input."""

    message: str
    category: str = "VALIDATION_ERROR"
    status: int = 400
    context: dict[str, list[str]] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    """One error for each invalid value."""

    def as_response(self) -> Response:
        """Return the response to a call that is refused as a whole."""
        return JSONResponse({**self.as_json(), "correlationId": str(uuid4())}, self.status)

    def as_json(self, trace_id: str = "") -> dict[str, Any]:
        """Return the error as a body, or, with the *trace_id* of an input, as an item of a batch's `errors`."""
        traced = {"objectWriteTraceId": [trace_id]} if trace_id else {}
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "errors": self.errors,
            "context": {**traced, **self.context},
            "links": {},
        }


def make_invalid_values_problem(values: list[dict[str, Any]]) -> HubSpotProblem:
    """Return the refusal of property values; each has a `name`, an `error` and a `message`."""
    listed = json.dumps([{"isValid": False, **value} for value in values], separators=(",", ":"), ensure_ascii=False)
    details = [
        {"message": value["message"], "code": value["error"], "context": {"propertyName": [value["name"]]}}
        for value in values
    ]
    return HubSpotProblem(f"Property values were not valid: {listed}", errors=details)


def answer_no_credentials() -> Response:
    """Respond 401."""
    message = "Authentication credentials not found. This API supports OAuth 2.0 authentication."
    return HubSpotProblem(message, "INVALID_AUTHENTICATION", 401).as_response()


def answer_missing_scope(scope: str) -> Response:
    """Respond 403, with the scope that the key lacks."""
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": [scope]},
    }
    message = "This app hasn't been granted all required scopes to make this call."
    return HubSpotProblem(message, "MISSING_SCOPES", 403, errors=[detail]).as_response()


def answer_too_many(policy: str, limit_name: str) -> Response:
    """Respond 429. The body has a different shape, and does not say how long to wait."""
    document = {
        "status": "error",
        "message": f"You have reached your {limit_name} limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": str(uuid4()),
        "policyName": policy,
        "requestId": str(uuid4()),
    }
    return JSONResponse(document, 429)
