"""What the answers of a JSON API mean, with everything where kiosk.toml says that it is."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sync.body_errors import FAILURE_WORDS, find_body_error
from sync.connectors.base import Delivered, Outcome, OutgoingLead, Rejected, Retry
from sync.connectors.rest.response_text import describe_paths, extract_text, find_error_text, list_paths, quote_crm
from sync.crm_messages import clean_message, end_sentence, get_by_path
from sync.errors import BatchRefused, ConfigurationFault, NotAuthorised, OutcomeUnknown, Throttled
from sync.http_client import CrmResponse
from sync.response_errors import classify_error_response, is_record_id, parse_json_body
from sync.settings.rest_answer import AnswerSettings, SearchSettings
from sync.web_pages import classify_error_page

_THROTTLE_PHRASES = ("rate limit", "too many requests")
"""What a refusal with the status 200 says that is about the number of calls."""

_TRAILING_ID_PATTERN = re.compile(r"""([^/()'"]+)['"]?\)?/?$""")
"""The id at the end of an address: `/contacts/17`, `/leads(00aa-11bb)`."""


def parse_response(answer: CrmResponse, places: AnswerSettings) -> Any:
    """
    The JSON of an answer that says yes; None where a header says all.

    Raises:
        SyncError: it says no, by its status or in its body, or nothing that a CRM would say.
    """
    if not 200 <= answer.status < 300:
        raise classify_error_response(answer, lambda document: find_error_text(document, places))
    if not answer.body.strip() and _find_remote_id(None, answer, places):
        return None
    document = parse_json_body(answer)
    if failure := (get_by_path(document, places.failure) if places.failure else None) or find_body_error(document):
        said = end_sentence(find_error_text(document, places) or extract_text(failure))
        if any(word.casefold() in str(failure).casefold() for word in places.sign_in):
            raise NotAuthorised(f"The CRM does not accept our key: {said}")
        if any(words in said.casefold() for words in _THROTTLE_PHRASES):
            raise Throttled(f"The CRM asked us to wait: {said}")
        raise BatchRefused(f"The CRM refuses it: {said}", code=said)
    return document


def parse_create_outcome(document: Any, answer: CrmResponse, lead: OutgoingLead, places: AnswerSettings) -> Outcome:
    """
    How *lead* ended, which went alone and was new: delivered if the CRM gives it an id, and names no other lead.

    Raises:
        Unsure: there is no id where kiosk.toml says that it is, or the answer is about another lead.
    """
    remote_id = _find_remote_id(document, answer, places)
    if (word := _find_status_word(document, places)) in map(str.casefold, places.not_taken):
        return parse_not_taken(word, lead, remote_id, answer.status)
    if word in FAILURE_WORDS:
        why = find_error_text(document, places) or f"it says {clean_message(word)!r}"
        raise BatchRefused(f"The CRM refuses it: {end_sentence(why)}", code=why)
    if not is_record_id(remote_id) and (said := end_sentence(extract_text(get_by_path(document, places.error)))):
        raise BatchRefused(f"The CRM refuses it: {end_sentence(find_error_text(document, places)) or said}", code=said)
    if places.key and is_record_id(theirs := get_by_path(document, places.key)) and str(theirs) != lead.id:
        raise OutcomeUnknown(f"The CRM's answer is about another lead: it has another id of ours at {places.key!r}.")
    if places.key and not is_record_id(get_by_path(document, places.key)):
        why = 'correct answer.key, or write key = "" where the CRM does not give it back'
        raise OutcomeUnknown(
            f"The answer has not our id at {places.key!r}. {describe_paths(document)}: {why}.", lacks_proof=True
        )
    if not is_record_id(remote_id):
        if isinstance(remote_id, str | int) and not isinstance(remote_id, bool) and str(remote_id).strip():
            sentence = (
                f"The answer has {clean_message(str(remote_id))!r} at {places.id!r}, which is not the id of a record"
            )
            raise OutcomeUnknown(f"{sentence}: look why the CRM made none, or correct answer.id.", lacks_proof=True)
        raise OutcomeUnknown(
            f"The answer has no id at {places.id!r}. {describe_paths(document)}: correct answer.id.", lacks_proof=True
        )
    return Delivered(str(remote_id), answer.status)


def parse_update_outcome(
    document: Any, answer: CrmResponse, lead: OutgoingLead, places: AnswerSettings, known: str
) -> Outcome:
    """How *lead* ended, which was sent to where the CRM has it: the id that is *known* need not be said again."""
    remote_id = _find_remote_id(document, answer, places)
    if (word := _find_status_word(document, places)) in map(str.casefold, places.not_taken):
        return parse_not_taken(word, lead, None, answer.status)
    if (
        places.key
        and is_record_id(theirs := get_by_path(document, places.key))
        and str(theirs) != lead.id
        and is_record_id(remote_id)
    ):
        return Rejected(f"The CRM has another lead of ours under the id {known}: look at it there.", "another lead")
    return Delivered(str(remote_id) if is_record_id(remote_id) else known, answer.status)


def _find_remote_id(document: Any, answer: CrmResponse, places: AnswerSettings) -> Any:
    """The CRM's own id, in the body or in a header; None where there is none."""
    found = get_by_path(document, places.id) if places.id else None
    if found is None and places.id_header and (header := answer.headers.get(places.id_header.lower())):
        ending = _TRAILING_ID_PATTERN.search(header.strip())
        return ending[1] if ending else None
    return found


def _find_status_word(document: Any, places: AnswerSettings) -> str:
    """What the CRM says became of a lead; a `true` is "true"."""
    found = get_by_path(document, places.status) if places.status else None
    return "" if found is None else str(found).casefold()


def parse_not_taken(word: str, lead: OutgoingLead, remote_id: Any, status: int) -> Outcome:
    """
    How *lead* ended, of which the CRM says by *word* that it has one already: that alone proves nothing.

    What was sent before as it is now, and never answered for, is that one.
    """
    if lead.was_sent_unchanged and not lead.remote_id and is_record_id(remote_id):
        return Delivered(str(remote_id), status)
    sentence = (
        f"The CRM has it already, and did not take what was sent (it says {clean_message(word)!r}): look at it there."
    )
    return Rejected(sentence, f"not taken: {word}", status)


def parse_bulk_outcomes(
    document: Any, answer: CrmResponse, leads: Sequence[OutgoingLead], places: AnswerSettings
) -> dict[str, Outcome]:
    """
    How each lead ended that the answer names; one of which it says two things is left out.

    Raises:
        Unsure: there is no list, or none of those that it took has an id, where kiosk.toml says that they are.
    """
    items = get_by_path(document, places.items) if places.items else document
    if not isinstance(items, list):
        where = places.items or "its top"
        if not any(get_by_path(document, path) is not None for path in list_paths(document)):
            raise OutcomeUnknown(f"The CRM's answer has no list at {where!r}, and nothing else.")
        raise OutcomeUnknown(
            f"The answer has no list at {where!r}. {describe_paths(document)}: correct answer.items.", lacks_proof=True
        )
    found: dict[str, Outcome] = {}
    contested: set[str] = set()
    ours = {lead.id: lead for lead in leads}
    for item in items:
        lead = ours.get(str(get_by_path(item, places.key)))
        if lead is not None:
            outcome = _parse_item_outcome(item, lead, answer, places)
            if found.setdefault(lead.id, outcome) != outcome:
                contested.add(lead.id)
    nameless = [end for end in found.values() if isinstance(end, Retry) and end.reason == _format_missing_id(places)]
    if nameless and len(nameless) == len(found) and not any(_has_path(item, places.id) for item in items):
        raise OutcomeUnknown(
            f"{_format_missing_id(places)} {describe_paths(items[0])}: correct answer.id.", lacks_proof=True
        )
    return {lead_id: outcome for lead_id, outcome in found.items() if lead_id not in contested}


def _parse_item_outcome(item: Any, lead: OutgoingLead, answer: CrmResponse, places: AnswerSettings) -> Outcome:
    """How one item of a bulk answer ended."""
    status, remote_id, word = answer.status, get_by_path(item, places.id), _find_status_word(item, places)
    error = end_sentence(clean_message(get_by_path(item, places.error)))
    if word in map(str.casefold, places.not_taken):
        return parse_not_taken(word, lead, remote_id, status)
    is_taken = word in map(str.casefold, places.taken) if places.status else not error
    if is_taken and is_record_id(remote_id):
        return Delivered(str(remote_id), status)
    if is_taken:
        return Retry(_format_missing_id(places), status)
    if not error:
        said = (
            f"{clean_message(get_by_path(item, places.status))!r} is not in answer.taken"
            if word
            else "it does not say why"
        )
        return Retry(f"The CRM does not say that it has this lead: {said}.", status)
    if word.startswith("5"):
        return Retry(f"The CRM had trouble with this lead: {error}", status)
    return Rejected(f"The CRM refuses it: {error}", word, status)


def _has_path(item: Any, path: str) -> bool:
    """Whether *item* has anything at *path*, be it nothing."""
    above, _, name = path.rpartition(".")
    holder = get_by_path(item, above)
    return isinstance(holder, Mapping) and name in holder


def _format_missing_id(places: AnswerSettings) -> str:
    """What to say of an item that was taken and has no id."""
    return f"The CRM's answer has no id of its own at {places.id!r}, as answer.id says."


def list_records(document: Any, path: str) -> Sequence[Mapping[str, Any]]:
    """The contacts at *path*: a list of them, or one."""
    found = get_by_path(document, path) if path else document
    listed = found if isinstance(found, list) else [found]
    return [contact for contact in listed if isinstance(contact, Mapping) and contact]


def parse_search_records(document: Any, search: SearchSettings, key: str) -> Sequence[Mapping[str, Any]]:
    """
    The records that a search found; *key* is the table of kiosk.toml that describes it.

    Raises:
        SetUpFault: this is not what it describes: believed, it would mean that nobody was found, and double the lead.
    """
    parent, _, name = search.items.rpartition(".")
    holder = get_by_path(document, parent)
    if (
        search.items
        and get_by_path(document, search.items) is None
        and not (isinstance(holder, Mapping) and name in holder)
    ):
        raise ConfigurationFault(
            f"CRM set-up: {key} finds no list at {search.items!r}. {describe_paths(document)}: correct {key}.items."
        )
    records = list_records(document, search.items)
    if records and isinstance(document, Mapping) and not search.items and get_by_path(document, search.id) is None:
        sentence = f"CRM set-up: {key} finds no list, and nothing at {search.id!r}. {describe_paths(document)}"
        raise ConfigurationFault(f"{sentence}: correct {key}.items.")
    return records


def raise_if_no_endpoint(answer: CrmResponse, key: str) -> None:
    """
    Look whether there is anything at the address that *key* of kiosk.toml names.

    Raises:
        SetUpFault: there is not.
    """
    if answer.status in (404, 405, 410) and classify_error_page(answer) is None:
        there = f"CRM set-up: there is no such address at the CRM (it answers {answer.status})"
        raise ConfigurationFault(f"{there}: correct {key} below crm.rest in kiosk.toml. {quote_crm(answer)}".strip())
