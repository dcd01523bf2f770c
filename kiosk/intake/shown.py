"""Leads as the API shows them."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from data import history, pending
from data.badge_text import scans_of, seen
from data.outbox import STATES
from data.pending import Entry
from data.store import Store
from kiosk.intake.answers import encode
from kiosk.intake.body import Problem
from kiosk.intake.parts import Parts
from kiosk.status.status import Standing, read_standing

LARGEST = 200
"""Leads on a page."""

PAGE_BYTES = 1_000_000
"""Of a page, after which it ends; the last lead on it may go beyond that."""

READ_TOGETHER = 10


@dataclass(frozen=True, slots=True)
class LeadList:
    """Which leads are wanted."""

    states: tuple[str, ...] = STATES
    cause: str = ""
    search: str = ""
    limit: int = 50
    before: str = ""
    """The last id of the page before; empty is the first page."""

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> "LeadList":
        """
        What the query names: `state` (several divided by commas), `cause`, `search`, `limit`, `cursor`.

        Raises:
            Problem: it names something that is not there.
        """
        if unknown := set(query) - {"state", "cause", "search", "limit", "cursor"}:
            raise Problem(422, f"{min(unknown)}: there is no such filter.", field=min(unknown))
        states = tuple(word.replace("_", " ") for word in query["state"].split(",")) if "state" in query else STATES
        if wrong := [state for state in states if state not in STATES]:
            raise Problem(422, f"state: {wrong[0]!r} is none; there are {', '.join(STATES)}.", field="state")
        limit = query.get("limit", "50")
        if not (re.fullmatch(r"\d{1,9}", limit, re.ASCII) and 1 <= int(limit) <= LARGEST):
            raise Problem(422, f"limit: it must be from 1 to {LARGEST}.", field="limit")
        before = uncovered(query["cursor"]) if query.get("cursor") else ""
        return cls(states, query.get("cause", ""), query.get("search", ""), int(limit), before)


def leads_of(db: Store, parts: Parts, wanted: LeadList) -> dict[str, Any]:
    """
    One page of leads, the newest first, and the cursor of the next.

    It has fewer than *wanted* where those are very large: a page is bounded in bytes, too.
    """
    standing, shown, size, before = (
        read_standing(db, parts.settings, parts.clock),
        list[msgspec.Raw](),
        0,
        wanted.before,
    )
    while True:
        found = pending.page(
            db,
            parts.clock,
            states=wanted.states,
            cause=wanted.cause,
            search=wanted.search,
            before=before,
            limit=READ_TOGETHER,
        )
        scans = seen(db, [entry.lead.id for entry in found])
        for entry in found:
            if len(shown) == wanted.limit or size > PAGE_BYTES:
                return {"contacts": shown, "next_cursor": covered(before)}
            text = encode(described(entry, standing, scans[entry.lead.id].text if entry.lead.id in scans else ""))
            shown.append(msgspec.Raw(text))
            size, before = size + len(text), entry.lead.id
        if len(found) < READ_TOGETHER:
            return {"contacts": shown, "next_cursor": None}


def lead_of(db: Store, parts: Parts, lead_id: str) -> dict[str, Any]:
    """
    One lead.

    Raises:
        KeyError: there is none with this id.
    """
    standing, scans = read_standing(db, parts.settings, parts.clock), seen(db, [lead_id])
    text = scans[lead_id].text if lead_id in scans else ""
    return described(pending.entry(db, parts.clock, lead_id), standing, text)


def details_of(db: Store, parts: Parts, lead_id: str) -> dict[str, Any]:
    """
    One lead, with its scans and its history.

    Raises:
        KeyError: there is none with this id.
    """
    return {
        **lead_of(db, parts, lead_id),
        "scans": [{**asdict(scan), "at": moment(scan.at)} for scan in scans_of(db, lead_id)],
        "history": [{**asdict(event), "at": moment(event.at)} for event in history.of_lead(db, lead_id)],
    }


def described(entry: Entry, standing: Standing, badge_text: str = "") -> dict[str, Any]:
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
        "scanned_at": moment(entry.scanned_at),
        "operator": entry.operator,
        "state": entry.state,
        "cause": entry.cause,
        "why": standing.why(entry),
        "attempts": entry.attempts,
        "remote_id": entry.remote_id,
        "delivered_at": moment(entry.delivered_at) if entry.delivered_at else None,
    }


def moment(seconds: float) -> str:
    """Seconds since 1970 UTC as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def covered(lead_id: str) -> str:
    """A cursor: nobody is to rely on what is in it."""
    return lead_id.encode().hex()


def uncovered(cursor: str) -> str:
    """
    The id in a cursor.

    Raises:
        Problem: it is none of ours.
    """
    try:
        return bytes.fromhex(cursor).decode("ascii")
    except ValueError:
        raise Problem(422, "cursor: take it from next_cursor of the page before.", field="cursor") from None
