"""Leads, and a connector that is closed after use."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from sync.connectors.base import Outcome, OutgoingLead
from sync.connectors.salesforce.connector import SalesforceConnector
from sync.settings.salesforce import SalesforceSettings

SECRET = "s3cret-of-the-app"


def make_lead(number: int = 0, **fields: Any) -> OutgoingLead:
    """Make a lead that was never sent."""
    known = {"first_name": "Ana", "last_name": "Lopez", "name": "Ana Lopez", "company": "Initech"}
    return OutgoingLead(f"0190-{number}", 1, {**known, "email": f"ana{number}@initech.com", **fields})


def use_connector(settings: SalesforceSettings, use: Callable[[SalesforceConnector], Any]) -> Any:
    """Run *use* with a connector, and return its result."""

    async def run() -> Any:
        async with contextlib.aclosing(SalesforceConnector(settings)) as connector:
            return await use(connector)

    return asyncio.run(run())


def push_leads(settings: SalesforceSettings, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
    """Send *leads* in one call, and return their outcomes."""
    outcomes: dict[str, Outcome] = use_connector(settings, lambda connector: connector.push("batch-1", leads))
    return outcomes
