"""The placeholders in URLs and bodies of `[crm.rest]`, and the hosts that its URLs may name."""

from typing import Any

from data.language import _
from sync.settings.quoting import quote_url
from sync.settings.urls import check_url, parse_origin
from sync.template import find_placeholders

CONTACT_API_FIELDS = {name: name for name in (
    "first_name", "last_name", "name", "email", "phone", "company", "job_title", "website", "address", "city",
    "region", "postcode", "country", "badge_id", "rating", "note", "tags", "answers", "event", "scanned_at", "revision",
)}  # fmt: skip
"""The field names of the practice CRM's API: our own, and the mapping if none is configured."""

OUR_FIELDS = (*CONTACT_API_FIELDS, "badge_text")
"""All fields that can be mapped; the verbatim text of a badge is sent only if it is mapped."""

_OTHER_PLACEHOLDERS = ("lead_id", "remote_id", "fields")
"""Placeholders besides the names of our fields."""

FIRST_ID_PLACEHOLDER = "first_id"
"""In the second call: the id of the record of the first one."""

_ALWAYS_SET_PLACEHOLDERS = frozenset(
    {"lead_id", "event", "scanned_at", "revision", "remote_id", FIRST_ID_PLACEHOLDER, "fields"}
)
"""Placeholders that have a value for every lead."""


def check_placeholders(key: str, template: Any, *more: str, without: tuple[str, ...] = ()) -> None:
    """Raise ValueError if *template*, at *key*, has an unknown placeholder."""
    known = [word for word in (*OUR_FIELDS, *_OTHER_PLACEHOLDERS, *more) if word not in without]
    if unknown := find_placeholders(template) - set(known):
        sentence = _("{key}: there is no placeholder {placeholder}. The placeholders are: {known}.")
        raise ValueError(sentence.format(key=f"rest.{key}", placeholder=f"{{{min(unknown)}}}", known=", ".join(known)))


def check_endpoint(key: str, url: str, base: str) -> None:
    """Raise ValueError if *url*, at *key*, is not a URL, or is on another host than *base*."""
    if not url:
        return
    check_url(f"rest.{key}", url)
    if parse_origin(url) != parse_origin(base):
        sentence = _("{key}: must be on the same host as {url}.")
        raise ValueError(sentence.format(key=f"rest.{key}", url=quote_url(base)))


def find_optional_placeholders(template: Any) -> list[str]:
    """Return the placeholders of *template* that are empty for some leads, sorted."""
    return sorted(find_placeholders(template) - _ALWAYS_SET_PLACEHOLDERS)
