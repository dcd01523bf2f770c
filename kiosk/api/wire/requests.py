"""Request models: what other devices post, checked field by field."""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from data.lead_limits import MAX_ANSWERS, MAX_LIST_BYTES
from kiosk.api.wire.problems import ApiProblem
from kiosk.importing.timestamps import MAX_TIMESTAMP, MIN_TIMESTAMP

MAX_BULK_CONTACTS = 100

MAX_PAGE_LEADS = 200

MAX_CLIENT_ID_CHARACTERS = 200

# Characters that show nothing. `\s` would differ between Python and the programs that read our OpenAPI document.
_BLANK_CHARACTERS = r"\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"

# The end of a pattern: in Python, `$` alone also matches before a final line break.
_END_OF_TEXT = r"$(?!\n)"

_PRINTABLE_PATTERN = f"^[ -~]+{_END_OF_TEXT}"
_EMAIL_PATTERN = f"^(?:[^@{_BLANK_CHARACTERS}]+@[^@{_BLANK_CHARACTERS}]+|){_END_OF_TEXT}"
_NOT_BLANK_PATTERN = f"[^{_BLANK_CHARACTERS}]"

_PATTERN_SENTENCES = {
    _PRINTABLE_PATTERN: "it must consist of printable ASCII characters",
    _EMAIL_PATTERN: "it is not an e-mail address",
    _NOT_BLANK_PATTERN: "it must not be blank",
}

_ClientId = Annotated[
    str,
    Meta(
        min_length=1, max_length=MAX_CLIENT_ID_CHARACTERS, pattern=_PRINTABLE_PATTERN, description="Made by the client."
    ),
]
_ShortText = Annotated[str, Meta(max_length=500)]
_EmailAddress = Annotated[str, Meta(max_length=320, pattern=_EMAIL_PATTERN)]
_LongText = Annotated[str, Meta(max_length=10_000)]
_ScanTime = Annotated[datetime, Meta(tz=True, description="When it was scanned, by the client's clock.")]

_Model = TypeVar("_Model")

# The end of msgspec's messages, which names the field. For a key of an object it does not say which key.
_FIELD_PATH_PATTERN = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*?)(?:\[\.\.\.\])?`$")
_UNKNOWN_FIELD_PATTERN = re.compile(r"unknown field `(.*)`", re.DOTALL)
_MISSING_FIELD_PATTERN = re.compile(r"missing required field `([^`]*)`")


class ContactFields(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """The fields of a person; `null` changes nothing, like a missing field."""

    name: _ShortText | None = None
    first_name: _ShortText | None = None
    last_name: _ShortText | None = None
    email: _EmailAddress | None = None
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
    """A person who was met; a `payload` is parsed like a badge that the camera sees."""

    client_id: _ClientId | None = None
    payload: Annotated[str, Meta(min_length=1, max_length=3000, description="The badge's text.")] | None = None
    operator: Annotated[str, Meta(max_length=200)] | None = None
    scanned_at: _ScanTime | None = None


class BulkRequest:
    """The body of a bulk request. Its items are checked one by one, so its schema is in `kiosk.api.docs.openapi`."""


class DiscardRequest(Struct, forbid_unknown_fields=True):
    """Why a lead is not to be sent to the CRM."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000, pattern=_NOT_BLANK_PATTERN)]


class PairRequest(Struct, forbid_unknown_fields=True):
    """A pairing code, posted by the device that scanned it."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=_NOT_BLANK_PATTERN)] = "device"


def parse_contact(document: Any) -> NewContact:
    """
    Check one posted contact.

    Raises:
        ApiProblem: a field is wrong; it is named.
    """
    contact = convert_document(document, NewContact)
    _check_answers_size(contact)
    if contact.scanned_at and not MIN_TIMESTAMP <= contact.scanned_at.timestamp() < MAX_TIMESTAMP:
        raise ApiProblem(422, "scanned_at: it must be from 1970 to 2199.", field="scanned_at")
    return contact


def parse_changes(document: Any) -> ContactFields:
    """
    Check the fields that are to be changed in a lead.

    Raises:
        ApiProblem: a field is wrong; it is named.
    """
    fields = convert_document(document, ContactFields)
    _check_answers_size(fields)
    return fields


def _check_answers_size(fields: ContactFields) -> None:
    """
    Check that tags and answers together fit into a lead; tags alone always do.

    Raises:
        ApiProblem: they do not; it names the limit.
    """
    if not fields.answers:
        return
    texts = (*(fields.tags or ()), *fields.answers, *fields.answers.values())
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    if size > MAX_LIST_BYTES:
        detail = f"answers: tags and answers have {size} bytes together; at most {MAX_LIST_BYTES} are allowed."
        raise ApiProblem(422, detail, field="answers", limit=MAX_LIST_BYTES)


def convert_document(document: Any, model: type[_Model]) -> _Model:
    """
    Convert decoded JSON to a *model*.

    Raises:
        ApiProblem: it does not fit; the wrong field is named.
    """
    if isinstance(document, dict) and isinstance(rating := document.get("rating"), float) and rating.is_integer():
        document["rating"] = int(rating)  # JSON has one kind of number: 4.0 is 4
    try:
        return msgspec.convert(document, model)
    except msgspec.ValidationError as error:
        raise _explain_validation_error(error) from None


def _explain_validation_error(error: msgspec.ValidationError) -> ApiProblem:
    """Translate a message of msgspec such as "Expected `int` <= 5 - at `$.rating`"."""
    message = str(error)
    place = (
        _FIELD_PATH_PATTERN.search(message)
        or _UNKNOWN_FIELD_PATTERN.search(message)
        or _MISSING_FIELD_PATTERN.search(message)
    )
    field, what = place[1] if place else "", _FIELD_PATH_PATTERN.sub("", message)
    for pattern, sentence in _PATTERN_SENTENCES.items():
        what = sentence if what.endswith(f"matching regex {pattern!r}") else what
    if _UNKNOWN_FIELD_PATTERN.search(what):
        what = "there is no such field"
    if field == "answers" and what.startswith("Expected `object` of length"):
        what = f"at most {MAX_ANSWERS} answers are allowed"
    return ApiProblem(422, f"{field}: {what[:1].lower()}{what[1:]}." if field else f"{what}.", field=field)
