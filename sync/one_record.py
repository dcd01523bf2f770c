"""
Two leads that the CRM keeps as one record: noticed before they are sent where that can be known, and else afterwards.

One person met at two events is one record, and rightly so. Two people in one are for a person to decide: whoever comes
later waits for that, and nothing more is written over the other.
"""

from dataclasses import replace

from data import outbox
from data.lead import Lead, email_identity
from data.outbox import Owed
from data.same import digits, names_differ, people_differ
from data.store import Store
from sync.connectors.base import Delivered, Outcome, Shared

DECIDE = "Give one of them an e-mail of their own; or discard one; or retry this one, and both stay that one record."


def shared_before(db: Store, owed: Owed, destination: str) -> Shared | None:
    """Whether a CRM that knows people by their e-mail would take *owed* for another lead that it has."""
    identity = email_identity(owed.lead.contact.email)
    if not identity or owed.remote_id is not None:
        return None
    for other, remote_id in outbox.at_one_address(db, owed.lead, identity, destination):
        is_still = email_identity(other.contact.email) == identity
        if is_still and remote_id != owed.accepted_id and _are_two(owed.lead, other):
            return Shared(remote_id, sentence=_would_be_one(owed.lead, other, remote_id))
    return None


def shared_after(db: Store, owed: Owed, outcome: Outcome, destination: str) -> Outcome:
    """*outcome*, or that the id which the CRM gave *owed* is another lead's already."""
    match outcome:
        case Delivered(remote_id, status, names_record=True) if remote_id != owed.accepted_id:
            for other in outbox.in_one_record(db, owed.lead.id, destination, remote_id):
                if _are_two(owed.lead, other):
                    return Shared(remote_id, status=status, sentence=_are_one(owed.lead, other, remote_id))
        case Shared(remote_id, who, sentence=""):
            found = outbox.in_one_record(db, owed.lead.id, destination, remote_id)
            sentence = _would_be_one(owed.lead, found[0], remote_id) if found else _is_known(owed.lead, who, remote_id)
            return replace(outcome, sentence=sentence)
    return outcome


def _are_two(one: Lead, other: Lead) -> bool:
    """Whether two leads are two people; those of one event were kept apart here already."""
    return one.event == other.event or people_differ(one.contact, other.contact)


def _are_one(one: Lead, other: Lead, remote_id: str) -> str:
    """That the CRM made one record of two leads."""
    return f"The CRM keeps {other.label} and {one.label} as one record ({remote_id}){_because(one, other)}. {DECIDE}"


def _would_be_one(one: Lead, other: Lead, remote_id: str) -> str:
    """That the CRM would write one lead over another."""
    return (
        f"The CRM would keep {other.label} and {one.label} as one record ({remote_id}){_because(one, other)}. {DECIDE}"
    )


def _is_known(lead: Lead, who: str, remote_id: str) -> str:
    """That the CRM has somebody else under what it would know the lead by."""
    has = f"The CRM has {who or 'somebody'} under {lead.contact.email or 'the same details'} ({remote_id})"
    if who and names_differ(who, lead.contact.display_name):
        return f"{has}, and this lead is {lead.label}. {DECIDE}"
    return f"{has}, who may be somebody else. {DECIDE}"


def _because(one: Lead, other: Lead) -> str:
    """What two leads share, where that is seen."""
    mine, yours = one.contact, other.contact
    if email_identity(mine.email) == email_identity(yours.email) != "":
        return f", because both have {mine.email}"
    if digits(mine.phone) == digits(yours.phone) != "":
        return f", because both have the number {mine.phone}"
    return ""
