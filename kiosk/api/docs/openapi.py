"""The OpenAPI 3.1 document, made from the table of endpoints and from the request and response models."""

import re
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from kiosk.api.docs.endpoints import ENDPOINTS, Endpoint
from kiosk.api.wire.json_codec import encode_json
from kiosk.api.wire.problems import STATUS_TITLES
from kiosk.api.wire.requests import MAX_BULK_CONTACTS, BulkRequest, NewContact
from kiosk.api.wire.responses import ProblemDetails

_SCHEMA_REFERENCE = "#/components/schemas/{name}"

_API_DESCRIPTION = """\
Leads from other devices, and the numbers of this booth. Once a post is answered with 200 or 201, its lead is on the
disk.

Errors are `application/problem+json` (RFC 9457) and name the `field` that is wrong; `Retry-After` says when to try \
again, if that helps. Sending a contact again with the same `client_id` is always safe.
"""

# Fields of which a new contact needs at least one that is not empty.
_IDENTIFYING_FIELDS = ("name", "first_name", "last_name", "email", "phone", "company", "job_title", "website",
                       "address", "city", "region", "postcode", "country", "badge_id", "payload")  # fmt: skip

# How a scan time begins that is accepted, from 1970 to 2199: other years come from a clock that was never set.
_SCAN_YEAR_PATTERN = "^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-"

_TEXT_SCHEMA = {"type": "string"}

_STATUS_DESCRIPTIONS = {200: "Done.", 201: "Created.", 202: "Accepted; the result comes later."}


@cache
def encode_openapi() -> bytes:
    """Encode the document as it is served."""
    return encode_json(build_openapi())


@cache
def build_openapi() -> dict[str, Any]:
    """Build the document."""
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
            "schemas": _build_schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "`kiosk token new NAME`"}},
            "responses": {
                _format_error_name(status): _describe_error_response(status) for status in _list_error_statuses()
            },
        },
    }


def _describe_operation(endpoint: Endpoint) -> dict[str, Any]:
    """Describe one endpoint."""
    role = f" Needs a token with the role `{endpoint.role}` or higher." if endpoint.role else " Needs no token."
    operation: dict[str, Any] = {
        "tags": [endpoint.group],
        "operationId": _make_operation_id(endpoint),
        "summary": endpoint.description.split(": ")[0].split("; ")[0].rstrip("."),
        "description": endpoint.description + role,
        "security": [{"token": [endpoint.role]}] if endpoint.role else [],
        "responses": {
            **{str(status): _describe_response(status, body) for status, body in endpoint.responses.items()},
            **{
                str(status): {"$ref": f"#/components/responses/{_format_error_name(status)}"}
                for status in endpoint.errors
            },
        },
    }
    if endpoint.parameters:
        operation["parameters"] = [parameter.to_openapi() for parameter in endpoint.parameters]
    if endpoint.body is not None:
        content = {"schema": _reference_schema(endpoint.body), "example": endpoint.example}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _make_operation_id(endpoint: Endpoint) -> str:
    """Make the name that generated clients give to a call, such as `get_contacts_id`."""
    words = [word.strip("{}") for word in endpoint.path.replace(".", "/").split("/") if word not in ("", "api", "v1")]
    return "_".join([endpoint.method.lower(), *words])


def _describe_response(status: int, body: Any) -> dict[str, Any]:
    """Describe a response that is not an error; *body* is its model, its media type, or empty for a redirect."""
    if not body:
        return {"description": "Redirects.", "headers": {"Location": {"schema": {"type": "string"}}}}
    if isinstance(body, str):
        content = {body: {"schema": {} if body == "application/json" else _TEXT_SCHEMA}}
    else:
        content = {"application/json": {"schema": _reference_schema(body)}}
    return {"description": _STATUS_DESCRIPTIONS[status], "content": content}


def _describe_error_response(status: int) -> dict[str, Any]:
    """Describe the response of an error."""
    response: dict[str, Any] = {
        "description": STATUS_TITLES[status],
        "content": {"application/problem+json": {"schema": _reference_schema(ProblemDetails)}},
    }
    if status in (429, 503, 507):
        schema = {"type": "integer", "minimum": 1}
        response["headers"] = {"Retry-After": {"description": "Seconds to wait before trying again.", "schema": schema}}
    if status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return response


def _format_error_name(status: int) -> str:
    """Return the name of an error in the document, such as `NotFound`."""
    return STATUS_TITLES[status].replace(" ", "")


def _list_error_statuses() -> list[int]:
    """List the error statuses of all endpoints."""
    return sorted({status for endpoint in ENDPOINTS for status in endpoint.errors})


def _reference_schema(model: Any) -> dict[str, Any]:
    """Return the reference to the schema of *model*."""
    return {"$ref": _SCHEMA_REFERENCE.format(name=model.__name__.removesuffix("Json"))}


def _build_schemas() -> dict[str, Any]:
    """Build the schemas of all models, with the rules that their types alone do not express."""
    requests = [endpoint.body for endpoint in ENDPOINTS if endpoint.body not in (None, BulkRequest)]
    responses = [body for endpoint in ENDPOINTS for body in endpoint.responses.values() if not isinstance(body, str)]
    models = list(dict.fromkeys([*requests, *responses, ProblemDetails]))
    generated = msgspec.json.schema_components(models, ref_template=_SCHEMA_REFERENCE)[1]
    # msgspec names schemas, titles and references after the classes.
    schemas: dict[str, Any] = msgspec.json.decode(re.sub(rb'(?<=[a-z])Json"', b'"', encode_json(generated)))
    one_of = [
        {"required": [name], "properties": {name: {"type": "string", "minLength": 1}}} for name in _IDENTIFYING_FIELDS
    ]
    schemas["NewContact"] = {**schemas["NewContact"], "anyOf": one_of}
    schemas["NewContact"]["properties"]["scanned_at"]["anyOf"][0]["pattern"] = _SCAN_YEAR_PATTERN
    schemas["BulkRequest"] = {
        "title": "BulkRequest",
        "description": "Contacts, each with a client_id; one that cannot be saved has an error of its own.",
        "type": "object",
        "required": ["contacts"],
        "properties": {
            "contacts": {
                "type": "array",
                "maxItems": MAX_BULK_CONTACTS,
                # Anything is allowed as an item, because a bad one gets an error of its own.
                "items": {"anyOf": [_reference_schema(NewContact), {}]},
            },
        },
    }
    return schemas
