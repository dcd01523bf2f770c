"""What the API answers, typed: its document is made from these, and tests hold the answers to them."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

State = Literal["waiting", "needs you", "delivered", "discarded"]

_Seconds = Annotated[float, Meta(ge=0)]
_Ratio = Annotated[float, Meta(ge=0, le=1)]
_Count = Annotated[int, Meta(ge=0)]
_UnixTime = Annotated[float, Meta(description="Seconds since 1970 UTC.")]


class ProblemDetails(Struct, forbid_unknown_fields=True, kw_only=True):
    """What was wrong, as RFC 9457 has it."""

    type: Literal["about:blank"]
    title: str
    status: Annotated[int, Meta(ge=400, le=599)]
    detail: Annotated[str, Meta(description="What happened, and what to do, in one sentence.")]
    field: Annotated[str, Meta(description="Which field is wrong; not there where none is.")] = ""
    limit: Annotated[int, Meta(description="What may be sent at the most.")] = 0
    retry_after: Annotated[int, Meta(description="_Seconds to wait, as in the header Retry-After.")] = 0


_NotTaken = Annotated[
    list[str],
    Meta(description="Fields in which others had said something else, which stays; PATCH decides. Not there if empty."),
]


class SaveResponse(Struct, forbid_unknown_fields=True):
    """What came of a contact that was posted: it is on the disk."""

    id: Annotated[str, Meta(description="The lead's id here.")]
    client_id: str
    status: Annotated[
        Literal["created", "merged", "updated", "unchanged"],
        Meta(description="`merged` where a lead that was here already is the same person."),
    ]
    not_taken: _NotTaken = []


class BulkResult(Struct, forbid_unknown_fields=True, kw_only=True):
    """How one item of a bulk call ended: saved, or refused with an error of its own."""

    client_id: Annotated[object, Meta(description="As it was sent; null where none was.")]
    status: Annotated[int, Meta(ge=200, le=599, description="201 the first time, 200 again; else the error's.")]
    id: Annotated[str, Meta(description="The lead's id here, where it was saved.")] = ""
    result: Literal["created", "merged", "updated", "unchanged", ""] = ""
    not_taken: _NotTaken = []
    error: ProblemDetails | None = None


class BulkResponse(Struct, forbid_unknown_fields=True):
    """An answer for each item, in the order in which they were sent."""

    results: list[BulkResult]


class LeadJson(Struct, forbid_unknown_fields=True):
    """A lead, where it is, and why."""

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
            description="What its badges said, word for word; what is no text as a `data:` URL. In events only the "
            "beginning, and only where nobody is known."
        ),
    ]
    revision: Annotated[int, Meta(ge=1)]
    scanned_at: datetime
    operator: str
    state: State
    cause: str
    why: Annotated[str, Meta(description="Why it is where it is, and what happens next.")]
    attempts: _Count
    remote_id: Annotated[str | None, Meta(description="Its id in the CRM.")]
    delivered_at: datetime | None


class ScanJson(Struct, forbid_unknown_fields=True):
    """A badge was scanned, or a contact posted or imported."""

    at: datetime
    text: Annotated[str, Meta(description="What the badge said; empty where there was none, or it holds a secret.")]
    kind: Annotated[str, Meta(description="Of badge, such as `vcard`; `posted` and `row` where there was none.")]
    symbology: str
    source: Annotated[str, Meta(description="`camera`, `scanner`, `pictures`, `api`, `import` ...")]
    operator: str
    kiosk: str


_FieldValue = str | int | list[str] | dict[str, str] | None


class HistoryEntryJson(Struct, forbid_unknown_fields=True):
    """What was done with a lead, by whom."""

    verb: Annotated[
        str,
        Meta(
            description="`edit`, `correction` (a device's, of what it posted), `merge`, `import`, "
            "`attendee list`, `not taken` (a device said something else than "
            "others), `retry`, `discard`, `restore`."
        ),
    ]
    reason: str
    operator: str
    at: datetime
    changes: Annotated[dict[str, list[_FieldValue]], Meta(description="Field: its old and its new value.")]


class LeadDetails(LeadJson, forbid_unknown_fields=True):
    """A lead with its scans and its history, the newest of them last."""

    scans: list[ScanJson]
    history: list[HistoryEntryJson]


class LeadPage(Struct, forbid_unknown_fields=True):
    """One page of leads, the newest first."""

    contacts: list[LeadJson]
    next_cursor: Annotated[str | None, Meta(description="Send it as `cursor` for the next page; null on the last.")]


class GateChangeJson(Struct, forbid_unknown_fields=True):
    """The gate to the CRM opened, or closed for a cause."""

    is_open: bool
    cause: str
    sentence: str
    at: _UnixTime


class HourlyLeads(Struct, forbid_unknown_fields=True):
    """An hour by the clock on the wall."""

    since: _UnixTime
    leads: _Count


class AlertJson(Struct, forbid_unknown_fields=True):
    """Something is wrong that a person can do something about."""

    cause: Annotated[str, Meta(description="One word, by which it is known again.")]
    sentence: str
    advice: Annotated[str, Meta(description="What to do.")]
    since: _UnixTime


class DeviceJson(Struct, forbid_unknown_fields=True):
    """A device that has a token."""

    id: str
    name: str
    role: Literal["post", "read", "manage"]
    seen_at: _UnixTime | None


class PauseJson(Struct, forbid_unknown_fields=True):
    """A person has paused sending."""

    since: _UnixTime
    operator: Annotated[str, Meta(description="Who paused it; empty where that is not known.")]


class StatusJson(Struct, forbid_unknown_fields=True):
    """How delivery stands; what is not known is null."""

    event: str
    practice: Annotated[bool, Meta(description="Whether leads go to the practice CRM and nowhere else.")]
    now: _UnixTime
    waiting: _Count
    needs_you: _Count
    delivered: _Count
    discarded: _Count
    scanned_today: _Count
    leads_last_hour: _Count
    leads_by_hour: list[HourlyLeads]
    safe_to_pack_up: bool
    sentence: Annotated[str, Meta(description="Why nothing is moving, or that all is well.")]
    sender_runs: bool
    crm: Annotated[str, Meta(description="What is known of the CRM, in a few words.")]
    paused: Annotated[
        PauseJson | None,
        Meta(description="Since when nothing is sent because a person said so; the gate stays as it is meanwhile."),
    ]
    cause: Annotated[str, Meta(description="Why the gate is closed; empty while it is open.")]
    next_try_seconds: _Seconds
    last_success: _UnixTime | None
    oldest_waiting: Annotated[_Seconds | None, Meta(description="Of the first in the queue.")]
    attempts: Annotated[dict[str, _Count], Meta(description="Attempts of all time, by how they ended.")]
    success_rate: Annotated[_Ratio | None, Meta(description="Of the attempts within the last hour.")]
    error_rate: Annotated[_Ratio | None, Meta(description="What the CRM or the network failed, of the same attempts.")]
    answer_median: Annotated[
        _Seconds | None, Meta(description="That the CRM took for an answer, within the last hour.")
    ]
    answer_p95: _Seconds | None
    history: list[GateChangeJson]
    alerts: Annotated[list[AlertJson], Meta(description="What matters most first.")]
    devices: list[DeviceJson]


class SyncResponse(Struct, forbid_unknown_fields=True):
    """The worker was told."""

    status: Literal["trying"]


class PairResponse(Struct, forbid_unknown_fields=True):
    """What a device is known by; nobody can show it again."""

    token: str


class HealthResponse(Struct, forbid_unknown_fields=True):
    """It answers."""

    status: Literal["ok", "ready"]
