"""
Shared records: two leads that the CRM keeps as one. Noticed before they are sent where possible, otherwise afterwards.

One person met at two events is rightly one record. A person decides whether two leads are the same person. Until then
the later one waits, so that it overwrites nothing more of the other.
"""

from dataclasses import replace
from typing import NamedTuple

from data import outbox
from data.contact import Contact
from data.language import N_, _
from data.lead import Lead, derive_email_identity
from data.outbox import DueLead
from data.person_matching import get_phone_suffix, names_differ, people_differ
from data.store import Store
from sync.connectors.base import Delivered, Outcome, SharedRecord

_SAME_EMAIL_ADVICE = N_(
    "Give one of them a different e-mail address, or discard one; or retry this one, and both stay one record."
)

_SAME_PHONE_ADVICE = N_(
    "Give one of them a different phone number, or discard one; or retry this one, and both stay one record."
)

_UNKNOWN_CAUSE_ADVICE = N_("Discard one of them; or retry this one, and both stay one record.")

_OTHERS_EMAIL_ADVICE = N_(
    "Give this lead a different e-mail address, or discard it; or retry it, and it is written to that record."
)

_OTHERS_RECORD_ADVICE = N_("Discard this lead; or retry it, and it is written to that record.")


class _Sentences(NamedTuple):
    """What is said of two leads in one record, by the reason why the CRM takes them for one person."""

    same_email: str
    same_phone: str
    unknown_cause: str


_MERGED = _Sentences(
    N_("The CRM keeps {earlier} and {later} as one record ({record}), because both have {email}."),
    N_("The CRM keeps {earlier} and {later} as one record ({record}), because both have the number {phone}."),
    N_("The CRM keeps {earlier} and {later} as one record ({record})."),
)

_WOULD_MERGE = _Sentences(
    N_("The CRM would keep {earlier} and {later} as one record ({record}), because both have {email}."),
    N_("The CRM would keep {earlier} and {later} as one record ({record}), because both have the number {phone}."),
    N_("The CRM would keep {earlier} and {later} as one record ({record})."),
)


def find_shared_before_send(db: Store, due_lead: DueLead, destination: str) -> SharedRecord | None:
    """Return a `SharedRecord` where a CRM that knows people by e-mail would mistake *due_lead* for another lead."""
    identity = derive_email_identity(due_lead.lead.contact.email)
    if not identity or due_lead.remote_id is not None:
        return None
    for other, remote_id in outbox.find_leads_sharing_identity(db, due_lead.lead, identity, destination):
        # An identity is kept when its lead's e-mail is edited: the other lead may have another address by now.
        still_has_email = derive_email_identity(other.contact.email) == identity
        if still_has_email and remote_id != due_lead.accepted_id and _are_different_people(due_lead.lead, other):
            return SharedRecord(
                remote_id, sentence=_describe_shared_record(_WOULD_MERGE, due_lead.lead, other, remote_id)
            )
    return None


def check_shared_after_send(db: Store, due_lead: DueLead, outcome: Outcome, destination: str) -> Outcome:
    """Return *outcome*, or a `SharedRecord` where the record that the CRM names is another lead's already."""
    match outcome:
        case Delivered(remote_id, status, has_own_record=True) if remote_id != due_lead.accepted_id:
            for other in outbox.find_leads_sharing_record(db, due_lead.lead.id, destination, remote_id):
                if _are_different_people(due_lead.lead, other):
                    sentence = _describe_shared_record(_MERGED, due_lead.lead, other, remote_id)
                    return SharedRecord(remote_id, status=status, sentence=sentence)
        case SharedRecord(remote_id, owner, sentence=""):
            found = outbox.find_leads_sharing_record(db, due_lead.lead.id, destination, remote_id)
            sentence = (
                _describe_shared_record(_WOULD_MERGE, due_lead.lead, found[0], remote_id)
                if found
                else _describe_existing_record(due_lead.lead, owner, remote_id)
            )
            return replace(outcome, sentence=sentence)
    return outcome


def _are_different_people(one: Lead, other: Lead) -> bool:
    """Return whether two leads are two people; two of one event were not merged here, so they are."""
    return one.event == other.event or people_differ(one.contact, other.contact)


def _describe_shared_record(sentences: _Sentences, later: Lead, earlier: Lead, remote_id: str) -> str:
    """Describe two leads that the CRM has or would have as one record, and what a person can do."""
    if _have_same_email(later.contact, earlier.contact):
        sentence, advice = sentences.same_email, _SAME_EMAIL_ADVICE
    elif _have_same_phone(later.contact, earlier.contact):
        sentence, advice = sentences.same_phone, _SAME_PHONE_ADVICE
    else:
        sentence, advice = sentences.unknown_cause, _UNKNOWN_CAUSE_ADVICE
    filled = _(sentence).format(
        earlier=earlier.label,
        later=later.label,
        record=remote_id,
        email=later.contact.email,
        phone=later.contact.phone,
    )
    return f"{filled} {_(advice)}"


def _describe_existing_record(lead: Lead, owner: str, remote_id: str) -> str:
    """Describe a lead whose e-mail, say, the CRM has under somebody else's name, and what a person can do."""
    names = {
        "owner": owner or _("somebody"),
        "details": lead.contact.email or _("the same details"),
        "record": remote_id,
        "lead": lead.label,
    }
    if owner and names_differ(owner, lead.contact.display_name):
        sentence = _("The CRM has {owner} under {details} ({record}), and this lead is {lead}.")
    else:
        sentence = _("The CRM has {owner} under {details} ({record}), who may be somebody else.")
    advice = _OTHERS_EMAIL_ADVICE if lead.contact.email else _OTHERS_RECORD_ADVICE
    return f"{sentence.format(**names)} {_(advice)}"


def _have_same_email(one: Contact, other: Contact) -> bool:
    """Return whether two contacts have the same e-mail address."""
    return derive_email_identity(one.email) == derive_email_identity(other.email) != ""


def _have_same_phone(one: Contact, other: Contact) -> bool:
    """Return whether two contacts have the same phone number, however it is written."""
    return get_phone_suffix(one.phone) == get_phone_suffix(other.phone) != ""
