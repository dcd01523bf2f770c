"""The API reference as a page: plain HTML made from the OpenAPI document, which needs no scripts and no internet."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from typing import Any, NamedTuple

from kiosk.api.docs.openapi import build_openapi

_PAGE_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<title>{title}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/docs.css">
</head>
<body>
<header><h1>{title} <small>{version}</small></h1>
<p>For programs: <a href="/openapi.json">openapi.json</a>. For people: <a href="/numbers">dashboard</a>.</p></header>
<nav aria-label="Endpoints">{index}</nav>
<main>
<section>{about}</section>
{body}
<h2 id="types">Types</h2>
{types}
</main>
</body>
</html>
"""

_LIMIT_SENTENCES = {
    "maxLength": "at most {} characters",
    "maxItems": "at most {}",
    "minimum": "from {}",
    "maximum": "to {}",
}


class _Endpoint(NamedTuple):
    """One endpoint of the document."""

    method: str
    path: str
    description: dict[str, Any]


@cache
def render_docs_page() -> str:
    """Render the page."""
    document = build_openapi()
    groups: dict[str, list[_Endpoint]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, description in methods.items():
            groups[description["tags"][0]].append(_Endpoint(method, path, description))
    info = document["info"]
    return _PAGE_TEMPLATE.format(
        title=escape(info["title"]),
        version=escape(info["version"]),
        index="".join(_render_index(group, endpoints) for group, endpoints in groups.items()),
        about="".join(f"<p>{_render_inline_code(part)}</p>" for part in info["description"].split("\n\n")),
        body="".join(
            f"<h2>{escape(group)}</h2>{''.join(map(_render_endpoint, endpoints))}"
            for group, endpoints in groups.items()
        ),
        types="".join(_render_type(name, schema) for name, schema in document["components"]["schemas"].items()),
    )


def _render_index(group: str, endpoints: list[_Endpoint]) -> str:
    """Render the links to the endpoints of one group."""
    links = (
        f'<li><a href="#{endpoint.description["operationId"]}">{_render_call(endpoint)}</a>' for endpoint in endpoints
    )
    return f"<h2>{escape(group)}</h2><ul>{''.join(links)}</ul>"


def _render_call(endpoint: _Endpoint) -> str:
    """Render `GET /path`, with the method in its colour."""
    method = f'<span class="{endpoint.method}">{endpoint.method.upper()}</span>'
    return f"<code>{method} {escape(endpoint.path)}</code>"


def _render_endpoint(endpoint: _Endpoint) -> str:
    """Render the section of one endpoint."""
    parts = "".join(_render_endpoint_parts(endpoint.description))
    return f'<section id="{endpoint.description["operationId"]}"><h3>{_render_call(endpoint)}</h3>{parts}</section>'


def _render_endpoint_parts(description: dict[str, Any]) -> Iterator[str]:
    """Render description, parameters, request body and responses of one endpoint."""
    yield f"<p>{_render_inline_code(description['description'])}</p>"
    if parameters := description.get("parameters"):
        rows = [
            (
                _render_code(parameter["name"]),
                escape(parameter["in"]),
                _render_type_name(parameter["schema"]),
                _render_inline_code(parameter["description"]),
            )
            for parameter in parameters
        ]
        yield _render_table(("Parameter", "In", "Type", "Description"), rows)
    if body := description.get("requestBody"):
        content = body["content"]["application/json"]
        yield f"<p>Body: {_render_type_name(content['schema'])}, for example</p>{_render_example(content['example'])}"
    responses = [_render_response_row(status, response) for status, response in description["responses"].items()]
    yield _render_table(("Status", "Body", "When"), responses)


def _render_response_row(status: str, response: dict[str, Any]) -> tuple[str, str, str]:
    """Render one response as the cells of a row."""
    if "$ref" in response:
        response = build_openapi()["components"]["responses"][_get_reference_name(response["$ref"])]
    bodies = [
        _render_type_name(content["schema"]) if media.endswith("json") and content["schema"] else _render_code(media)
        for media, content in response.get("content", {}).items()
    ]
    return _render_code(status), ", ".join(bodies), escape(response["description"])


def _render_type(name: str, schema: dict[str, Any]) -> str:
    """Render the section of one type."""
    required = set(schema.get("required", ()))
    rows = [
        (
            _render_code(field),
            _render_type_name(field_schema),
            "yes" if field in required else "",
            _render_inline_code(_describe_field(field_schema)),
        )
        for field, field_schema in schema["properties"].items()
    ]
    table = _render_table(("Field", "Type", "Always", "Description"), rows)
    description = _render_inline_code(schema["description"])
    return f'<section id="{name}"><h3>{escape(name)}</h3><p>{description}</p>{table}</section>'


def _describe_field(schema: dict[str, Any]) -> str:
    """Describe a field: what it is, if the schema says so, and its limits."""
    inner = next((option for option in schema.get("anyOf", ()) if option.get("type") != "null"), schema)
    limits = [sentence.format(inner[key]) for key, sentence in _LIMIT_SENTENCES.items() if key in inner]
    description = schema.get("description") or inner.get("description", "")
    return ". ".join(part.rstrip(".") for part in (description, ", ".join(limits)) if part)


def _render_type_name(schema: dict[str, Any]) -> str:
    """Render the type of a value, with a link if it has a section of its own."""
    if "$ref" in schema:
        name = _get_reference_name(schema["$ref"])
        return f'<a href="#{name}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(_render_type_name(option) for option in schema["anyOf"] if option)
    if "enum" in schema:
        return " | ".join(_render_code(str(value)) for value in schema["enum"] if value != "")
    if schema.get("type") == "array":
        return f"list of {_render_type_name(schema['items'])}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_render_type_name(schema['additionalProperties'])}"
    return escape(schema.get("format") or schema.get("type") or "anything")


def _get_reference_name(reference: str) -> str:
    """Return the name at the end of a reference."""
    return reference.rpartition("/")[2]


def _render_example(document: Any) -> str:
    """Render an example body."""
    return f"<pre><code>{escape(json.dumps(document, indent=2, ensure_ascii=False))}</code></pre>"


def _render_code(text: str) -> str:
    """Render text as code."""
    return f"<code>{escape(text)}</code>"


def _render_inline_code(text: str) -> str:
    """Render text in which backquotes mark code."""
    pieces = text.split("`")
    return "".join(_render_code(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces))


def _render_table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Render a table whose cells are HTML already."""
    top = "".join(f'<th scope="col">{escape(head)}' for head in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in rows)
    return f'<div class="wide"><table><tr>{top}</tr>{lines}</table></div>'
