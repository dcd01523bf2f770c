"""What a JSON API's responses mean; `[crm.rest.answer]` says where their parts are."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from data.language import _
from sync.body_errors import FAILURE_WORDS, find_body_error
from sync.connectors.base import Delivered, Outcome, OutgoingLead, Rejected, Retry
from sync.connectors.rest.response_text import describe_paths, extract_text, find_error_text, list_paths, quote_crm
from sync.crm_messages import clean_message, end_sentence, get_by_path
from sync.errors import BatchRefused, ConfigurationFault, NotAuthorised, OutcomeUnknown, Throttled
from sync.http_client import CrmResponse
from sync.response_errors import classify_error_response, is_record_id, parse_json_body
from sync.settings.rest_answer import AnswerSettings, SearchSettings
from sync.web_pages import classify_error_page

# Words by which an error with the status 200 is about the number of calls.
_THROTTLE_PHRASES = ("rate limit", "too many requests")  # not shown: a CRM's words

# The id at the end of a URL: `/contacts/17`, `/leads(00aa-11bb)`.
_TRAILING_ID_PATTERN = re.compile(r"""([^/()'"]+)['"]?\)?/?$""")


def parse_response(response: CrmResponse, places: AnswerSettings) -> Any:
    """
    Return the JSON of a successful response; None if the id is in a header and there is no body.

    Raises:
        SyncError: its status or its body is an error, or it is not a response of a CRM.
    """
    if not 200 <= response.status < 300:
        raise classify_error_response(response, lambda document: find_error_text(document, places))
    if not response.body.strip() and _find_remote_id(None, response, places):
        return None
    document = parse_json_body(response)
    if failure := (get_by_path(document, places.failure) if places.failure else None) or find_body_error(document):
        message = end_sentence(find_error_text(document, places) or extract_text(failure))
        if any(word.casefold() in str(failure).casefold() for word in places.sign_in):
            raise NotAuthorised(_("The CRM does not accept the key: {message}").format(message=message))
        if any(phrase in message.casefold() for phrase in _THROTTLE_PHRASES):
            raise Throttled(_("The CRM asked the kiosk to wait: {message}").format(message=message))
        raise BatchRefused(_("The CRM rejected it: {message}").format(message=message), code=message)
    return document


def parse_create_outcome(document: Any, response: CrmResponse, lead: OutgoingLead, places: AnswerSettings) -> Outcome:
    """
    Return the outcome of *lead*, which was sent alone and is new.

    It is delivered if the CRM returns an id, and names no other lead.

    Raises:
        OutcomeUnknown: there is no id where kiosk.toml says, or the response is about another lead.
    """
    remote_id = _find_remote_id(document, response, places)
    if (word := _find_status_word(document, places)) in map(str.casefold, places.not_accepted):
        return _parse_not_accepted(word, lead, remote_id, response.status)
    if word in FAILURE_WORDS:
        why = find_error_text(document, places) or _("it says {word!r}").format(word=clean_message(word))
        raise BatchRefused(_("The CRM rejected it: {message}").format(message=end_sentence(why)), code=why)
    if not is_record_id(remote_id) and (message := end_sentence(extract_text(get_by_path(document, places.error)))):
        raise BatchRefused(
            _("The CRM rejected it: {message}").format(
                message=end_sentence(find_error_text(document, places)) or message
            ),
            code=message,
        )
    if places.key and is_record_id(theirs := get_by_path(document, places.key)) and str(theirs) != lead.id:
        raise OutcomeUnknown(
            _("The CRM's response is about another lead: it has another lead ID at {path!r}.").format(path=places.key)
        )
    if places.key and not is_record_id(get_by_path(document, places.key)):
        sentence = _(
            'The response has no lead ID at {path!r}. {content}: correct answer.key, or set key = "" if the '
            "CRM does not return it."
        )
        raise OutcomeUnknown(sentence.format(path=places.key, content=describe_paths(document)), lacks_proof=True)
    if not is_record_id(remote_id):
        if isinstance(remote_id, str | int) and not isinstance(remote_id, bool) and str(remote_id).strip():
            sentence = _(
                "The response has {value!r} at {path!r}, which is not the ID of a record: find out why the CRM created "
                "none, or correct answer.id."
            )
            value = clean_message(str(remote_id))
            raise OutcomeUnknown(sentence.format(value=value, path=places.id), lacks_proof=True)
        sentence = _("The response has no ID at {path!r}. {content}: correct answer.id.")
        raise OutcomeUnknown(sentence.format(path=places.id, content=describe_paths(document)), lacks_proof=True)
    return Delivered(str(remote_id), response.status)


def parse_update_outcome(
    document: Any, response: CrmResponse, lead: OutgoingLead, places: AnswerSettings, known: str
) -> Outcome:
    """Return the outcome of *lead*, which was sent to its record: the *known* id need not be returned again."""
    remote_id = _find_remote_id(document, response, places)
    if (word := _find_status_word(document, places)) in map(str.casefold, places.not_accepted):
        return _parse_not_accepted(word, lead, None, response.status)
    if (
        places.key
        and is_record_id(theirs := get_by_path(document, places.key))
        and str(theirs) != lead.id
        and is_record_id(remote_id)
    ):
        sentence = _("The CRM has another lead of this kiosk under the ID {id}: check it there.")
        return Rejected(sentence.format(id=known), "another lead")  # not shown: a code
    return Delivered(str(remote_id) if is_record_id(remote_id) else known, response.status)


def _find_remote_id(document: Any, response: CrmResponse, places: AnswerSettings) -> Any:
    """Return the CRM's own id from the body or a header; None if there is none."""
    found = get_by_path(document, places.id) if places.id else None
    if found is None and places.id_header and (header := response.headers.get(places.id_header.lower())):
        ending = _TRAILING_ID_PATTERN.search(header.strip())
        return ending[1] if ending else None
    return found


def _find_status_word(document: Any, places: AnswerSettings) -> str:
    """Return the CRM's word for the result of a lead, in lower case; JSON's `true` is "true"."""
    found = get_by_path(document, places.status) if places.status else None
    return "" if found is None else str(found).casefold()


def _parse_not_accepted(word: str, lead: OutgoingLead, remote_id: Any, status: int) -> Outcome:
    """
    Return the outcome of *lead*; with *word* the CRM says that it already has such a lead. That alone proves nothing.

    Only if this very revision was sent before, without a response, is the CRM's record that one.
    """
    if lead.was_sent_unchanged and not lead.remote_id and is_record_id(remote_id):
        return Delivered(str(remote_id), status)
    sentence = _("The CRM already has it, and did not accept what was sent (it says {word!r}): check it there.").format(
        word=clean_message(word)
    )
    return Rejected(sentence, f"not taken: {word}", status)  # not shown: a code


def parse_bulk_outcomes(
    document: Any, response: CrmResponse, leads: Sequence[OutgoingLead], places: AnswerSettings
) -> dict[str, Outcome]:
    """
    Return the outcome of each lead that the response names.

    A lead for which there are two different results is left out: it is sent again.

    Raises:
        OutcomeUnknown: there is no list, or no accepted lead has an id, where kiosk.toml says.
    """
    items = get_by_path(document, places.items) if places.items else document
    if not isinstance(items, list):
        # An empty response may be cut off or come from a proxy; one with other content has a wrong path.
        if not any(get_by_path(document, path) is not None for path in list_paths(document)):
            raise OutcomeUnknown(_("The CRM's response is empty."))
        sentence = (
            _("The CRM's response has no list at {path!r}. {content}: correct answer.items.")
            if places.items
            else _("The CRM's response is not a list. {content}: correct answer.items.")
        )
        raise OutcomeUnknown(sentence.format(path=places.items, content=describe_paths(document)), lacks_proof=True)
    found: dict[str, Outcome] = {}
    contested: set[str] = set()
    ours = {lead.id: lead for lead in leads}
    for item in items:
        lead = ours.get(str(get_by_path(item, places.key)))
        if lead is not None:
            outcome = _parse_item_outcome(item, lead, response, places)
            if found.setdefault(lead.id, outcome) != outcome:
                contested.add(lead.id)
    # If no accepted lead has an id, the path is wrong; if only some have none, the CRM is.
    nameless = [end for end in found.values() if isinstance(end, Retry) and end.reason == _format_missing_id(places)]
    if nameless and len(nameless) == len(found) and not any(_has_path(item, places.id) for item in items):
        sentence = _("{missing_id} {content}: correct answer.id.").format(
            missing_id=_format_missing_id(places), content=describe_paths(items[0])
        )
        raise OutcomeUnknown(sentence, lacks_proof=True)
    return {lead_id: outcome for lead_id, outcome in found.items() if lead_id not in contested}


def _parse_item_outcome(item: Any, lead: OutgoingLead, response: CrmResponse, places: AnswerSettings) -> Outcome:
    """Return the outcome of *lead* in one item of a bulk response."""
    status, remote_id, word = response.status, get_by_path(item, places.id), _find_status_word(item, places)
    error = end_sentence(clean_message(get_by_path(item, places.error)))
    if word in map(str.casefold, places.not_accepted):
        return _parse_not_accepted(word, lead, remote_id, status)
    is_accepted = word in map(str.casefold, places.accepted) if places.status else not error
    if is_accepted and is_record_id(remote_id):
        return Delivered(str(remote_id), status)
    if is_accepted:
        return Retry(_format_missing_id(places), status)
    if not error:
        if not word:
            return Retry(_("The CRM does not confirm that it has this lead, and gives no reason."), status)
        sentence = _("The CRM does not confirm that it has this lead: {word!r} is not in answer.accepted.")
        return Retry(sentence.format(word=clean_message(get_by_path(item, places.status))), status)
    if word.startswith("5"):
        return Retry(_("The CRM had trouble with this lead: {message}").format(message=error), status)
    return Rejected(_("The CRM rejected it: {message}").format(message=error), word, status)


def _has_path(item: Any, path: str) -> bool:
    """Return whether *item* has a value at *path*, even an empty one."""
    above, _dot, name = path.rpartition(".")
    holder = get_by_path(item, above)
    return isinstance(holder, Mapping) and name in holder


def _format_missing_id(places: AnswerSettings) -> str:
    """Return the sentence about an item that was accepted and has no id."""
    return _("The CRM's response has no record ID at {path!r}, the place that answer.id names.").format(path=places.id)


def list_records(document: Any, path: str) -> Sequence[Mapping[str, Any]]:
    """Return the contacts at *path*: a list of them, or one."""
    found = get_by_path(document, path) if path else document
    listed = found if isinstance(found, list) else [found]
    return [contact for contact in listed if isinstance(contact, Mapping) and contact]


def parse_search_records(document: Any, search: SearchSettings, key: str) -> Sequence[Mapping[str, Any]]:
    """
    Return the records that a search found; *key* is the table of kiosk.toml that describes the search.

    Raises:
        ConfigurationFault: the response is not as described. Taken for "nobody found", it would double leads.
    """
    parent, _dot, name = search.items.rpartition(".")
    holder = get_by_path(document, parent)
    if (
        search.items
        and get_by_path(document, search.items) is None
        and not (isinstance(holder, Mapping) and name in holder)
    ):
        sentence = _("CRM setup: {key} finds no list at {path!r}. {content}: correct {key}.items.")
        raise ConfigurationFault(sentence.format(key=key, path=search.items, content=describe_paths(document)))
    records = list_records(document, search.items)
    if records and isinstance(document, Mapping) and not search.items and get_by_path(document, search.id) is None:
        sentence = _("CRM setup: {key} finds no list, and nothing at {path!r}. {content}: correct {key}.items.")
        raise ConfigurationFault(sentence.format(key=key, path=search.id, content=describe_paths(document)))
    return records


def raise_if_no_endpoint(response: CrmResponse, key: str) -> None:
    """
    Check that there is something at the address that *key* of kiosk.toml names.

    Raises:
        ConfigurationFault: there is not.
    """
    if response.status in (404, 405, 410) and classify_error_page(response) is None:
        sentence = _(
            "CRM setup: there is no such address at the CRM (status {status}): correct {key} below crm.rest in "
            "kiosk.toml."
        ).format(status=response.status, key=key)
        raise ConfigurationFault(f"{sentence} {quote_crm(response)}".strip())
