"""The API's document (OpenAPI 3.1), made from the table of endpoints and from the types that it reads and answers."""

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from kiosk.api.docs.endpoints import ENDPOINTS, Bulk, Endpoint
from kiosk.api.wire.problems import encode_json
from kiosk.api.wire.requests import MAX_BULK_CONTACTS, STATUS_TITLES, NewContact
from kiosk.api.wire.responses import ProblemDetails

_SCHEMA_REFERENCE = "#/components/schemas/{name}"

_API_DESCRIPTION = """\
Leads from other devices, and the numbers of this booth. What is answered 200 or 201 is on the disk.

Errors are `application/problem+json` (RFC 9457) and name the `field` that is wrong; where it is worth trying again, \
`Retry-After` says when. Sending a contact again under the same `client_id` is safe at any time.
"""

_REQUIRED_ONE_OF = ("name", "first_name", "last_name", "email", "phone", "company", "job_title", "website", "address", "city",
             "region", "postcode", "country", "badge_id", "payload")  # fmt: skip
"""Of which a new contact must have one, that is not empty."""


_SCAN_YEAR_PATTERN = "^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-"
"""Of a scan: a clock that says anything else is wrong."""


@cache
def encode_openapi() -> bytes:
    """The document, as it is served."""
    return encode_json(build_openapi())


@cache
def build_openapi() -> dict[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _describe_operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Booth kiosk", "version": version("booth-kiosk"), "description": _API_DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(endpoint.group for endpoint in ENDPOINTS)],
        "paths": paths,
        "components": {
            "schemas": build_schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "`kiosk token new NAME`"}},
            "responses": {
                format_error_name(status): describe_error_response(status)
                for status in sorted(_collect_error_statuses())
            },
        },
    }


def _describe_operation(endpoint: Endpoint) -> dict[str, Any]:
    """One endpoint."""
    role = f" Takes a token with the role `{endpoint.role}` or a higher one." if endpoint.role else " Takes no token."
    found: dict[str, Any] = {
        "tags": [endpoint.group],
        "operationId": _make_operation_id(endpoint),
        "summary": endpoint.description.split(": ")[0].split("; ")[0].rstrip("."),
        "description": endpoint.description + role,
        "security": [{"token": [endpoint.role]}] if endpoint.role else [],
        "responses": {
            **{str(status): describe_response(status, body) for status, body in endpoint.responses.items()},
            **{
                str(status): {"$ref": f"#/components/responses/{format_error_name(status)}"}
                for status in endpoint.errors
            },
        },
    }
    if endpoint.parameters:
        found["parameters"] = [given.to_openapi() for given in endpoint.parameters]
    if endpoint.body is not None:
        content = {"schema": reference_schema(endpoint.body), "example": endpoint.example}
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    return found


def _make_operation_id(endpoint: Endpoint) -> str:
    """A name for programs that are made from the document."""
    words = [word.strip("{}") for word in endpoint.path.replace(".", "/").split("/") if word not in ("", "api", "v1")]
    return "_".join([endpoint.method.lower(), *words])


def describe_response(status: int, body: Any) -> dict[str, Any]:
    """What is answered when all is well."""
    if not body:
        return {"description": "Elsewhere.", "headers": {"Location": {"schema": {"type": "string"}}}}
    about = {200: "Done.", 201: "It is new.", 202: "It was told."}[status]
    if isinstance(body, str):
        return {"description": about, "content": {body: {"schema": {} if body == "application/json" else _TEXT_SCHEMA}}}
    return {"description": about, "content": {"application/json": {"schema": reference_schema(body)}}}


_TEXT_SCHEMA = {"type": "string"}


def describe_error_response(status: int) -> dict[str, Any]:
    """An answer that is an error."""
    found: dict[str, Any] = {
        "description": STATUS_TITLES[status],
        "content": {"application/problem+json": {"schema": reference_schema(ProblemDetails)}},
    }
    if status in (429, 503, 507):
        about = "Seconds after which it is worth trying again."
        found["headers"] = {"Retry-After": {"description": about, "schema": {"type": "integer", "minimum": 1}}}
    if status == 401:
        found["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return found


def format_error_name(status: int) -> str:
    """What an error is called in the document."""
    return STATUS_TITLES[status].replace(" ", "")


def _collect_error_statuses() -> set[int]:
    """The statuses of all errors that any endpoint answers."""
    return {status for endpoint in ENDPOINTS for status in endpoint.errors}


def reference_schema(kind: Any) -> dict[str, Any]:
    """Where the document says what a type of ours looks like."""
    return {"$ref": _SCHEMA_REFERENCE.format(name=kind.__name__)}


def build_schemas() -> dict[str, Any]:
    """All types of ours, and what their types alone do not say."""
    takes = [endpoint.body for endpoint in ENDPOINTS if endpoint.body not in (None, Bulk)]
    gives = [body for endpoint in ENDPOINTS for body in endpoint.responses.values() if not isinstance(body, str)]
    kinds = list(dict.fromkeys([*takes, *gives, ProblemDetails]))
    found = dict(msgspec.json.schema_components(kinds, ref_template=_SCHEMA_REFERENCE)[1])
    said = [{"required": [key], "properties": {key: {"type": "string", "minLength": 1}}} for key in _REQUIRED_ONE_OF]
    found["NewContact"] = {**found["NewContact"], "anyOf": said}
    found["NewContact"]["properties"]["scanned_at"]["anyOf"][0]["pattern"] = _SCAN_YEAR_PATTERN
    found["Bulk"] = {
        "title": "Bulk",
        "description": "Contacts, each with a client_id; one that cannot be saved has an error of its own.",
        "type": "object",
        "required": ["contacts"],
        "properties": {
            "contacts": {
                "type": "array",
                "maxItems": MAX_BULK_CONTACTS,
                "items": {"anyOf": [reference_schema(NewContact), {}]},
            },
        },
    }
    return found
