"""What a drain did."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from data.batches import Receipt
from data.gates import Gate


@dataclass(slots=True)
class Summary:
    """Counts, and why leads were not delivered."""

    delivered: int = 0
    rejected: int = 0
    """Handed to a person."""
    postponed: int = 0
    calls: int = 0
    seconds: float = 0.0
    gate: Gate = field(default_factory=lambda: Gate(""))
    """How the destination stood at the end."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Why leads were not delivered, and how many for each reason."""

    def count(self, receipts: Sequence[Receipt]) -> None:
        """Add up what a call brought."""
        for receipt in receipts:
            match receipt.outcome:
                case "delivered":
                    self.delivered += 1
                case "rejected":
                    self.rejected += 1
                    self.note(receipt.message)
                case _:
                    self.postponed += 1
                    self.note(receipt.message)

    def note(self, reason: str) -> None:
        """Remember why a lead was not delivered."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
