"""Templates with words in braces: what is not known is left out, and a URL keeps its shape."""

from typing import Any

import pytest

from sync.template import fill_template, fill_url

ANA = {
    "lead_id": "L1", "name": "Ana Lopez", "first_name": "", "last_name": "Lopez", "email": "ana@example.com",
    "phone": "", "company": None, "event": "Expo", "rating": 0, "tags": [],
    "fields": {"name": "Ana Lopez"}, "remote_id": 17,
}  # fmt: skip

BODIES: list[tuple[str, Any, Any]] = [
    ("a key", {"phone": "{phone}", "name": "{name}"}, {"name": "Ana Lopez"}),
    ("a list's item", {"tags": ["{company}", "{event}", "booth"]}, {"tags": ["Expo", "booth"]}),
    ("an object in a list", {"phones": [{"value": "{phone}", "primary": True}], "k": 1}, {"k": 1}),
    ("an object with a known word", {"a": {"p": "{phone}", "e": "{email}"}}, {"a": {"e": "ana@example.com"}}),
    ("an object within an object", {"a": {"b": {"c": "{phone}", "kind": "work"}}, "k": 1}, {"k": 1}),
    ("zero is known", {"rating": "{rating}"}, {"rating": 0}),
    ("nothing known of a list", {"tags": "{tags}"}, {}),
    ("text around a word stays", {"note": "Met at {event}"}, {"note": "Met at Expo"}),
    ("text around an unknown word, too", {"note": "Works at {company}"}, {"note": "Works at"}),
    ("words with nothing between", {"name": "{first_name} {last_name}"}, {"name": "Lopez"}),
    ("none of the words", {"name": "{first_name} - {company}", "k": 1}, {"k": 1}),
    ("what has no word", {"params": [], "context": {}, "y": ""}, {"params": [], "context": {}, "y": ""}),
    ("a whole object", ["{fields}"], [{"name": "Ana Lopez"}]),
    ("a remote call's arguments", ["{remote_id}", {"phone": "{phone}"}, {}], [17, {}, {}]),
    ("a condition", [["email", "=", "{email}"]], [["email", "=", "ana@example.com"]]),
    ("GraphQL's braces", {"query": "{ people(id: 1) { id } }"}, {"query": "{ people(id: 1) { id } }"}),
]  # fmt: skip


@pytest.mark.parametrize(("template", "document"), [case[1:] for case in BODIES], ids=[case[0] for case in BODIES])
def test_a_body_has_what_is_known(template: Any, document: Any) -> None:
    """And nothing in place of what is not."""
    assert fill_template(template, ANA) == document


def test_a_name_is_not_read_as_graphql() -> None:
    """Somebody whose badge says so cannot end the quotes; a word in another's value stays as it is."""
    values = {"name": 'Ana "} evil {', "email": "{name}"}
    query = 'mutation { make(name: "{name}", email: "{email}") { id } }'

    assert fill_template({"query": query}, values)["query"] == (
        'mutation { make(name: "Ana \\"} evil {", email: "{name}") { id } }'
    )
    assert fill_template({"note": 'He said "{name}"'}, values) == {"note": 'He said "Ana "} evil {"'}


URLS = [
    ("escaped", "https://x/a/{email}", "https://x/a/ana%40example.com"),
    ("a parameter that is unknown", "https://x/a?phone={phone}&email={email}", "https://x/a?email=ana%40example.com"),
    ("all of them unknown", "https://x/a?phone={phone}", "https://x/a?"),
    ("a parameter without a word", "https://x/a?q=&all", "https://x/a?q=&all"),
    ("brackets", "https://x/a?where[0][value]={lead_id}", "https://x/a?where[0][value]=L1"),
]


@pytest.mark.parametrize(("template", "url"), [case[1:] for case in URLS], ids=[case[0] for case in URLS])
def test_a_url_keeps_its_shape(template: str, url: str) -> None:
    """Whatever is in a word."""
    assert fill_url(template, ANA) == url
