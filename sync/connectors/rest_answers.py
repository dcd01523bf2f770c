"""What the answers of a JSON API mean, with everything where kiosk.toml says that it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from sync.answers import at, document_of, ended, is_id, message, refusal
from sync.connectors.base import Delivered, Outcome, Outgoing, Rejected, Retry
from sync.errors import BatchRefused, NotAuthorised, Unsure
from sync.http import Answer
from sync.settings.rest_answer import AnswerSettings


def understood(answer: Answer, places: AnswerSettings) -> Any:
    """
    The JSON of an answer that says yes.

    Raises:
        SyncError: it says no, by its status or in its body, or nothing that a CRM would say.
    """
    if not 200 <= answer.status < 300:
        raise refusal(answer, lambda document: at(document, places.error))
    document = document_of(answer)
    if failure := at(document, places.failure) if places.failure else None:
        said = ended(message(at(document, places.error) or failure))
        if any(word.casefold() in str(failure).casefold() for word in places.sign_in):
            raise NotAuthorised(f"The CRM does not accept our key: {said}")
        raise BatchRefused(f"The CRM refuses it: {said}", code=said)
    return document


def one(document: Any, status: int, lead: Outgoing, places: AnswerSettings, known: str | None = None) -> Outcome:
    """
    How *lead* ended, which went alone: delivered if the CRM gives it an id, and names no other lead.

    A lead that was sent to where the CRM has it, under the id that is *known*, need not be given its id again.
    """
    if known and at(document, places.id) is None:
        return Delivered(known, status)
    if places.key and str(at(document, places.key)) != lead.id:
        raise Unsure(f"The CRM's answer has not our id at {places.key!r}, as answer.key says.")
    remote_id = at(document, places.id)
    if not is_id(remote_id):
        raise Unsure(f"The CRM's answer has no id of its own at {places.id!r}, as answer.id says.")
    return Delivered(str(remote_id), status)


def many(document: Any, status: int, places: AnswerSettings) -> dict[str, Outcome]:
    """How each lead ended that the answer names; one of which it says two things is left out."""
    items = at(document, places.items) if places.items else document
    if not isinstance(items, list):
        raise Unsure(f"The CRM's answer has no list at {places.items or 'its top'!r}, as answer.items says.")
    found: dict[str, Outcome] = {}
    contested: set[str] = set()
    for item in items:
        if is_id(at(item, places.key)):
            lead_id, outcome = str(at(item, places.key)), item_outcome(item, status, places)
            if found.setdefault(lead_id, outcome) != outcome:
                contested.add(lead_id)
    return {lead_id: outcome for lead_id, outcome in found.items() if lead_id not in contested}


def item_outcome(item: Any, status: int, places: AnswerSettings) -> Outcome:
    """How one item of a bulk answer ended."""
    remote_id, word = at(item, places.id), str(at(item, places.status)) if places.status else ""
    error = ended(message(at(item, places.error)))
    is_taken = word.casefold() in map(str.casefold, places.taken) if places.status else not error
    if is_taken and is_id(remote_id):
        return Delivered(str(remote_id), status)
    if is_taken:
        return Retry(f"The CRM's answer has no id of its own at {places.id!r}, as answer.id says.", status)
    if not error:
        said = f"{message(word)!r} is not in answer.taken" if word else "it does not say why"
        return Retry(f"The CRM does not say that it has this lead: {said}.", status)
    if word.startswith("5"):
        return Retry(f"The CRM had trouble with this lead: {error}", status)
    return Rejected(f"The CRM refuses it: {error}", word, status)


def found_in(document: Any, path: str) -> Sequence[Mapping[str, Any]]:
    """The contacts at *path*: a list of them, or one."""
    found = at(document, path) if path else document
    listed = found if isinstance(found, list) else [found]
    return [contact for contact in listed if isinstance(contact, Mapping)]


def same_person(
    contacts: Sequence[Mapping[str, Any]], lead: Outgoing, key: str, email: str
) -> Mapping[str, Any] | None:
    """The one of *contacts* that is *lead*: it has our id (at *key*), or the same e-mail (at *email*)."""
    ours = str(lead.fields.get("email") or "").strip().casefold()
    for contact in contacts:
        if key and at(contact, key) == lead.id:
            return contact
    for contact in contacts:
        if ours and str(at(contact, email) or "").strip().casefold() == ours:
            return contact
    return None


def duplicate(answer: Answer, lead: Outgoing, places: AnswerSettings) -> Outcome:
    """What it means that the CRM says it has *lead* already: the same person is delivered, another needs a person."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    contacts = found_in(document, places.existing)
    contact = same_person(contacts, lead, places.key, places.email)
    if contact is not None and is_id(at(contact, places.id)):
        return Delivered(str(at(contact, places.id)), answer.status)
    who = message(lead.fields.get("name") or lead.fields.get("email"))
    sentence = f"The CRM has another {who}, and does not say that it is the same person: look at it there."
    return Rejected(sentence, str(answer.status), answer.status)
