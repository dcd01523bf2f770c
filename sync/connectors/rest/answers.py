"""What the answers of a JSON API mean, with everything where kiosk.toml says that it is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sync.answers import at, document_of, ended, is_id, message, refusal
from sync.connectors.base import Delivered, Outcome, Outgoing, Rejected, Retry
from sync.connectors.rest.words import paths_in, quoted_words, said_at, what_it_has, words_of
from sync.errors import BatchRefused, NotAuthorised, SetUpFault, Throttled, Unsure
from sync.http import Answer
from sync.pages import refused_page
from sync.plain_no import FAILED, plain_no
from sync.settings.rest_answer import AnswerSettings, SearchSettings

TOO_MANY = ("rate limit", "too many requests")
"""What a refusal with the status 200 says that is about the number of calls."""

LAST_ID = re.compile(r"""([^/()'"]+)['"]?\)?/?$""")
"""The id at the end of an address: `/contacts/17`, `/leads(00aa-11bb)`."""


def understood(answer: Answer, places: AnswerSettings) -> Any:
    """
    The JSON of an answer that says yes; None where a header says all.

    Raises:
        SyncError: it says no, by its status or in its body, or nothing that a CRM would say.
    """
    if not 200 <= answer.status < 300:
        raise refusal(answer, lambda document: said_at(document, places))
    if not answer.body.strip() and id_in(None, answer, places):
        return None
    document = document_of(answer)
    if failure := (at(document, places.failure) if places.failure else None) or plain_no(document):
        said = ended(said_at(document, places) or words_of(failure))
        if any(word.casefold() in str(failure).casefold() for word in places.sign_in):
            raise NotAuthorised(f"The CRM does not accept our key: {said}")
        if any(words in said.casefold() for words in TOO_MANY):
            raise Throttled(f"The CRM asked us to wait: {said}")
        raise BatchRefused(f"The CRM refuses it: {said}", code=said)
    return document


def one(document: Any, answer: Answer, lead: Outgoing, places: AnswerSettings) -> Outcome:
    """
    How *lead* ended, which went alone and was new: delivered if the CRM gives it an id, and names no other lead.

    Raises:
        Unsure: there is no id where kiosk.toml says that it is, or the answer is about another lead.
    """
    remote_id = id_in(document, answer, places)
    if (word := word_in(document, places)) in map(str.casefold, places.not_taken):
        return not_taken(word, lead, remote_id, answer.status)
    if word in FAILED:
        why = said_at(document, places) or f"it says {message(word)!r}"
        raise BatchRefused(f"The CRM refuses it: {ended(why)}", code=why)
    if not is_id(remote_id) and (said := ended(words_of(at(document, places.error)))):
        raise BatchRefused(f"The CRM refuses it: {ended(said_at(document, places)) or said}", code=said)
    if places.key and is_id(theirs := at(document, places.key)) and str(theirs) != lead.id:
        raise Unsure(f"The CRM's answer is about another lead: it has another id of ours at {places.key!r}.")
    if places.key and not is_id(at(document, places.key)):
        why = 'correct answer.key, or write key = "" where the CRM does not give it back'
        raise Unsure(f"The answer has not our id at {places.key!r}. {what_it_has(document)}: {why}.", lacks_proof=True)
    if not is_id(remote_id):
        if isinstance(remote_id, str | int) and not isinstance(remote_id, bool) and str(remote_id).strip():
            sentence = f"The answer has {message(str(remote_id))!r} at {places.id!r}, which is not the id of a record"
            raise Unsure(f"{sentence}: look why the CRM made none, or correct answer.id.", lacks_proof=True)
        raise Unsure(
            f"The answer has no id at {places.id!r}. {what_it_has(document)}: correct answer.id.", lacks_proof=True
        )
    return Delivered(str(remote_id), answer.status)


def updated(document: Any, answer: Answer, lead: Outgoing, places: AnswerSettings, known: str) -> Outcome:
    """How *lead* ended, which was sent to where the CRM has it: the id that is *known* need not be said again."""
    remote_id = id_in(document, answer, places)
    if (word := word_in(document, places)) in map(str.casefold, places.not_taken):
        return not_taken(word, lead, None, answer.status)
    if places.key and is_id(theirs := at(document, places.key)) and str(theirs) != lead.id and is_id(remote_id):
        return Rejected(f"The CRM has another lead of ours under the id {known}: look at it there.", "another lead")
    return Delivered(str(remote_id) if is_id(remote_id) else known, answer.status)


def id_in(document: Any, answer: Answer, places: AnswerSettings) -> Any:
    """The CRM's own id, in the body or in a header; None where there is none."""
    found = at(document, places.id) if places.id else None
    if found is None and places.id_header and (header := answer.headers.get(places.id_header.lower())):
        ending = LAST_ID.search(header.strip())
        return ending[1] if ending else None
    return found


def word_in(document: Any, places: AnswerSettings) -> str:
    """What the CRM says became of a lead; a `true` is "true"."""
    found = at(document, places.status) if places.status else None
    return "" if found is None else str(found).casefold()


def not_taken(word: str, lead: Outgoing, remote_id: Any, status: int) -> Outcome:
    """
    How *lead* ended, of which the CRM says by *word* that it has one already: that alone proves nothing.

    What was sent before as it is now, and never answered for, is that one.
    """
    if lead.is_resent and not lead.remote_id and is_id(remote_id):
        return Delivered(str(remote_id), status)
    sentence = f"The CRM has it already, and did not take what was sent (it says {message(word)!r}): look at it there."
    return Rejected(sentence, f"not taken: {word}", status)


def many(document: Any, answer: Answer, leads: Sequence[Outgoing], places: AnswerSettings) -> dict[str, Outcome]:
    """
    How each lead ended that the answer names; one of which it says two things is left out.

    Raises:
        Unsure: there is no list, or none of those that it took has an id, where kiosk.toml says that they are.
    """
    items = at(document, places.items) if places.items else document
    if not isinstance(items, list):
        where = places.items or "its top"
        if not any(at(document, path) is not None for path in paths_in(document)):
            raise Unsure(f"The CRM's answer has no list at {where!r}, and nothing else.")
        raise Unsure(
            f"The answer has no list at {where!r}. {what_it_has(document)}: correct answer.items.", lacks_proof=True
        )
    found: dict[str, Outcome] = {}
    contested: set[str] = set()
    ours = {lead.id: lead for lead in leads}
    for item in items:
        lead = ours.get(str(at(item, places.key)))
        if lead is not None:
            outcome = _item_outcome(item, lead, answer, places)
            if found.setdefault(lead.id, outcome) != outcome:
                contested.add(lead.id)
    nameless = [end for end in found.values() if isinstance(end, Retry) and end.reason == _no_id(places)]
    if nameless and len(nameless) == len(found) and not any(_has_place(item, places.id) for item in items):
        raise Unsure(f"{_no_id(places)} {what_it_has(items[0])}: correct answer.id.", lacks_proof=True)
    return {lead_id: outcome for lead_id, outcome in found.items() if lead_id not in contested}


def _item_outcome(item: Any, lead: Outgoing, answer: Answer, places: AnswerSettings) -> Outcome:
    """How one item of a bulk answer ended."""
    status, remote_id, word = answer.status, at(item, places.id), word_in(item, places)
    error = ended(message(at(item, places.error)))
    if word in map(str.casefold, places.not_taken):
        return not_taken(word, lead, remote_id, status)
    is_taken = word in map(str.casefold, places.taken) if places.status else not error
    if is_taken and is_id(remote_id):
        return Delivered(str(remote_id), status)
    if is_taken:
        return Retry(_no_id(places), status)
    if not error:
        said = f"{message(at(item, places.status))!r} is not in answer.taken" if word else "it does not say why"
        return Retry(f"The CRM does not say that it has this lead: {said}.", status)
    if word.startswith("5"):
        return Retry(f"The CRM had trouble with this lead: {error}", status)
    return Rejected(f"The CRM refuses it: {error}", word, status)


def _has_place(item: Any, path: str) -> bool:
    """Whether *item* has anything at *path*, be it nothing."""
    above, _, name = path.rpartition(".")
    holder = at(item, above)
    return isinstance(holder, Mapping) and name in holder


def _no_id(places: AnswerSettings) -> str:
    """What to say of an item that was taken and has no id."""
    return f"The CRM's answer has no id of its own at {places.id!r}, as answer.id says."


def records_in(document: Any, path: str) -> Sequence[Mapping[str, Any]]:
    """The contacts at *path*: a list of them, or one."""
    found = at(document, path) if path else document
    listed = found if isinstance(found, list) else [found]
    return [contact for contact in listed if isinstance(contact, Mapping) and contact]


def found_in(document: Any, search: SearchSettings, key: str) -> Sequence[Mapping[str, Any]]:
    """
    The records that a search found; *key* is the table of kiosk.toml that describes it.

    Raises:
        SetUpFault: this is not what it describes: believed, it would mean that nobody was found, and double the lead.
    """
    parent, _, name = search.items.rpartition(".")
    holder = at(document, parent)
    if search.items and at(document, search.items) is None and not (isinstance(holder, Mapping) and name in holder):
        raise SetUpFault(
            f"CRM set-up: {key} finds no list at {search.items!r}. {what_it_has(document)}: correct {key}.items."
        )
    records = records_in(document, search.items)
    if records and isinstance(document, Mapping) and not search.items and at(document, search.id) is None:
        sentence = f"CRM set-up: {key} finds no list, and nothing at {search.id!r}. {what_it_has(document)}"
        raise SetUpFault(f"{sentence}: correct {key}.items.")
    return records


def look_for_address(answer: Answer, key: str) -> None:
    """
    Look whether there is anything at the address that *key* of kiosk.toml names.

    Raises:
        SetUpFault: there is not.
    """
    if answer.status in (404, 405, 410) and refused_page(answer) is None:
        there = f"CRM set-up: there is no such address at the CRM (it answers {answer.status})"
        raise SetUpFault(f"{there}: correct {key} below crm.rest in kiosk.toml. {quoted_words(answer)}".strip())
