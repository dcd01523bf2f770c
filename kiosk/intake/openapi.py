"""The API's document (OpenAPI 3.1), made from the table of endpoints and from the types that it reads and answers."""

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from kiosk.intake.answers import encode
from kiosk.intake.body import AT_ONCE, TITLES, NewContact
from kiosk.intake.documents import Error
from kiosk.intake.endpoints import ENDPOINTS, Bulk, Endpoint

REF = "#/components/schemas/{name}"

ABOUT = """\
Leads from other devices, and the numbers of this booth. What is answered 200 or 201 is on the disk.

Errors are `application/problem+json` (RFC 9457) and name the `field` that is wrong; where it is worth trying again, \
`Retry-After` says when. Sending a contact again under the same `client_id` is safe at any time.
"""

WHO_IT_IS = ("name", "first_name", "last_name", "email", "phone", "company", "job_title", "website", "address", "city",
             "region", "postcode", "country", "badge_id", "payload")  # fmt: skip
"""Of which a new contact must have one, that is not empty."""


YEARS = "^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-"
"""Of a scan: a clock that says anything else is wrong."""


@cache
def openapi_json() -> bytes:
    """The document, as it is served."""
    return encode(openapi())


@cache
def openapi() -> dict[str, Any]:
    """The document."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Booth kiosk", "version": version("booth-kiosk"), "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(endpoint.group for endpoint in ENDPOINTS)],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "`kiosk token new NAME`"}},
            "responses": {name(status): refusal(status) for status in sorted(every_error())},
        },
    }


def operation(endpoint: Endpoint) -> dict[str, Any]:
    """One endpoint."""
    role = f" Takes a token with the role `{endpoint.role}` or a higher one." if endpoint.role else " Takes no token."
    found: dict[str, Any] = {
        "tags": [endpoint.group],
        "operationId": operation_id(endpoint),
        "summary": endpoint.says.split(": ")[0].split("; ")[0].rstrip("."),
        "description": endpoint.says + role,
        "security": [{"token": [endpoint.role]}] if endpoint.role else [],
        "responses": {
            **{str(status): answer(status, body) for status, body in endpoint.answers.items()},
            **{str(status): {"$ref": f"#/components/responses/{name(status)}"} for status in endpoint.errors},
        },
    }
    if endpoint.given:
        found["parameters"] = [given.document() for given in endpoint.given]
    if endpoint.takes is not None:
        content = {"schema": reference(endpoint.takes), "example": endpoint.example}
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    return found


def operation_id(endpoint: Endpoint) -> str:
    """A name for programs that are made from the document."""
    words = [word.strip("{}") for word in endpoint.path.replace(".", "/").split("/") if word not in ("", "api", "v1")]
    return "_".join([endpoint.method.lower(), *words])


def answer(status: int, body: Any) -> dict[str, Any]:
    """What is answered when all is well."""
    if not body:
        return {"description": "Elsewhere.", "headers": {"Location": {"schema": {"type": "string"}}}}
    about = {200: "Done.", 201: "It is new.", 202: "It was told."}[status]
    if isinstance(body, str):
        return {"description": about, "content": {body: {"schema": {} if body == "application/json" else TEXTUAL}}}
    return {"description": about, "content": {"application/json": {"schema": reference(body)}}}


TEXTUAL = {"type": "string"}


def refusal(status: int) -> dict[str, Any]:
    """An answer that is an error."""
    found: dict[str, Any] = {
        "description": TITLES[status],
        "content": {"application/problem+json": {"schema": reference(Error)}},
    }
    if status in (429, 503, 507):
        about = "Seconds after which it is worth trying again."
        found["headers"] = {"Retry-After": {"description": about, "schema": {"type": "integer", "minimum": 1}}}
    if status == 401:
        found["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return found


def name(status: int) -> str:
    """What an error is called in the document."""
    return TITLES[status].replace(" ", "")


def every_error() -> set[int]:
    """The statuses of all errors that any endpoint answers."""
    return {status for endpoint in ENDPOINTS for status in endpoint.errors}


def reference(kind: Any) -> dict[str, Any]:
    """Where the document says what a type of ours looks like."""
    return {"$ref": REF.format(name=kind.__name__)}


def schemas() -> dict[str, Any]:
    """All types of ours, and what their types alone do not say."""
    takes = [endpoint.takes for endpoint in ENDPOINTS if endpoint.takes not in (None, Bulk)]
    gives = [body for endpoint in ENDPOINTS for body in endpoint.answers.values() if not isinstance(body, str)]
    kinds = list(dict.fromkeys([*takes, *gives, Error]))
    found = dict(msgspec.json.schema_components(kinds, ref_template=REF)[1])
    said = [{"required": [key], "properties": {key: {"type": "string", "minLength": 1}}} for key in WHO_IT_IS]
    found["NewContact"] = {**found["NewContact"], "anyOf": said}
    found["NewContact"]["properties"]["scanned_at"]["anyOf"][0]["pattern"] = YEARS
    found["Bulk"] = {
        "title": "Bulk",
        "description": "Contacts, each with a client_id; one that cannot be saved has an error of its own.",
        "type": "object",
        "required": ["contacts"],
        "properties": {
            "contacts": {"type": "array", "maxItems": AT_ONCE, "items": {"anyOf": [reference(NewContact), {}]}},
        },
    }
    return found
