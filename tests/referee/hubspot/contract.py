"""
HubSpot's contract as OpenAPI 3, read from its own client, `hubspot-api-client`.

HubSpot's OpenAPI files are not free to be copied; the client was generated from them, and knows all of it: operations
with their paths, bodies and answers, and models with their types, required fields and allowed words. It is asked by
using it, and what comes out is never kept.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

from hubspot.crm import contacts, properties

PRIMITIVE_SCHEMAS: Mapping[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "object": {},
}

OPERATIONS = [
    (contacts, "BatchApi", "upsert"),
    (contacts, "BatchApi", "update"),
    (contacts, "BasicApi", "archive"),
    (contacts, "BasicApi", "get_by_id"),
    (properties, "CoreApi", "get_all"),
    (properties, "CoreApi", "create"),
    (properties, "CoreApi", "get_by_name"),
]
"""What the kiosk and the practice CRM use of it."""

DATED_VERSION = "2026-09"
"""A version whose paths differ from v3's, and whose schemas of these operations do not."""


class Recorder:
    """Replaces the client's connection, and records what an operation would send."""

    client_side_validation = False

    def __init__(self) -> None:
        self.path, self.method = "", ""
        self.answers: dict[int, str] = {}

    def select_header_accept(self, accepts: list[str]) -> str:
        """Any."""
        return accepts[0]

    def select_header_content_type(self, types: list[str], *rest: Any) -> str:
        """Any."""
        return types[0]

    def call_api(self, path: str, method: str, *rest: Any, response_types_map: dict[int, str], **more: Any) -> None:
        """Record the path and the method of an operation."""
        self.path, self.method, self.answers = path, method, response_types_map


def build_document(examples: Mapping[int, Any] | None = None) -> dict[str, Any]:
    """Build the contract; *examples* are the responses of a mock to an upsert, by status."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for package, api, name in OPERATIONS:
        path, method, operation, used = read_operation(package, api, name)
        for model in used:
            schemas |= collect_models(package, model)
        if name == "upsert":
            for status, example in (examples or {}).items():
                operation["responses"][str(status)]["content"]["application/json"]["example"] = example
        for place in (path, to_dated_path(path)):
            paths.setdefault(place, {})[method] = operation
    return {
        "openapi": "3.0.3",
        "info": {"title": "HubSpot's contacts", "version": "read from its client"},
        "security": [{"key": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def read_operation(package: ModuleType, api: str, name: str) -> tuple[str, str, dict[str, Any], set[str]]:
    """Return the path, the method and the description of an operation, and the models that it uses."""
    recorder = Recorder()
    method = getattr(getattr(package, api)(recorder), name)
    docstring = getattr(getattr(package, api), f"{name}_with_http_info").__doc__
    needed = re.findall(r":param (\w+): [^\n]*\(required\)\n\s*:type \w+: (\S+)", docstring)
    method(*("x" for _ in needed))
    body = next((kind for parameter, kind in needed if kind not in PRIMITIVE_SCHEMAS), None)
    in_path = re.findall(r"{(\w+)}", recorder.path)
    operation: dict[str, Any] = {
        "parameters": [
            {"name": word, "in": "path", "required": True, "schema": {"type": "string"}} for word in in_path
        ],
        "responses": {str(status): build_response(kind) for status, kind in recorder.answers.items()}
        or {"204": {"description": "No content"}},
    }
    operation["responses"]["default"] = build_response("Error")
    if body:
        operation["requestBody"] = {"required": True, "content": build_response(body)["content"]}
    return (
        recorder.path,
        recorder.method.lower(),
        operation,
        {*recorder.answers.values(), "Error", *([body] if body else [])},
    )


def build_response(model: str) -> dict[str, Any]:
    """Return a response whose body is *model*."""
    return {"description": model, "content": {"application/json": {"schema": build_schema(model)}}}


def to_dated_path(path: str) -> str:
    """Return a path of v3 as the dated versions have it."""
    return re.sub(r"^/crm/v3/(objects|properties)/", rf"/crm/\1/{DATED_VERSION}/", path)


def collect_models(package: ModuleType, name: str) -> dict[str, Any]:
    """Return the schemas of a model and of all models in it."""
    found: dict[str, Any] = {}
    wanted = [name]
    while wanted:
        model = wanted.pop()
        if model not in found and model not in PRIMITIVE_SCHEMAS:
            found[model] = describe_model(getattr(package, model))
            wanted += find_model_names(getattr(package, model).openapi_types.values())
    return found


def find_model_names(kinds: Any) -> Iterator[str]:
    """Yield the models that are named in *kinds*: `list[Option]`, `dict[str, list[str]]`."""
    for kind in kinds:
        yield from (word for word in re.findall(r"\w+", kind) if word not in (*PRIMITIVE_SCHEMAS, "list", "dict"))


def describe_model(model: Any) -> dict[str, Any]:
    """Return the schema of one model: what its setters refuse is required, or not among the allowed values."""
    described: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    for attribute, kind in model.openapi_types.items():
        schema = build_schema(kind)
        if complaint := find_refusal(model, attribute, None):
            described["required"].append(model.attribute_map[attribute])
            assert "must not be" in complaint
        if kind == "str" and (words := re.search(r"must be one of (\[.*\])", find_refusal(model, attribute, "\0"))):
            schema = {**schema, "enum": ast.literal_eval(words[1])}
        described["properties"][model.attribute_map[attribute]] = schema
    if model.__name__ != "Error":
        described["additionalProperties"] = False
    return {key: value for key, value in described.items() if value != []}


def find_refusal(model: Any, attribute: str, value: Any) -> str:
    """Return the model's complaint about *value* for *attribute*; empty if it accepts it."""
    made = model.__new__(model)
    made.local_vars_configuration = SimpleNamespace(client_side_validation=True)
    try:
        setattr(made, attribute, value)
    except ValueError as error:
        return str(error)
    return ""


def build_schema(kind: str) -> dict[str, Any]:
    """Return the schema of a type of the client."""
    if many := re.fullmatch(r"list\[(.+)\]", kind):
        return {"type": "array", "items": build_schema(many[1])}
    if named := re.fullmatch(r"dict\[str, (.+)\]", kind):
        return {"type": "object", "additionalProperties": build_schema(named[1])}
    return dict(PRIMITIVE_SCHEMAS[kind]) if kind in PRIMITIVE_SCHEMAS else {"$ref": f"#/components/schemas/{kind}"}
