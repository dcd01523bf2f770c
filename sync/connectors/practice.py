"""The practice CRM on this device, reached like any other JSON API; only its address is found by itself."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Outcome, OutgoingLead
from sync.connectors.rest.connector import RestConnector
from sync.errors import Unreachable
from sync.practice_address import PracticeAddress, read_address
from sync.settings.rest import RestSettings


class PracticeConnector:
    """The rest connector, pointed at wherever the practice CRM runs now."""

    destination = "practice"
    batch_size = 100
    max_parallel_pushes = 4
    is_idempotent = True

    def __init__(self, folder: Path) -> None:
        """*folder* is where the practice CRM writes its address."""
        self.folder = folder
        self.context = ConnectionContext(folder=folder)
        self.address: PracticeAddress | None = None
        self.rest_connector: RestConnector | None = None

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        return await (await self.connect()).push(batch_id, leads)

    async def connect(self) -> RestConnector:
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
        if self.rest_connector is None or address != self.address:
            await self.aclose()
            self.address = address
            self.rest_connector = RestConnector(
                build_practice_settings(address.url),
                self.context,
                destination="practice",
                read_token=lambda: address.token,
            )
        return self.rest_connector

    def fingerprint_credential(self) -> str:
        """The practice CRM writes down its own token."""
        return ""

    async def check_setup(self) -> list[CheckResult]:
        """Whether it answers; there is nothing to set up."""
        return await (await self.connect()).check_setup()

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """What is practised stays."""
        return False

    async def aclose(self) -> None:
        """Let go of the connection."""
        if self.rest_connector is not None:
            await self.rest_connector.aclose()


def build_practice_settings(url: str) -> RestSettings:
    """How the practice CRM at *url* is spoken to: by the defaults of `[crm.rest]`, which are its API."""
    return replace(
        RestSettings(),
        url=f"{url}/api/v1/contacts",
        bulk_url=f"{url}/api/v1/contacts/bulk",
        check_url=f"{url}/api/v1/contacts?limit=1",
        max_calls=100,
        at_once=PracticeConnector.max_parallel_pushes,
    )
