"""A row of a list -> a lead to be saved, or a sentence on why it is none."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from data.badge_text import ROW_KIND
from data.cell_codec import decode_list, decode_table, unescape_formula
from data.contact import CONTACT_FIELDS, Contact
from data.lead import Lead
from data.lead_limits import LeadTooLarge, check_lead_size
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.html import strip_markup
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.stored_id import to_stored_id
from kiosk.importing.badge_ids import parse_ids
from kiosk.importing.columns.cells import normalize_cell
from kiosk.importing.columns.names import add_name_prefix, split_reversed_name
from kiosk.importing.columns.values import has_lost_digits, normalize_field
from kiosk.importing.ratings import DEFAULT_RATING_WORDS, parse_rating
from kiosk.importing.tables.table import cell_to_text
from kiosk.importing.timestamps import parse_timestamp

_MAX_LINE_CHARACTERS, _MAX_NOTE_CHARACTERS = 500, 10_000
"""Characters of a line of text, and of a note."""


class SecretPayloadError(ValueError):
    """The row holds a payload that is nobody's business."""


@dataclass(frozen=True, slots=True)
class LeadRow:
    """What a row says."""

    lead: Lead
    """Its id is that of another kiosk's lead; empty where the row names none."""
    payload: bytes
    """What the row's badge carried; without one, all that the row says."""
    stored_payload: bytes
    """What is stored of it."""
    content_hash: bytes
    """The same for every row that says the same, however it is written."""
    scan_kind: str
    """Of badge, where the payload is one."""
    scanned_at: float | None
    operator: str
    discard_reason: str | None
    """Why a person at the other kiosk decided against it; None where nobody did."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """What was left out because it could not be understood, by field."""


@dataclass(frozen=True, slots=True)
class LeadRowParser:
    """Reads the rows of one list."""

    event: str
    """Where leads were met that do not say it themselves."""
    profile: BadgeProfile
    field_indexes: Mapping[str, Sequence[int]]
    """In which columns each field is, the first first."""
    is_sheet: bool = True
    """Whether the cells were made for a spreadsheet, in which an apostrophe stands before what would be a formula."""
    day_first: bool | None = None
    rating_words: Sequence[str] = DEFAULT_RATING_WORDS
    """What 1 to 5 are called in the CRM."""
    are_names_reversed: bool = False
    """Whether whole names are written as `Lopez, Ana`."""

    def parse_row(self, cells: Sequence[Any]) -> LeadRow:
        """
        The lead in a row.

        Raises:
            ValueError: there is none, and why; a `SecretError` where nobody may keep it.
        """
        values = {name: self._find_first(cells, name) for name in self.field_indexes}
        lead_id = _parse_lead_id(values.get("lead_id"))
        # What a kiosk wrote is taken as it is; what people typed is tidied up.
        line = _read_exact if lead_id else _read_tidy
        reading, payload = self.read_badge_cell(values.get("payload"))
        badge_text = self.read_badge_text(values.get("badge_text"))
        unread: dict[str, str] = {}
        contact = Contact(*(line(name, values.get(name)) for name in CONTACT_FIELDS))
        if not lead_id:
            contact = self._normalize_contact(contact, unread)
            prefix = line("name_prefix", values.get("name_prefix"))
            contact = replace(contact, last_name=add_name_prefix(prefix, contact.last_name))
        badge_id = (
            to_stored_id(line("badge_id", values.get("badge_id"))) if lead_id else self._read_badge_id(cells, unread)
        )
        rating, word = parse_rating(values.get("rating"), self.rating_words)
        if word:
            unread["rating"] = word
        lead = Lead(
            id=lead_id,
            event=line("event", values.get("event")) or self.event,
            kind="import"
            if any(getattr(contact, name) for name in CONTACT_FIELDS)
            else "id"
            if badge_id
            else "unknown",
            contact=contact,
            badge_id=badge_id,
            answers=_parse_answers(values.get("answers")),
            rating=rating,
            note=_read_exact("note", values.get("note")) if lead_id else _read_note(values.get("note")),
            tags=_parse_tags(values.get("tags"), is_exact=bool(lead_id)),
        )
        if reading is not None:
            lead = _merge_badge(lead, reading)
        if lead.kind == "unknown" and not lead_id and reading is None:
            raise ValueError("it says nothing of the person")
        at = parse_timestamp(values.get("scanned_at"), self.day_first)
        operator = line("operator", values.get("operator"))
        try:
            check_lead_size(lead)
        except LeadTooLarge as error:
            raise ValueError(f"it has {error}") from None
        scanned = payload or badge_text
        said = _serialize_row(lead, at, operator, hashlib.sha256(scanned).hexdigest() if scanned else "")
        kept = badge_text if reading is None else payload if reading.stored_payload is None else reading.stored_payload
        return LeadRow(
            lead=lead,
            payload=scanned or said,
            stored_payload=kept or said,
            content_hash=hashlib.sha256(said).digest(),
            scan_kind=lead.kind if kept else ROW_KIND,
            scanned_at=at,
            operator=operator,
            discard_reason=_read_exact("reason", values.get("reason")) if lead_id and _is_discarded(values) else None,
            unread=unread,
        )

    def _find_first(self, cells: Sequence[Any], name: str) -> Any:
        """The first cell of the field *name* that holds anything, as it was meant."""
        found = [cells[place] for place in self.field_indexes[name] if place < len(cells)]
        cell = next(
            (cell for cell in found if normalize_cell(name, cell_to_text(cell)).strip()), found[0] if found else None
        )
        return unescape_formula(cell) if self.is_sheet and isinstance(cell, str) else cell

    def _normalize_contact(self, contact: Contact, unread: dict[str, str]) -> Contact:
        """*contact* as a person means it: no phone number that has lost digits, and `Lopez, Ana` as it is said."""
        if has_lost_digits(contact.phone):
            unread["phone"] = contact.phone
            contact = replace(contact, phone="")
        marked = ("email", "phone", "postcode") if self.is_sheet else ("email",)
        fields = {name: normalize_field(name, getattr(contact, name)) for name in marked}
        contact = replace(contact, **fields)
        first, last = split_reversed_name(contact.name) if self.are_names_reversed else ("", "")
        return replace(contact, name=f"{first} {last}", first_name=first, last_name=last) if first else contact

    def _read_badge_id(self, cells: Sequence[Any], unread: dict[str, str]) -> str:
        """The id on the badge, in the form in which badges' are kept; what holds none is *unread*."""
        for place in self.field_indexes.get("badge_id", ()):
            text = _read_tidy("badge_id", cells[place] if place < len(cells) else None)
            try:
                ids = parse_ids(unescape_formula(text) if self.is_sheet else text, self.profile)
            except ValueError:
                unread.setdefault("badge_id", text[:40])
                continue
            if ids:
                return ids[0]
        return ""

    def read_badge_cell(self, cell: Any) -> tuple[Badge | None, bytes]:
        """
        The badge in *cell*, read as the camera's would be, and its payload.

        Raises:
            ValueError: it is none that may be kept.
        """
        text = _read_exact("payload", cell)
        if not text:
            return None, b""
        payload = text.encode()
        reading = read_badge(payload, text, self.profile)
        if isinstance(reading, RefusedPayload):
            raise SecretPayloadError(f"its payload is refused: {reading.message.rstrip('.')}")
        if reading.kind == "test":
            raise ValueError("its payload is that of the test badge")
        return reading, payload

    def read_badge_text(self, cell: Any) -> bytes:
        """
        What another kiosk's export says that the badges of a lead said: it is kept, and what it says was read there.

        Raises:
            ValueError: it may not be kept.
        """
        text = _read_exact("badge_text", cell)
        reading = read_badge(text.encode(), text, self.profile) if text else None
        if isinstance(reading, RefusedPayload):
            raise SecretPayloadError(f"its badge_text is refused: {reading.message.rstrip('.')}")
        return text.encode() if reading is None or reading.stored_payload is None else reading.stored_payload


