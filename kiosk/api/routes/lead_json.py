"""Leads as JSON, one and page by page."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from data import history, pending
from data.badge_text import list_scan_details, summarize_scans
from data.outbox import STATES
from data.pending import PendingEntry
from data.store import Store
from kiosk.api.context import ApiContext
from kiosk.api.wire.json_codec import encode_json
from kiosk.api.wire.problems import ApiProblem
from kiosk.api.wire.requests import MAX_PAGE_LEADS
from kiosk.status.status import KioskStatus, read_kiosk_status

# A page ends after this many bytes, whatever its limit; only its last lead may go beyond. Leads can be 100 kB each.
_MAX_PAGE_BYTES = 1_000_000

# How many leads are read from the database at once.
_READ_BATCH_LEADS = 10


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """Which leads a client asks for."""

    states: tuple[str, ...] = STATES
    cause: str = ""
    search: str = ""
    limit: int = 50
    before_id: str = ""
    """The last id of the previous page; empty for the first page."""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "LeadQuery":
        """
        Parse a query string: `state` (several separated by commas), `cause`, `search`, `limit`, `cursor`.

        Raises:
            ApiProblem: a name or a value is unknown.
        """
        if unknown := set(query) - {"state", "cause", "search", "limit", "cursor"}:
            raise ApiProblem(422, f"{min(unknown)}: there is no such parameter.", field=min(unknown))
        states = tuple(word.replace("_", " ") for word in query["state"].split(",")) if "state" in query else STATES
        if wrong := [state for state in states if state not in STATES]:
            names = ", ".join(state.replace(" ", "_") for state in STATES)
            raise ApiProblem(422, f"state: {wrong[0]!r} is not one of {names}.", field="state")
        limit = query.get("limit", "50")
        if not (re.fullmatch(r"\d{1,9}", limit, re.ASCII) and 1 <= int(limit) <= MAX_PAGE_LEADS):
            raise ApiProblem(422, f"limit: it must be from 1 to {MAX_PAGE_LEADS}.", field="limit")
        before_id = _decode_cursor(query["cursor"]) if query.get("cursor") else ""
        return cls(states, query.get("cause", ""), query.get("search", ""), int(limit), before_id)


def read_lead_page(db: Store, context: ApiContext, query: LeadQuery) -> dict[str, Any]:
    """Read one page of leads, the newest first, and the cursor of the next page (None on the last)."""
    status = read_kiosk_status(db, context.settings, context.clock)
    contacts, size, before_id = list[msgspec.Raw](), 0, query.before_id
    while True:
        entries = pending.list_page(
            db,
            context.clock,
            states=query.states,
            cause=query.cause,
            search=query.search,
            before=before_id,
            limit=_READ_BATCH_LEADS,
        )
        scans = summarize_scans(db, [entry.lead.id for entry in entries])
        for entry in entries:
            if len(contacts) == query.limit or size > _MAX_PAGE_BYTES:
                return {"contacts": contacts, "next_cursor": _encode_cursor(before_id)}
            badge_text = scans[entry.lead.id].text if entry.lead.id in scans else ""
            encoded = encode_json(lead_to_json(entry, status, badge_text))
            contacts.append(msgspec.Raw(encoded))
            size, before_id = size + len(encoded), entry.lead.id
        if len(entries) < _READ_BATCH_LEADS:
            return {"contacts": contacts, "next_cursor": None}


def read_lead(db: Store, context: ApiContext, lead_id: str) -> dict[str, Any]:
    """
    Read one lead.

    Raises:
        KeyError: no lead has this id.
    """
    status, scans = read_kiosk_status(db, context.settings, context.clock), summarize_scans(db, [lead_id])
    badge_text = scans[lead_id].text if lead_id in scans else ""
    return lead_to_json(pending.get_entry(db, context.clock, lead_id), status, badge_text)


def read_lead_details(db: Store, context: ApiContext, lead_id: str) -> dict[str, Any]:
    """
    Read one lead with its scans and its history.

    Raises:
        KeyError: no lead has this id.
    """
    return {
        **read_lead(db, context, lead_id),
        "scans": [{**asdict(scan), "at": _format_timestamp(scan.at)} for scan in list_scan_details(db, lead_id)],
        "history": [{**asdict(event), "at": _format_timestamp(event.at)} for event in history.list_events(db, lead_id)],
    }


def lead_to_json(entry: PendingEntry, status: KioskStatus, badge_text: str = "") -> dict[str, Any]:
    """Return a lead as JSON: its fields, the text of its badges, its state, and why it is in that state."""
    lead = entry.lead
    return {
        "id": lead.id,
        "event": lead.event,
        **asdict(lead.contact),
        "name": lead.contact.display_name,
        "badge_id": lead.badge_id,
        "rating": lead.rating,
        "note": lead.note,
        "tags": list(lead.tags),
        "answers": dict(lead.answers),
        "badge_text": badge_text,
        "revision": lead.revision,
        "scanned_at": _format_timestamp(entry.scanned_at),
        "operator": entry.operator,
        "state": entry.state,
        "cause": entry.cause,
        "why": status.explain_state(entry),
        "attempts": entry.attempts,
        "remote_id": entry.remote_id,
        "delivered_at": _format_timestamp(entry.delivered_at) if entry.delivered_at else None,
    }


def _format_timestamp(seconds: float) -> str:
    """Format seconds since 1970 UTC as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _encode_cursor(lead_id: str) -> str:
    """Encode a page's last id, so that clients do not come to rely on what a cursor contains."""
    return lead_id.encode().hex()


def _decode_cursor(cursor: str) -> str:
    """
    Decode the id in a cursor.

    Raises:
        ApiProblem: it is not a cursor of ours.
    """
    try:
        return bytes.fromhex(cursor).decode("ascii")
    except ValueError:
        raise ApiProblem(422, "cursor: use the next_cursor of the previous page.", field="cursor") from None
