"""What a drain did."""

from dataclasses import dataclass, field

from data.gates import Gate
from data.pause import SendingPause
from sync.connectors.base import Delivered, NotSent, Outcome, Rejected, Retry, SharedRecord


@dataclass(slots=True)
class DrainSummary:
    """Counts, and why leads were not delivered."""

    delivered: int = 0
    rejected: int = 0
    """Handed to a person."""
    postponed: int = 0
    calls: int = 0
    asked: bool = False
    """Whether the CRM was asked, with nothing to send, and answered."""
    seconds: float = 0.0
    gate: Gate = field(default_factory=lambda: Gate(""))
    """How the destination stood at the end."""
    paused: SendingPause | None = None
    """Whether a person had paused sending at the end."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Why leads were not delivered, and how many for each reason."""

    def add_outcome(self, outcome: Outcome) -> None:
        """Add how it ended for one lead."""
        match outcome:
            case Delivered():
                self.delivered += 1
            case Rejected(reason) | SharedRecord(sentence=reason):
                self.rejected += 1
                self.add_reason(reason)
            case Retry(reason):
                self.postponed += 1
                self.add_reason(reason)
            case NotSent():
                pass

    def remove_reason(self, reason: str) -> None:
        """Take back what was noted once for *reason*: it was no reason."""
        left = self.reasons.pop(reason, 0) - 1
        if left > 0:
            self.reasons[reason] = left

    def add_reason(self, reason: str) -> None:
        """Remember why a lead was not delivered."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
