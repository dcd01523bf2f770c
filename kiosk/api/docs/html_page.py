"""The API's document as a page: plain HTML, made here, that needs no script and no internet."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from typing import Any

from kiosk.api.docs.openapi import build_openapi

PAGE_TEMPLATE = """<!doctype html>
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
<p><a href="/openapi.json">openapi.json</a> is the same for programs; <a href="/numbers">the numbers</a>.</p></header>
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


@cache
def render_docs_page() -> str:
    """The whole page."""
    document = build_openapi()
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append((method, path, operation))
    info = document["info"]
    return PAGE_TEMPLATE.format(
        title=escape(info["title"]),
        version=escape(info["version"]),
        index="".join(render_index(group, found) for group, found in groups.items()),
        about="".join(f"<p>{render_inline_code(part)}</p>" for part in info["description"].split("\n\n")),
        body="".join(
            f"<h2>{escape(group)}</h2>{''.join(map(_render_endpoint, found))}" for group, found in groups.items()
        ),
        types="".join(render_type(name, schema) for name, schema in document["components"]["schemas"].items()),
    )


def render_index(group: str, found: list[tuple[str, str, dict[str, Any]]]) -> str:
    """The links to one group."""
    links = (
        f'<li><a href="#{operation["operationId"]}">{render_call(method, path)}</a>'
        for method, path, operation in found
    )
    return f"<h2>{escape(group)}</h2><ul>{''.join(links)}</ul>"


def render_call(method: str, path: str) -> str:
    """`GET /path`, in colours."""
    return f'<code><span class="{method}">{method.upper()}</span> {escape(path)}</code>'


def _render_endpoint(found: tuple[str, str, dict[str, Any]]) -> str:
    """One endpoint."""
    method, path, operation = found
    return f'<section id="{operation["operationId"]}"><h3>{render_call(method, path)}</h3>{"".join(render_endpoint_parts(operation))}</section>'


def render_endpoint_parts(operation: dict[str, Any]) -> Iterator[str]:
    """What there is to say of an endpoint."""
    yield f"<p>{render_inline_code(operation['description'])}</p>"
    if given := operation.get("parameters"):
        rows = [
            (
                render_code(one["name"]),
                escape(one["in"]),
                render_type_name(one["schema"]),
                render_inline_code(one["description"]),
            )
            for one in given
        ]
        yield render_table(("Parameter", "In", "Type", "What it is"), rows)
    if body := operation.get("requestBody"):
        content = body["content"]["application/json"]
        yield f"<p>Body: {render_type_name(content['schema'])}, such as</p>{render_example(content['example'])}"
    yield render_table(
        ("Status", "Body", "When"),
        [render_response_row(status, found) for status, found in operation["responses"].items()],
    )


def render_response_row(status: str, found: dict[str, Any]) -> tuple[str, str, str]:
    """One answer as a row."""
    if "$ref" in found:
        found = build_openapi()["components"]["responses"][get_reference_name(found["$ref"])]
    bodies = [
        render_type_name(content["schema"]) if media.endswith("json") and content["schema"] else render_code(media)
        for media, content in found.get("content", {}).items()
    ]
    return render_code(status), ", ".join(bodies), escape(found["description"])


def render_type(name: str, schema: dict[str, Any]) -> str:
    """One type."""
    needed = set(schema.get("required", ()))
    rows = [
        (
            render_code(key),
            render_type_name(value),
            "yes" if key in needed else "",
            render_inline_code(describe_field(value)),
        )
        for key, value in schema["properties"].items()
    ]
    fields = render_table(("Field", "Type", "Always", "What it is"), rows)
    return f'<section id="{name}"><h3>{escape(name)}</h3><p>{render_inline_code(schema["description"])}</p>{fields}</section>'


def describe_field(schema: dict[str, Any]) -> str:
    """What a field is, where that is said, and what it may hold."""
    inner = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    names = {"maxLength": "at most {} characters", "maxItems": "at most {}", "minimum": "from {}", "maximum": "to {}"}
    limits = [said.format(inner[key]) for key, said in names.items() if key in inner]
    said = schema.get("description") or inner.get("description", "")
    return ". ".join(part.rstrip(".") for part in (said, ", ".join(limits)) if part)


def render_type_name(schema: dict[str, Any]) -> str:
    """The type of a value, with a link where it is one of ours."""
    if "$ref" in schema:
        return f'<a href="#{get_reference_name(schema["$ref"])}">{escape(get_reference_name(schema["$ref"]))}</a>'
    if "anyOf" in schema:
        return " or ".join(render_type_name(one) for one in schema["anyOf"] if one)
    if "enum" in schema:
        return " | ".join(render_code(str(one)) for one in schema["enum"] if one != "")
    if schema.get("type") == "array":
        return f"list of {render_type_name(schema['items'])}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {render_type_name(schema['additionalProperties'])}"
    return escape(schema.get("format") or schema.get("type") or "anything")


def get_reference_name(reference: str) -> str:
    """The name at the end of a reference."""
    return reference.rpartition("/")[2]


def render_example(document: Any) -> str:
    """A body as one would type it."""
    return f"<pre><code>{escape(json.dumps(document, indent=2, ensure_ascii=False))}</code></pre>"


def render_code(text: str) -> str:
    """Something to be typed."""
    return f"<code>{escape(text)}</code>"


def render_inline_code(text: str) -> str:
    """Text in which `code` is marked."""
    pieces = text.split("`")
    return "".join(render_code(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces))


def render_table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table; its cells are HTML already."""
    top = "".join(f'<th scope="col">{escape(head)}' for head in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in rows)
    return f'<div class="wide"><table><tr>{top}</tr>{lines}</table></div>'
