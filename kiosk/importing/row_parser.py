"""Parses one row of a list into a lead, or raises the reason why it is not one."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data.badge_text import ROW_KIND
from data.cell_codec import unescape_formula
from data.contact import CONTACT_FIELDS, Contact
from data.language import _
from data.lead import Lead
from data.lead_limits import LeadTooLarge, check_lead_size
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.badges.stored_id import to_stored_id
from kiosk.importing.badge_ids import parse_ids
from kiosk.importing.cell_values import parse_answers, parse_lead_id, parse_tags, read_exact, read_note, read_tidy
from kiosk.importing.columns.cells import normalize_cell
from kiosk.importing.columns.names import add_name_prefix, split_reversed_name
from kiosk.importing.columns.values import has_lost_digits, normalize_field
from kiosk.importing.ratings import DEFAULT_RATING_WORDS, parse_rating
from kiosk.importing.tables.table import cell_to_text
from kiosk.importing.timestamps import parse_timestamp


class SecretPayloadError(ValueError):
    """The row contains a payload that must not be stored."""


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A parsed row."""

    lead: Lead
    """Its ID is that of another kiosk's lead; empty if the row names none."""
    payload: bytes
    """The payload of the row's badge; if it has none, the serialized row."""
    stored_payload: bytes
    """What is stored of it."""
    content_hash: bytes
    """A hash that is the same for all rows with equal content, however they are written."""
    scan_kind: str
    """The kind of badge, if the payload is one."""
    scanned_at: float | None
    operator: str
    discard_reason: str | None
    """Why a person at the other kiosk discarded the lead; None if nobody did."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Values that were left out because they could not be understood, by field."""


