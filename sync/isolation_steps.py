"""
What to do next when a call failed: the decision table of docs/fault-isolation.md as one pure function.

The rules are numbered as in the document, and tried in that order; the first that applies decides.
"""

from dataclasses import dataclass
from enum import Enum, auto

from sync.errors import (
    BatchRefused,
    ConfigurationFault,
    CrmDown,
    NotAuthorised,
    OutcomeUnknown,
    SyncError,
)

# How many leads must fail on their own, with none delivered in between, before that counts as the CRM's fault, whatever
# else still works.
MAX_FAILING_LEADS = 5

# How many other leads are tried, at most, before a configuration fault counts as the destination's.
MAX_OTHER_LEADS = 2


class Step(Enum):
    """What the driver in `sync.fault_isolation` does next with the batch whose call failed."""

    CLOSE_GATE = auto()
    """The destination is at fault: end the run and close the gate."""
    CLOSE_GATE_AFTER_TRIALS = auto()
    """The same, and the leads that were tried and failed go behind all others in the next run."""
    LIMIT_BATCH_SIZE = auto()
    """Send it in halves, and never that many again."""
    HALVE_REFUSED = auto()
    """Send the first half; if that is accepted, the refused lead is in the second."""
    SPLIT = auto()
    """Send both halves."""
    RESEND = auto()
    """Send the same batch once more, under the same ids: the CRM may have it."""
    TRY_OTHER_LEAD = auto()
    """Send one lead that has not failed yet, to see whether the CRM accepts it."""
    TRY_RECENT_LEAD = auto()
    """Send a lead again that was delivered in the last minutes, or run the connector's check."""
    PARK_REFUSED = auto()
    """The CRM refused this lead: it needs a person."""
    PARK_MISCONFIGURED = auto()
    """Only this lead has the configuration fault: it needs a person."""
    CHARGE_FAILURE = auto()
    """Only this lead fails: count an attempt, and let it back off alone."""


CALLING_STEPS = frozenset({Step.HALVE_REFUSED, Step.RESEND, Step.TRY_OTHER_LEAD, Step.TRY_RECENT_LEAD})
"""Steps that make a call; none of them is begun while the drain is stopping."""


@dataclass(frozen=True, slots=True)
class History:
    """What is known about a failed batch and its destination."""

    batch_size: int
    """Leads in the call that failed."""
    was_resent: bool = False
    """Whether this batch was sent a second time already."""
    others_failed: int = 0
    """Other leads that were tried since, and failed."""
    is_other_left: bool = True
    """Whether there may be another lead to try."""
    has_other_worked: bool = False
    """Whether the CRM answered for another lead since: accepted it, or refused it by name."""
    has_recent_worked: bool | None = None
    """Whether it answered for a recently delivered one again, or passed its check; None before that was tried."""
    failing_leads: int = 0
    """Leads that have spent an attempt since the last delivery."""
    gate_cause: str = ""
    """Why the gate is closed; empty while it is open."""
    has_ever_worked: bool = True
    """Whether this destination ever answered for a lead or passed its check."""
    has_worked_recently: bool = True
    """Whether the gate is open, and the CRM answered for a lead or passed its check in the last ten minutes."""

    @property
    def is_single(self) -> bool:
        """Whether the call held one lead: then the failure can be that lead's."""
        return self.batch_size == 1

    @property
    def does_crm_work(self) -> bool:
        """Whether the CRM was seen to work since this batch failed."""
        return self.has_other_worked or bool(self.has_recent_worked)


def next_step(history: History, outcome: SyncError) -> Step:
    """Return what to do about a batch whose last call ended with *outcome*."""
    match outcome:
        case BatchRefused():
            return _after_refusal(history, outcome)
        case OutcomeUnknown():
            return _after_unknown_outcome(history, outcome)
        case CrmDown():
            return _after_failure(history)
        case ConfigurationFault(is_for_all_leads=False) | NotAuthorised():
            return _after_configuration_fault(history, outcome)
    return Step.CLOSE_GATE  # rule 1


def _after_refusal(history: History, refusal: BatchRefused) -> Step:
    """Rules 2 to 4: the CRM understood the batch and refused it whole."""
    if history.is_single:
        return Step.PARK_REFUSED  # rule 2
    return Step.LIMIT_BATCH_SIZE if refusal.is_too_big else Step.HALVE_REFUSED  # rules 3 and 4


def _after_unknown_outcome(history: History, outcome: OutcomeUnknown) -> Step:
    """Rules 5 to 7: the CRM may or may not have the leads."""
    # If the CRM accepts leads without confirming them, each further call might create one more record.
    if outcome.lacks_proof and history.gate_cause == ConfigurationFault.cause:
        return Step.CLOSE_GATE_AFTER_TRIALS  # rule 5
    if not history.was_resent:
        return Step.RESEND  # rule 6
    if outcome.lacks_proof and not history.has_worked_recently:
        return Step.CLOSE_GATE_AFTER_TRIALS  # rule 7
    return _after_failure(history)


def _after_failure(history: History) -> Step:
    """Rules 8 to 13: a call that failed without saying why."""
    if history.failing_leads >= MAX_FAILING_LEADS:
        return Step.CLOSE_GATE_AFTER_TRIALS  # rule 8
    if history.does_crm_work:
        return Step.CHARGE_FAILURE if history.is_single else Step.SPLIT  # rules 9 and 10
    if history.is_other_left and not history.others_failed:
        return Step.TRY_OTHER_LEAD  # rule 11
    if history.has_recent_worked is None:
        return Step.TRY_RECENT_LEAD  # rule 12
    return Step.CLOSE_GATE_AFTER_TRIALS  # rule 13


def _after_configuration_fault(history: History, fault: SyncError) -> Step:
    """Rules 14 to 20: the address, a permission or the key is wrong, for all leads or for this one."""
    if not history.has_ever_worked:
        return Step.CLOSE_GATE_AFTER_TRIALS  # rule 14
    # A rejected key is believed at once, unless the CRM accepted it minutes ago and rejects it for a single lead.
    if isinstance(fault, NotAuthorised) and not (history.is_single and history.has_worked_recently):
        return Step.CLOSE_GATE_AFTER_TRIALS  # rule 15
    if history.does_crm_work:
        # Several leads are left only with a configuration fault: rule 15 has decided about a rejected key.
        return Step.PARK_MISCONFIGURED if history.is_single else Step.SPLIT  # rules 16 and 17
    if history.is_other_left and history.others_failed < MAX_OTHER_LEADS:
        return Step.TRY_OTHER_LEAD  # rule 18
    if history.has_recent_worked is None:
        return Step.TRY_RECENT_LEAD  # rule 19
    return Step.CLOSE_GATE_AFTER_TRIALS  # rule 20
