"""What the badges of a lead said, word for word, as text: for lists, exports, the API and CRMs."""

from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from json import dumps
from typing import NamedTuple

from sqlite_utils import Database

_MAX_TEXT_CHARACTERS = 10_000
"""Limit for the text of all badges of a lead together; most codes hold less than 3,000."""

_MAX_SCANS = 100
"""How many scans of a lead are listed, unless the caller sets another limit."""

_SELECT_SCANS_OF_LEADS = """
    select scans.lead_id, scans.at, scans.operator, scans.payload, scans.source, scans.kind
      from json_each(?) as wanted
     cross join scan_times as scans on scans.lead_id = wanted.value
     order by scans.id
"""

_SELECT_SCANS_OF_LEAD = "select * from scan_times where lead_id = ? order by id limit ?"

ROW_KIND = "row"
"""The kind of a scan that came from a row of a list: its payload is the whole row, not that of a badge."""

_LEGACY_ROW_PREFIXES = (b'{"lead_id": "', b'{"event": "')
"""The first bytes of payloads of imported rows, in databases that are older than `ROW_KIND`."""


class ScanSummary(NamedTuple):
    """The scans of one lead, summarised."""

    first_at: float
    """First scan: seconds since 1970 UTC, corrected by what is known of the clock now."""
    operator: str
    """Who scanned it last."""
    text: str
    """What its badges said: each different text once, on its own lines."""


def summarize_scans(db: Database, lead_ids: Sequence[str]) -> dict[str, ScanSummary]:
    """Return when, by whom and with which badges each lead was scanned, by the lead's id."""
    found: dict[str, ScanSummary] = {}
    cursor = db.conn.cursor()
    cursor.row_factory = None
    for lead_id, at, operator, payload, source, kind in cursor.execute(_SELECT_SCANS_OF_LEADS, (dumps(lead_ids),)):
        text = (
            decode_payload(payload)[:_MAX_TEXT_CHARACTERS]
            if payload and is_badge_payload(source, kind, payload)
            else ""
        )
        before = found.get(lead_id)
        if before is not None:
            at, text = min(before.first_at, at), _join_texts(before.text, text)
        found[lead_id] = ScanSummary(at, operator, text)
    return found


def _join_texts(before: str, text: str) -> str:
    """Append the text of another badge, unless it is there already."""
    if not text or f"\n{text}\n" in f"\n{before}\n":
        return before
    return f"{before}\n{text}"[:_MAX_TEXT_CHARACTERS] if before else text


@dataclass(frozen=True, slots=True)
class ScanDetails:
    """One scan of a lead, with its payload as text."""

    at: float
    """Seconds since 1970 UTC."""
    text: str
    """What the badge said; empty if there was no badge, or if its payload must not be stored."""
    kind: str
    symbology: str
    source: str
    operator: str
    kiosk: str


def list_scan_details(db: Database, lead_id: str, limit: int = _MAX_SCANS) -> list[ScanDetails]:
    """List the first scans of a lead, at most *limit*."""
    return [
        ScanDetails(
            row["at"],
            decode_payload(row["payload"])[:_MAX_TEXT_CHARACTERS]
            if row["payload"] and is_badge_payload(row["source"], row["kind"], row["payload"])
            else "",
            *(row[name] for name in ("kind", "symbology", "source", "operator", "kiosk")),
        )
        for row in db.execute(_SELECT_SCANS_OF_LEAD, (lead_id, limit))
    ]


def is_badge_payload(source: str, kind: str, payload: bytes) -> bool:
    """
    Return whether a scan's payload is that of a badge; without a badge, the whole post or row is stored in its place.
    """
    if kind in ("posted", ROW_KIND):
        return False
    return source != "import" or not payload.startswith(_LEGACY_ROW_PREFIXES)


def decode_payload(payload: bytes) -> str:
    """
    Decode *payload* as UTF-8, else as Windows-1252; return bytes that are not text as a `data:` URL. Never raises.

    The result is complete and may hold control characters: whoever displays it has to escape them.
    """
    try:
        text = payload.decode()
        if "\0" not in text:
            return text
    except UnicodeDecodeError:
        with suppress(UnicodeDecodeError):
            text = payload.decode("cp1252")
            if text.replace("\r", "").replace("\n", "").replace("\t", "").isprintable():
                return text
    return _encode_data_url(payload)


def _encode_data_url(payload: bytes) -> str:
    """Encode bytes that are not text as a base64 `data:` URL (RFC 2397)."""
    return f"data:application/octet-stream;base64,{b64encode(payload).decode()}"
