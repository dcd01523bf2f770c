"""The Odoo connector: one `load` a call, an upsert by the external id that is made of the lead's own."""

from collections.abc import Sequence

from sync.connectors.base import Finding, NotSent, Outcome, Outgoing
from sync.connectors.odoo.calls import Calls, Json2, JsonRpc
from sync.connectors.odoo.check import Check
from sync.connectors.odoo.rows import ends, together
from sync.errors import SetUpFault
from sync.line import Line
from sync.settings.odoo import OdooSettings


class OdooConnector:
    """`load` writes all rows of a call or none, and names the bad ones."""

    destination = "odoo"
    may_repeat = True

    def __init__(self, settings: OdooSettings, line: Line | None = None) -> None:
        self.settings = settings
        self.batch_size = settings.batch_size
        self.at_once = settings.at_once
        way = Json2 if settings.api == "json2" else JsonRpc
        self.calls: Calls = way(settings, line or Line())

    async def push(self, batch_id: str, leads: Sequence[Outgoing]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        # Of two rows with the same external id Odoo takes the last, and does not say so.
        chosen = together(list({lead.id: lead for lead in leads}.values()), self.settings)
        columns = list(dict.fromkeys(name for _, row in chosen for name in row))
        data = [[row.get(name, "") for name in columns] for _, row in chosen]
        answer = await self.calls.call(self.settings.model, "load", fields=columns, data=data, context=self.context())
        left_out: dict[str, Outcome] = {lead.id: NotSent() for lead in leads}
        return left_out | ends(answer, [lead for lead, _ in chosen])

    def context(self) -> dict[str, object]:
        """What Odoo is told beside the rows: which names it may add, and to add tags to those that are there."""
        tags = self.settings.fields.get("tags")
        new = {"name_create_enabled_fields": {tags: True}} if tags and self.settings.new_tags else {}
        return {"update_many2many": True, **new}

    def credential(self) -> str:
        """The key's fingerprint, see `Connector.credential`."""
        return self.settings.token.fingerprint()

    async def check(self) -> list[Finding]:
        """See `Connector.check`."""
        return await Check(self.settings, self.calls).findings()

    async def remove(self, lead: Outgoing, remote_id: str) -> bool:
        """Delete the test lead, see `Connector.remove`."""
        if not remote_id.isdecimal():
            return False
        if not await self.calls.call(self.settings.model, "unlink", [int(remote_id)]):
            raise SetUpFault("CRM set-up: Odoo did not delete the test lead.")
        return True

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self.calls.http.aclose()
