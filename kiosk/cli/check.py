"""`kiosk check`: check before the show that everything is set up."""

import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import NoReturn

import click

from data.checkpoint import is_intact
from data.language import _
from data.store import run_query
from data.uuid7 import new_uuid7
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json
from kiosk.runtime.wiring import check_credential, make_connector
from kiosk.status.wording import sanitize_text
from sync.connectors.base import (
    CheckResult,
    Connector,
    Delivered,
    LeftToTestLead,
    OutgoingLead,
    Rejected,
    Retry,
    SharedRecord,
)
from sync.errors import BatchRefused, OutcomeUnknown, SyncError


@click.group(
    short_help=_("Check before the show that everything is set up."),
    help=_("Check before the show that everything is set up."),
)
def check() -> None:
    """Group the checks."""


@check.command(
    short_help=_("Is the database on this device intact?"),
    help=_(
        "Check that the database on this device is intact, and that this version of SQLite is safe.\n\n"
        "Exit status: 0 if all is well, 1 if something has to be fixed."
    ),
)
@json_option
@click.pass_context
def database(context: click.Context, as_json: bool) -> None:
    """Check the database file."""
    settings = load_command_settings(context)
    db = open_command_database(settings)
    whole = not settings.database_file.exists() or run_query(db, lambda db: is_intact(settings.database_file))
    sentence = _("{file} is intact.") if whole else _("{file} is damaged. Start `kiosk run`, which recovers its leads.")
    findings = [
        CheckResult(whole, sentence.format(file=settings.database_file)),
        check_sqlite(sqlite3.sqlite_version_info),
    ]
    _exit_with_findings(findings, _("Database"), as_json)


@dataclass(frozen=True, slots=True)
class _Note(CheckResult):
    """A finding that is neither good nor bad: something worth knowing."""


def check_sqlite(version: tuple[int, ...]) -> CheckResult:
    """Report which version of SQLite this is; a note if it has a known fault (docs/decisions/0001)."""
    name = ".".join(map(str, version))
    is_fixed = version >= _FIXED_SQLITE_VERSIONS[-1] or any(
        line <= version < (*line[:2], 99) for line in _FIXED_SQLITE_VERSIONS
    )
    if is_fixed:
        return CheckResult(True, _("SQLite {version}.").format(version=name))
    sentence = _(
        "SQLite {version} works. A newer version (3.51.3) fixes a very rare bug that can damage a database; update the "
        "system when you can."
    )
    return _Note(True, sentence.format(version=name))


