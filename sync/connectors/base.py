"""One CRM behind one small interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A lead as a connector gets it."""

    id: str
    """The lead's own id: the idempotency key everywhere. Never re-made."""
    revision: int
    fields: Mapping[str, Any]
    """Our names to JSON values: the contact's fields, `badge_id`, `rating`, `note`, `tags`, `scanned_at` ..."""
    remote_id: str | None = None
    """The CRM's id, where an earlier delivery brought one."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Proven: a well-formed answer of the CRM that names this lead."""

    remote_id: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The CRM refused this lead; a person must look."""

    reason: str
    """The CRM's words, with the field where it named one."""
    code: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """Not delivered; perhaps this lead's fault, perhaps passing (a 5xx for this item, no result for it)."""

    reason: str
    status: int | None = None


Outcome: TypeAlias = Delivered | Rejected | Retry


class Connector(Protocol):
    """A CRM that leads can be delivered to."""

    destination: str
    """The name under which the gate and the receipts know it."""
    batch_size: int
    """How many leads one push may hold."""

    async def push(self, batch_id: str, leads: Sequence[Outgoing]) -> dict[str, Outcome]:
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

    async def aclose(self) -> None:
        """Let go of connections. The connector may not be used afterwards."""
        ...
