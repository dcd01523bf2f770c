"""The `[crm]` table of kiosk.toml: the CRM that leads are sent to, with one module per connector."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from sync.settings.csv_file import CsvSettings
from sync.settings.hubspot import HubSpotSettings
from sync.settings.odoo import OdooSettings
from sync.settings.rest import RestSettings
from sync.settings.salesforce import SalesforceSettings
from sync.settings.secret import Secret
from sync.settings.webhook import WebhookSettings


class ConnectorSettings(Protocol):
    """The settings of one connector: its table below `[crm]`."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work."""

    @property
    def token(self) -> Secret:
        """Where to read the credential."""


@dataclass(frozen=True, slots=True)
class CrmSettings:
    """The `[crm]` table."""

    connector: Literal["practice", "rest", "hubspot", "salesforce", "odoo", "webhook", "csv"] = "practice"
    """`practice` is the practice CRM on this device; the others have tables of their own."""
    salesforce: SalesforceSettings = field(default_factory=SalesforceSettings)
    rest: RestSettings = field(default_factory=RestSettings)
    hubspot: HubSpotSettings = field(default_factory=HubSpotSettings)
    odoo: OdooSettings = field(default_factory=OdooSettings)
    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    csv: CsvSettings = field(default_factory=CsvSettings)

    def check(self) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work."""
        if self.connector != "practice":
            getattr(self, self.connector).check()

    @property
    def token(self) -> Secret:
        """Where to read the credential of the selected CRM; the practice CRM creates its own."""
        if self.connector == "practice":
            return Secret("practice.token", "", "")
        if self.connector == "rest":
            return self.rest.secret
        chosen: ConnectorSettings = getattr(self, self.connector)
        return chosen.token