_FIXED_SQLITE_VERSIONS = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""The first fixed version of each maintained branch; the last one stands for everything newer."""


@check.command(
    short_help=_("Would the CRM accept leads?"),
    help=_(
        "Check whether the CRM would accept leads: the sign-in, the permissions of the key, and the fields and values "
        "that it requires.\n\n"
        "The report includes what could not be checked. Exit status: 0 if all is well, 1 if something has to be fixed "
        "(FIX) or done by hand (TO DO), or if nothing could be checked."
    ),
)
@click.option("--send", is_flag=True, help=_("Also send one test lead, and remove it again if possible."))
@click.option("--create", is_flag=True, help=_("Create what is missing in the CRM, such as HubSpot's property."))
@json_option
@click.pass_context
def crm(context: click.Context, send: bool, create: bool, as_json: bool) -> None:
    """Check the CRM through its connector."""
    settings = load_command_settings(context)
    check_credential(settings)
    findings = asyncio.run(_run_checks(make_connector(settings), send=send, create=create))
    _exit_with_findings(findings, _("CRM: {connector}").format(connector=settings.crm.connector), as_json)


def _exit_with_findings(findings: list[CheckResult], title: str, as_json: bool) -> NoReturn:
    """Print the findings, and exit with status 1 if something has to be fixed or done by hand."""
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        click.echo(title)
        for finding in findings:
            click.echo(sanitize_text(f"  {_label_finding(finding):<11}  {finding.sentence}"))
        if not _has_asked_crm(findings):
            click.echo(_("Nothing was checked: the CRM was not contacted. Use --send to send a test lead."))
    is_done = all(finding.is_well and not finding.is_task for finding in findings)
    sys.exit(0 if is_done and _has_asked_crm(findings) else 1)


def _label_finding(finding: CheckResult) -> str:
    """Return the word that precedes a finding."""
    if finding.is_task:
        return _("TO DO")
    if not finding.is_well:
        return _("FIX")
    if isinstance(finding, _Note):
        return _("note")
    return _("ok") if finding.was_asked else _("not checked")


def _has_asked_crm(findings: Sequence[CheckResult]) -> bool:
    """Return whether the CRM was contacted at all, whatever its response."""
    return any(finding.was_asked or not finding.is_well for finding in findings)


async def _run_checks(connector: Connector, *, send: bool, create: bool) -> list[CheckResult]:
    """Run the checks in order, and return the findings up to the first check that failed to run."""
    findings: list[CheckResult] = []
    is_sent = False
    try:
        if create:
            findings += await _create_missing(connector)
        findings += await connector.check_setup()
        if send and all(finding.is_well for finding in findings):
            is_sent = True
            results = await _send_test_lead(connector)
            findings = [finding for finding in findings if not isinstance(finding, LeftToTestLead)] + results
    except SyncError as error:
        findings.append(CheckResult(False, str(error)))
    finally:
        await connector.aclose()
    if send and not is_sent:
        sentence = _("The test lead was not sent: fix the above first, then run this again.")
        findings.append(CheckResult(True, sentence, was_asked=False))
    return findings


async def _create_missing(connector: Connector) -> list[CheckResult]:
    """
    Create what is missing in the CRM, if its connector can.

    Raises:
        SyncError: it could not be created.
    """
    make = getattr(connector, "create_missing", None)
    if make is None:
        sentence = _("Missing fields: nothing can be created automatically in this CRM.")
        return [CheckResult(True, sentence, was_asked=False)]
    findings: list[CheckResult] = await make()
    return findings


async def _send_test_lead(connector: Connector) -> list[CheckResult]:
    """
    Send a test lead, and remove it again.

    Raises:
        SyncError: the test lead could not be sent.
    """
    lead = build_test_lead()
    in_doubt = _("The CRM may have the test lead ({name}, {email}): look for it there and delete it by hand.").format(
        name=lead.fields["name"], email=lead.fields["email"]
    )
    try:
        outcome = (await connector.push(new_uuid7(CLOCK.wall_time()), [lead])).get(lead.id)
    except OutcomeUnknown as error:
        return [CheckResult(False, str(error)), CheckResult(True, in_doubt, is_task=True)]
    except BatchRefused as error:
        return [_build_not_accepted(str(error))]
    match outcome:
        case Delivered(remote_id):
            return await _remove_test_lead(connector, lead, remote_id)
        case Rejected(reason) | Retry(reason):
            return [_build_not_accepted(reason)]
        case SharedRecord(remote_id):
            sentence = _("The CRM matches the test lead with a record that it already has ({remote_id}).")
            return [CheckResult(False, sentence.format(remote_id=remote_id))]
    unconfirmed = CheckResult(False, _("The CRM responded, but did not confirm the test lead."))
    return [unconfirmed, CheckResult(True, in_doubt, is_task=True)]


def _build_not_accepted(reason: str) -> CheckResult:
    """Return the finding for a test lead that the CRM did not accept."""
    return CheckResult(False, _("The test lead was not accepted. {reason}").format(reason=reason))


async def _remove_test_lead(connector: Connector, lead: OutgoingLead, remote_id: str) -> list[CheckResult]:
    """Report that the CRM accepted the test lead as *remote_id*, and remove it or ask for its removal by hand."""
    name, email = lead.fields["name"], lead.fields["email"]
    sentence = _("The CRM accepted a test lead ({name}) as {remote_id}.").format(name=name, remote_id=remote_id)
    findings = [CheckResult(True, sentence)]
    if find_dropped_fields := getattr(connector, "find_dropped_fields", None):
        dropped: list[str] = find_dropped_fields(lead)
        sentence = _("The CRM did not keep these fields: {fields}. Correct them in kiosk.toml.")
        findings += [CheckResult(False, sentence.format(fields=", ".join(dropped)))] if dropped else []
    try:
        if await connector.remove_test_lead(lead, remote_id):
            return [*findings, CheckResult(True, _("The test lead was removed."))]
    except SyncError as error:
        findings.append(CheckResult(False, str(error)))
        sentence = _("Delete the test lead by hand: {remote_id} ({name}, {email}).")
    else:
        sentence = _("This CRM's test lead is not removed automatically. Delete it: {remote_id} ({name}, {email}).")
    return [*findings, CheckResult(True, sentence.format(remote_id=remote_id, name=name, email=email), is_task=True)]


def build_test_lead() -> OutgoingLead:
    """Return a lead that nobody can mistake for a real person."""
    # Its id is the same all day: a CRM that matches leads by id keeps one of them, however often somebody checks.
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lead_id = f"{new_uuid7(today.timestamp())[:14]}7e57-8000-00000000b007"
    return OutgoingLead(
        lead_id,
        1,
        {
            "name": "Test Lead",  # not shown: the record in the CRM stays the same in every language
            "first_name": "Test",
            "last_name": "Lead",
            "email": f"booth-kiosk-test-{today:%Y%m%d}@example.com",
            "company": "Booth kiosk (delete me)",  # not shown: see above
            "note": "Sent by `kiosk check crm --send`.",  # not shown: see above
            "event": "test",
            "scanned_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "revision": 1,
        },
        was_sent_before=True,
        was_sent_unchanged=True,
    )
