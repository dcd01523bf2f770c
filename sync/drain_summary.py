"""The result of a drain."""

from dataclasses import dataclass, field

from data.gates import Gate
from data.pause import SendingPause
from sync.connectors.base import Delivered, NotSent, Outcome, Rejected, Retry, SharedRecord


@dataclass(slots=True)
class DrainSummary:
    """Counts, and why leads were not delivered. The field names are keys of `kiosk sync --json`."""

    delivered: int = 0
    rejected: int = 0
    """Parked: they need a person."""
    postponed: int = 0
    calls: int = 0
    asked: bool = False
    """Whether the CRM was checked, and could be reached. That is only done when there is no lead to send."""
    seconds: float = 0.0
    gate: Gate = field(default_factory=lambda: Gate(""))
    """The gate at the end of the run."""
    paused: SendingPause | None = None
    """The pause that was in force at the end; None if there was none."""
    reasons: dict[str, int] = field(default_factory=dict)
    """The number of leads that were not delivered, by reason."""

    def add_outcome(self, outcome: Outcome) -> None:
        """Count the outcome of one lead."""
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
        """Take back one lead that was counted for *reason*."""
        left = self.reasons.pop(reason, 0) - 1
        if left > 0:
            self.reasons[reason] = left

    def add_reason(self, reason: str) -> None:
        """Count one lead that was not delivered for *reason*."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
