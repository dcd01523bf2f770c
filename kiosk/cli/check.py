"""`kiosk check`: look before the show whether everything is set up."""

import asyncio
import sqlite3
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import NoReturn

import click

from data.checkpoint import is_whole
from data.ids import uuid7
from data.store import asked
from kiosk.cli.context import CLOCK, json_option, say_json, settings_of, store_of
from kiosk.crm import check_credential, make_connector
from kiosk.words import plain
from sync.connectors.base import Connector, Delivered, Finding, Outgoing, Rejected, Retry
from sync.errors import SyncError


@click.group()
def check() -> None:
    """Look before the show whether everything is set up."""


@check.command()
@json_option
@click.pass_context
def database(context: click.Context, as_json: bool) -> None:
    """
    Look whether the database on this device is whole, and what there is to know about this SQLite.

    Exit status: 0 when all is well, 1 when something is to be mended.
    """
    settings = settings_of(context)
    db = store_of(settings)
    whole = not settings.store.exists() or asked(db, lambda db: is_whole(settings.store))
    findings = [
        Finding(whole, f"{settings.store} is {'whole' if whole else 'damaged: start `kiosk run`, which reads it'}."),
        Finding(True, about_sqlite(sqlite3.sqlite_version_info)),
    ]
    show(findings, "Database", as_json)


def about_sqlite(version: tuple[int, ...]) -> str:
    """What is known of this version of SQLite (docs/design.md has the reason)."""
    name = ".".join(map(str, version))
    is_mended = version >= MENDED[-1] or any(line <= version < (*line[:2], 99) for line in MENDED)
    if is_mended:
        return f"SQLite {name}."
    return (
        f"SQLite {name}: it has a very rare fault when several programs move the log at once, mended in 3.51.3. "
        "Update the system when it offers a newer one."
    )


MENDED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""The first versions that have the mend, of older lines and of all that follow."""


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
    show(findings, f"CRM: {settings.crm.connector}", as_json)


def show(findings: list[Finding], title: str, as_json: bool) -> NoReturn:
    """Say what was found, and end with 1 where something is to be mended."""
    if as_json:
        say_json([asdict(finding) for finding in findings])
    else:
        click.echo(title)
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
