"""A row of a list -> a lead to be saved, or a sentence on why it is none."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from data.badge_text import ROW
from data.cells import as_meant, list_from, table_from
from data.contact import CONTACT_FIELDS, Contact
from data.lead import Lead
from data.lead_limits import LeadTooLarge, check_size
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, Refused
from kiosk.badges.html import without_markup
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.stored_id import stored_id
from kiosk.importing.badge_ids import ids_in
from kiosk.importing.columns.cells import as_said
from kiosk.importing.columns.names import turned, with_prefix
from kiosk.importing.columns.values import as_field, has_lost_digits
from kiosk.importing.ratings import DEFAULT_WORDS, read_rating
from kiosk.importing.tables.table import text_of
from kiosk.importing.timestamps import seconds_of

SHORT, LONG = 500, 10_000
"""Characters of a line of text, and of a note."""


class SecretError(ValueError):
    """The row holds a payload that is nobody's business."""


@dataclass(frozen=True, slots=True)
class LeadRow:
    """What a row says."""

    lead: Lead
    """Its id is that of another kiosk's lead; empty where the row names none."""
    payload: bytes
    """What is kept with the scan."""
    payload_hash: str
    content_hash: bytes
    """The same for every row that says the same, however it is written."""
    scan_kind: str
    """Of badge, where the payload is one."""
    scanned_at: float | None
    operator: str
    discarded: str | None
    """Why a person at the other kiosk decided against it; None where nobody did."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """What was left out because it could not be understood, by field."""


@dataclass(frozen=True, slots=True)
class LeadRows:
    """Reads the rows of one list."""

    event: str
    """Where leads were met that do not say it themselves."""
    profile: BadgeProfile
    places: Mapping[str, Sequence[int]]
    """In which columns each field is, the first first."""
    is_sheet: bool = True
    """Whether the cells were made for a spreadsheet, in which an apostrophe stands before what would be a formula."""
    day_first: bool | None = None
    rating_words: Sequence[str] = DEFAULT_WORDS
    """What 1 to 5 are called in the CRM."""
    are_turned: bool = False
    """Whether whole names are written as `Lopez, Ana`."""

    def read(self, cells: Sequence[Any]) -> LeadRow:
        """
        The lead in a row.

        Raises:
            ValueError: there is none, and why; a `SecretError` where nobody may keep it.
        """
        values = {name: self._first(cells, name) for name in self.places}
        lead_id = id_of(values.get("lead_id"))
        # What a kiosk wrote is taken as it is; what people typed is tidied up.
        line = exact if lead_id else tidy
        reading, payload = self.badge(values.get("payload"))
        badge_text = self.badge_text(values.get("badge_text"))
        unread: dict[str, str] = {}
        contact = Contact(*(line(name, values.get(name)) for name in CONTACT_FIELDS))
        if not lead_id:
            contact = self._understood(contact, unread)
            prefix = line("name_prefix", values.get("name_prefix"))
            contact = replace(contact, last_name=with_prefix(prefix, contact.last_name))
        badge_id = stored_id(line("badge_id", values.get("badge_id"))) if lead_id else self._badge_id(cells, unread)
        rating, word = read_rating(values.get("rating"), self.rating_words)
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
            answers=answers_of(values.get("answers")),
            rating=rating,
            note=exact("note", values.get("note")) if lead_id else tidy_note(values.get("note")),
            tags=tags_of(values.get("tags"), is_exact=bool(lead_id)),
        )
        if reading is not None:
            lead = with_badge(lead, reading)
        if lead.kind == "unknown" and not lead_id and reading is None:
            raise ValueError("it says nothing of the person")
        at = seconds_of(values.get("scanned_at"), self.day_first)
        operator = line("operator", values.get("operator"))
        try:
            check_size(lead)
        except LeadTooLarge as error:
            raise ValueError(f"it has {error}") from None
        scanned = payload or badge_text
        said = said_by(lead, at, operator, hashlib.sha256(scanned).hexdigest() if scanned else "")
        kept = badge_text if reading is None else payload if reading.keep is None else reading.keep
        return LeadRow(
            lead=lead,
            payload=kept or said,
            payload_hash=hashlib.sha256(scanned or said).hexdigest(),
            content_hash=hashlib.sha256(said).digest(),
            scan_kind=lead.kind if kept else ROW,
            scanned_at=at,
            operator=operator,
            discarded=exact("reason", values.get("reason")) if lead_id and is_discarded(values) else None,
            unread=unread,
        )

    def _first(self, cells: Sequence[Any], name: str) -> Any:
        """The first cell of the field *name* that holds anything, as it was meant."""
        found = [cells[place] for place in self.places[name] if place < len(cells)]
        cell = next((cell for cell in found if as_said(name, text_of(cell)).strip()), found[0] if found else None)
        return as_meant(cell) if self.is_sheet and isinstance(cell, str) else cell

    def _understood(self, contact: Contact, unread: dict[str, str]) -> Contact:
        """*contact* as a person means it: no phone number that has lost digits, and `Lopez, Ana` as it is said."""
        if has_lost_digits(contact.phone):
            unread["phone"] = contact.phone
            contact = replace(contact, phone="")
        marked = ("email", "phone", "postcode") if self.is_sheet else ("email",)
        fields = {name: as_field(name, getattr(contact, name)) for name in marked}
        contact = replace(contact, **fields)
        first, last = turned(contact.name) if self.are_turned else ("", "")
        return replace(contact, name=f"{first} {last}", first_name=first, last_name=last) if first else contact

    def _badge_id(self, cells: Sequence[Any], unread: dict[str, str]) -> str:
        """The id on the badge, in the form in which badges' are kept; what holds none is *unread*."""
        for place in self.places.get("badge_id", ()):
            text = tidy("badge_id", cells[place] if place < len(cells) else None)
            try:
                ids = ids_in(as_meant(text) if self.is_sheet else text, self.profile)
            except ValueError:
                unread.setdefault("badge_id", text[:40])
                continue
            if ids:
                return ids[0]
        return ""

    def badge(self, cell: Any) -> tuple[Badge | None, bytes]:
        """
        The badge in *cell*, read as the camera's would be, and its payload.

        Raises:
            ValueError: it is none that may be kept.
        """
        text = exact("payload", cell)
        if not text:
            return None, b""
        payload = text.encode()
        reading = read_badge(payload, text, self.profile)
        if isinstance(reading, Refused):
            raise SecretError(f"its payload is refused: {reading.sentence.rstrip('.')}")
        if reading.kind == "test":
            raise ValueError("its payload is that of the test badge")
        return reading, payload

    def badge_text(self, cell: Any) -> bytes:
        """
        What another kiosk's export says that the badges of a lead said: it is kept, and what it says was read there.

        Raises:
            ValueError: it may not be kept.
        """
        text = exact("badge_text", cell)
        reading = read_badge(text.encode(), text, self.profile) if text else None
        if isinstance(reading, Refused):
            raise SecretError(f"its badge_text is refused: {reading.sentence.rstrip('.')}")
        return text.encode() if reading is None or reading.keep is None else reading.keep


