"""
Two leads that the CRM keeps as one record: noticed before they are sent where that can be known, and else afterwards.

One person met at two events is one record, and rightly so. Two people in one are for a person to decide: whoever comes
later waits for that, and nothing more is written over the other.
"""

from dataclasses import replace

from data import outbox
from data.lead import Lead, derive_email_identity
from data.outbox import DueLead
from data.person_matching import names_differ, people_differ, phone_suffix
from data.store import Store
from sync.connectors.base import Delivered, Outcome, SharedRecord

_DECISION_ADVICE = (
    "Give one of them an e-mail of their own; or discard one; or retry this one, and both stay that one record."
)


def find_shared_before_send(db: Store, owed: DueLead, destination: str) -> SharedRecord | None:
    """Whether a CRM that knows people by their e-mail would take *owed* for another lead that it has."""
    identity = derive_email_identity(owed.lead.contact.email)
    if not identity or owed.remote_id is not None:
        return None
    for other, remote_id in outbox.find_leads_sharing_identity(db, owed.lead, identity, destination):
        is_still = derive_email_identity(other.contact.email) == identity
        if is_still and remote_id != owed.accepted_id and _are_different_people(owed.lead, other):
            return SharedRecord(remote_id, sentence=_describe_would_merge(owed.lead, other, remote_id))
    return None


def check_shared_after_send(db: Store, owed: DueLead, outcome: Outcome, destination: str) -> Outcome:
    """*outcome*, or that the id which the CRM gave *owed* is another lead's already."""
    match outcome:
        case Delivered(remote_id, status, has_own_record=True) if remote_id != owed.accepted_id:
            for other in outbox.find_leads_sharing_record(db, owed.lead.id, destination, remote_id):
                if _are_different_people(owed.lead, other):
                    return SharedRecord(
                        remote_id, status=status, sentence=_describe_merged(owed.lead, other, remote_id)
                    )
        case SharedRecord(remote_id, who, sentence=""):
            found = outbox.find_leads_sharing_record(db, owed.lead.id, destination, remote_id)
            sentence = (
                _describe_would_merge(owed.lead, found[0], remote_id)
                if found
                else _describe_existing_record(owed.lead, who, remote_id)
            )
            return replace(outcome, sentence=sentence)
    return outcome


def _are_different_people(one: Lead, other: Lead) -> bool:
    """Whether two leads are two people; those of one event were kept apart here already."""
    return one.event == other.event or people_differ(one.contact, other.contact)


def _describe_merged(one: Lead, other: Lead, remote_id: str) -> str:
    """That the CRM made one record of two leads."""
    return f"The CRM keeps {other.label} and {one.label} as one record ({remote_id}){_describe_shared_details(one, other)}. {_DECISION_ADVICE}"


def _describe_would_merge(one: Lead, other: Lead, remote_id: str) -> str:
    """That the CRM would write one lead over another."""
    return f"The CRM would keep {other.label} and {one.label} as one record ({remote_id}){_describe_shared_details(one, other)}. {_DECISION_ADVICE}"


def _describe_existing_record(lead: Lead, who: str, remote_id: str) -> str:
    """That the CRM has somebody else under what it would know the lead by."""
    has = f"The CRM has {who or 'somebody'} under {lead.contact.email or 'the same details'} ({remote_id})"
    if who and names_differ(who, lead.contact.display_name):
        return f"{has}, and this lead is {lead.label}. {_DECISION_ADVICE}"
    return f"{has}, who may be somebody else. {_DECISION_ADVICE}"


def _describe_shared_details(one: Lead, other: Lead) -> str:
    """What two leads share, where that is seen."""
    mine, yours = one.contact, other.contact
    if derive_email_identity(mine.email) == derive_email_identity(yours.email) != "":
        return f", because both have {mine.email}"
    if phone_suffix(mine.phone) == phone_suffix(yours.phone) != "":
        return f", because both have the number {mine.phone}"
    return ""
