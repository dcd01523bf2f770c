"""Leads as the API shows them."""

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
from kiosk.api.wire.problems import encode_json
from kiosk.api.wire.requests import MAX_PAGE_LEADS, ApiProblem
from kiosk.status.status import KioskStatus, read_kiosk_status

_MAX_PAGE_BYTES = 1_000_000
"""Of a page, after which it ends; the last lead on it may go beyond that."""

_READ_BATCH_LEADS = 10


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """Which leads are wanted."""

    states: tuple[str, ...] = STATES
    cause: str = ""
    search: str = ""
    limit: int = 50
    before_id: str = ""
    """The last id of the page before; empty is the first page."""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "LeadQuery":
        """
        What the query names: `state` (several divided by commas), `cause`, `search`, `limit`, `cursor`.

        Raises:
            Problem: it names something that is not there.
        """
        if unknown := set(query) - {"state", "cause", "search", "limit", "cursor"}:
            raise ApiProblem(422, f"{min(unknown)}: there is no such filter.", field=min(unknown))
        states = tuple(word.replace("_", " ") for word in query["state"].split(",")) if "state" in query else STATES
        if wrong := [state for state in states if state not in STATES]:
            raise ApiProblem(422, f"state: {wrong[0]!r} is none; there are {', '.join(STATES)}.", field="state")
        limit = query.get("limit", "50")
        if not (re.fullmatch(r"\d{1,9}", limit, re.ASCII) and 1 <= int(limit) <= MAX_PAGE_LEADS):
            raise ApiProblem(422, f"limit: it must be from 1 to {MAX_PAGE_LEADS}.", field="limit")
        before = _decode_cursor(query["cursor"]) if query.get("cursor") else ""
        return cls(states, query.get("cause", ""), query.get("search", ""), int(limit), before)


def read_lead_page(db: Store, parts: ApiContext, wanted: LeadQuery) -> dict[str, Any]:
    """
    One page of leads, the newest first, and the cursor of the next.

    It has fewer than *wanted* where those are very large: a page is bounded in bytes, too.
    """
    standing, shown, size, before = (
        read_kiosk_status(db, parts.settings, parts.clock),
        list[msgspec.Raw](),
        0,
        wanted.before_id,
    )
    while True:
        found = pending.list_page(
            db,
            parts.clock,
            states=wanted.states,
            cause=wanted.cause,
            search=wanted.search,
            before=before,
            limit=_READ_BATCH_LEADS,
        )
        scans = summarize_scans(db, [entry.lead.id for entry in found])
        for entry in found:
            if len(shown) == wanted.limit or size > _MAX_PAGE_BYTES:
                return {"contacts": shown, "next_cursor": _encode_cursor(before)}
            text = encode_json(
                lead_to_json(entry, standing, scans[entry.lead.id].text if entry.lead.id in scans else "")
            )
            shown.append(msgspec.Raw(text))
            size, before = size + len(text), entry.lead.id
        if len(found) < _READ_BATCH_LEADS:
            return {"contacts": shown, "next_cursor": None}


def read_lead(db: Store, parts: ApiContext, lead_id: str) -> dict[str, Any]:
    """
    One lead.

    Raises:
        KeyError: there is none with this id.
    """
    standing, scans = read_kiosk_status(db, parts.settings, parts.clock), summarize_scans(db, [lead_id])
    text = scans[lead_id].text if lead_id in scans else ""
    return lead_to_json(pending.get_entry(db, parts.clock, lead_id), standing, text)


def read_lead_details(db: Store, parts: ApiContext, lead_id: str) -> dict[str, Any]:
    """
    One lead, with its scans and its history.

    Raises:
        KeyError: there is none with this id.
    """
    return {
        **read_lead(db, parts, lead_id),
        "scans": [{**asdict(scan), "at": format_timestamp(scan.at)} for scan in list_scan_details(db, lead_id)],
        "history": [{**asdict(event), "at": format_timestamp(event.at)} for event in history.list_events(db, lead_id)],
    }


def lead_to_json(entry: PendingEntry, standing: KioskStatus, badge_text: str = "") -> dict[str, Any]:
    """A lead, what its badges said, where it is, and why."""
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
        "scanned_at": format_timestamp(entry.scanned_at),
        "operator": entry.operator,
        "state": entry.state,
        "cause": entry.cause,
        "why": standing.explain_state(entry),
        "attempts": entry.attempts,
        "remote_id": entry.remote_id,
        "delivered_at": format_timestamp(entry.delivered_at) if entry.delivered_at else None,
    }


def format_timestamp(seconds: float) -> str:
    """Seconds since 1970 UTC as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _encode_cursor(lead_id: str) -> str:
    """A cursor: nobody is to rely on what is in it."""
    return lead_id.encode().hex()


def _decode_cursor(cursor: str) -> str:
    """
    The id in a cursor.

    Raises:
        Problem: it is none of ours.
    """
    try:
        return bytes.fromhex(cursor).decode("ascii")
    except ValueError:
        raise ApiProblem(422, "cursor: take it from next_cursor of the page before.", field="cursor") from None
