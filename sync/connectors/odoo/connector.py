"""The Odoo connector: one `load` call per push, an upsert by an external id made from the lead's id."""

from collections.abc import Sequence

from data.language import _
from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, NotSent, Outcome, OutgoingLead
from sync.connectors.odoo.preflight import OdooPreflight
from sync.connectors.odoo.rows import parse_load_result, select_batch
from sync.connectors.odoo.rpc import Json2Api, JsonRpcApi, OdooApi
from sync.errors import ConfigurationFault
from sync.settings.odoo import OdooSettings


class OdooConnector:
    """Writes leads with `load`, which writes all rows of a call or none, and names the bad ones."""

    destination = "odoo"
    is_idempotent = True

    def __init__(self, settings: OdooSettings, context: ConnectionContext | None = None) -> None:
        self.settings = settings
        self.batch_size = settings.batch_size
        self.max_parallel_pushes = settings.at_once
        api_class = Json2Api if settings.api == "json2" else JsonRpcApi
        self.api: OdooApi = api_class(settings, context or ConnectionContext())

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        # If two rows have the same external id, Odoo takes the last one and does not say so.
        chosen = select_batch(list({lead.id: lead for lead in leads}.values()), self.settings)
        columns = list(dict.fromkeys(name for _lead, row in chosen for name in row))
        data = [[row.get(name, "") for name in columns] for _lead, row in chosen]
        result = await self.api.call_method(
            self.settings.model, "load", fields=columns, data=data, context=self._build_load_context()
        )
        # Leads that could not share this call go with the next one.
        left_out: dict[str, Outcome] = {lead.id: NotSent() for lead in leads}
        return left_out | parse_load_result(result, [lead for lead, _row in chosen])

    def _build_load_context(self) -> dict[str, object]:
        """Build the context of `load`: it may create missing tags, and adds tags to those that a lead has."""
        tags = self.settings.fields.get("tags")
        new = {"name_create_enabled_fields": {tags: True}} if tags and self.settings.new_tags else {}
        return {"update_many2many": True, **new}

    def fingerprint_credential(self) -> str:
        """Return the key's fingerprint, see `Connector.fingerprint_credential`."""
        return self.settings.token.fingerprint()

    async def check_setup(self) -> list[CheckResult]:
        """See `Connector.check_setup`."""
        return await OdooPreflight(self.settings, self.api).run_checks()

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Delete the test lead, see `Connector.remove_test_lead`."""
        if not remote_id.isdecimal():
            return False
        if not await self.api.call_method(self.settings.model, "unlink", [int(remote_id)]):
            raise ConfigurationFault(_("CRM setup: Odoo did not delete the test lead."))
        return True

    async def aclose(self) -> None:
        """Close the connection."""
        await self.api.http.aclose()
