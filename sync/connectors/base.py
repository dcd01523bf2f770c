"""The interface between the drain and a CRM: `Connector`, what it is given, and the outcomes it returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any, Literal, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class OutgoingLead:
    """A lead as a connector receives it."""

    id: str
    """The lead's own id. It never changes, so connectors use it as the idempotency key."""
    revision: int
    fields: Mapping[str, Any]
    """JSON values by our field names: the contact's fields, `badge_id`, `rating`, `note`, `tags`, `scanned_at` ..."""
    remote_id: str | None = None
    """The CRM's id for the record, if an earlier delivery returned one."""
    was_sent_before: bool = False
    """Whether any revision of it was sent before, so that the CRM may already have it."""
    was_sent_unchanged: bool = False
    """Whether it was sent before, and every time as it is now."""
    only_older_revision_sent: bool = False
    """Whether it was sent before, but never as it is now: the CRM cannot have this revision."""
    accepted_record_id: str | None = None
    """The CRM's record that a person confirmed to be this lead's, although another lead has it too."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The CRM has the lead; proven by a well-formed response that names it."""

    remote_id: str
    status: int | None = None
    has_own_record: bool = _field(default=True, compare=False)
    """Whether `remote_id` names a record of this lead alone. A CSV file holds many leads."""


@dataclass(frozen=True, slots=True)
class SharedRecord:
    """
    The CRM identifies this lead (by e-mail, for example) with a record that seems to be somebody else's.

    Nothing was written there: a person decides whether the two are one.
    """

    remote_id: str
    record_owner: str = ""
    """The name on that record, as the CRM gives it."""
    status: int | None = None
    sentence: str = ""
    """The reason, for staff; when empty, the drain words it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The CRM refused this lead; a person must look."""

    reason: str
    """The CRM's words, with the field if it named one."""
    code: str = ""
    status: int | None = None
    field: str = _field(default="", compare=False)
    """The CRM's name for the field at fault, if it named one. Equal `code` and `field` mean two leads failed alike."""
    cause: Literal["rejected", "gone"] = "rejected"
    """`gone`: the CRM no longer has the record. If a person retries the lead, it becomes a new record."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not delivered: perhaps because of this lead, perhaps temporarily (a 5xx for this item, no result for it)."""

    reason: str
    status: int | None = None
    is_unsure: bool = False
    """Whether the response did not mention the lead at all: the CRM may have it."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Left out of this call through no fault of its own; it goes with the next one."""

    is_batch_too_big: bool = False
    """Whether the call held too many leads: the next one holds fewer."""


Outcome: TypeAlias = Delivered | SharedRecord | Rejected | Retry | NotSent


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check before the show. `kiosk check --json` prints the fields by these names."""

    is_well: bool
    sentence: str
    """What was found, and what to do about it if it is not well."""
    was_asked: bool = True
    """Whether a request to the CRM decided this. If not, it could not be checked."""
    is_task: bool = False
    """Whether a person still has something to do."""


@dataclass(frozen=True, slots=True)
class LeftToTestLead(CheckResult):
    """What only a test lead shows; not reported once one was sent."""

    was_asked: bool = False


class Connector(Protocol):
    """A CRM that leads can be delivered to."""

    destination: str
    """Its name in kiosk.toml (`[crm] connector`). The gate and the receipts are stored under it."""
    batch_size: int
    """Maximum number of leads in one push."""
    max_parallel_pushes: int
    """Maximum number of pushes in progress at the same time."""
    is_idempotent: bool
    """Whether sending a lead again never makes a second record, so that a delivered lead can serve as a canary."""
    # Optional members, which only some CRMs need:
    # knows_by_email = True                two leads with one address are one record in this CRM
    # create_missing() -> results          creates the properties that the CRM lacks (`kiosk check crm --create`)
    # find_dropped_fields(lead) -> names   the fields of a lead just sent that the response does not contain

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """
        Deliver *leads* in one call, and return each lead's outcome by its id.

        May be called again with the same leads after a crash or a lost response, and then makes no second record.
        A lead that is missing from the result may or may not have been delivered; it never counts as delivered.

        Raises:
            BatchRefused: none was delivered; the CRM refused the batch without naming the lead at fault.
            OutcomeUnknown: the request went out, and the CRM may or may not have the leads.
            DestinationFault: none was delivered, and any other lead would fail in the same way now.
        """
        ...

    def fingerprint_credential(self) -> str:
        """Return a fingerprint of the credential for the next call; it reveals only whether the credential changed."""
        ...

    async def check_setup(self) -> list[CheckResult]:
        """
        Check, without sending a lead, that leads could be delivered: sign-in, scopes, fields, required values.

        Raises:
            SyncError: the CRM could not be reached.
        """
        ...

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """
        Delete the test lead that was delivered as *remote_id*; return False if this CRM has no way to do so.

        Raises:
            SyncError: the lead is still there.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections. The connector must not be used afterwards."""
        ...
