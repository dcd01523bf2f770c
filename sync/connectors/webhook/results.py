"""Parses the outcome of each lead from a receiver's response."""

from collections.abc import Mapping, Sequence
from typing import Any

from data.language import _
from sync.connectors.base import Delivered, Outcome, OutgoingLead, Rejected, Retry
from sync.crm_messages import clean_message, end_sentence
from sync.response_errors import is_record_id

# Results for a lead that the receiver has.
_ACCEPTED_WORDS = ("accepted", "created", "updated", "duplicate", "ok")

# Results for a lead that a person must look at. Any other word means that the receiver had trouble with the lead.
_REJECTED_WORDS = ("rejected", "invalid")

# Results that can also mean that the receiver keeps an older revision than the one that was sent.
_OLDER_KEPT_WORDS = ("duplicate",)


def parse_outcomes(
    results: Sequence[Any], ours: Mapping[str, OutgoingLead], status: int, not_accepted_words: Sequence[str] = ()
) -> dict[str, Outcome]:
    """
    Return the outcome of each lead that *results* name; *ours* are the leads that were sent, by id.

    *status* is the response's; *not_accepted_words* are the receiver's own words for a lead that it did not accept
    (`[crm.webhook] not_accepted`). A lead with two different results is left out, so that it is sent again.
    """
    # If a lead is named twice, neither result can be trusted alone.
    found: dict[str, Outcome] = {}
    contested: set[str] = set()
    for item in results:
        lead_id = item.get("lead_id") if isinstance(item, Mapping) else None
        if not isinstance(lead_id, str) or lead_id not in ours:
            continue
        outcome = _parse_outcome(item, ours[lead_id], status, not_accepted_words)
        if found.setdefault(lead_id, outcome) != outcome:
            contested.add(lead_id)
    return {lead_id: outcome for lead_id, outcome in found.items() if lead_id not in contested}


def _parse_outcome(
    item: Mapping[str, Any], lead: OutgoingLead, status: int, not_accepted_words: Sequence[str]
) -> Outcome:
    """Return the outcome of *lead* in its result."""
    word, error = item.get("result"), clean_message(item.get("error"))
    if rejected := parse_not_accepted(str(word), lead, status, not_accepted_words, error):
        return rejected
    if word in _ACCEPTED_WORDS or (word in not_accepted_words and lead.was_sent_before):
        remote_id = item.get("id")
        return Delivered(str(remote_id) if is_record_id(remote_id) else lead.id, status)
    no_reason = _("it gives no reason")
    if word in _REJECTED_WORDS:
        reason = _("The receiver rejected it: {message}").format(message=error or no_reason)
        return Rejected(reason, str(word), status)
    message = error or clean_message(word) or no_reason
    return Retry(_("The receiver had trouble with this lead: {message}").format(message=message), status)


def parse_not_accepted(
    word: str, lead: OutgoingLead, status: int, not_accepted_words: Sequence[str], error: str = ""
) -> Rejected | None:
    """
    Return a rejection if *word* says that the receiver did not accept *lead* as it is now.

    `duplicate` means that if only an older revision was ever sent: the receiver has that one. A word in `not_accepted`
    means it for a lead that was never sent before; otherwise an earlier response was lost, and the lead has arrived.
    """
    kept_older = lead.only_older_revision_sent and word in (*_OLDER_KEPT_WORDS, *not_accepted_words)
    if not kept_older and not (word in not_accepted_words and not lead.was_sent_before):
        return None
    if kept_older:
        sentence = _(
            "The receiver keeps the older version of this lead (it says: {word}).{details} Correct it there by hand."
        )
    else:
        sentence = _("The receiver did not accept this lead (it says: {word}).{details} Correct it there by hand.")
    details = f" {end_sentence(error)}" if error else ""
    return Rejected(sentence.format(word=clean_message(word), details=details), word, status)
