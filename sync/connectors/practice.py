"""The practice CRM on this device: the rest connector, with an address that is looked up for each call."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from data.language import N_, _
from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Outcome, OutgoingLead
from sync.connectors.rest import RestConnector
from sync.errors import Unreachable
from sync.practice_address import PracticeAddress, read_address
from sync.settings.rest import RestSettings

_NOT_RUNNING_SENTENCE = N_("The practice CRM is not running. Start it with `kiosk practice-crm` or `kiosk run`.")


@contextmanager
def _explain_unreachable() -> Iterator[None]:
    """Say that the practice CRM is not running, in place of its address, if nothing can be reached there."""
    try:
        yield
    except Unreachable as error:
        raise Unreachable(_(_NOT_RUNNING_SENTENCE)) from error


class PracticeConnector:
    """Forwards to a rest connector for wherever the practice CRM is running now."""

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
        connector = await self._connect()
        with _explain_unreachable():
            return await connector.push(batch_id, leads)

    async def _connect(self) -> RestConnector:
        """
        Return a connector to wherever the practice CRM is running now.

        Raises:
            Unreachable: it has never run here.
        """
        try:
            address = read_address(self.folder)
        except (OSError, ValueError) as error:
            raise Unreachable(_(_NOT_RUNNING_SENTENCE)) from error
        # The practice CRM may pick another port each time it starts.
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
        """Return an empty fingerprint: the practice CRM writes down its own token."""
        return ""

    async def check_setup(self) -> list[CheckResult]:
        """Check that it responds; there is nothing to set up."""
        connector = await self._connect()
        with _explain_unreachable():
            return await connector.check_setup()

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Return False: leads stay in the practice CRM."""
        return False

    async def aclose(self) -> None:
        """Close the connection."""
        if self.rest_connector is not None:
            await self.rest_connector.aclose()


def build_practice_settings(url: str) -> RestSettings:
    """Return the settings for the practice CRM at *url*; its API is what the defaults of `[crm.rest]` describe."""
    return replace(
        RestSettings(),
        url=f"{url}/api/v1/contacts",
        bulk_url=f"{url}/api/v1/contacts/bulk",
        check_url=f"{url}/api/v1/contacts?limit=1",
        max_calls=100,
        at_once=PracticeConnector.max_parallel_pushes,
    )
