"""`kiosk check`: look before the show whether everything is set up."""

import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import NoReturn

import click

from data.checkpoint import is_intact
from data.store import run_query
from data.uuid7 import new_uuid7
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json
from kiosk.runtime.wiring import check_credential, make_connector
from kiosk.status.wording import sanitize_text
from sync.connectors.base import CheckResult, Connector, Delivered, OutgoingLead, Rejected, Retry, SharedRecord
from sync.errors import OutcomeUnknown, SyncError


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
    settings = load_command_settings(context)
    db = open_command_database(settings)
    whole = not settings.database_file.exists() or run_query(db, lambda db: is_intact(settings.database_file))
    findings = [
        CheckResult(
            whole, f"{settings.database_file} is {'whole' if whole else 'damaged: start `kiosk run`, which reads it'}."
        ),
        CheckResult(True, describe_sqlite(sqlite3.sqlite_version_info)),
    ]
    exit_with_findings(findings, "Database", as_json)


def describe_sqlite(version: tuple[int, ...]) -> str:
    """What is known of this version of SQLite (docs/decisions/0001 has the reason)."""
    name = ".".join(map(str, version))
    is_mended = version >= _FIXED_SQLITE_VERSIONS[-1] or any(
        line <= version < (*line[:2], 99) for line in _FIXED_SQLITE_VERSIONS
    )
    if is_mended:
        return f"SQLite {name}."
    return (
        f"SQLite {name}: it has a very rare fault when several programs move the log at once, mended in 3.51.3. "
        "Update the system when it offers a newer one."
    )


_FIXED_SQLITE_VERSIONS = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""The first versions that have the mend, of older lines and of all that follow."""


@check.command()
@click.option("--send", is_flag=True, help="Also send one test lead, and take it away again.")
@click.option("--create", is_flag=True, help="Make what the CRM lacks, where it lets us: such as HubSpot's property.")
@json_option
@click.pass_context
def crm(context: click.Context, send: bool, create: bool, as_json: bool) -> None:
    """
    Look whether the CRM would take leads: the sign-in, what the key may do, the fields and the values it requires.

    What could not be asked is said, too. Exit status: 0 when all is well, 1 when something is to be fixed or done by
    hand, or when nothing at all could be asked.
    """
    settings = load_command_settings(context)
    check_credential(settings)
    findings = asyncio.run(_run_checks(make_connector(settings), send=send, create=create))
    exit_with_findings(findings, f"CRM: {settings.crm.connector}", as_json)


def exit_with_findings(findings: list[CheckResult], title: str, as_json: bool) -> NoReturn:
    """Say what was found, and end with 1 where something is to be mended."""
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        click.echo(title)
        for finding in findings:
            click.echo(sanitize_text(f"  {label_finding(finding):<11}  {finding.sentence}"))
        if not has_asked_crm(findings):
            click.echo("Nothing was checked: the CRM was not asked anything. Send a test lead with --send.")
    is_done = all(finding.is_well and not finding.is_task for finding in findings)
    sys.exit(0 if is_done and has_asked_crm(findings) else 1)


def label_finding(finding: CheckResult) -> str:
    """What stands before a finding."""
    if finding.is_task:
        return "TO DO"
    if not finding.is_well:
        return "FIX"
    return "ok" if finding.was_asked else "not checked"


def has_asked_crm(findings: Sequence[CheckResult]) -> bool:
    """Whether the CRM was asked anything, with whatever answer."""
    return any(finding.was_asked or not finding.is_well for finding in findings)


async def _run_checks(connector: Connector, *, send: bool, create: bool) -> list[CheckResult]:
    """What was found, one thing after another, until one of them cannot be asked."""
    findings: list[CheckResult] = []
    try:
        if create:
            findings += await create_missing(connector)
        findings += await connector.check_setup()
        if send and all(finding.is_well for finding in findings):
            findings += await send_test_lead(connector)
    except SyncError as error:
        findings.append(CheckResult(False, str(error)))
    finally:
        await connector.aclose()
    return findings


async def create_missing(connector: Connector) -> list[CheckResult]:
    """
    Make what the CRM lacks.

    Raises:
        SyncError: it could not be made.
    """
    make = getattr(connector, "create_missing", None)
    if make is None:
        return [
            CheckResult(
                True, "Whether anything is missing: nothing is made automatically in this CRM.", was_asked=False
            )
        ]
    found: list[CheckResult] = await make()
    return found


async def send_test_lead(connector: Connector) -> list[CheckResult]:
    """
    Send a test lead, and take it away again.

    Raises:
        SyncError: it could not be sent, or is still there.
    """
    lead = build_test_lead()
    by_hand = f"Look for the test lead there ({lead.fields['name']}, {lead.fields['email']}), and delete it by hand"
    try:
        outcome = (await connector.push(new_uuid7(CLOCK.wall_time()), [lead])).get(lead.id)
    except OutcomeUnknown as error:
        return [CheckResult(False, str(error)), CheckResult(True, f"{by_hand}: the CRM may have it.", is_task=True)]
    match outcome:
        case Delivered(remote_id):
            return await _remove_test_lead(connector, lead, remote_id, by_hand)
        case Rejected(reason) | Retry(reason):
            return [CheckResult(False, reason)]
        case SharedRecord(remote_id):
            return [CheckResult(False, f"The CRM takes the test lead for a record that it has already ({remote_id}).")]
    nothing = CheckResult(False, "The CRM answered, but did not say that it has the test lead.")
    return [nothing, CheckResult(True, f"{by_hand}: the CRM may have it.", is_task=True)]


async def _remove_test_lead(
    connector: Connector, lead: OutgoingLead, remote_id: str, by_hand: str
) -> list[CheckResult]:
    """Take the test lead away again, which the CRM took as *remote_id*; or say what is to be done *by_hand*."""
    found = [CheckResult(True, f"The CRM took a test lead ({lead.fields['name']}), as {remote_id}.")]
    if find_dropped_fields := getattr(connector, "find_dropped_fields", None):
        dropped: list[str] = find_dropped_fields(lead)
        sentence = f"The CRM did not keep what was sent as {', '.join(dropped)}: correct the fields in kiosk.toml."
        found += [CheckResult(False, sentence)] if dropped else []
    try:
        if await connector.remove_test_lead(lead, remote_id):
            return [*found, CheckResult(True, "The test lead was removed.")]
    except SyncError as error:
        return [
            *found,
            CheckResult(False, str(error)),
            CheckResult(True, f"{by_hand}: it is {remote_id}.", is_task=True),
        ]
    return [*found, CheckResult(True, f"{by_hand}: it is {remote_id}, and is not removed automatically.", is_task=True)]


def build_test_lead() -> OutgoingLead:
    """
    A lead that nobody takes for a person.

    It is the same one on one day: a CRM that knows a lead by its id keeps one of it, however often somebody checks.
    """
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lead_id = f"{new_uuid7(today.timestamp())[:14]}7e57-8000-00000000b007"
    return OutgoingLead(
        lead_id,
        1,
        {
            "name": "Test Lead",
            "first_name": "Test",
            "last_name": "Lead",
            "email": f"booth-kiosk-test-{today:%Y%m%d}@example.com",
            "company": "Booth kiosk (delete me)",
            "note": "Sent by `kiosk check crm --send`.",
            "event": "test",
            "scanned_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "revision": 1,
        },
        was_sent_before=True,
        was_sent_unchanged=True,
    )
