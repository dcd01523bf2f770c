"""The practice CRM on this device, reached like any other JSON API; only its address is found by itself."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sync.connectors.base import Finding, Outcome, Outgoing
from sync.connectors.rest import RestConnector
from sync.errors import Unreachable
from sync.line import Line
from sync.practice_crm.address import PracticeAddress, read_address
from sync.settings.rest import RestSettings


class PracticeConnector:
    """The rest connector, pointed at wherever the practice CRM runs now."""

    destination = "practice"
    batch_size = 100
    at_once = 4
    may_repeat = True

    def __init__(self, folder: Path) -> None:
        """*folder* is where the practice CRM writes its address."""
        self.folder = folder
        self.line = Line(folder=folder)
        self.address: PracticeAddress | None = None
        self.rest: RestConnector | None = None

    async def push(self, batch_id: str, leads: Sequence[Outgoing]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        return await (await self.found()).push(batch_id, leads)

    async def found(self) -> RestConnector:
        """
        The connector to wherever the practice CRM runs now.

        Raises:
            Unreachable: it has never run here.
        """
        try:
            address = read_address(self.folder)
        except (OSError, ValueError) as error:
            sentence = "The practice CRM is not running; `kiosk practice-crm` or `kiosk run` starts it."
            raise Unreachable(sentence) from error
        if self.rest is None or address != self.address:
            await self.aclose()
            self.address = address
            self.rest = RestConnector(
                practice_settings(address.url), self.line, destination="practice", token=lambda: address.token
            )
        return self.rest

    def credential(self) -> str:
        """The practice CRM writes down its own token."""
        return ""

    async def check(self) -> list[Finding]:
        """Whether it answers; there is nothing to set up."""
        return await (await self.found()).check()

    async def remove(self, lead: Outgoing, remote_id: str) -> bool:
        """What is practised stays."""
        return False

    async def aclose(self) -> None:
        """Let go of the connection."""
        if self.rest is not None:
            await self.rest.aclose()


def practice_settings(url: str) -> RestSettings:
    """How the practice CRM at *url* is spoken to: by the defaults of `[crm.rest]`, which are its API."""
    return replace(
        RestSettings(),
        url=f"{url}/api/v1/contacts",
        bulk_url=f"{url}/api/v1/contacts/bulk",
        check_url=f"{url}/api/v1/contacts?limit=1",
        max_calls=100,
        at_once=PracticeConnector.at_once,
    )
