"""One CRM behind one small interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any, Literal, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class OutgoingLead:
    """A lead as a connector gets it."""

    id: str
    """The lead's own id: the idempotency key everywhere. Never re-made."""
    revision: int
    fields: Mapping[str, Any]
    """Our names to JSON values: the contact's fields, `badge_id`, `rating`, `note`, `tags`, `scanned_at` ..."""
    remote_id: str | None = None
    """The CRM's id, where an earlier delivery brought one."""
    was_sent_before: bool = False
    """Whether it was sent before, so that the CRM may have it already."""
    was_sent_unchanged: bool = False
    """Whether it was, and each time as it is now."""
    only_older_revision_sent: bool = False
    """Whether it was sent before as it was then, and never as it is now: the CRM cannot have this revision."""
    accepted_record_id: str | None = None
    """The CRM's record that a person said is this lead's, although it is another's too."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Proven: a well-formed answer of the CRM that names this lead."""

    remote_id: str
    status: int | None = None
    has_own_record: bool = _field(default=True, compare=False)
    """Whether `remote_id` names a record of this lead's own; a file holds many leads."""


@dataclass(frozen=True, slots=True)
class SharedRecord:
    """
    The CRM has a record by which it knows this lead (by its e-mail, say), and that is somebody else's.

    Nothing was written there: a person says whether the two are one.
    """

    remote_id: str
    record_owner: str = ""
    """Whose record it is, as the CRM says."""
    status: int | None = None
    sentence: str = ""
    """Why, for staff; empty where the engine is to say it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The CRM refused this lead; a person must look."""

    reason: str
    """The CRM's words, with the field where it named one."""
    code: str = ""
    status: int | None = None
    field: str = _field(default="", compare=False)
    """The CRM's name for what was wrong, where it named one: with `code`, what tells whether two were refused alike."""
    cause: Literal["rejected", "gone"] = "rejected"
    """`gone`: the CRM no longer has the record that it had; when a person has it sent again it becomes a new one."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not delivered; perhaps this lead's fault, perhaps passing (a 5xx for this item, no result for it)."""

    reason: str
    status: int | None = None
    is_unsure: bool = False
    """Whether nothing was said of it at all: the CRM may have it."""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Left out of this call, through no fault of its own; it goes with the next."""

    is_batch_too_big: bool = False
    """Whether there was too much in the call: the next one holds less."""


Outcome: TypeAlias = Delivered | SharedRecord | Rejected | Retry | NotSent


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was looked at before the show."""

    is_well: bool
    sentence: str
    """What was found, and what to do about it where it is not well."""
    was_asked: bool = True
    """Whether the CRM was asked for it; else it is something that could not be checked."""
    is_task: bool = False
    """Whether a person still has something to do."""


class Connector(Protocol):
    """A CRM that leads can be delivered to."""

    destination: str
    """The name under which the gate and the receipts know it."""
    batch_size: int
    """How many leads one push may hold."""
    max_parallel_pushes: int
    """How many pushes may be under way at the same time."""
    is_idempotent: bool
    """Whether a lead that the CRM has may be sent again, to see whether it works: that makes no second record."""
    # A connector may have `knows_by_email = True`: two leads with one address are then one record in its CRM.

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """
        Deliver *leads* in one call and say for each, by its id, how it ended.

        May be called again with the same leads, after a crash or a lost answer, and then makes no second
        record. An id missing from the result is an unsure end for that lead, never a success.

        Raises:
            BatchRefused: none was delivered; the CRM refused the batch without naming the lead at fault.
            Unsure: the request went out, and the CRM may or may not have the leads.
            DestinationFault: none was delivered, and no other lead would fare better now.
        """
        ...

    def fingerprint_credential(self) -> str:
        """A fingerprint of the credential that the next call would use; it tells nothing of it, but when it changes."""
        ...

    async def check_setup(self) -> list[CheckResult]:
        """
        Look, without sending a lead, whether leads could be delivered: the sign-in, scopes, fields, required values.

        Raises:
            SyncError: the CRM could not be asked.
        """
        ...

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """
        Take the test lead *lead*, which was delivered as *remote_id*, away again; False where this CRM cannot.

        Raises:
            SyncError: it is still there.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections. The connector may not be used afterwards."""
        ...
