"""One record of a lead's in the CRM: found where it may be there already, then updated or made."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.answers import at, is_id, said_in
from sync.connectors.base import Delivered, Outcome, Outgoing, Rejected
from sync.connectors.rest.answers import one, records_in, understood, updated
from sync.connectors.rest.call import Caller
from sync.connectors.rest.contact import Shape
from sync.connectors.rest.person import Match, Places, match_lead, name_of, says_the_same
from sync.errors import BatchRefused, Unproven, Unsure
from sync.http import NO_HEADERS, Answer
from sync.pages import refused_page
from sync.settings.rest import RestSettings
from sync.settings.rest_answer import AnswerSettings, SearchSettings
from sync.settings.rest_then import ThenSettings
from sync.template import filled, filled_url, unknown_words, words_in

GONE_STATUSES = (404, 410)
"""What the address of one record answers that is no longer there."""

GONE = "It was deleted in the CRM, or update_url is wrong: look there; retry makes it new."

UNSEARCHABLE = (
    "It was sent before, no answer came, and it has nothing to look for it by: look in the CRM; discard it here if it "
    "is there, or add {word} to it."
)

UNCLEAR = (
    "It was sent before, no answer came, and the CRM has a {name} without the lead's id or e-mail: look whether that "
    "is this lead; discard it here if it is, or add an e-mail to it."
)


@dataclass(frozen=True, slots=True)
class Way:
    """Where a record goes, and what the answers mean."""

    settings: RestSettings | ThenSettings
    answer: AnswerSettings
    places: Places

    @property
    def search(self) -> SearchSettings:
        """What finds the record."""
        return self.settings.search


class Step:
    """One of the calls that bring a lead into the CRM, with what is asked before."""

    def __init__(self, way: Way, caller: Caller, shape: Shape) -> None:
        self.way = way
        self.caller = caller
        self.shape = shape
        self.last_sent: dict[str, float] = {}
        """When a lead was sent that may not be found yet, in seconds of `time.monotonic`."""
        self.began = time.monotonic()

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
            match = await self.find(lead, **more)
            if isinstance(match, Rejected):
                return match
            if match is not None:
                known = match
                if not self.way.settings.updates:
                    return Delivered(known)
        if known and self.way.settings.updates:
            return await self._update(lead, known, headers, **more)
        return await self._create(lead, known, headers, **more)

    async def find(self, lead: Outgoing, *, is_there: bool = False, **more: Any) -> str | Rejected | None:
        """
        The CRM's id of *lead*, or why a person must look; None where the CRM does not have it.

        *is_there* says that the CRM has it for sure; else it may have what was sent before.

        Raises:
            SyncError: the CRM could not be asked.
        """
        search = self.way.search
        words = self.shape.words(lead, **more)
        ways = [way for way in search.ways if not unknown_words(way, words)]
        if not ways:
            missing = unknown_words(search.ways[0], words)[0].replace("_", " ")
            return (
                Rejected(UNSEARCHABLE.format(word=f"the {missing}"), "unsearchable") if lead.tried or is_there else None
            )
        await self._let_it_be_found(lead)
        url, body = ways[0]
        content = filled(body, words) if search.method == "POST" else None
        answer = await self.caller.send(search.method, filled_url(url, words), content)
        if answer.status in search.not_found:
            return None
        match = self._matched(records_in(understood(answer, self.way.answer), search.items), lead, words)
        if match.other:
            return self._another(match.other)
        if match.is_unclear and (lead.tried or is_there):
            return Rejected(UNCLEAR.format(name=name_of(lead)), "unclear")
        if match.contact is None:
            return None
        if not is_id(remote_id := at(match.contact, search.id)):
            raise Unsure(f"The CRM found the lead, and gives no id at {search.id!r}, as search.id says.")
        return str(remote_id)

    def _matched(self, records: Any, lead: Outgoing, words: Mapping[str, Any]) -> Match:
        """Which of *records* is the lead's; a second record is searched by what it alone has, so the first is it."""
        if isinstance(self.way.settings, ThenSettings):
            key = self.way.search.key
            return Match(next((item for item in records if not key or str(at(item, key)) == lead.id), None))
        places = Places(self.way.search.key, self.way.places.email, self.way.places.names)
        return match_lead(records, lead, places, self.shape.flat(words, is_new=True))

    async def _let_it_be_found(self, lead: Outgoing) -> None:
        """Wait until the CRM's search had time to notice what was sent."""
        since = self.last_sent.get(lead.id, self.began)
        await asyncio.sleep(max(0.0, since + self.way.search.wait_seconds - time.monotonic()))

    async def _create(self, lead: Outgoing, known: str | None, headers: Mapping[str, str], **more: Any) -> Outcome:
        """Send *lead* as a new one, or to where new and known ones go alike."""
        settings, places = self.way.settings, self.way.answer
        words = self.shape.words(lead, known, **more)
        address = settings.url.partition("?")[0]
        if missing := unknown_words(address, words):
            field = missing[0].replace("_", " ")
            return Rejected(f"The CRM's address for it needs the {field}: add it.", f"no {missing[0]}")
        body = filled(settings.body, words) if settings.body else words["fields"]
        self.last_sent[lead.id] = time.monotonic()
        answer = await self.caller.send(settings.method, filled_url(settings.url, words), body, headers)
        if answer.status in places.duplicate:
            return await self._there_already(answer, lead, words, **more)
        try:
            document = understood(answer, places)
        except BatchRefused as refusal:
            if _says(refusal, places.there_already):
                return await self._found_after(refusal, lead, **more)
            raise
        if not places.id and not places.id_header:
            return await self._proven_by_search(lead, answer, **more)
        outcome = one(document, answer, lead, places)
        if isinstance(outcome, Delivered):
            self.last_sent.pop(lead.id, None)
        return outcome

    async def _proven_by_search(self, lead: Outgoing, answer: Answer, **more: Any) -> Outcome:
        """
        How *lead* ended, which the CRM took without giving it an id: what it has is found there.

        Raises:
            Unproven: it is not.
        """
        found = await self.find(lead, is_there=True, **more)
        if isinstance(found, Rejected):
            return found
        if found is None:
            raise Unproven("The CRM says yes, and its search does not find what it got: correct [crm.rest.search].")
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
        if "remote_id" in words_in(template) and refused_page(answer) is None:
            if answer.status in GONE_STATUSES:
                return await self._gone(lead, known, answer, **more)
            if answer.status == 403:
                sentence = f"The CRM does not let this key change this record. {_words(answer)}"
                return Rejected(sentence.strip(), "403", 403)
        if 200 <= answer.status < 300 and not answer.body.strip():
            return Delivered(known, answer.status)
        try:
            document = understood(answer, places)
        except BatchRefused as refusal:
            if _says(refusal, places.gone):
                return await self._gone(lead, known, answer, **more)
            raise
        return updated(document, answer, lead, places, known)

    async def _gone(self, lead: Outgoing, known: str, answer: Answer, **more: Any) -> Outcome:
        """The record *known* is no longer there: perhaps another took its place, else a person decides."""
        if self.way.search.url and lead.remote_id == known:
            found = await self.find(lead, **more)
            if isinstance(found, str) and found != known:
                return await self._update(lead, found, **more)
        said = _words(answer)
        return Rejected(f"{GONE} {said}".strip(), "gone", answer.status, cause="gone")

    async def _found_after(self, refusal: BatchRefused, lead: Outgoing, **more: Any) -> Outcome:
        """
        The CRM refused *lead* because it has it: then it is found, and updated.

        Raises:
            BatchRefused: it is not found.
        """
        found = await self.find(lead, **more) if self.way.search.url else None
        if isinstance(found, Rejected):
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
        if match.other:
            return self._another(match.other)
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
            found = await self.find(lead, **more)
            if isinstance(found, Rejected):
                return found
            if found and settings.updates:
                return await self._update(lead, found, **more)
        body = filled(settings.body, words) if settings.body else words["fields"]
        answer = await self.caller.send(settings.method, filled_url(settings.url, words), body)
        return one(understood(answer, places), answer, lead, places)

    def _another(self, name: str) -> Rejected:
        """Somebody else has the lead's e-mail in the CRM."""
        return Rejected(
            f"The CRM has another person with this e-mail, {name}: look there; one of the two needs another e-mail.",
            "another",
        )


def _says(refusal: BatchRefused, words: Sequence[str]) -> bool:
    """Whether a refusal has one of *words* in it."""
    return any(word.casefold() in str(refusal).casefold() for word in words)


def _json(answer: Answer) -> Any:
    """The JSON of *answer*; None where it has none."""
    try:
        return answer.json()
    except ValueError:
        return None


def _words(answer: Answer) -> str:
    """What the CRM says, as a sentence; empty where it says nothing."""
    said = said_in(answer)
    return f"The CRM says: {said}" if said else ""
