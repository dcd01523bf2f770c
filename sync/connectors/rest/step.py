"""One record of a lead's in the CRM: found where it may be there already, then updated or made."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sync.answers import at, is_id
from sync.connectors.base import Delivered, Outcome, Outgoing, Rejected, Shared
from sync.connectors.rest.answers import look_for_address, one, records_in, understood, updated
from sync.connectors.rest.call import Caller
from sync.connectors.rest.contact import Shape
from sync.connectors.rest.person import match_lead, name_of, says_the_same
from sync.connectors.rest.search import Search, Way, shared_record
from sync.connectors.rest.words import quoted_words
from sync.errors import BatchRefused, Unsure
from sync.http import NO_HEADERS, Answer
from sync.pages import refused_page
from sync.template import filled, filled_url, unknown_words, unsafe_words, words_in

GONE_STATUSES = (404, 410)
"""What the address of one record answers that is no longer there."""

REFUSED_STATUSES = (403, 405)
"""What it answers where that one record may not be changed: it is another's, locked, or closed."""

GONE = "It was deleted in the CRM, or update_url is wrong: look there; retry makes it new."


class Step:
    """One of the calls that bring a lead into the CRM, with what is asked before."""

    def __init__(self, way: Way, caller: Caller, shape: Shape) -> None:
        self.way = way
        self.caller = caller
        self.shape = shape
        self.search = Search(way, caller, shape)
        self.answered: Any = None
        """What the CRM said of the last record that was made."""

    async def deliver(
        self,
        lead: Outgoing,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        known: str | None,
        may_be_there: bool,
        **more: Any,
    ) -> Outcome:
        """
        Bring the record of *lead* into the CRM; *more* are words for the templates.

        Raises:
            SyncError: see `Connector.push`.
        """
        search = self.way.search
        if known is None and search.url and (may_be_there or search.when == "always"):
            match = await self.search.find(lead, **more)
            if isinstance(match, Rejected | Shared):
                return match
            if match is not None:
                known = match
                if not self.way.settings.updates:
                    return Delivered(known)
        if known and self.way.settings.updates:
            return await self._update(lead, known, headers, **more)
        return await self._create(lead, known, headers, **more)

    async def _create(self, lead: Outgoing, known: str | None, headers: Mapping[str, str], **more: Any) -> Outcome:
        """Send *lead* as a new one, or to where new and known ones go alike."""
        settings, places = self.way.settings, self.way.answer
        words = self.shape.words(lead, known, **more)
        address = settings.url.partition("?")[0]
        if missing := unknown_words(address, words) or unsafe_words(settings.url, words):
            field = missing[0].replace("_", " ")
            return Rejected(f"The CRM's address for it needs the {field}: add or correct it.", f"no {missing[0]}")
        body = filled(settings.body, words) if settings.body else words["fields"]
        self.search.last_sent[lead.id] = time.monotonic()
        answer = await self.caller.send(settings.method, filled_url(settings.url, words), body, headers)
        look_for_address(answer, "url")
        if answer.status in places.duplicate:
            return await self._there_already(answer, lead, words, **more)
        try:
            document = understood(answer, places)
        except BatchRefused as refusal:
            if _says(str(refusal), places.there_already):
                return await self._found_after(refusal, lead, **more)
            raise
        if not places.id and not places.id_header:
            return await self._proven_by_search(lead, answer, **more)
        self.answered = document
        outcome = one(document, answer, lead, places)
        if isinstance(outcome, Delivered):
            self.search.last_sent.pop(lead.id, None)
        return outcome

    async def _proven_by_search(self, lead: Outgoing, answer: Answer, **more: Any) -> Outcome:
        """
        How *lead* ended, which the CRM took without giving it an id: what it has is found there.

        Raises:
            Unsure: it is not.
        """
        found = await self.search.find(lead, is_there=True, **more)
        if isinstance(found, Rejected | Shared):
            return found
        if found is None:
            sentence = "The CRM says yes, and its search does not find what it got: correct crm.rest.search."
            raise Unsure(sentence, lacks_proof=True)
        return Delivered(found, answer.status)

    async def _update(
        self, lead: Outgoing, known: str, headers: Mapping[str, str] = NO_HEADERS, **more: Any
    ) -> Outcome:
        """Send *lead* to where the CRM has it, under the id that is *known*."""
        settings, places = self.way.settings, self.way.answer
        words = self.shape.words(lead, known, **more)
        template = settings.update_url or settings.url
        content = settings.update_body or settings.body
        method = settings.update_method if settings.update_url else settings.method
        body = filled(content, words) if content else words["fields"]
        answer = await self.caller.send(method, filled_url(template, words), body, headers)
        if answer.status == 409 and not answer.is_html:  # somebody else changed it at the same moment
            answer = await self.caller.send(method, filled_url(template, words), body, headers)
        if "remote_id" in words_in([template, content]) and refused_page(answer) is None:
            if answer.status in GONE_STATUSES:
                return await self._gone(lead, known, answer, **more)
            if answer.status in REFUSED_STATUSES and not _says(quoted_words(answer), places.gone):
                sentence = f"The CRM does not let us change this record. {quoted_words(answer)}"
                return Rejected(sentence.strip(), str(answer.status), answer.status)
            if answer.status in REFUSED_STATUSES:
                return await self._gone(lead, known, answer, **more)
        look_for_address(answer, "update_url" if settings.update_url else "url")
        if 200 <= answer.status < 300 and not answer.body.strip():
            return Delivered(known, answer.status)
        try:
            document = understood(answer, places)
        except BatchRefused as refusal:
            if _says(str(refusal), places.gone):
                return await self._gone(lead, known, answer, **more)
            raise
        return updated(document, answer, lead, places, known)

    async def _gone(self, lead: Outgoing, known: str, answer: Answer, **more: Any) -> Outcome:
        """The record *known* is no longer there: perhaps another took its place, else a person decides."""
        if self.way.search.url and lead.remote_id == known:
            found = await self.search.find(lead, **more)
            if isinstance(found, str) and found != known:
                return await self._update(lead, found, **more)
        said = quoted_words(answer)
        return Rejected(f"{GONE} {said}".strip(), "gone", answer.status, cause="gone")

    async def _found_after(self, refusal: BatchRefused, lead: Outgoing, **more: Any) -> Outcome:
        """
        The CRM refused *lead* because it has it: then it is found, and updated.

        Raises:
            BatchRefused: it is not found.
        """
        found = await self.search.find(lead, **more) if self.way.search.url else None
        if isinstance(found, Rejected | Shared):
            return found
        if found is None:
            raise refusal
        return await self._update(lead, found, **more) if self.way.settings.updates else Delivered(found)

    async def _there_already(self, answer: Answer, lead: Outgoing, words: Mapping[str, Any], **more: Any) -> Outcome:
        """What it means that the CRM says it has *lead* already: is it the same person?"""
        places = self.way.answer
        records = [
            record
            for record in records_in(_json(answer), places.existing)
            if is_id(at(record, places.id)) or at(record, places.email)
        ]
        if not records:
            return await self._conflict(answer, lead, words, **more)
        sent = self.shape.flat(words, is_new=True)
        match = match_lead(records, lead, self.way.places, sent)
        if match.other is not None:
            return shared_record(match, lead, places.id)
        remote_id = at(match.contact, places.id)
        if match.contact is None or not is_id(remote_id):
            sentence = "and does not say that it is the same person: look at it there."
            return Rejected(f"The CRM has another {name_of(lead)}, {sentence}", str(answer.status), answer.status)
        if self.way.settings.updates:
            return await self._update(lead, str(remote_id), **more)
        is_edit = bool(lead.remote_id) or (lead.tried and not lead.is_resent)
        if not is_edit or says_the_same(match.contact, sent):
            return Delivered(str(remote_id), answer.status)
        sentence = f"The CRM has {name_of(lead)} already, and did not take what was noted here: add it there."
        return Rejected(sentence, "not taken", answer.status)

    async def _conflict(self, answer: Answer, lead: Outgoing, words: Mapping[str, Any], **more: Any) -> Outcome:
        """
        A conflict that shows no record: find it where that can be done, else try once more, then say the CRM's words.

        Raises:
            SyncError: it is refused.
        """
        settings, places = self.way.settings, self.way.answer
        if self.way.search.url:
            found = await self.search.find(lead, **more)
            if isinstance(found, Rejected | Shared):
                return found
            if found and settings.updates:
                return await self._update(lead, found, **more)
        body = filled(settings.body, words) if settings.body else words["fields"]
        answer = await self.caller.send(settings.method, filled_url(settings.url, words), body)
        return one(understood(answer, places), answer, lead, places)


def _says(refusal: str, words: Sequence[str]) -> bool:
    """Whether a refusal has one of *words* in it."""
    return any(word.casefold() in refusal.casefold() for word in words)


def _json(answer: Answer) -> Any:
    """The JSON of *answer*; None where it has none."""
    try:
        return answer.json()
    except ValueError:
        return None