@dataclass(frozen=True, slots=True)
class LeadRowParser:
    """Parses the rows of one list."""

    event: str
    """The event of leads whose row does not name one."""
    profile: BadgeProfile
    field_indexes: Mapping[str, Sequence[int]]
    """The columns of each field, the main one first."""
    is_sheet: bool = True
    """Whether the cells are escaped for a spreadsheet, by an apostrophe before text that looks like a formula."""
    day_first: bool | None = None
    """Whether `05/06/2026` is 5 June; None if unknown."""
    rating_words: Sequence[str] = DEFAULT_RATING_WORDS
    """What ratings 1 to 5 are called in the CRM."""
    are_names_reversed: bool = False
    """Whether full names are written as `Lopez, Ana`."""

    def parse_row(self, cells: Sequence[Any]) -> LeadRow:
        """
        Parse a row.

        Raises:
            ValueError: it is not a lead; the message says why. `SecretPayloadError`: it must not be stored.
        """
        values = {name: self._find_first(cells, name) for name in self.field_indexes}
        badge, payload = self.read_badge_cell(values.get("payload"))
        badge_text = self.read_badge_text(values.get("badge_text"))
        unread: dict[str, str] = {}
        lead_id = parse_lead_id(values.get("lead_id"))
        # What another kiosk wrote is kept exactly; what people typed is tidied.
        read_text = read_exact if lead_id else read_tidy
        if lead_id:
            lead = self._parse_exported_lead(lead_id, values, unread)
        else:
            lead = self._parse_typed_lead(cells, values, unread)
        if badge is not None:
            lead = _merge_badge(lead, badge)
        elif lead.kind == "unknown" and not lead_id:
            raise ValueError(_("no name or contact details"))
        scanned_at = parse_timestamp(values.get("scanned_at"), self.day_first)
        operator = read_text("operator", values.get("operator"))
        try:
            check_lead_size(lead)
        except LeadTooLarge as error:
            raise ValueError(_("too large: {reason}").format(reason=error)) from None
        scanned = payload or badge_text
        content = _serialize_row(lead, scanned_at, operator, hashlib.sha256(scanned).hexdigest() if scanned else "")
        stored = _choose_stored_payload(badge, payload, badge_text)
        return LeadRow(
            lead=lead,
            payload=scanned or content,
            stored_payload=stored or content,
            content_hash=hashlib.sha256(content).digest(),
            scan_kind=lead.kind if stored else ROW_KIND,
            scanned_at=scanned_at,
            operator=operator,
            discard_reason=read_exact("reason", values.get("reason")) if lead_id and _is_discarded(values) else None,
            unread=unread,
        )

    def _parse_exported_lead(self, lead_id: str, values: Mapping[str, Any], unread: dict[str, str]) -> Lead:
        """Parse a lead from another kiosk's export; values that cannot be understood are added to *unread*."""
        contact = Contact(*(read_exact(name, values.get(name)) for name in CONTACT_FIELDS))
        badge_id = to_stored_id(read_exact("badge_id", values.get("badge_id")))
        return Lead(
            id=lead_id,
            event=read_exact("event", values.get("event")) or self.event,
            kind=_choose_kind(contact, badge_id),
            contact=contact,
            badge_id=badge_id,
            rating=self._parse_rating(values, unread),
            answers=parse_answers(values.get("answers")),
            note=read_exact("note", values.get("note")),
            tags=parse_tags(values.get("tags"), is_exact=True),
        )

    def _parse_typed_lead(self, cells: Sequence[Any], values: Mapping[str, Any], unread: dict[str, str]) -> Lead:
        """Parse a lead from a list that people made; values that cannot be understood are added to *unread*."""
        contact = Contact(*(read_tidy(name, values.get(name)) for name in CONTACT_FIELDS))
        contact = self._normalize_contact(contact, unread)
        prefix = read_tidy("name_prefix", values.get("name_prefix"))
        contact = replace(contact, last_name=add_name_prefix(prefix, contact.last_name))
        badge_id = self._read_badge_id(cells, unread)
        return Lead(
            id="",
            event=read_tidy("event", values.get("event")) or self.event,
            kind=_choose_kind(contact, badge_id),
            contact=contact,
            badge_id=badge_id,
            rating=self._parse_rating(values, unread),
            answers=parse_answers(values.get("answers")),
            note=read_note(values.get("note")),
            tags=parse_tags(values.get("tags")),
        )

    def _parse_rating(self, values: Mapping[str, Any], unread: dict[str, str]) -> int | None:
        """Parse the rating; a word that is not one is added to *unread*."""
        rating, word = parse_rating(values.get("rating"), self.rating_words)
        if word:
            unread["rating"] = word
        return rating

    def _find_first(self, cells: Sequence[Any], name: str) -> Any:
        """Return the first cell of the field *name* that holds anything, without its spreadsheet escape."""
        found = [cells[place] for place in self.field_indexes[name] if place < len(cells)]
        cell = next(
            (cell for cell in found if normalize_cell(name, cell_to_text(cell)).strip()), found[0] if found else None
        )
        return unescape_formula(cell) if self.is_sheet and isinstance(cell, str) else cell

    def _normalize_contact(self, contact: Contact, unread: dict[str, str]) -> Contact:
        """Fix what spreadsheets and people did to *contact*: phone numbers that lost digits, `Lopez, Ana`, escapes."""
        if has_lost_digits(contact.phone):
            unread["phone"] = contact.phone
            contact = replace(contact, phone="")
        names = ("email", "phone", "postcode") if self.is_sheet else ("email",)
        fields = {name: normalize_field(name, getattr(contact, name)) for name in names}
        contact = replace(contact, **fields)
        first, last = split_reversed_name(contact.name) if self.are_names_reversed else ("", "")
        return replace(contact, name=f"{first} {last}", first_name=first, last_name=last) if first else contact

    def _read_badge_id(self, cells: Sequence[Any], unread: dict[str, str]) -> str:
        """Return the badge's ID in its stored form; a cell that holds none is added to *unread*."""
        for place in self.field_indexes.get("badge_id", ()):
            text = read_tidy("badge_id", cells[place] if place < len(cells) else None)
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
        Read the badge in *cell* as the camera would, and return it with its payload.

        Raises:
            ValueError: it must not be stored, or is the test badge.
        """
        text = read_exact("payload", cell)
        if not text:
            return None, b""
        payload = text.encode()
        reading = read_badge(payload, text, self.profile)
        if isinstance(reading, RefusedPayload):
            raise SecretPayloadError(_("its payload was refused: {reason}").format(reason=reading.message.rstrip(".")))
        if reading.kind == "test":
            raise ValueError(_("its payload is the test badge"))
        return reading, payload

    def read_badge_text(self, cell: Any) -> bytes:
        """
        Return the text of a lead's badges in another kiosk's export, to be stored. That kiosk has read it already.

        Raises:
            ValueError: it must not be stored.
        """
        text = read_exact("badge_text", cell)
        reading = read_badge(text.encode(), text, self.profile) if text else None
        if isinstance(reading, RefusedPayload):
            raise SecretPayloadError(
                _("its badge_text was refused: {reason}").format(reason=reading.message.rstrip("."))
            )
        return text.encode() if reading is None or reading.stored_payload is None else reading.stored_payload


def _choose_kind(contact: Contact, badge_id: str) -> str:
    """Return the kind of a lead without a badge's payload."""
    if any(getattr(contact, name) for name in CONTACT_FIELDS):
        return "import"
    return "id" if badge_id else "unknown"


def _choose_stored_payload(badge: Badge | None, payload: bytes, badge_text: bytes) -> bytes:
    """Return the part of the row's badge that may be stored; empty if the row has no badge."""
    if badge is None:
        return badge_text
    return payload if badge.stored_payload is None else badge.stored_payload


def _merge_badge(lead: Lead, reading: Badge) -> Lead:
    """Fill in what is missing in *lead* from its badge."""
    return replace(
        lead,
        kind=reading.kind,
        contact=lead.contact.fill_missing_from(reading.contact),
        badge_id=lead.badge_id or reading.badge_id,
        answers={**reading.answers, **lead.answers},
    )


def _serialize_row(lead: Lead, at: float | None, operator: str, payload: str) -> bytes:
    """Serialize the content of a row, so that equal rows can be recognised."""
    content_fields = {
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
    return json.dumps({name: value for name, value in content_fields.items() if value}, ensure_ascii=False).encode()


def _is_discarded(values: Mapping[str, Any]) -> bool:
    """Return whether the lead was discarded at the other kiosk."""
    return cell_to_text(values.get("state")).strip() == "discarded"