def with_badge(lead: Lead, reading: Badge) -> Lead:
    """*lead*, with what its badge says beside what the row does."""
    return replace(
        lead,
        kind=reading.kind,
        contact=lead.contact.filled_from(reading.contact),
        badge_id=lead.badge_id or reading.badge_id,
        answers={**reading.answers, **lead.answers},
    )


def said_by(lead: Lead, at: float | None, operator: str, payload: str) -> bytes:
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


def is_discarded(values: Mapping[str, Any]) -> bool:
    """Whether the other kiosk's people decided against it."""
    return text_of(values.get("state")).strip() == "discarded"


def id_of(cell: Any) -> str:
    """
    The id of another kiosk's lead.

    Raises:
        ValueError: it is none.
    """
    text = text_of(cell).strip()
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no lead_id of a kiosk; --map says which column is to be left out") from None


def exact(name: str, cell: Any) -> str:
    """
    *cell* as it is, but for half characters, which no database takes.

    Raises:
        ValueError: it is no text, or too long.
    """
    if isinstance(cell, list | dict):
        raise ValueError(f"its {name} is no text")
    text = text_of(cell).encode("utf-8", "replace").decode()
    if len(text) > LONG:
        raise ValueError(f"its {name} has {len(text)} characters; {LONG} is the most")
    return text


def tidy(name: str, cell: Any) -> str:
    """*cell* on one line, without control characters; what is too long is cut off."""
    return one_line(as_said(name, exact(name, cell)))[:SHORT]


def tidy_note(cell: Any) -> str:
    """*cell* without control characters and tags, line by line."""
    text = without_markup(as_said("note", exact("note", cell)))
    return "\n".join(map(one_line, text.splitlines())).strip()


def one_line(text: str) -> str:
    """*text* on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def tags_of(cell: Any, *, is_exact: bool = False) -> tuple[str, ...]:
    """The tags in a list, or in a cell that commas divide."""
    if isinstance(cell, list):
        parts = [exact("tags", part) for part in cell]
    else:
        text = exact("tags", cell)
        # Google divides a contact's labels in this way, and marks its own with a star.
        parts = text.split(" ::: ") if " ::: " in text and not is_exact else list_from(text)
        if not is_exact:
            parts = [part.removeprefix("* ").strip('"') for part in parts if part != "* myContacts"]
    return tuple(dict.fromkeys(part for part in parts if part))


def answers_of(cell: Any) -> dict[str, str]:
    """The answers in an object, or in a cell such as `size: 10; when: soon`."""
    if isinstance(cell, dict):
        found = {exact("answers", name): exact("answers", value) for name, value in cell.items()}
    else:
        text = exact("answers", cell)
        try:
            found = table_from(text)
        except ValueError as error:
            raise ValueError(f"its answers: {error}") from None
    return found
