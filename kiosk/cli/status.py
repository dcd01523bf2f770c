"""`kiosk status`: how everything stands, and whether it is safe to pack up."""

import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from data import attendees, metrics, repairs
from data.metrics import Metrics
from kiosk.alerts.current import read_alerts
from kiosk.cli.context import CLOCK, json_option, load_command_settings, open_command_database, print_json
from kiosk.status.status import read_kiosk_status
from kiosk.status.wording import format_badge_count, format_duration, format_lead_count, sanitize_text


@click.command()
@json_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """
    Say how many leads are where, whether anything is moving, what is wrong, and whether it is safe to pack up.

    Exit status: 0 when it is safe to pack up, 1 when something still waits.
    """
    settings = load_command_settings(context)
    db = open_command_database(settings)
    standing = read_kiosk_status(db, settings, CLOCK)
    found = metrics.read_metrics(db, settings.crm.connector, CLOCK)
    alerts = read_alerts(db, settings, CLOCK)
    if as_json:
        where = {"database": str(settings.database_file), "practice": settings.is_practice}
        repair = repairs.find_latest_repair(db)
        where["repaired"] = asdict(repair) if repair else None
        wrong = [{name: getattr(alert, name) for name in ("cause", "sentence", "advice", "since")} for alert in alerts]
        print_json({**standing.as_json(), **asdict(found), "alerts": wrong, **where})
        sys.exit(0 if standing.has_nothing_waiting else 1)
    counts = standing.counts
    if settings.is_practice:
        click.echo("Practice: leads go to the practice CRM and nowhere else.")
    click.echo(
        f"Event        {sanitize_text(settings.event.name)}, {format_badge_count(standing.scanned_today)} scanned today"
    )
    click.echo(
        f"Leads        {counts.total}: {counts.delivered} in the CRM, {counts.waiting} waiting, "
        f"{counts.needs_you} need you, {counts.discarded} discarded"
    )
    click.echo("CRM          " + ", ".join(part for part in (standing.crm_summary, standing.last_success_text) if part))
    for name, said in _describe_delivery(found, standing.now):
        click.echo(f"{name:<12} {sanitize_text(said)}")
    click.echo(f"Attendees    {attendees.count_attendees(db, settings.event.name)} on the list")
    click.echo(
        f"Database     {settings.database_file}" + ("" if settings.database_file.exists() else " (not made yet)")
    )
    if repair := repairs.find_latest_repair(db):
        click.echo(sanitize_text(f"Repaired     {format_duration(standing.now - repair.at)} ago. {repair.sentence}"))
    for alert in alerts:
        click.secho(sanitize_text(f"ALERT        {alert.sentence} {alert.advice}"), bold=True)
    click.echo(sanitize_text(standing.sentence))
    if standing.has_nothing_waiting:
        click.secho("Safe to pack up: yes.", bold=True)
    else:
        paused = ": sending is paused" if standing.paused else ""
        click.secho(f"Safe to pack up: no, {format_lead_count(counts.waiting)} not sent yet{paused}.", bold=True)
    sys.exit(0 if standing.has_nothing_waiting else 1)


def _describe_delivery(found: Metrics, now: float) -> Iterator[tuple[str, str]]:
    """How delivery goes, a name and a sentence a line; what is not known has none."""
    if found.oldest_waiting is not None:
        yield "Oldest", f"has waited for {format_duration(found.oldest_waiting)}"
    if found.success_rate is not None:
        yield "Success", f"{found.success_rate:.0%} of the attempts within the last hour"
    if found.error_rate:
        yield "Errors", f"{found.error_rate:.0%} of them were the CRM's or the network's"
    if found.answer_median is not None and found.answer_p95 is not None:
        yield "Answers", f"the CRM took {found.answer_median:.1f} s (median), {found.answer_p95:.1f} s (p95)"
    if found.attempts:
        yield "Attempts", ", ".join(f"{number} {outcome}" for outcome, number in found.attempts.items())
    for number, change in enumerate(found.history[:5]):
        said = "open" if change.is_open else f"closed, {change.cause}: {change.sentence}"
        yield "" if number else "Gate", f"{format_duration(now - change.at)} ago: {said}"
