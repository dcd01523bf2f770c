"""The words in braces that the URLs and bodies of `[crm.rest]` may have, and the addresses that they may lead to."""

from typing import Any

from sync.settings.quoting import quote_url
from sync.settings.urls import check_url, parse_origin
from sync.template import find_placeholders

CONTACT_API_FIELDS = {name: name for name in (
    "first_name", "last_name", "name", "email", "phone", "company", "job_title", "website", "address", "city",
    "region", "postcode", "country", "badge_id", "rating", "note", "tags", "answers", "event", "scanned_at", "revision",
)}  # fmt: skip
"""The field names of the practice CRM's API: our own, and what is sent where nothing is mapped."""

OUR_FIELDS = (*CONTACT_API_FIELDS, "badge_text")
"""All that can be mapped: what a badge said, word for word, is sent only where somebody wants it."""

_OTHER_PLACEHOLDERS = ("lead_id", "remote_id", "fields")
"""What may stand in braces beside the names of our fields."""

FIRST_ID_PLACEHOLDER = "first_id"
"""In the second call: the id of what the first one made."""

_ALWAYS_SET_PLACEHOLDERS = frozenset(
    {"lead_id", "event", "scanned_at", "revision", "remote_id", FIRST_ID_PLACEHOLDER, "fields"}
)
"""The words that every lead has a value for."""


def check_placeholders(key: str, template: Any, *more: str, without: tuple[str, ...] = ()) -> None:
    """Raise ValueError where *template*, at *key*, has a word in braces that stands for nothing there."""
    known = [word for word in (*OUR_FIELDS, *_OTHER_PLACEHOLDERS, *more) if word not in without]
    if unknown := find_placeholders(template) - set(known):
        raise ValueError(f"rest.{key}: {{{min(unknown)}}} stands for nothing; there are {', '.join(known)}.")


def check_endpoint(key: str, url: str, base: str) -> None:
    """Raise ValueError where *url*, at *key*, cannot be a URL, or leads to another host than *base*."""
    if not url:
        return
    check_url(f"rest.{key}", url)
    if parse_origin(url) != parse_origin(base):
        raise ValueError(f"rest.{key}: it must be on the same host as {quote_url(base)}.")


def find_optional_placeholders(template: Any) -> list[str]:
    """The words of *template* that some leads have no value for, in the order of the alphabet."""
    return sorted(find_placeholders(template) - _ALWAYS_SET_PLACEHOLDERS)
