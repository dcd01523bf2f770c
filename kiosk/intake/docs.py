"""The API's document as a page: plain HTML, made here, that needs no script and no internet."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from typing import Any

from kiosk.intake.openapi import openapi

PAGE = """<!doctype html>
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
def docs_page() -> str:
    """The whole page."""
    document = openapi()
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append((method, path, operation))
    info = document["info"]
    return PAGE.format(
        title=escape(info["title"]),
        version=escape(info["version"]),
        index="".join(index(group, found) for group, found in groups.items()),
        about="".join(f"<p>{marked(part)}</p>" for part in info["description"].split("\n\n")),
        body="".join(f"<h2>{escape(group)}</h2>{''.join(map(section, found))}" for group, found in groups.items()),
        types="".join(described(name, schema) for name, schema in document["components"]["schemas"].items()),
    )


def index(group: str, found: list[tuple[str, str, dict[str, Any]]]) -> str:
    """The links to one group."""
    links = (f'<li><a href="#{operation["operationId"]}">{call(method, path)}</a>' for method, path, operation in found)
    return f"<h2>{escape(group)}</h2><ul>{''.join(links)}</ul>"


def call(method: str, path: str) -> str:
    """`GET /path`, in colours."""
    return f'<code><span class="{method}">{method.upper()}</span> {escape(path)}</code>'


def section(found: tuple[str, str, dict[str, Any]]) -> str:
    """One endpoint."""
    method, path, operation = found
    return (
        f'<section id="{operation["operationId"]}"><h3>{call(method, path)}</h3>{"".join(parts(operation))}</section>'
    )


def parts(operation: dict[str, Any]) -> Iterator[str]:
    """What there is to say of an endpoint."""
    yield f"<p>{marked(operation['description'])}</p>"
    if given := operation.get("parameters"):
        rows = [
            (code(one["name"]), escape(one["in"]), kind(one["schema"]), marked(one["description"])) for one in given
        ]
        yield table(("Parameter", "In", "Type", "What it is"), rows)
    if body := operation.get("requestBody"):
        content = body["content"]["application/json"]
        yield f"<p>Body: {kind(content['schema'])}, such as</p>{example(content['example'])}"
    yield table(("Status", "Body", "When"), [answer(status, found) for status, found in operation["responses"].items()])


def answer(status: str, found: dict[str, Any]) -> tuple[str, str, str]:
    """One answer as a row."""
    if "$ref" in found:
        found = openapi()["components"]["responses"][last(found["$ref"])]
    bodies = [
        kind(content["schema"]) if media.endswith("json") and content["schema"] else code(media)
        for media, content in found.get("content", {}).items()
    ]
    return code(status), ", ".join(bodies), escape(found["description"])


def described(name: str, schema: dict[str, Any]) -> str:
    """One type."""
    needed = set(schema.get("required", ()))
    rows = [
        (code(key), kind(value), "yes" if key in needed else "", marked(about(value)))
        for key, value in schema["properties"].items()
    ]
    fields = table(("Field", "Type", "Always", "What it is"), rows)
    return f'<section id="{name}"><h3>{escape(name)}</h3><p>{marked(schema["description"])}</p>{fields}</section>'


def about(schema: dict[str, Any]) -> str:
    """What a field is, where that is said, and what it may hold."""
    inner = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    names = {"maxLength": "at most {} characters", "maxItems": "at most {}", "minimum": "from {}", "maximum": "to {}"}
    limits = [said.format(inner[key]) for key, said in names.items() if key in inner]
    said = schema.get("description") or inner.get("description", "")
    return ". ".join(part.rstrip(".") for part in (said, ", ".join(limits)) if part)


def kind(schema: dict[str, Any]) -> str:
    """The type of a value, with a link where it is one of ours."""
    if "$ref" in schema:
        return f'<a href="#{last(schema["$ref"])}">{escape(last(schema["$ref"]))}</a>'
    if "anyOf" in schema:
        return " or ".join(kind(one) for one in schema["anyOf"] if one)
    if "enum" in schema:
        return " | ".join(code(str(one)) for one in schema["enum"] if one != "")
    if schema.get("type") == "array":
        return f"list of {kind(schema['items'])}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {kind(schema['additionalProperties'])}"
    return escape(schema.get("format") or schema.get("type") or "anything")


def last(reference: str) -> str:
    """The name at the end of a reference."""
    return reference.rpartition("/")[2]


def example(document: Any) -> str:
    """A body as one would type it."""
    return f"<pre><code>{escape(json.dumps(document, indent=2, ensure_ascii=False))}</code></pre>"


def code(text: str) -> str:
    """Something to be typed."""
    return f"<code>{escape(text)}</code>"


def marked(text: str) -> str:
    """Text in which `code` is marked."""
    pieces = text.split("`")
    return "".join(code(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces))


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table; its cells are HTML already."""
    top = "".join(f'<th scope="col">{escape(head)}' for head in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}" for row in rows)
    return f'<div class="wide"><table><tr>{top}</tr>{lines}</table></div>'
