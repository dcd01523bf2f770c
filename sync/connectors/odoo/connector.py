"""The Odoo connector: one `load` a call, an upsert by the external id that is made of the lead's own."""

from collections.abc import Sequence

from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, NotSent, Outcome, OutgoingLead
from sync.connectors.odoo.preflight import OdooPreflight
from sync.connectors.odoo.rows import parse_load_result, select_batch
from sync.connectors.odoo.rpc import Json2Api, JsonRpcApi, OdooApi
from sync.errors import ConfigurationFault
from sync.settings.odoo import OdooSettings


class OdooConnector:
    """`load` writes all rows of a call or none, and names the bad ones."""

    destination = "odoo"
    is_idempotent = True

    def __init__(self, settings: OdooSettings, context: ConnectionContext | None = None) -> None:
        self.settings = settings
        self.batch_size = settings.batch_size
        self.max_parallel_pushes = settings.at_once
        way = Json2Api if settings.api == "json2" else JsonRpcApi
        self.api: OdooApi = way(settings, context or ConnectionContext())

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        # Of two rows with the same external id Odoo takes the last, and does not say so.
        chosen = select_batch(list({lead.id: lead for lead in leads}.values()), self.settings)
        columns = list(dict.fromkeys(name for _, row in chosen for name in row))
        data = [[row.get(name, "") for name in columns] for _, row in chosen]
        answer = await self.api.call_method(
            self.settings.model, "load", fields=columns, data=data, context=self.build_load_context()
        )
        left_out: dict[str, Outcome] = {lead.id: NotSent() for lead in leads}
        return left_out | parse_load_result(answer, [lead for lead, _ in chosen])

    def build_load_context(self) -> dict[str, object]:
        """What Odoo is told beside the rows: which names it may add, and to add tags to those that are there."""
        tags = self.settings.fields.get("tags")
        new = {"name_create_enabled_fields": {tags: True}} if tags and self.settings.new_tags else {}
        return {"update_many2many": True, **new}

    def fingerprint_credential(self) -> str:
        """The key's fingerprint, see `Connector.credential`."""
        return self.settings.token.fingerprint()

    async def check_setup(self) -> list[CheckResult]:
        """See `Connector.check`."""
        return await OdooPreflight(self.settings, self.api).run_checks()

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Delete the test lead, see `Connector.remove`."""
        if not remote_id.isdecimal():
            return False
        if not await self.api.call_method(self.settings.model, "unlink", [int(remote_id)]):
            raise ConfigurationFault("CRM set-up: Odoo did not delete the test lead.")
        return True

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self.api.http.aclose()