def _merge_badge(lead: Lead, reading: Badge) -> Lead:
    """*lead*, with what its badge says beside what the row does."""
    return replace(
        lead,
        kind=reading.kind,
        contact=lead.contact.fill_missing_from(reading.contact),
        badge_id=lead.badge_id or reading.badge_id,
        answers={**reading.answers, **lead.answers},
    )


def _serialize_row(lead: Lead, at: float | None, operator: str, payload: str) -> bytes:
    """All that a row says, in the one form in which rows are compared."""
    said = {
        "lead_id": lead.id,
        "event": lead.event,
        **{name: getattr(lead.contact, name) for name in CONTACT_FIELDS},
        "badge_id": lead.badge_id,
        "rating": lead.rating,
        "tags": lead.tags,
        "note": lead.note,
        "answers": lead.answers,
        "scanned_at": "" if at is None else str(int(at)),
        "operator": operator,
        "payload": payload,
    }
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False).encode()


def _is_discarded(values: Mapping[str, Any]) -> bool:
    """Whether the other kiosk's people decided against it."""
    return cell_to_text(values.get("state")).strip() == "discarded"


def _parse_lead_id(cell: Any) -> str:
    """
    The id of another kiosk's lead.

    Raises:
        ValueError: it is none.
    """
    text = cell_to_text(cell).strip()
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no lead_id of a kiosk; --map says which column is to be left out") from None


