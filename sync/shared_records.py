"""
Shared records: two leads that the CRM keeps as one. Noticed before they are sent where possible, otherwise afterwards.

One person met at two events is rightly one record. Whether two leads are one person, a person decides: the later lead
waits for that, so that nothing more is written over the other.
"""

from dataclasses import replace

from data import outbox
from data.contact import Contact
from data.language import N_, _
from data.lead import Lead, derive_email_identity
from data.outbox import DueLead
from data.person_matching import get_phone_suffix, names_differ, people_differ
from data.store import Store
from sync.connectors.base import Delivered, Outcome, SharedRecord

_DECISION_ADVICE = N_(
    "Give one of them a different e-mail address, or discard one; or retry this one, and both stay one record."
)


def find_shared_before_send(db: Store, due_lead: DueLead, destination: str) -> SharedRecord | None:
    """Return a `SharedRecord` where a CRM that knows people by e-mail would mistake *due_lead* for another lead."""
    identity = derive_email_identity(due_lead.lead.contact.email)
    if not identity or due_lead.remote_id is not None:
        return None
    for other, remote_id in outbox.find_leads_sharing_identity(db, due_lead.lead, identity, destination):
        # An identity is kept when its lead's e-mail is edited: the other lead may have another address by now.
        is_still = derive_email_identity(other.contact.email) == identity
        if is_still and remote_id != due_lead.accepted_id and _are_different_people(due_lead.lead, other):
            return SharedRecord(remote_id, sentence=_describe_would_merge(due_lead.lead, other, remote_id))
    return None


def check_shared_after_send(db: Store, due_lead: DueLead, outcome: Outcome, destination: str) -> Outcome:
    """Return *outcome*, or a `SharedRecord` where the record that the CRM names is another lead's already."""
    match outcome:
        case Delivered(remote_id, status, has_own_record=True) if remote_id != due_lead.accepted_id:
            for other in outbox.find_leads_sharing_record(db, due_lead.lead.id, destination, remote_id):
                if _are_different_people(due_lead.lead, other):
                    return SharedRecord(
                        remote_id, status=status, sentence=_describe_merged(due_lead.lead, other, remote_id)
                    )
        case SharedRecord(remote_id, owner, sentence=""):
            found = outbox.find_leads_sharing_record(db, due_lead.lead.id, destination, remote_id)
            sentence = (
                _describe_would_merge(due_lead.lead, found[0], remote_id)
                if found
                else _describe_existing_record(due_lead.lead, owner, remote_id)
            )
            return replace(outcome, sentence=sentence)
    return outcome


def _are_different_people(one: Lead, other: Lead) -> bool:
    """Return whether two leads are two people; two of one event were not merged here, so they are."""
    return one.event == other.event or people_differ(one.contact, other.contact)


def _describe_merged(one: Lead, other: Lead, remote_id: str) -> str:
    """Return the sentence for two leads of which the CRM made one record."""
    if _have_same_email(one.contact, other.contact):
        text = _("The CRM keeps {one} and {other} as one record ({record}), because both have {email}.")
    elif _have_same_phone(one.contact, other.contact):
        text = _("The CRM keeps {one} and {other} as one record ({record}), because both have the number {phone}.")
    else:
        text = _("The CRM keeps {one} and {other} as one record ({record}).")
    return _fill_in_both(text, one, other, remote_id)


def _describe_would_merge(one: Lead, other: Lead, remote_id: str) -> str:
    """Return the sentence for a lead that the CRM would write over another."""
    if _have_same_email(one.contact, other.contact):
        text = _("The CRM would keep {one} and {other} as one record ({record}), because both have {email}.")
    elif _have_same_phone(one.contact, other.contact):
        text = _("The CRM would keep {one} and {other} as one record ({record}), because both have the number {phone}.")
    else:
        text = _("The CRM would keep {one} and {other} as one record ({record}).")
    return _fill_in_both(text, one, other, remote_id)


def _fill_in_both(text: str, later: Lead, earlier: Lead, remote_id: str) -> str:
    """Fill in *text* about two leads, the earlier one first, and add what a person can do."""
    contact = later.contact
    names = {"one": earlier.label, "other": later.label, "record": remote_id}
    return _add_advice(text.format(**names, email=contact.email, phone=contact.phone))


def _describe_existing_record(lead: Lead, owner: str, remote_id: str) -> str:
    """Return the sentence for a lead whose e-mail, say, the CRM has under somebody else's name."""
    names = {
        "owner": owner or _("somebody"),
        "details": lead.contact.email or _("the same details"),
        "record": remote_id,
        "lead": lead.label,
    }
    if owner and names_differ(owner, lead.contact.display_name):
        text = _("The CRM has {owner} under {details} ({record}), and this lead is {lead}.")
    else:
        text = _("The CRM has {owner} under {details} ({record}), who may be somebody else.")
    return _add_advice(text.format(**names))


def _add_advice(sentence: str) -> str:
    """Return *sentence* followed by what a person can do."""
    return f"{sentence} {_(_DECISION_ADVICE)}"


def _have_same_email(one: Contact, other: Contact) -> bool:
    """Return whether two contacts have one e-mail address."""
    return derive_email_identity(one.email) == derive_email_identity(other.email) != ""


def _have_same_phone(one: Contact, other: Contact) -> bool:
    """Return whether two contacts have one phone number."""
    return get_phone_suffix(one.phone) == get_phone_suffix(other.phone) != ""
