"""
Response models. The OpenAPI document is made from them, and tests hold the responses to them.

A model whose name ends in `Json` is in the document without that ending: `LeadJson` is *Lead* there.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

State = Literal["waiting", "needs you", "delivered", "discarded"]

_Seconds = Annotated[float, Meta(ge=0)]
_Ratio = Annotated[float, Meta(ge=0, le=1)]
_Count = Annotated[int, Meta(ge=0)]
_UnixTime = Annotated[float, Meta(description="Seconds since 1970 UTC.")]


class ProblemDetails(Struct, forbid_unknown_fields=True, kw_only=True):
    """An error (RFC 9457)."""

    type: Literal["about:blank"]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: Annotated[str, Meta(description="What is wrong and what to do, in one sentence.")]
    field: Annotated[str, Meta(description="The field that is wrong; absent if the problem is not about a field.")] = ""
    limit: Annotated[int, Meta(description="The limit that was exceeded.")] = 0
    retry_after: Annotated[int, Meta(description="Seconds to wait, the same as the header Retry-After.")] = 0


_NotTaken = Annotated[
    list[str],
    Meta(description="Fields that keep the value of others; only PATCH can change them. Absent if empty."),
]


class SaveResponse(Struct, forbid_unknown_fields=True):
    """The result of a posted contact: it is saved on the disk."""

    id: Annotated[str, Meta(description="The lead's id on the kiosk.")]
    client_id: str
    status: Annotated[
        Literal["created", "merged", "updated", "unchanged"],
        Meta(description="`merged` if the person was a lead already."),
    ]
    not_taken: _NotTaken = []


class BulkResult(Struct, forbid_unknown_fields=True, kw_only=True):
    """The result of one item of a bulk request: saved, or refused with an error of its own."""

    client_id: Annotated[object, Meta(description="As it was sent; null if there was none.")]
    status: Annotated[
        int, Meta(ge=200, le=599, description="201 for a new post, 200 for a repeated one; else the error's status.")
    ]
    id: Annotated[str, Meta(description="The lead's id on the kiosk, if it was saved.")] = ""
    result: Literal["created", "merged", "updated", "unchanged", ""] = ""
    not_taken: _NotTaken = []
    error: ProblemDetails | None = None


class BulkResponse(Struct, forbid_unknown_fields=True):
    """A result for each item, in the order in which they were sent."""

    results: list[BulkResult]


class LeadJson(Struct, forbid_unknown_fields=True):
    """A lead, its state, and why it is in that state."""

    id: str
    event: str
    name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    company: str
    job_title: str
    website: str
    address: str
    city: str
    region: str
    postcode: str
    country: str
    badge_id: str
    rating: Annotated[int, Meta(ge=1, le=5)] | None
    note: str
    tags: list[str]
    answers: dict[str, str]
    badge_text: Annotated[
        str,
        Meta(
            description="The text of its badges, word for word; binary payloads as a `data:` URL. Events have only the "
            "beginning, and only if nobody is known by name."
        ),
    ]
    revision: Annotated[int, Meta(ge=1)]
    scanned_at: datetime
    operator: str
    state: State
    cause: str
    why: Annotated[str, Meta(description="Why it is in this state, and what happens next.")]
    attempts: _Count
    remote_id: Annotated[str | None, Meta(description="Its id in the CRM.")]
    delivered_at: datetime | None


class ScanJson(Struct, forbid_unknown_fields=True):
    """One sighting of the person: a scanned badge, or a posted or imported contact."""

    at: datetime
    text: Annotated[str, Meta(description="The badge's text; empty if there was no badge, or if it holds a secret.")]
    kind: Annotated[str, Meta(description="The badge format, such as `vcard`; `posted` or `row` without a badge.")]
    symbology: str
    source: Annotated[str, Meta(description="`camera`, `scanner`, `pictures`, `api`, `import` ...")]
    operator: str
    kiosk: str


FieldValue = str | int | list[str] | dict[str, str] | None


class EventJson(Struct, forbid_unknown_fields=True):
    """An entry of a lead's history: what was done, and by whom."""

    verb: Annotated[
        str,
        Meta(
            description="`edit`, `correction` (by the device that had posted it), `merge`, `import`, "
            "`attendee list`, `not taken` (a device said something else than "
            "others), `retry`, `discard`, `restore`."
        ),
    ]
    reason: str
    operator: str
    at: datetime
    changes: Annotated[dict[str, list[FieldValue]], Meta(description="By field: its old and its new value.")]


