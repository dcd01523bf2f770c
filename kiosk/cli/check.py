"""`kiosk check`: look before the show whether everything is set up."""

import asyncio
import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click

from data.ids import uuid7
from kiosk.cli.context import CLOCK, json_option, say_json, settings_of
from kiosk.crm import check_credential, make_connector
from kiosk.words import plain
from sync.connectors.base import Connector, Delivered, Finding, Outgoing, Rejected, Retry, Shared
from sync.errors import SyncError


@click.group()
def check() -> None:
    """Look before the show whether everything is set up."""


@check.command()
@click.option("--send", is_flag=True, help="Also send one test lead, and take it away again.")
@click.option("--create", is_flag=True, help="Make what the CRM lacks, where it lets us: such as HubSpot's property.")
@json_option
@click.pass_context
def crm(context: click.Context, send: bool, create: bool, as_json: bool) -> None:
    """
    Look whether the CRM would take leads: the sign-in, what the key may do, the fields and the values it requires.

    Exit status: 0 when all is well, 1 when something is to be mended.
    """
    settings = settings_of(context)
    check_credential(settings)
    findings = asyncio.run(looked_at(make_connector(settings), send=send, create=create))
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        click.echo(f"CRM: {settings.crm.connector}")
        for finding in findings:
            click.echo(plain(f"  {'ok  ' if finding.is_well else 'MEND'}  {finding.sentence}"))
    sys.exit(0 if all(finding.is_well for finding in findings) else 1)


async def looked_at(connector: Connector, *, send: bool, create: bool) -> list[Finding]:
    """What was found, one thing after another, until one of them cannot be asked."""
    findings: list[Finding] = []
    try:
        if create:
            findings += await created(connector)
        findings += await connector.check()
        if send and all(finding.is_well for finding in findings):
            findings += await sent(connector)
    except SyncError as error:
        findings.append(Finding(False, str(error)))
    finally:
        await connector.aclose()
    return findings


async def created(connector: Connector) -> list[Finding]:
    """
    Make what the CRM lacks.

    Raises:
        SyncError: it could not be made.
    """
    make = getattr(connector, "create_missing", None)
    if make is None:
        return [Finding(True, "Nothing is made by itself in this CRM.")]
    found: list[Finding] = await make()
    return found


async def sent(connector: Connector) -> list[Finding]:
    """
    Send a test lead, and take it away again.

    Raises:
        SyncError: it could not be sent, or is still there.
    """
    lead = test_lead()
    outcome = (await connector.push(uuid7(CLOCK.wall()), [lead])).get(lead.id)
    match outcome:
        case Delivered(remote_id):
            taken = Finding(True, f"The CRM took a test lead ({lead.fields['name']}), as {remote_id}.")
            if await connector.remove(lead, remote_id):
                return [taken, Finding(True, "It was taken away again.")]
            return [taken, Finding(True, f"Delete {remote_id} there by hand: this CRM lets us take nothing away.")]
        case Rejected(reason) | Retry(reason):
            return [Finding(False, reason)]
        case Shared(remote_id):
            return [Finding(False, f"The CRM takes the test lead for a record that it has already ({remote_id}).")]
    return [Finding(False, "The CRM answered, but did not say that it has the test lead.")]


def test_lead() -> Outgoing:
    """A lead that nobody takes for a person."""
    lead_id = uuid7(CLOCK.wall())
    return Outgoing(
        lead_id,
        1,
        {
            "name": "Test Lead",
            "first_name": "Test",
            "last_name": "Lead",
            "email": f"booth-kiosk-test-{lead_id[-6:]}@example.com",
            "company": "Booth kiosk (delete me)",
            "note": "Sent by `kiosk check crm --send`.",
            "event": "test",
            "scanned_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "revision": 1,
        },
    )
