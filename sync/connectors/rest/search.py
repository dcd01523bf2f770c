"""Whether the CRM has a lead's record already, where it has to be searched to know that."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync.answers import at, is_id
from sync.connectors.base import Outgoing, Rejected, Shared
from sync.connectors.rest.answers import found_in, look_for_address, understood
from sync.connectors.rest.call import Caller
from sync.connectors.rest.contact import Shape
from sync.connectors.rest.person import Match, Places, match_lead, name_of
from sync.errors import Unsure
from sync.settings.rest import RestSettings
from sync.settings.rest_answer import AnswerSettings, SearchSettings
from sync.settings.rest_then import ThenSettings
from sync.template import filled, filled_url, unknown_words, unsafe_words

UNSEARCHABLE = (
    "It was sent before, no answer came, and it has nothing to look for it by: look in the CRM; discard it here if it "
    "is there, or add or correct {word}."
)

UNCLEAR = (
    "It was sent before, no answer came, and the CRM has a {name} without the lead's id or e-mail: look whether that "
    "is this lead. Retry if it is, and it is updated; else add an e-mail to this lead."
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


class Search:
    """Looks for records of one kind."""

    def __init__(self, way: Way, caller: Caller, shape: Shape) -> None:
        self.way = way
        self.caller = caller
        self.shape = shape
        self.key = "then.search" if isinstance(way.settings, ThenSettings) else "search"
        """The table of kiosk.toml."""
        self.last_sent: dict[str, float] = {}
        """When a lead was sent that may not be found yet, in seconds of `time.monotonic`."""
        self.began = time.monotonic()

    async def find(self, lead: Outgoing, *, is_there: bool = False, **more: Any) -> str | Rejected | Shared | None:
        """
        The CRM's id of *lead*, or why a person must look; None where the CRM does not have it.

        *is_there* says that the CRM has it for sure; else it may have what was sent before.

        Raises:
            SyncError: the CRM could not be asked.
        """
        search = self.way.search
        words = self.shape.words(lead, **more)
        ways = [way for way in search.ways if not unknown_words(way, words) and not unsafe_words(way, words)]
        if not ways:
            first = unknown_words(search.ways[0], words) or unsafe_words(search.ways[0], words)
            missing = first[0].replace("_", " ")
            return (
                Rejected(UNSEARCHABLE.format(word=f"the {missing}"), "unsearchable") if lead.tried or is_there else None
            )
        await self._let_it_be_found(lead)
        url, body = ways[0]
        content = filled(body, words) if search.method == "POST" else None
        answer = await self.caller.send(search.method, filled_url(url, words), content)
        if answer.status in search.not_found:
            return None
        look_for_address(answer, f"{self.key}.url")
        match = self._matched(found_in(understood(answer, self.way.answer), search, self.key), lead, words)
        if match.other is not None and (match.who or lead.tried or is_there):
            return shared_record(match, lead, search.id)
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


def shared_record(match: Match, lead: Outgoing, path: str) -> Shared | Rejected:
    """A record at the CRM that may be somebody else's, with its id at *path*: a person says whether it is the lead."""
    sentence = "" if match.who else UNCLEAR.format(name=name_of(lead))
    if is_id(remote_id := at(match.other, path)):
        return Shared(str(remote_id), match.who, sentence=sentence)
    return Rejected(sentence or f"The CRM has {match.who} under this e-mail: look there.", "another")