class LeadDetailsJson(LeadJson, forbid_unknown_fields=True):
    """A lead with its scans and its history, both in the order of time."""

    scans: list[ScanJson]
    history: list[EventJson]


class LeadPageJson(Struct, forbid_unknown_fields=True):
    """One page of leads, the newest first."""

    contacts: list[LeadJson]
    next_cursor: Annotated[str | None, Meta(description="Send it as `cursor` for the next page; null on the last.")]


class GateChangeJson(Struct, forbid_unknown_fields=True):
    """The gate to the CRM opened, or closed for a cause."""

    is_open: bool
    cause: str
    sentence: str
    at: _UnixTime


class HourJson(Struct, forbid_unknown_fields=True):
    """The leads of one clock hour."""

    since: _UnixTime
    leads: _Count


class AlertJson(Struct, forbid_unknown_fields=True):
    """Something is wrong with the kiosk that a person can correct."""

    cause: Annotated[str, Meta(description="A short name that stays the same.")]
    sentence: str
    advice: Annotated[str, Meta(description="What to do.")]
    since: _UnixTime


class DeviceJson(Struct, forbid_unknown_fields=True):
    """A device with a valid token."""

    id: str
    name: str
    role: Literal["post", "read", "manage"]
    seen_at: _UnixTime | None


class PauseJson(Struct, forbid_unknown_fields=True):
    """A person has paused sending."""

    since: _UnixTime
    operator: Annotated[str, Meta(description="Who paused it; empty if that is not known.")]


class StatusJson(Struct, forbid_unknown_fields=True):
    """The status of delivery; what is not known is null."""

    event: str
    practice: Annotated[bool, Meta(description="Whether leads go to the practice CRM only.")]
    now: _UnixTime
    waiting: _Count
    needs_you: _Count
    delivered: _Count
    discarded: _Count
    scanned_today: _Count
    leads_last_hour: _Count
    leads_by_hour: list[HourJson]
    safe_to_pack_up: bool
    sentence: Annotated[str, Meta(description="Why nothing is being sent, or that all is well.")]
    sender_runs: bool
    crm: Annotated[str, Meta(description="What is known about the CRM, in a few words.")]
    paused: Annotated[
        PauseJson | None,
        Meta(description="Present while a person has paused sending, whatever the gate says."),
    ]
    cause: Annotated[str, Meta(description="Why the gate is closed; empty while it is open.")]
    next_try_seconds: _Seconds
    last_success: _UnixTime | None
    oldest_waiting: Annotated[_Seconds | None, Meta(description="How long the first lead in the queue has waited.")]
    attempts: Annotated[dict[str, _Count], Meta(description="All delivery attempts so far, by outcome.")]
    success_rate: Annotated[_Ratio | None, Meta(description="Of the attempts within the last hour.")]
    error_rate: Annotated[_Ratio | None, Meta(description="Of the same attempts, failed by the CRM or the network.")]
    answer_median: Annotated[_Seconds | None, Meta(description="Response time of the CRM within the last hour.")]
    answer_p95: _Seconds | None
    history: list[GateChangeJson]
    alerts: Annotated[list[AlertJson], Meta(description="The most important first.")]
    devices: list[DeviceJson]


class SyncResponse(Struct, forbid_unknown_fields=True):
    """The worker was woken and tries now."""

    status: Literal["trying"]


class PairResponse(Struct, forbid_unknown_fields=True):
    """The token of a device, which is never shown again."""

    token: str


class HealthResponse(Struct, forbid_unknown_fields=True):
    """The server works."""

    status: Literal["ok", "ready"]
