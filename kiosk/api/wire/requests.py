"""What other devices post: typed, limited, and refused with the name of the field that is wrong."""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from data.lead_limits import MAX_ANSWERS, MAX_LIST_BYTES
from kiosk.importing.timestamps import MAX_TIMESTAMP, MIN_TIMESTAMP

MAX_PAGE_LEADS = 200
"""Leads on a page."""

MAX_BULK_CONTACTS = 100
"""Contacts that one call may hold."""

MAX_CLIENT_ID_CHARACTERS = 200

_BLANK_CHARACTERS = r"\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What shows nothing; `\\s` is not the same in Python as in the programs of those who read the API's document."""

END_OF_TEXT = r"$(?!\n)"
"""Of a text, also for Python: to it `$` is before a last line break, too."""

_PRINTABLE_PATTERN, _EMAIL_PATTERN, NOT_BLANK_PATTERN = (
    f"^[ -~]+{END_OF_TEXT}",
    f"^(?:[^@{_BLANK_CHARACTERS}]+@[^@{_BLANK_CHARACTERS}]+|){END_OF_TEXT}",
    f"[^{_BLANK_CHARACTERS}]",
)
"""What texts must look like; `complaint` says it in words."""

ClientId = Annotated[
    str,
    Meta(
        min_length=1, max_length=MAX_CLIENT_ID_CHARACTERS, pattern=_PRINTABLE_PATTERN, description="Made by the client."
    ),
]
_ShortText = Annotated[str, Meta(max_length=500)]
EmailAddress = Annotated[str, Meta(max_length=320, pattern=_EMAIL_PATTERN)]
_LongText = Annotated[str, Meta(max_length=10_000)]
_ScanTime = Annotated[datetime, Meta(tz=True, description="When it was scanned, by the client's clock.")]

Shape = TypeVar("Shape")

_FIELD_PATH_PATTERN = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*?)(?:\[\.\.\.\])?`$")
"""Where msgspec says that it found something; the key of an object is not told."""

_UNKNOWN_FIELD_PATTERN = re.compile(r"unknown field `(.*)`", re.DOTALL)
_MISSING_FIELD_PATTERN = re.compile(r"missing required field `([^`]*)`")

_PATTERN_SENTENCES = {
    _PRINTABLE_PATTERN: "it must be of printable ASCII characters",
    _EMAIL_PATTERN: "that is no e-mail address",
    NOT_BLANK_PATTERN: "it must not be blank",
}


class ContactFields(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What can be said of a person; `null`, like nothing, leaves as is."""

    name: _ShortText | None = None
    first_name: _ShortText | None = None
    last_name: _ShortText | None = None
    email: EmailAddress | None = None
    phone: _ShortText | None = None
    company: _ShortText | None = None
    job_title: _ShortText | None = None
    website: _ShortText | None = None
    address: _ShortText | None = None
    city: _ShortText | None = None
    region: _ShortText | None = None
    postcode: _ShortText | None = None
    country: _ShortText | None = None
    badge_id: Annotated[str, Meta(max_length=200)] | None = None
    rating: Annotated[int, Meta(ge=1, le=5)] | None = None
    note: _LongText | None = None
    tags: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(max_length=50)] | None = None
    answers: (
        Annotated[dict[Annotated[str, Meta(min_length=1, max_length=200)], _LongText], Meta(max_length=MAX_ANSWERS)]
        | None
    ) = None


class NewContact(ContactFields, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A person who was met; a badge's payload is read as the camera's would be."""

    client_id: ClientId | None = None
    payload: Annotated[str, Meta(min_length=1, max_length=3000, description="The badge's text.")] | None = None
    operator: Annotated[str, Meta(max_length=200)] | None = None
    scanned_at: _ScanTime | None = None


class ApiProblem(Exception):
    """Something that is wrong with a call, or with one item of it; `str()` says what and how to mend it."""

    def __init__(self, status: int, sentence: str, *, field: str = "", **more: Any) -> None:
        super().__init__(sentence)
        self.status = status
        self.field = field
        self.extra = more

    def to_dict(self) -> dict[str, Any]:
        """The same as RFC 9457 has it."""
        named = {"field": self.field} if self.field else {}
        return {
            "type": "about:blank",
            "title": STATUS_TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": str(self),
            **named,
            **self.extra,
        }


STATUS_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
    507: "Insufficient Storage",
}


def parse_contact(document: Any) -> NewContact:
    """
    One posted contact.

    Raises:
        Problem: it is none, with the field that is wrong.
    """
    contact = convert_document(document, NewContact)
    _check_size(contact)
    if contact.scanned_at and not MIN_TIMESTAMP <= contact.scanned_at.timestamp() < MAX_TIMESTAMP:
        raise ApiProblem(422, "scanned_at: it must be from 1970 to 2199.", field="scanned_at")
    return contact


def parse_changes(document: Any) -> ContactFields:
    """
    What is to be changed in a lead.

    Raises:
        Problem: it cannot be, with the field that is wrong.
    """
    fields = convert_document(document, ContactFields)
    _check_size(fields)
    return fields


def _check_size(fields: ContactFields) -> None:
    """
    See that tags and answers hold no more than a lead may; tags alone cannot.

    Raises:
        Problem: they do; it names the limit.
    """
    if not fields.answers:
        return
    texts = (*(fields.tags or ()), *fields.answers, *fields.answers.values())
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    if size > MAX_LIST_BYTES:
        sentence = f"answers: tags and answers have {size} bytes together; {MAX_LIST_BYTES} is the most."
        raise ApiProblem(422, sentence, field="answers", limit=MAX_LIST_BYTES)


def convert_document(document: Any, kind: type[Shape]) -> Shape:
    """
    *document* as a *kind*.

    Raises:
        Problem: it does not fit, with the field that is wrong.
    """
    if isinstance(document, dict) and isinstance(rating := document.get("rating"), float) and rating.is_integer():
        document["rating"] = int(rating)  # JSON has one kind of number: 4.0 is 4
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise explain_validation_error(error) from None


def explain_validation_error(error: msgspec.ValidationError) -> ApiProblem:
    """What msgspec found, with the field taken out of "Expected `int` <= 5 - at `$.rating`"."""
    said = str(error)
    place = (
        _FIELD_PATH_PATTERN.search(said) or _UNKNOWN_FIELD_PATTERN.search(said) or _MISSING_FIELD_PATTERN.search(said)
    )
    field, what = place[1] if place else "", _FIELD_PATH_PATTERN.sub("", said)
    for pattern, words in _PATTERN_SENTENCES.items():
        what = words if what.endswith(f"matching regex {pattern!r}") else what
    if _UNKNOWN_FIELD_PATTERN.search(what):
        what = "there is no such field"
    if field == "answers" and what.startswith("Expected `object` of length"):
        what = f"at most {MAX_ANSWERS} answers are taken"
    return ApiProblem(422, f"{field}: {what[:1].lower()}{what[1:]}." if field else f"{what}.", field=field)


class DiscardRequest(Struct, forbid_unknown_fields=True):
    """Why a lead is kept from the CRM."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000, pattern=NOT_BLANK_PATTERN)]


class PairRequest(Struct, forbid_unknown_fields=True):
    """What a device says that scanned the code."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=NOT_BLANK_PATTERN)] = "device"
