"""What can be known of an API before the show, without sending it a lead; what cannot is said, too."""

from collections.abc import Mapping
from typing import Any

from data.ids import uuid7
from sync.connectors.base import Finding, Outgoing
from sync.connectors.rest.answers import found_in, understood
from sync.connectors.rest.call import Caller
from sync.connectors.rest.contact import Shape
from sync.errors import BatchRefused, SetUpFault, Unsure
from sync.http import Answer
from sync.settings.rest import RestSettings
from sync.settings.rest_answer import SearchSettings
from sync.template import filled, filled_url

NO_CHECK_URL = "Whether the CRM accepts our key: kiosk.toml has no check_url that could be asked."

FIELDS_UNKNOWN = (
    "Whether the CRM has the fields of kiosk.toml, and what it requires: only a test lead shows it (--send)."
)

SECOND_UNKNOWN = "Whether the second call works: only a test lead shows it (--send)."

NOWHERE = (404, 405, 410)

NOBODYS_ID = 2_000_000_011
"""An id that no record has, of the kind that most have."""


class Check:
    """Looks at one API."""

    def __init__(self, settings: RestSettings, caller: Caller, shape: Shape) -> None:
        self.settings = settings
        self.caller = caller
        self.shape = shape

    async def findings(self) -> list[Finding]:
        """
        What was found, one thing after another, and what could not be asked.

        Raises:
            SyncError: the CRM could not be asked, or does not accept the key.
        """
        found: list[Finding] = []
        if self.caller.tokens is not None:
            await self.caller.tokens.current()
            found.append(Finding(True, "The sign-in gives a token."))
        found.append(await self._of_key())
        if self.settings.search.url:
            found += await self._of_search("search", self.settings.search)
        if self.settings.then.search.url:
            found += await self._of_search("then.search", self.settings.then.search)
        found.append(Finding(True, FIELDS_UNKNOWN, was_asked=False))
        if self.settings.then.url:
            found.append(Finding(True, SECOND_UNKNOWN, was_asked=False))
        return found

    async def _of_key(self) -> Finding:
        """Whether the key is accepted, where kiosk.toml names what can be asked."""
        settings = self.settings
        if not settings.check_url:
            return Finding(True, NO_CHECK_URL, was_asked=False)
        content = filled(settings.check_body, {}) if settings.check_method == "POST" else None
        answer = await self.caller.send(settings.check_method, settings.check_url, content)
        if complaint := _wrong_address("check_url", answer):
            return complaint
        try:
            understood(answer, settings.answer)
        except Unsure as unsure:
            if not unsure.lacks_proof:  # it need not say anything: it let us in
                raise
        except BatchRefused as refusal:
            return Finding(False, f"check_url: {refusal}")
        return Finding(True, "The CRM answers, and accepts our key.")

    async def _of_search(self, key: str, search: SearchSettings) -> list[Finding]:
        """Whether a search for somebody whom no CRM has finds nobody, each way that there is."""
        names = ("url", "or_url") if search.or_url or search.or_body else ("url",)
        return [
            await self._of_way(f"{key}.{name}", search, url, body)
            for name, (url, body) in zip(names, search.ways, strict=True)
        ]

    async def _of_way(self, key: str, search: SearchSettings, url: str, body: Mapping[str, Any]) -> Finding:
        """The same of one way to search."""
        words = self.shape.words(_nobody(), first_id=NOBODYS_ID)
        content = filled(body, words) if search.method == "POST" else None
        answer = await self.caller.send(search.method, filled_url(url, words), content)
        if answer.status in search.not_found:
            return Finding(True, f"{key} finds nobody where nobody is.")
        if complaint := _wrong_address(key, answer):
            hint = f" Where that is how this CRM says that it found nobody, write not_found = [{answer.status}]."
            return Finding(False, complaint.sentence + hint)
        try:
            document = understood(answer, self.settings.answer)
        except BatchRefused as fault:
            return Finding(False, f"{key}: {fault}")
        try:
            records = found_in(document, search, key.rpartition(".")[0])
        except SetUpFault as fault:
            return Finding(False, str(fault))
        if count := len(records):
            return Finding(
                False,
                f"{key} finds {count} where nobody is: the CRM does not heed what is asked for, and leads would be "
                "doubled; correct it.",
            )
        return Finding(True, f"{key} finds nobody where nobody is.")


def _nobody() -> Outgoing:
    """A lead that no CRM has."""
    lead_id = uuid7(0.0)
    name = f"Nobody {lead_id[-6:]}"
    fields = {
        "name": name, "first_name": "Nobody", "last_name": lead_id[-6:], "email": f"nobody-{lead_id[-12:]}@example.com",
        "phone": "+15005550000", "company": name, "badge_id": lead_id[-12:], "event": "test", "job_title": name,
        "website": "https://nobody.example.com", "address": name, "city": name, "region": name, "postcode": "00000",
        "country": "Nowhere", "note": name, "tags": [name], "answers": {"question": name}, "rating": 1, "revision": 1,
        "badge_text": name,
        "scanned_at": "2001-01-01T00:00:00+00:00",
    }  # fmt: skip
    return Outgoing(lead_id, 1, fields)


def _wrong_address(key: str, answer: Answer) -> Finding | None:
    """What to say where there is nothing at the address that *key* names."""
    if answer.status not in NOWHERE or answer.is_portal:
        return None
    return Finding(False, f"{key}: the CRM has nothing there (it answers {answer.status}): correct {key}.")