def _read_exact(name: str, cell: Any) -> str:
    """
    *cell* as it is, but for half characters, which no database takes.

    Raises:
        ValueError: it is no text, or too long.
    """
    if isinstance(cell, list | dict):
        raise ValueError(f"its {name} is no text")
    text = cell_to_text(cell).encode("utf-8", "replace").decode()
    if len(text) > _MAX_NOTE_CHARACTERS:
        raise ValueError(f"its {name} has {len(text)} characters; {_MAX_NOTE_CHARACTERS} is the most")
    return text


def _read_tidy(name: str, cell: Any) -> str:
    """*cell* on one line, without control characters; what is too long is cut off."""
    return collapse_line(normalize_cell(name, _read_exact(name, cell)))[:_MAX_LINE_CHARACTERS]


def _read_note(cell: Any) -> str:
    """*cell* without control characters and tags, line by line."""
    text = strip_markup(normalize_cell("note", _read_exact("note", cell)))
    return "\n".join(map(collapse_line, text.splitlines())).strip()


def collapse_line(text: str) -> str:
    """*text* on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _parse_tags(cell: Any, *, is_exact: bool = False) -> tuple[str, ...]:
    """The tags in a list, or in a cell that commas divide."""
    if isinstance(cell, list):
        parts = [_read_exact("tags", part) for part in cell]
    else:
        text = _read_exact("tags", cell)
        # Google divides a contact's labels in this way, and marks its own with a star.
        parts = text.split(" ::: ") if " ::: " in text and not is_exact else decode_list(text)
        if not is_exact:
            parts = [part.removeprefix("* ").strip('"') for part in parts if part != "* myContacts"]
    return tuple(dict.fromkeys(part for part in parts if part))


def _parse_answers(cell: Any) -> dict[str, str]:
    """The answers in an object, or in a cell such as `size: 10; when: soon`."""
    if isinstance(cell, dict):
        found = {_read_exact("answers", name): _read_exact("answers", value) for name, value in cell.items()}
    else:
        text = _read_exact("answers", cell)
        try:
            found = decode_table(text)
        except ValueError as error:
            raise ValueError(f"its answers: {error}") from None
    return found
